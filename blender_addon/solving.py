"""What every operator that sends a job has in common: waiting without blocking, or blocking."""

import bpy

from .character import apply_job
from .jobs import Job, State
from .runner import Runner, Ticket, refresh
from .service import session, wait
from .wire import errors


class Solving:
    """An operator that begins a job; in a window it serves the session, in a script it waits."""

    ticket: "Ticket | None" = None

    def begin(self, context: bpy.types.Context) -> Job:
        """Put the job at the end of the queue.

        Raises:
            SolverError: When the inputs cannot be used.
        """
        raise NotImplementedError

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        try:
            self.begin(context)
        except errors.SolverError as error:
            self.report({"ERROR"}, f"{error} {error.remedy}")
            return {"CANCELLED"}
        self.ticket = Runner.begin(context)
        if self.ticket is None:
            return {"FINISHED"}  # Another of us is already turning the wheel.
        context.window_manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        if not Runner.holds(self.ticket):  # Another took over while the window was blocked.
            Runner.end(context, self.ticket)
            return {"CANCELLED"}
        if event.type == "ESC" and event.value == "PRESS" and session.unsolved:
            session.cancel_unsolved()
            refresh(context)
            return {"RUNNING_MODAL"}
        if event.type == "TIMER" and Runner.step(context, self.report):
            Runner.end(context, self.ticket)
            return {"FINISHED"}
        return {"PASS_THROUGH"}

    def cancel(self, context: bpy.types.Context) -> None:
        if Runner.holds(self.ticket):
            session.shutdown(keep_idle=True)
        Runner.end(context, self.ticket)

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            job = wait(self.begin(context))
            if job.state is not State.READY:
                raise errors.SolverError(job.what or "The job was cancelled.", remedy=job.remedy)
            made = apply_job(job)
        except errors.SolverError as error:
            self.report({"ERROR"}, f"{error} {error.remedy}")
            return {"CANCELLED"}
        bpy.ops.ed.undo_push(message=job.label)
        self.report({"INFO"}, f"{job.verb} '{made.name}'")
        return {"FINISHED"}
