"""Folders of jobs, logs and the cache: where they are, and that they do not pile up."""

import os
from pathlib import Path

import bpy
import pytest
from helpers import submit, until

from blender_addon import environment, service
from blender_addon.wire import errors

pytestmark = pytest.mark.blender


def test_a_cancelled_job_leaves_no_folder(cube: bpy.types.Object) -> None:
    """Not while the solver still works in it; a failed one keeps its folder: it says why."""
    waiting, running = submit(cube, "slow"), submit(cube, "slow")
    running, waiting = waiting, running
    until(lambda: running.fraction > 0.01)
    service.session.cancel_all()
    assert running.folder.exists() and not waiting.folder.exists()
    until(lambda: not running.folder.exists())
    failed = service.wait(submit(cube, "fail"))
    assert failed.folder.exists()


def test_old_folders_go_and_others_stay(tmp_path: Path) -> None:
    for k in range(5):
        job = tmp_path / f"20260101-00000{k}-chair-00000{k}"
        job.mkdir()
        os.utime(job, (k, k))
    for name in ("intake", "20260101-000000-mine", "thesis.txt"):
        (tmp_path / name).mkdir()
    environment.prune(tmp_path, environment.JOB_NAME, keep=2)
    left = sorted(one.name for one in tmp_path.iterdir())
    assert left == ["20260101-000000-mine", "20260101-000003-chair-000003",
                    "20260101-000004-chair-000004", "intake", "thesis.txt"]  # fmt: skip


def test_a_folder_name_of_ours_is_recognised(cube: bpy.types.Object) -> None:
    assert environment.JOB_NAME.fullmatch(submit(cube).folder.name)


def test_the_solver_is_told_the_cache(
    cube: bpy.types.Object, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The preference reaches the child's environment, not only the variable."""
    told: list[object] = []
    monkeypatch.setattr(service, "cache_folder", lambda: tmp_path / "chosen")
    monkeypatch.setattr(service, "Link", lambda *words: told.append(words[-1]))
    service._start()
    assert told == [{"INTERACT_CACHE": str(tmp_path / "chosen")}]


def test_a_user_folder_that_cannot_be_made_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(bpy.utils, "extension_path_user", full)
    with pytest.raises(errors.SolverError, match="No space left"):
        environment.environment_folder()
    assert environment.log_file().name.endswith(".log")
