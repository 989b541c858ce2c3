"""Flat sides of things: tops and their edges, undersides, fronts, sides, screens, keys."""

import numpy as np

from ..artefacts import Contact
from .features import Mask, Scores, Vector
from .seating import find_seat, on_place
from .study import (
    LOWERED,
    Found,
    Study,
    bump,
    compact,
    densest,
    hand_lateral,
    nothing,
    ramp,
    smooth_count,
    spread,
)

TALLEST_TABLE = 1.35
"""Higher tops are out of a standing person's work, metres."""
INSET: dict[str, tuple[float, float]] = {
    "elbow": (0.08, 0.05), "forearm": (0.2, 0.06), "hand": (0.13, 0.06), "buttocks": (0.16, 0.06),
    "belly": (0.02, 0.03), "foot": (0.12, 0.06),
}  # fmt: skip
"""How far from the near edge a part rests on a top, and its spread, metres."""
FRONT_HEIGHT: dict[str, float] = {
    "shoulder": 1.33, "upper_arm": 1.2, "hand": 1.15, "elbow": 1.1, "forearm": 1.12, "head": 1.55,
    "face": 1.55, "chest": 1.22, "belly": 1.0, "upper_back": 1.25, "lower_back": 1.0, "back": 1.15,
    "buttocks": 0.88, "hip": 0.9, "thigh": 0.65, "knee": 0.47, "shin": 0.3, "foot": 0.25,
}  # fmt: skip
"""Where on an upright face a standing part of an adult meets it, metres above the floor."""


def part_value(table: dict[str, float], part: str, other: float) -> float:
    """A table's row for a sided or unsided part."""
    return next((value for name, value in table.items() if part.endswith(name)), other)


def reach_height(study: Study, part: str) -> float:
    """Height at which a part meets an upright thing, metres above the floor."""
    height = part_value(FRONT_HEIGHT, part, 1.1) - LOWERED.get(study.plan.posture, 0.0)
    raised = "reach_up" in study.plan.styles or study.says("overhead", "upper", "highest", "above")
    if raised and part.endswith("hand"):
        height += 0.6
    return max(height, 0.1) * study.scale


def top_mask(study: Study) -> Mask:
    """The largest level surface that faces up, high ones preferred."""
    shape = study.shape
    level = (shape.up > 0.85) & (shape.clear_up > 0.3)
    reachable = level & (shape.height < TALLEST_TABLE * max(study.scale, 1.0))
    level = reachable if reachable.any() else level
    if not level.any():
        level = shape.up > 0.6
    if not level.any():
        return level
    y = shape.points[:, 1]
    bin_size = max(0.02, 0.02 * float(shape.extent[1]))
    area, place = smooth_count(y, level, bin_size)
    rise = (place - y.min()) / max(float(shape.extent[1]), 1e-6)
    best = place[(area * (0.15 + np.clip(rise, 0, 1))).argmax()]
    return level & (np.abs(y - best) < 1.2 * bin_size)


def near_edge(study: Study, mask: Mask) -> Scores:
    """Distance of each sample to the mask's edge on the person's side, straight toward it."""
    toward = study.along(study.stance.toward)
    across = study.along(np.cross([0.0, 1.0, 0.0], study.stance.toward))
    cell = max(0.05, 3 * study.shape.spacing)
    index = np.floor((across - across.min()) / cell).astype(int)
    edge = np.full(index.max() + 1, -np.inf)
    np.maximum.at(edge, index[mask], toward[mask])
    return edge[index] - toward


def top(study: Study, contact: Contact) -> Found:
    """The top, near the edge where the person is; sat on where the buttocks ask for it."""
    mask = top_mask(study)
    return _on_level(study, contact, mask)


def top_edge(study: Study, contact: Contact) -> Found:
    """The rim of the top on the person's side."""
    mask = top_mask(study)
    if "buttocks" in contact.part or "thigh" in contact.part:
        return _on_level(study, contact, mask)
    if not mask.any():
        return nothing(study)
    distance = near_edge(study, mask)
    goal = hand_lateral(study, contact, mask)
    lateral = bump(study.along(study.stance.left), goal, 0.08)
    return Found(compact(study, mask * bump(distance, 0.03, 0.03) * lateral, 0.09), 0.9)


def _on_level(study: Study, contact: Contact, mask: Mask) -> Found:
    """A body part on a level surface, an arm's work away from the near edge."""
    if not mask.any():
        return nothing(study)
    if contact.part in ("buttocks", "thighs", "left_thigh", "right_thigh"):
        return on_place(study, contact, find_seat(study, mask, any_height=True))
    inset, width = next((v for k, v in INSET.items() if contact.part.endswith(k)), (0.15, 0.08))
    if study.plan.relation == "on_top" and contact.part.endswith("foot"):
        return _stood_on(study, contact, mask)
    low, high = spread(study, mask, study.stance.toward)
    inset = min(inset, 0.4 * (high - low))
    score = mask * bump(near_edge(study, mask), inset, width)
    score = score * bump(study.along(study.stance.left), hand_lateral(study, contact, mask), 0.08)
    area = mask.sum() * study.shape.spacing**2
    return Found(compact(study, score, 0.1), float(np.clip(area / 0.02, 0.2, 0.95)))


