"""A result as the artist has changed it, solved again from there: all of the body, or fingers."""

from dataclasses import replace

import bpy
from bpy.props import StringProperty

from . import plans, results
from .holding import carried
from .jobs import Job, Person, Request
from .linked import is_linked
from .posing import read_pose
from .properties import request_of
from .scene import submit_request
from .service import session
from .solving import Solving
from .wire import errors


def submit_again(context: bpy.types.Context, name: str, moving: str) -> Job:
    """Send the person that a result shows, as it is posed now, with its object as it is now.

    Args:
        context: The window's.
        name: Of the result; empty: the one that the active object belongs to.
        moving: `body` or `fingers`.

    Raises:
        SolverError: When person, object or inputs cannot be used.
    """
    scene = context.scene
    result = chosen_result(context, name)
    rig = results.shown_person(result)
    if rig is None:
        raise errors.SolverError(
            f"The person of '{result.name}' was deleted.", remedy="Undo (Ctrl+Z), or generate it."
        )
    target = rig.get("interact_target")
    if target is None or not target.users_scene:
        raise errors.SolverError(
            f"The object of '{result.name}' was deleted.",
            remedy="Undo the deletion (Ctrl+Z), or generate with another object.",
        )
    unit, request = scene.unit_settings.scale_length, request_again(scene, rig, moving)
    request = replace(request, plan=plans.kept_plan(result.interact_plan, request.prompt))
    pose = read_pose(rig, unit)
    if moving == "body" and not request.fix_object and not is_linked(target):
        pose = replace(pose, T_scene_source=carried(rig, pose, target, unit))
    job = submit_request(target, request, result.session_uid, pose)
    job.rig = rig.session_uid if moving == "fingers" else 0
    session.submit(job)
    return job


def chosen_result(context: bpy.types.Context, name: str) -> bpy.types.Collection:
    """The result of that name, or that of the active object.

    Raises:
        SolverError: When there is none.
    """
    made = results.results(context.scene)
    for one in made:
        if one.name == name or (not name and context.object in list(one.all_objects)):
            return one
    raise errors.SolverError(
        f"There is no result '{name}' in this scene." if name else "No result is chosen.",
        remedy="Select a person made by Generate Interaction, or press the button at a result.",
    )


def request_again(scene: bpy.types.Scene, rig: bpy.types.Object, moving: str) -> Request:
    """What is asked of a person who is there: the sentence and seed of the rig, else the panel.

    The object has its size and place by now. Something carried stands on no floor: there the
    floor is as far below the armature as it was, wherever the artist has moved that.
    """
    panel = request_of(scene, str(rig.get("interact_body_file", "")) or None)
    floor = panel.floor
    if floor is None and rig.get("interact_carried", False):
        height = rig.matrix_world.translation.z * scene.unit_settings.scale_length
        floor = height - float(rig.get("interact_above_floor_m", 0.0))
    return replace(
        panel,
        prompt=str(rig["interact_prompt"]),
        seed=int(rig["interact_seed"]),
        subject=Person(age=rig.get("interact_age") or None),  # The rest of it the betas say.
        floor=floor,
        placement="keep",
        scale=False,
        variants=1,
        start=True,
        moving=moving,
    )


class FromResult(Solving):
    """An operator that begins with a result of the scene."""

    moving = "body"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        cls.poll_message_set("There is no result in this scene yet")
        return context.scene is not None and bool(results.results(context.scene))

    def begin(self, context: bpy.types.Context) -> Job:
        return submit_again(context, self.result, self.moving)


class INTERACT_OT_refine(FromResult, bpy.types.Operator):
    """Solve again from the person's present pose and stay near it; replaces the result"""

    bl_idname = "interact.refine"
    bl_label = "Refine"
    bl_options = {"REGISTER"}

    result: StringProperty(
        name="Result", description="Empty: that of the active object", options={"SKIP_SAVE"}
    )


class INTERACT_OT_close_fingers(FromResult, bpy.types.Operator):
    """Close the fingers of each hand that is at the object; nothing else moves"""

    bl_idname = "interact.close_fingers"
    bl_label = "Close Fingers"
    bl_options = {"REGISTER"}

    moving = "fingers"

    result: StringProperty(
        name="Result", description="Empty: that of the active object", options={"SKIP_SAVE"}
    )


CLASSES = (INTERACT_OT_refine, INTERACT_OT_close_fingers)
