"""Meshes of Blender as arrays, and what is wrong with them."""

import bpy
import numpy as np
from numpy.typing import NDArray

from .wire import errors


def triangles(mesh: bpy.types.Mesh) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Vertices (V, 3) and triangles (F, 3), local, scene units."""
    mesh.calc_loop_triangles()
    verts = np.empty(len(mesh.vertices) * 3, np.float32)
    mesh.vertices.foreach_get("co", verts)
    faces = np.empty(len(mesh.loop_triangles) * 3, np.int32)
    mesh.loop_triangles.foreach_get("vertices", faces)
    return verts.reshape(-1, 3), faces.reshape(-1, 3)


def check_count(name: str, verts: int, faces: int) -> None:
    """Whether there is a surface.

    Raises:
        SolverError: When there is none.
    """
    if verts == 0:
        raise errors.SolverError(
            f"Object '{name}' has an empty mesh.", remedy="Choose an object with faces."
        )
    if faces < 2:
        counted = "no faces" if faces == 0 else "only one triangle"
        raise errors.SolverError(
            f"Object '{name}' has {counted}, only {verts} vertices.",
            remedy="Choose an object with a surface that a person can touch.",
        )


def check_shape(name: str, verts: NDArray[np.float32], faces: NDArray[np.int32]) -> None:
    """Whether places are numbers and faces have an area.

    Raises:
        SolverError: When they have not.
    """
    bad = int((~np.isfinite(verts).all(axis=1)).sum())
    if bad:
        raise errors.SolverError(
            f"Object '{name}' has {bad} vertices whose position is not a number.",
            remedy="Delete them, or apply or remove the modifier that makes them.",
        )
    extent = float(np.ptp(verts[np.unique(faces)], axis=0).max())
    corners = verts[faces].astype(np.float64)
    edges = corners[:, 1:] - corners[:, :1]
    area = float(np.linalg.norm(np.cross(edges[:, 0], edges[:, 1]), axis=1).sum())
    if area <= 1e-9 * extent**2:
        raise errors.SolverError(
            f"Object '{name}' has faces without any area.",
            remedy="Choose an object with a surface that a person can touch.",
        )
