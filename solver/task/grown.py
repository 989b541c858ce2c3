"""An object of another size: everything that is known of it, in metres again.

A scaled object is made anew instead of carrying a factor through every distance: what works on it
sees a rigid object.
"""

from dataclasses import replace

import torch
from jaxtyping import Float
from torch import Tensor

from ..artefacts import Affordance, Item, Solution
from ..geometry.grid import Grid
from ..geometry.mesh import Mesh
from ..geometry.surface import Surface


def grown_item(item: Item, scale: float) -> Item:
    """The object `scale` times as large, about its own origin, on the same floor."""
    if scale == 1.0:
        return item
    mesh = Mesh(item.mesh.verts * scale, item.mesh.faces)
    grid = item.grid
    similarity = torch.diag(torch.tensor([scale, scale, scale, 1.0]))
    return replace(
        item,
        mesh=mesh,
        surface=Surface(mesh, item.surface.sign),
        grid=Grid(grid.volume * scale, grid.low * scale, grid.high * scale),
        points=item.points * scale,
        T_object_source=similarity @ item.T_object_source,
    )


def grown_affordance(affordance: Affordance, scale: float) -> Affordance:
    """The same places on the object `scale` times as large."""
    grips = tuple(
        replace(g, centre=g.centre * scale, radius=g.radius * scale, length=g.length * scale)
        for g in affordance.grips
    )
    return replace(affordance, grips=grips)


def scale_of(T: Float[Tensor, "4 4"]) -> float:
    """The factor of a similarity; exactly 1 where it is rigid up to rounding."""
    scale = float(torch.linalg.det(T[:3, :3].double()).pow(1 / 3))
    return 1.0 if abs(scale - 1.0) < 1e-5 else scale


def grown_solution(solution: Solution, scale: float) -> Solution:
    """A solution beside the grown object, told of the object as it was."""
    T = solution.T_world_object.clone()
    T[:3, :3] *= scale
    return replace(solution, T_world_object=T)


def at_its_size(
    item: Item, affordance: Affordance, solution: Solution
) -> tuple[Item, Affordance, Solution]:
    """Object, places and solution such that the object's motion is rigid."""
    scale = scale_of(solution.T_world_object)
    if scale == 1.0:
        return item, affordance, solution
    rigid = grown_solution(solution, 1 / scale)
    return grown_item(item, scale), grown_affordance(affordance, scale), rigid
