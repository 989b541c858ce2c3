"""The buttons of a plan: read the sentence, add and remove a row, drop the edits."""

from dataclasses import replace

import bpy
from bpy.props import IntProperty, StringProperty

from . import plans, results
from .jobs import Job
from .properties import chosen_target, request_of
from .scene import submit_request
from .service import session
from .solving import Solving
from .wire import errors


class INTERACT_OT_read_sentence(Solving, bpy.types.Operator):
    """See what the planner makes of the sentence, before anybody is posed"""

    bl_idname = "interact.read_sentence"
    bl_label = "Read Sentence"
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        cls.poll_message_set("Write a prompt and choose an object first")
        has_prompt = context.scene is not None and bool(context.scene.interact.prompt.strip())
        return has_prompt and chosen_target(context) is not None

    def begin(self, context: bpy.types.Context) -> Job:
        request = replace(request_of(context.scene, None), only="plan", obstacles="none")
        job = submit_request(chosen_target(context), request)
        session.submit(job)
        return job


class _OnRows:
    """An operator on the rows of a result, or of the next job."""

    bl_options = {"REGISTER", "UNDO"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            self.change(results.rows_of(context.scene, self.result))
        except errors.SolverError as error:
            self.report({"ERROR"}, f"{error} {error.remedy}")
            return {"CANCELLED"}
        return {"FINISHED"}


class INTERACT_OT_add_contact(_OnRows, bpy.types.Operator):
    """Add a row: another body part that touches something"""

    bl_idname = "interact.add_contact"
    bl_label = "Add Contact"

    result: StringProperty(name="Result", options={"SKIP_SAVE", "HIDDEN"})

    def change(self, rows: plans.InteractPlan) -> None:
        taken = {row.part for row in rows.contacts}
        usual = ("right_hand", "left_hand", "right_foot", "left_foot", "back")
        row = rows.contacts.add()
        row.part = next((part for part in usual if part not in taken), "head")


class INTERACT_OT_remove_contact(_OnRows, bpy.types.Operator):
    """Remove this row: the body part need not touch anything"""

    bl_idname = "interact.remove_contact"
    bl_label = "Remove Contact"

    result: StringProperty(name="Result", options={"SKIP_SAVE", "HIDDEN"})
    index: IntProperty(name="Row", min=0, options={"SKIP_SAVE", "HIDDEN"})

    def change(self, rows: plans.InteractPlan) -> None:
        rows.contacts.remove(self.index)


class INTERACT_OT_drop_edits(_OnRows, bpy.types.Operator):
    """Show the plan again as it was made from the sentence"""

    bl_idname = "interact.drop_edits"
    bl_label = "Drop Edits"

    result: StringProperty(name="Result", options={"SKIP_SAVE", "HIDDEN"})

    def change(self, rows: plans.InteractPlan) -> None:
        plans.reset(rows)


CLASSES = (
    INTERACT_OT_read_sentence,
    INTERACT_OT_add_contact,
    INTERACT_OT_remove_contact,
    INTERACT_OT_drop_edits,
)
