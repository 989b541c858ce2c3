"""Where a body rests: seats and what belongs to them."""

import numpy as np
from jaxtyping import Float
from scipy.spatial import KDTree

from ..artefacts import Contact
from .features import Mask, Points, Scores, Shape, Vector, thin
from .relief import Relief, first_step
from .study import UP, Found, Place, Study, bump, compact, nothing, ramp, spread

Seeds = Float[np.ndarray, "seeds 3"]
HEADROOM = 0.6
"""Free height that a seat needs at least, metres (backs lean, heads are narrow)."""
SEAT_HEIGHT, SEAT_SPREAD = 0.45, 0.25
"""What a seat's height is likely to be, metres."""
SEAT_RANGE = (0.18, 1.2)
"""Beyond these heights a thing is not a seat, but may still be sat on."""
PATCH, STEP = 0.17, 0.05
"""Radius of what buttocks need; how far heights may differ within it."""
BACK_GAP = 0.17
"""From the middle of the buttocks to the backrest."""
EDGE_NEAR, EDGE_FAR = 0.12, 0.42
"""From the middle of the buttocks to the front edge: less is perched, more lifts the feet."""
SLID: dict[str, float] = {"slumped": 0.08, "perched": 0.06}
"""What they leave of that way, by style, metres."""
FORWARD = 0.16
"""How far they move forward for it at most, metres."""
FOR_ONE = 0.62
"""A narrower seat has one place, metres."""
HOLLOW = 0.12
"""Share of its disc that a ring must cover to be sat on: a toilet's seat."""
PERCH = 0.25
"""That way where there is no backrest: beds, desks, roofs."""
PLACES_ON_SEAT: dict[str, tuple[float, float]] = {
    "thighs": (0.22, 0.0), "left_thigh": (0.22, 0.09), "right_thigh": (0.22, -0.09),
    "left_hand": (0.08, 0.24), "right_hand": (0.08, -0.24),
    "knees": (0.1, 0.0), "left_knee": (0.1, 0.1), "right_knee": (0.1, -0.1),
    "left_foot": (0.15, 0.1), "right_foot": (0.15, -0.1), "feet": (0.15, 0.0),
    "left_hip": (0.0, 0.13), "right_hip": (0.0, -0.13),
    "left_calf": (0.68, 0.09), "right_calf": (0.68, -0.09),
}  # fmt: skip
"""Other body parts on a seat: metres forward and to the left of the buttocks."""


