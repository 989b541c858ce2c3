"""Which side of an open surface is its outside, and whether the winding number can be trusted."""

from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from ..geometry.mesh import Mesh, area_vectors
from ..geometry.surface import Sign, Surface
from .sampling import escapes, spread
from .winding import Patches

_SAMPLES = 4000
MUDDLED = 0.3
"""Share of points around an object with a winding number near neither 0 nor 1, above which the
faces are taken to look all ways."""


def face_viewers(mesh: Mesh, surface: Surface, patches: Patches) -> Patches:
    """Turn the open patches that show their inner side to the outside.

    A patch is judged by how many rays from either side escape; where that decides nothing, it
    stays as it is.
    """
    if patches.closed.all():
        return patches
    points, normals, face = spread(mesh, _SAMPLES)
    rest = _one_face_each(mesh, patches)
    vectors = torch.nn.functional.normalize(area_vectors(mesh.verts, mesh.faces[rest]), dim=-1)
    points = torch.cat([points, mesh.verts[mesh.faces[rest]].mean(dim=1)])
    normals, face = torch.cat([normals, vectors]), torch.cat([face, rest])
    patch = patches.patch[face.numpy()]
    some = torch.from_numpy(~patches.closed[patch])
    points, normals, patch = points[some], normals[some], patch[some.numpy()]
    count = len(patches.closed)
    before = np.bincount(patch, weights=escapes(surface, points, normals), minlength=count)
    behind = np.bincount(patch, weights=escapes(surface, points, -normals), minlength=count)
    turn = (behind > 1.2 * before) & ~patches.closed
    faces = np.where(turn[patches.patch][:, None], patches.faces[:, ::-1], patches.faces)
    return replace(patches, faces=faces)


def best_sign(mesh: Mesh, surface: Surface, patches: Patches) -> tuple[Sign, str]:
    """How to tell inside from outside, and a warning or nothing.

    Faces that look all ways leave winding numbers between 0 and 1 everywhere. Then counting how
    often a ray crosses the surface is the better sign, as long as the surface has few holes.
    """
    muddled = 0.0 if surface.closed else muddle(mesh, surface)
    if muddled < MUDDLED:
        return "winding", ""
    words = f"{muddled:.0%} of the space around it is neither clearly inside nor outside"
    loose = len(patches.closed) > 0.2 * len(patches.faces)
    if loose or patches.twisted.any():
        return "parity", f"The faces look all ways ({words}); inside is told by counting rays."
    if muddled < 0.5:
        return "winding", ""
    return "winding", f"The surface has large holes ({words}); contact may be wrong near them."


def muddle(mesh: Mesh, surface: Surface, count: int = 1000) -> float:
    """Share of points in the bounding box whose winding number is between 0.2 and 0.8."""
    generator = torch.Generator().manual_seed(0)
    points = mesh.low + torch.rand(count, 3, generator=generator) * mesh.extent
    between = surface.winding_above(points, 0.2) & ~surface.winding_above(points, 0.8)
    return float(between.float().mean())


def _one_face_each(mesh: Mesh, patches: Patches) -> torch.Tensor:
    """The largest face of every open patch."""
    areas: NDArray = area_vectors(mesh.verts, mesh.faces).norm(dim=-1).numpy()
    order = np.lexsort((-areas, patches.patch))
    first = order[np.unique(patches.patch[order], return_index=True)[1]]
    return torch.from_numpy(first[~patches.closed[patches.patch[first]]])
