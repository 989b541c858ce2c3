"""Results in the file: collection `Interactions`, below it one per result and one per variant."""

from collections.abc import Iterator

import bpy
from mathutils import Matrix

from .scene import RESULT_MARK

HOME = "Interactions"
LONGEST_NAME = 40
"""Characters: Blender keeps 63 bytes, variants and numbers need some."""


def home(scene: bpy.types.Scene) -> bpy.types.Collection:
    """The collection `Interactions` of the scene, made at the first result."""
    for known in scene.collection.children:
        if known.get(RESULT_MARK) == HOME:
            return known
    made = bpy.data.collections.new(HOME)
    made[RESULT_MARK] = HOME
    scene.collection.children.link(made)
    return made


def results(scene: bpy.types.Scene) -> list[bpy.types.Collection]:
    """All results of the scene, oldest first."""
    homes = [one for one in scene.collection.children if one.get(RESULT_MARK) == HOME]
    return [child for one in homes for child in one.children if child.get(RESULT_MARK) == "result"]


def new_result(scene: bpy.types.Scene, object_name: str, prompt: str) -> bpy.types.Collection:
    """An empty collection for one result, named after its prompt."""
    text = prompt if object_name.lower() in prompt.lower() else f"{object_name}: {prompt}"
    shortened = text if len(text) <= LONGEST_NAME else text[: LONGEST_NAME - 1].rstrip() + "…"
    made = bpy.data.collections.new(shortened)
    made[RESULT_MARK] = "result"
    home(scene).children.link(made)
    return made


def people(result: bpy.types.Collection) -> list[bpy.types.Object]:
    """The armatures of a result, best variant first."""
    found = [obj for obj in result.all_objects if obj.get(RESULT_MARK) == "rig"]
    return sorted(found, key=lambda rig: int(rig.get("interact_variant", 1)))


def show(scene: bpy.types.Scene, result: bpy.types.Collection, variant: int) -> None:
    """Show one variant (1 is the best), hide the others from view and render."""
    for index, child in enumerate(result.children, start=1):
        hidden = index != variant
        child.hide_render = hidden
        for layer in _layers_of(scene, child):
            layer.hide_viewport = hidden


def shown_person(result: bpy.types.Collection) -> bpy.types.Object | None:
    """The armature of the variant that is shown; None when the artist has deleted it."""
    for rig in people(result):
        if not any(child.hide_render for child in rig.users_collection):
            return rig
    return None


def move_object(rig: bpy.types.Object) -> None:
    """Put the object where this variant wants it; a fixed or deleted one stays as it is."""
    obj = bpy.data.objects.get(str(rig.get("interact_object", "")))
    matrix = rig.get("interact_object_matrix")
    if obj is not None and matrix is not None and obj.library is None:
        obj.matrix_world = Matrix([matrix[k : k + 4] for k in (0, 4, 8, 12)])


def remove(result: bpy.types.Collection) -> None:
    """Take a result out of the file, with the data that nothing else uses."""
    for obj in list(result.all_objects):
        data = obj.data
        bpy.data.objects.remove(obj)
        if data is not None and data.users == 0:
            _remove_data(data)
    for child in list(result.children_recursive):
        bpy.data.collections.remove(child)
    bpy.data.collections.remove(result)


def _remove_data(data: bpy.types.ID) -> None:
    if isinstance(data, bpy.types.Mesh):
        bpy.data.meshes.remove(data)
    elif isinstance(data, bpy.types.Armature):
        bpy.data.armatures.remove(data)


def _layers_of(
    scene: bpy.types.Scene, collection: bpy.types.Collection
) -> Iterator[bpy.types.LayerCollection]:
    """The collection's entries in all view layers of the scene."""
    for view_layer in scene.view_layers:
        stack = [view_layer.layer_collection]
        while stack:
            layer = stack.pop()
            if layer.collection == collection:
                yield layer
            stack.extend(layer.children)
