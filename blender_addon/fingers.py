"""Closing the fingers of a person who is there: nothing else of the file changes."""

import bpy
import numpy as np
from numpy.typing import NDArray

from . import results
from .describing import describe_outcome
from .jobs import Job
from .posing import read_pose, turn
from .rig import set_corrective
from .scene import RESULT_MARK, by_uid
from .skinning import correctives
from .solution import Result
from .wire import errors, joints

FIRST = len(joints.BODY_JOINTS)
"""The joints from here on are the fingers'."""
STILL = 1e-4
"""Entries of a finger's rotation that differ by less: the solver left it as it was."""
HELD = 0.01
"""Entries that differ by more from what they were set to: something else moves the bone."""


def pose_fingers(job: Job, result: Result, scene: bpy.types.Scene) -> bpy.types.Collection:
    """Turn the finger bones of the job's person; each in the rotation mode that it has.

    Bones that the solver left alone, of a hand away from the object, keep their last bit.

    Returns:
        The result that the person belongs to.

    Raises:
        SolverError: When the person was deleted or replaced meanwhile.
    """
    rig, made = _find_person(job, scene)
    variant = result.variants[0]
    with np.load(job.folder / "start.npz", allow_pickle=False) as file:
        begun = file["rotations"]
    for name, rotation, before in zip(
        joints.JOINTS[FIRST:], variant.rotations[FIRST:], begun[FIRST:], strict=True
    ):
        if np.abs(rotation - before).max() > STILL:
            turn(rig.pose.bones[name], rotation)
    offsets = correctives(result.shape, variant)
    for body in rig.children:
        if offsets is not None and body.get(RESULT_MARK) == "body":
            unit = scene.unit_settings.scale_length
            set_corrective(body, result.shape.verts + offsets, unit)
    job.warnings = [*job.warnings, *result.warnings, *variant.warnings]
    job.warnings += _held(rig, variant.rotations, scene.unit_settings.scale_length)
    describe_outcome(rig, job, result, variant)
    rig["interact_warnings"] = "\n".join(dict.fromkeys(job.warnings))
    return made


def _find_person(job: Job, scene: bpy.types.Scene) -> tuple[bpy.types.Object, bpy.types.Collection]:
    for made in results.results(scene):
        if (rig := by_uid(made.all_objects, job.rig)) is not None:
            return rig, made
    raise errors.SolverError(
        "The person whose fingers were to close was deleted while the solver worked.",
        remedy="Undo the deletion (Ctrl+Z) and press Close Fingers again.",
    )


def _held(rig: bpy.types.Object, wanted: NDArray[np.float64], unit: float) -> list[str]:
    shown = read_pose(rig, unit).rotations
    if np.abs(shown[FIRST:] - wanted[FIRST:]).max() < HELD:
        return []
    return [f"Keyframes, constraints or drivers hold fingers of '{rig.name}' elsewhere."]
