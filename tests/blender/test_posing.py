"""A rig's pose is read back as the solver's own numbers, whatever the artist did to the rig."""

import bpy
import numpy as np
import pytest
from helpers import generate, solution_of
from mathutils import Matrix

from blender_addon import posing, results, wire
from blender_addon.wire import errors

pytestmark = pytest.mark.blender


@pytest.fixture
def rig(cube: bpy.types.Object) -> bpy.types.Object:
    return results.people(generate(cube, seed=3))[0]


def made_of(rig: bpy.types.Object) -> dict[str, np.ndarray]:
    return solution_of(rig.users_collection[0])


def agrees(rig: bpy.types.Object, unit: float = 1.0) -> None:
    """The pose is that of the solution that the rig was made of."""
    pose, wanted = posing.read_pose(rig, unit), made_of(rig)
    assert np.abs(pose.rotations - wanted["rotations"][0]).max() < 1e-5
    assert np.abs(pose.trans - wanted["trans"][0]).max() < 1e-5
    assert np.abs(pose.betas - wanted["betas"]).max() == 0.0


@pytest.mark.parametrize("unit", [1.0, 0.01, 0.3048])
def test_a_pose_comes_back(cube: bpy.types.Object, unit: float) -> None:
    bpy.context.scene.unit_settings.scale_length = unit
    cube.scale = [1.0 / unit] * 3
    agrees(results.people(generate(cube, seed=2))[0], unit)


@pytest.mark.parametrize("mode", ["XYZ", "ZYX", "YXZ", "AXIS_ANGLE"])
def test_in_every_rotation_mode(rig: bpy.types.Object, mode: str) -> None:
    for bone in rig.pose.bones:
        matrix = bone.rotation_quaternion.to_matrix()
        bone.rotation_mode = mode
        posing.turn(bone, np.array(matrix))
    agrees(rig)


def test_bones_turn_as_they_are_told(rig: bpy.types.Object) -> None:
    """A known turn about the elbow's own axis is all that changes."""
    before = posing.read_pose(rig, 1.0)
    turn = np.array(Matrix.Rotation(0.7, 3, "Y"))
    elbow = wire.joints.INDEX["left_elbow"]
    posing.turn(rig.pose.bones["left_elbow"], before.rotations[elbow] @ turn)
    after = posing.read_pose(rig, 1.0)
    assert np.abs(after.rotations[elbow] - before.rotations[elbow] @ turn).max() < 1e-5
    others = np.delete(np.arange(52), elbow)
    assert np.abs(after.rotations[others] - before.rotations[others]).max() < 1e-5


def moved(rig: bpy.types.Object) -> None:
    """Whether the pose is the solution's, moved as the armature was: about the scene's origin."""
    wanted, motion = made_of(rig), np.eye(4)
    turn = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])
    world = np.array(Matrix.Translation((1, -2, 0.5)) @ Matrix.Rotation(0.8, 4, (1, 2, 3)))
    motion[:3, :3], motion[:3, 3] = turn @ world[:3, :3] @ turn.T, turn @ world[:3, 3]
    pose, rest = posing.read_pose(rig, 1.0), wanted["joints"][0]
    pelvis = motion[:3, :3] @ (wanted["trans"][0] + rest) + motion[:3, 3]
    root = motion[:3, :3] @ wanted["rotations"][0][0]
    assert np.abs(pose.rotations[0] - root).max() < 1e-5
    assert np.abs(pose.rotations[1:] - wanted["rotations"][0][1:]).max() < 1e-5
    assert np.abs(pose.trans + rest - pelvis).max() < 1e-5


MOTION = Matrix.Translation((1, -2, 0.5)) @ Matrix.Rotation(0.8, 4, (1, 2, 3))


def test_after_the_armature_was_moved(rig: bpy.types.Object) -> None:
    rig.matrix_world = MOTION @ rig.matrix_world
    moved(rig)


def test_after_a_parent_was_moved(rig: bpy.types.Object) -> None:
    parent = bpy.data.objects.new("Parent", None)
    bpy.context.scene.collection.objects.link(parent)
    rig.parent, parent.matrix_world = parent, MOTION
    moved(rig)


def test_after_its_place_was_applied(rig: bpy.types.Object) -> None:
    """Ctrl+A turns the bones' rest position instead."""
    rig.matrix_world = MOTION @ rig.matrix_world
    bpy.context.view_layer.objects.active = rig
    with bpy.context.temp_override(selected_editable_objects=[rig], object=rig):
        bpy.ops.object.transform_apply(location=True, rotation=True, scale=False)
    assert np.abs(np.array(rig.matrix_world) - np.eye(4)).max() < 1e-6
    moved(rig)


def test_after_the_root_bone_was_moved(rig: bpy.types.Object) -> None:
    bpy.context.view_layer.update()
    world = rig.matrix_world
    root = rig.pose.bones["root"]
    root.matrix = world.inverted() @ MOTION @ world @ root.matrix
    moved(rig)


def test_constraints_count(rig: bpy.types.Object) -> None:
    """What one sees is sent, not the channels below it."""
    rig.pose.bones["head"].constraints.new("LIMIT_ROTATION").use_limit_x = True
    limit = rig.pose.bones["head"].constraints[0]
    limit.use_limit_y = limit.use_limit_z = True
    limit.owner_space = "LOCAL"
    pose = posing.read_pose(rig, 1.0)
    assert np.abs(pose.rotations[wire.joints.INDEX["head"]] - np.eye(3)).max() < 1e-5


def scaled(rig: bpy.types.Object) -> None:
    rig.scale = (1.1, 1.1, 1.1)


def mirrored(rig: bpy.types.Object) -> None:
    rig.scale.x = -1.0


def sheared(rig: bpy.types.Object) -> None:
    parent = bpy.data.objects.new("Parent", None)
    bpy.context.scene.collection.objects.link(parent)
    parent.scale = (1.0, 1.0, 1.3)
    rig.parent, rig.rotation_euler = parent, (0.4, 0.5, 0.6)


def applied_scale(rig: bpy.types.Object) -> None:
    rig.scale = (1.2, 1.2, 1.2)
    bpy.context.view_layer.objects.active = rig
    with bpy.context.temp_override(selected_editable_objects=[rig], object=rig):
        bpy.ops.object.transform_apply(location=False, rotation=False, scale=True)


def bone_scaled(rig: bpy.types.Object) -> None:
    rig.pose.bones["head"].scale = (1.5, 1.5, 1.5)


def bone_moved(rig: bpy.types.Object) -> None:
    rig.pose.bones["left_wrist"].location.x = 0.1


def at_rest(rig: bpy.types.Object) -> None:
    rig.data.pose_position = "REST"


def renamed(rig: bpy.types.Object) -> None:
    rig.data.bones["neck"].name = "Neck"


@pytest.mark.parametrize(
    ("spoil", "said", "remedy"),
    [
        (scaled, "is scaled", "Alt.S"),
        (mirrored, "mirrored", "Alt.S"),
        (sheared, "sheared", "parent"),
        (applied_scale, "1.2 times", "unit scale"),
        (bone_scaled, "'head'", "Alt.S"),
        (bone_moved, "'left_wrist'", "Alt.G"),
        (at_rest, "rest position", "Pose Position"),
        (renamed, "lost the bone 'neck'", "again"),
    ],
)
def test_what_is_no_person_any_more_is_refused(
    rig: bpy.types.Object, spoil: object, said: str, remedy: str
) -> None:
    spoil(rig)
    with pytest.raises(errors.SolverError, match=said) as error:
        posing.read_pose(rig, 1.0)
    assert remedy.replace(".", "+") in error.value.remedy