def _stood_on(study: Study, contact: Contact, mask: Mask) -> Found:
    """A foot on a level surface: side by side in its middle, or one behind the other on a board."""
    left, ahead = study.stance.left, study.stance.forward
    wide, long = spread(study, mask, left), spread(study, mask, ahead)
    side = study.lateral(contact)
    abreast = wide[1] - wide[0] > 0.3 or long[1] - long[0] < 0.4
    aside = side * min(0.11, 0.3 * (wide[1] - wide[0])) if abreast else 0.0
    along = 0.0 if abreast else side * min(0.2, 0.3 * (long[1] - long[0]))
    score = mask * bump(study.along(left), sum(wide) / 2 + aside, 0.06)
    score = score * bump(study.along(ahead), sum(long) / 2 + along, 0.08)
    return Found(score, 0.9)


def hood(study: Study, contact: Contact) -> Found:
    """The level surface before and below the roof, at the object's front."""
    shape = study.shape
    front = shape.points[:, 2] > shape.low[2] + 0.6 * shape.extent[2]
    level = (shape.up > 0.6) & (shape.clear_up > 0.5) & front
    level &= (shape.share[:, 1] > 0.3) & (shape.share[:, 1] < 0.85)
    if level.sum() < 20:
        return nothing(study)
    return _on_level(
        study, contact, level & (shape.points[:, 1] > _main_height(study, level) - 0.15)
    )


def roof(study: Study, contact: Contact) -> Found:
    """The highest large level surface."""
    shape = study.shape
    level = (shape.up > 0.7) & (shape.share[:, 1] > 0.7) & (shape.clear_up > 0.5)
    if level.sum() < 20:
        return top(study, contact)
    return _on_level(
        study, contact, level & (shape.points[:, 1] > _main_height(study, level) - 0.12)
    )


def _main_height(study: Study, mask: Mask) -> float:
    return float(np.median(study.shape.points[mask, 1]))


def underside(study: Study, contact: Contact) -> Found:
    """The lower face: held things are carried by it, near the sides where the hands come from."""
    shape = study.shape
    below = (shape.up < -0.6) & (shape.clear_out > 0.02)
    if contact.part.endswith(("hand", "forearm")) and below.any():
        lowest = shape.points[below, 1].min()
        depth = max(0.03, 0.12 * float(shape.extent[1]))
        below &= shape.points[:, 1] < lowest + depth
    if not below.any():
        below = (shape.up < -0.2) & (shape.share[:, 1] < 0.3)
    if not below.any():
        return nothing(study)
    low, high = spread(study, below, study.stance.left)
    goal = (low + high) / 2 + study.lateral(contact) * 0.42 * (high - low) * study.beside(contact)
    width = max(0.25 * (high - low), 0.02)
    score = below * bump(study.along(study.stance.left), goal, width)
    ahead = spread(study, below, study.stance.toward)
    score = score * bump(study.along(study.stance.toward), sum(ahead) / 2, 0.15)
    return Found(compact(study, score, 0.09), 0.85)


def side_face(study: Study, contact: Contact, direction: Vector) -> Found:
    """A flank of the object: what looks toward `direction`, at a height to hold or to lean on."""
    shape = study.shape
    facing = ramp(shape.normals @ direction, 0.6, 0.85)
    outer = np.percentile(shape.points @ direction, 99)
    facing = facing * ramp(
        outer - shape.points @ direction, 0.5 * np.ptp(shape.points @ direction), 0
    )
    if facing.max() <= 0.05:
        return nothing(study)
    score = facing * _holding_height(study, contact) * study.reach(contact)
    across = np.cross([0.0, 1.0, 0.0], direction)
    begin, end = spread(study, facing > 0.3, across)
    score = score * bump(study.along(across), (begin + end) / 2, max(0.3 * (end - begin), 0.04))
    return Found(compact(study, score, 0.1), 0.85)


def _holding_height(study: Study, contact: Contact) -> Scores:
    """Somewhat below the middle of what is carried, at the hands' height on what stands."""
    shape = study.shape
    if study.plan.movable or shape.extent[1] < 0.6:
        share = 0.35 if study.plan.movable and shape.extent[1] > 0.25 else 0.5
        goal = share * float(shape.extent[1]) + shape.low[1]
        return bump(shape.points[:, 1], goal, max(0.2 * float(shape.extent[1]), 0.03))
    goal = min(reach_height(study, contact.part), 0.85 * float(shape.high[1] - shape.floor))
    return bump(shape.height, goal, 0.12)


def sides(study: Study, contact: Contact) -> Found:
    """The flank on the hand's own side."""
    side = study.lateral(contact) or 1.0
    return side_face(study, contact, side * study.stance.left)


def left_side(study: Study, contact: Contact) -> Found:
    """The flank on the person's left."""
    return side_face(study, contact, study.stance.left)


