"""The scene around a job: the floor under a place, and how deep a body is in other things."""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..artefacts import Item
from ..geometry.mesh import Mesh
from ..surroundings import Surroundings
from .overlap import dense_points, near_body, object_in_body

LEVEL = 0.004
"""Points of the scene this near to the floor's height, metres, are the floor's."""


def floor_under(item: Item, points: Float[Tensor, "*batch 3"]) -> Float[Tensor, "*batch"] | float:
    """Height, metres, of what one stands on at places of the world: floor, carpet, step."""
    around = item.surroundings
    return item.floor if around is None else around.ground.at(around.ground.height, points)


def foot_floor(
    item: Item, soles: Float[Tensor, "*batch points 3"]
) -> Float[Tensor, "*batch 1"] | float:
    """What each foot stands on: the floor under its middle."""
    around = item.surroundings
    if around is None:
        return item.floor
    return around.ground.at(around.ground.height, soles.mean(dim=-2, keepdim=True))


def lowest_under(item: Item, points: Float[Tensor, "*batch 3"]) -> Float[Tensor, "*batch"] | float:
    """The lowest of it within a stride: nothing of the body is below that."""
    around = item.surroundings
    return item.floor if around is None else around.ground.at(around.ground.lowest, points)


def scene_points(
    around: Surroundings, verts: Float[Tensor, "verts 3"]
) -> tuple[Float[Tensor, "points 3"], float]:
    """Dense points of the scene near a body, without the floor; the area of each, square metres."""
    mesh = around.space.surface.mesh
    height = mesh.verts[:, 1] - around.floor
    raised = (height.abs() > LEVEL)[mesh.faces].any(dim=1)
    bare = Mesh(mesh.verts, mesh.faces[raised])
    points, area = dense_points(bare, verts.amin(dim=0), verts.amax(dim=0))
    return points[near_body(points, verts)], area


def scene_depth(
    around: Surroundings, verts: Float[Tensor, "verts 3"], faces: Int[Tensor, "faces 3"]
) -> tuple[Float[Tensor, " places"], Float[Tensor, "places 3"]]:
    """How deep, metres, a body is in the scene and the scene in the body, and where; exact.

    The floor's own error is another number: below `LEVEL` nothing counts here.
    """
    sunk = (-around.space.query(verts)[0]).clamp(min=0.0)
    sunk = torch.where((verts[:, 1] - around.floor).abs() > LEVEL, sunk, torch.zeros(()))
    points, _ = scene_points(around, verts)
    inner, _ = object_in_body(verts, faces, points)
    return torch.cat([sunk, inner]), torch.cat([verts, points])
