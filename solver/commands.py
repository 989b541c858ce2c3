"""What the command line does with a job's folder besides solving it."""

import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch

from .artefacts import Affordance, Contact, Item, Plan
from .body import load_body, shape_body
from .body.amass import Layout, save_amass
from .cache import cache_folder
from .errors import SolverError
from .evaluation import simulated, thorough
from .intake import Hints, take_in
from .job import read_request
from .pipeline import Clock, Report, understand
from .plan import Seen, expected_object, plan_in_brief, plan_of_sentence
from .planned import seen_of
from .render.maps import sheet
from .render.shade import save
from .solved import read_mesh, shown_files, shown_job, unsolved
from .vocabulary import OFF_OBJECT
from .wishes import PlannerChoice

Size = tuple[float, float, float]
UNKNOWN_PARTS = (
    "The person is no body in SMPL's layout: fingers, hard and soft parts, expected contacts, "
    "self-penetration and joint limits are left out."
)
UNKNOWN_POSE = "The person's rotations are not known: joint limits are left out."


def draw_affordance(folder: Path, picture: Path, report: Report) -> Affordance:
    """Run a job's first three stages and draw one row per contact on the object.

    Raises:
        SolverError: When the job cannot be done, or nothing of it touches the object.
    """
    request = read_request(folder)
    found = understand(folder, request, Clock(report))
    rows = [
        (f"{_words(one.contact)}, {one.confidence:.0%} sure", one.probability)
        for one in found.affordance.targets
    ]
    if not rows:
        raise SolverError(
            f"No contact of '{request.prompt}' is on the object.",
            remedy="Say what touches it: 'a man sits on the chair'.",
        )
    item = found.item
    save(sheet(item.mesh, item.surface, item.points, item.normals, rows), picture)
    return found.affordance


def item_of_file(path: Path, sentence: str, name: str) -> Item:
    """The object in a mesh file, its unit and front estimated: what the planner may know of it.

    Raises:
        SolverError: When the file holds no usable mesh.
    """
    verts, faces = read_mesh(path)
    spoken = name or path.stem
    hints = Hints(placement="estimate")
    return take_in(verts, faces, spoken, expected_object(sentence, spoken), hints)


def planner_of(
    choice: PlannerChoice, path: Path | None, sentence: str, name: str
) -> Callable[[str], Plan]:
    """What makes a plan of a sentence about one object.

    Args:
        choice: Who reads; a language model's failure is a warning of the plan.
        path: A mesh file of the object; None: nothing of it is measured.
        sentence: What it says of the object counts where the file is taken in.
        name: Of the object, as in the scene; else that of the file.
    """
    item = item_of_file(path, sentence, name) if path is not None else None
    size = None if item is None else cast(Size, tuple(item.mesh.extent.tolist()))

    def see(views: int) -> Seen:
        return Seen() if item is None else seen_of(item, views)

    spoken = name if item is None else item.name
    cache = cache_folder() / "answers"
    return lambda said: plan_of_sentence(said, spoken, size, choice, see, cache)


def plans_of_lines(lines: Iterable[str], read: Callable[[str], Plan]) -> Iterator[dict[str, Any]]:
    """A plan, in brief, for every line; a line that is no sentence gives `error` and `remedy`.

    Args:
        lines: A JSON string each: a sentence.
        read: Makes a plan of a sentence.
    """
    for number, line in enumerate(lines, start=1):
        try:
            yield plan_in_brief(read(_sentence(line, number)))
        except SolverError as error:
            yield {"error": str(error), "remedy": error.remedy}


def _sentence(line: str, number: int) -> str:
    try:
        sentence = json.loads(line)
        if not isinstance(sentence, str):
            raise ValueError("it holds something else")
    except ValueError as error:
        raise SolverError(
            f"Line {number} is no JSON string: {error}.",
            remedy='Give a sentence in quotes per line: "a woman sits on the chair".',
        ) from error
    return sentence


def read_report(folder: Path) -> dict[str, Any]:
    """The report of a solved job.

    Raises:
        SolverError: When there is none.
    """
    path = folder / "report.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if not content["variants"]:
            raise ValueError("it has no variants")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise unsolved(path, error) from error
    return cast(dict[str, Any], content)


def metric_rows(variants: list[dict[str, float]]) -> list[tuple[str, ...]]:
    """Rows of a table: a metric's name, then its value in every variant."""
    names = dict.fromkeys(name for metrics in variants for name in metrics)
    return [
        (name, *(f"{metrics[name]:.4g}" if name in metrics else "-" for metrics in variants))
        for name in names
    ]


def measured(
    folder: Path, report: dict[str, Any], *, simulate: bool = False
) -> list[dict[str, float]]:
    """The whole suite for every variant of a solved job; expected is what its plan asks for.

    Raises:
        SolverError: When a simulation is asked for without the extra `physics`.
    """
    plan = report["plan"]
    posture, movable = plan["posture"], plan["movable"]
    asked = tuple(one["part"] for one in plan["contacts"] if one["region"] not in OFF_OBJECT)
    shown = [shown_job(folder, k + 1) for k in range(len(report["variants"]))]
    return [
        thorough(one, asked, asked, posture, movable=movable)
        | (simulated(one, posture, movable=movable) if simulate else {})
        for one in shown
    ]


def measured_meshes(
    person: Path, thing: Path, floor: float | None, expected: tuple[str, ...]
) -> tuple[dict[str, float], str]:
    """The suite for meshes of any other system, and what it cannot say of them."""
    shown = shown_files(person, thing, floor)
    if shown.body is None:
        return thorough(shown), UNKNOWN_PARTS
    return thorough(shown, expected), UNKNOWN_POSE


def export_amass(folder: Path, path: Path, variant: int, layout: Layout) -> None:
    """Write one variant of a solved job, scene frame turned Z up, as an AMASS file of one frame.

    Raises:
        SolverError: When the job is not solved, or has no such variant.
    """
    source = folder / "solution.npz"
    try:
        with np.load(source, allow_pickle=False) as file:
            pose, trans, betas = (torch.from_numpy(file[k]) for k in ("pose", "trans", "betas"))
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise unsolved(source, error) from error
    if not 1 <= variant <= len(pose):
        raise SolverError(
            f"There is no variant {variant}: the job has {len(pose)}.",
            remedy=f"Give a number from 1 to {len(pose)}.",
        )
    request = read_request(folder)
    body = shape_body(load_body(Path(request.body) if request.body else None), betas)
    row = slice(variant - 1, variant)
    try:
        save_amass(path, body, pose[row], trans[row], layout)
    except OSError as error:
        raise SolverError(
            f"{path} cannot be written: {error}",
            remedy="Choose a file in a folder that you may write to.",
        ) from error


def _words(contact: Contact) -> str:
    return f"{contact.part} on {contact.region}".replace("_", " ")
