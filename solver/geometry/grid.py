"""A signed distance grid: the cheap, differentiable distance of the inner loop."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.autograd.function import once_differentiable

from .sides import AT_ONCE, asked, sides_of_nodes
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
    volume = _coarsest(surface, low, step * stride, count)
    while stride > 1:
        stride //= 2
        tick()
        volume = _refine(surface, volume, low, step * stride, tick)
    count = torch.tensor(volume.shape)
    return Grid(volume.permute(2, 1, 0)[None, None].contiguous(), low, low + step * (count - 1))


_COARSEST = 4
"""Cells between the nodes that are measured first. A power of two."""


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
    where = touched.nonzero()
    distance = torch.cat([fine.new_empty(0), *_nearest(surface, low + step * where, tick)])
    x, y, z = where.unbind(dim=1)
    side = fine.sign()
    side[x, y, z] = _inherited(surface.closed, coarse, where, distance, 2 * step)
    fine[x, y, z] = distance
    if surface.closed:
        side = sides_of_nodes(surface, fine.abs().clamp(max=3**0.5 * step), side, low, step, tick)
    else:
        _ask(surface, side, low, step, tick)
    fine[x, y, z] *= side[x, y, z]
    return fine


def _coarsest(
    surface: Surface, low: Float[Tensor, "3"], step: float, count: Int[Tensor, "3"]
) -> Float[Tensor, "x y z"]:
    """Signed distances of all nodes."""
    nodes = _nodes(low, step, count)
    if not surface.closed:
        return surface.query(nodes)[0]
    distance = surface.nearest(nodes)[0]
    outside = (nodes < surface.mesh.low) | (nodes > surface.mesh.high)
    side = outside.any(dim=-1).to(distance)  # No closed surface goes around what is beside it.
    return distance * sides_of_nodes(surface, distance, side, low, step)


def _nearest(
    surface: Surface, points: Float[Tensor, "nodes 3"], tick: Callable[[], None]
) -> Generator[Float[Tensor, " nodes"]]:
    """Distances without sign, some at a time."""
    for some in points.split(AT_ONCE):
        yield surface.nearest(some)[0]
        tick()


def _ask(
    surface: Surface,
    side: Float[Tensor, "x y z"],
    low: Float[Tensor, "3"],
    step: float,
    tick: Callable[[], None],
) -> None:
    """Fill in the sides that are not known."""
    for some in (side == 0).nonzero().split(AT_ONCE):
        side[some[:, 0], some[:, 1], some[:, 2]] = asked(surface, low + step * some)
        tick()


def _inherited(
    closed: bool,
    coarse: Float[Tensor, "x y z"],
    where: Int[Tensor, "nodes 3"],
    distance: Float[Tensor, " nodes"],
    step: float,
) -> Float[Tensor, " nodes"]:
    """Sides of new nodes, -1 inside and 1 outside, that of a measured node; 0 where it is not safe.

    Two balls that hold no surface and overlap lie on the same side of it. Around an open surface
    the inside may also end where there is no face: there the eight nodes around must agree too.
    """
    corner = where // 2
    known = coarse[corner[:, 0], corner[:, 1], corner[:, 2]]
    away = (where / 2 - corner).norm(dim=-1) * step
    empty = known.abs().clamp(max=3**0.5 * step)  # interpolated nodes are at least that far away
    safe = away < 0.99 * (distance + empty)
    if not closed:
        inside = torch.nn.functional.pad((coarse <= 0).float(), (0, 1, 0, 1, 0, 1), value=-1.0)
        share = torch.nn.functional.avg_pool3d(inside[None, None].abs(), 2, stride=1)[0, 0]
        share = share[corner[:, 0], corner[:, 1], corner[:, 2]]
        safe &= share == (known <= 0).float()
    return torch.where(known <= 0, -1.0, 1.0) * safe


def _nodes(
    low: Float[Tensor, "3"], step: float, count: Int[Tensor, "3"]
) -> Float[Tensor, "x y z 3"]:
    axes = [low[k] + step * torch.arange(int(count[k])) for k in range(3)]
    return torch.stack(torch.meshgrid(*axes, indexing="ij"), dim=-1)
