"""A scene, taken in: cropped to what the person can reach, its free space and its floor found."""

from collections.abc import Callable
from dataclasses import replace

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..artefacts import Item
from ..geometry.free_space import find_free
from ..geometry.mesh import Mesh, area_vectors
from ..geometry.rotations import transform
from ..geometry.surface import Surface
from ..job import Scenery
from ..surroundings import Surroundings
from .ground import find_floor, find_heights

BESIDE, WANDER = 1.3, 1.8
"""How far, metres, around a fixed object a person may be, and around one that is carried off."""
BELOW = 0.7
"""Metres below the floor that still belong to the scene: a step down."""
STANDING, ABOVE = 2.4, 0.8
"""Metres that a person takes up over floor or seat, and over what nobody stands on."""
SEAT = 1.2
"""Objects lower than this, metres, may be stood on."""


def take_in_scene(
    scene: Scenery,
    item: Item,
    *,
    carried: bool,
    floor_given: bool,
    tick: Callable[[], None] = lambda: None,
) -> Item:
    """The object, standing in a scene: with what is around it, and on the floor that it has there.

    Args:
        scene: All other meshes, scene frame.
        item: The object.
        carried: Somebody may carry it off: the person is anywhere around it.
        floor_given: `item.floor` is what the user says; else it is looked for.
        tick: Called between pieces of the work; may raise `Cancelled`.
    """
    T_world_scene = torch.linalg.inv(item.T_scene_world.double())
    verts = transform(T_world_scene, torch.from_numpy(scene.verts).double())
    whole = Mesh(verts.float(), torch.from_numpy(scene.faces).long())
    low, high = reach(item, item.floor, carried=carried)
    low[1], high[1] = -torch.inf, torch.inf
    kept = within(whole, low, high)
    if len(kept) == 0:
        return item
    surface = Surface(Mesh(*_used(whole.verts, whole.faces[kept])))
    tick()
    floor = item.floor if floor_given else find_floor(surface, item.mesh)
    box = reach(item, floor, carried=carried)
    space = find_free(surface, box, (item.mesh.low, item.mesh.high), tick)
    around = Surroundings(
        space, find_heights(space, floor), floor, torch.from_numpy(scene.owner).long()[kept],
        scene.names,
    )  # fmt: skip
    return replace(item, floor=floor, surroundings=around)


def reach(
    item: Item, floor: float, *, carried: bool
) -> tuple[Float[Tensor, "3"], Float[Tensor, "3"]]:
    """Corners of the box that the person may be in, world frame."""
    around = WANDER if carried else BESIDE
    low, high = item.mesh.low - around, item.mesh.high + around
    top = float(item.mesh.high[1])
    low[1] = floor - BELOW
    high[1] = max(floor + STANDING, top + (STANDING if top - floor < SEAT else ABOVE))
    return low, high


def within(mesh: Mesh, low: Float[Tensor, "3"], high: Float[Tensor, "3"]) -> Int[Tensor, " faces"]:
    """The faces that reach into a box, have an area, and lie at places that are numbers."""
    corners = mesh.verts[mesh.faces]
    bottom, top = corners.amin(dim=1), corners.amax(dim=1)  # not-a-number meets no box
    meets = ((bottom <= high) & (top >= low)).all(dim=-1).nonzero()[:, 0]
    area = area_vectors(mesh.verts, mesh.faces[meets]).norm(dim=-1)
    return meets[area > 1e-12]


def _used(
    verts: Float[Tensor, "verts 3"], faces: Int[Tensor, "faces 3"]
) -> tuple[Float[Tensor, "used 3"], Int[Tensor, "faces 3"]]:
    used, renamed = faces.unique(return_inverse=True)
    return verts[used], renamed
