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
    low, high = soup.verts.min(axis=0), soup.verts.max(axis=0)
    foot = np.array([(low[0] + high[0]) / 2, low[1], (low[2] + high[2]) / 2])
    T = np.eye(4)
    T[:3, 3] = -foot
    mesh = Mesh(
        torch.tensor(soup.verts - foot, dtype=torch.float32), torch.tensor(patches.faces.copy())
    )
    surface = Surface(mesh)
    points, normals = reachable_samples(mesh, surface)
    grid = build_grid(surface, mesh.low, mesh.high)
    floor = 0.0 if hints.floor is None else hints.floor - float(low[1])
    return Item(
        name=name, mesh=mesh, surface=surface, grid=grid, points=points, normals=normals,
        floor=floor,
        T_object_source=torch.tensor(T, dtype=torch.float32),
        T_scene_world=torch.tensor(np.linalg.inv(T), dtype=torch.float32),
        front_confidence=0.0, warnings=soup.warnings,
    )  # fmt: skip
