"""The rig is the solver's body: same vertices, SMPL-H's own rotations on the bones."""

import bpy
import numpy as np
import pytest
from helpers import generate, solution_of, world_verts, y_up

from blender_addon import results, wire
from blender_addon.rig import ROOT

pytestmark = pytest.mark.blender


def parts(rig: bpy.types.Object) -> tuple[bpy.types.Object, bpy.types.Object]:
    """Armature and body of a person."""
    return rig, rig.children[0]


@pytest.mark.parametrize(("seed", "unit"), [(1, 1.0), (2, 1.0), (3, 0.01), (4, 0.3048)])
def test_evaluated_mesh_is_the_solvers_body(cube: bpy.types.Object, seed: int, unit: float) -> None:
    """Whatever the scene's unit, to a tenth of a millimetre."""
    bpy.context.scene.unit_settings.scale_length = unit
    cube.scale = [1.0 / unit] * 3
    made = generate(cube, seed=seed)
    _, body = parts(results.people(made)[0])
    seen = y_up(world_verts(body)) * unit
    assert np.abs(seen - solution_of(made)["posed"][0]).max() < 1e-4


def test_every_variant_is_exact(cube: bpy.types.Object) -> None:
    made = generate(cube, variants=3)
    posed = solution_of(made)["posed"]
    for number, rig in enumerate(results.people(made), start=1):
        results.show(bpy.context.scene, made, number)
        assert np.abs(y_up(world_verts(parts(rig)[1])) - posed[number - 1]).max() < 1e-4


def test_a_body_with_pose_correctives_is_exact(cube: bpy.types.Object) -> None:
    """They become one shape key, which Blender adds before it skins, as SMPL does."""
    made = generate(cube, "sit with correctives")
    _, body = parts(results.people(made)[0])
    assert body.data.shape_keys.key_blocks[1].value == 1.0
    assert np.abs(y_up(world_verts(body)) - solution_of(made)["posed"][0]).max() < 1e-4


def test_pose_quaternions_are_smpls(cube: bpy.types.Object) -> None:
    made = generate(cube)
    rig, _ = parts(results.people(made)[0])
    for name, rotation in zip(wire.joints.JOINTS, solution_of(made)["rotations"][0], strict=True):
        turned = np.array(rig.pose.bones[name].rotation_quaternion.to_matrix())
        assert np.abs(turned - rotation).max() < 1e-5


def test_bones_are_smplh_with_a_root(cube: bpy.types.Object) -> None:
    rig, _ = parts(results.people(generate(cube))[0])
    names = [bone.name for bone in rig.data.bones]
    assert len(names) == 53
    assert set(names) == {ROOT, *wire.joints.JOINTS}
    for index, name in enumerate(wire.joints.JOINTS):
        parent = wire.joints.PARENTS[index]
        wanted = ROOT if parent < 0 else wire.joints.JOINTS[parent]
        assert rig.data.bones[name].parent.name == wanted


def test_moving_the_armature_moves_the_person_rigidly(cube: bpy.types.Object) -> None:
    """The origin is under the pelvis at the lowest point; the body follows the object."""
    rig, body = parts(results.people(generate(cube))[0])
    before = world_verts(body)
    assert rig.location.z == pytest.approx(before[:, 2].min(), abs=1e-4)
    rig.location.x += 1.0
    assert np.abs(world_verts(body) - before - [1, 0, 0]).max() < 1e-5


def test_body_is_dressed_and_unwrapped(cube: bpy.types.Object) -> None:
    made = generate(cube)
    _, body = parts(results.people(made)[0])
    arrays = solution_of(made)
    slots = [body.material_slots[p.material_index].material["interact_part"] for p in
             body.data.polygons]  # fmt: skip
    names = np.array(["Skin", "Shirt", "Trousers", "Shoes", "Hair"])
    assert (names[arrays["materials"]] == slots).all()
    uvs = np.empty(len(body.data.loops) * 2, np.float32)
    body.data.uv_layers[0].data.foreach_get("uv", uvs)
    assert np.abs(uvs - arrays["uvs"].ravel()).max() < 1e-6
    assert [g.name for g in body.vertex_groups] == list(wire.joints.JOINTS)


def test_two_people_share_their_clothes(cube: bpy.types.Object) -> None:
    generate(cube)
    before = set(bpy.data.materials)
    generate(cube, seed=5)
    assert set(bpy.data.materials) == before


def test_what_was_asked_stands_on_the_armature(cube: bpy.types.Object) -> None:
    rig = results.people(generate(cube, "sit and warn", seed=7))[0]
    assert rig["interact_prompt"] == "sit and warn"
    assert rig["interact_object"] == "Chair.001"
    assert rig["interact_seed"] == 7
    assert rig["metric_penetration_mm"] == pytest.approx(3.5)
    assert rig["interact_provider_plan"] == "rules"
    assert "front" in rig["interact_warnings"]
    assert len(rig["interact_betas"]) == 10
