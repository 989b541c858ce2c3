"""Which vertices of the body a contact means, thinned to an even sample."""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

import torch
from jaxtyping import Int
from torch import Tensor

from ..artefacts import Contact
from ..body import ShapedBody
from ..body.parts import part_vertices, plan_part
from ..geometry.mesh import spread
from ..vocabulary import HandShape, Posture, Region, side_of

COUNTS = {"buttocks": 64, "back": 48, "left_hand": 56, "right_hand": 56, "thighs": 48}
"""Sampled vertices per contact; the others have 36."""

OWN = {
    "own_thigh": "lap", "own_knee": "knee", "own_belly": "belly",
    "own_head": "head_back", "own_hip": "hip", "own_foot": "feet_tops",
    "own_arm": "upper_arm",
}  # fmt: skip


OTHER = {"left": "right", "right": "left", "both": "both"}

TIPS: dict[str, str] = {"keys": "fingertips", "screen": "index_tip_pad"}
"""Where only the fingers go."""
FRACTIONS = {
    "buttocks": 0.35, "back": 0.3, "upper_back": 0.4, "lower_back": 0.4, "thighs": 0.3,
    "inner_thighs": 0.3, "calves": 0.3, "feet": 0.4, "head": 0.25, "face": 0.15, "nape": 0.3,
    "chest": 0.25, "belly": 0.25, "hand": 0.6, "forearm": 0.3, "elbow": 0.35, "upper_arm": 0.2,
    "shoulder": 0.2, "hip": 0.2, "thigh": 0.3, "knee": 0.25, "shin": 0.25, "calf": 0.3,
    "foot": 0.4,
}  # fmt: skip
"""The share of a part's sample that has to touch; body parts are rounder than what they touch."""

FLAT_HAND = 0.9
"""The same of a hand that lies on something: with less it stands on its fingertips."""


@lru_cache(maxsize=16)
def even_sample(body: ShapedBody, count: int) -> Int[Tensor, " kept"]:
    """About `count` vertices of the whole body, evenly spread."""
    return spread(body.verts, count)


def contact_patch(
    body: ShapedBody, contact: Contact, posture: Posture = "none", *, whole: bool = False
) -> Int[Tensor, " sample"]:
    """Vertices of a contact's body part: all of them, or an even sample."""
    verts = named_verts(body, _label(contact, posture))
    if whole:
        return verts
    return verts[spread(body.verts[verts], COUNTS.get(contact.part, 36))]


def as_meant(contact: Contact, hands: Mapping[str, HandShape]) -> Contact:
    """A flat hand lies on a screen as on any front; others touch it with their fingertips."""
    flat = hands.get(side_of(contact.part)) == "flat"
    return replace(contact, region="front") if flat and contact.region in TIPS else contact


def own_patch(body: ShapedBody, region: Region, side: str) -> Int[Tensor, " sample"]:
    """Vertices of the own-body place that a limb touches; its own side first, but the other arm."""
    label = OWN[region]
    if region == "own_arm":
        side = OTHER[side]
    name = f"{side}_{label}" if f"{side}_{label}" in part_vertices(body) else label
    verts = named_verts(body, name)
    return verts[spread(body.verts[verts], 80)]


def foot_patch(body: ShapedBody, side: str, *, whole: bool) -> Int[Tensor, " sample"]:
    """Vertices of one sole, or of the whole foot: one kneels on its instep."""
    verts = part_vertices(body)[f"{side}_foot" if whole else f"{side}_sole"]
    return verts[spread(body.verts[verts], 60 if whole else 28)]


def named_verts(body: ShapedBody, name: str) -> Int[Tensor, " part"]:
    """The vertices of a part; of both sides where only left and right have the name."""
    parts = part_vertices(body)
    if name in parts:
        return parts[name]
    bare = {"feet_under": "foot_under", "calves": "calf"}.get(name, name.removesuffix("s"))
    return torch.cat([parts[f"{side}_{bare}"] for side in ("left", "right")])


def _label(contact: Contact, posture: Posture) -> str:
    """The vertices that meet the region: the underside of a thigh on a seat, not all around it."""
    part, region = contact.part, contact.region
    if part in ("thighs", "left_thigh", "right_thigh") and region in ("seat", "top", "lying"):
        return "thigh_backs" if part == "thighs" else f"{part}_back"
    if part.endswith("_hand") and region in TIPS:
        return f"{part.removesuffix('hand')}{TIPS[region]}"
    if part == "buttocks" and region == "saddle":
        return "sit_bones"
    if part.endswith("_shoulder") and contact.role == "support" and posture in ("stand", "walk"):
        return f"{part}_top"  # It carries; lying it is lain on, and leaning it pushes.
    return plan_part(part, posture)


def fraction_of(contact: Contact, posture: Posture) -> float:
    """The share of a part's sample that has to touch."""
    if contact.region in TIPS:
        return 0.2
    if contact.part.endswith("_hand") and contact.role != "grasp":
        return FLAT_HAND
    fraction = FRACTIONS.get(contact.part, FRACTIONS.get(contact.part.split("_", 1)[-1], 0.3))
    # Muscles that hold nothing up lie flatter.
    return 1.5 * fraction if posture == "lie" and contact.role == "support" else fraction
