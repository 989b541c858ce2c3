"""Where results go, and that nothing else in the file changes."""

import bpy
import numpy as np
import pytest
from helpers import generate, solution_of, submit, world_verts, y_up

from blender_addon import character, results, service
from blender_addon.wire import errors

pytestmark = pytest.mark.blender

IGNORED = {"rna_type", "is_evaluated", "original", "users", "use_fake_user", "tag"}


def snapshot(item: bpy.types.bpy_struct) -> dict[str, object]:
    """The plain properties of a data-block or a struct."""
    found = {}
    for prop in item.bl_rna.properties:
        name = prop.identifier
        if name in IGNORED or prop.type in {"COLLECTION"}:
            continue
        value = getattr(item, name)
        if prop.type == "POINTER":
            value = getattr(value, "name", None)
        elif getattr(prop, "is_array", False):
            value = str(np.array(value).tolist())
        found[name] = str(value)
    return found


def mesh_content(mesh: bpy.types.Mesh) -> dict[str, object]:
    """All attributes of a mesh but vertex groups."""
    content: dict[str, object] = {"faces": [tuple(p.vertices) for p in mesh.polygons]}
    for attribute in mesh.attributes:
        field = next(
            name for name in ("value", "vector", "color") if hasattr(attribute.data[0], name)
        )
        values = [getattr(one, field) for one in attribute.data]
        content[attribute.name] = [str(tuple(v) if hasattr(v, "__len__") else v) for v in values]
    return content


def census() -> dict[str, object]:
    """Every data-block with its plain properties, the meshes' data, and the artist's hands."""
    found: dict[str, object] = {}
    for prop in bpy.data.bl_rna.properties:
        if prop.type != "COLLECTION":
            continue
        for item in getattr(bpy.data, prop.identifier):
            found[f"{prop.identifier}/{item.name}"] = snapshot(item)
            if isinstance(item, bpy.types.Mesh):
                found[f"{prop.identifier}/{item.name}/content"] = mesh_content(item)
    scene, layer = bpy.context.scene, bpy.context.view_layer
    found |= {f"scene/{n}": snapshot(getattr(scene, n)) for n in
              ("render", "unit_settings", "view_settings", "cursor", "tool_settings")}  # fmt: skip
    found["active"] = layer.objects.active and layer.objects.active.name
    found["selected"] = sorted(o.name for o in layer.objects if o.select_get(view_layer=layer))
    found["mode"] = bpy.context.mode
    return found


def furnish() -> bpy.types.Object:
    """A small scene as an artist might have it, with odd settings everywhere."""
    bpy.ops.mesh.primitive_cube_add(location=(1, 2, 3))
    target = bpy.context.object
    target.name = "Armchair"
    target.vertex_groups.new(name="artist's own")
    target.vertex_groups.new(name="second")
    target.vertex_groups.active_index = 0
    target.modifiers.new("Bevel", "BEVEL")
    target.data.materials.append(bpy.data.materials.new("Leather"))
    bpy.ops.mesh.primitive_monkey_add(location=(5, 0, 0))
    bpy.ops.object.camera_add()
    bpy.ops.object.light_add()
    scene = bpy.context.scene
    scene.render.fps, scene.render.resolution_x, scene.frame_current = 30, 1234, 17
    for obj in scene.objects:
        obj.select_set(obj.name in {"Suzanne", "Armchair"})
    bpy.context.view_layer.objects.active = bpy.data.objects["Suzanne"]
    bpy.context.view_layer.update()
    return target


def test_nothing_else_in_the_file_changes() -> None:
    """Only additions: our collections, rig, body, clothes, and contact groups on the target."""
    target = furnish()
    before = census()
    generate(target, variants=2)
    after = census()
    assert {name for name in before if name not in after} == set()
    for name, content in before.items():
        assert after[name] == content, name
    kinds = {name.split("/")[0] for name in set(after) - set(before)}
    assert kinds == {"armatures", "collections", "materials", "meshes", "objects"}
    groups = [group.name for group in target.vertex_groups]
    assert groups == ["artist's own", "second", "Contact left hand", "Contact buttocks"]


