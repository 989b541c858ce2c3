"""The project's virtual environments: each is made whole, or made again.

A file of ours in the environment's folder says how far it came. It says "incomplete" from before
the first byte is installed until after the last, so an interrupted set-up is seen and begun anew
(pip's cache makes that quick), and nothing that is not ours is ever deleted.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from solver.errors import SolverError

SENTINEL = "interact_anything.json"
INCOMPLETE = {"state": "incomplete"}

AGAIN = (
    "An earlier set-up was interrupted or has moved: this folder is made again, from pip's cache "
    "where pip has a whole file."
)
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
"""Where PyTorch's smaller builds are; the package index has only the CUDA build for Linux."""

BPY_RELEASES = {"4.2": "4.2.23", "4.5": "4.5.15", "5.0": "5.0.1"}
"""Blender series -> the exact `bpy` that stands for it in tests. All need Python 3.11."""


@dataclass(frozen=True)
class Environment:
    """A virtual environment and what belongs into it."""

    folder: Path
    what: str
    """What it is for, and what it costs, in a few words for the person who waits."""
    requirements: tuple[str, ...]
    """Arguments of `pip install`."""
    locks: tuple[Path, ...]
    """The files named in `requirements`: when one changes, it is installed again."""
    importable: Path | None = None
    """A folder whose packages the environment sees."""


def solver_environment(root: Path) -> Environment:
    """Where the solver, its tests and the benchmarks run."""
    lock = root / "requirements.lock"
    return Environment(
        root / ".venv",
        f"the solver and its tools, {_solver_size()}",
        ("-r", str(lock)),
        (lock,),
        importable=root,
    )


def _solver_size() -> str:
    """What the solver's environment costs here, as far as the environment's variables tell."""
    named = os.environ.get("PIP_EXTRA_INDEX_URL", "") + os.environ.get("PIP_INDEX_URL", "")
    if sys.platform != "linux" or "/whl/cpu" in named:
        return "about 500 MB to download, 2 GB on disk"
    return (
        "with the package index's CUDA build of torch about 3.3 GB to download, 5.6 GB on disk; "
        f"with PIP_EXTRA_INDEX_URL={CPU_INDEX} about 500 MB, 2 GB on disk"
    )


def bpy_environment(root: Path, series: str) -> Environment:
    """Where Blender's module runs, apart from torch. `series` is a key of `BPY_RELEASES`."""
    lock = root / "buildtools" / "bpy.lock"
    return Environment(
        root / f".venv-bpy-{series}",
        f"Blender {BPY_RELEASES[series]} as a module, about 400 MB to download, 1 GB on disk",
        (f"bpy=={BPY_RELEASES[series]}", "-r", str(lock)),
        (lock,),
    )


def python_of(environment: Environment) -> Path:
    """The environment's interpreter, whether or not it is there yet."""
    return Path(_path_of(environment.folder, "scripts")) / (
        "python.exe" if os.name == "nt" else "python"
    )


def packages_of(environment: Environment) -> Path:
    """The environment's site-packages folder."""
    return Path(_path_of(environment.folder, "purelib"))


def make_ready(environment: Environment) -> Path:
    """The environment's interpreter, after installing whatever is missing.

    Raises:
        SolverError: If pip fails, or if the folder holds something else.
    """
    wanted = _complete(environment)
    found = _state(environment.folder)
    python = python_of(environment)
    if found == wanted and python.exists():
        return python
    print(f"Setting up {environment.folder.name} ({environment.what}).", flush=True)
    if found and (found == INCOMPLETE or _moved(found, wanted) or not python.exists()):
        print(AGAIN, flush=True)
        shutil.rmtree(environment.folder)
        found = None
    if found or not environment.folder.exists():
        environment.folder.mkdir(exist_ok=True)
        _write(environment.folder, INCOMPLETE)
    if not python.exists():
        _create(environment.folder)
    _install(environment, python)
    if environment.importable:
        path = packages_of(environment) / "interact_anything.pth"
        path.write_text(f"{environment.importable}\n", encoding="utf-8")
    _write(environment.folder, wanted)
    return python


def _create(folder: Path) -> None:
    """An empty environment of the running Python, with pip."""
    if any(path.name != SENTINEL for path in folder.iterdir()) if folder.exists() else False:
        raise SolverError(
            f"{folder} exists, is no working virtual environment, and was not made by this tool.",
            remedy="Rename or remove it, and run the command again.",
        )
    has_ensurepip = find_spec("ensurepip") is not None
    if not has_ensurepip and find_spec("pip") is None:
        raise SolverError(
            f"{sys.executable} has neither 'ensurepip' nor 'pip'.",
            remedy="Install them (on Debian: apt install python3.11-venv), and run this again.",
        )
    venv.EnvBuilder(with_pip=has_ensurepip, symlinks=os.name != "nt").create(folder)


def _install(environment: Environment, python: Path) -> None:
    """Run pip for `environment`, with pip's own progress on the terminal."""
    pip = [str(python), "-m", "pip"]
    if subprocess.run([*pip, "--version"], capture_output=True, check=False).returncode:
        pip = [sys.executable, "-m", "pip", "--python", str(python)]
    command = [*pip, "install", "--disable-pip-version-check", *environment.requirements]
    if code := subprocess.run(command, check=False).returncode:
        raise SolverError(
            f"pip could not fill {environment.folder.name} (exit code {code}; its words stand "
            "above).",
            remedy="Check the network and the free disk space, and run the same command again.",
        )


def _complete(environment: Environment) -> dict[str, str]:
    """What the sentinel of a finished environment says."""
    digest = hashlib.sha256(" ".join(environment.requirements[:1]).encode())
    for lock in environment.locks:
        digest.update(lock.read_bytes())
    return {
        "state": "complete",
        "requirements": digest.hexdigest(),
        "python": sys.version,
        "folder": str(environment.folder),
    }


def _moved(found: dict[str, str], wanted: dict[str, str]) -> bool:
    """Whether the environment was made elsewhere or by another Python: its scripts are broken."""
    return any(found.get(key) != wanted[key] for key in ("python", "folder"))


def _state(folder: Path) -> dict[str, str] | None:
    """What our sentinel in `folder` says; None if there is none, so `folder` is not ours."""
    path = folder / SENTINEL
    if not path.exists():
        return None
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except ValueError:
        return INCOMPLETE


def _write(folder: Path, state: dict[str, str]) -> None:
    """Put our sentinel into `folder`."""
    (folder / SENTINEL).write_text(json.dumps(state, indent=1), encoding="utf-8")


def _path_of(folder: Path, kind: str) -> str:
    """A path of sysconfig's "venv" scheme under `folder`."""
    base = {"base": str(folder), "platbase": str(folder)}
    return sysconfig.get_path(kind, scheme="venv", vars=base)
