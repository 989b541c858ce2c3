"""Scenes made of boxes and sheets, around the objects of `solid.py`."""

import numpy as np
import torch
from solid import box, joined

from solver.geometry.mesh import Mesh
from solver.job import Scenery

ROOM = ((-1.0, 0.0, -0.8), (1.2, 2.3, 1.5))
"""Inner corners of a room around the chair."""


def scene(**things: Mesh) -> Scenery:
    """Meshes by name."""
    mesh = joined(*things.values())
    owner = np.repeat(np.arange(len(things)), [len(one.faces) for one in things.values()])
    return Scenery(
        mesh.verts.numpy(), mesh.faces.numpy().astype(np.int32), owner.astype(np.int32),
        tuple(things),
    )  # fmt: skip


def sheet(low: tuple[float, float, float], high: tuple[float, float, float]) -> Mesh:
    """A rectangle: the corners agree in one coordinate."""
    a, b = torch.tensor(low), torch.tensor(high)
    axis = int((b - a).abs().argmin())
    u, v = (torch.zeros(3).scatter(0, torch.tensor(k), (b - a)[k]) for k in range(3) if k != axis)
    corners = torch.stack([a, a + u, a + u + v, a + v])
    return Mesh(corners, torch.tensor([[0, 1, 2], [0, 2, 3]]))


def shell() -> Mesh:
    """The room: a closed box that people live inside of."""
    return box(*ROOM)


def table(low: float = 0.70, ahead: float = -0.05) -> Mesh:
    """A tabletop over the chair's seat, from `ahead` on, on four legs."""
    top = box((-0.7, low, ahead), (0.7, low + 0.04, ahead + 0.8))
    legs = [
        box((x, 0.0, z), (x + 0.05, low, z + 0.05))
        for x in (-0.7, 0.65)
        for z in (ahead, ahead + 0.75)
    ]
    return joined(top, *legs)


def flipped(mesh: Mesh, seed: int = 0) -> Mesh:
    """Half of the faces turned, in another order: what no winding survives."""
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(mesh.faces), generator=generator)
    turn = torch.rand(len(order), 1, generator=generator) < 0.5
    faces = mesh.faces[order]
    return Mesh(mesh.verts, torch.where(turn, faces.flip(1), faces))
