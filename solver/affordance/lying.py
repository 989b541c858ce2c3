"""Where a body lies: a bed, a bench, a sofa, and the pillow."""

from collections.abc import Sequence

import numpy as np

from ..artefacts import Contact, Plan
from ..wishes import knees_up
from . import seating
from .bed import LENGTH, Bed, bed_of, outward
from .features import Scores, Vector
from .study import Found, Place, Study, bump, densest, nothing, ramp, spread

DOWN_THE_BODY: dict[str, float] = {
    "head": 0.08, "face": 0.08, "nape": 0.2, "upper_back": 0.42, "chest": 0.42, "back": 0.5,
    "belly": 0.62, "lower_back": 0.65, "buttocks": 0.8, "thighs": 1.05, "inner_thighs": 1.05,
    "knees": 1.25, "calves": 1.42, "feet": 1.65,
}  # fmt: skip
"""How far from the crown a part touches the bed, metres."""
REACH_BESIDE: dict[str, tuple[float, float]] = {
    "hand": (0.75, 0.32), "forearm": (0.6, 0.3), "elbow": (0.55, 0.28), "upper_arm": (0.42, 0.22),
    "shoulder": (0.3, 0.17), "hip": (0.8, 0.13), "thigh": (1.05, 0.1), "knee": (1.25, 0.1),
    "shin": (1.42, 0.1), "calf": (1.42, 0.1), "foot": (1.65, 0.1),
}  # fmt: skip
"""Sided parts: metres from the crown, and to their side."""


BESIDE_HEAD = (0.2, 0.3)
"""Where the hands of somebody who sleeps on the belly are: metres from the crown, to the side."""
SAT_UP: dict[str, tuple[float, float]] = {
    "buttocks": (0.2, 0.0), "left_thigh": (0.45, 0.1), "right_thigh": (0.45, -0.1),
    "left_calf": (0.85, 0.1), "right_calf": (0.85, -0.1),
}  # fmt: skip
"""Sitting up against the head end: metres from it, and to the left."""
AT_HEAD = 0.4
"""How far from the head end of the mattress what one leans on may be, metres."""
TO_CROWN = 0.1
"""From where the head lies to the crown, metres."""
CURLED: dict[str, tuple[float, float]] = {"thigh": (0.85, 0.22), "shin": (1.05, 0.34)}
"""The lower leg of who is curled up on a side: metres from the crown, and ahead."""
ON_SIDE: dict[str, tuple[float, float]] = {
    "knee": (1.0, 0.4), "foot": (1.4, 0.3), "forearm": (0.28, 0.26), "hand": (0.14, 0.24),
}  # fmt: skip
"""The upper leg of who lies on a side, bent and before the lower one, and the lower arm before
the face; else as above."""
CURLED_BACK = 0.1
"""How much farther back the trunk lies for it, metres."""
PILED = 0.14
"""Higher than this, metres, is no single pillow."""
PRONE_PILLOW, SHOULDERS = 0.08, 0.2
"""Height from which a pillow is too high for a face, and half a trunk's width, metres."""
BENT = 1.15
"""How far from the crown feet stand whose knees are bent, metres."""
HEELS, ASIDE, STEEPEST = 1.6, 0.25, 0.5
"""From the crown to the heels, and half of what legs take beside, metres; how far across a bed
one lies, radians."""
FEET, FARTHER = 1.65, 0.15
"""From crown to heels, metres; how far up the pillow the head goes for them."""


def pillow_place(study: Study) -> Place | None:
    """The middle of what bulges at the head end: one of the pillows, or an armrest."""
    if "pillow" not in study.known:
        bed = bed_of(study)
        study.known["pillow"] = None if bed is None else _find_pillow(study, bed)
    return study.known["pillow"]


