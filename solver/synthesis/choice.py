"""Which poses of the library are tried for a plan, and how odd each is."""

from collections.abc import Collection
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from ..artefacts import Contact, Plan
from ..body.joints import BODY_JOINTS, JOINTS
from ..body.poses import LibraryPose, hand_shape, poses_for, stooped
from ..body.skinning import forward_kinematics
from ..geometry.rotations import matrix_from_rotvec, rotvec_from_matrix, yaw_matrix
from ..task import Task
from ..vocabulary import OFF_OBJECT, Posture, Style, side_of
from .lending import with_arms_of

BODY = len(BODY_JOINTS)
DEPTH = 60
"""How far down the library's list to look."""
RANK, POSTURE, STYLE, HAND = 0.4, 40.0, 25.0, 2.0
"""Oddness of: each place down the list; another posture; missing the most telling style where
another pose shows it; each hand that works although it should not, or the other way round."""
FOOTED = (0.0, 20.0, 24.0)
"""Oddness of no, one and two such feet of who stands or rides and shows that style: no descent
lifts a foot onto a spade. Two feet say less than a style."""
LEANT = 8.0
"""Oddness of each limb on which the pose leans and the plan does not, or the other way round: the
whole body is at a slant for it."""
MANNERS: tuple[Style, ...] = (
    "neutral", "upright", "perched", "leaning_forward", "leaning_back",
)  # fmt: skip
"""Styles that say less about a pose than any other."""
ONLY_ASKED: tuple[Style, ...] = ("climb_down", "pray", "show")
"""Styles that no pose may show unasked: nobody climbs up as one climbs down."""
LAIN: tuple[Style, ...] = ("on_side", "on_belly", "one_leg_tucked")
"""How one lies, and not on the back: as unlike any other way as another posture."""
WITH_A_TOOL: tuple[Style, ...] = ("stir",)
"""Styles of work for which the other hand holds what nobody modelled: a spoon."""
WITH_ANY: tuple[Style, ...] = ("asleep", "slumped", "legs_crossed")
PROPPED: tuple[Style, ...] = ("typing", "reading", "writing")
"""Styles that tell as much as another that is named before; the latter of who lies."""
LIMBS = ("hand", "foot", "elbow", "forearm", "shoulder")
FREE_HANDS = ("sit", "lie", "straddle")
"""Postures in which hands may rest on something without being at work."""
FEET = {"left_foot", "right_foot"}
IDLE = 0.5
"""How far fingers close that do nothing."""
WRISTS = (JOINTS.index("left_wrist"), JOINTS.index("right_wrist"))
TOGETHER = 0.2
"""Wrists nearer to one another, metres, are those of hands on a shaft or of folded arms."""
LOW = 0.25
"""Hips of someone who sits on the floor are lower than this over the lowest joint, metres."""


@dataclass(frozen=True)
class Choice:
    """Poses to try, the likeliest first."""

    names: tuple[str, ...]
    pose: Float[Tensor, "poses 52 3"]
    oddness: Float[Tensor, " poses"]


def choose_poses(task: Task, count: int) -> Choice:
    """The poses of the library that come nearest to the plan."""
    plan = task.plan
    styles = sorted(plan.styles, key=lambda style: style in MANNERS)
    library = fitting(task, poses_for(plan.posture, styles, _sides(plan), DEPTH))
    library = [pose for pose in library if not _props_unasked(pose, plan)]
    library = [with_arms_of(library, pose, plan) for pose in library]
    shown = [s for s in _telling(styles, plan.posture) if any(s in p.styles for p in library)]
    odd = [
        RANK * k
        + POSTURE * (p.posture != plan.posture or _lies_otherwise(p, plan))
        + STYLE * sum(s not in p.styles for s in shown)
        + STYLE * any(s in p.styles and s not in styles for s in ONLY_ASKED)
        + STYLE * (_stoops(p, plan) or _has_struck(p, plan))
        + (LEANT if plan.posture == "lean" else HAND) * idle_hands(p, plan, shown)
        + FOOTED[idle_feet(p, plan)] * any(s in p.styles for s in shown)
        for k, p in enumerate(library)
    ]
    order = sorted(range(len(library)), key=lambda k: odd[k])[:count]
    pose = torch.stack(
        [with_hands(at_rest(library[k], plan), plan, shown_by(library[k], plan)) for k in order]
    )
    return Choice(
        names=tuple(library[k].name for k in order),
        pose=stooped(pose, plan.posture, plan.styles, task.body.age),
        oddness=torch.tensor([odd[k] for k in order]) - odd[order[0]],
    )


