"""Which side of every surface is free: a distance whose sign a flood decides.

Scenes are sheets, open boxes, doubled walls and closed rooms with people inside: their orientation
and winding numbers mean nothing. What counts is where one can get to. A flood through the nodes of
a grid that no surface is near finds that; whatever it does not reach is solid, or behind a wall.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from scipy.ndimage import label
from torch import Tensor

from .grid import Grid
from .surface import Surface

STEP = 0.05
"""Metres between nodes; more in boxes so large that `MOST` nodes do not suffice."""
MOST = 96
"""Nodes along the longest side."""
REACH = 0.5
"""Distances are not followed farther than this, metres."""
AROUND = 0.15
"""The flood begins within this distance, metres, of the box that is known to lie in the free."""
ALIKE = 0.5
"""Regions with this share of the best one's nodes around the box are free too: a door has two."""
ROUNDS = 3
"""How often freedom is passed on, by sight, among nodes close to a surface."""
HAIR = 1e-4
"""Metres before a point at which a line of sight ends: the point may lie on the surface."""


@dataclass(frozen=True)
class FreeSpace:
    """Distances to a scene's surfaces, positive where one can get to."""

    surface: Surface
    grid: Grid
    """Signed; for the inner loop, off by up to half its step beside thin things."""
    free: Bool[Tensor, "x y z"]
    """Nodes of the grid that can be reached."""
    step: float

    def query(
        self, points: Float[Tensor, "*batch 3"]
    ) -> tuple[Float[Tensor, "*batch"], Float[Tensor, "*batch 3"], Int[Tensor, "*batch"]]:
        """Signed distance (metres, negative where one cannot get to), closest point, its face.

        A point is free when it can be seen from a free node of its cell. Outside the grid all is.
        """
        distance, nearest, face = self.surface.nearest(points)
        flat, size = points.detach().reshape(-1, 3), distance.reshape(-1)
        inside = ((flat >= self.grid.low) & (flat <= self.grid.high)).all(dim=-1)
        known = torch.ones_like(inside)
        known[inside] = self._in_sight(flat[inside], size[inside])
        return torch.where(known.view(distance.shape), distance, -distance), nearest, face

    def _in_sight(
        self, points: Float[Tensor, "points 3"], distance: Float[Tensor, " points"]
    ) -> Bool[Tensor, " points"]:
        top = torch.tensor(self.free.shape, device=points.device) - 1
        corner = ((points - self.grid.low) / self.step).floor().long().clamp(min=0)
        seen = torch.zeros(len(points), dtype=torch.bool, device=points.device)
        for k in range(8):
            node = (corner + torch.tensor([k & 1, k >> 1 & 1, k >> 2])).minimum(top)
            asked = self.free[node[:, 0], node[:, 1], node[:, 2]] & ~seen
            start = self.grid.low + self.step * node[asked]
            way = points[asked] - start
            # A ball without a surface in it is a line of sight too.
            clear = way.norm(dim=-1) < distance[asked]
            clear[~clear] = _clear(self.surface, start[~clear], way[~clear])
            seen[asked] = clear
        return seen


def _clear(
    surface: Surface, start: Float[Tensor, "rays 3"], way: Float[Tensor, "rays 3"]
) -> Bool[Tensor, " rays"]:
    """Whether nothing stands between each start and its end, up to a hair before the end."""
    length = way.norm(dim=-1)
    met, face = surface.cast(start, way / length.clamp(min=1e-9)[:, None], REACH)
    return (face < 0) | (met > length - HAIR)


