"""Results of one system or another as the same thing: a dressed person, an object, a floor.

A system is a folder with a folder per job; `NAME=DIR` names it on a command line. A job's folder
holds what our solver wrote (`solution.npz`, `object.npz`, `request.json`), or the meshes of any
other system: `body.*` and `object.*` (OBJ, PLY, GLB, GLTF, STL, OFF), in one frame, the sentence
in `prompt.txt`, and, unless they are in metres with Y up, `frame.json`:

    {"up": "+z", "metres": 0.01}
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from manifest import load_mesh
from numpy.typing import NDArray
from torch import Tensor

from solver.errors import SolverError
from solver.geometry.mesh import Mesh
from solver.geometry.rotations import transform
from solver.job import read_object

FORMATS = ("glb", "gltf", "obj", "ply", "stl", "off")
UPS = {
    "+y": np.eye(3),
    "-y": np.diag([1.0, -1.0, -1.0]),
    "+z": np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]]),
    "-z": np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]]),
    "+x": np.array([[0, -1.0, 0], [1, 0, 0], [0, 0, 1]]),
    "-x": np.array([[0, 1.0, 0], [-1, 0, 0], [0, 0, 1]]),
}  # fmt: skip
"""The axis of a file that points up -> the rotation that makes it +Y."""


@dataclass(frozen=True)
class Scene:
    """What one looks at: metres, Y up."""

    person: Mesh
    rest: Float[Tensor, "verts 3"] | None
    """The person's vertices in the T-pose; None for a body of another system."""
    materials: Int[Tensor, " faces"] | None
    """What each of the person's triangles wears, an index into `MATERIALS`."""
    object: Mesh
    floor: float


@dataclass(frozen=True)
class System:
    """A name and where its jobs lie."""

    name: str
    folder: Path

    def has(self, job: str) -> bool:
        """Whether it has a result for a job."""
        return is_result(self.folder / job)


def is_result(folder: Path) -> bool:
    """Whether a folder holds a person and an object."""
    ours = (folder / "solution.npz").exists() and (folder / "object.npz").exists()
    return ours or all(_mesh_file(folder, name) for name in ("body", "object"))


def read_systems(given: Sequence[str]) -> list[System]:
    """Systems of a command line.

    Raises:
        SolverError: When one is not `NAME=DIR`, has no folder, or shares its name.
    """
    systems: list[System] = []
    for words in given:
        name, sign, folder = words.partition("=")
        if not (name and sign and Path(folder).is_dir()):
            raise SolverError(
                f"'{words}' names no system.",
                remedy="Write NAME=DIR, with a folder per job in DIR: ours=build/benchmark/jobs",
            )
        if name in {each.name for each in systems}:
            raise SolverError(f"Two systems are called '{name}'.", remedy="Give each its own name.")
        systems.append(System(name, Path(folder)))
    return systems


def jobs_of(systems: Sequence[System], only: Sequence[str] = ()) -> dict[str, str]:
    """Every job for which a system has a folder, and its sentence; sorted by id.

    Raises:
        SolverError: When nobody says the sentence of a job, or two say different ones.
    """
    folders = {p.name for s in systems for p in s.folder.iterdir() if p.is_dir()}
    chosen = sorted(name for name in folders if not only or name.startswith(tuple(only)))
    return {job: _sentence(job, systems) for job in chosen}


def missing(systems: Sequence[System], jobs: Sequence[str]) -> list[str]:
    """In words: which system has no result for which job."""
    return [
        f"{system.name} has no result for {', '.join(gone)}"
        for system in systems
        if (gone := [job for job in jobs if not system.has(job)])
    ]


def read_scene(folder: Path) -> Scene:
    """The result in a job's folder, ours or another's.

    Raises:
        SolverError: When there is none, or its meshes cannot be read.
    """
    if (folder / "solution.npz").exists():
        return _ours(folder)
    scale, turn = _frame(folder)
    person, thing = (_mesh(folder, name, scale, turn) for name in ("body", "object"))
    floor = float(torch.minimum(person.low, thing.low)[1])
    return Scene(person, None, None, thing, floor)


