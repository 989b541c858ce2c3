"""Edges of plates: what a hand can close over that is no rod, table tops and backrests."""

import math
from collections.abc import Callable

import torch
from jaxtyping import Float, Int
from torch import Tensor

THICK = 0.07
"""Thicker plates, metres, no hand closes over."""
LEVEL = 0.85
"""Cosine of a face's normal and the plate's."""
FEW = 4
"""Samples that each face must show."""
ENDS = 0.75
"""A plate ends where it goes on, to one side of the spot, no farther than this share of what it
does to the other."""
WAYS = 48
"""Directions in its plane in which a plate's end is looked for."""
STEP, WITHIN = 0.005, 0.10
"""How finely, and how far from a spot, metres, what is under it is looked at for its end."""
TURNS = 0.02
"""What goes on so far beyond a plate's faces, metres, at its end or past it, turns a corner there,
as the wall of a bin does."""
OFF = 0.005
"""Farther from the surface, metres, it has ended."""
PAST, UNDER = 0.025, 0.04
"""So far past an edge and below it, metres, there must be room for fingers."""
AROUND = 24
"""Directions from a spot in which edges are looked for."""
BESIDE = math.radians(60)
"""An edge is nearer than in all directions up to that far to either side."""


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
    outward = _shortest(points[upper | lower] - spot, across)
    if outward is None:
        return None
    far, height = points @ outward, points @ across
    end, half = float(far.max()), (top - bottom) / 2
    beside = height[far > end - TURNS]
    beyond = max(float(beside.max()) - top, bottom - float(beside.min()))
    if max(beyond, end - float(far[upper | lower].max()) - half) > TURNS:
        return None
    flat = spot - (spot @ across) * across - (spot @ outward) * outward
    rim = flat + (top + bottom) / 2 * across + (end - half) * outward
    return rim, torch.linalg.cross(across, outward), outward, half


def _shortest(
    offset: Float[Tensor, "points 3"], across: Float[Tensor, "3"]
) -> Float[Tensor, "3"] | None:
    """In the plane across `across`, the way from its origin in which points end first."""
    seed = torch.eye(3).to(across)[int(across.abs().argmin())]
    first = torch.nn.functional.normalize(seed - (seed @ across) * across, dim=0)
    angle = torch.arange(WAYS).to(across) * (2 * torch.pi / WAYS)
    second = torch.linalg.cross(across, first)
    ways = angle.cos()[:, None] * first + angle.sin()[:, None] * second
    far = (offset @ ways.T).amax(dim=0)
    best = int(far.argmin())
    if float(far[best]) > ENDS * float(far[(best + WAYS // 2) % WAYS]):
        return None
    # As far in many directions when the spot is on the rim: their middle is the rim's normal.
    near = torch.softmax(-(far - far[best]) / 0.002, dim=0)
    return torch.nn.functional.normalize(near @ ways, dim=0)


def rims_around(
    distance: Callable[[Float[Tensor, "*batch 3"]], Float[Tensor, "*batch"]],
    spots: Float[Tensor, "spots 3"],
    normals: Float[Tensor, "spots 3"],
) -> tuple[Int[Tensor, " rims"], Float[Tensor, "rims 3"], Float[Tensor, "rims 3"]]:
    """Edges near spots beyond which the surface falls away: of which spot, where, and outward.

    Args:
        distance: Signed, to the surface.
        spots: On the surface.
        normals: Outward there, unit.
    """
    angle = torch.arange(AROUND).to(spots) * (2 * torch.pi / AROUND)
    seeds = torch.eye(3).to(spots)[normals.abs().argmin(dim=1)]
    first = torch.nn.functional.normalize(torch.linalg.cross(normals, seeds), dim=-1)
    second = torch.linalg.cross(normals, first)
    ways = angle.cos()[:, None] * first[:, None] + angle.sin()[:, None] * second[:, None]
    steps = torch.arange(1, round(WITHIN / STEP) + 1).to(spots) * STEP
    along = spots[:, None, None] + steps[:, None] * ways[:, :, None]
    off = distance(along) > OFF
    ends = torch.where(off.any(dim=-1), off.float().argmax(dim=-1) * STEP, torch.inf)
    ends = ends + 1e-6 * torch.arange(AROUND).to(ends)  # Of directions that tie, one.
    turn = (angle[:, None] - angle + torch.pi).remainder(2 * torch.pi) - torch.pi
    beside = torch.where(turn.abs() < BESIDE, ends[:, None], torch.inf)
    nearest = beside.amin(dim=-1)
    spot, way = (torch.isfinite(ends) & (ends == nearest)).nonzero().unbind(dim=1)
    share = torch.softmax(-(beside - nearest[..., None])[spot, way] / 0.002, dim=-1)
    outward = torch.nn.functional.normalize((share[:, None] @ ways[spot])[:, 0], dim=-1)
    rims = spots[spot] + ends[spot, way, None] * outward
    free = distance(rims + PAST * outward - UNDER * normals[spot]) > OFF
    return spot[free], rims[free], outward[free]
