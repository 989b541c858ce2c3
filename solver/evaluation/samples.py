"""Points on an object's surface, never farther apart than asked, where it is near the person."""

from collections.abc import Callable

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from ..geometry.mesh import Mesh

PIECE = 0.04
"""Longest edge, metres, of the pieces into which large faces are cut before those away from the
person are left out."""

Distance = Callable[[Float[Tensor, "points 3"]], Float[Tensor, " points"]]


def samples_near(
    mesh: Mesh, distance: Distance, *, margin: float = 0.0, spacing: float = 0.005
) -> Float[Tensor, "points 3"]:
    """All of a surface that comes within `margin` of something, as points.

    No point of that surface is farther than `spacing` from a sample; corners and edges of the faces
    are among the samples, so that thin parts are seen. Of smaller faces corners are enough.

    Args:
        mesh: In the frame of `distance`.
        distance: Signed, metres, to the something; negative inside.
        margin: Metres.
        spacing: Metres.
    """
    corners = mesh.verts[mesh.faces]
    small = _edges(corners).amax(dim=1) <= spacing
    verts = _corners_of(mesh, small, spacing)
    near = verts[distance(verts) <= margin]
    return torch.cat([near, lattice(_near(corners[~small], distance, margin), spacing)])


def _corners_of(mesh: Mesh, small: Bool[Tensor, " faces"], spacing: float) -> Tensor:
    """Vertices of small faces; where these are much smaller than needed, one in each small cube.

    The way from any point to a corner of its face and on to the one in the cube is below `spacing`.
    """
    tiny = small & (_edges(mesh.verts[mesh.faces]).amax(dim=1) <= spacing / 3)
    verts = mesh.verts[mesh.faces[tiny].unique()]
    rest = mesh.verts[mesh.faces[small & ~tiny].unique()]
    if len(verts) == 0:
        return rest
    cell = ((verts - verts.amin(dim=0)) / (0.4 * spacing)).long()
    _, cube = (cell @ torch.tensor([1 << 40, 1 << 20, 1])).unique(return_inverse=True)
    first = torch.full((int(cube.max()) + 1,), len(verts))
    first = first.scatter_reduce(0, cube, torch.arange(len(verts)), reduce="amin")
    return torch.cat([verts[first], rest])


def _near(corners: Float[Tensor, "faces 3 3"], distance: Distance, margin: float) -> Tensor:
    """The pieces of triangles that may come within the margin.

    A distance changes no faster than the way from the middle of a piece to its farthest corner.
    """
    done = [corners[:0]]
    while len(corners):
        centre = corners.mean(dim=1)
        radius = (corners - centre[:, None]).norm(dim=-1).amax(dim=1)
        corners = corners[distance(centre) < radius + margin]
        long = _edges(corners).amax(dim=1) > PIECE
        done.append(corners[~long])
        corners = _halved(corners[long])
    return torch.cat(done)


def _edges(corners: Float[Tensor, "faces 3 3"]) -> Float[Tensor, "faces 3"]:
    """Lengths; the k-th is opposite to the k-th corner."""
    return (corners[:, [1, 2, 0]] - corners[:, [2, 0, 1]]).norm(dim=-1)


def _turned(corners: Float[Tensor, "faces 3 3"], first: Tensor) -> Float[Tensor, "faces 3 3"]:
    """The same triangles, each beginning with the corner that is named."""
    order = (first[:, None] + torch.arange(3)) % 3
    return corners.gather(1, order[..., None].expand(-1, -1, 3))


def _halved(corners: Float[Tensor, "faces 3 3"]) -> Float[Tensor, "halves 3 3"]:
    """Each triangle cut in two from the corner opposite to its longest edge."""
    a, b, c = _turned(corners, _edges(corners).argmax(dim=1)).unbind(dim=1)
    middle = (b + c) / 2
    return torch.cat([torch.stack([a, b, middle], 1), torch.stack([a, middle, c], 1)])


def lattice(corners: Float[Tensor, "faces 3 3"], spacing: float) -> Float[Tensor, "points 3"]:
    """Rows of points across each triangle, from the corner opposite to its shortest edge.

    Rows are no farther apart than `spacing`, nor are the points in a row.
    """
    if len(corners) == 0:
        return corners.new_zeros(0, 3)
    lengths = _edges(corners)
    apex, b, c = _turned(corners, lengths.argmin(dim=1)).unbind(dim=1)
    rows = (lengths.amax(dim=1) / spacing).ceil().long().clamp(min=1)
    face, row = _counted(rows + 1)
    at = (row / rows[face])[:, None]
    left, right = apex[face] + at * (b - apex)[face], apex[face] + at * (c - apex)[face]
    steps = ((right - left).norm(dim=-1) / spacing).ceil().long()
    line, step = _counted(steps + 1)
    across = (step / steps[line].clamp(min=1))[:, None]
    return left[line] + across * (right - left)[line]


def _counted(counts: Tensor) -> tuple[Tensor, Tensor]:
    """For counts (2, 3): owners 0 0 1 1 1 and places 0 1 0 1 2."""
    owner = torch.arange(len(counts)).repeat_interleave(counts)
    begins = counts.cumsum(dim=0) - counts
    return owner, torch.arange(len(owner)) - begins[owner]