def _find_pillow(study: Study, bed: Bed) -> Place | None:
    shape = study.shape
    ahead = shape.points @ bed.footward
    begin, _ = spread(study, bed.usable, bed.footward)
    above = shape.points[:, 1] - bed.level
    high = (above > 0.05) & (above < 0.4) & (shape.up > 0.35) & (shape.clear_up > 0.25)
    high &= (ahead < begin + 0.6) & (ahead > begin - 0.3)
    low_side, high_side = spread(study, bed.usable, bed.left)
    aside = shape.points @ bed.left
    high &= (aside > low_side + 0.08) & (aside < high_side - 0.08)
    score = high * ramp(shape.up, 0.2, 0.6)
    centre = densest(study, score, 0.14)
    if centre is None:
        return None
    if centre[1] - bed.level > PILED:  # Not on top of a pile: the head leans on its slope.
        beside = bump(aside, float(centre @ bed.left), 0.1)
        low = score * beside * np.maximum(ramp(above, 0.2, 0.1), 0.02)
        centre = (shape.points * low[:, None]).sum(axis=0) / low.sum()
    return Place(_farther_up(study, bed, score, centre), 0.9)


def _farther_up(study: Study, bed: Bed, score: Scores, centre: Vector) -> Vector:
    """The head goes farther up the pillow where the feet would stick out at the other end.

    Not up a pile, which would prop it upright: a neck bent so is worse than heels over an edge.
    """
    end = spread(study, bed.even, bed.footward)[1]
    lack = FEET * study.scale - (end - (float(centre @ bed.footward) - TO_CROWN))
    goal = centre - np.clip(lack, 0.0, FARTHER) * bed.footward
    near = score * np.exp(-(((study.shape.points - goal) @ bed.footward) ** 2) / 0.05**2)
    near = near * bump(study.along(bed.left), float(centre @ bed.left), 0.1)
    if lack <= 0 or near.sum() < 0.1 * score.sum() / (1 + len(score)):
        return centre
    moved = (study.shape.points * near[:, None]).sum(axis=0) / near.sum()
    return centre if moved[1] > max(bed.level + PILED, float(centre[1])) else moved


def lying(study: Study, contact: Contact) -> Found:
    """The part's own stretch of the lying surface, from the head end down."""
    bed = bed_of(study)
    if bed is None:
        return nothing(study)
    pillow = pillow_place(study)
    lateral = bed.lateral if pillow is None else float(pillow.centre @ bed.left)
    crown = _crown(study, bed, pillow)
    if _sat_up(study):
        crown, lateral = spread(study, bed.usable, bed.footward)[0], bed.lateral
    low, high = spread(study, bed.usable, bed.left)
    room = (0.75 if "arms_spread" in study.plan.styles else 0.28) * study.scale
    lateral = (
        float(np.clip(lateral, low + room, high - room))
        if high - low > 2 * room
        else (low + high) / 2
    )
    lateral -= CURLED_BACK * study.scale * outward(study.plan) * _curled(study.plan)
    down, aside = _along_body(contact.part, study)
    score = bed.even * ramp(study.shape.up, 0.4, 0.8)
    room = spread(study, bed.even, bed.footward)[1] - crown
    slant = _slant(study, room, (low - lateral, high - lateral))
    down = min(down * study.scale, room / np.cos(slant) - 0.08)
    along, across = study.along(bed.footward) - crown, study.along(bed.left) - lateral
    turned = np.cos(slant) * along + np.sin(slant) * across
    score = score * bump(turned, down, 0.14)
    turned = np.cos(slant) * across - np.sin(slant) * along
    score = score * bump(turned, aside * study.scale, 0.14)
    score[score < 0.02] = 0.0
    fits = float(np.clip(bed.length / (1.1 * study.scale), 0, 1))
    short = contact.part == "buttocks" and bed.length < LENGTH * study.scale
    note = "the surface is shorter than the person: the legs hang or bend." if short else ""
    return Found(score, fits, note)


def _slant(study: Study, room: float, sides: tuple[float, float]) -> float:
    """By how much, radians toward the bed's left, who is too long for it lies across it.

    Who lies face down before a pillow: on the back the head goes up it, on a side the legs bend.

    Args:
        study: The bed.
        room: From the crown to the foot end, metres.
        sides: Of the bed, metres from the body's middle, to its right and left.
    """
    length = HEELS * study.scale
    if "on_belly" not in study.plan.styles or _sat_up(study) or not 0 < room < length:
        return 0.0
    wider = max(sides, key=abs)
    angle = min(float(np.arccos(room / length)), STEEPEST)
    fits = length * np.sin(angle) + ASIDE * study.scale < abs(wider)
    return float(np.copysign(angle, wider)) if fits else 0.0


