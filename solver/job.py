"""What a job's folder asks for: `request.json`, `object.npz`, `scene.npz`, read and checked."""

import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from math import isfinite
from pathlib import Path
from typing import Any, cast, get_args

import numpy as np
from numpy.typing import NDArray

from .artefacts import Subject
from .bounds import (
    LONGEST_PROMPT,
    MOST_SCENE_FACES,
    MOST_VARIANTS,
    MOST_VIEWS,
    PEOPLE,
    PLANNING,
    Configuration,
    Device,
    Front,
    Moving,
    Only,
    Placement,
    Planner,
    Quality,
)  # fmt: skip
from .errors import SolverError
from .wishes import PlannerChoice

VERSION = 1


@dataclass(frozen=True)
class Request:
    """One job, as the user asked for it."""

    prompt: str
    object_name: str
    fix_object: bool = False
    placement: Placement = "keep"
    front: Front = "auto"
    floor: float | None = None
    """Height of the floor in the scene, metres; None: the object stands on it."""
    quality: Quality = "standard"
    variants: int = 1
    seed: int = 0
    device: Device = "auto"
    scale: bool = False
    """The object may be made larger or smaller to fit the person."""
    configuration: Configuration = "full"
    """For comparisons: parts left out, or the paper's own."""
    body: str | None = None
    """The user's own SMPL-H file; None: the open body."""
    start: bool = False
    """Begin from the pose in `start.npz`, and stay near it, instead of searching."""
    moving: Moving = "body"
    """With `start`: whether all of the body may move a little, or only the fingers."""
    obstacles: str = "all"
    """What `scene.npz` was made of: all, none, or a collection's name. For the reader."""
    subject: Subject = field(default_factory=Subject)
    plan: dict[str, Any] | None = None
    """Made by hand, as `plan_to_json` writes it; None: it is made from the prompt."""
    planner: PlannerChoice = field(default_factory=PlannerChoice)
    """Who makes it from the prompt."""
    only: Only = "all"
    """Stop after the plan."""
    version: int = VERSION


def check_folder(folder: Path) -> Path:
    """The folder, which is one.

    Raises:
        SolverError: When there is nothing of that name, or a file.
    """
    if not folder.is_dir():
        why = "is a file, not a folder" if folder.exists() else "does not exist"
        raise SolverError(
            f"The job's folder {why}: {folder}",
            remedy="Give a job's folder: one that holds request.json and object.npz.",
        )
    return folder


def read_request(folder: Path) -> Request:
    """The request in a job's folder.

    Raises:
        SolverError: When folder or file is missing, is no request, or asks for something unknown.
    """
    path = check_folder(folder) / "request.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SolverError(
            f"No request can be read from {path}: {error}",
            remedy="Give a job's folder: one that holds request.json and object.npz.",
        ) from error
    return parse_request(content)


def parse_request(content: object) -> Request:
    """Check every field of a request.

    Raises:
        SolverError: Naming the first field that is wrong, and the values it may take.
    """
    found = _table("request", content, {each.name for each in fields(Request)})
    if found.get("version", VERSION) != VERSION:
        raise _wrong("version", found.get("version"), f"{VERSION}: update the extension")
    for name, (allowed, fits) in FIELDS.items():
        if name in found and not fits(found[name]):
            raise _wrong(name, found[name], allowed)
    person = _table("subject", found.get("subject") or {}, {each.name for each in fields(Subject)})
    for name, value in person.items():
        low, high = PEOPLE[name]
        if value is not None and not (_is_number(value) and low <= value <= high):
            raise _wrong(f"subject.{name}", value, f"a number from {low:g} to {high:g}, or null")
    prompt = str(found.get("prompt", "")).strip()
    _check_prompt(prompt)
    if "object_name" not in found:
        raise _wrong("object_name", None, "the object's name, a text")
    checked: dict[str, Any] = {
        **found, "prompt": prompt, "subject": Subject(**person),
        "planner": _planner(found.get("planner") or {}),
    }  # fmt: skip
    return Request(**checked)


def _planner(content: object) -> PlannerChoice:
    """Who is to read the sentence; a key among the fields is refused."""
    given = _table("planner", content, {each.name for each in fields(PlannerChoice)})
    for name, (allowed, fits) in PLANNER_FIELDS.items():
        if name in given and not fits(given[name]):
            raise _wrong(f"planner.{name}", given[name], allowed)
    return PlannerChoice(**given)


def _check_prompt(prompt: str) -> None:
    if not prompt:
        raise SolverError(
            "The prompt is empty.", remedy="Say what the person does: 'a woman sits on the chair'."
        )
    if len(prompt) > LONGEST_PROMPT:
        raise SolverError(
            f"The prompt has {len(prompt)} characters; at most {LONGEST_PROMPT} are read.",
            remedy="Say it in one or two sentences.",
        )


def _table(name: str, content: object, known: set[str]) -> dict[str, Any]:
    """A JSON object with known fields only."""
    if not isinstance(content, dict):
        raise _wrong(name, content, f"a JSON object with the fields {sorted(known)}")
    table = cast(dict[str, Any], content)
    if unknown := sorted(set(table) - known):
        raise _wrong(name, unknown, f"one of {sorted(known)}")
    return table


