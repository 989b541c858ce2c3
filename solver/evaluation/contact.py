"""Contact: anything at all, the parts that were asked for, and the parts that were not."""

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from jaxtyping import Int
from torch import Tensor

from ..body.parts import plan_part
from .shown import MILLIMETRES, SQUARE_CENTIMETRES, TOUCHING, Shown

REACHES = {"5mm": 0.005, "1cm": 0.01, "2cm": 0.02, "5cm": 0.05}
NEAR = 0.010
"""Metres from which an expected contact is missed."""
SUNK_HARD, SUNK_SOFT = 0.015, 0.025
"""Depths, metres, from which a part is in the object rather than on it."""
AROUND = 0.12
"""Metres along the T-pose from an asked part within which skin may touch too."""
IMPLIED = {
    "sit": ("seat", "thighs", "back"),
    "lie": ("back", "seat", "thighs", "calves", "heels", "head_back", "torso"),
    "straddle": ("seat", "inner_thighs", "knees"),
    "kneel": ("knees",),
    "climb": ("feet", "knees"),
}
"""What touches by the posture alone (after COINS: sit = seat and thighs, lie = back too)."""

_PAIRS = {"elbows": "elbow", "forearms": "forearm", "feet": "foot", "thighs": "thigh"}


@dataclass(frozen=True)
class PartContact:
    """How one body part touches the object; metres, square metres."""

    name: str
    gap: float
    """Of its nearest vertex; 0 where it is inside."""
    median: float
    """Of all its vertices."""
    area: float
    """Nearer than 5 mm."""
    depth: float
    """Two-way, anywhere at the part."""
    facing: float
    """Mean cosine between the skin's normal and the opposite of the object's where they touch;
    1 is flat on it."""
    soft: bool

    @property
    def sunk(self) -> bool:
        """It is in the object rather than on it."""
        return self.depth > (SUNK_SOFT if self.soft else SUNK_HARD)


def contact(shown: Shown) -> dict[str, float]:
    """1 where something of the person is that near, else 0; `contact` itself at 2 mm."""
    nearest = float(shown.distance.min())
    at = {f"contact_{name}": float(nearest <= reach) for name, reach in REACHES.items()}
    return {"contact": float(nearest <= 0.002)} | at


def part_contact(shown: Shown, name: str, verts: Int[Tensor, " part"]) -> PartContact:
    """One part against the object."""
    distance, _, normal = shown.nearest
    own = distance[verts]
    touching = verts[own < TOUCHING]
    facing = -(shown.normals[touching] * normal[touching]).sum(dim=-1)
    return PartContact(
        name=name,
        gap=max(float(own.min()), 0.0),
        median=float(own.clamp(min=0.0).median()),
        area=float(shown.areas[touching].sum()),
        depth=float(shown.depth[verts].max()),
        facing=float(facing.mean()) if len(touching) else 0.0,
        soft=bool(shown.soft[verts].float().mean() > 0.5),
    )


def expected_contact(shown: Shown, name: str) -> PartContact:
    """The contact of what a manifest names: `a|b`: the nearer one; plurals: the worse of both."""
    names = name.replace("either_hand", "left_hand|right_hand").split("|")
    return min((_worse(shown, one) for one in names), key=lambda part: part.gap)


def _worse(shown: Shown, name: str) -> PartContact:
    found = [part_contact(shown, one, part_named(shown, one)) for one in _sides(name)]
    return max(found, key=lambda part: part.gap)


def part_named(shown: Shown, name: str) -> Int[Tensor, " part"]:
    """The vertices that a plan or a manifest means by a body part."""
    return shown.parts[plan_part(name)]  # pyright: ignore[reportArgumentType]


def _sides(name: str) -> list[str]:
    """Plurals of limbs mean both of them."""
    return [f"{side}_{_PAIRS[name]}" for side in ("left", "right")] if name in _PAIRS else [name]


def required_contact(shown: Shown, expected: Iterable[str]) -> dict[str, float]:
    """The expected contacts of one result: the worst of each number, and counts.

    A part that has sunk in counts as touching; `expected_depth_mm` and `expected_sunk` say so.
    """
    found = [expected_contact(shown, name) for name in expected]
    worst = {
        "expected_mm": MILLIMETRES * max((one.gap for one in found), default=0.0),
        "expected_median_mm": MILLIMETRES * max((one.median for one in found), default=0.0),
        "expected_depth_mm": MILLIMETRES * max((one.depth for one in found), default=0.0),
        "expected_within_10": float(sum(one.gap <= NEAR for one in found)),
        "expected_within_20": float(sum(one.gap <= 2 * NEAR for one in found)),
        "expected_sunk": float(sum(one.sunk for one in found)),
        "expected": float(len(found)),
    }
    if not found:
        return worst
    return worst | {
        "expected_cm2": SQUARE_CENTIMETRES * min(one.area for one in found),
        "expected_facing": min(one.facing for one in found),
    }


def wrong_contact(shown: Shown, asked: Iterable[str], posture: str) -> dict[str, float]:
    """Area of skin that touches though it is away from all that was asked for, cm2.

    Args:
        shown: Person and object.
        asked: Body parts, as a manifest or a plan names them.
        posture: What it implies may touch too.
    """
    assert shown.body is not None
    singles = [
        one
        for name in asked
        for each in name.replace("either_hand", "left_hand|right_hand").split("|")
        for one in _sides(each)
    ]
    allowed = [part_named(shown, one) for one in singles]
    allowed += [shown.parts[name] for name in IMPLIED.get(posture, ())]
    touching = (shown.distance < TOUCHING).nonzero()[:, 0]
    rest = shown.body.verts
    if allowed and len(touching):
        may = rest[torch.cat(allowed).unique()]
        touching = touching[torch.cdist(rest[touching], may).amin(dim=1) > AROUND]
    return {"wrong_contact_cm2": SQUARE_CENTIMETRES * float(shown.areas[touching].sum())}
