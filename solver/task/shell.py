"""A body's skin as a search tree that follows it from pose to pose."""

from collections.abc import Callable

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from ..geometry.mesh import Mesh, vertex_normals
from ..geometry.surface import Surface

CELL = 0.025
"""Side of the boxes, metres, whose points are first asked about together."""
Distance = Callable[[Float[Tensor, "points 3"]], Float[Tensor, " points"]]
DEEPEST = 0.2
"""Nothing is deeper in a body than this, metres."""


class Shell:
    """Signed distances to a smooth mesh that moves; the sign is that of the nearest normal.

    Four times as fast as by winding number; wrong only where the mesh intersects itself, and near
    where it was cut open: there `surrounds` tells, if it was said to be `opened`.
    """

    def __init__(
        self,
        verts: Float[Tensor, "verts 3"],
        faces: Int[Tensor, "faces 3"],
        *,
        opened: bool = False,
    ) -> None:
        self._faces = faces
        self._surface = Surface(Mesh(verts, faces), solid=opened)
        self._normals = vertex_normals(verts, faces)

    def follow(self, verts: Float[Tensor, "verts 3"]) -> None:
        """The mesh is elsewhere now: the tree's boxes move, its branches stay."""
        if self._surface.refit(verts):
            self._normals = vertex_normals(verts, self._faces)

    def query(
        self, points: Float[Tensor, "points 3"], reach: float = DEEPEST
    ) -> tuple[Float[Tensor, " points"], Float[Tensor, "points 3"], Int[Tensor, " points"]]:
        """Signed distance, nearest point, its face; `reach` and -1 where nothing is that near."""
        return distance_by_normal(self._surface, points, self._normals, reach)

    def surrounds(self, points: Float[Tensor, "points 3"]) -> Bool[Tensor, " points"]:
        """Whether the mesh goes around a point more than half: inside, also where it is open."""
        return self._surface.winding_above(points, 0.5)

    def distance(self, points: Float[Tensor, "points 3"]) -> Float[Tensor, " points"]:
        """Signed, metres; `DEEPEST` where it is more."""
        return self.query(points)[0]


def distance_by_normal(
    surface: Surface,
    points: Float[Tensor, "points 3"],
    normals: Float[Tensor, "verts 3"],
    reach: float = DEEPEST,
) -> tuple[Float[Tensor, " points"], Float[Tensor, "points 3"], Int[Tensor, " points"]]:
    """Signed distance, nearest point and its face of a mesh that has its tree; sign by normal.

    The normals are those of the mesh's vertices. Beyond the reach, metres, everything is outside
    and on no face (-1).
    """
    distance, nearest, face = surface.nearest(points, reach)
    corners = surface.mesh.faces[face.clamp(min=0)]
    away = (surface.mesh.verts[corners] - nearest[:, None]).norm(dim=-1, keepdim=True)
    normal = (normals[corners] / (away + 1e-4)).sum(dim=1)
    outward = ((points - nearest) * normal).sum(dim=-1) >= 0
    return torch.where(outward | (face < 0), distance, -distance), nearest, face


def room(
    distance: Distance, points: Float[Tensor, "points 3"], depth: float = 0.0
) -> Float[Tensor, " points"]:
    """How far outside a body each point is at least, metres; minus infinity where it may be in.

    Points are asked about by the box, about thirty at a time.

    Args:
        distance: Signed, to the body.
        points: In its frame.
        depth: Points that may be less far outside than this, metres, count as in.
    """
    key = ((points - points.amin(dim=0)) / CELL).long()
    _, owner = ((key[:, 0] * 4096 + key[:, 1]) * 4096 + key[:, 2]).unique(return_inverse=True)
    count = torch.bincount(owner)[:, None]
    middle = torch.zeros(len(count), 3).index_add(0, owner, points) / count
    outside = distance(middle)[owner] - (points - middle[owner]).norm(dim=-1)
    return torch.where(outside > depth, outside, -torch.inf)
