"""Triangle meshes and their areas, normals and samples."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor


@dataclass(frozen=True)
class Mesh:
    """Triangles with outward orientation where the surface has an outside."""

    verts: Float[Tensor, "verts 3"]
    faces: Int[Tensor, "faces 3"]

    @cached_property
    def low(self) -> Float[Tensor, "3"]:
        """Lower corner of the bounding box."""
        return self.verts.amin(dim=0)

    @cached_property
    def high(self) -> Float[Tensor, "3"]:
        """Upper corner of the bounding box."""
        return self.verts.amax(dim=0)

    @cached_property
    def extent(self) -> Float[Tensor, "3"]:
        """Size of the bounding box, metres."""
        return self.high - self.low


def area_vectors(
    verts: Float[Tensor, "*batch verts 3"], faces: Int[Tensor, "faces 3"]
) -> Float[Tensor, "*batch faces 3"]:
    """Each face's normal times its area."""
    a, b, c = verts[..., faces[:, 0], :], verts[..., faces[:, 1], :], verts[..., faces[:, 2], :]
    return torch.linalg.cross(b - a, c - a) / 2


def vertex_normals(
    verts: Float[Tensor, "*batch verts 3"], faces: Int[Tensor, "faces 3"]
) -> Float[Tensor, "*batch verts 3"]:
    """Area-weighted unit normals."""
    areas = area_vectors(verts, faces)
    normals = torch.zeros_like(verts)
    for corner in range(3):
        normals = normals.index_add(-2, faces[:, corner], areas)
    return torch.nn.functional.normalize(normals, dim=-1)


def vertex_areas(
    verts: Float[Tensor, "verts 3"], faces: Int[Tensor, "faces 3"]
) -> Float[Tensor, " verts"]:
    """A third of the area of the faces around each vertex, square metres."""
    third = area_vectors(verts, faces).norm(dim=-1) / 3
    areas = verts.new_zeros(len(verts))
    for corner in range(3):
        areas = areas.index_add(0, faces[:, corner], third)
    return areas


def is_closed(faces: Int[Tensor, "faces 3"]) -> bool:
    """Whether every edge is walked as often one way as the other: there is no boundary."""
    start, end = faces.T.reshape(-1), faces[:, [1, 2, 0]].T.reshape(-1)
    key = torch.minimum(start, end) * (int(faces.max()) + 1) + torch.maximum(start, end)
    order = key.argsort()
    key, way = key[order], torch.where(start < end, 1, -1)[order]
    total = way.cumsum(dim=0)
    return not total[torch.cat([key[1:] != key[:-1], key.new_ones(1).bool()])].any()


def sample_surface(
    mesh: Mesh, count: int, generator: torch.Generator
) -> tuple[Float[Tensor, "count 3"], Float[Tensor, "count 3"], Int[Tensor, " count"]]:
    """Area-uniform points, their face normals, and the faces they lie on."""
    areas = area_vectors(mesh.verts, mesh.faces)
    size = areas.norm(dim=-1)
    face = torch.multinomial(size.double().cpu(), count, replacement=True, generator=generator)
    face = face.to(size.device)
    u, v = torch.rand(2, count, 1, generator=generator, device="cpu").to(size.device)
    root = u.sqrt()
    a, b, c = (mesh.verts[mesh.faces[face, k]] for k in range(3))
    points = (1 - root) * a + root * (1 - v) * b + root * v * c
    return points, torch.nn.functional.normalize(areas[face], dim=-1), face


def centre_of_mass(mesh: Mesh) -> Float[Tensor, "3"]:
    """Of a closed mesh filled evenly: tetrahedra from the origin to every face."""
    a, b, c = (mesh.verts[mesh.faces[:, k]] for k in range(3))
    volume = (a * torch.linalg.cross(b, c)).sum(dim=-1) / 6
    return ((a + b + c) / 4 * volume[:, None]).sum(dim=0) / volume.sum()


def spread(points: Float[Tensor, "points axes"], count: int) -> Int[Tensor, " kept"]:
    """Indices of at most `count` points, farthest first: evenly spread, deterministic."""
    count = min(count, len(points))
    kept = np.zeros(count, dtype=np.int64)
    # Axes one after the other: columns are added fast.
    axes = points.detach().T.contiguous().cpu().numpy()
    away = np.full(len(points), np.inf, dtype=axes.dtype)
    for k in range(1, count):
        total = np.zeros_like(away)
        for axis in axes:
            way = axis - axis[kept[k - 1]]
            total += way * way
        away = np.minimum(away, total)
        kept[k] = away.argmax()
    return torch.from_numpy(kept).to(points.device)
