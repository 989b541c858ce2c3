"""A rig's present pose as the solver's: the way back from `rig.py`."""

from dataclasses import dataclass

import bpy
import numpy as np
from mathutils import Matrix
from numpy.typing import NDArray

from .frames import BLENDER_FROM_SCENE, to_scene
from .rig import ROOT
from .wire import errors, joints

RIGID = 1e-3
"""Deviation of a rotation from one, and of a skeleton's size from its own, that is refused."""
LOOSE = 1e-3
"""Metres by which a bone may be away from its joint."""


@dataclass(frozen=True)
class Pose:
    """A person as the rig shows it, scene frame."""

    rotations: NDArray[np.float64]
    """(52, 3, 3), local, root first."""
    trans: NDArray[np.float64]
    """(3,), metres."""
    betas: NDArray[np.float64]
    """(B,): who it is."""
    T_scene_source: NDArray[np.float64] | None = None
    """(4, 4): where a hand has taken the object; None: it is where it stands."""


@dataclass(frozen=True)
class _Skeleton:
    """Root and joints (53, 4, 4) of an evaluated armature, in its own space, scene units."""

    rest: NDArray[np.float64]
    posed: NDArray[np.float64]


def read_pose(armature: bpy.types.Object, unit: float) -> Pose:
    """The pose that one sees: constraints, drivers, animation and the armature's place included.

    Every bone rests in the same axes, which are SMPL-H's. A posed bone then turns by its joint's
    global rotation, whatever its rotation mode, and also after the armature's place was applied.

    Args:
        armature: Of one of our people.
        unit: Metres per scene unit.

    Raises:
        SolverError: When the rig is no SMPL-H body any more: scaled, edited, or taken apart.
    """
    bpy.context.view_layer.update()
    shown = armature.evaluated_get(bpy.context.evaluated_depsgraph_get())
    world, skeleton = np.array(shown.matrix_world, np.float64), _skeleton(armature, shown)
    _check_place(armature, world)
    _check_rest(armature, skeleton.rest, unit)
    _check_bones(armature, skeleton, unit)
    turned = BLENDER_FROM_SCENE.T @ world[:3, :3] @ skeleton.posed[1:, :3, :3]
    left, _, right = np.linalg.svd(turned)  # The nearest rotations.
    whole = left @ right
    local = [
        whole[joint] if parent < 0 else whole[parent].T @ whole[joint]
        for joint, parent in enumerate(joints.PARENTS)
    ]
    pelvis = world[:3, :3] @ skeleton.posed[1, :3, 3] + world[:3, 3]
    rest_pelvis = offsets(skeleton.rest)[0] * unit
    return Pose(
        rotations=np.array(local),
        trans=to_scene(pelvis[None], unit)[0] - rest_pelvis,
        betas=np.array(armature["interact_betas"], np.float64),
    )


def turn(bone: bpy.types.PoseBone, rotation: NDArray[np.floating]) -> None:
    """Give a bone a local rotation (3, 3), in the rotation mode that it has."""
    matrix = Matrix(rotation.tolist())
    if bone.rotation_mode == "QUATERNION":
        wanted = matrix.to_quaternion()
        wanted.make_compatible(bone.rotation_quaternion)
        bone.rotation_quaternion = wanted
    elif bone.rotation_mode == "AXIS_ANGLE":
        axis, angle = matrix.to_quaternion().to_axis_angle()
        bone.rotation_axis_angle = (angle, *axis)
    else:
        bone.rotation_euler = matrix.to_euler(bone.rotation_mode, bone.rotation_euler)


def offsets(frames: NDArray[np.floating]) -> NDArray[np.float64]:
    """Each joint seen from its parent's axes (52, 3); the pelvis from the root's."""
    parents = np.array(joints.PARENTS) + 1
    apart = frames[1:, :3, 3] - frames[parents, :3, 3]
    return np.einsum("jba,jb->ja", frames[parents, :3, :3], apart)


