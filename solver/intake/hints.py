"""What the user says about an object before it is measured."""

from dataclasses import dataclass

from ..bounds import Front, Placement


@dataclass(frozen=True)
class Hints:
    """How to read the vertices that were handed over."""

    placement: Placement = "keep"
    """`keep`: metres, Y up, where it stands. `estimate`: unit, up axis and front are guessed."""
    front: Front = "auto"
    floor: float | None = None
    """Height of the floor in the scene, metres; None: the object stands on it."""
