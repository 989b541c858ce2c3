"""Sheets without thickness get one: nothing is inside a sheet, so nothing could sink into it."""

import numpy as np
import torch
from numpy.typing import NDArray

from ..geometry.mesh import Mesh
from ..geometry.surface import Surface
from .sampling import escapes, spread
from .winding import Patches

THICKNESS = 0.003
"""Metres, at most; thinner on things smaller than 30 cm."""
_SAMPLES = 6000


def find_sheets(mesh: Mesh, surface: Surface, patches: Patches) -> NDArray[np.int64]:
    """The open patches that enclose nothing, object frame.

    Either the winding number just behind them says so, or one can look at their inner side from
    above: a bowl, a bin or a bathtub that is drawn as a single skin is hollow. A box without a
    bottom is not: it is taken for solid.
    """
    if patches.closed.all():
        return np.empty(0, dtype=np.int64)
    points, normals, face = spread(mesh, _SAMPLES)
    patch = patches.patch[face.numpy()]
    open_ = torch.from_numpy(~patches.closed[patch])
    points, normals, patch = points[open_], normals[open_], patch[open_.numpy()]
    if not len(points):
        return np.empty(0, dtype=np.int64)
    inward = points - normals * (2e-4 * float(mesh.extent.norm()))
    flat = ~surface.winding_above(inward, 0.75)
    bare = escapes(surface, points, -normals, upward=True, enough=2) >= 2
    size = np.bincount(patch, minlength=len(patches.closed))
    share_flat = np.bincount(patch, weights=flat, minlength=len(size)) / np.maximum(size, 1)
    share_bare = np.bincount(patch, weights=bare, minlength=len(size)) / np.maximum(size, 1)
    return np.flatnonzero((size >= 5) & ((share_flat > 0.5) | (share_bare > 0.4)))


def thicken(
    verts: NDArray[np.float64], patches: Patches, sheets: NDArray[np.int64], thickness: float
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Vertices and faces in which each sheet is a thin solid; its outer side stays where it was.

    Args:
        verts: (V, 3), metres, Y up.
        patches: Faces wound outward.
        sheets: Numbers of the patches to thicken.
        thickness: Metres.
    """
    thin = np.isin(patches.patch, sheets)
    faces, patch = patches.faces[thin], patches.patch[thin]
    faces = _upper_side_out(verts, faces, patch)
    # A vertex that two sheets share moves differently with each.
    key, inverse = np.unique(faces * (patch.max() + 1) + patch[:, None], return_inverse=True)
    corner = inverse.reshape(-1, 3)
    outer = key // (patch.max() + 1)
    inner = verts[outer] - thickness * _miters(verts, faces, corner, len(outer))
    below = len(verts) + corner
    start, end = _rim(corner)
    sides = np.concatenate(
        [
            np.stack([outer[end], outer[start], len(verts) + start], axis=1),
            np.stack([outer[end], len(verts) + start, len(verts) + end], axis=1),
        ]
    )
    solid = np.concatenate([patches.faces[~thin], faces, below[:, ::-1], sides])
    return np.concatenate([verts, inner]), solid


def _upper_side_out(
    verts: NDArray[np.float64], faces: NDArray[np.int64], patch: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Level sheets, such as a table top or a rug, get their upper side as the outside."""
    a, b, c = (verts[faces[:, k]] for k in range(3))
    vectors = np.cross(b - a, c - a)
    count = patch.max() + 1
    up = np.bincount(patch, weights=vectors[:, 1], minlength=count)
    area = np.bincount(patch, weights=np.linalg.norm(vectors, axis=1), minlength=count)
    return np.where((up < -0.7 * area)[patch][:, None], faces[:, ::-1], faces)


def _miters(
    verts: NDArray[np.float64], faces: NDArray[np.int64], corner: NDArray[np.int64], count: int
) -> NDArray[np.float64]:
    """Per corner of a sheet, the way that moves all its faces outward by about one unit."""
    a, b, c = (verts[faces[:, k]] for k in range(3))
    normals = np.cross(b - a, c - a)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True).clip(1e-30)
    total = np.zeros((count, 3))
    for k in range(3):
        np.add.at(total, corner[:, k], normals)
    length = np.linalg.norm(total, axis=1).clip(1e-12)
    ways = total / length[:, None]
    valence = np.bincount(corner.reshape(-1), minlength=count)
    return ways / np.clip(length / valence, 0.4, 1.0)[:, None]  # |mean normal| = cosine of the bend


def _rim(corner: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Directed edges that no other face walks the other way."""
    start, end = corner.T.reshape(-1), corner[:, [1, 2, 0]].T.reshape(-1)
    size = int(corner.max()) + 1
    single = ~np.isin(start * size + end, end * size + start)
    return start[single], end[single]
