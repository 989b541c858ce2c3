"""A ready job -> people in the file: the one place that edits the user's scene."""

from typing import Any

import bpy
import numpy as np
from mathutils import Matrix

from . import results
from .contacts import paint_contacts
from .context import undisturbed
from .jobs import Job, State
from .placing import moves, place, placed
from .rig import Rig, make_rig
from .scene import RESULT_MARK
from .solution import Result, Variant, read_result
from .wire import errors

MOVED_MEANWHILE = 1e-4
"""Scene units."""


def apply_job(job: Job) -> bpy.types.Collection:
    """Build a ready job's people; the caller makes it one undo step.

    Reads everything before it changes anything. The artist's mode, selection and active object
    stay; the target moves only if the plan moves it.

    Raises:
        SolverError: When the result cannot be read or the scene or object is gone.
    """
    result = read_result(job.folder)
    scene = bpy.data.scenes.get(job.scene)
    if scene is None or scene != bpy.context.scene:
        raise errors.SolverError(
            f"The result belongs to the scene '{job.scene}', which is not open.",
            remedy="Go to that scene and press Add to Scene in the Interact tab.",
        )
    target = find_target(job)
    with undisturbed(bpy.context):
        made = _build(job, result, scene, target)
    job.move(State.APPLIED)
    return made


def find_target(job: Job) -> bpy.types.Object:
    """The job's object, also when it was renamed while the solver worked.

    Raises:
        SolverError: When it was deleted.
    """
    named = bpy.data.objects.get(job.target)
    if named is not None and named.session_uid == job.target_uid:
        return named
    for obj in bpy.data.objects:
        if obj.session_uid == job.target_uid:
            return obj
    if named is not None:
        return named
    raise errors.SolverError(
        f"The object '{job.target}' was deleted while the solver worked.",
        remedy="Undo the deletion (Ctrl+Z) and generate again.",
    )


def _build(
    job: Job, result: Result, scene: bpy.types.Scene, target: bpy.types.Object
) -> bpy.types.Collection:
    unit = scene.unit_settings.scale_length
    bpy.context.view_layer.update()
    start = Matrix([job.matrix[k : k + 4] for k in (0, 4, 8, 12)])
    if job.replace and (old := bpy.data.collections.get(job.replace)):
        results.remove(old)
    made = results.new_result(scene, job.request.object_name, job.request.prompt)
    with np.load(job.folder / "object.npz", allow_pickle=False) as file:
        notes = paint_contacts(result.contact_maps, job.parts, file["verts"], unit)
    rigs = []
    for number, variant in enumerate(result.variants, start=1):
        rig = _add_person(scene, made, result, number, unit)
        rigs.append(rig)
        if moves(variant.motion):
            world = placed(start, variant.motion, unit)
            rig.armature["interact_object_matrix"] = [x for row in world for x in row]
    for number, (rig, variant) in enumerate(zip(rigs, result.variants, strict=True), start=1):
        _describe(rig, job, result, variant, number)
    if len(rigs) > 1:
        results.show(scene, made, 1)
    if moves(result.variants[0].motion):
        notes.append(_move(job, target, placed(start, result.variants[0].motion, unit)))
    elif np.abs(np.array(start) - np.array(target.matrix_world)).max() > MOVED_MEANWHILE:
        notes.append(f"'{target.name}' was moved while the solver worked; the person was not.")
    job.warnings += [*result.warnings, *result.variants[0].warnings, *filter(None, notes)]
    bpy.context.view_layer.update()
    return made


def _add_person(
    scene: bpy.types.Scene, made: bpy.types.Collection, result: Result, number: int, unit: float
) -> Rig:
    """One variant, in the result's collection or, where there are several, in its own below."""
    name = made.name if len(result.variants) == 1 else f"{made.name} {number}"
    # The scene's own collection can be neither hidden nor excluded: bones are made there.
    rig = make_rig(name, result.shape, result.variants[number - 1], unit, scene.collection)
    shelf = made
    if len(result.variants) > 1:
        shelf = bpy.data.collections.new(name)
        shelf[RESULT_MARK] = "variant"
        made.children.link(shelf)
    for obj in (rig.armature, rig.body):
        shelf.objects.link(obj)
        scene.collection.objects.unlink(obj)
    return rig


def _move(job: Job, target: bpy.types.Object, world: Any) -> str:
    if job.request.fix_object or target.library is not None:
        return ""
    return place(target, world)


def _describe(rig: Rig, job: Job, result: Result, variant: Variant, number: int) -> None:
    """Custom properties: what was asked, what came out, where to find the rest."""
    armature, report = rig.armature, result.report
    rig.body[RESULT_MARK] = "body"
    armature[RESULT_MARK] = "rig"
    armature["interact_prompt"] = job.request.prompt
    armature["interact_object"] = job.target
    armature["interact_seed"] = job.request.seed
    armature["interact_variant"] = number
    armature["interact_quality"] = job.request.quality
    armature["interact_folder"] = str(job.folder)
    armature["interact_betas"] = [float(x) for x in result.shape.betas]
    for key in ("device", "body"):
        armature[f"interact_{key}"] = str(report.get(key, ""))
    for stage, provider in (report.get("providers") or {}).items():
        armature[f"interact_provider_{stage}"] = str(provider)
    for name, value in variant.metrics.items():
        if isinstance(value, bool | int | float) and np.isfinite(value):
            armature[f"metric_{name}"] = float(value)
    armature["interact_plan"] = spoken_plan(report.get("plan") or {})
    armature["interact_warnings"] = "\n".join([*result.warnings, *variant.warnings])


def spoken_plan(plan: dict[str, Any]) -> str:
    """The plan in a line: 'Sit: buttocks on seat, left foot on floor'."""
    contacts = ", ".join(f"{one['part']} on {one['region']}" for one in plan.get("contacts") or ())
    return f"{plan.get('posture', '')}: {contacts}".strip(": ").replace("_", " ").capitalize()
