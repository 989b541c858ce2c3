"""The timer of the window: turns the session's wheel and adds results to the scene as they come."""

import time
import traceback
from collections.abc import Callable

import bpy

from .character import apply_job
from .jobs import Job, State
from .service import session
from .wire import errors

INTERVAL = 0.1
"""Seconds between two looks."""
STALE = 10.0
"""Seconds after which a timer counts as lost: Blender ended its operator without a word."""
Report = Callable[[set[str], str], object]


class Runner:
    """The one modal operator that serves the session; further clicks only queue."""

    _timer: "bpy.types.Timer | None" = None
    _turned = 0.0

    @classmethod
    def begin(cls, context: bpy.types.Context) -> bool:
        """Start the timer; False when one is already running."""
        if cls._timer is not None and time.monotonic() - cls._turned < STALE:
            return False
        cls._turned = time.monotonic()
        cls._timer = context.window_manager.event_timer_add(INTERVAL, window=context.window)
        return True

    @classmethod
    def end(cls, context: bpy.types.Context) -> None:
        """Stop the timer."""
        timer, cls._timer = cls._timer, None
        if timer is not None:
            context.window_manager.event_timer_remove(timer)
        refresh(context)

    @classmethod
    def step(cls, context: bpy.types.Context, report: Report) -> bool:
        """One look at the session; True when nothing is left to do."""
        cls._turned = time.monotonic()
        running = session.pending
        session.tick()
        for job in running:
            if bpy.data.scenes.get(job.scene) is None:
                session.cancel(job.id)
            elif job.state is State.READY:
                _add(context, job, report)
            elif job.state is State.FAILED:
                report({"ERROR"}, f"{job.what} {job.remedy}")
        refresh(context)
        return not session.pending


def _add(context: bpy.types.Context, job: Job, report: Report) -> None:
    """Add a result at once, or leave it waiting: in another scene, or outside Object mode."""
    if context.scene.name != job.scene or context.mode != "OBJECT":
        job.stage = "Ready: go back to Object Mode in its scene, or press Add to Scene"
        return
    try:
        made = apply_job(job)
    except errors.SolverError as error:
        job.fail(str(error), error.remedy)
        report({"ERROR"}, f"{error} {error.remedy}")
        return
    except Exception as error:  # A bug must end this job, not the timer that serves them all.
        traceback.print_exc()
        job.fail(f"Bug in the extension: {error!r}", "Undo (Ctrl+Z), and please report it.")
        report({"ERROR"}, f"{job.what} {job.remedy}")
        made = None
    bpy.ops.ed.undo_push(message="Generate Interaction")
    if made is not None:
        report({"INFO"}, f"Added '{made.name}'")


def refresh(context: bpy.types.Context) -> None:
    """Redraw the panels that show progress."""
    for window in context.window_manager.windows:
        for area in window.screen.areas:
            if area.type in {"VIEW_3D", "PREFERENCES"}:
                area.tag_redraw()
