"""Penetration both ways: the depth of the body in a solid, and of the solid in the body."""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..geometry.mesh import Mesh, vertex_normals
from ..geometry.sides import asked, signs
from ..geometry.surface import Surface
from ..task.overlap import meeting
from ..task.shell import distance_by_normal
from .samples import samples_near

DOUBT = 0.005
"""Metres: nearer to the skin than this, or inside by the nearest normal, the winding number
decides."""


def depths(
    skin: Surface, solid: Mesh, distance: Float[Tensor, " verts"]
) -> Float[Tensor, " verts"]:
    """Two-way depth at each body vertex, metres.

    Its own depth in the solid, or that of the deepest point of the solid in the body whose nearest
    vertex it is: a tabletop through a thigh contains no vertex of the body.

    Args:
        skin: The person.
        solid: In the same frame.
        distance: Of each body vertex to the solid, signed.
    """
    inner, vertex = object_in_body(skin, solid)
    return (-distance).clamp(min=0.0).scatter_reduce(0, vertex, inner, reduce="amax")


def object_in_body(
    skin: Surface, solid: Mesh, spacing: float = 0.005
) -> tuple[Float[Tensor, " inside"], Int[Tensor, " inside"]]:
    """Depth, metres, of every sample of a solid inside the person, and the nearest body vertex."""
    body = skin.mesh
    normals = vertex_normals(body.verts, body.faces)

    def about(points: Tensor) -> Tensor:
        return distance_by_normal(skin, points, normals)[0]

    close = Mesh(solid.verts, solid.faces[meeting(solid, body.low, body.high)])
    points = samples_near(close, about, margin=DOUBT, spacing=spacing)
    distance, _, face = distance_by_normal(skin, points, normals)
    doubtful = distance < DOUBT
    points, distance, face = points[doubtful], distance[doubtful].abs(), face[doubtful]
    closed = skin.closed  # Else a side may end where there is no face.
    unknown = torch.zeros_like(distance)
    inside = (signs(skin, points, distance, unknown) if closed else asked(skin, points)) < 0
    trio = body.faces[face[inside]]
    corner = (body.verts[trio] - points[inside][:, None]).norm(dim=-1).argmin(dim=1)
    return distance[inside], trio.gather(1, corner[:, None])[:, 0]
