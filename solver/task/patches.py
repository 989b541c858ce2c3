"""Which vertices of the body a contact means, thinned to an even sample."""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

import torch
from jaxtyping import Int
from torch import Tensor

from ..artefacts import Contact, Plan
from ..body import ShapedBody
from ..body.joints import mirrored
from ..body.parts import part_vertices, plan_part
from ..geometry.mesh import spread
from ..vocabulary import OFF_OBJECT, SIDES, BodyPart, HandShape, Posture, Region, side_of
from ..wishes import knees_up
from .ledges import on_ledge

COUNTS = {"buttocks": 64, "back": 48, "left_hand": 56, "right_hand": 56, "thighs": 48}
"""Sampled vertices per contact; the others have 36."""

OWN = {
    "own_thigh": "lap", "own_knee": "knee", "own_belly": "belly",
    "own_head": "head_back", "own_hip": "hip", "own_foot": "feet_tops",
    "own_arm": "upper_arm", "own_hand": "hand_back",
}  # fmt: skip


OTHERS: tuple[Region, ...] = ("own_arm", "own_hand")
"""Places on the other arm: no hand reaches its own."""
WHERE: dict[tuple[BodyPart, Region], str] = {
    ("buttocks", "saddle"): "sit_bones",
    ("left_knee", "armrest"): "left_knee_hollow",  # Legs hang over it.
    ("right_knee", "armrest"): "right_knee_hollow",
}
"""Which vertices of a part meet a region, where that is not the same everywhere."""
LAIN_ON = {"on_belly": "front", "on_side": "outer"}
"""The side of the thighs that is down, by how one lies; else their backs."""
TIPS: dict[str, str] = {"keys": "fingertips", "screen": "index_tip_pad"}
"""Where only the fingers go."""
FRACTIONS = {
    "buttocks": 0.35, "back": 0.3, "upper_back": 0.4, "lower_back": 0.4, "thighs": 0.3,
    "inner_thighs": 0.3, "calves": 0.3, "feet": 0.4, "head": 0.25, "face": 0.15, "nape": 0.3,
    "chest": 0.25, "belly": 0.25, "hand": 0.6, "forearm": 0.3, "elbow": 0.35, "upper_arm": 0.2,
    "shoulder": 0.2, "hip": 0.2, "thigh": 0.3, "knee": 0.25, "shin": 0.25, "calf": 0.3,
    "foot": 0.4, "ear": 0.5,
}  # fmt: skip
"""The share of a part's sample that has to touch; body parts are rounder than what they touch."""

TABLE = 0.34
"""Lower tables, in statures, are sat at on the floor."""
CROSSED = 0.1
"""The same of a leg or an elbow that lies on a leg."""
BALL = 0.8
"""The same of the ball of a foot on something narrower than the foot."""
FLAT_HAND = 0.9
"""The same of a hand that lies on something: with less it stands on its fingertips."""


@lru_cache(maxsize=16)
def even_sample(body: ShapedBody, count: int) -> Int[Tensor, " kept"]:
    """About `count` vertices of the whole body, evenly spread."""
    return spread(body.verts, count)


def contact_patch(
    body: ShapedBody, contact: Contact, plan: Plan | None = None, *, whole: bool = False
) -> Int[Tensor, " sample"]:
    """Vertices of a contact's body part: all of them, or an even sample.

    Args:
        body: The shape.
        contact: What touches what.
        plan: What the whole body does: which side of a part is down.
        whole: All of them.
    """
    verts = named_verts(body, _label(contact, plan))
    if whole:
        return verts
    return verts[spread(body.verts[verts], COUNTS.get(contact.part, 36))]


def of_each_limb(contact: Contact) -> list[Contact]:
    """Legs over an armrest: both of them, so each knee has a contact of its own."""
    parts: tuple[BodyPart, ...] = ("left_knee", "right_knee")
    return [replace(contact, part=p) for p in parts] if contact.part == "knees" else [contact]


def carries(contact: Contact) -> bool:
    """Whether the trunk, not a limb, rests on the contact."""
    seats = ("buttocks", "back", "upper_back", "lower_back", "thighs", "belly", "chest", "head")
    return contact.role == "support" and contact.part in seats


def at_table(contact: Contact, height: float) -> bool:
    """Whether it is at a table or a desk, seated on a chair that nobody modelled.

    Args:
        contact: What touches the object.
        height: Where, over the floor, in statures.
    """
    arm = contact.part.endswith(("hand", "forearm", "elbow"))
    return arm and contact.region in ("top", "top_edge", "keys") and height > TABLE


def as_meant(contact: Contact, hands: Mapping[str, HandShape]) -> Contact:
    """A flat hand lies on a screen as on any front; others touch it with their fingertips."""
    flat = hands.get(side_of(contact.part)) == "flat"
    return replace(contact, region="front") if flat and contact.region in TIPS else contact


def own_patch(
    body: ShapedBody, region: Region, part: BodyPart, plan: Plan | None = None
) -> Int[Tensor, " sample"]:
    """Vertices of the own-body place that a limb touches: its own side's first.

    Of a leg, and of an arm or a hand that an arm meets, it is the other side's. A head that rests
    in a hand does so with the cheek.
    """
    side = side_of(mirrored(part) if of_leg(part) or region in OTHERS else part)
    label = "knee_top" if region == "own_knee" and part.endswith("elbow") else OWN[region]
    if region == "own_head" and plan is not None and "rest_chin" in plan.styles:
        label = "cheek"
    name = f"{side}_{label}" if f"{side}_{label}" in part_vertices(body) else label
    verts = named_verts(body, name)
    return verts[spread(body.verts[verts], 80)]


