"""Depth, positions, normals and face ids of an orthographic view, by one ray per pixel."""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..geometry.mesh import Mesh, area_vectors
from ..geometry.surface import FAR, Surface


@dataclass(frozen=True)
class View:
    """An orthographic camera that looks at `centre`; angles in degrees."""

    yaw: float
    """0 looks from +Z, 90 from +X."""
    pitch: float
    """Positive looks down."""
    centre: Float[Tensor, "3"]
    radius: float
    """Half of the picture's width, metres."""


@dataclass(frozen=True)
class Picture:
    """What a view sees; row 0 is the top."""

    depth: Float[Tensor, "height width"]
    """Metres along the ray from a plane 2 radii and 2 m before the centre; `FAR` for a miss."""
    face: Int[Tensor, "height width"]
    """-1 for a miss."""
    position: Float[Tensor, "height width 3"]
    normal: Float[Tensor, "height width 3"]
    """Unit, turned toward the camera."""


def axes(view: View) -> tuple[Tensor, Tensor, Tensor]:
    """Unit vectors right, up and forward (into the picture) of a view, world frame."""
    yaw, pitch = math.radians(view.yaw), math.radians(view.pitch)
    back = torch.tensor(
        [math.sin(yaw) * math.cos(pitch), math.sin(pitch), math.cos(yaw) * math.cos(pitch)]
    )
    right = torch.tensor([math.cos(yaw), 0.0, -math.sin(yaw)])
    return right, torch.linalg.cross(back, right), -back


def frame(mesh: Mesh, yaw: float, pitch: float, margin: float = 1.05) -> View:
    """The view that shows all of a mesh."""
    return View(yaw, pitch, (mesh.low + mesh.high) / 2, float(mesh.extent.norm()) / 2 * margin)


def trace(surface: Surface, mesh: Mesh, view: View, size: int) -> Picture:
    """Cast one ray per pixel of a square picture."""
    right, up, forward = axes(view)
    steps = ((torch.arange(size) + 0.5) / size * 2 - 1) * view.radius
    start = view.centre - forward * (2 * view.radius + 2)
    origin = start + steps[None, :, None] * right - steps[:, None, None] * up
    depth, face = surface.cast(origin, forward)
    normals = torch.nn.functional.normalize(area_vectors(mesh.verts, mesh.faces), dim=-1)
    normal = normals[face.clamp(min=0)]
    normal = torch.where(((normal @ forward) > 0)[..., None], -normal, normal)
    reached = torch.where(face < 0, torch.zeros_like(depth), depth)
    return Picture(depth, face, origin + reached[..., None] * forward, normal)


def seen(picture: Picture) -> Tensor:
    """Which pixels show the mesh, (height, width) bool."""
    return (picture.face >= 0) & (picture.depth < FAR)
