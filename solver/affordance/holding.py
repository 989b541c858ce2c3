"""Where a hand closes: handles, grips, rims, blades."""

import numpy as np
import torch

from ..artefacts import Contact, Grip
from ..wishes import driven
from .features import Scores, Shape
from .rods import HAND_WIDTH, Rod, around, find_rods, measure_rod, outermost, section
from .study import Found, Study, bump, compact, hand_lateral, nothing, ramp
from .uprights import anywhere, reach_height

LEAST_MERIT = 0.05
"""Pieces below are no handles."""
TWO_HANDED = 0.24
"""A handle shorter than this has room for one hand only, metres."""
THICK = 0.024
"""A rod of this radius that is most of the object is a bottle, not a tool's handle, metres."""
LARGEST_GIRTH = 0.6
"""A longer thing is not held around its sides, metres."""
CROSSBAR = 0.035
"""Thickness of what closes the D of a spade's handle, metres."""
APART = 0.42
"""Two hands on a long handle, metres."""
ONWARD, DRIVEN = 0.3, 0.2
"""Of a tool's length from its end grip: where the other hand of who works takes the shaft, and of
who digs: the shaft stands, and lower down forearms come along it from above."""

HOLD, FAR_HOLD = 0.24, 0.36
"""How far behind a handle's middle one hand holds, in lengths; far where a shoulder bears it."""
BENT_ARM = 0.42
"""From the shoulder to the hand before it that holds down what lies on it, metres."""


def rods_of(study: Study) -> list[Rod]:
    """The study's rods, found once."""
    if "rods" not in study.known:
        study.known["rods"] = find_rods(study.fine)
    return study.known["rods"]


def handle(study: Study, contact: Contact) -> Found:
    """The best rod to close a hand around; two hands share a long one or take two."""
    rods = [rod for rod in rods_of(study) if rod.merit > LEAST_MERIT]
    if not study.plan.movable and study.shape.extent[1] > 0.6:
        rods = [rod for rod in rods if _within_reach(study, rod)]
    if not rods:
        return nothing(study)
    if contact.part.endswith("shoulder"):
        return _over_shoulder(study, contact, rods[0])
    chosen = _choose(study, contact, rods)
    if chosen is None:
        return opposite(study, contact, rods[0])
    score = around(study.shape.points, *section(study.fine, *chosen))
    return Found(score, float(np.clip(0.3 + 1.2 * chosen[0].merit, 0.3, 1.0)))


def _over_shoulder(study: Study, contact: Contact, rod: Rod) -> Found:
    """What lies on a shoulder: the shaft, an arm's bend from the hand toward the working end."""
    hand = contact.part.replace("shoulder", "hand")
    holds = next((c for c in study.plan.contacts if c.part == hand), None)
    chosen = _choose(study, holds, rods_of(study)) if holds else None
    begin = -rod.length / 2
    if chosen is not None:
        begin = float((section(study.fine, *chosen)[0] - rod.centre) @ rod.axis)
    offset = study.shape.points - rod.centre
    way = offset @ rod.axis
    wide = np.linalg.norm(offset - np.outer(way, rod.axis), axis=1)
    on_shaft = (wide < max(1.8 * rod.radius, 0.015)) & (way < 0.55 * rod.length)
    reach = min(BENT_ARM * study.scale, max(0.0, rod.length / 2 - begin))
    return Found(on_shaft * bump(way, begin + reach, 0.08), 0.8)


def _shouldered(study: Study, contact: Contact) -> bool:
    """Whether the shoulder over this hand bears the shaft."""
    shoulder = contact.part.replace("hand", "shoulder")
    return any(c.part == shoulder and c.region == "handle" for c in study.plan.contacts)


def girth_grip(study: Study, contact: Contact) -> bool:
    """Whether the hand goes around the whole of a slim held thing: a bottle, a torch."""
    if contact.role != "grasp" or not study.plan.movable or not contact.part.endswith("hand"):
        return False
    if float(study.shape.extent.max()) > LARGEST_GIRTH or study.beside(contact):
        return False
    return bool(rods_of(study)) and rods_of(study)[0].merit > LEAST_MERIT


def grip_of(study: Study, contact: Contact) -> Grip | None:
    """The hand's own piece of the handle; None where the object has none."""
    rods = [rod for rod in rods_of(study) if rod.merit > LEAST_MERIT]
    if not rods:
        return None
    chosen = _choose(study, contact, rods)
    return grip_at(study, *chosen, contact) if chosen else None


def grip_at(study: Study, rod: Rod, place: float, contact: Contact) -> Grip:
    """A rod's piece as the artefact."""
    centre, axis, radius = section(study.fine, rod, place)
    outward = centre - study.shape.points.mean(axis=0)
    outward = outward - axis * (outward @ axis)
    if np.linalg.norm(outward) < 1e-3:
        outward = np.cross(axis, [0.0, 1.0, 0.0] if abs(axis[1]) < 0.9 else [1.0, 0.0, 0.0])
    outward = outward / np.linalg.norm(outward)
    return Grip(_tensor(centre), _tensor(axis), _tensor(outward), radius, rod.length, contact.part)


