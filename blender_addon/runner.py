"""The timer of the window: turns the session's wheel and adds results to the scene as they come."""

import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass

import bpy

from .character import apply_job
from .jobs import Job, State
from .scene import by_uid
from .service import session
from .wire import errors

INTERVAL = 0.1
"""Seconds between two looks."""
STALE = 10.0
"""Seconds after which a timer counts as lost: Blender ended its operator without a word."""
Report = Callable[[set[str], str], object]


@dataclass(eq=False)
class Ticket:
    """Says which operator serves the session; each removes its own timer."""

    timer: "bpy.types.Timer | None"


class Runner:
    """The one modal operator that serves the session; further clicks only queue."""

    _ticket: Ticket | None = None
    _turned = 0.0

    @classmethod
    def begin(cls, context: bpy.types.Context) -> Ticket | None:
        """Start a timer; None when one is already running."""
        if cls._ticket is not None and time.monotonic() - cls._turned < STALE:
            return None
        cls._turned = time.monotonic()
        cls._ticket = Ticket(
            context.window_manager.event_timer_add(INTERVAL, window=context.window)
        )
        return cls._ticket

    @classmethod
    def holds(cls, ticket: Ticket | None) -> bool:
        """Whether the operator with this ticket is the one that serves."""
        return ticket is not None and cls._ticket is ticket

    @classmethod
    def end(cls, context: bpy.types.Context, ticket: Ticket | None) -> None:
        """Stop the timer of this ticket."""
        if cls._ticket is ticket:
            cls._ticket = None
        if ticket is not None and ticket.timer is not None:
            context.window_manager.event_timer_remove(ticket.timer)
            ticket.timer = None
        refresh(context)

    @classmethod
    def step(cls, context: bpy.types.Context, report: Report) -> bool:
        """One look at the session; True when nothing is left to do."""
        cls._turned = time.monotonic()
        running = session.pending
        session.tick()
        for job in running:
            if by_uid(bpy.data.scenes, job.scene_uid) is None:
                session.cancel(job.id)
            elif job.state is State.READY:
                _add(context, job, report)
            elif job.state is State.FAILED:
                report({"ERROR"}, f"{job.what} {job.remedy}")
        refresh(context)
        return not session.pending and not session.stopping


def _add(context: bpy.types.Context, job: Job, report: Report) -> None:
    """Add a result at once, or leave it waiting: in another scene, or outside Object mode."""
    modes = {"OBJECT", "POSE"} if job.request.start else {"OBJECT"}
    if context.scene.session_uid != job.scene_uid or context.mode not in modes:
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
    bpy.ops.ed.undo_push(message=job.label)
    if made is not None:
        report({"INFO"}, f"{job.verb} '{made.name}'")


def refresh(context: bpy.types.Context) -> None:
    """Redraw the panels that show progress."""
    for window in context.window_manager.windows:
        for area in window.screen.areas:
            if area.type in {"VIEW_3D", "PREFERENCES"}:
                area.tag_redraw()
