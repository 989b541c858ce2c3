"""What the solver is handed is what the artist sees: evaluated, in world space, metres, Y up."""

import bpy
import numpy as np
import pytest
from helpers import request_in, submit, world_verts, y_up

from blender_addon import frames, scene
from blender_addon.jobs import Person

pytestmark = pytest.mark.blender


def volume(verts: np.ndarray, faces: np.ndarray) -> float:
    """Signed volume of a closed mesh: positive where the faces look outward."""
    a, b, c = (verts[faces[:, k]].astype(np.float64) for k in range(3))
    return float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6)


def extent(verts: np.ndarray) -> list[float]:
    return np.ptp(verts, axis=0).tolist()


def test_frames_are_inverse_and_proper() -> None:
    points = np.random.default_rng(0).normal(size=(50, 3))
    assert np.allclose(frames.to_blender(frames.to_scene(points, 0.3), 0.3), points)
    assert np.linalg.det(frames.BLENDER_FROM_SCENE) == pytest.approx(1.0)
    up = frames.to_scene(np.array([[0.0, 0.0, 1.0]]))
    assert up.tolist() == [[0.0, 1.0, 0.0]]


def test_motion_of_the_scene_is_the_same_motion_of_blender() -> None:
    rng = np.random.default_rng(1)
    turn, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    motion = np.eye(4)
    motion[:3, :3], motion[:3, 3] = 1.7 * turn, rng.normal(size=3)
    points = rng.normal(size=(20, 3))
    moved = frames.motion_to_blender(motion, 0.01)
    direct = frames.to_scene(points @ moved[:3, :3].T + moved[:3, 3], 0.01)
    round_about = frames.to_scene(points, 0.01) @ motion[:3, :3].T + motion[:3, 3]
    assert np.allclose(direct, round_about)


@pytest.mark.parametrize("scale", [(1, 2, 3), (-1, 1, 1), (-2, -1, -0.5), (1, -1, 1)])
def test_scale_and_mirroring(cube: bpy.types.Object, scale: tuple[float, ...]) -> None:
    """Right size, and faces that look outward also when the scale turns them inside out."""
    cube.scale = scale
    target = scene.read_target(cube)
    x, y, z = (abs(s) for s in scale)
    assert extent(target.verts) == pytest.approx([x, z, y], abs=1e-5)
    assert volume(target.verts, target.faces) == pytest.approx(x * y * z, rel=1e-4)


@pytest.mark.parametrize("unit", [1.0, 0.01, 0.3048])
def test_units_become_metres(cube: bpy.types.Object, unit: float) -> None:
    bpy.context.scene.unit_settings.scale_length = unit
    assert extent(scene.read_target(cube).verts) == pytest.approx([unit] * 3, rel=1e-5)


def test_parents_count(cube: bpy.types.Object) -> None:
    parent = bpy.data.objects.new("Parent", None)
    bpy.context.scene.collection.objects.link(parent)
    cube.parent = parent
    parent.location, parent.scale, parent.rotation_euler = (1, 2, 3), (2, 1, 1), (0.1, 0.2, 0.3)
    target = scene.read_target(cube)
    assert np.abs(target.verts - y_up(world_verts(cube))).max() < 1e-5


def test_children_belong_to_the_object_but_our_people_do_not(cube: bpy.types.Object) -> None:
    bpy.ops.mesh.primitive_uv_sphere_add(location=(9, 0, 0))
    cushion = bpy.context.object
    cushion.parent = cube
    cushion.matrix_parent_inverse = cube.matrix_world.inverted()
    both = scene.read_target(cube)
    assert {part.object_uid for part in both.parts} == {cube.session_uid, cushion.session_uid}
    assert len(both.verts) == 8 + len(cushion.data.vertices)
    cushion[scene.RESULT_MARK] = "body"
    assert len(scene.read_target(cube).verts) == 8


def test_modifiers_count_and_the_mesh_stays(cube: bpy.types.Object) -> None:
    cube.modifiers.new("Subdivision", "SUBSURF").levels = 2
    target = scene.read_target(cube)
    assert len(target.verts) > 50
    assert len(cube.data.vertices) == 8


def test_edit_mode_shows_the_mesh_as_it_is_being_edited(cube: bpy.types.Object) -> None:
    bpy.ops.object.mode_set(mode="EDIT")
    bpy.ops.mesh.select_all(action="SELECT")
    bpy.ops.mesh.subdivide(number_cuts=1)
    target = scene.read_target(cube)
    bpy.ops.object.mode_set(mode="OBJECT")
    assert len(target.verts) == 26


def test_collection_instances_of_an_empty(cube: bpy.types.Object) -> None:
    shelf = bpy.data.collections.new("Shelf")
    shelf.objects.link(cube)
    bpy.context.scene.collection.objects.unlink(cube)
    empty = bpy.data.objects.new("Instance", None)
    empty.instance_type, empty.instance_collection = "COLLECTION", shelf
    bpy.context.scene.collection.objects.link(empty)
    empty.location = (10, 0, 0)
    bpy.context.view_layer.update()
    target = scene.read_target(empty)
    assert target.verts.mean(axis=0) == pytest.approx([12, 0.5, -3], abs=1e-5)
    assert [part.instanced for part in target.parts] == [True]


def test_request_says_what_was_asked(cube: bpy.types.Object) -> None:
    """Inputs are kept as they were at the click; the number Blender adds to a name is not said."""
    job = submit(
        cube, "  a man \n sits ", seed=3, variants=2, quality="draft", front="+x", floor=0.5,
        subject=Person(sex=1.0, height=1.8),
    )  # fmt: skip
    asked = request_in(job)
    assert asked["prompt"] == "a man sits"
    assert asked["object_name"] == "Chair"
    assert (asked["seed"], asked["variants"], asked["quality"]) == (3, 2, "draft")
    assert (asked["front"], asked["floor"], asked["placement"]) == ("+x", 0.5, "keep")
    assert asked["subject"] == {"sex": 1.0, "age": None, "height": 1.8, "weight": None}
    with np.load(job.folder / "object.npz") as file:
        assert file["verts"].dtype == np.float32 and file["faces"].dtype == np.int32


def test_the_real_solver_understands_every_request(cube: bpy.types.Object) -> None:
    """Its fields are the solver's own `Request`'s, read from its source, without torch.

    Those that only benchmarks and the command line know have a default there.
    """
    import ast

    from blender_addon.wire import SOLVER_PARENT

    tree = ast.parse((SOLVER_PARENT / "solver" / "job.py").read_text(encoding="utf-8"))
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    known = {
        node.target.id: node.value
        for node in classes["Request"].body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
    sent = set(request_in(submit(cube)))
    assert sent <= set(known)
    assert all(known[name] is not None for name in set(known) - sent)
    assert {"scale", "obstacles", "subject"} <= sent