def right_side(study: Study, contact: Contact) -> Found:
    """The flank on the person's right."""
    return side_face(study, contact, -study.stance.left)


def front(study: Study, contact: Contact) -> Found:
    """What looks toward the object's own front; of a held thing, toward the person."""
    return upright(study, contact, np.array([0.0, 0.0, 1.0]))


def back(study: Study, contact: Contact) -> Found:
    """What looks away from the object's front."""
    return upright(study, contact, np.array([0.0, 0.0, -1.0]))


def upright(study: Study, contact: Contact, direction: Vector) -> Found:
    """A standing face, where the part reaches it from where the person stands."""
    shape = study.shape
    facing = ramp(shape.normals @ direction, 0.5, 0.85) * (shape.clear_out > 0.05)
    if facing.max() <= 0:
        return nothing(study)
    held = study.plan.movable
    goal = 0.5 * float(shape.low[1] + shape.high[1]) - shape.floor
    if not held:
        low, high = np.percentile(shape.height[facing > 0.3], [3, 97])
        goal = float(np.clip(reach_height(study, contact.part), low, high))
    score = facing * bump(shape.height, goal, max(0.07, 0.12 * float(shape.extent[1]) * held))
    lateral = hand_lateral(study, contact, facing > 0.3)
    score = score * bump(study.along(study.stance.left), lateral, 0.1)
    depth = shape.points @ direction
    score = score * ramp(depth, np.percentile(depth[facing > 0.3], 99) - 0.5, depth.max())
    return Found(compact(study, score, 0.1), 0.85)


def largest_plane(study: Study, direction: Vector, least: float) -> Mask:
    """The plane square to a direction that holds most samples."""
    shape = study.shape
    facing = shape.normals @ direction > least
    if not facing.any():
        return facing
    depth = shape.points @ direction
    area, place = smooth_count(depth, facing, 0.015)
    return facing & (np.abs(depth - place[area.argmax()]) < 0.025)


def screen(study: Study, contact: Contact) -> Found:
    """The largest plane that looks forward."""
    shape = study.shape
    tilted = shape.normals[:, 2] > 0.75
    tilted &= shape.clear_out > 0.1
    if not tilted.any():
        return nothing(study)
    low, high = spread(study, tilted, np.array([0.0, 1.0, 0.0]))
    goal = float(np.clip(reach_height(study, contact.part) + shape.floor, low + 0.25 * (high - low),
                         low + 0.7 * (high - low)))  # fmt: skip
    score = tilted * bump(shape.points[:, 1], goal, 0.06)
    score = score * bump(study.along(study.stance.left), hand_lateral(study, contact, tilted), 0.08)
    return Found(compact(study, score, 0.09), 0.9)


def keys(study: Study, contact: Contact) -> Found:
    """The level field below a screen, its half on the hand's side, nearer to the screen."""
    shape = study.shape
    level = (shape.up > 0.8) & (shape.clear_up > 0.08)
    level &= shape.share[:, 1] < 0.6 if shape.extent[1] > 0.1 else shape.up > 0.8
    if not level.any():
        return nothing(study)
    height = np.percentile(shape.points[level, 1], 80)
    level &= np.abs(shape.points[:, 1] - height) < max(0.02, 0.08 * float(shape.extent[1]))
    far, near = spread(study, level, np.array([0.0, 0.0, 1.0]))
    left, right = spread(study, level, study.stance.left)
    goal = (left + right) / 2 + study.lateral(contact) * 0.2 * (right - left)
    score = level * bump(shape.points[:, 2], far + 0.4 * (near - far), 0.15 * (near - far))
    score = score * bump(study.along(study.stance.left), goal, 0.12 * (right - left))
    return Found(score * (score > 0.1), 0.85)


def anywhere(study: Study, contact: Contact) -> Found:
    """What a part can reach: outside, toward the person, at a comfortable height."""
    shape = study.shape
    open_air = shape.clear_out > 0.06
    if not open_air.any():
        open_air = np.ones(len(shape.points), bool)
    if study.plan.movable or float(shape.extent[1]) < 0.35:
        middle = (shape.low + shape.high) / 2
        side = study.lateral(contact) * study.stance.left
        score = open_air * ramp(shape.normals @ side, -0.2, 0.9) if side.any() else open_air * 1.0
        score = score * bump(shape.points[:, 1], middle[1], max(0.25 * shape.extent[1], 0.02))
        return Found(compact(study, score, 0.08), 0.5)
    goal = min(reach_height(study, contact.part), 0.9 * float(shape.high[1] - shape.floor))
    score = open_air * bump(shape.height, goal, 0.15) * ramp(shape.up, -0.7, 0.2)
    score = score * ramp(shape.normals @ study.stance.toward + shape.up, -0.2, 0.6)
    score = score * bump(
        study.along(study.stance.left), hand_lateral(study, contact, open_air), 0.15
    )
    score = score * (0.1 + study.reach(contact))
    centre = densest(study, score, 0.1)
    return nothing(study) if centre is None else Found(compact(study, score, 0.1), 0.5)
