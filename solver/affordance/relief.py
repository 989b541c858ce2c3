"""An object from above: heights, edges and walls on the way."""

import numpy as np
from jaxtyping import Float
from scipy.ndimage import maximum_filter, uniform_filter

from .features import Points, Shape, Vector

GAP = 0.15
"""A narrower drop is a slit, metres."""


class Relief:
    """The object from above: the topmost sample per cell."""

    def __init__(self, shape: Shape) -> None:
        self.cell = max(0.04, 2.2 * shape.spacing)
        flat = shape.points[:, [0, 2]]
        self._low = flat.min(axis=0) - self.cell
        index = ((flat - self._low) / self.cell).astype(int)
        self._top = np.full(index.max(axis=0) + 2, -np.inf)
        np.maximum.at(self._top, (index[:, 0], index[:, 1]), shape.points[:, 1])
        # Cells that no sample fell into by chance, between others, are no holes.
        full = np.isfinite(self._top)
        amid = uniform_filter(full.astype(float), 3, mode="constant") > 0.5
        self._top = np.where(~full & amid, maximum_filter(self._top, 3), self._top)

    def __call__(self, points: Points) -> Float[np.ndarray, " points"]:
        """Height of the object at places, -inf beside it."""
        index = np.floor((points[:, [0, 2]] - self._low) / self.cell).astype(int)
        index = np.clip(index, 0, np.array(self._top.shape) - 1)
        return self._top[index[:, 0], index[:, 1]]


def first_step(
    relief: Relief, points: Points, direction: Vector, rise: float, reach: float = 0.9
) -> Float[np.ndarray, " points"]:
    """Way along a direction until the object's top falls (rise < 0) or climbs by `rise`, metres."""
    places = np.arange(0.03, reach + GAP, 0.03)
    ahead = points[:, None] + places[:, None] * direction
    change = relief(ahead.reshape(-1, 3)).reshape(len(points), -1) - points[:, 1:2]
    hit = change < rise if rise < 0 else change > rise
    if rise < 0:  # A slit between slats or cushions is no edge.
        steps = round(GAP / 0.03)
        lasting = np.lib.stride_tricks.sliding_window_view(hit, steps, axis=1).all(axis=-1)
        hit = np.pad(lasting, ((0, 0), (0, hit.shape[1] - lasting.shape[1])))
    first = np.where(hit.any(axis=1), hit.argmax(axis=1), len(places) - 1)
    return np.minimum(places[first], reach)
