"""What a hand holds comes along when the artist turns the arm, and only then."""

from pathlib import Path

import bpy
import numpy as np
import pytest
from helpers import generate, world_verts, y_up
from mathutils import Matrix

from blender_addon import posing, results, service

pytestmark = pytest.mark.blender


def start_of(folder: Path) -> dict[str, np.ndarray]:
    with np.load(folder / "start.npz") as file:
        return {key: file[key] for key in file.files}


def wrist_of(rig: bpy.types.Object, side: str) -> np.ndarray:
    """World matrix of the bone that carries a hand."""
    bpy.context.view_layer.update()
    return np.array(rig.matrix_world @ rig.pose.bones[f"{side}_wrist"].matrix)


def test_a_held_object_rides_on_the_wrist_that_was_turned(cube: bpy.types.Object) -> None:
    """It begins where the bone, as Blender has it, took it; the artist also moved the person."""
    made = generate(cube, "hold it left", seed=2)
    rig = results.people(made)[0]
    before, stood = wrist_of(rig, "left"), y_up(world_verts(cube))
    posing.turn(rig.pose.bones["left_elbow"], np.array(Matrix.Rotation(0.9, 3, "Y")))
    rig.location.x += 0.3
    rig.rotation_euler.z += 0.4
    moved = wrist_of(rig, "left") @ np.linalg.inv(before)
    wanted = y_up(world_verts(cube) @ moved[:3, :3].T + moved[:3, 3])
    assert bpy.ops.interact.refine(result=made.name) == {"FINISHED"}
    T = start_of(service.session.jobs[-1].folder)["T_scene_source"]
    assert np.abs(stood @ T[:3, :3].T + T[:3, 3] - wanted).max() < 1e-4


@pytest.mark.parametrize("change", ["nothing", "object", "other arm", "one of two hands"])
def test_an_object_stays_where_no_holding_hand_has_taken_it(
    cube: bpy.types.Object, change: str
) -> None:
    made = generate(cube, "hold it left and right" if "two" in change else "hold it left", seed=2)
    rig = results.people(made)[0]
    side = "right" if change == "other arm" else "left"
    if change != "nothing":
        posing.turn(rig.pose.bones[f"{side}_elbow"], np.array(Matrix.Rotation(0.9, 3, "Y")))
    if change == "object":
        cube.location.x += 0.1
    assert bpy.ops.interact.refine(result=made.name) == {"FINISHED"}
    assert "T_scene_source" not in start_of(service.session.jobs[-1].folder)


def test_two_hands_carry_the_object_when_the_trunk_turns(cube: bpy.types.Object) -> None:
    made = generate(cube, "hold it left and right", seed=2)
    rig = results.people(made)[0]
    posing.turn(rig.pose.bones["spine1"], np.array(Matrix.Rotation(0.5, 3, "Y")))
    assert bpy.ops.interact.refine(result=made.name) == {"FINISHED"}
    assert "T_scene_source" in start_of(service.session.jobs[-1].folder)
