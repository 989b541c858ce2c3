"""Which way the person stands and looks beside the object, before anything is placed.

All in the object's frame: +Y up, the object's front +Z. A person who looks along +Z has the left
hand toward +X; whoever stands before the object and looks at it has it toward -X.
"""

from dataclasses import dataclass

import numpy as np

from ..artefacts import Plan
from ..vocabulary import Side, side_of
from ..wishes import side_toward
from .features import Vector

SIDES: dict[Side, tuple[float, float, float]] = {
    "front": (0.0, 0.0, 1.0),
    "back": (0.0, 0.0, -1.0),
    "left": (1.0, 0.0, 0.0),
    "right": (-1.0, 0.0, 0.0),
}
"""Where the person is, seen from the object's middle; `left` is the object's own left."""
FACES_ITS_USER = ("keys", "screen")
"""Regions that look at the person even when the thing is held."""


@dataclass(frozen=True)
class Stance:
    """The person's horizontal directions, unit vectors in the object's frame."""

    toward: Vector
    """From the object to the person."""
    forward: Vector
    """Where the person looks."""
    left: Vector
    across: float = 0.0
    """+1 or -1 along x for who looks to the object's left or right, else 0."""

    def lateral(self, part: str) -> float:
        """+1 for a left body part, -1 for a right one, 0 for one in the middle (times `left`)."""
        return {"left": 1.0, "right": -1.0, "both": 0.0}[side_of(part)]


def stance_of(plan: Plan) -> Stance:
    """The directions that the plan's relation and facing imply.

    What is held or worn looks where the person looks, except what has a screen or keys.
    """
    toward = _toward(plan)
    held = plan.relation in ("holding", "wearing")
    forward = -toward if held or plan.facing == "object" else np.array([0.0, 0.0, 1.0])
    if plan.facing == "away" and not held:
        forward = toward
    across = {"left": 1.0, "right": -1.0}.get(plan.facing, 0.0)
    return Stance(toward, forward, np.cross([0.0, 1.0, 0.0], forward), across)


def _toward(plan: Plan) -> Vector:
    side = side_toward(plan)
    if side != "any":
        return np.array(SIDES[side])
    if plan.relation == "beside":
        return np.array(SIDES["left"])
    held = plan.relation in ("holding", "wearing")
    read = any(contact.region in FACES_ITS_USER for contact in plan.contacts)
    return np.array([0.0, 0.0, -1.0 if held and not read else 1.0])
