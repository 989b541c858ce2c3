"""What is hugged, as far round as arms reach; and what two hands clasp between them."""

import numpy as np
import torch

from ..artefacts import Contact, Grip
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
CLASPED = 0.11, 0.17
"""Widths of what two hands clasp: a thing, and a thing with its handle, metres."""


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


def clasp(study: Study, contact: Contact) -> Grip | None:
    """A hand's half of an upright thing that two hands clasp: a mug, a bottle; None for others."""
    shape, across = study.shape, np.sort(study.shape.extent[[0, 2]])
    height = float(shape.extent[1])
    slim = across[0] < CLASPED[0] and across[1] < CLASPED[1] and height > 0.8 * across[0]
    if not (slim and study.plan.movable and study.beside(contact)):
        return None
    middle = np.median(shape.points, axis=0)
    middle[1] = (shape.low[1] + shape.high[1]) / 2
    out = study.lateral(contact) * study.stance.left
    centre, axis, outward = (torch.tensor(each).float() for each in (middle, UP, out))
    return Grip(centre, axis, outward, float(across[0]) / 2, height, contact.part)


def _shoulder(study: Study, contact: Contact, chest: Vector, side: Vector) -> Vector:
    out = 0.1 * study.stance.toward + ABOVE * UP + SHOULDER * side
    return chest + study.scale * out
