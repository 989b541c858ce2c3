"""A folder of objects with a `manifest.json`: prompts, expected contacts, up and front.

Per object: `id`, `name`, `file`, `file_to_canonical` (4x4, to metres, Y up, front +Z), `prompts`,
and parallel to them `expected_posture`, `expected_relation`, `expected_contacts` (`a|b`: one is
enough; `either_hand`: one of the two).
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import trimesh
from numpy.typing import NDArray


@dataclass(frozen=True)
class Job:
    """One object with one prompt."""

    id: str
    """`object-number`, a file name."""
    name: str
    """The object's, as an artist would name it."""
    path: Path
    file_to_canonical: NDArray[np.float64]
    prompt: str
    posture: str
    relation: str
    contacts: tuple[str, ...]


def read_jobs(folder: Path, only: tuple[str, ...] = ()) -> list[Job]:
    """All jobs of a folder, or those whose id starts with one of `only`.

    Leaves the program with a sentence and code 0 where the folder has no manifest: a benchmark
    without its objects is skipped, not failed.
    """
    manifest = folder / "manifest.json"
    if not manifest.exists():
        print(f"Skipped: there is no {manifest}. Give --objects a folder that holds one.")
        sys.exit(0)
    jobs: list[Job] = []
    for entry in json.loads(manifest.read_text(encoding="utf-8"))["objects"]:
        rows = zip(
            entry["prompts"], entry["expected_posture"], entry["expected_relation"],
            entry["expected_contacts"], strict=True,
        )  # fmt: skip
        for number, (prompt, posture, relation, contacts) in enumerate(rows, start=1):
            jobs.append(
                Job(
                    id=f"{entry['id']}-{number}",
                    name=entry["id"],
                    path=folder / entry["file"],
                    file_to_canonical=np.array(entry["file_to_canonical"], float),
                    prompt=prompt,
                    posture=posture,
                    relation=relation,
                    contacts=tuple(contacts),
                )
            )
    return [job for job in jobs if not only or job.id.startswith(only)]


def load_mesh(path: Path) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """All triangles of a file, in the file's own coordinates."""
    loaded = trimesh.load(path, force="scene").to_geometry()
    return np.asarray(loaded.vertices, float), np.asarray(loaded.faces)


def canonical(job: Job) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """The object of a job in metres, Y up, front +Z."""
    verts, faces = load_mesh(job.path)
    T = job.file_to_canonical
    verts = verts @ T[:3, :3].T + T[:3, 3]
    if np.linalg.det(T[:3, :3]) < 0:
        faces = faces[:, ::-1]
    return verts.astype(np.float32), faces.astype(np.int32)