def _within_reach(study: Study, rod: Rod) -> bool:
    height = rod.centre[1] - study.shape.floor
    return 0.3 < height < 2.1 * study.scale


def _choose(study: Study, contact: Contact, rods: list[Rod]) -> tuple[Rod, float] | None:
    """Which rod, and where along it; None for the second hand where there is room for one."""
    rod, twin = rods[0], study.twin(contact)
    share = FAR_HOLD if _shouldered(study, contact) else HOLD
    rear = -min(share * rod.length, max(0.0, rod.length / 2 - 0.055))
    if contact.region == "grip" and (twin is None or twin.region != "grip"):
        return _end_grip(study.fine, rods)
    if rod.radius > THICK and len(rod.members) > 0.6 * len(study.fine.points):
        rear = 0.0
    elif not study.plan.movable and abs(rod.axis[1]) > 0.5:
        goal = reach_height(study, contact.part) + study.shape.floor - rod.centre[1]
        rear = float(np.clip(goal / rod.axis[1], -0.4 * rod.length, 0.4 * rod.length))
    elif rod.bridges and rod.length < TWO_HANDED:
        rear = outermost(study.fine, rod)
    return (rod, rear) if twin is None else _shared(study, (contact, twin), rods, rear)


def _shared(
    study: Study, hands: tuple[Contact, Contact], rods: list[Rod], rear: float
) -> tuple[Rod, float] | None:
    """Where the first of two hands goes; `rear` is where it would go alone."""
    contact, twin = hands
    rod, first = rods[0], _first_hand(study, contact, twin, rods[0])
    along = float(np.abs(rod.axis) @ study.shape.extent)
    slender = along > 2.5 * float(np.sort(study.shape.extent)[1])
    if rod.length >= TWO_HANDED or (slender and rod.length > 1.7 * HAND_WIDTH):
        room = rod.length / 2 - 0.5 * HAND_WIDTH
        if twin.region == "grip" != contact.region:  # The grip is at the end.
            end = float(((study.fine.points - rod.centre) @ rod.axis).min())
            onward = DRIVEN if driven(study.plan) else ONWARD
            return rod, float(np.clip(end + onward * along, -room, room))
        close = contact.region == twin.region == "grip"
        if close and first:
            return _end_grip(study.fine, rods)
        apart = min(HAND_WIDTH * 1.2 if close else APART, 2 * room)
        rear = -room if close else -min(room, max(0.24 * rod.length, apart / 2))
        return rod, rear if first else rear + apart
    if first:
        return rod, rear
    others = [r for r in rods[1:] if np.linalg.norm(r.centre - rod.centre) > 0.08]
    second = max(others, key=lambda r: r.merit, default=None)
    return (second, 0.0) if second and second.merit > 0.4 * rod.merit else None


def _end_grip(shape: Shape, rods: list[Rod]) -> tuple[Rod, float]:
    """A cross-grip at the very rear of a long handle (a spade's), else the handle's rear."""
    rod = rods[0]
    rear = float(((shape.points - rod.centre) @ rod.axis).min())
    for other in rods[1:]:
        way = float((other.centre - rod.centre) @ rod.axis)
        crosswise = abs(float(other.axis @ rod.axis)) < 0.5
        if crosswise and way < rear + 0.05 and other.merit > 0.15:
            return other, 0.0
    bar = _crossbar(shape, rod, rear) if rod.length >= TWO_HANDED else None
    if bar is not None:
        return bar, 0.0
    room = max(0.0, rod.length / 2 - 0.055)
    return rod, -min(room, 0.24 * rod.length if rod.length < TWO_HANDED else room)


def _crossbar(shape: Shape, shaft: Rod, rear: float) -> Rod | None:
    """What closes a spade's D at the end of its shaft; None where the shaft just ends."""
    members = np.flatnonzero((shape.points - shaft.centre) @ shaft.axis < rear + CROSSBAR)
    bar = measure_rod(shape, members)
    if bar is None or not HAND_WIDTH / 2 < bar.length < 3 * HAND_WIDTH:
        return None
    return bar if abs(float(bar.axis @ shaft.axis)) < 0.3 else None


def _first_hand(study: Study, contact: Contact, twin: Contact, rod: Rod) -> bool:
    """Whether this hand takes the first place: the end, or the handle nearest to it."""
    if contact.region != twin.region:
        return contact.region == "grip"
    aside = float((rod.centre - study.shape.points.mean(axis=0)) @ study.stance.left)
    width = float(np.abs(study.stance.left) @ study.shape.extent)
    if rod.length < TWO_HANDED and abs(aside) > 0.25 * width:
        return study.lateral(contact) * aside > 0
    return study.lateral(contact) < 0


