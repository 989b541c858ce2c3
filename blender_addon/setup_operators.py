"""The button Set up solver."""

import time
from pathlib import Path

import bpy

from .environment import CACHE_VARIABLE, cache_folder, environment_folder, preference
from .runner import INTERVAL, refresh
from .service import session
from .setup_env import SetUp
from .setup_steps import SetUpChoice
from .wire import errors


class _Current:
    """The set-up of this Blender; state of a run belongs in Python."""

    setup: SetUp | None = None


def under_way() -> SetUp | None:
    """The present or last set-up."""
    return _Current.setup


def begin() -> SetUp:
    """Start the set-up that the preferences describe.

    Raises:
        SolverError: When there is no folder for it.
    """
    wheels = preference("wheels")
    session.shutdown()  # A running solver keeps files of its environment open.
    _Current.setup = SetUp(
        SetUpChoice(
            folder=environment_folder(),
            wheels=Path(bpy.path.abspath(wheels)) if wheels else None,
            online=bpy.app.online_access,
            told={CACHE_VARIABLE: str(cache_folder())},
        )
    )
    _Current.setup.start()
    return _Current.setup


class INTERACT_OT_setup_solver(bpy.types.Operator):
    """Make the solver's own Python environment: about 1 GB"""

    bl_idname = "interact.setup_solver"
    bl_label = "Set up solver"

    _timer: "bpy.types.Timer | None" = None

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if session.pending:
            cls.poll_message_set("Wait for the running job, or cancel it")
            return False
        cls.poll_message_set("A set-up is already running")
        return _Current.setup is None or _Current.setup.done

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        try:
            begin()
        except errors.SolverError as error:
            self.report({"ERROR"}, f"{error} {error.remedy}")
            return {"CANCELLED"}
        self._timer = context.window_manager.event_timer_add(INTERVAL, window=context.window)
        context.window_manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        setup = _Current.setup
        if event.type != "TIMER" or setup is None or not setup.done:
            if event.type == "TIMER":
                refresh(context)
            return {"PASS_THROUGH"}
        self._end_timer(context)
        return self._report(setup)

    def cancel(self, context: bpy.types.Context) -> None:
        self._end_timer(context)
        if _Current.setup is not None:
            _Current.setup.cancel()

    def _end_timer(self, context: bpy.types.Context) -> None:
        timer, self._timer = self._timer, None
        if timer is not None:
            context.window_manager.event_timer_remove(timer)

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            setup = begin()
        except errors.SolverError as error:
            self.report({"ERROR"}, f"{error} {error.remedy}")
            return {"CANCELLED"}
        while not setup.done:
            time.sleep(INTERVAL)
        return self._report(setup)

    def _report(self, setup: SetUp) -> set[str]:
        from .preferences import refresh_state

        refresh_state()
        if setup.failure is not None:
            self.report({"ERROR"}, f"{setup.failure} {setup.failure.remedy}")
            return {"CANCELLED"}
        self.report({"INFO"}, f"The solver is ready: {setup.choice.folder}")
        return {"FINISHED"}


class INTERACT_OT_cancel_setup(bpy.types.Operator):
    """Stop the set-up; the next one goes on from there"""

    bl_idname = "interact.cancel_setup"
    bl_label = "Cancel Set-up"

    def execute(self, context: bpy.types.Context) -> set[str]:
        if _Current.setup is not None:
            _Current.setup.cancel()
        return {"FINISHED"}


CLASSES = (INTERACT_OT_setup_solver, INTERACT_OT_cancel_setup)
