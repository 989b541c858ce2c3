"""The person's own state: on the floor, over what carries, within the joints' limits."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from ..body.limits import violation
from ..body.overlap import self_depth
from ..geometry.mesh import Mesh, centre_of_mass
from .shown import MILLIMETRES, SQUARE_CENTIMETRES, TOUCHING, Shown


def own_body(shown: Shown) -> dict[str, float]:
    """Joint limits and self-penetration."""
    numbers: dict[str, float] = {}
    if shown.pose is not None:
        numbers["limit_deg"] = float(torch.rad2deg(violation(shown.pose[None]).max()))
    if shown.body is not None:
        deepest = float(self_depth(shown.body, shown.verts).max())
        numbers["self_penetration_mm"] = MILLIMETRES * deepest
    return numbers


def ground(shown: Shown) -> dict[str, float]:
    """Below the floor, above it, the area of soles that stands on it (within 5 mm), and its tilt.

    Of each sole the lowest points of heel and ball count: a raised heel stands by its ball alone.
    """
    lowest = float(shown.height.min())
    numbers = {
        "lowest_mm": MILLIMETRES * lowest,
        "below_floor_mm": MILLIMETRES * max(0.0, -lowest),
    }
    for side in ("left", "right") if shown.body else ():
        sole = shown.parts[f"{side}_sole"]
        height = shown.height[sole]
        numbers[f"{side}_sole_mm"] = MILLIMETRES * float(height.min())
        area = shown.areas[sole][height.abs() < TOUCHING].sum()
        numbers[f"{side}_sole_cm2"] = SQUARE_CENTIMETRES * float(area)
        for end in ("heel", "ball"):
            low = shown.height[shown.parts[f"{side}_{end}"]].min()
            numbers[f"{side}_{end}_mm"] = MILLIMETRES * float(low)
    return numbers


def overhang(shown: Shown, bearing: Bool[Tensor, " verts"]) -> float:
    """How far, metres, the centre of mass lies outside what carries it; 0 over the support."""
    if not bool(bearing.any()):
        return 1.0
    centre = centre_of_mass(Mesh(shown.verts, shown.faces))[[0, 2]]
    return hull_distance(centre, shown.verts[bearing][:, [0, 2]])


def bearing(shown: Shown, movable: bool) -> Bool[Tensor, " verts"]:
    """The vertices within 5 mm of the floor or, where it does not move, of the object."""
    low = shown.height < TOUCHING
    return low if movable else low | (shown.distance < TOUCHING)


def hull_distance(centre: Float[Tensor, "2"], support: Float[Tensor, "points 2"]) -> float:
    """Distance from a point to the convex hull of others, metres; 0 inside.

    The largest gap over 360 directions to the hull's support function.
    """
    angle = torch.arange(360) * (torch.pi / 180)
    along = torch.stack([angle.cos(), angle.sin()], dim=-1)
    gap = along @ centre - (support @ along.T).amax(dim=0)
    return float(gap.max().clamp(min=0.0))