def find_free(
    surface: Surface,
    box: tuple[Float[Tensor, "3"], Float[Tensor, "3"]],
    known: tuple[Float[Tensor, "3"], Float[Tensor, "3"]],
    tick: Callable[[], None] = lambda: None,
) -> FreeSpace:
    """Flood the free space of a box.

    Args:
        surface: Every surface that reaches into the box, in any orientation.
        box: Lower and upper corner of what matters, metres.
        known: Corners of a box that lies in the free, at least mostly: the object's own.
        tick: Called between pieces of the work; may raise `Cancelled`.
    """
    low, high = box
    step = max(STEP, float((high - low).max()) / MOST)
    distance = _distances(surface, low, high, step)
    tick()
    free = _flooded(distance, low, step, known)
    tick()
    for _ in range(ROUNDS):
        _pass_on(surface, free, distance, low, step)
        tick()
    volume = torch.where(free, distance, -distance).permute(2, 1, 0)[None, None].contiguous()
    top = low + step * (torch.tensor(distance.shape) - 1)
    return FreeSpace(surface, Grid(volume, low, top), free, step)


def _distances(
    surface: Surface, low: Float[Tensor, "3"], high: Float[Tensor, "3"], step: float
) -> Float[Tensor, "x y z"]:
    """Unsigned distance at the nodes: exact near surfaces, interpolated far from them."""
    count = torch.ceil((high - low) / (2 * step)).long() + 1
    coarse = surface.nearest(_nodes(low, 2 * step, count), REACH)[0]
    size = (2 * count - 1).tolist()
    fine = torch.nn.functional.interpolate(
        coarse[None, None], size=size, mode="trilinear", align_corners=True
    )[0, 0]
    near = (fine < 4 * step).nonzero()
    fine[near[:, 0], near[:, 1], near[:, 2]] = surface.nearest(low + step * near, REACH)[0]
    return fine


def _flooded(
    distance: Float[Tensor, "x y z"],
    low: Float[Tensor, "3"],
    step: float,
    known: tuple[Float[Tensor, "3"], Float[Tensor, "3"]],
) -> Bool[Tensor, "x y z"]:
    """Nodes connected, past surfaces, to those around the known box.

    A surface between two neighbours is within half a step of one of them, so nothing leaks.
    """
    open_nodes = (distance > 0.5001 * step).numpy()
    region = torch.from_numpy(np.asarray(label(open_nodes)[0])).long()  # pyright: ignore[reportIndexIssue]
    first = ((known[0] - AROUND - low) / step).floor().long().clamp(min=0).tolist()
    last = ((known[1] + AROUND - low) / step).ceil().long().clamp(min=0).tolist()
    window = region[tuple(slice(a, b + 1) for a, b in zip(first, last, strict=True))]
    votes = torch.bincount(window.reshape(-1), minlength=int(region.max()) + 1)
    votes[0] = 0
    if int(votes.max()) == 0:
        votes = torch.bincount(region.reshape(-1))
        votes[0] = 0
    chosen = (votes > 0) & (votes >= ALIKE * votes.max())
    return chosen[region]


def _pass_on(
    surface: Surface,
    free: Bool[Tensor, "x y z"],
    distance: Float[Tensor, "x y z"],
    low: Float[Tensor, "3"],
    step: float,
) -> None:
    """Free the nodes beside surfaces that see a free neighbour along an axis; in place.

    Nodes on a surface stay as they are: they would see both of its sides.
    """
    for axis in range(3):
        for way in (1, -1):
            beside = free.roll(-way, dims=axis)
            beside.select(axis, -1 if way > 0 else 0).fill_(False)
            close = (distance <= 0.5001 * step) & (distance > 2 * HAIR)
            asked = (beside & ~free & close).nonzero()
            ahead = torch.zeros(3)
            ahead[axis] = way * step
            start = low + step * asked + ahead
            seen = asked[_clear(surface, start, -ahead.expand(len(asked), 3))]
            free[seen[:, 0], seen[:, 1], seen[:, 2]] = True


def _nodes(
    low: Float[Tensor, "3"], step: float, count: Int[Tensor, "3"]
) -> Float[Tensor, "x y z 3"]:
    axes = [low[k] + step * torch.arange(int(count[k])) for k in range(3)]
    return torch.stack(torch.meshgrid(*axes, indexing="ij"), dim=-1)
