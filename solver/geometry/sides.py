"""On which side of a surface points are: few are asked, the others follow from their distances.

A sign costs ten times as much as a distance. Two balls that hold no surface and overlap lie on the
same side of it, so one answer does for many points.
"""

from collections.abc import Callable

import numpy as np
import torch
from jaxtyping import Float, Int
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from torch import Tensor

from .surface import Surface

CELLS = (0.04, 0.02, 0.01)
"""Sides of the boxes, metres, in which one point is asked for all that its ball meets."""
BOXES = 2**14
SURE = 0.99
"""Share of a ball that certainly holds no surface: distances are rounded."""
APART = 0.95
"""The same where balls stand in for whole chains of others; a distance to a long sliver of a face
is off by up to half a millimetre."""
AT_ONCE = 10_000
"""Points that are asked between two ticks."""


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
        speaks = centre[known[centre] == 0].unique()
        if 2 * len(speaks) > len(left):
            break
        known[speaks] = asked(surface, points[speaks])
        apart = (points[left] - points[centre]).norm(dim=-1)
        meet = apart < SURE * (distance[left] + distance[centre])
        known[left[meet]] = known[centre[meet]]
    left = (known == 0).nonzero()[:, 0]
    known[left] = asked(surface, points[left])
    return known


def told(
    surface: Surface, points: Float[Tensor, "points 3"]
) -> tuple[Float[Tensor, " points"], Float[Tensor, "points 3"], Int[Tensor, " points"]]:
    """What `Surface.query` says; around a closed surface few points are asked for their side."""
    if not surface.closed:
        return surface.query(points)
    distance, nearest, face = surface.nearest(points)
    low, high = surface.mesh.low, surface.mesh.high
    outside = ((points < low) | (points > high)).any(dim=-1)
    return distance * signs(surface, points, distance, outside.to(distance)), nearest, face


def asked(surface: Surface, points: Float[Tensor, "points 3"]) -> Float[Tensor, " points"]:
    """-1 for points inside and 1 for others, each told by the surface itself."""
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


def sides_of_nodes(
    surface: Surface,
    distance: Float[Tensor, "x y z"],
    known: Float[Tensor, "x y z"],
    low: Float[Tensor, "3"],
    step: float,
    tick: Callable[[], None] = lambda: None,
) -> Float[Tensor, "x y z"]:
    """-1 for the nodes of a grid that lie inside a closed surface and 1 for others.

    Nodes hang together where the balls of neighbours overlap; of those that hang together with none
    whose side is known, the one farthest from the surface is asked.

    Args:
        surface: Closed: around an open one the inside may end where there is no face.
        distance: Of each node to the surface at least, without sign, metres.
        known: 1 and -1 where the side is known, 0 elsewhere.
        low: The first node.
        step: Between two nodes, metres.
        tick: Called between pieces of the work; may raise `Cancelled`.
    """

    def ask(nodes: Int[Tensor, "some 3"]) -> Float[Tensor, " some"]:
        found: list[Tensor] = []
        for some in nodes.to(low.device).split(AT_ONCE):
            found.append(asked(surface, low + step * some))
            tick()
        return torch.cat(found).cpu()

    with torch.device("cpu"):  # Graphs are scipy's.
        return _spread(ask, distance.cpu(), known.cpu(), step).to(known.device)


def _spread(
    ask: Callable[[Int[Tensor, "some 3"]], Float[Tensor, " some"]],
    distance: Float[Tensor, "x y z"],
    known: Float[Tensor, "x y z"],
    step: float,
) -> Float[Tensor, "x y z"]:
    left = (known == 0).nonzero()
    count = len(left)
    if count == 0:
        return known
    number = torch.where(known < 0, count + 1, count)  # All known ones of a side count as one.
    number[left[:, 0], left[:, 1], left[:, 2]] = torch.arange(count)
    number = torch.nn.functional.pad(number, (1, 1, 1, 1, 1, 1))
    radius = torch.nn.functional.pad(distance, (1, 1, 1, 1, 1, 1), value=-torch.inf)
    stride = torch.tensor(number.stride())
    own = (left + 1) @ stride
    about = (own[:, None] + torch.cat([stride, -stride])).flatten()
    number, radius = number.flatten(), radius.flatten()
    meet = APART * (radius[own].repeat_interleave(6) + radius[about]) > step
    pairs = torch.arange(count).repeat_interleave(6)[meet], number[about[meet]]
    graph = coo_matrix((np.ones(len(pairs[0]), dtype=np.int8), pairs), shape=(count + 2, count + 2))
    group = torch.from_numpy(connected_components(graph, directed=False)[1]).long()
    if group[count] == group[count + 1]:  # A chain leads through the surface: all are asked.
        group = torch.arange(count + 2)
    side = known.new_zeros(int(group.max()) + 1)
    side[group[count]], side[group[count + 1]] = 1.0, -1.0
    farthest = torch.zeros(len(side), dtype=torch.long)
    order = radius[own].argsort()
    farthest.numpy()[group[order].numpy()] = order.numpy()  # The last one stays.
    lone = (side == 0).nonzero()[:, 0]
    side[lone] = ask(left[farthest[lone]])
    known = known.clone()
    known[left[:, 0], left[:, 1], left[:, 2]] = side[group[:count]]
    return known
