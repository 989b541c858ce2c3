"""Evenly spread samples of the part of a surface that can be touched."""

import itertools
from collections.abc import Callable

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..geometry.mesh import Mesh, area_vectors
from ..geometry.rays import ways_out
from ..geometry.surface import Surface

SPACING = 0.0115
"""Metres between samples."""
FEWEST, MOST = 6_000, 40_000
_AT_ONCE = 4_000
"""Points that are asked between two ticks."""


def reachable_samples(
    mesh: Mesh, surface: Surface, tick: Callable[[], None] = lambda: None
) -> tuple[Float[Tensor, "points 3"], Float[Tensor, "points 3"]]:
    """Area-uniform points with outward normals, where one can touch it from outside.

    `tick` is called between pieces of the work; it may raise `Cancelled`.
    """
    area = float(area_vectors(mesh.verts, mesh.faces).norm(dim=-1).sum())
    count = int(np.clip(area / SPACING**2, FEWEST, MOST))
    points, normals, _ = spread(mesh, count)
    open_ = escapes(surface, points, normals, enough=2, tick=tick) >= 2
    if open_.sum() < 0.02 * count:  # e.g. an object inside its own closed box: keep what there is
        return points, normals
    return points[open_], normals[open_]


def spread(
    mesh: Mesh, count: int
) -> tuple[Float[Tensor, "points 3"], Float[Tensor, "points 3"], Int[Tensor, " points"]]:
    """Points spread evenly by area, always the same ones; the normals of their faces, the faces.

    Faces are visited along a space-filling curve at equal steps of area, and within a face by a
    low-discrepancy sequence, so that neither large nor tiny faces leave gaps.
    """
    vectors = area_vectors(mesh.verts, mesh.faces)
    areas = vectors.norm(dim=-1)
    middle = mesh.verts[mesh.faces].mean(dim=1)
    order = torch.from_numpy(np.argsort(_morton(middle.numpy()), kind="stable"))
    total = areas[order].double().cumsum(dim=0)
    step = (torch.arange(count, dtype=torch.float64) + 0.5) / count * total[-1]
    face = order[torch.searchsorted(total, step).clamp(max=len(order) - 1)]
    number = torch.arange(count, dtype=torch.float64)
    u, v = (0.5 + number * 0.7548776662466927) % 1, (0.5 + number * 0.5698402909980532) % 1
    fold = u + v > 1
    u, v = (
        torch.where(fold, 1 - u, u).float()[:, None],
        torch.where(fold, 1 - v, v).float()[:, None],
    )
    a, b, c = mesh.verts[mesh.faces[face]].unbind(dim=1)
    normals = torch.nn.functional.normalize(vectors[face], dim=-1)
    return a + u * (b - a) + v * (c - a), normals, face


def escapes(
    surface: Surface,
    points: Float[Tensor, "points 3"],
    normals: Float[Tensor, "points 3"],
    *,
    upward: bool = False,
    enough: int = 26,
    tick: Callable[[], None] = lambda: None,
) -> Float[Tensor, " points"]:
    """How many of 26 directions, or the upward ones only, lead from the surface to infinity.

    Points from which `enough` do are asked no more.
    """
    size = float((points.amax(dim=0) - points.amin(dim=0)).norm())
    start = points + normals * (5e-4 * size)
    ways = directions()
    if upward:
        ways = ways[ways[:, 1] > 0.5]
    free = points.new_zeros(len(points))
    for some in torch.arange(len(points)).split(_AT_ONCE):
        free[some] = ways_out(surface, start[some], normals[some], ways, enough).float()
        tick()
    return free


def directions() -> Float[Tensor, "26 3"]:
    """Unit vectors to the neighbours of a cell of a grid."""
    cells = [cell for cell in itertools.product((-1.0, 0.0, 1.0), repeat=3) if any(cell)]
    return torch.nn.functional.normalize(torch.tensor(cells), dim=-1)


def _morton(points: np.ndarray) -> np.ndarray:
    """Place along a space-filling curve of 1024 cells per side."""
    low, high = points.min(axis=0), points.max(axis=0)
    cell = ((points - low) / max(float((high - low).max()), 1e-30) * 1023).astype(np.int64)
    for shift, mask in ((16, 0x30000FF), (8, 0x300F00F), (4, 0x30C30C3), (2, 0x9249249)):
        cell = (cell | (cell << shift)) & mask
    return cell[:, 0] | (cell[:, 1] << 1) | (cell[:, 2] << 2)
