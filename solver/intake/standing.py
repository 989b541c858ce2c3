"""An object as it stands: made measurable, but neither scaled nor turned nor simplified."""

import numpy as np
import torch
from numpy.typing import NDArray

from ..geometry.grid import build_grid
from ..geometry.mesh import Mesh
from ..geometry.surface import Surface
from .cavities import plugged, sealed_nodes
from .clean import clean
from .outside import best_sign, face_viewers
from .winding import consistent, outward


def as_it_stands(verts: NDArray, faces: NDArray, name: str) -> Surface:
    """Weld and orient a mesh and make its sealed cavities solid, in its own frame, metres.

    Sheets stay without thickness: nothing is inside them, but they can be inside a person.

    Args:
        verts: (N, 3).
        faces: (M, 3).
        name: For messages.

    Raises:
        SolverError: If there is no usable surface.
    """
    soup = clean(np.asarray(verts), np.asarray(faces), name)
    patches = outward(soup.verts, consistent(soup.faces))
    rough = _mesh(soup.verts, patches.faces)
    patches = face_viewers(rough, Surface(rough, solid=False), patches)
    mesh = _mesh(soup.verts, patches.faces)
    surface = Surface(mesh)
    surface = Surface(mesh, best_sign(mesh, surface, patches)[0])
    grid = build_grid(surface, mesh.low, mesh.high, cells=64)
    filled = sealed_nodes(grid)
    return Surface(plugged(mesh, grid, filled), surface.sign) if filled.any() else surface


def _mesh(verts: NDArray[np.float64], faces: NDArray[np.int64]) -> Mesh:
    return Mesh(torch.tensor(verts, dtype=torch.float32), torch.tensor(faces.copy()))
