"""Where a body lies: a bed, a bench, a sofa, and the pillow."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from ..artefacts import Contact, Plan
from ..vocabulary import side_of
from ..wishes import knees_up
from . import seating
from .features import Mask, Points, Scores, Vector, thin
from .seating import supported
from .study import UP, Found, Place, Study, bump, densest, nothing, ramp, smooth_count, spread

LENGTH = 1.55
"""Crown to heel, less what may hang over, metres: shorter things are lain on bent."""
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
ALIKE = 0.25
"""Share of all that rises at both ends by which two ends may differ and still be alike."""
AT_HEAD = 0.4
"""How far from the head end of the mattress what one leans on may be, metres."""
EVEN = 0.06
"""What lies so far above or below a mattress, metres, is a pillow or a ledge."""
TO_CROWN = 0.1
"""From where the head lies to the crown, metres."""
CURLED: dict[str, tuple[float, float]] = {"thigh": (0.85, 0.22), "shin": (1.05, 0.34)}
"""The lower leg of who is curled up on a side: metres from the crown, and ahead."""
CURLED_BACK = 0.1
"""How much farther back the trunk lies for it, metres."""
PILED = 0.14
"""Higher than this, metres, is no single pillow."""
PRONE_PILLOW, SHOULDERS = 0.08, 0.2
"""Height from which a pillow is too high for a face, and half a trunk's width, metres."""
BENT = 1.15
"""How far from the crown feet stand whose knees are bent, metres."""
FEET, FARTHER = 1.65, 0.15
"""From crown to heels, metres; how far up the pillow the head goes for them."""


class Bed:
    """A lying surface with its head end."""

    def __init__(self, study: Study, usable: Mask, carried: Float[np.ndarray, " seeds"]) -> None:
        shape = study.shape
        self.usable = usable
        self.level = float(np.median(shape.points[usable, 1]))
        even = usable & (np.abs(shape.points[:, 1] - self.level) < EVEN)
        self.even = even if even.sum() > 0.5 * usable.sum() else usable
        self.carried = carried
        flat = shape.points[usable][:, [0, 2]]
        size = np.ptp(flat, axis=0)
        along = np.array([1.0, 0, 0]) if size[0] > 1.25 * size[1] else np.array([0, 0, 1.0])
        self.length = float(max(size[0], size[1]) if abs(along[0]) else size[1])
        self.footward = self._footward(study, along)
        on_belly = "on_belly" in study.plan.styles
        self.left = np.cross(UP, self.footward) * (-1.0 if on_belly else 1.0)
        begin, end = spread(study, usable, self.footward)
        self.crown = begin + max(0.0, min(0.12, end - begin - LENGTH * study.scale))
        self.lateral = float(np.median(shape.points[usable] @ self.left))

    def _footward(self, study: Study, along: Vector) -> Vector:
        """Away from the end that rises higher: a headboard, pillows, an armrest."""
        shape = study.shape
        above = shape.height > self.level - study.shape.floor + 0.04
        place = shape.points @ along
        middle = float(np.median(place[self.usable]))
        lift = np.clip(shape.points[:, 1] - self.level, 0, 0.6) * above
        far = np.abs(place - middle) > 0.3 * self.length
        head_high = float((lift * np.sign(place - middle) * far).sum())
        if abs(head_high) < ALIKE * float((lift * far).sum()) and abs(along[0]):
            head_high = _outward(study.plan) or head_high  # Either end will do.
        bias = -1e-6 if abs(along[2]) else 1e-6
        return -along if head_high + bias > 0 else along


def _outward(plan: Plan) -> float:
    """At which end of x the head is, +1 or -1, of who lies on a side and looks to the front."""
    sides = [side_of(c.part) for c in plan.contacts if c.part.endswith("_hip")]
    return {"left": 1.0, "right": -1.0}.get(sides[0], 0.0) if sides else 0.0


