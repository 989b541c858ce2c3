"""Many job folders, one after another, and a table at the end."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .errors import SolverError

Solve = Callable[[Path, Callable[[str, float], None]], None]


@dataclass(frozen=True)
class Outcome:
    """How one job ended."""

    folder: Path
    seconds: float
    failure: str = ""
    """Empty when it gave a result."""


def run_jobs(folders: list[Path], solve: Solve) -> list[Outcome]:
    """Solve every folder; a job that fails does not stop the others."""
    outcomes: list[Outcome] = []
    for folder in folders:
        begun, failure = time.monotonic(), ""
        try:
            solve(folder, _silent)
        except SolverError as error:
            failure = f"{error} {error.remedy}"
        except Exception as error:
            sys.excepthook(type(error), error, error.__traceback__)
            failure = f"A bug in the solver: {error!r}"
        outcomes.append(Outcome(folder, time.monotonic() - begun, failure))
    return outcomes


def job_folders(folder: Path) -> list[Path]:
    """The folders below `folder` that hold a request, in the order of their names.

    Raises:
        SolverError: When there is none.
    """
    found = sorted(path.parent for path in folder.glob("*/request.json"))
    if not found:
        raise SolverError(
            f"No jobs in {folder}.",
            remedy="Give a folder whose folders each hold request.json and object.npz.",
        )
    return found


def _silent(_stage: str, _fraction: float) -> None:
    """A batch shows whole jobs, not their progress."""
