"""What is ridden and climbed: saddles, handlebars, pedals, necks, flanks, rungs, rails."""

import numpy as np

from ..artefacts import Contact
from .features import Mask, Scores, thin
from .holding import handle
from .seating import on_place, seat_place
from .study import Found, Place, Study, bump, compact, densest, nothing, ramp, spread
from .uprights import reach_height

SADDLE_HEADROOM, LOWEST_MOUNT = 0.8, 0.3
"""Free height over a saddle; nothing lower is straddled, metres."""
HAND_OVER_FOOT = 1.3
"""From the lower foot to the lower hand of a climber, along the ladder, metres."""
HAND_ON_RAIL, RAISED, HIGHER = 1.15, 0.25, 0.1
"""Of a hand on a rail over the lower foot; how much higher both pull up a ladder; half of how much
the right one is above the left one then, metres."""
DOWN = {"thigh": 0.22, "knee": 0.38, "calf": 0.55, "calve": 0.55, "shin": 0.55, "foot": 0.75}
"""How far below the saddle parts of a rider's leg are at a mount, metres."""
LIFTED, BETWEEN_LEGS, NARROW = 0.13, 0.1, 0.12
"""How much less side-saddle, half of how far apart the legs are then; spread of a saddle across
the middle plane, metres."""


def saddle_place(study: Study) -> Place | None:
    """Where one sits astride: high, in the middle plane, above the middle of what stands."""
    shape = study.shape
    usable = (shape.up > 0.55) & (shape.clear_up > SADDLE_HEADROOM) & (shape.share[:, 1] > 0.45)
    usable &= (np.abs(shape.points[:, 0]) < 0.35) & (shape.height < 2.3)
    if usable.sum() < 8 or shape.high[1] - shape.floor < LOWEST_MOUNT:
        return None
    standing = shape.share[:, 1] <= max(0.12, float(shape.share[:, 1].min()))
    begin, end = np.percentile(shape.points[standing, 2], [2, 98])
    middle, long = (begin + end) / 2, max(float(end - begin), 0.3)
    score = usable * bump(shape.points[:, 0], 0.0, NARROW)
    score = score * bump(shape.points[:, 2], middle, 0.25 * long)
    seeds = np.flatnonzero(score > 0.05 * score.max())
    kept = seeds[thin(shape.points[seeds], max(0.03, shape.spacing))]
    wide = _width(study, usable, kept)
    merit = score[kept] * np.clip(wide / 0.16, 0.1, 1) ** 2
    merit = merit * (0.01 + ramp(shape.height[kept], 0.25, 0.6)) * (0.3 + shape.share[kept, 1])
    best = shape.points[kept[merit.argmax()]]
    near = np.exp(-((shape.points[kept] - best) ** 2).sum(axis=1) / 0.09**2) * merit
    centre = (shape.points[kept] * near[:, None]).sum(axis=0) / near.sum()
    return Place(centre * np.array([0.3, 1.0, 1.0]), 0.85)


def known_saddle(study: Study) -> Place | None:
    """The saddle of this study, found once."""
    if "saddle" not in study.known:
        study.known["saddle"] = saddle_place(study)
    return study.known["saddle"]


