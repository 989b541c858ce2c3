"""What was computed about a mesh, kept by content: the same input is never measured twice."""

import hashlib
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from ..geometry.grid import Grid
from ..geometry.mesh import Mesh
from ..geometry.surface import Sign, Surface

VERSION = 1
"""To be raised with every change that alters what is computed from the same input."""
KEPT = 40
"""Files; the oldest go first."""


@dataclass(frozen=True)
class Record:
    """Everything of an item but its name."""

    mesh: Mesh
    sign: Sign
    volume: torch.Tensor
    low: torch.Tensor
    high: torch.Tensor
    points: torch.Tensor
    normals: torch.Tensor
    T_object_source: torch.Tensor
    T_scene_world: torch.Tensor
    floor: float
    front_confidence: float
    warnings: tuple[str, ...]
    surface: Surface | None = None
    """The search tree, which no file keeps."""

    @property
    def grid(self) -> Grid:
        """The distance grid."""
        return Grid(self.volume, self.low, self.high)


def digest(verts: NDArray, faces: NDArray, settings: object) -> str:
    """A name for the input: equal inputs have equal names. The settings are told by their repr."""
    words = repr((VERSION, settings, verts.shape, faces.shape))
    state = hashlib.sha256(words.encode())
    state.update(np.ascontiguousarray(verts, dtype=np.float64).tobytes())
    state.update(np.ascontiguousarray(faces, dtype=np.int64).tobytes())
    return state.hexdigest()[:32]


def once(folder: Path | None, key: str, make: Callable[[], Record]) -> Record:
    """The record of that name, made if the folder does not hold a readable one."""
    if folder is None:
        return make()
    path = folder / f"{key}.npz"
    try:
        return _load(path)
    except FileNotFoundError:
        pass
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        path.unlink(missing_ok=True)  # cut short by a crash: made anew
    record = make()
    try:
        _save(path, record)
    except OSError:
        return record  # a full or read-only disk costs time, not the result
    return record


def _save(path: Path, record: Record) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays = {name: value.numpy() for name, value in vars(record).items() if torch.is_tensor(value)}
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
        part = Path(file.name)
    try:
        with part.open("wb") as opened:
            np.savez(
                opened, **arrays, verts=record.mesh.verts.numpy(), faces=record.mesh.faces.numpy(),
                sign=record.sign, floor=record.floor, front_confidence=record.front_confidence,
                warnings=np.array(record.warnings, dtype=np.str_),
            )  # fmt: skip
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)  # of a disk that was full
    files = sorted(path.parent.glob("*.npz"), key=lambda f: f.stat().st_mtime)
    for old in files[:-KEPT]:
        old.unlink(missing_ok=True)


def _load(path: Path) -> Record:
    with np.load(path, allow_pickle=False) as data:
        tensors = {
            name: torch.from_numpy(data[name])
            for name in (
                "volume", "low", "high", "points", "normals", "T_object_source", "T_scene_world"
            )
        }  # fmt: skip
        return Record(
            mesh=Mesh(torch.from_numpy(data["verts"]), torch.from_numpy(data["faces"])),
            sign="parity" if data["sign"] == "parity" else "winding",
            floor=float(data["floor"]),
            front_confidence=float(data["front_confidence"]),
            warnings=tuple(str(words) for words in data["warnings"]),
            **tensors,
            surface=None,
        )
