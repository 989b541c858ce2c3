"""Non-collision and two-way penetration, with the touching area that goes with it."""

import torch
from jaxtyping import Bool
from torch import Tensor

from .shown import MILLIMETRES, SQUARE_CENTIMETRES, TOUCHING, Shown
from .twoway import depths

ROUNDING = 1e-6
"""Metres of a single-precision distance: skin that lies on the surface has this either way."""


def non_collision(shown: Shown) -> dict[str, float]:
    """Shares of body vertices outside: on the surface counts (PSI, PLACE) or not (POSA, strict).

    `scene_` is with everything that stands there; nothing without obstacles.
    """
    numbers = {
        "non_collision": float((shown.distance >= -ROUNDING).float().mean()),
        "non_collision_strict": float((shown.distance > ROUNDING).float().mean()),
    }
    if shown.obstacles:
        around = [solid.distance(shown.verts) for solid in shown.obstacles]
        nearest = torch.stack([shown.distance, *around]).amin(dim=0)
        numbers["scene_non_collision"] = float((nearest >= -ROUNDING).float().mean())
    return numbers


def penetration(shown: Shown) -> dict[str, float]:
    """Depth of hard and of soft parts, and how much of them touches.

    Hard parts are all but trunk and thighs. `touching` is all skin nearer than 5 mm, sunk skin
    with it; `sunk` says how much of it is deeper than 5 mm.
    """
    depth = shown.depth
    touching, sunk = shown.distance < TOUCHING, shown.distance < -TOUCHING

    def worst(chosen: Bool[Tensor, " verts"]) -> float:
        return MILLIMETRES * float(depth[chosen].max()) if bool(chosen.any()) else 0.0

    def area(chosen: Bool[Tensor, " verts"]) -> float:
        return SQUARE_CENTIMETRES * float(shown.areas[chosen].sum())

    mean = float(depth[depth > 0].mean()) if bool((depth > 0).any()) else 0.0
    return {
        "hard_penetration_mm": worst(~shown.soft),
        "soft_penetration_mm": worst(shown.soft),
        "mean_penetration_mm": MILLIMETRES * mean,
        "touching_cm2": area(touching),
        "soft_touching_cm2": area(touching & shown.soft),
        "sunk_cm2": area(sunk),
    }


def scene_penetration(shown: Shown) -> dict[str, float]:
    """The deepest overlap, both ways, with anything but the object; nothing without obstacles."""
    found = [
        float(depths(shown.skin, solid.mesh, solid.distance(shown.verts)).max())
        for solid in shown.obstacles
    ]
    return {"obstacle_penetration_mm": MILLIMETRES * max(found)} if found else {}


def without_parts(numbers: dict[str, float]) -> dict[str, float]:
    """The depth of a mesh whose parts are unknown: one number for hard and soft."""
    kept = {name: value for name, value in numbers.items() if not name.startswith("soft_")}
    return {"penetration_mm": kept.pop("hard_penetration_mm")} | kept
