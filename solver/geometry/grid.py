"""A signed distance grid: the cheap, differentiable distance of the inner loop."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from .surface import Surface


@dataclass(frozen=True)
class Grid:
    """Signed distance at the nodes of a regular grid, read by trilinear interpolation."""

    volume: Float[Tensor, "1 1 depth height width"]
    """Metres; axes z, y, x as `grid_sample` wants them."""
    low: Float[Tensor, "3"]
    high: Float[Tensor, "3"]

    def __call__(self, points: Float[Tensor, "*batch 3"]) -> Float[Tensor, "*batch"]:
        """Signed distance, metres; outside the grid, that of its border plus the way to it."""
        unit = (points - self.low) / (self.high - self.low) * 2 - 1
        inside = unit.clamp(-1, 1)
        value = torch.nn.functional.grid_sample(
            self.volume, inside.reshape(1, 1, 1, -1, 3), align_corners=True, padding_mode="border"
        ).view(points.shape[:-1])
        beyond = ((unit - inside) * (self.high - self.low) / 2).square().sum(dim=-1)
        return value + (beyond + 1e-12).sqrt() - 1e-6


def build_grid(
    surface: Surface,
    low: Float[Tensor, "3"],
    high: Float[Tensor, "3"],
    *,
    cells: int = 96,
    pad: float = 0.08,
) -> Grid:
    """Sample the exact distance on a grid with `cells` nodes along the longest side.

    Args:
        surface: What to measure.
        low: Lower corner of the object, metres.
        high: Upper corner, metres.
        cells: Nodes along the longest side.
        pad: Room around the object, metres.
    """
    low, high = low - pad, high + pad
    step = float((high - low).max()) / (cells - 1)
    count = torch.ceil((high - low) / step).long() + 1
    axes = [low[k] + step * torch.arange(int(count[k])) for k in range(3)]
    nodes = torch.stack(torch.meshgrid(*axes, indexing="ij"), dim=-1)
    volume = surface.query(nodes)[0].permute(2, 1, 0)[None, None].contiguous()
    return Grid(volume, low, low + step * (count - 1))