def opposite(study: Study, contact: Contact, rod: Rod) -> Found:
    """For the second hand: the far side of the object, below it where it is carried."""
    shape = study.shape
    away = shape.points.mean(axis=0) - rod.centre
    stretch = (shape.points - rod.centre) @ (away / (np.linalg.norm(away) + 1e-9))
    low, high = np.percentile(stretch, [50, 97])
    below = (shape.up < -0.6) * bump(stretch, 0.3 * low + 0.7 * high, 0.25 * (high - low))
    under = study.plan.movable and below.sum() > 0
    score = below if under else ramp(stretch, low, high) * ramp(shape.up, 0.6, -0.2)
    score = score * (shape.clear_out > 0.03)
    return Found(compact(study, score, 0.05), 0.6, "room for one hand: the other opposite")


def rim(study: Study, contact: Contact) -> Found:
    """The upper edge of a hollow thing: a thin wall that ends."""
    shape = study.shape
    high = shape.share[:, 1]
    band = max(0.012, 0.04 * float(shape.extent[1]))
    wall = (shape.thickness < 0.05) & (shape.clear_up > 0.3)
    top = float(np.percentile(shape.points[wall, 1], 98)) if wall.sum() > 20 else shape.high[1]
    score = wall * bump(shape.points[:, 1], top, band) * (high > 0.5)
    if score.max() <= 0:
        return nothing(study)
    offset = shape.points - (shape.low + shape.high) / 2
    side = study.lateral(contact) or 1.0
    if contact.part in ("mouth", "face"):
        return _drinking_rim(study, score)
    if study.beside(contact) or study.plan.relation == "holding":
        stance = study.stance
        wide, deep = (float(np.abs(v) @ shape.extent) for v in (stance.left, stance.toward))
        score = score * ramp(offset @ study.stance.left * side, 0.0, 0.4 * wide)
        score = score * bump(offset @ study.stance.toward, 0.0, 0.25 * deep)
    else:
        score = score * ramp(offset @ study.stance.toward, 0.0, 0.4 * shape.extent[2])
    return Found(compact(study, score, 0.05), 0.8)


def _drinking_rim(study: Study, score: Scores) -> Found:
    """The rim where the mouth comes, a quarter turn from the hand that holds the handle."""
    hands = [c for c in study.plan.contacts if c.region == "handle" and c.part.endswith("hand")]
    rods = [rod for rod in rods_of(study) if rod.merit > LEAST_MERIT]
    toward = study.stance.toward
    if hands and rods:
        out = rods[0].centre - study.shape.points.mean(axis=0)
        out[1] = 0.0
        toward = np.cross([0.0, 1.0, 0.0], out) * study.lateral(hands[0])
        toward = toward / max(float(np.linalg.norm(toward)), 1e-9)
    offset = (study.shape.points - (study.shape.low + study.shape.high) / 2) @ toward
    return Found(compact(study, score * ramp(offset, 0.0, offset.max()), 0.03), 0.8)


def blade(study: Study, contact: Contact) -> Found:
    """The wide flat end; a foot treads on its upper edge."""
    shape = study.shape
    rods = rods_of(study)
    axis = rods[0].axis if rods else np.array([0.0, -1.0, 0.0])
    centre = rods[0].centre if rods else (shape.low + shape.high) / 2
    way = (shape.points - centre) @ axis
    wide = np.linalg.norm(shape.points - centre - np.outer(way, axis), axis=1)
    begin = way.min() + 0.6 * np.ptp(way)
    radius = rods[0].radius if rods else 0.02
    body = (way > begin) & (wide > 2.0 * radius)
    if body.sum() < 12:
        return nothing(study)
    if not contact.part.endswith("foot"):
        return Found(compact(study, body * 1.0, 0.1), 0.7)
    aside = shape.points @ study.stance.left * study.lateral(contact)
    edge = np.percentile(way[body], 6)
    score = body * bump(way, edge, 0.02) * ramp(aside, 0.0, np.percentile(aside[body], 70))
    return Found(compact(study, score, 0.05), 0.7)


def grasp_anything(study: Study, contact: Contact) -> Found:
    """Without a handle: what is thin enough for the fingers, where the hand comes from."""
    shape = study.shape
    thin: Scores = ramp(shape.thickness, 0.11, 0.03) * (shape.clear_out > 0.03)
    if thin.max() <= 0:
        return anywhere(study, contact)
    side = study.lateral(contact)
    offset = shape.points - (shape.low + shape.high) / 2
    score = thin * ramp(offset @ study.stance.left * side, -0.5, 0.5) if side else thin
    score = score * bump(shape.share[:, 1], 0.5, 0.3)
    if not study.plan.movable:
        score = score * bump(shape.height, reach_height(study, contact.part), 0.25)
        score = score * bump(
            offset @ study.stance.left, hand_lateral(study, contact, thin > 0), 0.2
        )
    return Found(compact(study, score, 0.07), 0.5)


def _tensor(array: np.ndarray) -> torch.Tensor:
    return torch.tensor(array, dtype=torch.float32)
