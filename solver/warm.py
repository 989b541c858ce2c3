"""What every job needs, loaded before the first one arrives."""

import gc

import torch

from .body import load_body, pose_body, shape_body
from .body.poses import library
from .geometry.grid import build_grid
from .geometry.mesh import Mesh
from .geometry.surface import Surface


def warm_up() -> None:
    """Load body and poses, compile the distance kernels: seconds the first job does not wait."""
    body = shape_body(load_body())
    library()
    pose_body(body, torch.eye(3).expand(1, 52, 3, 3), torch.zeros(1, 3))
    verts = torch.eye(3, 3)
    mesh = Mesh(
        torch.cat([torch.zeros(1, 3), verts]),
        torch.tensor([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]]),
    )
    surface = Surface(mesh)
    build_grid(surface, mesh.low, mesh.high, cells=4)
    surface.cast(torch.full((1, 3), 2.0), torch.tensor([[0.0, -1.0, 0.0]]))
    surface.nearest(torch.ones(1, 3))
    gc.collect()
    gc.freeze()  # Modules and kernels stay: looking through them again and again costs a thirtieth.
