"""The body's capsules against one another; the spheres in it against the object."""

import torch
from jaxtyping import Float
from torch import Tensor

CENTIMETRE = 0.01


def overlap(depth: Float[Tensor, "*batch pairs"]) -> Float[Tensor, "*batch"]:
    """Squared overlaps in centimetres of capsule pairs.

    Args:
        depth: Beyond what a pair may overlap, metres; 0 where they are apart.
    """
    return (depth / CENTIMETRE).square().sum(dim=-1)


def engulfed(
    sdf: Float[Tensor, "*batch spheres"],
    radius: Float[Tensor, " spheres"],
    slack: Float[Tensor, " spheres"],
) -> Float[Tensor, "*batch"]:
    """Squared centimetres by which the object reaches into spheres on the body's bones.

    It sees thin plates, which have no inside to sink into: what counts is how near the bone any
    surface comes.

    Args:
        sdf: Signed distance from each sphere's centre to the object, metres.
        radius: Of the flesh around the bone there, metres.
        slack: What the sphere is too big by, or the flesh gives, metres.
    """
    depth = (radius - slack - sdf).clamp(min=0.0) / CENTIMETRE
    return torch.where(depth < 4, depth.square(), 8 * depth - 16).sum(dim=-1)
