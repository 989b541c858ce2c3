"""Winding numbers of few points, by the sum itself: exact also for pieces cut out of a mesh."""

import torch
from jaxtyping import Float
from torch import Tensor


def winding(
    corners: Float[Tensor, "faces 3 3"], points: Float[Tensor, "points 3"]
) -> Float[Tensor, " points"]:
    """How often a surface goes around each point: 1 inside, 0 outside, between near an opening.

    The solid angles of all faces (van Oosterom and Strackee 1983) over 4 pi.

    Args:
        corners: Of the faces, counter-clockwise from outside.
        points: In the same frame.
    """
    a, b, c = (corners[None, :, k] - points[:, None] for k in range(3))
    la, lb, lc = a.norm(dim=-1), b.norm(dim=-1), c.norm(dim=-1)
    volume = (a * torch.linalg.cross(b, c)).sum(dim=-1)
    below = (
        la * lb * lc
        + (a * b).sum(dim=-1) * lc
        + (b * c).sum(dim=-1) * la
        + (c * a).sum(dim=-1) * lb
    )
    return torch.atan2(volume, below).sum(dim=-1) / (2 * torch.pi)