@pytest.mark.parametrize("mode", ["EDIT", "SCULPT", "WEIGHT_PAINT"])
def test_the_artist_stays_in_the_mode(cube: bpy.types.Object, mode: str) -> None:
    bpy.ops.object.mode_set(mode=mode)
    generate(cube)
    assert cube.mode == mode
    assert bpy.context.view_layer.objects.active == cube
    bpy.ops.object.mode_set(mode="OBJECT")


def test_a_second_click_adds(cube: bpy.types.Object) -> None:
    first, second = generate(cube), generate(cube, seed=1)
    assert results.results(bpy.context.scene) == [first, second]
    assert len([c for c in bpy.data.collections if c.name.startswith("Interactions")]) == 1


def test_a_map_of_before_is_wiped(cube: bpy.types.Object) -> None:
    cube.vertex_groups.new(name="Contact right foot")
    generate(cube)
    assert "Contact right foot" not in cube.vertex_groups


def test_a_shared_mesh_is_mentioned(cube: bpy.types.Object) -> None:
    twin = bpy.data.objects.new("Twin", cube.data)
    bpy.context.scene.collection.objects.link(twin)
    made = generate(cube)
    assert "shares its mesh" in results.people(made)[0]["interact_warnings"]


def test_the_panel_gets_every_warning_once(cube: bpy.types.Object) -> None:
    """What the add-on noticed counts as much as what the solver said."""
    job = submit(cube, "sit, warn me", variants=2)
    service.wait(job)
    job.warnings += ["Noted at the click.", "Noted at the click."]
    cube.location.x += 1.0
    for rig in results.people(character.apply_job(job)):
        lines = rig["interact_warnings"].splitlines()
        assert lines[0] == "Noted at the click." and "The front is unsure." in lines
        assert any("was moved while the solver worked" in line for line in lines)
        assert len(set(lines)) == len(lines)


def test_the_best_variant_is_visible_the_others_hidden(cube: bpy.types.Object) -> None:
    made = generate(cube, variants=3)
    people = results.people(made)
    bpy.context.view_layer.update()
    assert [rig.visible_get() for rig in people] == [True, False, False]
    assert [child.hide_render for child in made.children] == [False, True, True]
    bpy.ops.interact.show_variant(result=made.name, variant=2)
    bpy.context.view_layer.update()
    assert [rig.visible_get() for rig in people] == [False, True, False]


def test_results_appear_where_the_active_collection_is_excluded(cube: bpy.types.Object) -> None:
    hidden = bpy.data.collections.new("Hidden")
    bpy.context.scene.collection.children.link(hidden)
    layer = bpy.context.view_layer.layer_collection.children["Hidden"]
    bpy.context.view_layer.active_layer_collection = layer
    layer.exclude = True
    assert results.people(generate(cube))[0].visible_get()


def test_a_held_object_moves_as_the_solver_says(cube: bpy.types.Object) -> None:
    """Every vertex goes where T_scene_source takes it; mesh and scale stay."""
    cube.scale, cube.rotation_euler = (0.5, 0.5, 0.5), (0.3, 0.2, 0.1)
    parent = bpy.data.objects.new("Parent", None)
    bpy.context.scene.collection.objects.link(parent)
    parent.location, parent.rotation_euler = (1, 2, 3), (0, 0, 1)
    cube.parent = parent
    before, mesh = y_up(world_verts(cube)), mesh_content(cube.data)
    made = generate(cube, "hold the box", variants=2)
    for number, motion in enumerate(solution_of(made)["T_scene_source"], start=1):
        bpy.ops.interact.show_variant(result=made.name, variant=number)
        wanted = before @ motion[:3, :3].T + motion[:3, 3]
        assert np.abs(y_up(world_verts(cube)) - wanted).max() < 1e-4
    assert mesh_content(cube.data) == mesh
    assert tuple(cube.scale) == pytest.approx((0.5, 0.5, 0.5), abs=1e-5)


def test_a_variant_without_motion_puts_the_object_back(cube: bpy.types.Object) -> None:
    job = submit(cube, "hold the box", variants=2)
    service.wait(job)
    with np.load(job.folder / "solution.npz") as file:
        arrays = {key: file[key] for key in file.files}
    arrays["T_scene_source"][1] = np.eye(4)
    np.savez(job.folder / "solution.npz", **arrays)
    before = world_verts(cube)
    made = character.apply_job(job)
    assert np.abs(world_verts(cube) - before).max() > 0.1
    bpy.ops.interact.show_variant(result=made.name, variant=2)
    assert np.abs(world_verts(cube) - before).max() < 1e-5


