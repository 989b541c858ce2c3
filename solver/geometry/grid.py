"""A signed distance grid: the cheap, differentiable distance of the inner loop."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.autograd.function import once_differentiable

from .surface import Surface
from .trilinear import interpolate


@dataclass(frozen=True)
class Grid:
    """Signed distance at the nodes of a regular grid, read by trilinear interpolation."""

    volume: Float[Tensor, "1 1 depth height width"]
    """Metres; axes z, y, x as `grid_sample` wants them."""
    low: Float[Tensor, "3"]
    high: Float[Tensor, "3"]

    def __call__(self, points: Float[Tensor, "*batch 3"]) -> Float[Tensor, "*batch"]:
        """Signed distance, metres; outside the grid, that of its border plus the way to it."""
        flat = points.reshape(-1, 3).float()
        return _Read.apply(flat, self.volume[0, 0], self._first, self.step).view(points.shape[:-1])

    @cached_property
    def step(self) -> float:
        """Distance of two nodes, metres: the sign is sure farther than that from the surface."""
        return float(self.high[0] - self.low[0]) / max(self.volume.shape[-1] - 1, 1)

    @cached_property
    def _first(self) -> tuple[float, float, float]:
        x, y, z = self.low.tolist()
        return x, y, z


class _Read(torch.autograd.Function):
    """Values and slopes come from one pass over the nodes."""

    @staticmethod
    def forward(
        ctx: Any, points: Tensor, volume: Tensor, low: tuple[float, float, float], step: float
    ) -> Tensor:
        """Points to distances."""
        value, slope = interpolate(volume, points.detach().contiguous(), low, step)
        ctx.save_for_backward(slope)
        return value

    @staticmethod
    @once_differentiable
    def backward(  # pyright: ignore[reportIncompatibleMethodOverride]
        ctx: Any, *slopes: Tensor
    ) -> tuple[Tensor, None, None, None]:
        """Slopes of distances to slopes of points."""
        return ctx.saved_tensors[0] * slopes[0][:, None], None, None, None


def build_grid(
    surface: Surface,
    low: Float[Tensor, "3"],
    high: Float[Tensor, "3"],
    *,
    cells: int = 96,
    pad: float = 0.08,
    tick: Callable[[], None] = lambda: None,
) -> Grid:
    """Sample the distance on a grid with about `cells` nodes along the longest side.

    The distance is exact at every node within a few cells of the surface. Farther away it is
    interpolated between exact nodes two or four cells apart: off by less than a tenth, and cheap.

    Args:
        surface: What to measure.
        low: Lower corner of the object, metres.
        high: Upper corner, metres.
        cells: Nodes along the longest side.
        pad: Room around the object, metres.
        tick: Called between pieces of the work; may raise `Cancelled`.
    """
    low, high = low - pad, high + pad
    step = float((high - low).max()) / (cells - 1)
    stride = _COARSEST
    count = torch.ceil((high - low) / (step * stride)).long() + 1
    volume = surface.query(_nodes(low, step * stride, count))[0]
    while stride > 1:
        stride //= 2
        tick()
        volume = _refine(surface, volume, low, step * stride, tick)
    count = torch.tensor(volume.shape)
    return Grid(volume.permute(2, 1, 0)[None, None].contiguous(), low, low + step * (count - 1))


_COARSEST = 4
"""Cells between the nodes that are measured first. A power of two."""
_AT_ONCE = 10_000
"""Nodes that are measured between two ticks."""


def _refine(
    surface: Surface,
    coarse: Float[Tensor, "x y z"],
    low: Float[Tensor, "3"],
    step: float,
    tick: Callable[[], None],
) -> Float[Tensor, "x2 y2 z2"]:
    """The volume at half the step. Cells that hold or approach the surface are measured anew."""
    size = [2 * n - 1 for n in coarse.shape]
    fine = torch.nn.functional.interpolate(
        coarse[None, None], size=size, mode="trilinear", align_corners=True
    )[0, 0]
    least = -torch.nn.functional.max_pool3d(-coarse.abs()[None, None], 2, stride=1)
    most = torch.nn.functional.max_pool3d(coarse[None, None], 2, stride=1)
    lowest = -torch.nn.functional.max_pool3d(-coarse[None, None], 2, stride=1)
    doubtful = (least < 2 * step * 3**0.5) | ((most > 0) & (lowest <= 0))
    halves = doubtful.float().repeat_interleave(2, 2).repeat_interleave(2, 3)
    halves = halves.repeat_interleave(2, 4)
    touched = torch.nn.functional.max_pool3d(
        torch.nn.functional.pad(halves, (1, 1, 1, 1, 1, 1)), 2, stride=1
    )[0, 0].bool()
    touched[::2, ::2, ::2] = False  # these are measured already
    for where in touched.nonzero().split(_AT_ONCE):
        distance = _signed(surface, low + step * where, coarse, where, 2 * step)
        fine[where[:, 0], where[:, 1], where[:, 2]] = distance
        tick()
    return fine


def _signed(
    surface: Surface,
    points: Float[Tensor, "nodes 3"],
    coarse: Float[Tensor, "x y z"],
    where: Int[Tensor, "nodes 3"],
    step: float,
) -> Float[Tensor, " nodes"]:
    """Signed distance of new nodes, taking over the sign of a measured node where that is safe.

    Two balls that hold no surface and overlap lie on the same side of it. Around an open surface
    the inside may also end where there is no face: there the eight nodes around must agree too.
    """
    distance = surface.nearest(points)[0]
    corner = where // 2
    known = coarse[corner[:, 0], corner[:, 1], corner[:, 2]]
    away = (where / 2 - corner).norm(dim=-1) * step
    empty = known.abs().clamp(max=3**0.5 * step)  # interpolated nodes are at least that far away
    safe = away < 0.99 * (distance + empty)
    if not surface.closed:
        inside = torch.nn.functional.pad((coarse <= 0).float(), (0, 1, 0, 1, 0, 1), value=-1.0)
        share = torch.nn.functional.avg_pool3d(inside[None, None].abs(), 2, stride=1)[0, 0]
        share = share[corner[:, 0], corner[:, 1], corner[:, 2]]
        safe &= share == (known <= 0).float()
    distance = torch.where(safe & (known <= 0), -distance, distance)
    distance[~safe] = surface.query(points[~safe])[0]
    return distance


def _nodes(
    low: Float[Tensor, "3"], step: float, count: Int[Tensor, "3"]
) -> Float[Tensor, "x y z 3"]:
    axes = [low[k] + step * torch.arange(int(count[k])) for k in range(3)]
    return torch.stack(torch.meshgrid(*axes, indexing="ij"), dim=-1)
