"""What the scene contributes to a job: everything visible near the target, read piece by piece."""

from pathlib import Path

import bpy
import numpy as np
import pytest
from helpers import generate, submit, until, world_verts, y_up

from blender_addon import cli, obstacles, results, service
from blender_addon.jobs import Job, State
from blender_addon.wire import bounds, errors


def box(name: str, place: tuple[float, float, float], size: float = 0.5) -> bpy.types.Object:
    bpy.ops.mesh.primitive_cube_add(size=size, location=place)
    bpy.context.object.name = name
    return bpy.context.object


def gathered(job: Job) -> dict[str, np.ndarray] | None:
    """The scene in the job's folder, once it is complete."""
    job.gather()
    path = job.folder / "scene.npz"
    if not path.exists():
        return None
    with np.load(path, allow_pickle=False) as file:
        return {key: file[key] for key in file.files}


def names(job: Job) -> set[str]:
    found = gathered(job)
    return set() if found is None else {str(found["names"][k]) for k in np.unique(found["owner"])}


def test_other_meshes_come_along_in_metres_and_y_up(cube: bpy.types.Object) -> None:
    table = box("Table", (2.0, 1.5, 0.4))
    table.scale = (2.0, 1.0, -1.0)
    bpy.context.scene.unit_settings.scale_length = 0.5
    found = gathered(submit(cube))
    assert found is not None
    assert found["names"].tolist() == ["Table"]
    expected = y_up(world_verts(table)) * 0.5
    assert np.allclose(np.sort(found["verts"], axis=0), np.sort(expected, axis=0), atol=1e-6)
    assert found["faces"].shape == (12, 3) and found["owner"].shape == (12,)


def test_nothing_else_means_no_file(cube: bpy.types.Object) -> None:
    assert gathered(submit(cube)) is None


def test_hidden_things_outlines_and_parts_of_the_target_are_no_obstacles(
    cube: bpy.types.Object,
) -> None:
    near = (2.0, 1.5, 0.4)
    box("Hidden", near).hide_set(True)
    box("Excluded", near).hide_viewport = True
    box("Wire", near).display_type = "WIRE"
    box("Bounds", near).display_type = "BOUNDS"
    box("Part", near).parent = cube
    box("Seen", near)
    bpy.ops.object.light_add(location=near)
    bpy.ops.object.empty_add(location=near)
    assert names(submit(cube)) == {"Seen"}


def test_things_of_two_files_with_one_name_are_both_obstacles(tmp_path: Path) -> None:
    """A name is one file's: the linked table is read too, and at its own place."""
    library = str(tmp_path / "library.blend")
    bpy.data.libraries.write(library, {box("Table", (2.0, 1.5, 0.4))})
    bpy.data.objects.remove(bpy.data.objects["Table"])
    with bpy.data.libraries.load(library, link=True) as (_, wanted):
        wanted.objects = ["Table"]
    bpy.context.scene.collection.objects.link(wanted.objects[0])
    own, chair = box("Table", (2.0, 4.5, 0.4)), box("Chair", (2.0, 3.0, 0.5))
    assert own.name == wanted.objects[0].name == "Table"
    found = gathered(submit(chair))
    assert found is not None
    expected = np.concatenate([y_up(world_verts(one)) for one in (own, wanted.objects[0])])
    assert np.allclose(np.sort(found["verts"], axis=0), np.sort(expected, axis=0), atol=1e-6)


def test_what_is_far_is_cropped_by_objects_and_by_faces(cube: bpy.types.Object) -> None:
    box("Far", (2.0 + bounds.SCENE_REACH + 2.0, 3.0, 0.5))
    bpy.ops.mesh.primitive_grid_add(
        x_subdivisions=100, y_subdivisions=100, size=40.0, location=(2.0, 3.0, 0.0)
    )
    bpy.context.object.name = "Ground"
    job = submit(cube)
    assert names(job) == {"Ground"}
    found = gathered(job)
    assert found is not None
    reach = bounds.SCENE_REACH + 0.5
    assert 0 < len(found["faces"]) < 2 * 20**2
    assert np.abs(found["verts"][:, 0] - 2.0).max() < reach + 0.5
    corners = found["verts"][found["faces"]]
    assert (corners[..., 0].min(axis=1) <= 2.0 + reach).all()


def test_large_faces_that_reach_in_stay(cube: bpy.types.Object) -> None:
    bpy.ops.mesh.primitive_plane_add(size=100.0, location=(2.0, 3.0, 0.0))
    found = gathered(submit(cube))
    assert found is not None and len(found["faces"]) == 2


def test_instances_curves_and_texts_count_where_they_have_faces(cube: bpy.types.Object) -> None:
    source = box("Stone", (50.0, 0, 0))
    group = bpy.data.collections.new("Stones")
    group.objects.link(source)
    copies = bpy.data.objects.new("Copies", None)
    copies.instance_type, copies.instance_collection = "COLLECTION", group
    copies.location = (-48.0, 1.5, 0.4)
    bpy.context.scene.collection.objects.link(copies)
    bpy.ops.object.text_add(location=(2.0, 1.0, 0.2))
    bpy.context.object.name = "Sign"
    bpy.ops.curve.primitive_bezier_circle_add(location=(2.0, 1.0, 0.2))
    bpy.context.object.name = "Path"
    job = submit(cube)
    found = gathered(job)
    assert names(job) == {"Copies", "Sign"}
    assert found is not None
    stone = found["verts"][
        np.unique(found["faces"][found["owner"] == found["names"].tolist().index("Copies")])
    ]
    assert np.allclose(stone.mean(axis=0), [2.0, 0.4, -1.5], atol=1e-5)
    assert not job.warnings


