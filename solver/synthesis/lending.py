"""Poses that nobody authored: the legs of one, the arms and the head of another."""

from dataclasses import replace

from ..artefacts import Plan
from ..body.joints import BODY_JOINTS, JOINTS
from ..body.poses import LibraryPose
from ..vocabulary import Style

ARMS: tuple[Style, ...] = (
    "reading", "phoning", "eating", "drinking", "rest_chin", "arms_crossed", "hands_behind_head",
)  # fmt: skip
LEGS: tuple[Style, ...] = ("legs_crossed", "legs_stretched", "swinging_legs", "one_leg_tucked")
"""Styles that are of the arms and head alone, and of the legs alone."""
LENT = ("neck", "head", "collar", "shoulder", "elbow", "wrist")


def with_arms_of(library: list[LibraryPose], pose: LibraryPose, plan: Plan) -> LibraryPose:
    """A pose that shows what the legs do with the arms and head of one that shows what they do.

    Args:
        library: Poses of which the first with those arms lends them.
        pose: One of them; where it shows nothing that is asked for it stays as it is.
        plan: Its hands touch nothing.
    """
    arms = next((s for s in plan.styles if s in ARMS), None)
    legs = {s for s in pose.styles if s in LEGS} & {*plan.styles}
    busy = any(c.part.endswith(("hand", "elbow", "forearm")) for c in plan.contacts)
    if arms is None or arms in pose.styles or not legs or busy or pose.posture != plan.posture:
        return pose
    lenders = (p for p in library if p.posture == pose.posture and arms in p.styles)
    lender = next(lenders, None)
    if lender is None:
        return pose
    joints = [k for k, name in enumerate(JOINTS) if k >= len(BODY_JOINTS) or name.endswith(LENT)]
    lent = pose.pose.clone()
    lent[joints] = lender.pose[joints]
    return replace(pose, pose=lent, styles=(*pose.styles, arms), active=lender.active)
