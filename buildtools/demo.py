"""The demo: the built extension, in a private Blender profile, does one job without a window."""

import argparse
import json
import os
import shutil
import subprocess
from pathlib import Path

from buildtools import package
from buildtools.environments import bpy_environment, make_ready, packages_of, solver_environment
from solver.bounds import LONGEST_PROMPT, MOST_VARIANTS
from solver.errors import SolverError

READABLE = (".glb", ".gltf", ".obj", ".stl", ".ply", ".fbx")
EXAMPLE = Path("examples", "chair.glb")
EXAMPLE_PROMPT = "a woman sits on the chair, reading"
SERIES = "5.0"
"""The Blender series that the demo runs in."""


def show(root: Path, options: argparse.Namespace) -> int:
    """Write a .blend, a .png and a .json with a person on an object; return the exit code.

    Raises:
        SolverError: If a file or an option cannot be used; asked before anything is set up.
    """
    check_options(options, root)
    source = readable(Path(options.object) if options.object else root / EXAMPLE)
    output = writable(Path(options.output) if options.output else root / "dist" / "demo.blend")
    prompt = options.prompt
    if prompt is None:
        prompt = f"a person uses the {source.stem}" if options.object else EXAMPLE_PROMPT
    kept = fresh_folder(root / "build" / "demo" / "result") / output.name
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
        "arguments": job_arguments(options, prompt, output, kept),
    }
    profile = settings["BLENDER_USER_RESOURCES"]
    print(f"Installing the extension into a private profile, not yours: {profile}", flush=True)
    began = stamp(output)
    done = subprocess.run(
        [str(blender), "-m", "buildtools.inside_demo", json.dumps(request)],
        cwd=root,
        env={**os.environ, **settings},
        check=False,
    )
    settle(output, kept, ok=done.returncode == 0, saved=stamp(output) != began)
    return done.returncode


def check_options(options: argparse.Namespace, root: Path) -> None:
    """Refuse what the job would refuse minutes later.

    Raises:
        SolverError: Naming the option and what it may be.
    """
    prompt = options.prompt if options.prompt is None else " ".join(options.prompt.split())
    if prompt == "":
        raise SolverError(
            "The prompt is empty.", remedy="Say what the person does: 'a woman sits on the chair'."
        )
    if prompt and len(prompt) > LONGEST_PROMPT:
        raise SolverError(
            f"The prompt has {len(prompt)} characters; at most {LONGEST_PROMPT} are read.",
            remedy="Say it in one or two sentences.",
        )
    if not 1 <= options.variants <= MOST_VARIANTS:
        raise SolverError(
            f"--variants is {options.variants}.", remedy=f"It must be from 1 to {MOST_VARIANTS}."
        )
    if options.seed < 0:
        raise SolverError(f"--seed is {options.seed}.", remedy="It must be 0 or more.")
    packages = packages_of(solver_environment(root))
    if options.device == "cuda" and list(packages.glob("torch-*+cpu.dist-info")):
        raise SolverError(
            "The solver cannot compute on 'cuda': the PyTorch in .venv is built without CUDA.",
            remedy="Choose --device auto or cpu, or make .venv again without the CPU index.",
        )


def stamp(path: Path) -> int | None:
    """When a file was last written; None where there is none."""
    return path.stat().st_mtime_ns if path.exists() else None


def settle(output: Path, kept: Path, *, ok: bool, saved: bool) -> None:
    """Put picture and report beside the scene they belong to, and say what there is.

    Args:
        output: The scene's file, which may be an earlier run's.
        kept: The same name in a folder of ours, where this run's picture and report are.
        ok: Whether the job was done and everything written.
        saved: Whether the scene's file is this run's.
    """
    pairs = list(zip(_results(kept)[1:], _results(output)[1:], strict=True))
    if ok:
        for own, wanted in pairs:
            shutil.move(own, wanted)
        print("Wrote " + ", ".join(str(path) for path in _results(output)) + ".")
        return
    if saved:  # An earlier run's picture and report would belie the new scene.
        for _, wanted in pairs:
            wanted.unlink(missing_ok=True)
        print(f"Wrote {output} only.")
    elif output.exists():
        print(f"{output} is an earlier run's, and was left as it is.")
    if (report := _results(kept)[2]).exists():
        print(f"What went wrong stands in {report}.")


def job_arguments(options: argparse.Namespace, prompt: str, output: Path, kept: Path) -> list[str]:
    """The arguments of the extension's own command, all but `--object`.

    Args:
        options: Of the command line.
        prompt: What the person does.
        output: The scene to write.
        kept: The same name in a folder of ours, for picture and report.
    """
    _, picture, report = _results(kept)
    words = {
        "--prompt": prompt,
        "--output": output,
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
    if path.is_dir():
        raise SolverError(
            f"The object is a folder, not a file: {path}.",
            remedy="Name the file in it after --object.",
        )
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
