"""The installable extension: `blender_addon/` and `solver/` in one folder, as a zip.

The zip is written and validated by Blender's own extension builder, which the `bpy` module brings.
"""

import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

from buildtools.environments import bpy_environment, make_ready, packages_of
from buildtools.wheels import uv_wheels
from solver.errors import SolverError

EXTENSION = "interact_anything"
BUILDER = "5.0"
"""The Blender series whose builder makes the zip."""

_LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", ".*", "*.blend1")


def build(root: Path) -> Path:
    """Write `dist/interact_anything-VERSION.zip` and return its path.

    Raises:
        SolverError: If Blender's builder refuses the extension; its words are in the message.
    """
    environment = bpy_environment(root, BUILDER)
    make_ready(environment)
    builder = packages_of(environment).joinpath(
        "bpy", BUILDER, "scripts", "addons_core", "bl_pkg", "cli", "blender_ext.py"
    )
    folder = stage(root, uv_wheels(root))
    target = root / "dist" / f"{EXTENSION}-{version(root)}.zip"
    target.parent.mkdir(exist_ok=True)
    target.unlink(missing_ok=True)
    _call(builder, "build", "--source-dir", str(folder), "--output-filepath", str(target))
    _call(builder, "validate", str(target))
    return target


def stage(root: Path, extra_wheels: Iterable[Path] = ()) -> Path:
    """The extension as one folder, made anew in `build/stage/`."""
    folder = root / "build" / "stage" / EXTENSION
    if folder.exists():
        shutil.rmtree(folder)
    shutil.copytree(root / "blender_addon", folder, ignore=_LEFT_OUT)
    shutil.copytree(root / "solver", folder / "solver", ignore=_LEFT_OUT)
    wheels = folder / "wheels"
    wheels.mkdir(exist_ok=True)
    for path in (root / "wheels" / "requirements.lock", *extra_wheels):
        shutil.copy2(path, wheels)
    shutil.copy2(root / "LICENSE", folder)
    return folder


def version(root: Path) -> str:
    """The version in the extension's manifest."""
    manifest = root / "blender_addon" / "blender_manifest.toml"
    return str(tomllib.loads(manifest.read_text(encoding="utf-8"))["version"])


def _call(builder: Path, *arguments: str) -> None:
    """Run Blender's extension builder; it is plain Python and needs no Blender."""
    done = subprocess.run(
        [sys.executable, str(builder), *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        raise SolverError(
            f"Blender's extension builder refused to {arguments[0]}: {done.stdout}{done.stderr}",
            remedy="Mend what it names in blender_addon/, and build again.",
        )
