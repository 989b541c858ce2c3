"""Level faces: tops and their edges, hoods, roofs, undersides."""

import numpy as np

from ..artefacts import Contact
from .features import Mask, Scores
from .outlook import drawn_up, outlook
from .seating import find_seat, on_place
from .study import (
    LOWERED,
    SHOULDER_HEIGHT,
    Found,
    Place,
    Study,
    bump,
    compact,
    hand_lateral,
    nothing,
    ramp,
    smooth_count,
    spread,
)  # fmt: skip

TALLEST_TABLE = 1.35
"""Higher tops are out of a standing person's work, metres."""
INSET: dict[str, tuple[float, float]] = {
    "elbow": (0.08, 0.05), "forearm": (0.2, 0.06), "hand": (0.13, 0.06), "buttocks": (0.16, 0.06),
    "belly": (0.02, 0.03), "foot": (0.12, 0.06),
}  # fmt: skip
"""How far from the near edge a part rests on a top, and its spread, metres."""

BEFORE_ARMS = 0.36
"""How far to a side a hand bears what is too wide to be held around, metres."""
FOREARM = 0.26
"""From a hand at the near edge to one whose elbow is there, metres."""
STURDY = 0.02, 0.1
"""What is thinner above a hand is a foot or a shelf, and bears nothing, metres."""
OVER, ROOM = 0.35, 0.35
"""How far in, metres, beyond that, hands are that bent shoulders are hardly above; and how far
above, metres, they are where arms hang from them."""
HEAD = 0.12
"""Least width of what goes over a head, metres."""
DEEPEST = 0.75
"""Share of a vessel's depth below which its walls are beside a crown."""
BESIDE_HEAD = 0.07
"""From the middle of a shoulder to the head's side, metres."""


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
    if contact.part == "head" and study.plan.relation == "wearing":
        inside = _hollow(study)
        if inside.any():
            return Found(inside.astype(float), 0.8)
    mask = top_mask(study)
    return _on_level(study, contact, mask)


def _hollow(study: Study) -> Mask:
    """The deepest of the walls that look at one another across a vessel whose bottom is hidden.

    Nothing where its bottom can be touched: the crown goes there.
    """
    shape = study.shape
    level, depth = shape.up > 0.85, shape.high[1] - shape.points[:, 1]
    middle = (shape.low + shape.high) / 2
    inward = ((middle - shape.points) * shape.normals)[:, [0, 2]].sum(axis=1) > 0
    wall = inward & (np.abs(shape.up) < 0.6) & (shape.clear_out > HEAD) & (shape.clear_out < 0.5)
    if not wall.any() or (level & (depth > 0.5 * depth[wall].max())).any():
        return np.zeros(len(depth), bool)
    return wall & (depth > DEEPEST * depth[wall].max())


def top_edge(study: Study, contact: Contact) -> Found:
    """The rim of the top on the person's side."""
    mask = top_mask(study)
    seated = "buttocks" in contact.part or "thigh" in contact.part
    if seated and study.plan.posture != "lean":
        return _on_level(study, contact, mask)
    if not mask.any():
        return nothing(study)
    distance = near_edge(study, mask)
    goal = hand_lateral(study, contact, mask)
    if seated:  # Leant against: what faces the person just under the edge belongs to it.
        return _leant_on_edge(study, mask, goal)
    lateral = bump(study.along(study.stance.left), goal, 0.08)
    return Found(compact(study, mask * bump(distance, 0.03, 0.03) * lateral, 0.09), 0.9)


def _leant_on_edge(study: Study, mask: Mask, goal: float) -> Found:
    """The edge itself, seen from the person's side, and not the inside of the top."""
    shape = study.shape
    level = float(np.median(shape.points[mask, 1]))
    toward = study.along(study.stance.toward)
    outermost = float(np.percentile(toward[mask], 99))
    near = (np.abs(shape.points[:, 1] - level) < 0.06) * bump(toward, outermost, 0.02)
    score = near * bump(study.along(study.stance.left), goal, 0.1)
    return Found(compact(study, score, 0.12), 0.8)


