"""Where things are: the solver's Python, the job folders, the log. Asks the preferences, late."""

import os
import re
import tempfile
import time
import uuid
from pathlib import Path

import bpy

from .owned_folder import python_of, ready
from .wire import errors

PYTHON_VARIABLE = "INTERACT_SOLVER_PYTHON"
"""Overrides the preferences: used by scripts and tests."""
CACHE_VARIABLE = "INTERACT_CACHE"
"""Overrides the cache folder of the preferences."""


def preferences() -> "bpy.types.AddonPreferences | None":
    """The extension's preferences; None where it runs as a plain package."""
    addon = bpy.context.preferences.addons.get(__package__)
    return addon.preferences if addon else None


def preference(name: str, default: str = "") -> str:
    """A preference as text, with a default where there are no preferences."""
    return str(getattr(preferences(), name, "") or default)


def user_folder(name: str) -> Path:
    """A folder of ours in the user's data, made when needed."""
    try:
        return Path(bpy.utils.extension_path_user(__package__, path=name, create=True))
    except ValueError:  # Not installed as an extension: a source checkout.
        folder = Path(bpy.utils.resource_path("USER")) / "interact_anything" / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder


def environment_folder() -> Path:
    """The folder of the solver's virtual environment."""
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
    """The folder that holds the job folders."""
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
    folder = cache_folder() / name
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
        return user_folder("logs") / name
    except OSError:
        return Path(tempfile.gettempdir()) / f"interact-anything-{name}"
