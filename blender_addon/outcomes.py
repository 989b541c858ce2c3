"""What became of the jobs of a command, and the files that are written about it."""

import argparse
import json
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bpy

from .picture import render_picture
from .wire import errors


@dataclass
class Outcome:
    """What became of one job: a line for people, a row of the report."""

    object: str
    prompt: str
    ok: bool = False
    what: str = ""
    remedy: str = ""
    seconds: float = 0.0
    folder: str = ""
    collection: str = ""
    rigs: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    report: dict[str, Any] = field(default_factory=dict)

    @property
    def line(self) -> str:
        """One line for the terminal."""
        name = ": ".join(filter(None, (self.object, self.prompt.strip()[:60])))
        if not self.ok:
            return f"FAILED  {name}: {spoken(self.what, self.remedy)}"
        notes = f" ({len(self.warnings)} warnings)" if self.warnings else ""
        people = f"{len(self.rigs)} variants" if len(self.rigs) > 1 else "1 person"
        return f"ok      {name}: {people} in {self.seconds:.1f} s{notes}"


def spoken(what: str, remedy: str) -> str:
    """What happened and what to do, as sentences on one line."""
    end = "" if what.endswith((".", "!", "?")) or not remedy else "."
    return f"{what}{end} {remedy}".strip()


def write_all(arguments: argparse.Namespace, outcomes: list[Outcome]) -> None:
    """The report always, the file and its picture when there is a result to see."""
    if arguments.report:
        write_report(arguments.report, outcomes)
    if any(one.ok for one in outcomes):
        save(arguments.output)
        if arguments.picture:
            take_picture(arguments.picture, outcomes)


def check_writable(path: Path | None) -> None:
    """Find out before the work whether a file can be written after it.

    Raises:
        SolverError: When it cannot.
    """
    if path is None:
        return
    remedy = "Choose a file in a folder that you may write to."
    if path.is_dir() or (path.exists() and not os.access(path, os.W_OK)):
        raise errors.SolverError(f"{path} cannot be written.", remedy=remedy)
    if not path.resolve().parent.is_dir():
        raise errors.SolverError(
            f"{path} cannot be written: there is no folder {path.resolve().parent}.", remedy=remedy
        )
    try:
        with tempfile.TemporaryFile(dir=path.resolve().parent):
            pass
    except OSError as error:
        why = error.strerror or error
        raise errors.SolverError(f"{path} cannot be written: {why}.", remedy=remedy) from error


def check_blend(path: Path) -> None:
    """Blender would write its own kind of file under any name.

    Raises:
        SolverError: When the name is not that of a .blend file.
    """
    if path.suffix != ".blend":
        raise errors.SolverError(
            f"The output is no .blend file: {path}.", remedy="Name it FILE.blend."
        )


def save(path: Path) -> None:
    """Save the open file there.

    Raises:
        SolverError: When Blender cannot.
    """
    try:
        bpy.ops.wm.save_as_mainfile(filepath=str(path.resolve()), check_existing=False)
    except RuntimeError as error:
        raise errors.SolverError(
            f"{path} could not be saved: {str(error).strip()}", remedy="Choose another file."
        ) from error


def take_picture(path: Path, outcomes: list[Outcome]) -> None:
    """A picture of the last result with its object."""
    last = next(one for one in reversed(outcomes) if one.ok)
    rig = bpy.data.objects[last.rigs[0]]
    target = rig.get("interact_target")
    shown = [target, *target.children_recursive] if target is not None else []
    render_picture(path, [rig, *rig.children, *shown])


def write_report(path: Path, outcomes: list[Outcome]) -> None:
    """All outcomes as JSON."""
    content = {"version": 1, "jobs": [vars(one) for one in outcomes]}
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False), encoding="utf-8")
