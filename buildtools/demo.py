"""The demo: the built extension, in a private Blender profile, does one job without a window."""

import argparse
import json
import os
import shutil
import subprocess
from pathlib import Path

from buildtools import package
from buildtools.environments import bpy_environment, make_ready, solver_environment
from solver.errors import SolverError

READABLE = (".glb", ".gltf", ".obj", ".stl", ".ply", ".fbx")
EXAMPLE = Path("examples", "chair.glb")
EXAMPLE_PROMPT = "a woman sits on the chair, reading"
SERIES = "5.0"
"""The Blender series that the demo runs in."""


def show(root: Path, options: argparse.Namespace) -> int:
    """Write a .blend, a .png and a .json with a person on an object; return the exit code.

    Raises:
        SolverError: If the file to read or to write is none; asked before anything is set up.
    """
    source = readable(Path(options.object) if options.object else root / EXAMPLE)
    output = writable(Path(options.output) if options.output else root / "dist" / "demo.blend")
    prompt = options.prompt
    if prompt is None:
        prompt = f"a person uses the {source.stem}" if options.object else EXAMPLE_PROMPT
    solver = make_ready(solver_environment(root))
    blender = make_ready(bpy_environment(root, SERIES))
    settings = {
        "INTERACT_SOLVER_PYTHON": str(solver),
        "INTERACT_CACHE": str(root / "build" / "cache"),
        "BLENDER_USER_RESOURCES": str(fresh_folder(root / "build" / "demo" / "profile")),
    }
    request = {
        "extension": str(package.build(root)),
        "source": str(source),
        "arguments": job_arguments(options, prompt, output),
    }
    done = subprocess.run(
        [str(blender), "-m", "buildtools.inside_demo", json.dumps(request)],
        cwd=root,
        env={**os.environ, **settings},
        check=False,
    )
    made = [path for path in _results(output) if path.exists()]
    if done.returncode == 0:
        print("Wrote " + ", ".join(str(path) for path in made) + ".")
    return done.returncode


def job_arguments(options: argparse.Namespace, prompt: str, output: Path) -> list[str]:
    """The arguments of the extension's own command, all but `--object`."""
    blend, picture, report = _results(output)
    words = {
        "--prompt": prompt,
        "--output": blend,
        "--picture": picture,
        "--report": report,
        "--placement": "estimate",
        "--seed": options.seed,
        "--variants": options.variants,
        "--quality": options.quality,
        "--front": options.front,
        "--device": options.device,
    }
    return [f"{name}={value}" for name, value in words.items()]


def readable(path: Path) -> Path:
    """The absolute path of an object's file.

    Raises:
        SolverError: If it does not exist or is of a kind that the demo does not read.
    """
    if not path.is_file():
        raise SolverError(
            f"The object's file does not exist: {path}.", remedy="Check the path after --object."
        )
    if path.suffix.lower() not in READABLE:
        raise SolverError(
            f"The demo cannot read '{path.suffix}' files: {path}.",
            remedy=f"Convert it to one of {', '.join(READABLE)}.",
        )
    return path.resolve()


def writable(path: Path) -> Path:
    """The absolute path of the .blend to write, in a folder that exists and takes files.

    Raises:
        SolverError: If nothing can be written there.
    """
    if path.suffix != ".blend":
        raise SolverError(f"The output is no .blend file: {path}.", remedy="Name it FILE.blend.")
    path = path.resolve()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for result in _results(path):
            with result.open("ab"):
                pass
            if not result.stat().st_size:
                result.unlink()
    except OSError as error:
        raise SolverError(
            f"{path} cannot be written: {error}.", remedy="Choose another folder with --output."
        ) from error
    return path


def fresh_folder(path: Path) -> Path:
    """An empty folder of ours below build/."""
    if path.exists():
        shutil.rmtree(path)
    path.mkdir(parents=True)
    return path


def _results(output: Path) -> tuple[Path, Path, Path]:
    """The three files of a demo: scene, picture, quality report."""
    return output, output.with_suffix(".png"), output.with_suffix(".json")