def supported(shape: Shape, allowed: Mask, seeds: Seeds) -> Float[np.ndarray, " seeds"]:
    """Share of the disc around each seed that carries at about its height."""
    squash = np.array([1.0, PATCH / STEP, 1.0])
    tree = KDTree(shape.points[allowed] * squash)
    near = tree.query_ball_point(seeds * squash, PATCH)
    count = np.array([len(row) for row in near])
    full = np.minimum(count * shape.spacing**2 / (np.pi * PATCH**2), 1.0)
    seed = np.repeat(np.arange(len(seeds)), count)
    offset = shape.points[allowed][np.concatenate(near).astype(int)] - seeds[seed]
    sector = ((np.arctan2(offset[:, 2], offset[:, 0]) / np.pi + 1) * 4).astype(int) % 8
    around = np.bincount(np.unique(seed * 8 + sector) // 8, minlength=len(seeds)) / 8
    ring = np.where(full > HOLLOW, 0.75 * (around > 0.95), 0.0)
    return np.maximum(full, ring)


def find_seat(study: Study, allowed: Mask, *, any_height: bool = False) -> Place | None:
    """The best place to sit among the allowed samples: carried, with room for head and legs."""
    shape = study.shape
    usable = allowed & (shape.up > 0.7) & (shape.clear_up > HEADROOM * study.scale)
    if not any_height:
        low, high = SEAT_RANGE
        usable &= (shape.height > low * study.scale) & (shape.height < high)
    chosen = np.flatnonzero(usable)
    if len(chosen) < 8:
        return None
    seeds = shape.points[chosen][thin(shape.points[chosen], max(0.03, shape.spacing))]
    seeds = np.concatenate([seeds, _hole_middles(shape, seeds)])
    carried = supported(shape, usable, seeds)
    score = carried**2 * _legroom(study, seeds) * _sideways(study, seeds, usable)
    if not any_height:
        score *= bump(seeds[:, 1] - shape.floor, SEAT_HEIGHT * study.scale, SEAT_SPREAD)
    best = seeds[score.argmax()]
    weight = score**4 * np.exp(-((seeds - best) ** 2).sum(axis=1) / 0.1**2)
    centre = (seeds * weight[:, None]).sum(axis=0) / weight.sum()
    centre = _between_the_sides(study, usable, centre)
    return Place(centre, float(np.clip(1.2 * carried[score.argmax()], 0, 1)))


def _between_the_sides(study: Study, usable: Mask, centre: Vector) -> Vector:
    """On a seat for one, exactly between its sides."""
    offset = study.shape.points - centre
    beside = usable & (np.abs(offset @ study.sitting) < 0.08) & (np.abs(offset[:, 1]) < 0.05)
    beside &= np.abs(offset @ study.side) < FOR_ONE
    if not beside.any():
        return centre
    low, high = spread(study, beside, study.side)
    if high - low > FOR_ONE:
        return centre
    return centre + ((low + high) / 2 - centre @ study.side) * study.side


def _hole_middles(shape: Shape, seeds: Points) -> Float[np.ndarray, "middles 3"]:
    """Places over a hole: midway between seeds at one height that lie a hole apart."""
    pairs = KDTree(seeds[:, [0, 2]]).query_pairs(0.36, output_type="ndarray")
    first, second = seeds[pairs[:, 0]], seeds[pairs[:, 1]]
    apart = np.linalg.norm((first - second)[:, [0, 2]], axis=1)
    level = (np.abs(first - second)[:, 1] < 0.02) & (apart > 0.22)
    middle = ((first + second) / 2)[level]
    if not len(middle):
        return seeds[:0]
    middle = middle[thin(middle, 0.04)]
    over = KDTree(seeds).query(middle)[0] > 0.07
    return middle[over]


def _legroom(study: Study, seeds: Points) -> Float[np.ndarray, " seeds"]:
    """Nothing before the knees, an edge for the shins, a backrest at the right distance."""
    relief, forward, scale = Relief(study.shape), study.sitting, study.scale
    edge = first_step(relief, seeds, forward, -0.1)
    wall = first_step(relief, seeds, forward, 0.1)
    back = first_step(relief, seeds, -forward, 0.15)
    shins = np.where(edge < EDGE_NEAR * scale, ramp(edge, 0.0, EDGE_NEAR * scale), 1.0)
    shins *= np.clip(1 - (edge - EDGE_FAR * scale) / 0.5, 0.15, 1)
    knees = np.clip(np.minimum(wall, edge + 0.3) / (0.45 * scale), 0.1, 1)
    leans = any(c.region == "backrest" for c in study.plan.contacts)
    behind = np.where(back < 0.6, bump(back, BACK_GAP * scale, 0.12 if leans else 0.25), 0.8)
    shins *= np.where((back < 0.6) | (edge > 0.85), 1.0, bump(edge, PERCH * scale, 0.15))
    return shins * knees * np.clip(behind, 0.15, 1)


def _sideways(study: Study, seeds: Seeds, usable: Mask) -> Float[np.ndarray, " seeds"]:
    """The middle, unless the prompt wants an end."""
    low, high = spread(study, usable, study.side)
    half = max((high - low) / 2, 0.1)
    wish = (
        0.6 * half * (study.says("left end", "left side") - study.says("right end", "right side"))
    )
    width = 0.3 if study.says("middle", "centre", "center") else 0.5
    if study.stance.across and 2 * half > FOR_ONE and (ahead := _along_long(study, half)):
        wish, width = study.stance.across * ahead, 0.15
    offset = seeds @ study.side - (low + high) / 2 - wish
    return bump(offset, 0.0, max(width * half, 0.08))


def _along_long(study: Study, half: float) -> float:
    """Where on a long seat one sits sideways, metres the way one looks, from its middle.

    So that legs that lie on it have room, and such over an armrest come to it.
    """
    parts = {c.part for c in study.plan.contacts}
    if "knees" in parts:
        return max(half - TO_ARMREST * study.scale, 0.0)
    return -min(LEGS_BEHIND * study.scale, half - 0.25) if "left_calf" in parts else 0.0


def seat_place(study: Study) -> Place | None:
    """The seat of this study, found once."""
    if "seat" not in study.known:
        place = find_seat(study, np.ones(len(study.shape.points), bool))
        study.known["seat"] = None if place is None else _slid(study, place)
    return study.known["seat"]


def _slid(study: Study, place: Place) -> Place:
    """Farther forward on the seat for who slumps in it or only perches on it."""
    left = next((SLID[style] for style in study.plan.styles if style in SLID), None)
    if left is None or study.plan.posture != "sit":
        return place
    edge = first_step(Relief(study.shape), place.centre[None], study.sitting, -0.1)[0]
    ahead = float(np.clip(edge - left * study.scale, 0.0, FORWARD * study.scale))
    return Place(place.centre + ahead * study.sitting, place.confidence)


def seat(study: Study, contact: Contact) -> Found:
    """The largest usable patch at sitting height."""
    return on_place(study, contact, seat_place(study))


def on_place(study: Study, contact: Contact, place: Place | None) -> Found:
    """A body part on a sitting place: the buttocks at its centre, the rest around them."""
    if place is None:
        return nothing(study)
    ahead, left = PLACES_ON_SEAT.get(contact.part, (0.0, 0.0))
    ahead = 0.0 if study.plan.posture == "stand" else ahead
    turned = study.plan.relation == "on_top" and float(study.sitting @ study.stance.forward) < 0
    forward = (-1.0 if turned else 1.0) * study.sitting
    if study.stance.across:
        forward = study.stance.across * np.array([1.0, 0.0, 0.0])
    centre = place.centre + study.scale * (ahead * forward + left * np.cross(UP, forward))
    flat = study.shape.points - centre
    level = np.abs(flat[:, 1]) < 0.08
    square = flat[:, 0] ** 2 + flat[:, 2] ** 2
    score = np.exp(-square / 0.15**2) * (square < 0.3**2) * level * ramp(study.shape.up, 0.3, 0.7)
    return Found(score, place.confidence)


def _behind_seat(study: Study, centre: Vector, low: float, high: float) -> Scores:
    shape, forward = study.shape, study.sitting
    offset = shape.points - centre
    facing = ramp(shape.normals @ forward, 0.35, 0.75)
    level = (offset[:, 1] > low * study.scale) & (offset[:, 1] < high * study.scale)
    return facing * level * (offset @ forward < 0.1) * (offset @ forward > -0.75)


TO_ARMREST, LEGS_BEHIND, TWO_LEGS = 0.55, 0.5, 0.19
"""From the buttocks to the outside of an armrest under the knees, and to the middle of what legs
lie along; half of what two legs side by side take, metres."""
HALF_PALM = 0.05
"""The middle of a palm keeps so far from the ends of an edge, metres."""
ALONG_BACK = 0.5
"""From the spine to an arm that is laid along the backrest, metres."""
BACK_HEIGHTS: dict[str, tuple[float, float]] = {
    "lower_back": (0.08, 0.32), "back": (0.1, 0.55), "upper_back": (0.3, 0.6),
    "head": (0.55, 0.9), "nape": (0.5, 0.8),
}  # fmt: skip
"""Where parts of the back meet a backrest, metres above the seat."""


def backrest(study: Study, contact: Contact) -> Found:
    """What rises behind the seat and faces as the person does; its upper edge for hands."""
    place = seat_place(study)
    if place is None:
        return nothing(study)
    if any(word in contact.part for word in ("hand", "arm", "elbow", "buttocks")):
        return _back_edge(study, contact, place)
    low, high = BACK_HEIGHTS.get(contact.part, (0.1, 0.6))
    score = _behind_seat(study, place.centre, low, high)
    if score.max() <= 0:
        score = _behind_seat(study, place.centre, 0.05, 0.9)
    sideways = study.along(study.side) - place.centre @ study.side
    score = score * bump(sideways, 0.0, 0.14) * (np.abs(sideways) < 0.3)
    return Found(score, float(np.clip((score > 0.3).sum() * study.shape.spacing**2 / 0.03, 0, 1)))


def _back_edge(study: Study, contact: Contact, place: Place) -> Found:
    """Hands lie on the backrest's upper edge, whoever stands behind or before it."""
    shape = study.shape
    facing = _backrest_front(study, place)
    if not facing.any():
        return nothing(study)
    top = np.percentile(shape.points[facing, 1], 99)
    near = (shape.points[:, 1] > top - 0.07) & (shape.up > -0.3)
    near &= shape.points[:, 1] < top + 0.12
    low, high = spread(study, near, study.side)
    turn = float(study.stance.left @ study.side) or 1.0
    apart = min(0.2 * study.scale, 0.36 * (high - low))
    goal = (low + high) / 2 + turn * study.lateral(contact) * apart
    if study.plan.posture == "sit" and contact.part != "buttocks":  # An arm laid along it.
        aside = ALONG_BACK * study.scale * study.lateral(contact) * (study.stance.across == 0)
        goal = float(np.clip(place.centre @ study.side + aside, low, high))
    across = study.along(study.side)
    score = near * bump(across, goal, 0.07) * ramp(shape.up, -0.3, 0.6)
    whole = score * ramp(np.minimum(across - low, high - across), 0.0, HALF_PALM * study.scale)
    score = whole if high - low > 4 * HALF_PALM and whole.max() > 0 else score
    return Found(compact(study, score, 0.08), 0.9)


def _backrest_front(study: Study, place: Place) -> Mask:
    offset = study.shape.points - place.centre
    behind = offset @ study.sitting < 0.1
    return behind & (offset[:, 1] > 0.15) & (study.shape.normals @ study.sitting > 0.4)


def armrest(study: Study, contact: Contact) -> Found:
    """A level strip beside the seat, an elbow's height above it, on the body part's side."""
    place, shape = seat_place(study), study.shape
    if place is None:
        return nothing(study)
    offset = shape.points - place.centre
    sideways, ahead = offset @ study.side, offset @ study.sitting
    side = study.lateral(contact) or study.stance.across or 1.0
    level = (shape.up > 0.6) & (shape.clear_up > 0.25)
    height = ramp(offset[:, 1], 0.06, 0.12) * ramp(offset[:, 1], 0.45, 0.32)
    beside = (sideways * side > 0.13) & (ahead > -0.3) & (ahead < 0.55)
    goal, wide = 0.24 if "hand" in contact.part else 0.08, 0.13
    if contact.part == "knees":
        goal, wide = _across_armrest(study, level * height * beside > 0.3, place), 0.07
    score = level * height * beside * bump(ahead, goal * study.scale, wide)
    if "head" in contact.part:
        score = level * height * beside
    if score.sum() * shape.spacing**2 < 2e-4:
        return nothing(study)
    nearest = np.percentile(np.abs(sideways[score > 0.3 * score.max()]), 20)
    score = score * bump(np.abs(sideways), nearest, 0.12)
    return Found(compact(study, score, 0.12), 0.9)


def _across_armrest(study: Study, strip: Mask, place: Place) -> float:
    """Where legs lie across an armrest, ahead of the buttocks: straight beside them, all on it."""
    if not strip.any():
        return 0.0
    low, high = (k - place.centre @ study.sitting for k in spread(study, strip, study.sitting))
    half = min(TWO_LEGS * study.scale, (high - low) / 2)
    return float(np.clip(0.0, low + half, high - half)) / study.scale


def headrest(study: Study, contact: Contact) -> Found:
    """The part of the backrest behind the head."""
    place = seat_place(study)
    if place is None:
        return nothing(study)
    score = _behind_seat(study, place.centre, 0.55, 0.95)
    sideways = study.along(study.side) - place.centre @ study.side
    score = score * bump(sideways, 0.0, 0.1)
    return Found(compact(study, score, 0.15), 0.7 if score.max() > 0 else 0.0)