def test_variants_move_the_object_under_its_new_name(cube: bpy.types.Object) -> None:
    before = y_up(world_verts(cube))
    made = generate(cube, "hold the box", variants=2)
    motion = solution_of(made)["T_scene_source"][1]
    cube.name = "Renamed"
    bpy.ops.mesh.primitive_cube_add(location=(9, 9, 9))
    impostor = bpy.context.object
    impostor.name = "Chair.001"
    bpy.ops.interact.show_variant(result=made.name, variant=2)
    wanted = before @ motion[:3, :3].T + motion[:3, 3]
    assert np.abs(y_up(world_verts(cube)) - wanted).max() < 1e-4
    assert tuple(impostor.location) == (9, 9, 9)


def test_a_kept_object_stays_to_the_last_bit(cube: bpy.types.Object) -> None:
    before = cube.matrix_world.copy()
    generate(cube, "hold the box", fix_object=True)
    assert cube.matrix_world == before


def test_contact_map_lies_on_the_targets_vertices(cube: bpy.types.Object) -> None:
    made = generate(cube)
    arrays = solution_of(made)
    for name, values in zip(arrays["contact_names"], arrays["contact_maps"], strict=True):
        group = cube.vertex_groups["Contact " + str(name).replace("_", " ")]
        for index, value in enumerate(values):
            weights = {g.group: g.weight for g in cube.data.vertices[index].groups}
            assert weights.get(group.index, 0.0) == pytest.approx(float(value), abs=1 / 64)


def test_contact_map_goes_through_modifiers(cube: bpy.types.Object) -> None:
    """Each vertex of the cage takes the value of the evaluated vertex nearest to it."""
    cube.modifiers.new("Array", "ARRAY").count = 3
    made = generate(cube)
    values = solution_of(made)["contact_maps"][0]
    group = cube.vertex_groups["Contact left hand"]
    for index, vertex in enumerate(cube.data.vertices):
        weights = {g.group: g.weight for g in vertex.groups}
        assert weights.get(group.index, 0.0) == pytest.approx(float(values[index]), abs=1 / 64)


def test_a_renamed_target_is_found_again(cube: bpy.types.Object) -> None:
    job = submit(cube, "hold it")
    cube.name = "Another name"
    service.wait(job)
    before = cube.matrix_world.copy()
    character.apply_job(job)
    assert cube.matrix_world != before


def test_a_namesake_is_not_taken_for_a_deleted_target(cube: bpy.types.Object) -> None:
    job = submit(cube, "hold it")
    service.wait(job)
    bpy.data.objects.remove(cube)
    bpy.ops.mesh.primitive_cube_add()
    bpy.context.object.name = job.target
    with pytest.raises(errors.SolverError, match="deleted"):
        character.apply_job(job)


def test_a_target_that_an_older_result_remembers_counts_as_deleted(cube: bpy.types.Object) -> None:
    generate(cube)
    job = submit(cube, seed=1)
    service.wait(job)
    with bpy.context.temp_override(selected_objects=[cube]):
        bpy.ops.object.delete()
    with pytest.raises(errors.SolverError, match="deleted"):
        character.apply_job(job)


def test_a_deleted_target_is_a_sentence_and_changes_nothing(cube: bpy.types.Object) -> None:
    job = submit(cube)
    service.wait(job)
    bpy.data.objects.remove(cube)
    before = census()
    with pytest.raises(errors.SolverError, match="deleted"):
        character.apply_job(job)
    assert census() == before


@pytest.mark.parametrize("damage", ["solution.npz", "report.json"])
def test_a_broken_result_is_a_sentence_and_changes_nothing(
    cube: bpy.types.Object, damage: str
) -> None:
    job = submit(cube)
    service.wait(job)
    (job.folder / damage).write_bytes(b"broken")
    before = census()
    with pytest.raises(errors.SolverError, match="cannot be read"):
        character.apply_job(job)
    assert census() == before
