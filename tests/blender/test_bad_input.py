"""Bad input gets one sentence and a remedy, and changes nothing."""

import os
from collections.abc import Callable
from pathlib import Path

import bpy
import numpy as np
import pytest
from helpers import submit

from blender_addon import scene
from blender_addon.wire import errors

pytestmark = pytest.mark.blender


def mesh_object(verts: list, faces: list) -> bpy.types.Object:
    """An object with just these vertices and faces."""
    mesh = bpy.data.meshes.new("Thing")
    mesh.from_pydata(verts, [], faces)
    obj = bpy.data.objects.new("Thing", mesh)
    bpy.context.scene.collection.objects.link(obj)
    return obj


def added(operator: Callable[[], object]) -> bpy.types.Object:
    operator()
    return bpy.context.object


def not_a_number() -> bpy.types.Object:
    obj = added(bpy.ops.mesh.primitive_cube_add)
    obj.data.vertices[3].co.x = float("nan")
    return obj


def hidden() -> bpy.types.Object:
    obj = added(bpy.ops.mesh.primitive_cube_add)
    obj.hide_set(True)
    return obj


def hidden_for_all() -> bpy.types.Object:
    obj = added(bpy.ops.mesh.primitive_cube_add)
    obj.hide_viewport = True
    return obj


def excluded() -> bpy.types.Object:
    obj = added(bpy.ops.mesh.primitive_cube_add)
    shelf = bpy.data.collections.new("Shelf")
    bpy.context.scene.collection.children.link(shelf)
    shelf.objects.link(obj)
    bpy.context.scene.collection.objects.unlink(obj)
    bpy.context.view_layer.layer_collection.children["Shelf"].exclude = True
    return obj


def sized(size: float) -> bpy.types.Object:
    bpy.ops.mesh.primitive_cube_add(size=size)
    return bpy.context.object


QUAD = [(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0)]
CASES = {
    "none": (lambda: None, "No object", "Select"),
    "curve": (lambda: added(bpy.ops.curve.primitive_bezier_circle_add), "curve", "Convert"),
    "text": (lambda: added(bpy.ops.object.text_add), "text", "Convert"),
    "light": (lambda: added(bpy.ops.object.light_add), "light", "Choose a mesh"),
    "empty": (lambda: added(bpy.ops.object.empty_add), "empty", "Choose a mesh"),
    "no vertices": (lambda: mesh_object([], []), "empty mesh", "faces"),
    "no faces": (lambda: mesh_object(QUAD, []), "no faces", "surface"),
    "one triangle": (lambda: mesh_object(QUAD[:3], [(0, 1, 2)]), "one triangle", "surface"),
    "no area": (lambda: mesh_object([(x, 0, 0) for x in range(4)], [(0, 1, 2), (1, 2, 3)]),
                "area", "surface"),
    "nan": (not_a_number, "1 vertices", "Delete"),
    "hidden": (hidden, "hidden", "Alt\\+H"),
    "hidden for all": (hidden_for_all, "hidden", "eye"),
    "excluded": (excluded, "hidden", "checkbox"),
    "grain": (lambda: sized(0.001), "1.00 mm", "unit scale"),
    "mountain": (lambda: sized(5000.0), "5000 m", "unit scale"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_unusable_objects(case: str, tmp_path: Path) -> None:
    make, what, remedy = CASES[case]
    obj = make()
    with pytest.raises(errors.SolverError, match=what) as caught:
        submit(obj)
    assert pytest.importorskip("re").search(remedy, caught.value.remedy)
    assert not (tmp_path / "jobs").exists()


@pytest.mark.parametrize(
    ("prompt", "what"), [("", "empty"), (" \n\t ", "empty"), ("sit " * 1250, "characters")]
)
def test_unusable_prompts(cube: bpy.types.Object, prompt: str, what: str) -> None:
    with pytest.raises(errors.SolverError, match=what) as caught:
        submit(cube, prompt)
    assert caught.value.remedy


def test_a_person_of_ours_is_no_object(cube: bpy.types.Object) -> None:
    cube[scene.RESULT_MARK] = "body"
    with pytest.raises(errors.SolverError, match="person made by"):
        submit(cube)


def test_too_many_faces(cube: bpy.types.Object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scene.bounds, "MOST_FACES", 11)
    with pytest.raises(errors.SolverError, match="more than 11 triangles") as caught:
        submit(cube)
    assert "Decimate" in caught.value.remedy


def test_three_million_faces_pass() -> None:
    """The object is read in one go; only memory grows."""
    side = 1225
    bpy.ops.mesh.primitive_grid_add(x_subdivisions=side, y_subdivisions=side)
    target = scene.read_target(bpy.context.object)
    assert len(target.faces) == 2 * side * side


def test_a_linked_object_may_be_touched_but_not_moved(tmp_path: Path) -> None:
    bpy.ops.mesh.primitive_cube_add()
    library = str(tmp_path / "library.blend")
    bpy.data.libraries.write(library, {bpy.context.object})
    bpy.ops.wm.read_factory_settings(use_empty=True)
    with bpy.data.libraries.load(library, link=True) as (_, wanted):
        wanted.objects = ["Cube"]
    linked = wanted.objects[0]
    bpy.context.scene.collection.objects.link(linked)
    job = submit(linked, "hold the cube")
    assert job.request.fix_object
    assert "linked" in job.warnings[0]


@pytest.mark.skipif(os.name == "nt", reason="folders have other rights there")
def test_a_cache_without_permission(cube: bpy.types.Object, tmp_path: Path) -> None:
    """Root may write everywhere, so it is somebody else for a moment."""
    tmp_path.chmod(0o500)
    user = os.geteuid()
    os.seteuid(user or 65534)
    try:
        with pytest.raises(errors.SolverError, match="cache folder"):
            submit(cube)
    finally:
        os.seteuid(user)
        tmp_path.chmod(0o700)


def test_a_cache_that_is_a_file(
    cube: bpy.types.Object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("x")
    monkeypatch.setenv("INTERACT_CACHE", str(tmp_path / "file"))
    with pytest.raises(errors.SolverError, match="cache folder") as caught:
        submit(cube)
    assert "preferences" in caught.value.remedy


def test_numpy_is_blenders_own() -> None:
    """We ship none: it would shadow every other extension's."""
    assert "blender_addon" not in (np.__file__ or "")
