"""The solver may die, hang or talk nonsense: a sentence comes of it, and the next click works."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import bpy
import pytest
from conftest import FAKE, ROOT
from helpers import submit, until

from blender_addon import link, service, session
from blender_addon.jobs import Job, State

pytestmark = pytest.mark.blender


def gone(pid: int) -> bool:
    """Whether a process has ended; a zombie has."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    state = Path(f"/proc/{pid}/stat")
    return state.exists() and state.read_text().rsplit(")", 1)[1].split()[0] == "Z"


@pytest.fixture
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start again at once after a crash: for tests of other things."""
    monkeypatch.setattr(session, "CRASH_PAUSE", 0.0)


@pytest.mark.usefixtures("no_pause")
@pytest.mark.parametrize(
    ("prompt", "what"),
    [
        ("crash", "exit code 3"),
        ("killed", "signal 9"),
        ("garbage", "unreadable"),
        ("fail", "cannot be done"),
        ("bug", "bug: IndexError"),
    ],
)
def test_a_failure_is_a_sentence_and_the_next_click_works(
    cube: bpy.types.Object, prompt: str, what: str
) -> None:
    failed = service.wait(submit(cube, prompt))
    assert failed.state is State.FAILED
    assert what in failed.what
    assert failed.remedy
    assert service.wait(submit(cube)).state is State.READY


def test_a_crash_pauses_the_next_start(
    cube: bpy.types.Object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At most one start every CRASH_PAUSE seconds, whatever the artist clicks."""
    now = [0.0]
    starts = []

    def start() -> link.Link:
        starts.append(now[0])
        return service._start()

    one = session.Session(start, clock=lambda: now[0])
    for prompt in ("crash", "sit"):
        one.submit(submit(cube, prompt))
    service.session.jobs.clear()
    first, second = one.jobs
    while first.state is not State.FAILED:
        one.tick()
    one.tick()
    assert (second.state, starts) == (State.QUEUED, [0.0])
    now[0] = session.CRASH_PAUSE
    one.tick()
    assert second.state is State.STARTING
    one.shutdown()


def test_cancel_is_real_and_the_solver_stays_warm(cube: bpy.types.Object) -> None:
    job = submit(cube, "slow")
    until(lambda: job.fraction > 0.01)
    pid = service.session.pid
    service.session.cancel(job.id)
    assert job.state is State.CANCELLED
    assert service.wait(submit(cube)).state is State.READY
    assert service.session.pid == pid
    assert job.state is State.CANCELLED


def test_cancel_of_a_hanging_solver_kills_it(
    cube: bpy.types.Object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "GRACE", 0.2)
    job = submit(cube, "hang")
    until(lambda: job.fraction > 0)
    pid = service.session.pid
    service.session.cancel(job.id)
    until(lambda: not service.session.warm)
    assert gone(pid)
    assert service.wait(submit(cube)).state is State.READY


def test_a_silent_solver_is_given_up(
    cube: bpy.types.Object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "SILENCE_LIMIT", 0.5)
    job = service.wait(submit(cube, "hang"))
    assert job.state is State.FAILED
    assert "said nothing" in job.what


@pytest.mark.parametrize("state", list(State)[:3])
def test_cancel_in_every_state(cube: bpy.types.Object, state: State) -> None:
    job = submit(cube, "slow")
    until(lambda: job.state is state)
    service.session.cancel(job.id)
    assert job.state is State.CANCELLED
    assert service.wait(submit(cube)).state is State.READY


def test_jobs_wait_for_one_another(cube: bpy.types.Object) -> None:
    jobs = [submit(cube, seed=k) for k in range(3)]
    seen: set[int] = set()
    while not all(job.state is State.READY for job in jobs):
        service.session.tick()
        seen.add(sum(job.state in (State.STARTING, State.SOLVING) for job in jobs))
        assert not any(job.over for job in jobs)
        time.sleep(0.01)
    assert max(seen) == 1


