"""A folder of objects with a `manifest.json`: prompts, expected contacts, up and front.

Per object: `id`, `name`, `file`, `file_to_canonical` (4x4, to metres, Y up, front +Z), `prompts`,
and parallel to them `expected_posture`, `expected_relation`, `expected_contacts` (`a|b`: one is
enough; `either_hand`: one of the two).
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

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
    """`a|b`: either will do; so for the relation."""
    relation: str
    contacts: tuple[str, ...]
    plan: dict[str, Any] | None = None
    """Made by hand; None: the prompt is read by rules."""


def with_plans(jobs: list[Job], path: Path) -> list[Job]:
    """The jobs with the plans that a file such as `plans.json` has for their ids.

    Leaves the program with code 2 where a plan was made for another prompt than its job has.
    """
    plans = json.loads(path.read_text(encoding="utf-8"))["plans"]
    planned = [replace(job, plan=plans.get(job.id)) for job in jobs]
    for job in planned:
        if job.plan is not None and job.plan["prompt"] != job.prompt:
            print(f"{path} has a plan for {job.id}, but for another prompt: {job.plan['prompt']}")
            sys.exit(2)
    return planned


def read_jobs(folder: Path, only: tuple[str, ...] = (), prompts: Path | None = None) -> list[Job]:
    """All jobs of a folder, or those whose id starts with one of `only`.

    Leaves the program with a sentence and code 0 where the folder has no manifest: a benchmark
    without its objects is skipped, not failed.

    Args:
        folder: Holds the objects and their `manifest.json`.
        only: Beginnings of ids.
        prompts: A list like `prompts.json`, in place of the manifest's own prompts. Its numbers go
            on where those of the manifest end, so that an id means one prompt.
    """
    manifest = folder / "manifest.json"
    if not manifest.exists():
        print(f"Skipped: there is no {manifest}. Give --objects a folder that holds one.")
        sys.exit(0)
    entries = json.loads(manifest.read_text(encoding="utf-8"))["objects"]
    jobs = [
        _job(folder, entry, number, row)
        for entry in entries
        for number, row in (_listed(entry, prompts) if prompts else _own(entry))
    ]
    if prompts:
        _refuse_unknown(prompts, {entry["id"] for entry in entries})
    return [job for job in jobs if not only or job.id.startswith(only)]


def read_prompts(path: Path) -> list[dict[str, Any]]:
    """Rows with `object`, `prompt`, `posture`, `relation` and `expected`, as in `prompts.json`."""
    return json.loads(path.read_text(encoding="utf-8"))["prompts"]


def _own(entry: dict[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    """The manifest's own prompts of an object, numbered from 1."""
    names = ("prompt", "posture", "relation", "expected")
    columns = ("prompts", "expected_posture", "expected_relation", "expected_contacts")
    rows = zip(*(entry[column] for column in columns), strict=True)
    yield from enumerate((dict(zip(names, row, strict=True)) for row in rows), start=1)


def _listed(entry: dict[str, Any], path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The prompts of a list for an object."""
    rows = (row for row in read_prompts(path) if row["object"] == entry["id"])
    yield from enumerate(rows, start=len(entry["prompts"]) + 1)


def _refuse_unknown(path: Path, known: set[str]) -> None:
    """A prompt for an object that is not there would be left out in silence."""
    unknown = sorted({row["object"] for row in read_prompts(path)} - known)
    if unknown:
        print(f"{path} has prompts for objects that the manifest lacks: {', '.join(unknown)}.")
        sys.exit(2)


def _job(folder: Path, entry: dict[str, Any], number: int, row: dict[str, Any]) -> Job:
    return Job(
        id=f"{entry['id']}-{number}",
        name=entry["id"],
        path=folder / entry["file"],
        file_to_canonical=np.array(entry["file_to_canonical"], float),
        prompt=row["prompt"],
        posture=row["posture"],
        relation=row["relation"],
        contacts=tuple(row["expected"]),
    )


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
