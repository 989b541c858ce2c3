"""Depth of one solid in another."""

from jaxtyping import Float
from torch import Tensor

CENTIMETRE = 0.01


def penetration(
    sdf: Float[Tensor, "*batch points"],
    area: Float[Tensor, "*#batch #points"],
    give: Float[Tensor, "*#batch #points"],
) -> Float[Tensor, "*batch"]:
    """Area-weighted squared depth in centimetres beyond what the flesh gives.

    Args:
        sdf: Signed distance, metres, negative inside.
        area: What each point stands for, in any unit; percent of the body here.
        give: Tolerated depth, metres.
    """
    depth = (-sdf - give).clamp(min=0.0) / CENTIMETRE
    return (depth.square() * area).sum(dim=-1)


def deepest(
    sdf: Float[Tensor, "*batch points"], give: Float[Tensor, "*#batch #points"], count: int = 6
) -> Float[Tensor, "*batch"]:
    """Mean squared depth in centimetres of the `count` deepest points: one thorn counts too."""
    depth = (-sdf - give).clamp(min=0.0) / CENTIMETRE
    return depth.topk(min(count, depth.shape[-1]), dim=-1).values.square().mean(dim=-1)
