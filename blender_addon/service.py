"""The one session of this Blender and its hooks into Blender's life."""

import atexit
import time
from collections.abc import Callable

import bpy
from bpy.app.handlers import persistent

from .environment import CACHE_VARIABLE, cache_folder, log_file, preferences, solver_python
from .jobs import Job
from .link import Link
from .planner import KEY_VARIABLE, key
from .session import Session
from .wire import SOLVER_PARENT

solver_parent = SOLVER_PARENT
"""The folder that holds `solver/`; tests put another solver here."""
TICK = 0.05
"""Seconds between two looks at the pipe while a script waits."""


def _start() -> Link:
    told = {CACHE_VARIABLE: str(cache_folder())}
    if secret := key():
        told[KEY_VARIABLE] = secret
    return Link(solver_python(), solver_parent, log_file(), told)


session = Session(_start)


def wait(job: Job, say: Callable[[Job], None] = lambda _: None) -> Job:
    """Run the session until a job is ready or over: how scripts and the command line solve.

    Args:
        job: A submitted job.
        say: Called after every step, for progress.
    """
    session.gather(job)
    while True:
        session.tick()
        say(job)
        if job.over or job.state == "ready":
            return job
        time.sleep(TICK)


@persistent
def _before_load(*_: object) -> None:
    """Another file comes: its jobs are over, an idle solver may stay warm."""
    session.shutdown(keep_idle=True)


@persistent
def _before_exit(*_: object) -> None:
    session.shutdown()


def _end_idle_solver() -> float:
    """Give memory back when nothing was solved for a while; Blender calls it once a minute."""
    limit = int(getattr(preferences(), "idle_minutes", 0)) * 60
    if limit and not session.pending and session.idle_seconds > limit:
        session.shutdown()
    return 60.0


def register() -> None:
    """Hook into loading and leaving."""
    bpy.app.handlers.load_pre.append(_before_load)
    if hasattr(bpy.app.handlers, "exit_pre"):
        bpy.app.handlers.exit_pre.append(_before_exit)
    atexit.register(_before_exit)
    if not bpy.app.background:
        bpy.app.timers.register(_end_idle_solver, first_interval=60.0, persistent=True)


def unregister() -> None:
    """The mirror image; also ends the solver."""
    session.shutdown()
    if bpy.app.timers.is_registered(_end_idle_solver):
        bpy.app.timers.unregister(_end_idle_solver)
    atexit.unregister(_before_exit)
    if hasattr(bpy.app.handlers, "exit_pre"):
        bpy.app.handlers.exit_pre.remove(_before_exit)
    bpy.app.handlers.load_pre.remove(_before_load)
