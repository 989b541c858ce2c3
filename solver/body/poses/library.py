"""The library as a whole, and the choice of poses for a plan."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import cache

from ...vocabulary import Posture, Style
from ..joints import mirrored
from . import (
    handling,
    leaning,
    lying,
    moving,
    resting,
    seated,
    sitting,
    squatting,
    standing,
    working,
)  # fmt: skip
from .anatomy import mirror
from .sketch import LibraryPose, expand

_ROOMS = (sitting, seated, lying, standing, handling, working, moving, squatting, resting, leaning)

_NEAREST: dict[Posture, tuple[Posture, ...]] = {
    "none": ("stand",),
    "lean": ("stand", "bend"),
    "bend": ("lean", "stand"),
    "squat": ("kneel", "bend"),
    "kneel": ("squat", "sit"),
    "straddle": ("sit",),
    "climb": ("stand", "walk"),
    "hang": ("stand", "climb"),
    "walk": ("stand",),
    "lie": ("sit",),
    "sit": ("straddle", "squat"),
    "stand": ("walk", "lean"),
}
"""Where to look when a posture has too few poses in the style asked for."""

_KIN: tuple[frozenset[Style], ...] = (
    frozenset({"typing", "writing", "reading"}),
    frozenset({"drinking", "eating", "phoning", "rest_chin"}),
    frozenset({"push", "pull"}),
    frozenset({"swing", "strike", "throw"}),
    frozenset({"dig", "sweep"}),
    frozenset({"stir", "pour", "squeeze"}),
    frozenset({"drill", "aim", "point", "show"}),
    frozenset({"wave", "greet"}),
    frozenset({"stroke", "wipe"}),
    frozenset({"slumped", "leaning_back", "legs_stretched", "watching"}),
    frozenset({"perched", "upright", "legs_apart"}),
    frozenset({"leaning_forward", "elbows_on_knees", "tying_shoes", "reach_down", "lift"}),
    frozenset({"carry_front", "hug", "lift"}),
    frozenset({"carry_side", "carry_shoulder"}),
    frozenset({"carry_overhead", "reach_up"}),
    frozenset({"legs_crossed", "one_leg_tucked"}),
    frozenset({"asleep", "on_side", "on_belly"}),
    frozenset({"ride", "ride_racing"}),
    frozenset({"run", "kick", "dance"}),
)
"""Styles that look alike: the next best when nothing has the one asked for."""

_QUIET: frozenset[Style] = frozenset({"neutral", "upright", "watching"})


@cache
def library(mirrored_too: bool = False) -> tuple[LibraryPose, ...]:
    """Every pose with its numeric variations, and on request the mirror image of each."""
    poses = expand([sketch for room in _ROOMS for sketch in room.SKETCHES])
    return poses + tuple(flipped(pose) for pose in poses) if mirrored_too else poses


def flipped(pose: LibraryPose) -> LibraryPose:
    """The mirror image: left and right exchanged in pose, plants and active limbs."""
    return replace(
        pose,
        name=pose.name.removesuffix("~") if pose.name.endswith("~") else f"{pose.name}~",
        pose=mirror(pose.pose),
        plants=tuple(mirrored(part) for part in pose.plants),
        active=tuple(mirrored(part) for part in pose.active),
    )


def poses_for(
    posture: Posture,
    styles: Sequence[Style] = (),
    sides: Collection[str] = (),
    count: int = 4,
) -> list[LibraryPose]:
    """The poses to try for a plan, best first; never empty.

    Args:
        posture: Poses of this posture come first; the nearest postures fill up.
        styles: Tags of the plan, the most telling first.
        sides: 'left', 'right': the hands or feet that the plan uses. With one side only, poses that
            work with the other one are mirrored.
        count: How many at most.
    """
    family = (posture, *_NEAREST[posture])
    wanted = [style for style in styles if style != "neutral"]
    ranked = sorted(
        (pose for pose in library() if pose.posture in family),
        key=lambda pose: (
            -(_likeness(pose.styles, wanted) - 2.5 * family.index(pose.posture))
            + 0.6 * pose.variant
        ),
    )
    return [_toward(pose, sides) for pose in ranked[:count]]


def _likeness(styles: Sequence[Style], wanted: Sequence[str]) -> float:
    """How well a pose's tags answer the wanted ones; 0 for a quiet pose and no wish."""
    score = 0.0
    for place, style in enumerate(wanted):
        weight = 1.0 / (1.0 + 0.3 * place)
        if style in styles:
            score += weight * (4.0 - 0.5 * styles.index(style))
        elif any(style in kin and kin & set(styles) for kin in _KIN):
            score += weight * 1.5
    loud = [style for style in styles if style not in _QUIET and style not in wanted]
    return score - 0.8 * len(loud) - (0.0 if "neutral" in styles or wanted else 0.4)


def _toward(pose: LibraryPose, sides: Collection[str]) -> LibraryPose:
    """The pose or its mirror image, whichever works with the sides asked for."""
    limbs = pose.active or (pose.plants if "on_side" in pose.styles else ())
    if len(set(sides)) != 1 or not limbs:
        return pose
    (side,) = set(sides)
    mine = {part.split("_", 1)[0] for part in limbs}
    return flipped(pose) if side not in mine else pose
