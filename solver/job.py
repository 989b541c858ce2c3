"""What a job's folder asks for: `request.json` and `object.npz`, read and checked."""

import json
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from .artefacts import Subject
from .errors import SolverError

VERSION = 1
LONGEST_PROMPT = 1000
"""Characters."""

Placement = Literal["keep", "estimate"]
"""The object stays as it stands, or its unit, up axis and front are estimated (raw files)."""
Front = Literal["auto", "+x", "-x", "+y", "-y", "+z", "-z"]
"""The object's front as an axis of the source frame (Y up, as in glTF)."""
Quality = Literal["draft", "standard", "fine"]
Device = Literal["auto", "cpu", "cuda"]


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
    body: str | None = None
    """The user's own SMPL-H file; None: the open body."""
    subject: Subject = field(default_factory=Subject)
    version: int = VERSION


CHOICES: dict[str, tuple[str, ...]] = {
    "placement": get_args(Placement),
    "front": get_args(Front),
    "quality": get_args(Quality),
    "device": get_args(Device),
}


def read_request(folder: Path) -> Request:
    """The request in a job's folder.

    Raises:
        SolverError: When the file is missing, is no request, or asks for something unknown.
    """
    path = folder / "request.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SolverError(
            f"No request can be read from {path}: {error}",
            remedy="Give a job's folder: one that holds request.json and object.npz.",
        ) from error
    return parse_request(content)


def parse_request(content: dict[str, Any]) -> Request:
    """Check every field of a request.

    Raises:
        SolverError: Naming the first field that is wrong, and the values it may take.
    """
    known = {each.name for each in fields(Request)}
    if unknown := sorted(set(content) - known):
        raise _wrong("request", unknown, f"one of {sorted(known)}")
    if content.get("version", VERSION) != VERSION:
        raise _wrong("version", content.get("version"), f"{VERSION}: update the extension")
    for name, allowed in CHOICES.items():
        if name in content and content[name] not in allowed:
            raise _wrong(name, content[name], f"one of {', '.join(allowed)}")
    prompt = str(content.get("prompt", "")).strip()
    if not prompt:
        raise SolverError(
            "The prompt is empty.", remedy="Say what the person does: 'a woman sits on the chair'."
        )
    if len(prompt) > LONGEST_PROMPT:
        raise SolverError(
            f"The prompt has {len(prompt)} characters; at most {LONGEST_PROMPT} are read.",
            remedy="Say it in one or two sentences.",
        )
    if not 1 <= int(content.get("variants", 1)) <= 8:
        raise _wrong("variants", content["variants"], "a number from 1 to 8")
    checked: dict[str, Any] = {
        **content, "prompt": prompt, "subject": Subject(**(content.get("subject") or {})),
    }  # fmt: skip
    return Request(**checked)


def read_object(folder: Path) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Vertices (V, 3), metres, scene frame, and triangles (F, 3) of the job's object.

    Raises:
        SolverError: When the file is missing or holds no mesh.
    """
    path = folder / "object.npz"
    try:
        with np.load(path, allow_pickle=False) as file:
            verts, faces = file["verts"], file["faces"]
    except (OSError, ValueError, KeyError) as error:
        raise SolverError(
            f"No mesh can be read from {path}: {error}",
            remedy="Send the job again from Blender; the folder is incomplete.",
        ) from error
    if verts.ndim != 2 or verts.shape[1] != 3 or faces.ndim != 2 or faces.shape[1:] != (3,):
        raise _wrong("object.npz", (verts.shape, faces.shape), "verts (V, 3) and faces (F, 3)")
    return verts.astype(np.float32), faces.astype(np.int32)


def _wrong(name: str, got: object, wanted: str) -> SolverError:
    return SolverError(f"{name} is {got!r}.", remedy=f"It must be {wanted}.")
