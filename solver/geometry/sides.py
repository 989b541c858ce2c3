"""On which side of a surface points are: few are asked, the others follow from their distances.

A sign costs ten times as much as a distance. Two balls that hold no surface and overlap lie on the
same side of it, so one answer does for many points.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from .surface import Surface

CELLS = (0.04, 0.02, 0.01)
"""Sides of the boxes, metres, in which one point is asked for all that its ball meets."""
BOXES = 2**14
SURE = 0.99
"""Share of a ball that certainly holds no surface: distances are rounded."""


def signs(
    surface: Surface,
    points: Float[Tensor, "points 3"],
    distance: Float[Tensor, " points"],
    known: Float[Tensor, " points"],
) -> Float[Tensor, " points"]:
    """-1 for points inside and 1 for others, as `Surface.query` tells them one by one.

    Around an open surface the inside may end where there is no face; points on either side of such
    a brink, with no face between them, are told alike.

    Args:
        surface: What is asked.
        points: In its frame.
        distance: Of each to the surface, without sign, metres.
        known: 1 and -1 where the side is known, 0 elsewhere.
    """
    known = known.clone()
    for cell in CELLS:
        left = (known == 0).nonzero()[:, 0]
        centre = _farthest(points, distance, cell)[left]
        asked = centre[known[centre] == 0].unique()
        if 2 * len(asked) > len(left):
            break
        known[asked] = _asked(surface, points[asked])
        apart = (points[left] - points[centre]).norm(dim=-1)
        meet = apart < SURE * (distance[left] + distance[centre])
        known[left[meet]] = known[centre[meet]]
    left = (known == 0).nonzero()[:, 0]
    known[left] = _asked(surface, points[left])
    return known


def _asked(surface: Surface, points: Float[Tensor, "points 3"]) -> Float[Tensor, " points"]:
    distance = surface.query(points)[0]
    return torch.where(distance < 0, -torch.ones_like(distance), torch.ones_like(distance))


def _farthest(
    points: Float[Tensor, "points 3"], distance: Float[Tensor, " points"], cell: float
) -> Int[Tensor, " points"]:
    """For each point that of its box which is farthest from the surface.

    Boxes are told apart by a hash; where two share one, fewer points learn from another.
    """
    x, y, z = (points / cell).floor().long().unbind(dim=1)
    box = (x * 73856093 ^ y * 19349663 ^ z * 83492791) % BOXES
    most = distance.new_zeros(BOXES).scatter_reduce(0, box, distance, "amax")
    rows = torch.arange(len(points)).to(box)
    speaks = torch.where(distance == most[box], rows, len(points))
    return rows.new_full((BOXES,), len(points)).scatter_reduce(0, box, speaks, "amin")[box]