def rest_offsets(armature: bpy.types.Object) -> NDArray[np.float64]:
    """Each joint from its parent in the T-pose (52, 3), the pelvis from the root; scene units."""
    bones = [armature.data.bones[name] for name in (ROOT, *joints.JOINTS)]
    return offsets(np.array([bone.matrix_local for bone in bones], np.float64))


def skeleton_size(rest: NDArray[np.floating]) -> float:
    """Sum of all joints' distances from their parents; `rest` (52, 3) are the T-pose's joints."""
    return float(sum(
        np.linalg.norm(rest[joint] - rest[parent])
        for joint, parent in enumerate(joints.PARENTS) if parent >= 0
    ))  # fmt: skip


def _skeleton(armature: bpy.types.Object, shown: bpy.types.Object) -> _Skeleton:
    if armature.mode == "EDIT":
        raise errors.SolverError(
            f"The bones of '{armature.name}' are being edited.", remedy="Leave Edit Mode (Tab)."
        )
    if armature.data.pose_position == "REST":
        raise errors.SolverError(
            f"'{armature.name}' shows its rest position, not its pose.",
            remedy="Choose Pose Position in the armature's properties.",
        )
    names = (ROOT, *joints.JOINTS)
    if missing := [name for name in names if name not in shown.pose.bones]:
        raise errors.SolverError(
            f"'{armature.name}' has lost the bone '{missing[0]}'.", remedy="Generate it again."
        )
    posed = [shown.pose.bones[name] for name in names]
    return _Skeleton(
        np.array([bone.bone.matrix_local for bone in posed], np.float64),
        np.array([bone.matrix for bone in posed], np.float64),
    )


def _check_place(armature: bpy.types.Object, world: NDArray[np.float64]) -> None:
    if _is_rotation(world[:3, :3]):
        return
    sizes = ", ".join(f"{one:.3g}" for one in np.linalg.norm(world[:3, :3], axis=0))
    raise errors.SolverError(
        f"'{armature.name}' is scaled, mirrored or sheared ({sizes}): the solver's people have "
        "the size of people.",
        remedy="Clear its scale (Alt+S in Object Mode), and that of its parent.",
    )


def _check_rest(armature: bpy.types.Object, rest: NDArray[np.float64], unit: float) -> None:
    """Whether it is the skeleton that was made: all bones' axes alike, the same size."""
    size = skeleton_size(rest[1:, :3, 3]) * unit
    made = float(armature.get("interact_skeleton_m", size))
    alike = np.abs(rest[:, :3, :3] - rest[0, :3, :3]).max() < RIGID
    if not alike or abs(size - made) > RIGID * made:
        raise errors.SolverError(
            f"The skeleton of '{armature.name}' was changed: it is {size / made:.3g} times as "
            "large as the person's, or its bones were edited.",
            remedy="Undo the change of its rest position or of the scene's unit scale, or "
            "generate it again.",
        )


def _check_bones(armature: bpy.types.Object, skeleton: _Skeleton, unit: float) -> None:
    away = offsets(skeleton.posed) - offsets(skeleton.rest)
    for index, name in enumerate(joints.JOINTS):
        if not _is_rotation(skeleton.posed[index + 1, :3, :3]):
            raise errors.SolverError(
                f"The bone '{name}' of '{armature.name}' is scaled.",
                remedy="Clear the scale of its bones: select all in Pose Mode, Alt+S.",
            )
        if index > 0 and np.linalg.norm(away[index]) * unit > LOOSE:
            raise errors.SolverError(
                f"The bone '{name}' of '{armature.name}' was moved away from its joint: bones of "
                "a person only turn.",
                remedy="Clear its location (Alt+G in Pose Mode); pelvis and root may be moved.",
            )


def _is_rotation(matrix: NDArray[np.float64]) -> bool:
    near = np.abs(matrix @ matrix.T - np.eye(3)).max() < RIGID
    return bool(near and np.linalg.det(matrix) > 0)
