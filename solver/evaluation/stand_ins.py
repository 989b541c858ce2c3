"""What stands for skin and for an object where they are simulated: balls and prisms.

Skin is a ball inside the person under every vertex that is near; the object is its own triangles
there, each a thin prism. Both follow the meshes more closely than hulls do: a decomposition of a
mug into 32 convex hulls lay 2 mm off its surface (95th percentile) and took 9 s.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..geometry.mesh import Mesh, area_vectors, spread, vertex_normals
from ..geometry.surface import Surface
from .shown import Shown

REACH = 0.025
"""Metres from the other one within which skin takes part."""
BALL = 0.006
"""Largest radius, metres, of a ball under the skin: a finger's."""
POKE = 3e-4
"""Metres by which a ball may look out of the skin, which is flat between its vertices."""
CLOSE = 0.015
"""Metres from a ball within which triangles take part."""
THICK = 0.01
"""Thickness, metres, of a prism, where the object is that thick."""
MOST_BALLS, MOST_PRISMS = 600, 3000
FINEST = 0.003
"""Metres: of an object's vertices nearer together than this, one is enough."""


@dataclass(frozen=True)
class Balls:
    """Skin for a simulation: its vertices lie on the surfaces of these."""

    centres: Float[Tensor, "balls 3"]
    radii: Float[Tensor, " balls"]


def near_object(shown: Shown) -> Int[Tensor, " near"]:
    """Vertices of the person that are near the object or in it."""
    return (shown.distance < REACH).nonzero()[:, 0]


def skin_balls(shown: Shown, verts: Int[Tensor, " near"]) -> Balls:
    """Under each vertex the largest ball, up to `BALL`, that touches it and stays in the skin.

    It shrinks while more than `POKE` of it looks out: at edges, and where flesh is thin.
    """
    verts = verts[spread(shown.verts[verts], MOST_BALLS)] if len(verts) else verts
    at, inward = shown.verts[verts], -shown.normals[verts]
    radii = torch.full((len(verts),), BALL)
    for _ in range(12):
        gap = shown.skin.nearest(at + radii[:, None] * inward)[0]
        radii = torch.where(radii - gap > POKE, 0.8 * radii, radii)
    return Balls(at + radii[:, None] * inward, radii)


def prisms_near(shown: Shown, balls: Balls) -> Float[Tensor, "prisms 6 3"]:
    """The object's triangles near the balls, each with a copy of itself further in.

    A dense mesh is thinned until there are no more than `MOST_PRISMS`.
    """
    whole = shown.solid.mesh
    if len(balls.centres) == 0:
        return whole.verts.new_zeros(0, 6, 3)
    about, cell = Surface(_cloud(balls.centres)), FINEST
    corners = _triangles_near(thinned(whole, cell), about)
    while len(corners) > MOST_PRISMS:
        cell *= 1.3
        corners = _triangles_near(thinned(whole, cell), about)
    normal = torch.linalg.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normal = torch.nn.functional.normalize(normal, dim=-1)
    start = corners.mean(dim=1) - 1e-4 * normal
    way = shown.solid.surface.cast(shown.solid.local(start), -normal @ _turn(shown), reach=1.0)[0]
    depth = (0.45 * way).clamp(min=2e-4, max=THICK)
    return torch.cat([corners, corners - (depth[:, None] * normal)[:, None]], dim=1)


def _turn(shown: Shown) -> Float[Tensor, "3 3"]:
    """Turns rows of the world's directions into the object's own frame."""
    return shown.solid.T_world_object[:3, :3]


def _triangles_near(mesh: Mesh, about: Surface) -> Float[Tensor, "near 3 3"]:
    """Those with an area that may come within `CLOSE` of a ball."""
    real = area_vectors(mesh.verts, mesh.faces).norm(dim=-1) > 1e-12
    corners = mesh.verts[mesh.faces[real]]
    centre = corners.mean(dim=1)
    radius = (corners - centre[:, None]).norm(dim=-1).amax(dim=1)
    return corners[about.nearest(centre)[0] - radius < CLOSE + BALL]


def thinned(mesh: Mesh, cell: float) -> Mesh:
    """The mesh with one of its own vertices for all in a cube that look the same way.

    Args:
        mesh: Any.
        cell: Side of the cubes, metres.
    """
    place = ((mesh.verts - mesh.low) / cell).floor()
    way = (0.9 * vertex_normals(mesh.verts, mesh.faces)).round()  # both sides of a wall stay
    _, group = torch.cat([place, way], dim=1).unique(dim=0, return_inverse=True)
    first = torch.full((int(group.max()) + 1,), len(group))
    first = first.scatter_reduce(0, group, torch.arange(len(group)), reduce="amin")
    faces = first[group[mesh.faces]]
    a, b, c = faces.unbind(dim=1)
    return Mesh(mesh.verts, faces[(a != b) & (b != c) & (c != a)].unique(dim=0))


def _cloud(points: Float[Tensor, "points 3"]) -> Mesh:
    """Points as triangles of no size, for a search tree."""
    tiny = points[:, None] + 1e-5 * torch.eye(3)
    return Mesh(tiny.reshape(-1, 3), torch.arange(3 * len(points)).reshape(-1, 3))
