"""Results as one looks at them: a solved job's folder, or meshes from anywhere, made measurable."""

import json
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
import trimesh
from numpy.typing import NDArray

from .body import ShapedBody, load_body, shape_body
from .errors import SolverError
from .evaluation import Shown, standing_still
from .geometry.mesh import Mesh
from .geometry.rotations import transform
from .geometry.surface import Surface
from .intake.ground import height_under
from .intake.standing import as_it_stands
from .job import read_object, read_request, read_scene


def shown_job(folder: Path, variant: int = 1) -> Shown:
    """One variant of a solved job, scene frame; measured on its posed meshes alone.

    Where the job has a scene, its steps and carpets are the floor under what stands on them.

    Raises:
        SolverError: When the job is not solved, or has no such variant.
    """
    request, (verts, faces) = read_request(folder), read_object(folder)
    path = folder / "solution.npz"
    try:
        with np.load(path, allow_pickle=False) as file:
            posed, pose, motion, betas = (
                torch.from_numpy(file[name])
                for name in ("posed", "pose", "T_scene_source", "betas")
            )
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise unsolved(path, error) from error
    if not 1 <= variant <= len(posed):
        raise SolverError(
            f"There is no variant {variant}: the job has {len(posed)}.",
            remedy=f"Give a number from 1 to {len(posed)}.",
        )
    at = variant - 1
    floor = _floor_of(folder, float(verts[:, 1].min()) if request.floor is None else request.floor)
    moved = transform(motion[at], torch.from_numpy(verts).double()).numpy()
    body = shape_body(load_body(Path(request.body) if request.body else None), betas)
    shown = shown_meshes(posed[at].numpy(), moved, faces, floor, body, pose[at])
    scene = read_scene(folder)
    if scene is None:
        return shown
    around = Surface(Mesh(torch.from_numpy(scene.verts), torch.from_numpy(scene.faces).long()))
    return replace(shown, under=height_under(around, floor, shown.verts))


def shown_meshes(
    posed: NDArray, verts: NDArray, faces: NDArray, floor: float, body: ShapedBody,
    pose: torch.Tensor | None = None,
) -> Shown:  # fmt: skip
    """A person of known parts and an object, both as they stand.

    Args:
        posed: (6890, 3), metres, Y up.
        verts: (N, 3) of the object, likewise.
        faces: (M, 3).
        floor: Height, metres.
        body: Gives faces and parts.
        pose: (52, 3) axis-angle.
    """
    solid = standing_still(as_it_stands(verts, faces, "object"))
    return Shown(torch.from_numpy(posed).float(), body.faces, solid, floor, body, pose)


def shown_files(person: Path, thing: Path, floor: float | None) -> Shown:
    """Meshes of any other system, metres, Y up. Parts are known only of bodies in SMPL's layout.

    Args:
        person: A mesh file.
        thing: Another.
        floor: Height, metres; None: the lowest point of both.

    Raises:
        SolverError: When a file cannot be read as a mesh.
    """
    (posed, skin), (verts, faces) = read_mesh(person), read_mesh(thing)
    height = min(posed[:, 1].min(), verts[:, 1].min()) if floor is None else floor
    known = shape_body(load_body())
    if posed.shape == tuple(known.verts.shape):
        return shown_meshes(posed, verts, faces, float(height), known)
    solid = standing_still(as_it_stands(verts, faces, thing.stem))
    skin_faces = torch.from_numpy(skin.astype(np.int64))
    return Shown(torch.from_numpy(posed).float(), skin_faces, solid, float(height))


def _floor_of(folder: Path, usual: float) -> float:
    """The height that the report names: in a scene it was looked for. `usual` without a report."""
    try:
        report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
        return float(report.get("floor", usual))
    except FileNotFoundError:
        return usual
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise unsolved(folder / "report.json", error) from error


def unsolved(path: Path, error: Exception) -> SolverError:
    """What to say of a result that is not there."""
    return SolverError(
        f"No result can be read from {path}: {error}",
        remedy="Solve the job first: python -m solver run JOB.",
    )


def read_mesh(path: Path) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Vertices of a file in its own order, and triangles.

    Raises:
        SolverError: When there is none, or it holds no mesh.
    """
    try:
        loaded = trimesh.load(path, force="mesh", process=False, maintain_order=True)
        verts, faces = np.asarray(loaded.vertices, float), np.asarray(loaded.faces)  # pyright: ignore[reportAttributeAccessIssue]
    except Exception as error:  # trimesh's readers raise whatever they like
        raise _unreadable(path, error) from error
    if len(faces) == 0:
        raise _unreadable(path, ValueError("it has no faces"))
    return verts, faces


def _unreadable(path: Path, error: Exception) -> SolverError:
    return SolverError(
        f"{path} cannot be read as a mesh: {error}",
        remedy="Give an .obj, .ply, .stl or .glb file with triangles, in metres, Y up.",
    )