def _on_level(study: Study, contact: Contact, mask: Mask) -> Found:
    """A body part on a level surface, an arm's work away from the near edge."""
    if not mask.any():
        return nothing(study)
    if contact.part in ("buttocks", "thighs", "left_thigh", "right_thigh"):
        if drawn_up(study.plan):
            middle = study.shape.points[mask].mean(axis=0)
            return on_place(study, contact, Place(middle, 0.8))
        study = outlook(study, mask)
        return on_place(study, contact, find_seat(study, mask, any_height=True))
    inset, width = next((v for k, v in INSET.items() if contact.part.endswith(k)), (0.15, 0.08))
    if study.plan.relation == "on_top" and contact.part.endswith("foot"):
        return _stood_on(study, contact, mask)
    low, high = spread(study, mask, study.stance.toward)
    inset = min(inset + _stretched_out(study, contact, mask), 0.4 * (high - low))
    score = mask * bump(near_edge(study, mask), inset, width)
    score = score * bump(study.along(study.stance.left), hand_lateral(study, contact, mask), 0.08)
    area = mask.sum() * study.shape.spacing**2
    return Found(compact(study, score, 0.1), float(np.clip(area / 0.02, 0.2, 0.95)))


def _stretched_out(study: Study, contact: Contact, mask: Mask) -> float:
    """How much farther in, metres, hands are: before forearms that lie there, or of who bends over.

    Who bends over something high has the arms stretched ahead.
    """
    if not contact.part.endswith("hand"):
        return 0.0
    arm = [contact.part.replace("hand", part) for part in ("elbow", "forearm")]
    if any(c.part in arm and c.region == contact.region for c in study.plan.contacts):
        return FOREARM * study.scale
    if study.plan.posture != "bend":
        return 0.0
    level = float(np.median(study.shape.height[mask]))
    drop = SHOULDER_HEIGHT - LOWERED["bend"] - level / study.scale
    return OVER * study.scale * float(np.clip((ROOM - drop) / (ROOM - 0.1), 0, 1))


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
    if contact.part.endswith("shoulder"):
        return _on_shoulder(study, contact, below, (low, high))
    goal = (low + high) / 2 + study.lateral(contact) * 0.42 * (high - low) * study.beside(contact)
    width = max(0.25 * (high - low), 0.02)
    score = below * bump(study.along(study.stance.left), goal, width)
    ahead = spread(study, below, study.stance.toward)
    score = score * bump(study.along(study.stance.toward), sum(ahead) / 2, 0.15)
    return Found(compact(study, score, 0.09), 0.85)


def below_arms(study: Study, contact: Contact) -> Found:
    """What is too wide for arms to span is borne from below, about before the shoulders."""
    shape = study.shape
    low, high = spread(study, shape.up < -0.6, study.stance.left)
    aside = min(BEFORE_ARMS * study.scale, 0.42 * (high - low))
    goal = (low + high) / 2 + study.lateral(contact) * aside
    score = (shape.up < -0.6) * ramp(shape.clear_out, 0.03, 0.06)
    score = score * (0.2 + ramp(shape.thickness, *STURDY))
    score = score * bump(study.along(study.stance.left), goal, 0.06)
    return Found(compact(study, score, 0.09), 0.85)


def _on_shoulder(study: Study, contact: Contact, below: Mask, across: tuple[float, float]) -> Found:
    """What lies on a shoulder lies there with the strip that is beside the head."""
    low, high = across
    inner = high if study.lateral(contact) < 0 else low
    aside = np.abs(study.along(study.stance.left) - inner)
    ahead = spread(study, below, study.stance.toward)
    score = below * bump(aside, min(BESIDE_HEAD, (high - low) / 2), 0.03)
    return Found(score * bump(study.along(study.stance.toward), sum(ahead) / 2, 0.08), 0.85)
