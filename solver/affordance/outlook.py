"""Which way somebody looks who sits on a roof, a wall, a rock with hanging legs: over an edge."""

from dataclasses import replace

import numpy as np

from ..artefacts import Plan
from .features import Mask, Vector, thin
from .relief import Relief, first_step
from .stance import Stance
from .study import UP, Place, Study, ramp

EDGE = 0.45
"""No farther from the edge than this, metres, a seat counts as being at it."""
BEYOND = 0.15
"""How far past the edge the shins hang, metres."""
SHALLOW, SHEER = 0.15, 0.5
"""Drops, metres, under which legs lie rather than hang, and over which they hang freely."""
FAVOUR = (1.0, 0.8, 0.8, 0.6)
"""Of the planned direction, its left, its right, and the opposite one."""
KEPT_UP = ("legs_crossed", "legs_stretched", "one_leg_tucked")


def _unfooted(plan: Plan) -> bool:
    """Sitting, and no foot has a place."""
    feet = any(c.part.endswith(("foot", "feet", "calf", "calves")) for c in plan.contacts)
    return plan.posture == "sit" and not feet


def legs_hang(plan: Plan) -> bool:
    """Whether the legs hang over an edge."""
    return _unfooted(plan) and not set(KEPT_UP) & set(plan.styles)


def drawn_up(plan: Plan) -> bool:
    """Whether the legs are on what is sat on: in its middle, then."""
    return _unfooted(plan) and bool(set(KEPT_UP) & set(plan.styles))


def outlook(study: Study, mask: Mask) -> Study:
    """The study of somebody who looks over the sheerest edge of a surface, if their legs hang.

    A windscreen before a roof is no edge to hang one's legs from; the sides of the roof are.
    """
    if not legs_hang(study.plan) or not mask.any():
        return study
    if "outlook" not in study.known:
        ahead = study.stance.forward
        left = np.cross(UP, ahead)
        ways = (ahead, left, -left, -ahead)
        relief = Relief(study.shape)
        drops = np.array([_drop(study, relief, mask, way) for way in ways])
        merit = np.array(FAVOUR) * ramp(drops, SHALLOW, SHEER)
        best = ways[int(np.argmax(merit))]
        study.known["outlook"] = Place(best, float(np.max(merit)))
    place = study.known["outlook"]
    assert place is not None
    return study if place.confidence <= 0 else _looking(study, place.centre)


def _looking(study: Study, forward: Vector) -> Study:
    turned = Stance(study.stance.toward, forward, np.cross(UP, forward))
    return replace(study, stance=turned)


def _drop(study: Study, relief: Relief, mask: Mask, way: Vector) -> float:
    """How far the object falls a shin's way past a surface's edge, metres; 0 without an edge."""
    points = study.shape.points[mask]
    seeds = points[thin(points, max(0.08, study.shape.spacing))]
    edge = first_step(relief, seeds, way, -0.1)
    seeds, edge = seeds[edge < EDGE], edge[edge < EDGE]
    if not len(seeds):
        return 0.0
    below = relief(seeds + (edge + BEYOND)[:, None] * way)
    below = np.maximum(below, study.shape.floor)
    return float(np.median(seeds[:, 1] - below))