def standing_on(plan: Plan, *, level: bool) -> tuple[str, bool]:
    """What of a foot is on the floor, and whether all of it lies flat.

    The sole; of stretched legs the heel; else any of it.

    Args:
        plan: One kneels on the instep, and two stretched legs of who sits end on the heels.
        level: The floor is below what is sat on, not what is sat on itself.
    """
    if plan.posture == "kneel" or not level:
        return "foot", False
    floored = [c for c in plan.contacts if c.part.endswith("_foot") and c.region == "floor"]
    stretched = plan.posture == "sit" and "legs_stretched" in plan.styles
    if stretched and len(floored) == len(SIDES):
        return "heel", False
    return "sole", _soled(plan)


def _soled(plan: Plan) -> bool:
    """Whether feet on the floor stand on their whole soles; who squats may be on the balls."""
    over = plan.posture == "lie" and "on_belly" not in plan.styles
    return over or plan.posture in ("stand", "sit", "lean", "bend", "none")


def braced(contact: Contact, plan: Plan) -> bool:
    """Whether a hand on the floor lies flat on it; in the T-pose, too, palms look down."""
    hand = contact.part.endswith("_hand") and contact.role == "support"
    return hand and plan.hands.get(side_of(contact.part)) == "flat"


def foot_patch(body: ShapedBody, side: str, label: str) -> Int[Tensor, " sample"]:
    """Vertices of a sole or a heel, or of the whole foot: one kneels on its instep."""
    verts = part_vertices(body)[f"{side}_{label}"]
    return verts[spread(body.verts[verts], 60 if label == "foot" else 28)]


def of_leg(part: BodyPart) -> bool:
    """Whether a part belongs to one leg: what it meets of its own body is the other leg."""
    return part.endswith(("_thigh", "_knee", "_shin", "_calf", "_foot"))


def own_fraction(contact: Contact) -> float:
    """Share of a limb's patch that has to touch the own body: round ones lie across each other."""
    return CROSSED if of_leg(contact.part) or contact.part.endswith("elbow") else 0.5


def posture_of(contact: Contact, plan: Plan) -> Posture:
    """What the body does at a contact: the feet of who lies with bent knees stand."""
    stands = contact.part.endswith(("foot", "feet")) and knees_up(plan)
    return "none" if stands else plan.posture


def on_heel(contact: Contact, plan: Plan) -> bool:
    """Who stands and stretches a leg puts its heel up on something."""
    stretched = plan.posture == "stand" and "legs_stretched" in plan.styles
    put_up = contact.part in ("left_foot", "right_foot") and contact.region not in OFF_OBJECT
    return stretched and put_up and not on_ledge(contact)


def named_verts(body: ShapedBody, name: str) -> Int[Tensor, " part"]:
    """The vertices of a part; of both sides where only left and right have the name."""
    parts = part_vertices(body)
    if name in parts:
        return parts[name]
    bare = {"feet_under": "foot_under", "calves": "calf"}.get(name, name.removesuffix("s"))
    return torch.cat([parts[f"{side}_{bare}"] for side in ("left", "right")])


def _label(contact: Contact, plan: Plan | None) -> str:
    """The vertices that meet the region: the underside of a thigh on a seat, not all around it."""
    part, region = contact.part, contact.region
    posture = posture_of(contact, plan) if plan else "none"
    if part in ("thighs", "left_thigh", "right_thigh") and region in ("seat", "top", "lying"):
        down = _down(plan)
        return f"thigh_{down}s" if part == "thighs" else f"{part}_{down}"
    if part.endswith("_hand") and region in TIPS:
        return f"{part.removesuffix('hand')}{TIPS[region]}"
    if (part, region) in WHERE:
        return WHERE[part, region]
    heel = plan is not None and on_heel(contact, plan)
    if part.endswith("_foot") and (heel or on_ledge(contact)):
        return part.replace("foot", "heel" if heel else "ball")
    if part.endswith("_shoulder") and contact.role == "support" and posture in ("stand", "walk"):
        return f"{part}_top"  # It carries; lying it is lain on, and leaning it pushes.
    return plan_part(part, posture)


def _down(plan: Plan | None) -> str:
    """The side of the thighs of somebody who sits or lies that is down."""
    styles = plan.styles if plan and plan.posture == "lie" else ()
    return next((side for style, side in LAIN_ON.items() if style in styles), "back")


def fraction_of(contact: Contact, posture: Posture) -> float:
    """The share of a part's sample that has to touch."""
    if contact.region in TIPS:
        return 0.2
    if contact.part.endswith("_hand") and contact.role != "grasp":
        return FLAT_HAND
    if on_ledge(contact):
        return BALL
    fraction = FRACTIONS.get(contact.part, FRACTIONS.get(contact.part.split("_", 1)[-1], 0.3))
    # Muscles that hold nothing up lie flatter.
    return 1.5 * fraction if posture == "lie" and contact.role == "support" else fraction
