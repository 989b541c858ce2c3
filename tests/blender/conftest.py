"""The extension as a plain package in Blender's module, with a solver that does as it is told."""

import faulthandler
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FAKE = Path(__file__).resolve().parent / "fake"
LIMIT = 240
"""Seconds after which a test counts as hung and the run ends with all stacks."""

REAL_PYTHON = os.environ.get("INTERACT_SOLVER_PYTHON", "")
"""The interpreter of the product's solver, where the run has one."""

# Before bpy is imported: otherwise it shares the user's settings with a real Blender.
os.environ["BLENDER_USER_RESOURCES"] = tempfile.mkdtemp(prefix="interact-test-")
sys.path.insert(0, str(ROOT))

import bpy  # noqa: E402

import blender_addon  # noqa: E402
from blender_addon import service  # noqa: E402


@pytest.fixture(scope="session", autouse=True)
def registered() -> Iterator[None]:
    blender_addon.register()
    yield
    blender_addon.unregister()


@pytest.fixture(autouse=True)
def fresh_file(registered: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty file, the fake solver, a cache of its own; no solver is left behind."""
    faulthandler.dump_traceback_later(LIMIT, exit=True)
    monkeypatch.setenv("INTERACT_SOLVER_PYTHON", sys.executable)
    monkeypatch.setenv("INTERACT_CACHE", str(tmp_path / "jobs"))
    monkeypatch.setattr(service, "solver_parent", FAKE)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    yield
    service.session.shutdown()
    service.session.jobs.clear()
    service.session._not_before = float("-inf")
    faulthandler.cancel_dump_traceback_later()


@pytest.fixture
def cube() -> bpy.types.Object:
    """The usual cube, active and selected."""
    bpy.ops.mesh.primitive_cube_add(size=1.0, location=(2.0, 3.0, 0.5))
    bpy.context.object.name = "Chair.001"
    return bpy.context.object
