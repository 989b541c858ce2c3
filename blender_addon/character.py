"""A ready job -> people in the file: the one place that edits the user's scene."""

import bpy
import numpy as np
from mathutils import Matrix

from . import plans, results
from .contacts import clear_contacts, paint_contacts
from .context import undisturbed
from .describing import describe
from .fingers import pose_fingers
from .holding import remember
from .jobs import Job, State
from .linked import is_linked
from .placing import moves, place, placed
from .rig import Rig, make_rig
from .scene import RESULT_MARK, by_uid
from .solution import Result, read_plan, read_result
from .wire import errors

MOVED_MEANWHILE = 1e-4
"""Scene units."""


def apply_job(job: Job) -> bpy.types.Collection | bpy.types.Object:
    """Build a ready job's people, close fingers, or show a plan; the caller makes it one undo step.

    Gives the result, or the object that a plan was read for.

    Reads everything before it changes anything. The artist's mode, selection and active object
    stay; the target moves only if the plan moves it.

    Raises:
        SolverError: When the result cannot be read or the scene or object is gone.
    """
    reading = job.request.only == "plan"
    result = None if reading else read_result(job.folder)
    scene = by_uid(bpy.data.scenes, job.scene_uid)
    if scene is None or scene != bpy.context.scene:
        raise errors.SolverError(
            f"The result belongs to the scene '{job.scene}', which is not open.",
            remedy="Go to that scene and press Add to Scene in the Interact tab.",
        )
    if result is None:
        target = find_target(job)
        plans.fill(scene.interact.plan, read_plan(job.folder), target.name)
        job.move(State.APPLIED)
        return target
    if job.rig:
        made = pose_fingers(job, result, scene)
        job.move(State.APPLIED)
        return made
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
    found = by_uid(bpy.data.objects, job.target_uid)
    if found is not None and found.users_scene:  # Results keep a deleted one in the file.
        return found
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
    made = results.new_result(scene, job.request.object_name, job.request.prompt)
    title = results.title_of(job.request.object_name, job.request.prompt)
    rigs = [
        _add_person(scene, made, title, result, number, unit)
        for number in range(1, len(result.variants) + 1)
    ]
    with np.load(job.folder / "object.npz", allow_pickle=False) as file:
        notes = paint_contacts(result.contact_maps, job.parts, file["verts"], unit)
    if len(rigs) > 1:
        results.show(scene, made, 1)
    wanted = [
        placed(start, one.motion, unit) if moves(one.motion) else start for one in result.variants
    ]
    notes += _place_target(job, target, rigs, wanted)
    notes = [*job.warnings, *result.warnings, *notes]
    for number, (rig, variant) in enumerate(zip(rigs, result.variants, strict=True), start=1):
        describe(rig, job, result, variant, number)
        remember(rig.armature, result, variant, np.array(wanted[number - 1]))
        rig.armature["interact_target"] = target
        words = dict.fromkeys([*notes, *variant.warnings])
        rig.armature["interact_warnings"] = "\n".join(words)
    job.warnings = [*notes, *result.variants[0].warnings]
    if result.report.get("plan"):
        plans.fill(made.interact_plan, result.report["plan"], target.name)
    _replace_old(job, scene, made)
    bpy.context.view_layer.update()
    return made


def _place_target(
    job: Job, target: bpy.types.Object, rigs: list[Rig], wanted: list[Matrix]
) -> list[str]:
    """Put the object where the best variant wants it; each rig remembers its own place for it."""
    start = Matrix([job.matrix[k : k + 4] for k in (0, 4, 8, 12)])
    if all(one == start for one in wanted):
        if np.abs(np.array(start) - np.array(target.matrix_world)).max() > MOVED_MEANWHILE:
            return [f"'{target.name}' was moved while the solver worked; the person was not."]
        return []
    if not may_move(job, target):
        return []
    for rig, world in zip(rigs, wanted, strict=True):
        rig.armature["interact_object_matrix"] = [x for row in world for x in row]
    note = place(target, wanted[0])
    return [note] if note else []


def may_move(job: Job, target: bpy.types.Object) -> bool:
    """Whether the job may change where the object is; an estimated size always has to."""
    kept = job.request.fix_object and job.request.placement == "keep"
    return not kept and not is_linked(target)


def _replace_old(job: Job, scene: bpy.types.Scene, made: bpy.types.Collection) -> None:
    """Now that the new people stand, the result that they replace goes; nothing else does."""
    old = by_uid(results.results(scene), job.replace)
    if old is None:
        return
    touched = {rig.get("interact_target") for rig in results.people(old)}
    results.remove(scene, old)
    still = {rig.get("interact_target") for one in results.results(scene)
             for rig in results.people(one)}  # fmt: skip
    for obj in touched - still - {None}:
        clear_contacts(obj)
    results.tidy_names(made)


def _add_person(
    scene: bpy.types.Scene, made: bpy.types.Collection, title: str, result: Result, number: int,
    unit: float,
) -> Rig:  # fmt: skip
    """One variant, in the result's collection or, where there are several, in its own below."""
    name = title if len(result.variants) == 1 else f"{title} {number}"
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
