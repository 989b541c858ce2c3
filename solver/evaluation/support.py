"""C2: how much of its weight a body at rest, or a held object, does not rest on anything."""

from ..geometry.mesh import Mesh
from ..statics import body_support, hold_support
from .balance import bearing, overhang
from .shown import MILLIMETRES, Shown

MOVING = ("walk",)
"""Postures that are no rest: nobody carries a step."""


def support_numbers(shown: Shown, *, movable: bool, posture: str) -> dict[str, float]:
    """Residual wrench over the weight, 0 at rest and 1 in the air; centre of mass over support.

    A held object carries nobody, and is itself asked whether the person carries it. Obstacles
    carry nothing here.

    Args:
        shown: Person and object.
        movable: The person holds the object.
        posture: Of the person.
    """
    body = Mesh(shown.verts, shown.faces)
    surface, T = shown.solid.surface, shown.solid.T_world_object
    numbers = {"overhang_mm": MILLIMETRES * overhang(shown, bearing(shown, movable))}
    if posture not in MOVING:
        carried = body_support(body, shown.floor, None if movable else surface, T)
        numbers |= {
            "support_residual": carried.residual,
            "support_force": carried.force,
            "support_torque": carried.torque,
        }
    if movable:
        numbers["hold_residual"] = hold_support(surface, T, body, shown.floor).residual
    return numbers
