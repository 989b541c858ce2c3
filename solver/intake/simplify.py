"""Fewer faces for speed, where nobody can tell the difference."""

import numpy as np
import torch
from numpy.typing import NDArray

from ..geometry.mesh import Mesh
from ..geometry.surface import Surface
from .clean import Soup, drop_repeats
from .sampling import spread

PLENTY = 400_000
"""Faces up to which a mesh stays as it is."""
WANTED = 250_000
TOLERANCE = 0.0008
"""Metres between the old surface and the new, either way, at the samples that are compared."""
_CHECKED = 20_000


def simplify(soup: Soup, tolerance: float) -> Soup:
    """A mesh with fewer faces that is nowhere farther than `tolerance` from the old one.

    Vertices in one cell of a grid, and facing the same way, become one, at the place that is
    nearest to the planes of their faces (Lindstrom 2000, "Out-of-core simplification"). Cells
    shrink until the samples agree; if they never do, the mesh is returned as it is.

    Args:
        soup: Source units.
        tolerance: Source units.
    """
    old = Mesh(torch.tensor(soup.verts, dtype=torch.float32), torch.from_numpy(soup.faces))
    area, _, _ = _face_planes(soup.verts, soup.faces)
    cell = 2.0 * float(np.sqrt(area.sum() / WANTED))
    some = old.verts[:: max(1, len(old.verts) // _CHECKED)]
    surface, points = Surface(old), torch.cat([spread(old, _CHECKED)[0], some])
    for _ in range(4):
        verts, faces = cluster(soup.verts, soup.faces, cell)
        if len(faces) > 0.8 * len(soup.faces):
            break
        new = Mesh(torch.tensor(verts, dtype=torch.float32), torch.from_numpy(faces))
        there = Surface(new).nearest(points)[0].max()
        back = surface.nearest(spread(new, _CHECKED)[0])[0].max()
        if float(torch.maximum(there, back)) < tolerance:
            return Soup(verts, faces, soup.warnings)
        cell *= 0.6
    return soup


def cluster(
    verts: NDArray[np.float64], faces: NDArray[np.int64], cell: float
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Merge the vertices of each cell that face the same of six ways.

    The two sides of a thin plate stay apart, because they face opposite ways.
    """
    area, normal, offset = _face_planes(verts, faces)
    weighted = normal * area[:, None]
    facing = np.zeros_like(verts)
    for k in range(3):
        for axis in range(3):
            facing[:, axis] += np.bincount(faces[:, k], weighted[:, axis], len(verts))
    axis = np.abs(facing).argmax(axis=1)
    way = axis * 2 + (facing[np.arange(len(verts)), axis] > 0)
    place = np.floor((verts - verts.min(axis=0)) / cell).astype(np.int64)
    key = ((place[:, 0] * 2**20 + place[:, 1]) * 2**20 + place[:, 2]) * 8 + way
    group = np.unique(key, return_inverse=True)[1].reshape(-1)
    merged = group[faces]
    a, b, c = merged.T
    kept = drop_repeats(merged[(a != b) & (b != c) & (a != c)])
    places = _best_places(verts, faces, group, (area, normal, offset), cell)
    used, kept = np.unique(kept, return_inverse=True)
    return places[used], kept.reshape(-1, 3)


def _best_places(
    verts: NDArray, faces: NDArray, group: NDArray, planes: tuple[NDArray, ...], cell: float
) -> NDArray[np.float64]:
    """Per group, the point nearest to the planes of its faces, within a cell of its middle."""
    area, normal, offset = planes
    count = int(group.max()) + 1
    size = np.bincount(group, minlength=count)
    middle = np.stack([np.bincount(group, verts[:, k], count) / size for k in range(3)], axis=1)
    matrix, vector = np.zeros((count, 3, 3)), np.zeros((count, 3))
    for k in range(3):
        home = group[faces[:, k]]
        gap = offset - np.einsum("ij,ij->i", normal, middle[home])
        for i in range(3):
            vector[:, i] += np.bincount(home, area * normal[:, i] * gap, count)
            for j in range(i, 3):
                matrix[:, i, j] += np.bincount(home, area * normal[:, i] * normal[:, j], count)
    matrix = np.triu(matrix) + np.triu(matrix, 1).swapaxes(1, 2)
    trace = np.trace(matrix, axis1=1, axis2=2).clip(1e-30)
    matrix += 1e-3 * trace[:, None, None] * np.eye(3)
    step = np.linalg.solve(matrix, vector[..., None])[..., 0]
    length = np.linalg.norm(step, axis=1, keepdims=True).clip(1e-30)
    return middle + step * np.minimum(1.0, cell / length)


def _face_planes(
    verts: NDArray[np.float64], faces: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Area, unit normal and offset along it, per face."""
    a, b, c = (verts[faces[:, k]] for k in range(3))
    normal = np.cross(b - a, c - a)
    length = np.linalg.norm(normal, axis=1)
    normal /= length[:, None].clip(1e-300)
    return length / 2, normal, np.einsum("ij,ij->i", normal, a)
