"""The operators of the panel: may it run, run it, say what went wrong."""

import dataclasses
import random

import bpy
from bpy.props import IntProperty, StringProperty

from . import plans, results
from .character import apply_job
from .environment import preference
from .jobs import Job, State
from .properties import chosen_target, request_of
from .runner import refresh
from .scene import submit_request
from .service import session
from .solving import Solving
from .wire import errors


def submit(context: bpy.types.Context, replace: str = "") -> Job:
    """Snapshot the panel into a job at the end of the queue.

    Args:
        context: The window's.
        replace: Name of the result to replace; empty, or none of the scene's: add one.

    Raises:
        SolverError: When the inputs cannot be used.
    """
    body = bpy.path.abspath(preference("body")) or None
    request = request_of(context.scene, body)
    old = results.find(context.scene, replace)
    rows = old.interact_plan if old and old.interact_plan.source else context.scene.interact.plan
    target = chosen_target(context)
    name = target.name if target else ""
    request = dataclasses.replace(request, plan=plans.chosen_plan(rows, request.prompt, name))
    job = submit_request(target, request, old.session_uid if old else 0)
    if plans.is_edited(rows) and request.plan is None:
        job.warnings.append("Sentence or object is another: edited rows of the plan were not used.")
    session.submit(job)
    return job


class INTERACT_OT_generate(Solving, bpy.types.Operator):
    """Put a person into contact with the object, as the prompt says"""

    bl_idname = "interact.generate"
    bl_label = "Generate Interaction"
    bl_options = {"REGISTER"}

    replace: StringProperty(
        name="Replace", description="The result to replace; empty adds one", options={"SKIP_SAVE"}
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if context.scene is None or not context.scene.interact.prompt.strip():
            cls.poll_message_set("Write in the prompt what the person does")
            return False
        target = chosen_target(context)
        if target is None:
            cls.poll_message_set("Choose an object, or make a mesh the active object")
            return False
        if target.type not in {"MESH", "EMPTY"}:
            cls.poll_message_set("Only meshes work: use Object > Convert > Mesh first")
            return False
        return True

    def begin(self, context: bpy.types.Context) -> Job:
        return submit(context, self.replace)


class INTERACT_OT_cancel(bpy.types.Operator):
    """Cancel the running job and those that wait"""

    bl_idname = "interact.cancel"
    bl_label = "Cancel"

    job_id: StringProperty(
        name="Job", description="The job to cancel; empty means all", options={"SKIP_SAVE"}
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        cls.poll_message_set("Nothing is running")
        return bool(session.pending)

    def execute(self, context: bpy.types.Context) -> set[str]:
        if self.job_id:
            session.cancel(self.job_id)
        else:
            session.cancel_all()
        refresh(context)
        return {"FINISHED"}


class INTERACT_OT_apply(bpy.types.Operator):
    """Add a finished result to the scene"""

    bl_idname = "interact.apply"
    bl_label = "Add to Scene"
    bl_options = {"REGISTER", "UNDO"}

    job_id: StringProperty(name="Job", options={"SKIP_SAVE", "HIDDEN"})

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        cls.poll_message_set("No result is waiting")
        return any(job.state is State.READY for job in session.jobs)

    def execute(self, context: bpy.types.Context) -> set[str]:
        ready = [job for job in session.jobs if job.state is State.READY]
        job = session.find(self.job_id) if self.job_id else (ready or [None])[0]
        if job is None or job.state is not State.READY:
            self.report({"ERROR"}, "This result is not waiting any more")
            return {"CANCELLED"}
        try:
            made = apply_job(job)
        except errors.SolverError as error:
            self.report({"ERROR"}, f"{error} {error.remedy}")
            return {"CANCELLED"}
        self.report({"INFO"}, f"{job.verb} '{made.name}'")
        return {"FINISHED"}


class INTERACT_OT_show_variant(bpy.types.Operator):
    """Show this variant, hide the others, and move a held object along"""

    bl_idname = "interact.show_variant"
    bl_label = "Show Variant"
    bl_options = {"REGISTER", "UNDO"}

    result: StringProperty(name="Result", options={"SKIP_SAVE"})
    variant: IntProperty(name="Variant", default=1, min=1)

    def execute(self, context: bpy.types.Context) -> set[str]:
        found = results.find(context.scene, self.result)
        if found is None:
            self.report({"ERROR"}, f"There is no result '{self.result}' in this scene")
            return {"CANCELLED"}
        people = results.people(found)
        if not 1 <= self.variant <= len(people):
            self.report({"ERROR"}, f"'{self.result}' has {len(people)} variants")
            return {"CANCELLED"}
        results.show(context.scene, found, self.variant)
        results.move_object(people[self.variant - 1])
        return {"FINISHED"}


class INTERACT_OT_new_seed(bpy.types.Operator):
    """Choose another seed"""

    bl_idname = "interact.new_seed"
    bl_label = "New Seed"
    bl_options = {"REGISTER", "UNDO"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        context.scene.interact.seed = random.randrange(1, 100_000)
        return {"FINISHED"}


class INTERACT_OT_open_folder(bpy.types.Operator):
    """Open the job's folder: request, result, report and log"""

    bl_idname = "interact.open_folder"
    bl_label = "Open Job Folder"

    folder: StringProperty(name="Folder", options={"SKIP_SAVE", "HIDDEN"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            return bpy.ops.wm.path_open(filepath=self.folder)
        except RuntimeError as error:
            self.report({"ERROR"}, f"The folder cannot be opened: {error}")
            return {"CANCELLED"}


class INTERACT_OT_free_memory(bpy.types.Operator):
    """End the solver and give its memory back; the next click starts it again"""

    bl_idname = "interact.free_memory"
    bl_label = "Free Memory"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        cls.poll_message_set("The solver is not running, or is busy")
        return session.warm and not session.pending

    def execute(self, context: bpy.types.Context) -> set[str]:
        session.shutdown()
        return {"FINISHED"}


CLASSES = (
    INTERACT_OT_generate,
    INTERACT_OT_cancel,
    INTERACT_OT_apply,
    INTERACT_OT_show_variant,
    INTERACT_OT_new_seed,
    INTERACT_OT_open_folder,
    INTERACT_OT_free_memory,
)
