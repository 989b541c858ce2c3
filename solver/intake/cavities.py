"""Sealed cavities are made solid: a hand inside a hollow wardrobe would feel nothing.

The inner skin of a double wall is handled by `winding.outward`. This is for cavities between
separate solids, such as a cabinet built from boards.
"""

from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage

from ..geometry.grid import Grid
from ..geometry.mesh import Mesh
from ..geometry.surface import Surface

GAP = 0.004
"""Metres: what is reached only through slits of twice this width is sealed."""
SMALLEST = 3e-4
"""Cubic metres, a fist. Smaller cavities hide nothing."""
ROOMY = 0.4
"""Metres: where a ball of this radius fits, a person may be meant to be (a tent, a car)."""


def sealed_nodes(grid: Grid) -> NDArray[np.bool_]:
    """The nodes of a grid, x y z, that lie in sealed cavities and not close to a wall."""
    volume = grid.volume[0, 0].permute(2, 1, 0).numpy()
    step = _step(grid)
    label = np.zeros(volume.shape, dtype=np.int32)
    count = int(ndimage.label(volume > max(GAP, 0.6 * step), output=label))  # pyright: ignore[reportArgumentType]
    border = np.ones(volume.shape, dtype=bool)
    border[1:-1, 1:-1, 1:-1] = False
    open_ = np.zeros(count + 1, dtype=bool)
    open_[np.unique(label[border])] = True
    open_[0] = True
    size = np.bincount(label.reshape(-1), minlength=count + 1) * step**3
    sealed = ~open_ & (size > SMALLEST)
    rooms = np.flatnonzero(sealed)  # Mostly none, and where they are deepest takes long to ask.
    deepest = np.asarray(ndimage.maximum(volume, label, rooms) if len(rooms) else [])
    sealed[rooms] = (deepest < ROOMY) & (deepest > 3**0.5 * step)
    return sealed[label] & (volume > 0.5 * 3**0.5 * step)  # the node's whole cell is empty


def plugged(mesh: Mesh, grid: Grid, filled: NDArray[np.bool_]) -> Mesh:
    """The mesh with closed surfaces, wound outward, around the cells of the given nodes."""
    verts, faces = _blocks(filled, grid.low.double().numpy(), _step(grid))
    return Mesh(
        torch.cat([mesh.verts, torch.tensor(verts, dtype=torch.float32)]),
        torch.cat([mesh.faces, torch.from_numpy(faces + len(mesh.verts))]),
    )


def remeasured(grid: Grid, surface: Surface, filled: NDArray[np.bool_]) -> Grid:
    """The grid with the distances in and around the given nodes asked for again."""
    near = torch.from_numpy(ndimage.binary_dilation(filled, iterations=3))
    volume = grid.volume[0, 0].permute(2, 1, 0).clone()
    volume[near] = surface.query(grid.low + _step(grid) * near.nonzero())[0]
    return replace(grid, volume=volume.permute(2, 1, 0)[None, None].contiguous())


def _step(grid: Grid) -> float:
    return float((grid.high - grid.low)[0]) / (grid.volume.shape[-1] - 1)


def _blocks(
    filled: NDArray[np.bool_], low: NDArray[np.float64], step: float
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The outside of all cells around the filled nodes."""
    corners = []
    padded = np.pad(filled, 1)
    for axis in range(3):
        for way in (1, -1):
            bare = filled & ~np.roll(padded, -way, axis)[1:-1, 1:-1, 1:-1]
            cell = np.argwhere(bare)[:, None].astype(float)
            across, up = np.eye(3)[(axis + 1) % 3] / 2, np.eye(3)[(axis + 2) % 3] / 2
            ring = np.stack([-across - up, across - up, across + up, up - across])[::way]
            corners.append(cell + np.eye(3)[axis] * way / 2 + ring)
    quads = np.concatenate(corners)
    places, index = np.unique(np.rint(quads.reshape(-1, 3) * 2), axis=0, return_inverse=True)
    a, b, c, d = index.reshape(-1, 4).T
    faces = np.concatenate([np.stack([a, b, c], axis=1), np.stack([a, c, d], axis=1)])
    return low + step * places / 2, faces.astype(np.int64)
