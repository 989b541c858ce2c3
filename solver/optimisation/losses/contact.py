"""Body points to a region of the object."""

import torch
from jaxtyping import Float
from torch import Tensor

CENTIMETRE = 0.01


SLACK = 0.012
"""Radius of a disc, metres."""


def disc_distance(
    points: Float[Tensor, "*batch 3"],
    targets: Float[Tensor, "*batch 3"],
    normals: Float[Tensor, "*batch 3"],
) -> Float[Tensor, "*batch"]:
    """Distance to a disc around each target, in its tangent plane.

    A region is known by samples; a disc of about their spacing makes it a surface again, so that a
    flat palm may slide instead of collecting on the samples.

    Args:
        points: Body points, object frame, metres.
        targets: A sample of the region for each.
        normals: Its outward unit normal.
    """
    offset = points - targets
    height = (offset * normals).sum(dim=-1)
    aside = (offset - height[..., None] * normals).square().sum(dim=-1)
    beyond = ((aside + 1e-10).sqrt() - SLACK).clamp(min=0.0)
    return (height.square() + beyond.square() + 1e-10).sqrt()


def huber(distance: Float[Tensor, "*batch"], knee: float = 0.06) -> Float[Tensor, "*batch"]:
    """Squared centimetres up to `knee` (metres), a line beyond: far things pull, not tear."""
    square = distance.square()
    line = 2 * knee * distance - knee**2
    return torch.where(distance < knee, square, line) / CENTIMETRE**2
