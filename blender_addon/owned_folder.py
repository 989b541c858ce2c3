"""The folder of the solver's environment: ours from its first moment, by a sentinel. No bpy.

A folder without the sentinel is never touched; one whose set-up was interrupted is gone on with.
"""

import json
import os
import shutil
import sys
from pathlib import Path

from .wire import errors

SENTINEL = ".interact_anything_environment.json"


def python_of(folder: Path) -> Path:
    """The environment's interpreter."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def base_python() -> list[str]:
    """What the environment is bound to: it breaks when Blender's Python moves or changes."""
    return [sys.base_prefix, ".".join(map(str, sys.version_info[:3]))]


def read_sentinel(folder: Path) -> dict[str, object]:
    """What the sentinel says; empty where there is none."""
    try:
        content = json.loads((folder / SENTINEL).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def ready(folder: Path) -> bool:
    """Whether a complete environment for this Blender's Python is there."""
    said = read_sentinel(folder)
    return (
        said.get("state") == "complete"
        and said.get("base") == base_python()
        and python_of(folder).is_file()
    )


def claim(folder: Path) -> None:
    """Make the folder ours, or recognise it.

    Raises:
        SolverError: When it holds something that we did not put there.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not read_sentinel(folder) and any(folder.iterdir()):
            raise errors.SolverError(
                f"The folder {folder} is not empty and was not made by this extension.",
                remedy="Choose an empty or new folder for the solver's environment.",
            )
        if read_sentinel(folder).get("base") not in (None, base_python()):
            remove(folder)
            folder.mkdir(parents=True)
        write_sentinel(folder, "incomplete")
    except OSError as error:
        raise errors.SolverError(
            f"The environment's folder cannot be written: {error}",
            remedy="Choose another folder for the solver's environment.",
        ) from error


def remove(folder: Path) -> None:
    """Delete an environment, but only one that carries our sentinel.

    Raises:
        SolverError: When it does not.
    """
    if not read_sentinel(folder):
        raise errors.SolverError(
            f"The folder {folder} was not made by this extension.",
            remedy="Delete it yourself if you are sure.",
        )
    shutil.rmtree(folder)


def write_sentinel(folder: Path, state: str) -> None:
    """Mark the folder as ours."""
    content = {"made_by": "interact_anything", "state": state, "base": base_python()}
    (folder / SENTINEL).write_text(json.dumps(content, indent=1), encoding="utf-8")
