"""What every job needs, loaded before the first one arrives."""

import gc

import torch

from .body import ShapedBody, load_body, pose_by_angles, shape_body
from .body.capsules import fit_capsules, self_penetration
from .body.limits import joint_angles
from .body.poses import library
from .geometry.grid import build_grid
from .geometry.mesh import Mesh
from .geometry.rays import ways_out
from .geometry.surface import Surface
from .optimisation.losses.touching import touching


def warm_up() -> None:
    """Load body and poses, compile the kernels: seconds the first job does not wait."""
    body = shape_body(load_body())
    library()
    _distances()
    _slopes(body)
    gc.collect()
    gc.freeze()  # Modules and kernels stay: looking through them again and again costs a thirtieth.


def _distances() -> None:
    verts = torch.eye(3, 3)
    mesh = Mesh(
        torch.cat([torch.zeros(1, 3), verts]),
        torch.tensor([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]]),
    )
    surface = Surface(mesh)
    grid = build_grid(surface, mesh.low, mesh.high, cells=4)
    grid(verts)
    surface.cast(torch.full((1, 3), 2.0), torch.tensor([[0.0, -1.0, 0.0]]))
    surface.nearest(torch.ones(1, 3))
    ways_out(surface, verts, verts, verts, 1)


def _slopes(body: ShapedBody) -> None:
    """A step of a descent in small: kinematics, capsules, angles and contact, there and back."""
    pose = torch.zeros(1, 52, 3, requires_grad=True)
    posed = pose_by_angles(body, pose, torch.zeros(1, 3), torch.zeros(1, 3))
    skin = posed.verts[:, :4]
    cost = self_penetration(fit_capsules(body), posed).sum() + joint_angles(pose).sum()
    cost = cost + touching(skin, skin, skin.detach(), skin.detach(), torch.ones_like(skin), 0.06)
    torch.autograd.grad(cost.sum(), pose)
