"""What the command line does with a job's folder besides solving it."""

import json
import zipfile
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch

from .artefacts import Affordance, Contact
from .body import load_body, shape_body
from .body.amass import Layout, save_amass
from .errors import SolverError
from .job import read_request
from .pipeline import Clock, Report, understand
from .render.maps import sheet
from .render.shade import save


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
        raise _unsolved(path, error) from error
    return cast(dict[str, Any], content)


def metric_rows(report: dict[str, Any]) -> list[tuple[str, ...]]:
    """Rows of a table: a metric's name, then its value in every variant."""
    variants = [variant["metrics"] for variant in report["variants"]]
    names = dict.fromkeys(name for metrics in variants for name in metrics)
    return [
        (name, *(f"{metrics[name]:.4g}" if name in metrics else "-" for metrics in variants))
        for name in names
    ]


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
        raise _unsolved(source, error) from error
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


def _unsolved(path: Path, error: Exception) -> SolverError:
    return SolverError(
        f"No result can be read from {path}: {error}",
        remedy="Solve the job first: python -m solver run JOB.",
    )
