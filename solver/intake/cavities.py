"""Sealed cavities are made solid: a hand inside a hollow wardrobe would feel nothing.

The inner skin of a double wall is handled by `winding.outward`. This is for cavities between
separate solids, such as a cabinet built from boards.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ..geometry.grid import Grid

GAP = 0.004
"""Metres: what is reached only through slits of twice this width is sealed."""
SMALLEST = 3e-4
"""Cubic metres, a fist. Smaller cavities hide nothing."""
ROOMY = 0.4
"""Metres: where a ball of this radius fits, a person may be meant to be (a tent, a car)."""


def plugs(grid: Grid) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Closed surfaces, wound outward, that fill sealed cavities to about a cell from the walls."""
    volume = grid.volume[0, 0].permute(2, 1, 0).numpy()
    step = float((grid.high - grid.low)[0]) / (volume.shape[0] - 1)
    label = np.asarray(ndimage.label(volume > max(GAP, 0.6 * step))[0])  # pyright: ignore[reportGeneralTypeIssues]
    count = int(label.max())
    shell = np.ones(volume.shape, dtype=bool)
    shell[1:-1, 1:-1, 1:-1] = False
    open_ = np.zeros(count + 1, dtype=bool)
    open_[np.unique(label[shell])] = True
    open_[0] = True
    size = np.bincount(label.reshape(-1), minlength=count + 1) * step**3
    deepest = np.asarray(ndimage.maximum(volume, label, np.arange(count + 1)))
    sealed = ~open_ & (size > SMALLEST) & (deepest < ROOMY) & (deepest > 3**0.5 * step)
    filled = sealed[label] & (volume > 0.5 * 3**0.5 * step)  # the node's whole cell is empty
    return _blocks(filled, grid.low.double().numpy(), step)


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
