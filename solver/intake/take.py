"""The verb of the room."""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from ..artefacts import Item, ObjectPrior
from ..geometry.grid import build_grid
from ..geometry.mesh import Mesh
from ..geometry.surface import Surface
from .clean import clean
from .hints import Hints
from .sampling import reachable_samples
from .settle import settle
from .shape import measure
from .winding import consistent, outward


def take_in(
    verts: NDArray, faces: NDArray, name: str, prior: ObjectPrior, hints: Hints,
    cache: Path | None = None,
) -> Item:  # fmt: skip
    """Repair a mesh, put it upright in metres with its front toward +Z, and measure it.

    Args:
        verts: (N, 3), source frame.
        faces: (M, 3).
        name: For messages.
        prior: What the noun says about size and front.
        hints: What the user says.
        cache: Folder that keeps what was computed, by content; None: compute it again.

    Raises:
        SolverError: If there is no usable surface, or its size is impossible.
    """
    soup = clean(verts, faces, name)
    patches, _ = outward(soup.verts, consistent(soup.faces))
    middle = (soup.verts.min(axis=0) + soup.verts.max(axis=0)) / 2
    rough = _mesh(soup.verts - middle, patches.faces)
    settled = settle(measure(rough, Surface(rough), middle), name, prior, hints)
    T = settled.T_object_source
    mesh = _mesh(soup.verts @ T[:3, :3].T + T[:3, 3], patches.faces)
    surface = Surface(mesh)
    points, normals = reachable_samples(mesh, surface)
    return Item(
        name=name, mesh=mesh, surface=surface,
        grid=build_grid(surface, mesh.low, mesh.high),
        points=points, normals=normals, floor=settled.floor,
        T_object_source=torch.tensor(T, dtype=torch.float32),
        T_scene_world=torch.tensor(settled.T_scene_world, dtype=torch.float32),
        front_confidence=settled.front_confidence,
        warnings=(*soup.warnings, *settled.warnings),
    )  # fmt: skip


def _mesh(verts: NDArray[np.float64], faces: NDArray[np.int64]) -> Mesh:
    return Mesh(torch.tensor(verts, dtype=torch.float32), torch.tensor(faces.copy()))
