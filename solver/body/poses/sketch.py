"""One row of the library: a pose in words, its tags, and small numeric variations of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from ...vocabulary import POSTURES, STYLES, HandShape, Posture, Style
from .anatomy import Angles, added, left, poses_from_angles, right
from .hands import hand_shape

Hand = tuple[HandShape, float]
"""A hand's shape and how far it is closed."""

RELAXED: Hand = ("relaxed", 0.5)

FOLDED_ARMS = left(
    collar=(-2, 14), shoulder=(-50, 62, 10, 0), elbow=(85, -17), wrist=(20, 4)
) | right(
    collar=(6, 20), shoulder=(-59, 55, 17, 13), elbow=(103, -7), wrist=(-18, -6)
)  # fmt: skip
"""Crossed before the chest, the left forearm above: each palm lies on the other upper arm."""
FOLDED_HANDS: tuple[Hand, Hand] = (("relaxed", 0.4), ("relaxed", 0.4))


def one_of(word: str, words: tuple[str, ...]) -> Any:
    """The word, checked against a vocabulary.

    Raises:
        ValueError: If the vocabulary does not have it.
    """
    if word not in words:
        raise ValueError(f"'{word}' is none of {', '.join(words)}.")
    return word


@dataclass(frozen=True)
class LibraryPose:
    """A whole-body pose that a person takes, to start from."""

    name: str
    """Unique; variants end in '/1', '/2', ..., mirrored copies in '~'."""
    posture: Posture
    styles: tuple[Style, ...]
    """What it shows, the most telling first."""
    pose: Float[Tensor, "52 3"]
    """Axis-angle; the root is turned only as the posture asks (lying, leaning), and looks to +Z."""
    plants: tuple[str, ...]
    """Body parts that bear weight, as in the vocabulary; 'left_toes' is a foot on its ball."""
    active: tuple[str, ...] = ()
    """The limbs that do the work: 'left_hand', 'right_foot', ...; empty when all are at rest."""
    variant: int = 0
    """0 for the pose as authored, k for its k-th numeric variation."""


@dataclass(frozen=True)
class Sketch:
    """A pose as it is authored."""

    name: str
    posture: Posture
    styles: tuple[Style, ...]
    plants: tuple[str, ...]
    angles: Angles
    left_hand: Hand = RELAXED
    right_hand: Hand = RELAXED
    active: tuple[str, ...] = ()
    note: str = ""
    variants: tuple[Angles, ...] = ()
    """Degrees to add, one numeric variation each."""


def row(
    name: str,
    tags: str,
    plants: str,
    *angles: Angles,
    hands: tuple[Hand, Hand] = (RELAXED, RELAXED),
    active: str = "",
    note: str = "",
    variants: tuple[Angles, ...] = (),
) -> Sketch:
    """A sketch written briefly: words separated by spaces, angles in several parts.

    Args:
        name: Unique name.
        tags: The posture, then the styles.
        plants: What bears weight.
        *angles: Parts of the body; later ones win.
        hands: Left, right.
        active: The limbs that do the work.
        note: Where the object is, and what is odd.
        variants: Degrees to add, one numeric variation each.
    """
    posture, *styles = tags.split()
    merged: Angles = {}
    for part in angles:
        merged |= part
    return Sketch(
        name=name,
        posture=one_of(posture, POSTURES),
        styles=tuple(one_of(style, STYLES) for style in styles),
        plants=tuple(plants.split()),
        angles=merged,
        left_hand=hands[0],
        right_hand=hands[1],
        active=tuple(active.split()),
        note=note,
        variants=variants,
    )


def expand(sketches: Sequence[Sketch]) -> tuple[LibraryPose, ...]:
    """Each pose as authored, then its variations; feet that bear weight are set level."""
    rows = [
        (sketch, number, added(sketch.angles, change))
        for sketch in sketches
        for number, change in enumerate(({}, *sketch.variants))
    ]
    level = [
        {side for side in ("left", "right") if f"{side}_foot" in sketch.plants}
        for sketch, _, _ in rows
    ]
    poses = poses_from_angles([angles for _, _, angles in rows], level)
    fingers = {
        (hand, side): hand_shape(*hand, side)
        for sketch in sketches
        for hand, side in ((sketch.left_hand, "left"), (sketch.right_hand, "right"))
    }
    return tuple(
        LibraryPose(
            name=f"{sketch.name}/{number}" if number else sketch.name,
            posture=sketch.posture,
            styles=sketch.styles,
            pose=torch.cat(
                [
                    pose[:22],
                    fingers[sketch.left_hand, "left"],
                    fingers[sketch.right_hand, "right"],
                ]
            ),
            plants=sketch.plants,
            active=sketch.active,
            variant=number,
        )
        for (sketch, number, _), pose in zip(rows, poses, strict=True)
    )
