"""The test suite, layer by layer: code checks, fast, slow, and Blender's module in three versions.

Everything after the set-up runs without a network. One summary closes it.
"""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from xml.etree import ElementTree

from buildtools import package
from buildtools.environments import (
    BPY_RELEASES,
    bpy_environment,
    make_ready,
    solver_environment,
)

LIMIT = 2400
"""Seconds after which a layer counts as hung."""


@dataclass(frozen=True)
class Layer:
    """One command of the suite, and what came of it."""

    name: str
    code: int
    seconds: float
    passed: int = 0
    failed: int = 0
    skipped: int = 0


def test(root: Path) -> int:
    """Set up what is missing, run every layer, print the summary; 0 only if all is well."""
    python = make_ready(solver_environment(root))
    blenders = {series: make_ready(bpy_environment(root, series)) for series in BPY_RELEASES}
    print(f"Built {package.build(root)}.", flush=True)
    layers = [*check_code(root, python), *solver_layers(root, python)]
    for series, blender in blenders.items():
        layers.append(blender_layer(root, series, blender, python))
    return summarise([*layers, demo_layer(root)])


def check_code(root: Path, python: Path) -> list[Layer]:
    """Lint, format and types; the layers of the architecture are a test of their own."""
    tool = python.parent
    layers = [
        _check("ruff check", [tool / "ruff", "check", "."], root),
        _check("ruff format", [tool / "ruff", "format", "--check", "."], root),
    ]
    if _run([tool / "pyright", "--version"], root, quiet=True)[0]:
        print("Types are not checked: pyright could not fetch its program from npm.")
        return [*layers, Layer("pyright", 0, 0.0, skipped=1)]
    return [*layers, _check("pyright", [tool / "pyright"], root)]


def solver_layers(root: Path, python: Path) -> list[Layer]:
    """The tests that need no Blender: the fast ones, then the slow ones."""
    shapes = "--jaxtyping-packages=solver,house_typechecker.check"
    workers = ["-n", str(min(4, os.cpu_count() or 1))]
    options = [shapes, *workers, "--ignore=tests/blender", "--ignore=tests/gui"]
    return [
        _pytest("fast", python, root, [*options, "-m", "not slow and not blender"]),
        _pytest("slow", python, root, [*options, "-m", "slow and not blender"]),
    ]


def blender_layer(root: Path, series: str, blender: Path, python: Path) -> Layer:
    """The tests of the extension inside one version of Blender's module."""
    settings = {"INTERACT_SOLVER_PYTHON": str(python)}
    return _pytest(f"blender {series}", blender, root, ["tests/blender"], settings)


def demo_layer(root: Path) -> Layer:
    """The README's first command, from the chair's file to a picture."""
    output = root / "build" / "test" / "demo.blend"
    made = [output.with_suffix(suffix) for suffix in (".blend", ".png", ".json")]
    for path in made:
        path.unlink(missing_ok=True)
    words = [sys.executable, root / "build_addon.py", "demo", "--output", output]
    layer = _check("demo", [*words, "--quality", "draft"], root)
    missing = [path.name for path in made if not path.exists()]
    if missing and not layer.code:
        print(f"The demo did not write {', '.join(missing)}.")
        return replace(layer, code=1, passed=0, failed=1)
    return layer


def summarise(layers: Sequence[Layer]) -> int:
    """Print one line per layer and the sum; return the exit code."""
    print(f"\n{'layer':<16}{'result':<8}{'passed':>8}{'failed':>8}{'skipped':>9}{'seconds':>9}")
    for layer in layers:
        result = "FAILED" if layer.code else "ok"
        counts = f"{layer.passed:>8}{layer.failed:>8}{layer.skipped:>9}"
        print(f"{layer.name:<16}{result:<8}{counts}{layer.seconds:>9.1f}")
    passed, failed, skipped = (
        sum(getattr(layer, name) for layer in layers) for name in ("passed", "failed", "skipped")
    )
    print(f"{passed} passed, {failed} failed, {skipped} skipped", flush=True)
    return int(any(layer.code for layer in layers))


def _check(name: str, command: Sequence[Path | str], root: Path) -> Layer:
    """A tool that passes or fails as a whole."""
    code, seconds = _run(command, root)
    return Layer(name, code, seconds, passed=int(not code), failed=int(bool(code)))


def _pytest(
    name: str,
    python: Path,
    root: Path,
    arguments: Sequence[str],
    settings: dict[str, str] | None = None,
) -> Layer:
    """A run of pytest, counted from its own report. That no test passes is a failure."""
    report = root / "build" / "test" / f"{name.replace(' ', '-')}.xml"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    command = [python, "-m", "pytest", "-q", "-ra", f"--junitxml={report}", *arguments]
    code, seconds = _run(command, root, settings)
    if not report.exists():  # It died before it could count.
        return Layer(name, code or 1, seconds, failed=1)
    counts = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
    for suite in ElementTree.parse(report).getroot().iter("testsuite"):
        for key in counts:
            counts[key] += int(suite.get(key, 0))
    failed = counts["failures"] + counts["errors"]
    passed = counts["tests"] - failed - counts["skipped"]
    if not passed and not code:
        print(f"No test of the layer '{name}' ran to its end.")
        code = 1
    return Layer(name, code, seconds, passed, max(failed, int(bool(code))), counts["skipped"])


def _run(
    command: Sequence[Path | str],
    root: Path,
    settings: dict[str, str] | None = None,
    *,
    quiet: bool = False,
) -> tuple[int, float]:
    """Run a command in the project; its exit code and its seconds."""
    words = [str(word) for word in command]
    if not quiet:
        print(f"\n$ {' '.join(words)}", flush=True)
    environment = {**os.environ, "OMP_NUM_THREADS": "1", **(settings or {})}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # The hook on imports takes seconds anew.
    sink = subprocess.DEVNULL if quiet else None
    began = time.monotonic()
    try:
        done = subprocess.run(
            words, cwd=root, env=environment, stdout=sink, stderr=sink, timeout=LIMIT, check=False
        )
        code = done.returncode
    except subprocess.TimeoutExpired:
        print(f"Stopped after {LIMIT} s.")
        code = 124
    return code, time.monotonic() - began