def _width(study: Study, usable: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Extent across the middle plane at each kept sample, metres."""
    shape = study.shape
    points = shape.points[usable]
    step = np.array([0.06, max(0.03, 2 * shape.spacing)])
    low = points[:, 1:].min(axis=0)
    cell = np.floor((points[:, 1:] - low) / step).astype(int)
    reach = np.zeros(cell.max(axis=0) + 1)
    np.maximum.at(reach, (cell[:, 0], cell[:, 1]), np.minimum(np.abs(points[:, 0]), 0.2))
    at = np.floor((shape.points[kept, 1:] - low) / step).astype(int)
    return 2 * reach[at[:, 0], at[:, 1]]


def saddle(study: Study, contact: Contact) -> Found:
    """The saddle for what sits on it, its flanks for the thighs."""
    place = known_saddle(study)
    if place is None:
        return seat_as_saddle(study, contact)
    offset = study.shape.points - place.centre
    level = (np.abs(offset[:, 1]) < 0.08) & (study.shape.up > 0.35)
    score = np.exp(-(offset[:, 0] ** 2 / 0.12**2 + offset[:, 2] ** 2 / 0.13**2)) * level
    if contact.part != "buttocks" or not level.any():
        return flank(study, contact)
    kept = np.flatnonzero(score > 0.02)
    wide = _width(study, level, kept)
    weight = np.zeros_like(score)
    weight[kept] = score[kept] * np.clip(wide / np.percentile(wide, 90), 0, 1) ** 2
    return Found(weight, place.confidence)


def seat_as_saddle(study: Study, contact: Contact) -> Found:
    """A seat, where nothing can be straddled."""
    found = on_place(study, contact, seat_place(study))
    return Found(found.score, 0.7 * found.confidence, "no saddle: the seat instead")


def flank(study: Study, contact: Contact) -> Found:
    """The side of a mount below the saddle, on the leg's side; both legs' where one looks."""
    place, shape = known_saddle(study), study.shape
    offset = shape.points - ((shape.low + shape.high) / 2 if place is None else place.centre)
    across, aside = study.stance.across, shape.normals @ study.stance.left
    side = across or study.lateral(contact)
    facing = ramp(aside * side if side else np.abs(aside), 0.2, 0.7)
    goal = next((v for k, v in DOWN.items() if contact.part.rstrip("s").endswith(k)), 0.25)
    down = (goal - LIFTED * abs(across)) * study.scale
    score = facing * bump(offset[:, 1], -down, 0.1) * (shape.clear_out > 0.1)
    ahead = -across * study.lateral(contact) * BETWEEN_LEGS if across else 0.15
    score = score * bump(offset[:, 2], ahead * study.scale, 0.08 if across else 0.15)
    return Found(score * (score > 0.05 * max(score.max(), 1e-9)), 0.7 if score.max() > 0.1 else 0.0)


def handlebar(study: Study, contact: Contact) -> Found:
    """The ends of a bar across the front, high up, on the hand's side."""
    shape = study.shape
    high = ramp(shape.share[:, 1], 0.55, 0.75) * ramp(shape.share[:, 2], 0.5, 0.65)
    rod = ramp(shape.rodness, 0.15, 0.4) * ramp(shape.thickness, 0.09, 0.05)
    score = high * rod * (shape.clear_out > 0.015)
    if score.max() < 0.05:
        return nothing(study)
    aside = shape.points @ study.stance.left
    side = study.lateral(contact)
    widest = np.percentile(np.abs(aside[score > 0.3 * score.max()]), 95)
    score = score * ramp(np.abs(aside), 0.35 * widest, 0.8 * widest)
    score = score * (shape.share[:, 1] > shape.share[score > 0.3 * score.max(), 1].max() - 0.12)
    # A bar is alike on both sides, and so is where the two hands are.
    best = densest(study, score * _straight(study, score > 0.2 * score.max()), 0.06)
    if best is None:
        return nothing(study)
    level, ahead = best[1], best @ study.stance.toward
    out = abs(float(best @ study.stance.left))
    off = np.stack([shape.points[:, 1] - level, shape.points @ study.stance.toward - ahead,
                    np.abs(aside) - out])  # fmt: skip
    score = score * np.exp(-((off / 0.06) ** 2).sum(axis=0))
    score = score * (aside * side > 0) if side else score
    return Found(score, 0.85) if score.max() > 0 else nothing(study)


def _straight(study: Study, wanted: Mask) -> Scores:
    """1 where a rod goes straight across the person's way for a hand's width, less where it bends.

    All normals around lie across a straight rod's axis. A hand takes no rod that the forearm points
    along.
    """
    shape, score = study.shape, np.full(len(study.shape.points), 0.2)
    chosen = np.flatnonzero(wanted)
    seeds = chosen[thin(shape.points[chosen], 0.02)]
    for seed in seeds:
        normals = shape.normals[shape.tree.query_ball_point(shape.points[seed], 0.05)]
        share, axes = np.linalg.eigh(normals.T @ normals / len(normals))
        across = np.abs(axes[:, :1].T @ study.stance.left)
        straight = ramp(share[:1], 0.1, 0.03) * ramp(across, 0.6, 0.85)
        score[seed] += 0.8 * float(straight[0])
    nearest = np.linalg.norm(shape.points[chosen][:, None] - shape.points[seeds], axis=-1)
    score[chosen] = score[seeds[nearest.argmin(axis=1)]]
    return score


def pedal(study: Study, contact: Contact) -> Found:
    """What sticks out low in the middle, on the foot's side; for a hand, where the person is."""
    shape, beside = study.shape, abs(study.stance.toward[0]) > 0.5
    beside = beside and study.plan.facing == "object"
    aside = shape.points @ (study.stance.toward if beside else study.stance.left)
    side = 1.0 if beside else study.lateral(contact) or 1.0
    low = (shape.share[:, 1] > 0.04) & (shape.share[:, 1] < 0.5)
    middle = np.abs(shape.share[:, 2] - 0.5) < 0.25
    zone = low & middle & (aside * side > 0.03)
    if zone.sum() < 12:
        return nothing(study)
    out = aside * side
    furthest = np.percentile(out[zone], 99)
    score = zone * ramp(out, 0.55 * furthest, 0.9 * furthest)
    place = densest(study, score * (0.4 + 0.6 * ramp(shape.up, 0.0, 0.5)), 0.05)
    if place is None:
        return nothing(study)
    offset = np.linalg.norm(shape.points - place, axis=1)
    score = zone * (offset < 0.09) * ramp(out, 0.3 * furthest, 0.6 * furthest)
    return Found(score * ramp(shape.up, -0.2, 0.5), 0.75)


def neck(study: Study, contact: Contact) -> Found:
    """Behind an animal's head: high, before the middle, on the person's side; a guitar's own."""
    shape = study.shape
    if study.plan.movable:
        return handle(study, contact)
    if study.plan.relation == "on_top":
        return _crest(study, contact)
    ahead = bump(shape.share[:, 2], 0.78, 0.08) * bump(shape.share[:, 1], 0.74, 0.08)
    facing = ramp(shape.normals @ study.stance.toward, 0.1, 0.7)
    return Found(compact(study, ahead * facing * (shape.clear_out > 0.1), 0.12), 0.6)


def _crest(study: Study, contact: Contact) -> Found:
    """Before the rider: the upper side of the neck, an arm's length from the saddle."""
    shape = study.shape
    place = known_saddle(study)
    if place is None:
        return nothing(study)
    offset = shape.points - place.centre
    score = ramp(shape.up, 0.1, 0.6) * bump(offset[:, 2], 0.42 * study.scale, 0.08)
    score = score * (np.abs(offset[:, 1]) < 0.5) * (shape.clear_up > 0.3)
    aside = offset @ study.stance.left * study.lateral(contact)
    return Found(compact(study, score * bump(aside, 0.06, 0.05), 0.08), 0.7)


def levels(study: Study) -> np.ndarray:
    """Heights of the treads or rungs of something climbed, lowest first."""
    shape = study.shape
    usable = (shape.up > 0.6) & (shape.clear_up > 0.15) & (np.abs(shape.points[:, 0]) < 0.3)
    height = shape.height[usable]
    if len(height) < 8:
        return np.array([])
    bins = np.arange(0.05, max(height.max(), 0.2) + 0.04, 0.02)
    count, edges = np.histogram(height, bins)
    if not count.any():  # all of it lies on the floor
        return np.array([])
    strong = count > 0.35 * np.percentile(count[count > 0], 90)
    peaks = [
        edges[k] + 0.01
        for k in range(1, len(count) - 1)
        if strong[k] and count[k] >= count[k - 1] and count[k] > count[k + 1]
    ]
    return np.array(peaks)


def steepness(study: Study) -> float:
    """Sine of the slope on which the treads lie: 1 for an upright ladder."""
    shape = study.shape
    heights = levels(study)
    if len(heights) < 2:
        return 1.0
    ends = [heights[0], heights[-1]]
    usable = (shape.up > 0.6) & (np.abs(shape.points[:, 0]) < 0.3)
    depth = [np.median(shape.points[usable & (np.abs(shape.height - h) < 0.03), 2]) for h in ends]
    rise, run = ends[1] - ends[0], float(depth[1] - depth[0])
    return float(rise / max(np.hypot(rise, run), 1e-6))


def rung(study: Study, contact: Contact) -> Found:
    """A tread or rung: low ones for the feet, one step apart; high ones for the hands."""
    shape = study.shape
    if study.plan.posture == "sit" and contact.part.endswith("foot"):
        return footrest(study, contact)
    heights = levels(study)
    if len(heights) == 0:
        return nothing(study)
    step = float(np.median(np.diff(heights))) if len(heights) > 1 else 0.3
    low = heights[np.abs(heights - 0.55).argmin()]
    side = study.lateral(contact)
    seated = study.plan.posture == "sit"  # On one tread; else as in the library:
    goal = low + (step if side > 0 and not seated else 0.0)  # left foot and right hand up.
    if contact.part.endswith("hand"):
        goal = low + HAND_OVER_FOOT * steepness(study) * study.scale + (step if side < 0 else 0.0)
    level = heights[np.abs(heights - goal).argmin()]
    score = bump(shape.height, level, 0.02) * ramp(shape.up, 0.2, 0.7) * (shape.clear_up > 0.1)
    low_x, high_x = spread(study, score > 0.3, study.stance.left)
    aside = side * min(0.11, 0.3 * (high_x - low_x))
    score = score * bump(study.along(study.stance.left), (low_x + high_x) / 2 + aside, 0.06)
    return Found(compact(study, score, 0.08), 0.8)


def rail(study: Study, contact: Contact) -> Found:
    """A long rod at the side, where the hand comes at it from the feet's height."""
    shape = study.shape
    side = study.lateral(contact) or 1.0
    rod = ramp(shape.rodness, 0.15, 0.35) * ramp(shape.thickness, 0.1, 0.06)
    aside = shape.points @ study.stance.left
    out = np.percentile(np.abs(aside), 98)
    score = rod * ramp(aside * side, 0.4 * out, 0.8 * out)
    heights = levels(study)
    ground = heights[np.abs(heights - 0.55).argmin()] if len(heights) else 0.0
    over = _rail_over_foot(study, side)
    goal = ground + over * study.scale if len(heights) else reach_height(study, contact.part)
    score = score * bump(shape.height, goal, 0.08)
    if score.max() < 0.05:
        return nothing(study)
    return Found(compact(study, score, 0.07), 0.8)


def _rail_over_foot(study: Study, side: float) -> float:
    """How high over the lower foot a hand holds the rail, metres, at an adult's stature.

    Up a ladder the hands pull from above, that across from the upper foot higher; down it, and
    standing on it, they hold beside the trunk, as on stairs.
    """
    up = study.plan.posture == "climb" and not {"climb_down", "reach_up"} & {*study.plan.styles}
    steep = float(ramp(np.array([steepness(study)]), 0.7, 0.85)[0])
    return HAND_ON_RAIL + (RAISED - HIGHER * side) * steep * up


def footrest(study: Study, contact: Contact) -> Found:
    """Something level or round for a foot below the seat, before it."""
    shape = study.shape
    place = seat_place(study)
    seat_height = shape.high[1] - shape.floor if place is None else place.centre[1] - shape.floor
    drop = seat_height - shape.height
    reachable = bump(drop, 0.42 * study.scale, 0.09) * ramp(shape.up, 0.2, 0.8)
    middle = np.zeros(3) if place is None else place.centre
    ahead = (shape.points - middle) @ study.sitting
    score: Scores = reachable * ramp(ahead, -0.05, 0.12) * (shape.clear_up > 0.05)
    score = score * (shape.height > 0.06)
    if score.max() < 0.1:
        return nothing(study)
    aside = study.lateral(contact) * 0.08
    score = score * bump(study.along(study.side), float(middle @ study.side) + aside, 0.08)
    return Found(compact(study, score, 0.07), 0.8)