def _telling(styles: list[Style], posture: Posture) -> list[Style]:
    """The most telling style, and those that go with any.

    Whoever sleeps, in whatever way, does not prop the head up, but who types or reads on the belly
    does; whoever slumps does so whatever the legs do, and legs cross whatever the arms do.
    """
    any_way = (*WITH_ANY, *(PROPPED if posture == "lie" else ()))
    telling: list[Style] = []
    for style in styles:
        if style in any_way or (not telling and style not in MANNERS):
            telling.append(style)
    return telling


def fitting(task: Task, library: list[LibraryPose]) -> list[LibraryPose]:
    """Without a seat one sits on the floor; on a seat not as on the floor, given a choice.

    On something wide the feet may be drawn up as on the floor. Astride of what does not carry one,
    one stands. Whose two hands lean on something wide does not hold them as on a shaft.
    """
    if task.plan.posture == "straddle" and task.anchor is None:
        return [p for p in library if set(p.plants) <= FEET] or library
    if task.plan.posture == "lean" and _gap(task) > TOGETHER:
        return [p for p, gap in zip(library, _gaps(task, library), strict=True) if gap > TOGETHER]
    if task.plan.posture != "sit" or _feet_drawn_up(task.plan):
        return library
    pose = torch.stack([p.pose for p in library])
    _, joints = forward_kinematics(matrix_from_rotvec(pose), task.body.joints)
    height = joints[:, 0, 1] - joints[..., 1].amin(dim=1)
    wanted = height < LOW if task.seatless else height >= LOW
    return [p for p, fits in zip(library, wanted.tolist(), strict=True) if fits] or library


def _gap(task: Task) -> float:
    """Metres between the places of two hands that lean; 0 where no two do."""
    hands = [
        t.centre
        for t in task.touches
        if t.contact.part.endswith("_hand") and t.contact.role != "touch"
    ]
    return float((hands[0] - hands[1]).norm()) if len(hands) == 2 else 0.0


def _gaps(task: Task, library: list[LibraryPose]) -> list[float]:
    """Metres between the wrists in each pose."""
    pose = torch.stack([p.pose for p in library])
    _, joints = forward_kinematics(matrix_from_rotvec(pose), task.body.joints)
    return (joints[:, WRISTS[0]] - joints[:, WRISTS[1]]).norm(dim=-1).tolist()


def _feet_drawn_up(plan: Plan) -> bool:
    """Legs crossed or stretched, and no foot goes anywhere: they are on the seat."""
    footed = any(c.part.endswith(("foot", "feet")) for c in plan.contacts)
    return not footed and bool({"legs_crossed", "legs_stretched"} & set(plan.styles))


def _lies_otherwise(pose: LibraryPose, plan: Plan) -> bool:
    """Whether one is to lie on a side, on the belly or curled up, and the pose does not."""
    asked = [s for s in LAIN if s in plan.styles and plan.posture == "lie"]
    return any(s not in pose.styles for s in asked)


def _stoops(pose: LibraryPose, plan: Plan) -> bool:
    """Whether the pose reaches down, though one stands and what is held is up already."""
    up = plan.relation == "holding" and plan.hold_height not in ("free", "knee", "floor")
    asked = "reach_down" in plan.styles or "reach_down" not in pose.styles
    return plan.posture == "stand" and up and not asked


def _props_unasked(pose: LibraryPose, plan: Plan) -> bool:
    """Whether one hand works in the pose and one props the trunk that the plan has elsewhere."""
    floored = {c.part for c in plan.contacts if c.region == "floor"}
    propped = {part for part in pose.plants if part.endswith("_hand")} - {*pose.active}
    return bool(pose.active) and not propped <= floored


def _has_struck(pose: LibraryPose, plan: Plan) -> bool:
    """Whether the pose shows the blow landed, though the tool is still up."""
    return plan.attitude == "aimed_up" and "swing" in plan.styles and pose.styles[0] == "strike"


def idle_hands(pose: LibraryPose, plan: Plan, shown: Collection[str] = ()) -> int:
    """How many hands, elbows and shoulders work in the pose only, or in the plan only.

    Hands that are told to touch nothing, but whose style the pose shows, work on what nobody
    modelled: a bulb.

    Args:
        pose: Of the library.
        plan: What touches what.
        shown: The telling styles.
    """
    if plan.posture in FREE_HANDS:
        return 0
    active = {part for part in pose.active if part.endswith(("hand", "elbow", "shoulder"))}
    wanted = {
        c.part.replace("forearm", "elbow")
        for c in plan.contacts
        if c.part.endswith(("hand", "elbow", "forearm", "shoulder")) and _on_object(c)
    }
    lying = {c.part for c in plan.contacts if c.role == "touch" and c.part.endswith("hand")}
    wanted -= {part for part in lying if part.replace("hand", "elbow") in wanted}
    if not wanted and any(style in pose.styles for style in shown):
        return 0
    return len(active ^ wanted)


