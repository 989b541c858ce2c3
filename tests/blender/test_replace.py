"""A result may take the place of another: of that one, and of nothing else in the file."""

import bpy
import numpy as np
import pytest
from helpers import generate

from blender_addon import character, results

pytestmark = pytest.mark.blender


def test_replace_leaves_nothing_of_the_old(cube: bpy.types.Object) -> None:
    first = generate(cube, variants=2)
    counted = {kind: len(getattr(bpy.data, kind)) for kind in ("objects", "meshes", "armatures")}
    second = generate(cube, seed=1, variants=2, replace=first.name)
    assert results.results(bpy.context.scene) == [second]
    for kind, count in counted.items():
        assert len(getattr(bpy.data, kind)) == count
    assert second.name == "Chair: sit"
    assert [rig.name for rig in results.people(second)] == ["Chair: sit 1", "Chair: sit 2"]


def test_replace_keeps_what_the_artist_put_there(cube: bpy.types.Object) -> None:
    """The chair, a hat on the person and a collection of lamps are not ours to delete."""
    first = generate(cube, variants=2)
    rig = results.people(first)[0]
    first.objects.link(cube)
    bpy.context.scene.collection.objects.unlink(cube)
    hat = bpy.data.objects.new("Hat", bpy.data.meshes.new("Hat"))
    first.children[0].objects.link(hat)
    hat.parent, hat.location = rig, (0, 0, 2)
    bpy.context.view_layer.update()
    stood = hat.matrix_world.copy()
    lamps = bpy.data.collections.new("Lamps")
    first.children[1].children.link(lamps)
    lamps.objects.link(bpy.data.objects.new("Lamp", None))
    second = generate(cube, seed=1, replace=first.name)
    bpy.context.view_layer.update()
    assert results.results(bpy.context.scene) == [second]
    everything = set(bpy.context.scene.objects.keys())
    assert {"Chair.001", "Hat", "Lamp"} <= everything
    assert np.allclose(hat.matrix_world, stood, atol=1e-5)


def test_replace_never_takes_another_collection(cube: bpy.types.Object) -> None:
    mine = bpy.data.collections.new("Mine")
    bpy.context.scene.collection.children.link(mine)
    mine.objects.link(cube)
    bpy.context.scene.interact.prompt = "sit"
    assert bpy.ops.interact.generate(replace="Mine") == {"FINISHED"}
    assert mine.name in bpy.data.collections and cube.name in bpy.data.objects
    assert len(results.results(bpy.context.scene)) == 1


def test_a_result_that_cannot_be_built_leaves_the_old(
    cube: bpy.types.Object, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise IndexError(7)

    first = generate(cube)
    monkeypatch.setattr(character, "make_rig", broken)
    with pytest.raises(IndexError):
        generate(cube, seed=1, replace=first.name)
    assert results.people(first)


def test_replace_takes_the_old_contact_map_along(cube: bpy.types.Object) -> None:
    """Also off an object that the new result does not touch; the artist's groups stay."""
    first = generate(cube)
    cube.vertex_groups.new(name="Contact lens")
    cube.vertex_groups["Contact lens"].name = "Lens"
    bpy.ops.mesh.primitive_cube_add(location=(5, 0, 0))
    other = bpy.context.object
    generate(other, seed=1, replace=first.name)
    assert [group.name for group in cube.vertex_groups] == ["Lens"]
    assert len(other.vertex_groups) == 2