def _crown(study: Study, bed: Bed, pillow: Place | None) -> float:
    """How far along the bed the crown is: on the pillow; before an armrest, or too high a one."""
    if pillow is None:
        return bed.crown
    before = any(c.part == "head" and c.region == "lying" for c in study.plan.contacts)
    if not before and not _too_high(study, bed, pillow):
        return float(pillow.centre @ bed.footward) - TO_CROWN
    beside = study.along(bed.left) - float(pillow.centre @ bed.left)
    return spread(study, bed.even & (np.abs(beside) < SHOULDERS), bed.footward)[0]


def _too_high(study: Study, bed: Bed, pillow: Place) -> bool:
    """Whether a pillow would bend the neck back of who lies face down."""
    height = float(pillow.centre[1]) - bed.level
    return "on_belly" in study.plan.styles and height > PRONE_PILLOW


def _curled(plan: Plan) -> bool:
    return {"on_side", "one_leg_tucked"} <= set(plan.styles)


def backrest(study: Study, contact: Contact) -> Found:
    """A seat's back; of a bed that is sat up in, what rises at its head end."""
    in_bed = any(c.part == "buttocks" and c.region == "lying" for c in study.plan.contacts)
    bed = bed_of(study) if in_bed else None
    if bed is None:
        return seating.backrest(study, contact)
    shape = study.shape
    begin, _ = spread(study, bed.usable, bed.footward)
    above = shape.points[:, 1] - bed.level
    low, high = seating.BACK_HEIGHTS.get(contact.part, (0.1, 0.6))
    score = ramp(shape.normals @ bed.footward, 0.3, 0.7)
    score = score * (above > low * study.scale) * (above < high * study.scale)
    score = score * (np.abs(study.along(bed.footward) - begin) < AT_HEAD)
    score = score * bump(study.along(bed.left) - bed.lateral, 0.0, 0.14)
    return Found(score, 0.8) if score.max() > 0 else seating.backrest(study, contact)


def _sat_up(study: Study) -> bool:
    """Sitting in bed against its head end."""
    against = any(c.region == "backrest" for c in study.plan.contacts)
    return study.plan.posture == "sit" and against


def _along_body(part: str, study: Study) -> tuple[float, float]:
    """Metres from the crown (or the head end, where one sits up), and to the left."""
    if _sat_up(study) and part in SAT_UP:
        return SAT_UP[part]
    if part in DOWN_THE_BODY:
        return DOWN_THE_BODY[part], 0.0
    name = next((name for name in REACH_BESIDE if part.endswith(name)), None)
    if name is None:
        return 0.8, 0.0
    down, aside = _beside_body(name, study.plan.styles)
    if name == "foot" and knees_up(study.plan):
        down = BENT
    if "on_side" in study.plan.styles:  # Of both legs and arms it is before the body.
        return down, aside * (outward(study.plan) or 1.0)
    return down, aside if "left" in part else -aside


def _beside_body(name: str, styles: Sequence[str]) -> tuple[float, float]:
    if "arms_spread" in styles and name in ("hand", "forearm"):
        return 0.35, 0.68 if name == "hand" else 0.5
    if {"on_side", "one_leg_tucked"} <= {*styles} and name in CURLED:
        return CURLED[name]
    if "on_side" in styles and name in ON_SIDE:
        return ON_SIDE[name]
    if "on_belly" in styles and name == "hand":
        return BESIDE_HEAD
    down, aside = REACH_BESIDE[name]
    lower = "on_side" in styles and name in ("shoulder", "hip", "thigh")
    return down, 0.0 if lower else aside


def pillow(study: Study, contact: Contact) -> Found:
    """What bulges at the head end; the head end itself where nothing does."""
    bed = bed_of(study)
    if bed is None:
        return nothing(study)
    place = pillow_place(study)
    if place is not None and _too_high(study, bed, place):
        return lying(study, contact)
    if place is None:
        found = lying(study, contact)
        return Found(found.score, 0.6 * found.confidence, "no pillow: the head end instead")
    offset = study.shape.points - place.centre
    near = np.exp(-(offset[:, 0] ** 2 + offset[:, 2] ** 2) / 0.13**2) * (np.abs(offset[:, 1]) < 0.2)
    return Found(near * ramp(study.shape.up, 0.2, 0.6) * (near > 0.02), place.confidence)
