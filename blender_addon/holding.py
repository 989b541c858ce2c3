"""What a hand holds comes along when the artist moves the arm, or the whole person."""

from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from .frames import to_scene
from .posing import Pose, rest_offsets
from .solution import Result, Variant
from .wire import joints

HELD, STOOD = "interact_held", "interact_held_at"
"""On an armature: where each hand that holds the object was, and where the object stood then."""
WRISTS = {"left_hand": "left_wrist", "right_hand": "right_wrist"}
STILL = 1e-4
"""A wrist whose frame changes by less, metres or of a rotation, was not moved."""
APART, ASTRAY = 0.02, 0.1
"""Metres and radians by which two hands may disagree about where the object has gone."""


def remember(
    armature: bpy.types.Object, result: Result, variant: Variant, place: NDArray[np.floating]
) -> None:
    """Note which wrists hold the object, and where they are.

    Args:
        armature: The new person.
        result: Its plan says what holds.
        variant: Its pose.
        place: World matrix (4, 4) that the object has in this variant.
    """
    plan: dict[str, Any] = result.report.get("plan") or {}
    parts = {one["part"] for one in plan.get("contacts") or ()}
    if not plan.get("movable", False) or not parts & WRISTS.keys():
        return
    rest = result.shape.joints
    apart = np.array([rest[j] - (rest[p] if p >= 0 else 0) for j, p in enumerate(joints.PARENTS)])
    frames = joint_frames(variant.rotations, variant.trans, apart)
    armature[HELD] = {
        wrist: frames[joints.JOINTS.index(wrist)].ravel().tolist()
        for part, wrist in WRISTS.items()
        if part in parts
    }
    armature[STOOD] = np.asarray(place, np.float64).ravel().tolist()


def carried(
    armature: bpy.types.Object, pose: Pose, obj: bpy.types.Object, unit: float
) -> NDArray[np.float64] | None:
    """The motion (4, 4), scene frame, by which the holding hands have taken the object along.

    Args:
        armature: The person.
        pose: As it is now.
        obj: The object, as it stands now.
        unit: Metres per scene unit.

    Returns:
        None where there is nothing to take: no hand has moved, the artist has placed the object
        since, or one of two hands has let go of it.
    """
    held = armature.get(HELD)
    place = np.array(obj.matrix_world)
    if held is None or np.abs(place.ravel() - np.array(armature[STOOD])).max() > STILL:
        return None
    frames = joint_frames(pose.rotations, pose.trans, rest_offsets(armature) * unit)
    origin = to_scene(place[None, :3, 3], unit)[0]
    motions = [
        frames[joints.JOINTS.index(wrist)] @ np.linalg.inv(np.array(then).reshape(4, 4))
        for wrist, then in held.items()
    ]
    first = motions[0]
    for other in motions[1:]:
        apart = (first[:3, :3] - other[:3, :3]) @ origin + first[:3, 3] - other[:3, 3]
        astray = np.linalg.norm(first[:3, :3] - other[:3, :3], 2)
        if np.linalg.norm(apart) > APART or astray > ASTRAY:
            return None
    return first if np.abs(first - np.eye(4)).max() > STILL else None


def joint_frames(
    rotations: NDArray[np.floating], trans: NDArray[np.floating], apart: NDArray[np.floating]
) -> NDArray[np.float64]:
    """T_scene_joint (52, 4, 4) of a pose.

    Args:
        rotations: (52, 3, 3), local.
        trans: (3,), metres.
        apart: (52, 3) of the T-pose: each joint from its parent, the pelvis from the origin.
    """
    frames = np.tile(np.eye(4), (len(apart), 1, 1))
    for joint, parent in enumerate(joints.PARENTS):
        frames[joint, :3, :3] = rotations[joint]
        frames[joint, :3, 3] = apart[joint] + (trans if parent < 0 else 0.0)
        if parent >= 0:
            frames[joint] = frames[parent] @ frames[joint]
    return frames
