"""Moving the target by a similarity of the world."""

import bpy
import numpy as np
from mathutils import Matrix
from numpy.typing import NDArray

from .frames import motion_to_blender

STILL = 1e-6
"""Entries of a motion closer to the identity than this mean: not moved."""
EXACT = 1e-4
"""Relative deviation from the wanted place that needs a word."""


def moves(motion: NDArray[np.floating]) -> bool:
    """Whether a motion of the scene does anything."""
    return bool(np.abs(motion - np.eye(4)).max() > STILL)


def placed(world: Matrix, motion: NDArray[np.floating], unit: float) -> Matrix:
    """Where an object at `world` goes: Blender's world, scene units."""
    return Matrix(motion_to_blender(motion, unit).tolist()) @ world


def place(obj: bpy.types.Object, world: Matrix) -> str:
    """Put an object at a world matrix; its parent and mesh stay as they are.

    Returns:
        A sentence when constraints, drivers, animation or a sheared parent hold it elsewhere.
    """
    obj.matrix_world = world
    bpy.context.view_layer.update()
    wanted, got = np.array(world), np.array(obj.matrix_world)
    if np.abs(wanted - got).max() > EXACT * max(1.0, float(np.abs(wanted).max())):
        return (
            f"'{obj.name}' could not be moved into the hand exactly: "
            "a constraint, a driver or its parent's scale holds it."
        )
    return ""
