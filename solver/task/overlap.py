"""Exact penetration, both ways: the body in the object, and the object in the body.

The first alone is blind to thin plates: a tabletop through a thigh contains no vertex of the body.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..geometry.mesh import Mesh, area_vectors, sample_surface, vertex_normals
from ..geometry.surface import Surface

CELL = 0.06
"""Side of the boxes, metres, that decide which points of the object are near the body."""


def body_in_object(surface: Surface, verts: Float[Tensor, "*batch 3"]) -> Float[Tensor, "*batch"]:
    """Depth, metres, of each body vertex (object frame) in the object; 0 outside."""
    return (-surface.query(verts)[0]).clamp(min=0.0)


def object_in_body(
    verts: Float[Tensor, "verts 3"],
    faces: Int[Tensor, "faces 3"],
    points: Float[Tensor, "points 3"],
) -> tuple[Float[Tensor, " points"], Int[Tensor, " points"]]:
    """Depth, metres, of each point of the object in the posed body, and the nearest body face.

    The winding number decides, but only where a look at the nearest face leaves a doubt.
    """
    if len(points) == 0:
        return points.new_zeros(0), torch.zeros(0, dtype=torch.long)
    surface = Surface(Mesh(verts, faces))
    distance, _, face = distance_by_normal(surface, verts, faces, points)
    depth = torch.zeros(len(points))
    doubtful = distance < 0.005
    depth[doubtful] = (-surface.query(points[doubtful])[0]).clamp(min=0.0)
    return depth, face.clamp(min=0)


def quick_distance(
    verts: Float[Tensor, "verts 3"],
    faces: Int[Tensor, "faces 3"],
    points: Float[Tensor, "points 3"],
) -> tuple[Float[Tensor, " points"], Float[Tensor, "points 3"], Int[Tensor, " points"]]:
    """Signed distance to a closed smooth mesh, nearest point, its face: sign by normal.

    Four times as fast as by winding number; wrong only where the mesh intersects itself.
    """
    return distance_by_normal(Surface(Mesh(verts, faces)), verts, faces, points)


def distance_by_normal(
    surface: Surface,
    verts: Float[Tensor, "verts 3"],
    faces: Int[Tensor, "faces 3"],
    points: Float[Tensor, "points 3"],
    reach: float = 0.2,
) -> tuple[Float[Tensor, " points"], Float[Tensor, "points 3"], Int[Tensor, " points"]]:
    """Signed distance, nearest point and its face of a mesh that has its tree; sign by normal.

    Beyond the reach, metres, everything is outside and on no face (-1).
    """
    distance, nearest, face = surface.nearest(points, reach)
    corners = faces[face.clamp(min=0)]
    normals = vertex_normals(verts, faces)[corners]
    nearness = 1 / ((verts[corners] - nearest[:, None]).norm(dim=-1, keepdim=True) + 1e-4)
    outward = ((points - nearest) * (normals * nearness).sum(dim=1)).sum(dim=-1) >= 0
    signed = torch.where(outward | (face < 0), distance, -distance)
    return signed, nearest, face


def dense_points(
    mesh: Mesh,
    low: Float[Tensor, "3"],
    high: Float[Tensor, "3"],
    *,
    spacing: float = 0.005,
    most: int = 200_000,
) -> tuple[Float[Tensor, "points 3"], float]:
    """Random points of the object inside a box, about `spacing` apart, and the area of each.

    Args:
        mesh: The object, in its own frame.
        low: Lower corner of the box, object frame.
        high: Upper corner.
        spacing: Metres.
        most: No more points than this before the box is cut out.
    """
    corners = mesh.verts[mesh.faces]
    meets = (corners.amin(dim=1) <= high).all(dim=-1) & (corners.amax(dim=1) >= low).all(dim=-1)
    if not bool(meets.any()):
        return mesh.verts.new_zeros(0, 3), 0.0
    inside = Mesh(mesh.verts, mesh.faces[meets])
    area = float(area_vectors(inside.verts, inside.faces).norm(dim=-1).double().sum())
    count = int(min(most, max(64.0, area / spacing**2)))
    points, _, _ = sample_surface(inside, count, torch.Generator().manual_seed(0))
    kept = ((points >= low) & (points <= high)).all(dim=-1)
    return points[kept], area / count


def near_body(
    points: Float[Tensor, "points 3"], verts: Float[Tensor, "*batch 3"], reach: int = 2
) -> Int[Tensor, " near"]:
    """Indices of points within about `reach` cells of any body vertex.

    Two cells, 12 cm, cover the thickest part of a trunk: a point deep in it is found too.
    """
    flat = verts.reshape(-1, 3)
    low = flat.amin(dim=0) - CELL * (reach + 1)
    size = ((flat.amax(dim=0) - low) / CELL).long() + reach + 2
    filled = torch.zeros([int(k) for k in size])
    cells = ((flat - low) / CELL).long()
    filled[cells[:, 0], cells[:, 1], cells[:, 2]] = 1.0
    width = 2 * reach + 1
    grown = torch.nn.functional.max_pool3d(filled[None, None], width, stride=1, padding=reach)[0, 0]
    at = ((points - low) / CELL).floor().long()
    valid = ((at >= 0) & (at < size)).all(dim=-1)
    at = at.clamp(min=0).minimum(size - 1)
    return torch.nonzero(valid & (grown[at[:, 0], at[:, 1], at[:, 2]] > 0))[:, 0]