def idle_feet(pose: LibraryPose, plan: Plan) -> int:
    """How many feet of who stands or rides work in the pose only, or in the plan only.

    Who stands on the object with both feet stands as on a floor.
    """
    feet = {part for part in pose.active if part in FEET}
    wanted = {c.part for c in plan.contacts if c.part in FEET and _on_object(c)}
    if plan.posture == "stand" and wanted == FEET:
        wanted = set()
    return len(feet ^ wanted) if plan.posture in ("stand", "straddle") else 0


def at_rest(pose: LibraryPose, plan: Plan) -> Float[Tensor, "52 3"]:
    """A pose for two hands with one arm lowered where the plan lets one hand hold the object."""
    hands = {f"{side}_hand" for side in ("left", "right")}
    busy = {c.part for c in plan.contacts if c.part.startswith(("left_", "right_"))}
    idle = hands - {part.replace("forearm", "hand").replace("shoulder", "hand") for part in busy}
    working = any(style in pose.styles and style in plan.styles for style in WITH_A_TOOL)
    held = plan.relation == "holding" and hands <= set(pose.active) and len(idle) == 1
    if not held or working:
        return pose.pose
    (hand,) = idle
    quiet = next(p for p in poses_for("stand", ["neutral"], count=DEPTH) if not p.active)
    return hanging(pose.pose, quiet.pose, hand.removesuffix("_hand"))


def hanging(
    pose: Float[Tensor, "52 3"], quiet: Float[Tensor, "52 3"], side: str
) -> Float[Tensor, "52 3"]:
    """The pose with one arm of another: it hangs as there, however the trunk is bent."""
    arm = [JOINTS.index(f"{side}_{name}") for name in ("collar", "shoulder", "elbow", "wrist")]
    lowered = pose.clone()
    lowered[arm] = quiet[arm]
    both = matrix_from_rotvec(torch.stack([lowered, quiet]))
    rotations, _ = forward_kinematics(both, torch.zeros(len(JOINTS), 3))
    chest, shoulder = JOINTS.index("spine3"), arm[1]
    ahead = torch.atan2(rotations[:, chest, 0, 2], rotations[:, chest, 2, 2])
    # Beside the trunk as in the other pose, turned with it; the bend and the lean left out.
    wanted = yaw_matrix(ahead[:1] - ahead[1:])[0] @ rotations[1, shoulder]
    lowered[shoulder] = rotvec_from_matrix(rotations[0, arm[0]].mT @ wanted)
    return lowered


def shown_by(pose: LibraryPose, plan: Plan) -> set[str]:
    """Sides whose fingers the pose shows better than a plan of hands that touch nothing.

    They are at rest in it, or round the spoon that nobody modelled.
    """
    tool = any(style in pose.styles and style in plan.styles for style in WITH_A_TOOL)
    idle = {s for s in ("left", "right") if all(c.part != f"{s}_hand" for c in plan.contacts)}
    relaxed = {s for s in idle if plan.hands.get(s, "relaxed") == "relaxed"}
    return {s for s in relaxed if tool or f"{s}_hand" not in pose.active}


def with_hands(
    pose: Float[Tensor, "52 3"], plan: Plan, kept: Collection[str] = ()
) -> Float[Tensor, "52 3"]:
    """The pose with the plan's hand shapes: open where something will be grasped, flat on a top.

    Args:
        pose: Of the whole body.
        plan: What the hands do.
        kept: Sides whose fingers stay as they are.
    """
    pose = pose.clone()
    for side in ("left", "right"):
        contact = next((c for c in plan.contacts if c.part == f"{side}_hand"), None)
        shape = plan.hands.get(side)
        if contact is not None and contact.role == "grasp":
            shape, closure = shape or "power", 0.15
        elif shape is not None:
            closure = IDLE if contact is None or not _on_object(contact) else 0.3
        elif contact is not None and _on_object(contact):
            shape, closure = "flat", 0.3
        else:
            continue
        if side in kept:
            continue
        joints = [j for j, name in enumerate(JOINTS) if j >= BODY and name.startswith(side)]
        pose[joints] = hand_shape(shape, closure, side)
    return pose


def _sides(plan: Plan) -> set[str]:
    """Which hands and feet the plan uses on the object."""
    if "on_side" in plan.styles:
        return {side_of(c.part) for c in plan.contacts if c.part.endswith("shoulder")}
    limbs = [c for c in plan.contacts if c.part.endswith(LIMBS) and _on_object(c)]
    if plan.posture == "climb":  # Both feet are on it whatever the hands do.
        limbs = [c for c in limbs if c.part.endswith("hand")]
    return {side_of(c.part) for c in limbs} - {"both"}


def _on_object(contact: Contact) -> bool:
    return contact.region not in OFF_OBJECT
