"""Y up <-> Z up, metres <-> scene units: the only place that knows both.

`scene` is the solver's frame of the user's scene: right-handed, Y up, metres. `blender` is
Blender's world: right-handed, Z up, in units of `unit` metres (`unit_settings.scale_length`).
"""

import numpy as np
from numpy.typing import NDArray

BLENDER_FROM_SCENE: NDArray[np.float64] = np.array(
    [[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]]
)
"""(x, y, z) -> (x, -z, y). Every bone's rest rotation is this matrix, so that SMPL-H's local
rotations are the bones' own."""


def to_scene(points: NDArray[np.floating], unit: float = 1.0) -> NDArray[np.floating]:
    """Points (N, 3) of Blender's world, seen from the solver's scene frame, metres."""
    return np.stack([points[:, 0], points[:, 2], -points[:, 1]], axis=1) * points.dtype.type(unit)


def to_blender(points: NDArray[np.floating], unit: float = 1.0) -> NDArray[np.floating]:
    """Points (..., 3) of the solver's scene frame, metres, seen from Blender's world."""
    return np.stack([points[..., 0], -points[..., 2], points[..., 1]], axis=-1) / unit


def motion_to_blender(T_scene_source: NDArray[np.floating], unit: float = 1.0) -> NDArray:
    """A similarity (4, 4) of the scene frame as the same motion of Blender's world."""
    moved = np.eye(4)
    turn = BLENDER_FROM_SCENE
    moved[:3, :3] = turn @ T_scene_source[:3, :3] @ turn.T
    moved[:3, 3] = turn @ T_scene_source[:3, 3] / unit
    return moved