def bed_of(study: Study) -> Bed | None:
    """The largest level surface that can be lain on; None where there is none."""
    shape = study.shape
    usable = (shape.up > 0.55) & (shape.clear_up > 0.4)
    lowest = 0.0 if study.plan.relation == "inside" else 0.08
    usable &= (shape.height > lowest) & (shape.height < 1.25)
    chosen = np.flatnonzero(usable)
    if len(chosen) < 20:
        return None
    seeds = shape.points[chosen][thin(shape.points[chosen], max(0.05, shape.spacing))]
    carried = supported(shape, usable, seeds)
    good = carried > 0.45
    if not good.any():
        return None
    level = _main_level(seeds[good])
    usable &= np.abs(shape.points[:, 1] - level) < 0.12
    return Bed(study, usable, carried) if usable.sum() > 20 else None


def _main_level(points: Points) -> float:
    """The height that most of the carried places share, higher ones preferred."""
    area, level = smooth_count(points[:, 1], np.ones(len(points), bool), 0.06)
    return float(level[(area * np.sqrt(np.maximum(level, 0.05))).argmax()])


def pillow_place(study: Study, bed: Bed) -> Place | None:
    """The middle of what bulges at the head end: one of the pillows, or an armrest."""
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
    """The head goes farther up the pillow where the feet would stick out at the other end."""
    end = spread(study, bed.even, bed.footward)[1]
    lack = FEET * study.scale - (end - (float(centre @ bed.footward) - TO_CROWN))
    goal = centre - np.clip(lack, 0.0, FARTHER) * bed.footward
    near = score * np.exp(-(((study.shape.points - goal) @ bed.footward) ** 2) / 0.05**2)
    near = near * bump(study.along(bed.left), float(centre @ bed.left), 0.1)
    if lack <= 0 or near.sum() < 0.1 * score.sum() / (1 + len(score)):
        return centre
    return (study.shape.points * near[:, None]).sum(axis=0) / near.sum()


def lying(study: Study, contact: Contact) -> Found:
    """The part's own stretch of the lying surface, from the head end down."""
    bed = bed_of(study)
    if bed is None:
        return nothing(study)
    pillow = pillow_place(study, bed)
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
    lateral -= CURLED_BACK * study.scale * _outward(study.plan) * _curled(study.plan)
    down, aside = _along_body(contact.part, study)
    score = bed.even * ramp(study.shape.up, 0.4, 0.8)
    end = spread(study, bed.even, bed.footward)[1]
    down = min(down * study.scale, end - crown - 0.08)
    score = score * bump(study.along(bed.footward) - crown, down, 0.14)
    score = score * bump(study.along(bed.left) - lateral, aside * study.scale, 0.14)
    score[score < 0.02] = 0.0
    fits = float(np.clip(bed.length / (1.1 * study.scale), 0, 1))
    short = contact.part == "buttocks" and bed.length < LENGTH * study.scale
    note = "the surface is shorter than the person: the legs hang or bend." if short else ""
    return Found(score, fits, note)


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
    return down, aside if "left" in part else -aside


def _beside_body(name: str, styles: Sequence[str]) -> tuple[float, float]:
    if "arms_spread" in styles and name in ("hand", "forearm"):
        return 0.35, 0.68 if name == "hand" else 0.5
    if {"on_side", "one_leg_tucked"} <= {*styles} and name in CURLED:
        return CURLED[name]
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
    place = pillow_place(study, bed)
    if place is not None and _too_high(study, bed, place):
        return lying(study, contact)
    if place is None:
        found = lying(study, contact)
        return Found(found.score, 0.6 * found.confidence, "no pillow: the head end instead")
    offset = study.shape.points - place.centre
    near = np.exp(-(offset[:, 0] ** 2 + offset[:, 2] ** 2) / 0.13**2) * (np.abs(offset[:, 1]) < 0.2)
    return Found(near * ramp(study.shape.up, 0.2, 0.6) * (near > 0.02), place.confidence)
