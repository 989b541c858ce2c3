"""Upright faces: fronts, backs, sides, screens; keys; and whatever can be reached."""

import numpy as np
import torch

from ..artefacts import Contact
from .features import Mask, Scores, Vector
from .seating import seat_place
from .study import (
    LOWERED,
    SHOULDER,
    UP,
    Found,
    Study,
    bump,
    compact,
    densest,
    hand_lateral,
    nothing,
    ramp,
    spread,
)  # fmt: skip
from .tops import below_arms

FRONT_HEIGHT: dict[str, float] = {
    "shoulder": 1.33, "upper_arm": 1.2, "hand": 1.15, "elbow": 1.1, "forearm": 1.12, "head": 1.55,
    "ear": 1.5, "face": 1.55, "chest": 1.22, "belly": 1.0, "upper_back": 1.25, "lower_back": 1.0,
    "back": 1.15, "buttocks": 0.88, "hip": 0.9, "thigh": 0.65, "knee": 0.47, "shin": 0.3,
    "foot": 0.25,
}  # fmt: skip
"""Where on an upright face a standing part of an adult meets it, metres above the floor."""


ASIDE = ("beside", "left", "right")
"""Relations of somebody who has a flank of the object before them."""
SPAN = 0.3
"""How far above or below where a part goes, metres, what is there may jut out before it."""
KNUCKLES = 0.05
"""A palm whose fingers hook under an edge is that far above it, metres."""
FLANK_DEPTH = 0.12
"""What is that far inside of the outermost of a flank is none of it, metres."""
WIDE = 0.9
"""Wider things no adult holds by both sides with bent arms, metres."""
PALM, HAND = 0.12, 0.09
"""From the middle of an upright palm, which pushes, and of the hand, to the fingertips, metres."""
FLANK = ("shoulder", "upper_arm", "hip")
"""Parts with which one leans: the whole body is turned to bring them to it."""
TRUNK = ("chest", "belly", "back", "upper_back", "lower_back", "buttocks")
TRUNK_RADIUS = 0.17
"""Half the width of a trunk, metres."""


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
    flank = (facing > 0.3) & (shape.points @ direction > outer - FLANK_DEPTH * study.scale)
    score = facing * _holding_height(study, contact, flank) * study.reach(contact)
    across = np.cross([0.0, 1.0, 0.0], direction)
    begin, end = spread(study, facing > 0.3, across)
    inward = -study.lateral(contact) * study.stance.left
    way = inward if abs(direction @ study.stance.toward) > 0.5 else study.stance.forward
    ahead = _along_the_arm(study, contact) * float(across @ way)
    ahead = float(np.clip(ahead, -0.3 * (end - begin), 0.3 * (end - begin)))
    score = score * bump(
        study.along(across), (begin + end) / 2 + ahead, max(0.3 * (end - begin), 0.04)
    )
    return Found(compact(study, score, 0.1), 0.85)


def _holding_height(study: Study, contact: Contact, flank: Mask) -> Scores:
    """Somewhat below the middle of what is carried, at the hands' height on what stands.

    Who lifts a thing from the floor has the fingers under its lower edge.
    """
    shape = study.shape
    if study.plan.movable and study.plan.hold_height == "floor" and "lift" in study.plan.styles:
        return bump(shape.points[:, 1], shape.low[1] + KNUCKLES * study.scale, 0.03)
    if study.plan.movable or shape.extent[1] < 0.6:
        share = 0.35 if study.plan.movable and shape.extent[1] > 0.25 else 0.5
        goal = share * float(shape.extent[1]) + shape.low[1]
        if flank.any():  # Of a table only the top is that far out.
            goal = float(np.clip(goal, *np.percentile(shape.points[flank, 1], [3, 97])))
        return bump(shape.points[:, 1], goal, max(0.2 * float(shape.extent[1]), 0.03))
    goal = min(reach_height(study, contact.part), 0.85 * float(shape.high[1] - shape.floor))
    return bump(shape.height, goal, 0.12)