def test_another_protocol_is_refused(
    cube: bpy.types.Object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_VERSION", "99")
    job = service.wait(submit(cube))
    assert job.state is State.FAILED
    assert "protocol 99" in job.what


def test_late_words_of_a_dead_job_are_dropped(cube: bpy.types.Object) -> None:
    """A `Done` with an old sequence number, or for a cancelled job, changes nothing."""
    job = submit(cube, "slow")
    until(lambda: job.fraction > 0.01)
    one = service.session
    one._take(link.protocol.Done(job.id, 0, str(job.folder)))
    assert job.state is State.SOLVING
    one.cancel(job.id)
    one._take(link.protocol.Done(job.id, 999, str(job.folder)))
    assert job.state is State.CANCELLED


def test_missing_environment(cube: bpy.types.Object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("INTERACT_SOLVER_PYTHON")
    job = service.wait(submit(cube))
    assert "not set up" in job.what
    assert "Set up solver" in job.remedy


@pytest.mark.parametrize("python", ["/nowhere/python", "/etc/passwd"])
def test_wrong_python(cube: bpy.types.Object, monkeypatch: pytest.MonkeyPatch, python: str) -> None:
    monkeypatch.setenv("INTERACT_SOLVER_PYTHON", python)
    job = service.wait(submit(cube))
    assert job.state is State.FAILED
    assert python in job.what


def test_a_python_without_the_packages(
    cube: bpy.types.Object, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The log that the remedy names says which package is missing."""
    monkeypatch.setattr(service, "solver_parent", tmp_path)
    job = service.wait(submit(cube))
    assert "exit code 1" in job.what and "No module named" in job.what
    assert "Set up the solver" in job.remedy
    log = job.remedy.split("log: ")[1]
    assert "No module named" in Path(log).read_text(encoding="utf-8")


def test_opening_a_file_ends_its_jobs_and_the_busy_solver(cube: bpy.types.Object) -> None:
    job = submit(cube, "slow")
    until(lambda: job.fraction > 0.01)
    pid = service.session.pid
    bpy.ops.wm.read_factory_settings(use_empty=True)
    assert job.state is State.CANCELLED
    assert gone(pid)


def test_a_killed_blender_leaves_no_orphan(tmp_path: Path) -> None:
    """The solver's stdin ends with its parent, also after SIGKILL."""
    code = f"""
import sys, time
sys.path.insert(0, {str(ROOT)!r})
import types
package = types.ModuleType("blender_addon"); package.__path__ = [{str(ROOT / "blender_addon")!r}]
sys.modules["blender_addon"] = package
from pathlib import Path
from blender_addon.link import Link
link = Link(Path(sys.executable), Path({str(FAKE)!r}), Path({str(tmp_path / "log")!r}))
while not list(link.poll()): time.sleep(0.01)
print(link.pid, flush=True)
time.sleep(600)
"""
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    assert not gone(pid)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    ends = time.monotonic() + 20
    while not gone(pid):
        assert time.monotonic() < ends
        time.sleep(0.05)


def test_the_childs_environment_is_clean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONHOME", "/nowhere")
    monkeypatch.setenv("LD_PRELOAD", "/nowhere.so")
    monkeypatch.setenv("INTERACT_THREADS", "2")
    cleaned = link.child_environment()
    assert "PYTHONHOME" not in cleaned and "LD_PRELOAD" not in cleaned
    assert cleaned["INTERACT_THREADS"] == "2"


def test_a_blocking_operator_adds_and_reports(cube: bpy.types.Object) -> None:
    """In background Blender the button's operator solves on the spot."""
    bpy.context.scene.interact.prompt = "sit"
    assert bpy.ops.interact.generate() == {"FINISHED"}
    assert service.session.jobs[-1].state is State.APPLIED
    bpy.context.scene.interact.prompt = "fail"
    with pytest.raises(RuntimeError, match="cannot be done"):
        bpy.ops.interact.generate()


def test_a_grey_button_says_why(cube: bpy.types.Object) -> None:
    with pytest.raises(RuntimeError, match="Write in the prompt"):
        bpy.ops.interact.generate()
    bpy.context.scene.interact.prompt = "sit"
    bpy.context.view_layer.objects.active = None
    with pytest.raises(RuntimeError, match="Choose an object"):
        bpy.ops.interact.generate()


def test_history_is_bounded() -> None:
    one = session.Session(lambda: None)  # type: ignore[arg-type, return-value]
    for k in range(session.HISTORY + 20):
        job = Job(str(k), Path(), None, "", 0, "", 0)  # type: ignore[arg-type]
        job.move(State.APPLIED)
        one.submit(job)
    assert len(one.jobs) <= session.HISTORY + 1
