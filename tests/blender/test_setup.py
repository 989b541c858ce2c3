"""Set up solver: from a folder of wheels, resumable; a folder that is not ours is left alone."""

import os
import sys
import threading
import time
import zipfile
from pathlib import Path

import bpy
import pytest
from conftest import ROOT

from blender_addon import environment, owned_folder, setup_env, setup_steps
from blender_addon.setup_env import SetUp
from blender_addon.setup_steps import SetUpChoice
from blender_addon.wire import errors

pytestmark = pytest.mark.blender

UV = sorted((ROOT / "wheels" / "uv").glob("uv-*.whl"))
needs_uv = pytest.mark.skipif(not UV, reason="needs uv's wheel: python build_addon.py wheels")


def wheel(folder: Path, name: str, code: str) -> None:
    """A wheel of one module."""
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr(f"{name}.py", code)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(
            f"{info}/WHEEL",
            "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        archive.writestr(f"{info}/RECORD", "")


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a lock and its one wheel; the check after the set-up imports it."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    wheel(folder, "tiny_package", "EXIT_CODE = 0\n")
    (folder / "requirements.lock").write_text("tiny_package==1.0\n", encoding="utf-8")
    for one in UV:
        (folder / one.name).symlink_to(one)
    checked = tmp_path / "checked" / "solver"
    checked.mkdir(parents=True)
    code = "import sys, tiny_package\nsys.exit(tiny_package.EXIT_CODE)\n"
    (checked / "__main__.py").write_text(code, encoding="utf-8")
    monkeypatch.setattr(setup_steps, "SOLVER_PARENT", checked.parent)
    return folder


def choice(tmp_path: Path, wheels: Path | None) -> SetUpChoice:
    return SetUpChoice(folder=tmp_path / "environment", wheels=wheels, online=False)


def made(chosen: SetUpChoice) -> SetUp:
    setup = SetUp(chosen)
    setup.run()
    return setup


@needs_uv
def test_from_a_folder_of_wheels(
    tmp_path: Path, wheels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = choice(tmp_path, wheels)
    setup = made(chosen)
    assert setup.failure is None, setup.lines
    assert (setup.done, setup.fraction) == (True, 1.0)
    assert owned_folder.ready(chosen.folder)
    monkeypatch.delenv("INTERACT_SOLVER_PYTHON")
    monkeypatch.setattr(environment, "environment_folder", lambda: chosen.folder)
    assert environment.solver_python() == owned_folder.python_of(chosen.folder)
    assert made(chosen).failure is None, "a second set-up of a complete environment works"


@needs_uv
def test_a_failed_set_up_goes_on_when_it_can(tmp_path: Path, wheels: Path) -> None:
    chosen = choice(tmp_path, wheels)
    kept = (wheels / "tiny_package-1.0-py3-none-any.whl").read_bytes()
    (wheels / "tiny_package-1.0-py3-none-any.whl").write_bytes(b"half a wheel")
    failed = made(chosen)
    assert failed.failure is not None and "goes on from here" in failed.failure.remedy
    assert not owned_folder.ready(chosen.folder)
    (wheels / "tiny_package-1.0-py3-none-any.whl").write_bytes(kept)
    assert made(chosen).failure is None
    assert owned_folder.ready(chosen.folder)


@needs_uv
def test_packages_that_do_not_work_are_not_ready(tmp_path: Path, wheels: Path) -> None:
    wheel(wheels, "tiny_package", "EXIT_CODE = 1\n")
    chosen = choice(tmp_path, wheels)
    assert made(chosen).failure is not None
    assert not owned_folder.ready(chosen.folder)


def test_cancel_ends_the_running_program(tmp_path: Path) -> None:
    setup = SetUp(choice(tmp_path, None))
    command = [sys.executable, "-c", "print('x', flush=True); import time; time.sleep(600)"]
    caught: list[errors.SolverError] = []

    def run() -> None:
        try:
            setup.call(command)
        except errors.SolverError as error:
            caught.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    while not setup.lines:
        time.sleep(0.01)
    setup.cancel()
    thread.join(timeout=20)
    assert caught and "cancelled" in str(caught[0])
    with pytest.raises(errors.SolverError, match="cancelled"):
        setup.call(command)


def test_a_folder_of_someone_else_is_left_alone(tmp_path: Path, wheels: Path) -> None:
    chosen = choice(tmp_path, wheels)
    chosen.folder.mkdir()
    (chosen.folder / "thesis.txt").write_text("years of work")
    failed = made(chosen)
    assert failed.failure is not None and "not made by this extension" in str(failed.failure)
    with pytest.raises(errors.SolverError, match="not made by"):
        owned_folder.remove(chosen.folder)
    assert [one.name for one in chosen.folder.iterdir()] == ["thesis.txt"]


def test_another_blenders_environment_is_made_anew(tmp_path: Path) -> None:
    """A venv breaks when its Python moves: base path and version are part of the sentinel."""
    folder = tmp_path / "environment"
    owned_folder.claim(folder)
    old = (folder / owned_folder.SENTINEL).read_text(encoding="utf-8")
    (folder / owned_folder.SENTINEL).write_text(old.replace(sys.base_prefix, "/elsewhere"))
    (folder / "old").write_text("x")
    owned_folder.claim(folder)
    assert [one.name for one in folder.iterdir()] == [owned_folder.SENTINEL]


def test_never_a_download_without_leave(tmp_path: Path) -> None:
    """An environment that works goes on working when a set-up cannot even begin."""
    chosen = choice(tmp_path, None)
    owned_folder.claim(chosen.folder)
    owned_folder.python_of(chosen.folder).parent.mkdir(parents=True)
    owned_folder.python_of(chosen.folder).write_text("")
    owned_folder.write_sentinel(chosen.folder, "complete")
    failed = made(chosen)
    assert failed.failure is not None and "may not go online" in str(failed.failure)
    assert owned_folder.ready(chosen.folder)


def test_an_empty_folder_of_wheels(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    failed = made(choice(tmp_path, tmp_path / "empty"))
    assert failed.failure is not None and "no wheels" in str(failed.failure)


def test_online_commands_name_the_build_of_torch(tmp_path: Path) -> None:
    """The solver computes on the CPU: the build with CUDA would be 3 GB for nothing."""
    chosen = SetUpChoice(folder=tmp_path, wheels=None, online=True)
    command = setup_steps.install_command(chosen, tmp_path / "uv", tmp_path / "lock")
    assert command[command.index("--torch-backend") + 1] == "cpu"


def test_a_cancel_while_the_program_starts_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setup = SetUp(choice(tmp_path, None))
    real = setup_env.subprocess.Popen

    def slow_start(*words: object, **options: object) -> object:
        setup.cancel()  # The process is not yet there for it to kill.
        return real(*words, **options)

    monkeypatch.setattr(setup_env.subprocess, "Popen", slow_start)
    with pytest.raises(errors.SolverError, match="cancelled"):
        setup.call([sys.executable, "-c", "import time; time.sleep(600)"])


@pytest.mark.parametrize(("said", "taken"), [("uv 0.6.9", False), ("uv 0.9.0 (abc)", True)])
@pytest.mark.skipif(os.name == "nt", reason="needs a shell script for a program")
def test_an_old_uv_of_this_machine_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, taken: bool
) -> None:
    """Before 0.7.14 uv does not know --torch-backend."""
    program = tmp_path / "machine" / "uv"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\necho '{said}'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)
    monkeypatch.setattr(setup_steps, "REQUIREMENTS", tmp_path / "nothing" / "requirements.lock")
    chosen = choice(tmp_path, None)
    chosen.folder.mkdir()
    try:
        setup_steps.get_uv(chosen, chosen.folder / "uv", lambda _: None)
    except errors.SolverError as error:
        assert not taken and "uv is missing" in str(error)
    else:
        assert taken and (chosen.folder / "uv").is_file()


def test_the_button_in_background_reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The operator's blocking form: offline, without wheels, it says what is missing."""
    from blender_addon import setup_operators

    monkeypatch.setattr(setup_operators, "environment_folder", lambda: tmp_path / "environment")
    with pytest.raises(RuntimeError, match="may not go online"):
        bpy.ops.interact.setup_solver()