def _ours(folder: Path) -> Scene:
    verts, faces = read_object(folder)
    with np.load(folder / "solution.npz", allow_pickle=False) as file:
        T_scene_source = torch.from_numpy(file["T_scene_source"][0]).float()
        posed, rest = torch.from_numpy(file["posed"][0]), torch.from_numpy(file["verts"])
        own = torch.from_numpy(file["faces"]).long()
        materials = torch.from_numpy(file["materials"]).long()
    source = torch.from_numpy(verts)
    moved = Mesh(transform(T_scene_source, source), torch.from_numpy(faces).long())
    request = _content(folder / "request.json")
    lowest = 0.0 if request.get("placement") == "estimate" else float(source[:, 1].min())
    # What the solver found counts; results of before it was reported have the request's.
    floor = _content(folder / "report.json").get("floor", request.get("floor"))
    height = lowest if floor is None else float(floor)
    return Scene(Mesh(posed, own), rest, materials, moved, height)


def _mesh_file(folder: Path, name: str) -> Path | None:
    paths = (folder / f"{name}.{suffix}" for suffix in FORMATS)
    return next((path for path in paths if path.exists()), None)


def _mesh(folder: Path, name: str, scale: float, turn: NDArray[np.float64]) -> Mesh:
    path = _mesh_file(folder, name)
    if path is None:
        raise SolverError(
            f"{folder} has neither a solution nor a mesh '{name}'.",
            remedy=f"Put solution.npz there, or body.* and object.* ({', '.join(FORMATS)}).",
        )
    try:
        verts, faces = load_mesh(path)
        if not len(faces):
            raise ValueError("it has no triangles")
    except Exception as error:  # What a broken file makes a reader raise is of any type.
        raise SolverError(
            f"No mesh can be read from {path}: {error}", remedy="Export it again as GLB or OBJ."
        ) from error
    placed = scale * verts @ turn.T
    return Mesh(torch.from_numpy(placed).float(), torch.from_numpy(faces.astype(np.int64)))


def _frame(folder: Path) -> tuple[float, NDArray[np.float64]]:
    """Metres per unit, and the rotation to Y up."""
    content = _content(folder / "frame.json")
    up, metres = content.get("up", "+y"), content.get("metres", 1.0)
    known = set(content) <= {"up", "metres"} and up in UPS
    if not (known and isinstance(metres, int | float) and metres > 0):
        raise SolverError(
            f"{folder / 'frame.json'} cannot be understood: {content}",
            remedy=f'Write {{"up": one of {", ".join(UPS)}, "metres": length of one unit}}.',
        )
    return float(metres), UPS[up]


def _content(path: Path) -> dict[str, Any]:
    """A JSON object, empty where there is no file."""
    if not path.exists():
        return {}
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise SolverError(f"{path} is not JSON: {error}", remedy="Correct it.") from error
    if not isinstance(content, dict):
        raise SolverError(f"{path} holds no JSON object.", remedy="Correct it.")
    return content


def _sentence(job: str, systems: Sequence[System]) -> str:
    said: dict[str, str] = {}
    for system in systems:
        words = system.folder / job / "prompt.txt"
        request = _content(system.folder / job / "request.json")
        if words.exists():
            said[words.read_text(encoding="utf-8").strip()] = system.name
        elif "prompt" in request:
            said[str(request["prompt"]).strip()] = system.name
    if len(said) != 1:
        told = "; ".join(f"{name}: '{sentence}'" for sentence, name in said.items())
        raise SolverError(
            f"The sentence of job '{job}' is {'not the same everywhere' if said else 'not known'}."
            + (f" {told}." if said else ""),
            remedy=f"Write it into {job}/prompt.txt of one system; it must be the same in all.",
        )
    return next(iter(said))
