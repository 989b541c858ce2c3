"""Edges of plates: what a hand can close over that is no rod, table tops and backrests."""

import torch
from jaxtyping import Float
from torch import Tensor

THICK = 0.07
"""Thicker plates, metres, no hand closes over."""
LEVEL = 0.85
"""Cosine of a face's normal and the plate's."""
FEW = 4
"""Samples that each face must show."""
ENDS = 0.006
"""How far, metres, the middle of a piece of plate is from where one looked, if the plate ends."""


def fit_edge(
    points: Float[Tensor, "points 3"], normals: Float[Tensor, "points 3"], spot: Float[Tensor, "3"]
) -> tuple[Float[Tensor, "3"], Float[Tensor, "3"], Float[Tensor, "3"], float] | None:
    """Where a plate ends near a spot: the rim's middle, the rim's way, outward, half the thickness.

    None where there is no plate, or it goes on all around.

    Args:
        points: Of the surface within a hand's reach of the spot, both faces among them.
        normals: Outward.
        spot: Somewhere on a face, not far from the edge.
    """
    across = torch.linalg.eigh(normals.T @ normals)[1][:, 2]
    facing = normals @ across
    upper, lower = facing > LEVEL, facing < -LEVEL
    if min(int(upper.sum()), int(lower.sum())) < FEW:
        return None
    top, bottom = (float((points[face] @ across).median()) for face in (upper, lower))
    if not 0.0 < top - bottom < THICK:
        return None
    away = spot - points[upper | lower].mean(dim=0)
    away = away - (away @ across) * across
    if float(away.norm()) < ENDS:
        return None
    outward = torch.nn.functional.normalize(away, dim=0)
    end = float((points @ outward).max())
    half = (top - bottom) / 2
    flat = spot - (spot @ across) * across - (spot @ outward) * outward
    rim = flat + (top + bottom) / 2 * across + (end - half) * outward
    return rim, torch.linalg.cross(across, outward), outward, half
