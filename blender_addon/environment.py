"""Where things are: the solver's Python, the job folders, the log. Asks the preferences, late."""

import os
import re
import shutil
import tempfile
import time
import uuid
from contextlib import suppress
from pathlib import Path

import bpy

from .owned_folder import python_of, ready
from .wire import errors

PYTHON_VARIABLE = "INTERACT_SOLVER_PYTHON"
"""Overrides the preferences: used by scripts and tests."""
CACHE_VARIABLE = "INTERACT_CACHE"
"""Overrides the cache folder of the preferences; the solver's process is told by it."""
JOB_NAME = re.compile(r"\d{8}-\d{6}-[a-z0-9-]+-[0-9a-f]{6}")
LOG_NAME = re.compile(r"solver-\d+\.log")
KEPT_JOBS = 200
"""Job folders: a few MB each."""
KEPT_LOGS = 10


def preferences() -> "bpy.types.AddonPreferences | None":
    """The extension's preferences; None where it runs as a plain package."""
    addon = bpy.context.preferences.addons.get(__package__)
    return addon.preferences if addon else None


def preference(name: str, default: str = "") -> str:
    """A preference as text, with a default where there are no preferences."""
    return str(getattr(preferences(), name, "") or default)


def user_folder(name: str) -> Path:
    """A folder of ours in the user's data, made when needed.

    Raises:
        SolverError: When it cannot be made.
    """
    try:
        return Path(bpy.utils.extension_path_user(__package__, path=name, create=True))
    except ValueError:  # Not installed as an extension: a source checkout.
        folder = Path(bpy.utils.resource_path("USER")) / "interact_anything" / name
    except OSError as error:
        raise _unwritable(name, error) from error
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(name, error) from error
    return folder


def _unwritable(name: str, error: OSError) -> errors.SolverError:
    return errors.SolverError(
        f"The extension's folder of {name} cannot be written: {error}",
        remedy="Choose other folders in the extension's preferences, or free some disk space.",
    )


def environment_folder() -> Path:
    """The folder of the solver's virtual environment.

    Raises:
        SolverError: When the user's own folder cannot be made.
    """
    chosen = preference("environment")
    return Path(bpy.path.abspath(chosen)) if chosen else user_folder("environment")


def solver_python() -> Path:
    """The interpreter that runs the solver.

    Raises:
        SolverError: When none is set up, or the chosen one is not there.
    """
    chosen = os.environ.get(PYTHON_VARIABLE) or preference("python")
    if chosen:
        # Not resolved: the link of a virtual environment is what makes it one.
        path = Path(bpy.path.abspath(chosen))
        if path.is_file() and os.access(path, os.X_OK):
            return path
        raise errors.SolverError(
            f"The solver's Python does not exist or cannot run: {path}",
            remedy="Choose another under 'Use this Python' in the extension's preferences.",
        )
    folder = environment_folder()
    if ready(folder):
        return python_of(folder)
    raise errors.SolverError(
        "The solver is not set up yet.",
        remedy="Press 'Set up solver' in Edit > Preferences > Add-ons > Interact Anything.",
    )


def cache_folder() -> Path:
    """The folder that holds the job folders, and what the solver keeps for the next job.

    Raises:
        SolverError: When the user's own folder cannot be made.
    """
    chosen = os.environ.get(CACHE_VARIABLE) or preference("cache")
    if not chosen:
        return user_folder("jobs")
    return Path(bpy.path.abspath(chosen))


def new_job_folder(object_name: str) -> Path:
    """A fresh folder for one job.

    Raises:
        SolverError: When the cache folder cannot be written.
    """
    slug = re.sub(r"[^A-Za-z0-9]+", "-", object_name).strip("-").lower()[:24] or "object"
    name = f"{time.strftime('%Y%m%d-%H%M%S')}-{slug}-{uuid.uuid4().hex[:6]}"
    cache = cache_folder()
    prune(cache, JOB_NAME, KEPT_JOBS - 1)
    folder = cache / name
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise errors.SolverError(
            f"The cache folder cannot be written: {error}",
            remedy="Choose another cache folder in the extension's preferences.",
        ) from error
    return folder


def log_file() -> Path:
    """The solver's log of this Blender."""
    name = f"solver-{os.getpid()}.log"
    try:
        folder = user_folder("logs")
    except errors.SolverError:
        return Path(tempfile.gettempdir()) / f"interact-anything-{name}"
    prune(folder, LOG_NAME, KEPT_LOGS - 1, but=name)
    return folder / name


def prune(folder: Path, ours: re.Pattern[str], keep: int, but: str = "") -> None:
    """Delete the oldest of our files and folders; what carries another name is not ours.

    Args:
        folder: Where they are.
        ours: The whole name of what we make there.
        keep: How many stay.
        but: A name that stays in any case.
    """
    try:
        found = [one for one in folder.iterdir() if ours.fullmatch(one.name) and one.name != but]
        found.sort(key=lambda one: one.stat().st_mtime)
    except OSError:  # No such folder yet, or not ours to read: whoever writes there will say so.
        return
    for old in found[: max(len(found) - keep, 0)]:
        if old.is_dir() and not old.is_symlink():
            shutil.rmtree(old, ignore_errors=True)
        else:
            with suppress(OSError):  # Another Blender on Windows still writes it.
                old.unlink()
