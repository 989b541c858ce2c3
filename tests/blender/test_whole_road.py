"""The real solver behind the real extension: from a sentence to a rig in the file."""

from pathlib import Path

import bpy
import numpy as np
import pytest
from conftest import REAL_PYTHON, ROOT
from helpers import generate, solution_of, world_verts, y_up
from mathutils import Matrix

from blender_addon import posing, results, service, wire

pytestmark = [
    pytest.mark.blender,
    pytest.mark.skipif(not REAL_PYTHON, reason="needs INTERACT_SOLVER_PYTHON"),
]


@pytest.fixture(autouse=True)
def real_solver(fresh_file: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTERACT_SOLVER_PYTHON", REAL_PYTHON)
    monkeypatch.setattr(service, "solver_parent", wire.SOLVER_PARENT)


@pytest.fixture
def chair() -> bpy.types.Object:
    """The example chair, not at the origin and turned."""
    bpy.ops.import_scene.gltf(filepath=str(ROOT / "examples" / "chair.glb"))
    obj = next(one for one in bpy.context.scene.objects if one.type == "MESH")
    obj.rotation_mode = "XYZ"
    obj.location, obj.rotation_euler = (3.0, -2.0, 1.0), (0.0, 0.0, 0.7)
    bpy.context.view_layer.update()
    return obj


def test_a_woman_sits_on_the_chair(chair: bpy.types.Object) -> None:
    """On its seat, over its place, the chair where it was, the rig exact; twice the same."""
    before = world_verts(chair)
    poses = []
    for _ in range(2):
        made = generate(
            chair, "a woman sits on the chair", quality="draft", seed=3, obstacles="none"
        )
        arrays = solution_of(made)
        poses.append(arrays["pose"])
        body = results.people(made)[0].children[0]
        assert np.abs(y_up(world_verts(body)) - arrays["posed"][0]).max() < 1e-4
    assert (world_verts(chair) == before).all()
    assert np.array_equal(*poses)
    rig = results.people(made)[0]
    pelvis = np.array(rig.matrix_world @ rig.pose.bones["pelvis"].head)
    assert np.linalg.norm((pelvis - before.mean(axis=0))[:2]) < 0.35
    assert 0.35 < pelvis[2] - before[:, 2].min() < 0.85
    assert Path(rig["interact_folder"]).is_dir()


def test_a_changed_sitter_is_refined(chair: bpy.types.Object) -> None:
    """Lifted off the seat with a bent elbow: on the seat again, the pose near, the same woman."""
    made = generate(chair, "a woman sits on the chair", quality="draft", seed=3)
    rig = results.people(made)[0]
    assert rig["metric_gap_buttocks_mm"] < 10
    betas, elbow = list(rig["interact_betas"]), wire.joints.INDEX["left_elbow"]
    turned = posing.read_pose(rig, 1.0).rotations[elbow] @ np.array(Matrix.Rotation(0.7, 3, "Y"))
    posing.turn(rig.pose.bones["left_elbow"], turned)
    rig.location.z += 0.05
    changed = posing.read_pose(rig, 1.0)
    assert bpy.ops.interact.refine(result=made.name) == {"FINISHED"}
    rig = results.people(results.results(bpy.context.scene)[0])[0]
    found = posing.read_pose(rig, 1.0)
    assert rig["metric_gap_buttocks_mm"] < 10
    assert list(rig["interact_betas"]) == betas
    cosine = (np.einsum("jab,jab->j", found.rotations, changed.rotations)[:22] - 1) / 2
    assert np.degrees(np.arccos(np.clip(cosine, -1, 1))).mean() < 10
    assert np.linalg.norm(found.trans - changed.trans) < 0.12
    body = rig.children[0]
    posed = solution_of(rig.users_collection[0])["posed"][0]
    assert np.abs(y_up(world_verts(body)) - posed).max() < 1e-4
