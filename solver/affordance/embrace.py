"""Where arms come to around something that is hugged: as far round as they reach."""

import numpy as np

from ..artefacts import Contact
from .features import Vector
from .study import SHOULDER, UP, Found, Study, bump, compact, nothing, ramp

ARM = 0.58
"""From the shoulder to the palm of an arm around something, metres."""
FOREARM = 0.4
"""From the shoulder to the middle of the forearm."""
ABOVE = 0.12
"""Of the shoulders over what the chest touches, metres."""
ROUND = 0.15
"""One that much farther round is e times as good, metres."""
GAP = 0.15
"""No arm is put into a gap narrower than this, metres."""
TRUNK = ("chest", "belly")


def embraces(study: Study, contact: Contact) -> bool:
    """Whether an arm goes around something that stays and that the chest is against."""
    arms = contact.part.endswith(("_hand", "_forearm")) and contact.role == "touch"
    sides = contact.region in ("back", "sides", "front", "left_side", "right_side")
    trunk = any(c.part in TRUNK and c.region != "floor" for c in study.plan.contacts)
    return arms and sides and trunk and not study.plan.movable


def embrace(study: Study, contact: Contact, trunk: Found) -> Found:
    """The farthest places around the object that this arm reaches from where the chest is.

    Args:
        study: The object.
        contact: Of a hand or a forearm.
        trunk: Where the chest or the belly is.
    """
    if trunk.score.max(initial=0.0) <= 0:
        return nothing(study)
    shape = study.shape
    chest = (shape.points * trunk.score[:, None]).sum(axis=0) / trunk.score.sum()
    side = study.lateral(contact) * study.stance.left
    shoulder = _shoulder(study, contact, chest, side)
    length = (ARM if contact.part.endswith("hand") else FOREARM) * study.scale
    way = np.linalg.norm(shape.points - shoulder, axis=1)
    reached = ramp(way, 1.05 * length, 0.9 * length) * (shape.clear_out > GAP)
    aside = (shape.points - chest) @ side
    reached = reached * ramp(aside, 0.0, 0.08 * study.scale)
    reached = reached * bump(shape.points[:, 1], chest[1], 0.15 * study.scale)
    if reached.max() < 0.05:
        return nothing(study)
    deep = -(shape.points @ study.stance.toward)
    around = np.exp((deep - deep[reached > 0.05].max()) / ROUND)
    return Found(compact(study, reached * around, 0.09), 0.85)


def _shoulder(study: Study, contact: Contact, chest: Vector, side: Vector) -> Vector:
    out = 0.1 * study.stance.toward + ABOVE * UP + SHOULDER * side
    return chest + study.scale * out