def _along_the_arm(study: Study, contact: Contact) -> float:
    """The hand of an arm that clasps a side lies farther from the person than its forearm."""
    forearm = contact.part.endswith("forearm")
    if not forearm and not contact.part.endswith("hand"):
        return 0.0
    other = contact.part.replace("forearm", "hand") if forearm else contact.part[:-4] + "forearm"
    clasped = any(c.part == other and c.region == contact.region for c in study.plan.contacts)
    return clasped * (-0.11 if forearm else 0.11) * study.scale


def sides(study: Study, contact: Contact) -> Found:
    """The flank on the hand's own side; the rope beside somebody who sits.

    Hands that hold what is wide are under it. Of what stands it is the flank before whoever is
    beside it, unless two arms clasp it.
    """
    side = study.lateral(contact) or 1.0
    wide = float(np.abs(study.stance.left) @ study.shape.extent) > WIDE * study.scale
    if wide and study.plan.movable and contact.role == "grasp" and study.beside(contact):
        under = below_arms(study, contact)
        if under.score.max(initial=0.0) > 0:
            return under
    if study.plan.posture == "sit" and contact.part.endswith("hand"):
        beside = ropes(study, side)
        if beside.score.max(initial=0.0) > 0.05:
            return beside
    if not study.plan.movable and study.plan.relation in ASIDE and not study.beside(contact):
        return side_face(study, contact, study.stance.toward)
    return side_face(study, contact, side * study.stance.left)


def ropes(study: Study, side: float) -> Found:
    """What is thin and upright beside the seat, at the height of a sitter's chest."""
    shape, place = study.shape, seat_place(study)
    if place is None:
        return nothing(study)
    offset = shape.points - place.centre
    aside, ahead = offset @ study.side * side, np.abs(offset @ study.sitting)
    thin = ramp(shape.thickness, 0.08, 0.04) * ramp(np.abs(shape.up), 0.5, 0.2)
    score = thin * bump(offset[:, 1], 0.4 * study.scale, 0.1) * (ahead < 0.2)
    score = score * (aside > 0.12) * (aside < 0.45)
    return Found(compact(study, score, 0.08), 0.8)


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
    faces = facing > 0.3 * facing.max()  # a slope has no face that looks straight ahead
    held = study.plan.movable
    pushes = contact.role == "support"
    goal = high = 0.5 * float(shape.low[1] + shape.high[1]) - shape.floor
    if not held:
        low, high = np.percentile(shape.height[faces], [3, 97])
        if contact.part.endswith("hand"):  # All of a palm is on it.
            high = max(low, high - (PALM if pushes else HAND) * study.scale)
        goal = float(np.clip(reach_height(study, contact.part), low, high))
    width = max(0.07, 0.12 * float(shape.extent[1]) * held)
    if not held and contact.part.endswith("hand") and pushes and goal == high:
        width = 0.25 * PALM * study.scale  # One pushes with more than the fingertips.
    score = facing * bump(shape.height, goal, width)
    near = faces & (np.abs(shape.height - goal) < SPAN)  # What juts out elsewhere is no front.
    near = near if near.any() else faces
    lateral = hand_lateral(study, contact, near, turned=contact.part.endswith(FLANK))
    score = score * bump(study.along(study.stance.left), lateral, 0.1)
    if contact.part in TRUNK and not held:
        roomy = score * room_for_trunk(study, direction)
        score = roomy if roomy.max() > 0.05 * score.max() else score
    depth = shape.points @ direction
    outermost = np.percentile(depth[near], 99)
    score = score * ramp(depth, outermost - 0.5, outermost)
    return Found(compact(study, score, 0.1), 0.85)


def room_for_trunk(study: Study, direction: Vector) -> Scores:
    """1 where a trunk can stand against the place, 0 in a gap that is too narrow for it."""
    radius = TRUNK_RADIUS * study.scale
    middle = study.shape.points + (radius + 0.02) * direction
    aside = SHOULDER * study.scale * np.cross(UP, direction)
    clear = [
        ramp(study.item.grid(torch.from_numpy(place).float()).numpy(), 0.6 * needed, 0.8 * needed)
        for place, needed in (
            (middle, radius), (middle + aside, 0.5 * radius), (middle - aside, 0.5 * radius),
        )
    ]  # fmt: skip
    return np.minimum(np.minimum(clear[0], clear[1]), clear[2])


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
