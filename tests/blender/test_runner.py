"""What the window's timer does at each tick: add what is ready, wait where it must, never stop."""

import time

import bpy
import pytest
from helpers import submit

from blender_addon import results, runner, service
from blender_addon.jobs import Job, State
from blender_addon.runner import Runner

pytestmark = pytest.mark.blender


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the operator reported."""
    return []


def turn(job: Job, wanted: State, said: list[str]) -> bool:
    """Tick until the job is there; whether the timer may then stop."""
    ends = time.monotonic() + 30
    stop = False
    while job.state is not wanted:
        assert time.monotonic() < ends, (job.state, job.what)
        stop = Runner.step(bpy.context, lambda _, text: said.append(text))
        time.sleep(0.01)
    return stop


def test_a_ready_result_is_added(cube: bpy.types.Object, said: list[str]) -> None:
    job = submit(cube)
    assert turn(job, State.APPLIED, said)
    assert len(results.results(bpy.context.scene)) == 1
    assert "Added" in said[-1]


def test_it_waits_until_edit_mode_is_left(cube: bpy.types.Object, said: list[str]) -> None:
    """Undo in Edit Mode knows only the mesh: nothing is added there."""
    job = submit(cube)
    bpy.ops.object.mode_set(mode="EDIT")
    assert not turn(job, State.READY, said)
    assert not Runner.step(bpy.context, lambda *_: None)
    assert (job.state, "Object Mode" in job.stage) == (State.READY, True)
    bpy.ops.object.mode_set(mode="OBJECT")
    assert turn(job, State.APPLIED, said)


def test_a_waiting_result_can_be_added_by_hand(cube: bpy.types.Object, said: list[str]) -> None:
    job = submit(cube)
    bpy.ops.object.mode_set(mode="EDIT")
    turn(job, State.READY, said)
    assert bpy.ops.interact.apply(job_id=job.id) == {"FINISHED"}
    assert (job.state, cube.mode) == (State.APPLIED, "EDIT")
    bpy.ops.object.mode_set(mode="OBJECT")


def test_a_deleted_scene_cancels_its_jobs(cube: bpy.types.Object, said: list[str]) -> None:
    job = submit(cube, "slow")
    bpy.data.scenes.new("Other")
    bpy.data.scenes.remove(bpy.data.scenes[job.scene])
    assert turn(job, State.CANCELLED, said)


def test_a_renamed_scene_keeps_its_jobs(cube: bpy.types.Object, said: list[str]) -> None:
    job = submit(cube)
    bpy.context.scene.name = "Renamed"
    assert turn(job, State.APPLIED, said)


def test_escape_leaves_what_is_ready(cube: bpy.types.Object) -> None:
    done, running = service.wait(submit(cube)), submit(cube, "slow")
    service.session.cancel_unsolved()
    assert (done.state, running.state) == (State.READY, State.CANCELLED)


def test_it_goes_on_until_a_cancel_is_answered(cube: bpy.types.Object, said: list[str]) -> None:
    """Otherwise nobody hears the answer, and opening a file would end a solver that is idle."""
    job = submit(cube, "slow")
    turn(job, State.SOLVING, said)
    pid = service.session.pid
    service.session.cancel(job.id)
    ends = time.monotonic() + 30
    while not Runner.step(bpy.context, lambda *_: None):
        assert time.monotonic() < ends
        time.sleep(0.01)
    assert not service.session.stopping
    service.session.shutdown(keep_idle=True)
    assert service.session.warm and service.session.pid == pid


def test_a_second_timer_sends_the_first_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a window was blocked two operators may believe that they serve: one of them does."""
    timers: list[str] = []

    class Manager:
        windows = ()

        def event_timer_add(self, *_: object, **__: object) -> str:
            timers.append(f"timer {len(timers)}")
            return timers[-1]

        def event_timer_remove(self, timer: str) -> None:
            removed.append(timer)

    class Context:
        window_manager, window = Manager(), None

    removed: list[str] = []
    context = Context()
    first = Runner.begin(context)
    assert Runner.begin(context) is None, "one is enough"
    monkeypatch.setattr(runner, "STALE", -1.0)
    second = Runner.begin(context)
    assert Runner.holds(second) and not Runner.holds(first)
    Runner.end(context, first)
    assert Runner.holds(second) and removed == ["timer 0"]
    Runner.end(context, second)
    assert removed == ["timer 0", "timer 1"]
    assert not Runner.holds(second)


def test_failures_are_reported_once(cube: bpy.types.Object, said: list[str]) -> None:
    turn(submit(cube, "fail"), State.FAILED, said)
    Runner.step(bpy.context, lambda _, text: said.append(text))
    assert said == ["It cannot be done. Ask for less."]


def test_a_bug_while_adding_ends_only_its_job(
    cube: bpy.types.Object, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(job: Job) -> None:
        raise IndexError(7)

    monkeypatch.setattr(runner, "apply_job", broken)
    job, second = submit(cube), submit(cube, seed=1)
    turn(job, State.FAILED, said)
    assert "IndexError" in said[-1]
    monkeypatch.undo()
    assert service.session.find(second.id) is second
    assert not second.over
