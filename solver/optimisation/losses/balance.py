"""The centre of mass stays over what carries the body."""

import math
from functools import cache

import torch
from jaxtyping import Float
from torch import Tensor


@cache
def directions(count: int, device: torch.device) -> Float[Tensor, "count 2"]:
    """Unit vectors of the horizontal plane."""
    angle = torch.arange(count, device=device) * (2 * math.pi / count)
    return torch.stack([angle.cos(), angle.sin()], dim=-1)


def overhang(
    centre: Float[Tensor, "batch 2"], support: Float[Tensor, "batch points 2"], count: int = 24
) -> Float[Tensor, " batch"]:
    """How far, metres, the centre lies outside the hull of the support; negative inside.

    The largest gap over `count` directions between the centre and the hull's support function:
    the exact distance to a convex polygon as the directions become dense.
    """
    along = directions(count, support.device).to(support)
    reach = (support @ along.T).amax(dim=1)
    return ((centre @ along.T) - reach).amax(dim=-1)


def balance(
    outside: Float[Tensor, "*batch"], allowance: float = 0.02, sigma: float = 0.03
) -> Float[Tensor, "*batch"]:
    """Squared overhang beyond the allowance, in units of `sigma`; bounded far away."""
    return ((outside - allowance).clamp(min=0.0) / sigma).square().clamp(max=100.0)
