"""Results of systems made of boxes: a person that is one, beside an object that is another."""

import json
from pathlib import Path

import numpy as np
import trimesh
from numpy.typing import NDArray

Z_UP = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])
"""From Y up to Z up."""


def boxes(shift: float) -> tuple[trimesh.Trimesh, trimesh.Trimesh]:
    """A person of 1.8 m, and a crate that is `shift` metres beside it."""
    person = trimesh.creation.box((0.4, 1.8, 0.3)).subdivide()
    crate = trimesh.creation.box((0.5, 0.6, 0.7))
    return (
        person.apply_translation((0, 0.9, 0)),
        crate.apply_translation((0.5 + shift, 0.3, 0)),
    )


def ours(folder: Path, prompt: str, shift: float = 0.0) -> None:
    """As the solver writes it; the crate was handed over a metre off."""
    folder.mkdir(parents=True)
    person, crate = boxes(shift)
    back = np.eye(4)
    back[0, 3] = -1.0
    handed = np.asarray(crate.vertices, np.float32) + np.array([1, 0, 0], np.float32)
    np.savez(folder / "object.npz", verts=handed, faces=np.asarray(crate.faces, np.int32))
    posed = np.asarray(person.vertices, np.float32)
    np.savez(
        folder / "solution.npz",
        T_scene_source=back[None], posed=posed[None], verts=posed,
        faces=np.asarray(person.faces, np.int32),
        materials=np.arange(len(person.faces), dtype=np.int32) % 5,
    )  # fmt: skip
    request = {"prompt": prompt, "object_name": "crate", "floor": None}
    (folder / "request.json").write_text(json.dumps(request))


def theirs(folder: Path, prompt: str, shift: float = 0.0) -> None:
    """As another system might: centimetres, Z up."""
    folder.mkdir(parents=True)
    for name, mesh in zip(("body.obj", "object.ply"), boxes(shift), strict=True):
        turned: NDArray[np.float64] = 100 * mesh.vertices @ Z_UP.T
        trimesh.Trimesh(turned, mesh.faces, process=False).export(folder / name)
    (folder / "frame.json").write_text('{"up": "+z", "metres": 0.01}')
    (folder / "prompt.txt").write_text(prompt + "\n")