def test_one_collection_or_nothing(cube: bpy.types.Object) -> None:
    inside, _ = box("Inside", (2.0, 1.5, 0.4)), box("Outside", (2.0, 1.5, 0.4))
    group = bpy.data.collections.new("Furniture")
    bpy.context.scene.collection.children.link(group)
    group.objects.link(inside)
    assert names(submit(cube, obstacles="Furniture")) == {"Inside"}
    assert names(submit(cube, obstacles="none")) == set()
    with pytest.raises(errors.SolverError, match="Sheds"):
        submit(cube, obstacles="Sheds")


def test_the_panel_chooses(cube: bpy.types.Object) -> None:
    from blender_addon.properties import request_of

    settings = bpy.context.scene.interact
    settings.prompt = "sit"
    assert request_of(bpy.context.scene, None).obstacles == "all"
    settings.obstacles = "COLLECTION"
    with pytest.raises(errors.SolverError, match="No collection is chosen"):
        submit(cube, obstacles=request_of(bpy.context.scene, None).obstacles)
    settings.obstacle_collection = bpy.data.collections.new("Furniture")
    assert request_of(bpy.context.scene, None).obstacles == "Furniture"


def test_what_cannot_be_read_is_said(cube: bpy.types.Object) -> None:
    broken = box("Broken", (2.0, 1.5, 0.4))
    broken.data.vertices[0].co.x = float("nan")
    bare = box("Bare", (2.0, 1.5, 0.4))
    bare.data.clear_geometry()
    bare.data.from_pydata([(0, 0, 0), (0, 0, 1)], [(0, 1)], [])
    box("Good", (2.0, 1.5, 0.4))
    job = submit(cube)
    assert names(job) == {"Good"}
    said = " ".join(job.warnings)
    assert "'Broken'" in said and "'Bare'" in said and "'Good'" not in said


def test_an_earlier_person_is_an_obstacle_and_a_replaced_one_is_not(cube: bpy.types.Object) -> None:
    cube.location = (0.0, 0.0, 0.0)
    made = generate(cube)
    body = next(obj for obj in made.all_objects if obj.type == "MESH")
    assert body.name in names(submit(cube))
    assert names(submit(cube, replace=made.name)) == set()
    assert results.people(made)


def test_the_scene_is_as_it_was_at_the_click_and_undo_changes_nothing(
    cube: bpy.types.Object,
) -> None:
    table = box("Table", (2.0, 1.5, 0.4))
    bpy.context.view_layer.update()
    job = submit(cube)
    assert job.gathering is not None
    next(job.gathering)
    table.location.x += 5.0
    gone = box("Later", (2.0, 1.5, 0.4))
    bpy.data.objects.remove(gone)
    found = gathered(job)
    assert found is not None
    assert np.allclose(found["verts"][:, 0].mean(), 2.0, atol=1e-5)


def test_a_thing_deleted_meanwhile_is_left_out(cube: bpy.types.Object) -> None:
    table = box("Table", (2.0, 1.5, 0.4))
    box("Lamp", (2.0, 1.5, 0.4))
    job = submit(cube)
    assert job.gathering is not None
    next(job.gathering)
    bpy.data.objects.remove(table)
    assert names(job) == {"Lamp"}


def test_no_job_begins_before_its_scene_is_read(
    cube: bpy.types.Object, monkeypatch: pytest.MonkeyPatch
) -> None:
    for k in range(30):
        box(f"Thing {k}", (2.0, 1.5, 0.1 * k))
    monkeypatch.setattr("blender_addon.session.PIECE", 0.0)
    job = submit(cube)
    service.session.tick()
    assert job.state is State.QUEUED and job.gathering is not None
    until(lambda: job.state is State.READY)
    assert (job.folder / "scene.npz").exists()


def test_a_scene_that_is_too_large_fails_with_a_remedy(
    cube: bpy.types.Object, monkeypatch: pytest.MonkeyPatch
) -> None:
    box("Table", (2.0, 1.5, 0.4))
    monkeypatch.setattr(bounds, "MOST_SCENE_FACES", 5)
    job = submit(cube)
    service.wait(job)
    assert job.state is State.FAILED and "triangles" in job.what and "hide" in job.remedy


def test_a_cancelled_job_stops_reading(cube: bpy.types.Object) -> None:
    box("Table", (2.0, 1.5, 0.4))
    job = submit(cube)
    service.session.cancel(job.id)
    service.session.tick()
    assert job.state is State.CANCELLED and not job.folder.exists()


def test_the_command_line_passes_the_choice(cube: bpy.types.Object, tmp_path: Path) -> None:
    box("Table", (2.0, 1.5, 0.4))
    for choice, there in (("all", True), ("none", False)):
        code = cli.main([
            "--object", cube.name, "--prompt", "sit", "--output", str(tmp_path / "out.blend"),
            "--obstacles", choice,
        ])  # fmt: skip
        assert code == 0
        assert (service.session.jobs[-1].folder / "scene.npz").exists() == there


def test_the_box_is_the_target_and_the_reach() -> None:
    verts = np.array([[0, 0, 0], [1, 2, 3]], np.float32)
    near = obstacles.near(verts, 0.5)
    assert np.allclose(near.low, (np.array([0, -3, 0]) - bounds.SCENE_REACH) / 0.5)
    assert np.allclose(near.high, (np.array([1, 0, 2]) + bounds.SCENE_REACH) / 0.5)
