"""Results in the file: collection `Interactions`, below it one per result and one per variant."""

from collections.abc import Iterator

import bpy
from mathutils import Matrix

from .linked import is_linked
from .plans import InteractPlan
from .scene import RESULT_MARK, spoken_name
from .wire import errors

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
    made = bpy.data.collections.new(title_of(object_name, prompt))
    made[RESULT_MARK] = "result"
    home(scene).children.link(made)
    return made


def title_of(object_name: str, prompt: str) -> str:
    """What a result and its people are called."""
    text = prompt if object_name.lower() in prompt.lower() else f"{object_name}: {prompt}"
    return text if len(text) <= LONGEST_NAME else text[: LONGEST_NAME - 1].rstrip() + "…"


def find(scene: bpy.types.Scene, name: str) -> bpy.types.Collection | None:
    """The result of that name; never another collection of the artist's."""
    return next((one for one in results(scene) if one.name == name), None)


def rows_of(scene: bpy.types.Scene, result: str) -> InteractPlan:
    """The rows of a result, or those of the next job where no result is named.

    Raises:
        SolverError: When there is no result of that name.
    """
    if not result:
        return scene.interact.plan
    found = find(scene, result)
    if found is None:
        raise errors.SolverError(
            f"There is no result '{result}' in this scene.", remedy="Choose another."
        )
    return found.interact_plan


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
    obj, matrix = rig.get("interact_target"), rig.get("interact_object_matrix")
    if obj is not None and matrix is not None and not is_linked(obj):
        obj.matrix_world = Matrix([matrix[k : k + 4] for k in (0, 4, 8, 12)])


def remove(scene: bpy.types.Scene, result: bpy.types.Collection) -> None:
    """Take a result out of the file, with the data that nothing else uses.

    What the artist put into its collections goes to the scene's own collection and stays in place.
    """
    shelves = [result, *(one for one in result.children if one.get(RESULT_MARK) == "variant")]
    for guest in [one for shelf in shelves for one in shelf.children if one not in shelves]:
        if guest.name not in scene.collection.children:
            scene.collection.children.link(guest)
    members = {obj for shelf in shelves for obj in shelf.objects}
    ours = [obj for obj in members if obj.get(RESULT_MARK) in {"rig", "body"}]
    worn = {child for obj in ours for child in obj.children}
    _rescue(scene, shelves, (members | worn) - set(ours))
    for obj in ours:
        data = obj.data
        bpy.data.objects.remove(obj)
        if data is not None and data.users == 0:
            _remove_data(data)
    for shelf in shelves:
        bpy.data.collections.remove(shelf)


def _rescue(
    scene: bpy.types.Scene,
    shelves: list[bpy.types.Collection],
    guests: set[bpy.types.Object],
) -> None:
    """Objects of the artist's leave collections that go; nothing else shows that they moved."""
    bpy.context.view_layer.update()
    for obj in guests:
        if obj.users_collection and set(obj.users_collection) <= set(shelves):
            scene.collection.objects.link(obj)
        if obj.parent is not None and RESULT_MARK in obj.parent:
            world = obj.matrix_world.copy()
            obj.parent = None
            obj.matrix_world = world


def tidy_names(result: bpy.types.Collection) -> None:
    """Drop the numbers that Blender gave while another result had the same names."""
    for shelf in (result, *result.children):
        shelf.name = spoken_name(shelf.name)
    for obj in result.all_objects:
        obj.name = spoken_name(obj.name)
        obj.data.name = spoken_name(obj.data.name)


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
