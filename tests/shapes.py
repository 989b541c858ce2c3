"""Meshes whose volumes, distances and balance are known in closed form, and people made of them."""

import numpy as np
import torch
import trimesh
from solid import box

from solver.evaluation import Shown, standing_still
from solver.geometry.mesh import Mesh
from solver.geometry.surface import Surface


def sphere(centre: tuple[float, float, float], radius: float, finer: int = 4) -> Mesh:
    """An icosphere: 642, 2562, 10242 vertices for `finer` 3, 4, 5."""
    made = trimesh.creation.icosphere(subdivisions=finer, radius=radius)
    verts = torch.tensor(np.asarray(made.vertices), dtype=torch.float32)
    return Mesh(verts + torch.tensor(centre), torch.tensor(np.asarray(made.faces)))


def rod(radius: float, length: float, sides: int = 48) -> Mesh:
    """A cylinder along y, its middle at the origin."""
    made = trimesh.creation.cylinder(radius=radius, height=length, sections=sides)
    x, y, z = torch.tensor(np.asarray(made.vertices), dtype=torch.float32).unbind(dim=1)
    return Mesh(torch.stack([y, z, x], dim=1), torch.tensor(np.asarray(made.faces)))


def fine_box(
    low: tuple[float, float, float], high: tuple[float, float, float], halvings: int = 3
) -> Mesh:
    """A box whose edges are halved so many times."""
    rough = box(low, high)
    made = trimesh.Trimesh(rough.verts.numpy(), rough.faces.numpy(), process=False)
    for _ in range(halvings):
        made = made.subdivide()
    verts = torch.tensor(np.asarray(made.vertices), dtype=torch.float32)
    return Mesh(verts, torch.tensor(np.asarray(made.faces)))


def beside(person: Mesh, thing: Mesh, *obstacles: Mesh, floor: float = -9.0) -> Shown:
    """A mesh in the person's place, another in the object's; parts unknown."""
    around = tuple(standing_still(Surface(one)) for one in obstacles)
    thing_there = standing_still(Surface(thing))
    return Shown(person.verts, person.faces, thing_there, floor, obstacles=around)
