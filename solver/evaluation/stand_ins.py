"""What stands for skin and for an object where they are simulated: balls and prisms.

Skin is a ball inside the person under every vertex that is near; the object is its own triangles
there, each a thin prism. Both follow the meshes more closely than hulls do: a decomposition of a
mug into 32 convex hulls lay 2 mm off its surface (95th percentile) and took 9 s.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..geometry.mesh import Mesh, area_vectors, spread
from ..geometry.surface import Surface
from .shown import Shown

REACH = 0.025
"""Metres from the other one within which skin and triangles take part."""
BALL = 0.006
"""Largest radius, metres, of a ball under the skin: a finger's."""
POKE = 3e-4
"""Metres by which a ball may look out of the skin, which is flat between its vertices."""
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
    """The object's triangles near the balls, each with a copy of itself further in."""
    whole = shown.solid.mesh
    if len(balls.centres) == 0:
        return whole.verts.new_zeros(0, 6, 3)
    mesh = thinned(whole, FINEST)
    about = Surface(_cloud(balls.centres))
    corners = mesh.verts[mesh.faces]
    vectors = area_vectors(mesh.verts, mesh.faces)
    real = vectors.norm(dim=-1) > 1e-12
    corners, normal = corners[real], torch.nn.functional.normalize(vectors[real], dim=-1)
    centre = corners.mean(dim=1)
    radius = (corners - centre[:, None]).norm(dim=-1).amax(dim=1)
    away = about.nearest(centre)[0] - radius
    chosen = away.argsort()[:MOST_PRISMS]
    chosen = chosen[away[chosen] < REACH + BALL]
    corners, normal, centre = corners[chosen], normal[chosen], centre[chosen]
    way = Surface(whole).cast(centre - 1e-4 * normal, -normal, reach=1.0)[0]
    depth = (0.45 * way).clamp(min=2e-4, max=THICK)
    return torch.cat([corners, corners - (depth[:, None] * normal)[:, None]], dim=1)


def thinned(mesh: Mesh, cell: float) -> Mesh:
    """The mesh with one of its own vertices for all in a cube of that side, metres."""
    place = ((mesh.verts - mesh.low) / cell).floor().long()
    _, group = place.unique(dim=0, return_inverse=True)
    count = int(group.max()) + 1
    one = torch.zeros(count, dtype=torch.long).scatter_(0, group, torch.arange(len(group)))
    faces = one[group[mesh.faces]]
    a, b, c = faces.unbind(dim=1)
    faces = faces[(a != b) & (b != c) & (c != a)]
    return Mesh(mesh.verts, faces)


def _cloud(points: Float[Tensor, "points 3"]) -> Mesh:
    """Points as triangles of no size, for a search tree."""
    tiny = points[:, None] + 1e-5 * torch.eye(3)
    return Mesh(tiny.reshape(-1, 3), torch.arange(3 * len(points)).reshape(-1, 3))
