"""The verb of the room."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from ..artefacts import Item, ObjectPrior
from ..geometry.grid import build_grid
from ..geometry.mesh import Mesh
from ..geometry.surface import Surface
from .cache import Record, digest, once
from .cavities import plugged, remeasured, sealed_nodes
from .clean import clean
from .hints import Hints
from .outside import best_sign, face_viewers
from .sampling import reachable_samples
from .settle import settle
from .shape import measure
from .sheets import THICKNESS, find_sheets, thicken
from .simplify import PLENTY, TOLERANCE, simplify
from .upright import size_ratio
from .winding import Patches, consistent, outward

Progress = Callable[[float], None]


def take_in(
    verts: NDArray, faces: NDArray, name: str, prior: ObjectPrior, hints: Hints,
    cache: Path | None = None, *, cells: int = 96, progress: Progress = lambda _: None,
) -> Item:  # fmt: skip
    """Repair a mesh, put it upright in metres with its front toward +Z, and measure it.

    Args:
        verts: (N, 3), source frame.
        faces: (M, 3).
        name: For messages.
        prior: What the noun says about size and front.
        hints: What the user says.
        cache: Folder that keeps what was computed, by content; None: compute it again.
        cells: Nodes of the distance grid along the object's longest side.
        progress: Told the fraction done; may raise `Cancelled`.

    Raises:
        SolverError: If there is no usable surface, or its size is impossible.
    """
    verts, faces = np.asarray(verts), np.asarray(faces)
    key = digest(verts, faces, (name, prior, hints, cells))
    record = once(cache, key, lambda: _measured(verts, faces, name, prior, hints, cells, progress))
    return Item(
        name=name, mesh=record.mesh, surface=record.surface or Surface(record.mesh, record.sign),
        grid=record.grid, points=record.points, normals=record.normals, floor=record.floor,
        T_object_source=record.T_object_source, T_scene_world=record.T_scene_world,
        front_confidence=record.front_confidence, warnings=record.warnings,
    )  # fmt: skip


def _measured(
    verts: NDArray, faces: NDArray, name: str, prior: ObjectPrior, hints: Hints, cells: int,
    progress: Progress,
) -> Record:  # fmt: skip
    soup = clean(verts, faces, name)
    progress(0.05)
    middle = (soup.verts.min(axis=0) + soup.verts.max(axis=0)) / 2
    if len(soup.faces) > PLENTY:
        unit = (
            1.0 if hints.placement == "keep" else 1 / size_ratio(np.ptp(soup.verts, axis=0), prior)
        )
        soup = simplify(soup, TOLERANCE / unit)
    progress(0.1)
    patches = outward(soup.verts, consistent(soup.faces))
    rough = _mesh(soup.verts - middle, patches.faces)
    surface = Surface(rough, solid=False)
    progress(0.2)
    patches = face_viewers(rough, surface, patches)
    progress(0.25)
    rough = _mesh(soup.verts - middle, patches.faces)
    settled = settle(measure(rough, surface, middle), name, prior, hints)
    progress(0.3)
    T = settled.T_object_source
    mesh, surface, doubts = _solid(
        soup.verts @ T[:3, :3].T + T[:3, 3], patches, name, lambda: progress(0.4)
    )
    points, normals = reachable_samples(mesh, surface, lambda: progress(0.6))
    grid = build_grid(surface, mesh.low, mesh.high, cells=cells, tick=lambda: progress(0.8))
    filled = sealed_nodes(grid)
    if filled.any():
        mesh = plugged(mesh, grid, filled)
        surface = Surface(mesh, surface.sign)
        grid = remeasured(grid, surface, filled)
    return Record(
        mesh=mesh, sign=surface.sign, volume=grid.volume, low=grid.low, high=grid.high,
        points=points, normals=normals, floor=settled.floor,
        T_object_source=torch.tensor(T, dtype=torch.float32),
        T_scene_world=torch.tensor(settled.T_scene_world, dtype=torch.float32),
        front_confidence=settled.front_confidence,
        warnings=(*soup.warnings, *settled.warnings, *doubts), surface=surface,
    )  # fmt: skip


def _solid(
    verts: NDArray[np.float64], patches: Patches, name: str, tick: Callable[[], None]
) -> tuple[Mesh, Surface, list[str]]:
    """The mesh with its sheets thickened, its surface with the sign that fits, and doubts."""
    mesh, doubts = _mesh(verts, patches.faces), []
    surface = Surface(mesh)
    tick()
    sheets = find_sheets(mesh, surface, patches)
    tick()
    if len(sheets):
        thickness = min(THICKNESS, 0.01 * float(mesh.extent.norm()))
        mesh = _mesh(*thicken(verts, patches, sheets, thickness))
        surface = Surface(mesh)
        tick()
        doubts.append(
            f"'{name}' has {len(sheets)} surface(s) without thickness; they were taken to be "
            f"{thickness * 1000:.1f} mm thick."
        )
    sign, doubt = best_sign(mesh, surface, patches)
    if sign != surface.sign:
        surface = Surface(mesh, sign)
    return mesh, surface, [*doubts, doubt] if doubt else doubts


def _mesh(verts: NDArray[np.float64], faces: NDArray[np.int64]) -> Mesh:
    return Mesh(torch.tensor(verts, dtype=torch.float32), torch.tensor(faces.copy()))
