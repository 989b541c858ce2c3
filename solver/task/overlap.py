"""Exact penetration, both ways: the body in the object, and the object in the body.

The first alone is blind to thin plates: a tabletop through a thigh contains no vertex of the body.
"""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from ..geometry.grid import Grid
from ..geometry.mesh import Mesh, area_vectors, sample_surface, vertex_normals
from ..geometry.sides import signs
from ..geometry.surface import Surface
from .shell import distance_by_normal, room

CELL = 0.06
"""Side of the boxes, metres, that decide which points of the object are near the body."""
DOUBT = 0.005
"""Points nearer to the skin than this, metres, are asked by winding number."""


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
    depth, nearest = torch.zeros(len(points)), torch.zeros(len(points), dtype=torch.long)
    if len(points) == 0:
        return depth, nearest
    surface = Surface(Mesh(verts, faces))
    normals = vertex_normals(verts, faces)
    outside = room(lambda x: distance_by_normal(surface, x, normals)[0], points, DOUBT)
    chosen = (outside < 0).nonzero()[:, 0]
    distance, _, face = distance_by_normal(surface, points[chosen], normals)
    nearest[chosen] = face.clamp(min=0)
    doubtful = chosen[distance < DOUBT]
    depth[doubtful] = (-surface.query(points[doubtful])[0]).clamp(min=0.0)
    return depth, nearest


def signed_distance(
    surface: Surface, grid: Grid, points: Float[Tensor, "*batch 3"]
) -> Float[Tensor, "*batch"]:
    """Exact; the grid says on which side a point is wherever it is farther than its own error."""
    flat = points.detach().reshape(-1, 3)
    distance, _, _ = surface.nearest(flat)
    coarse = grid(flat)
    known = torch.where(coarse.abs() < grid.step, 0.0, torch.sign(coarse))
    return (distance * signs(surface, flat, distance, known)).view(points.shape[:-1])


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
    meets = meeting(mesh, low, high)
    if not bool(meets.any()):
        return mesh.verts.new_zeros(0, 3), 0.0
    inside = Mesh(mesh.verts, mesh.faces[meets])
    area = float(area_vectors(inside.verts, inside.faces).norm(dim=-1).double().sum())
    count = int(min(most, max(64.0, area / spacing**2)))
    points, _, _ = sample_surface(inside, count, torch.Generator().manual_seed(0))
    kept = ((points >= low) & (points <= high)).all(dim=-1)
    return points[kept], area / count


def meeting(
    mesh: Mesh, low: Float[Tensor, "3"], high: Float[Tensor, "3"]
) -> Bool[Tensor, " faces"]:
    """Which faces' own boxes meet a box: on no side of it are all three corners."""
    within = torch.cat([mesh.verts <= high, mesh.verts >= low], dim=1)
    sides = (within * (1 << torch.arange(6)).byte()).sum(dim=1, dtype=torch.uint8)
    one, two, three = sides[mesh.faces].unbind(dim=1)
    return (one | two | three) == 0b111111


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