def read_object(folder: Path) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Vertices (V, 3), metres, scene frame, and triangles (F, 3) of the job's object.

    Raises:
        SolverError: When the file is missing or holds no mesh.
    """
    path = folder / "object.npz"
    try:
        with np.load(path, allow_pickle=False) as file:
            verts, faces = file["verts"], file["faces"]
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise SolverError(
            f"No mesh can be read from {path}: {error}",
            remedy="Send the job again from Blender; the folder is incomplete.",
        ) from error
    if verts.ndim != 2 or verts.shape[1] != 3 or faces.ndim != 2 or faces.shape[1:] != (3,):
        raise _wrong("object.npz", (verts.shape, faces.shape), "verts (V, 3) and faces (F, 3)")
    if verts.dtype.kind not in "fiu" or faces.dtype.kind not in "iu":
        raise _wrong("object.npz", (verts.dtype, faces.dtype), "verts of floats, faces of integers")
    return verts.astype(np.float32), faces.astype(np.int32)


@dataclass(frozen=True)
class Scenery:
    """All other meshes of the scene, as the job brings them."""

    verts: NDArray[np.float32]
    """(V, 3), metres, scene frame."""
    faces: NDArray[np.int32]
    """(F, 3)."""
    owner: NDArray[np.int32]
    """(F,): which of the names each face belongs to."""
    names: tuple[str, ...]


def read_scene(folder: Path) -> Scenery | None:
    """What else stands in the scene; None where the job brings nothing.

    Raises:
        SolverError: When there is a file that holds no scene.
    """
    path = folder / "scene.npz"
    if not path.exists():
        return None
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = [file[name] for name in ("verts", "faces", "owner", "names")]
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise SolverError(
            f"No scene can be read from {path}: {error}",
            remedy="Send the job again from Blender; the folder is incomplete.",
        ) from error
    verts, faces, owner, names = arrays
    shapes = tuple(one.shape for one in arrays)
    kinds = "".join(one.dtype.kind for one in arrays)
    if verts.shape != (len(verts), 3) or faces.shape != (len(faces), 3) or owner.ndim != 1:
        raise _wrong("scene.npz", shapes, "verts (V, 3), faces (F, 3), owner (F,), names (N,)")
    if kinds[0] not in "fiu" or kinds[1] not in "iu" or kinds[2] not in "iu" or kinds[3] != "U":
        raise _wrong("scene.npz", kinds, "floats, integers, integers and texts")
    _check_range("faces", faces, len(verts))
    _check_range("owner", owner, len(names))
    if len(faces) != len(owner) or len(faces) > MOST_SCENE_FACES:
        wanted = f"one owner per face, and at most {MOST_SCENE_FACES:,} faces"
        raise _wrong("scene.npz", shapes, wanted)
    spoken = tuple(str(name) for name in names)
    return Scenery(verts.astype(np.float32), faces.astype(np.int32), owner.astype(np.int32), spoken)


def _check_range(name: str, indices: NDArray[np.integer], count: int) -> None:
    if len(indices) and not 0 <= int(indices.min()) <= int(indices.max()) < count:
        found = (int(indices.min()), int(indices.max()))
        raise _wrong(f"scene.npz: {name}", found, f"from 0 to {count - 1}")


def _is_number(value: object) -> bool:
    """A finite number; `true` is none, although Python counts with it."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _whole(low: int, high: int) -> tuple[str, Callable[[object], bool]]:
    def fits(value: object) -> bool:
        return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high

    return f"a whole number from {low} to {high}", fits


def _one_of(allowed: tuple[str, ...]) -> tuple[str, Callable[[object], bool]]:
    return f"one of {', '.join(allowed)}", lambda value: value in allowed


FIELDS: dict[str, tuple[str, Callable[[object], bool]]] = {
    "prompt": ("a text", _is_text),
    "object_name": ("a text", _is_text),
    "fix_object": ("true or false", lambda value: isinstance(value, bool)),
    "scale": ("true or false", lambda value: isinstance(value, bool)),
    "placement": _one_of(get_args(Placement)),
    "front": _one_of(get_args(Front)),
    "floor": ("a finite number, or null", lambda value: value is None or _is_number(value)),
    "quality": _one_of(get_args(Quality)),
    "variants": _whole(1, MOST_VARIANTS),
    "start": ("true or false", lambda value: isinstance(value, bool)),
    "moving": _one_of(get_args(Moving)),
    "only": _one_of(get_args(Only)),
    "seed": _whole(0, 2**63 - 1),
    "device": _one_of(get_args(Device)),
    "obstacles": ("a text", _is_text),
    "configuration": _one_of(get_args(Configuration)),
    "plan": ("a JSON object, or null", lambda value: value is None or isinstance(value, dict)),
    "body": ("a file's path, or null", lambda value: value is None or _is_text(value)),
}
"""Field -> what it may be, in words and as a test."""

PLANNER_FIELDS: dict[str, tuple[str, Callable[[object], bool]]] = {
    "provider": _one_of(get_args(Planner)),
    "base_url": ("a text", _is_text),
    "model": ("a text", _is_text),
    "timeout": (
        f"seconds from {PLANNING[0]:g} to {PLANNING[1]:g}",
        lambda value: _is_number(value) and PLANNING[0] <= cast(float, value) <= PLANNING[1],
    ),
    "views": _whole(0, MOST_VIEWS),
}
"""The same of the field `planner`."""


def _wrong(name: str, got: object, wanted: str) -> SolverError:
    return SolverError(f"{name} is {got!r}.", remedy=f"It must be {wanted}.")
