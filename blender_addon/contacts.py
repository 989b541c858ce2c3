"""The contact map as vertex groups on the target. Nothing else of the user's mesh is written."""

import bpy
import numpy as np
from mathutils.kdtree import KDTree
from numpy.typing import NDArray

from .frames import to_scene
from .jobs import Part
from .linked import is_linked
from .scene import by_uid

PREFIX = "Contact "
LEVELS = 64
"""Steps of weight: one call per step instead of one per vertex."""
MOST_SEARCHED = 300_000
"""Vertices beyond which the map is not carried through a modifier: it would take seconds."""


def paint_contacts(
    maps: dict[str, NDArray[np.float32]],
    parts: tuple[Part, ...],
    verts: NDArray[np.float32],
    unit: float,
) -> list[str]:
    """Write each body part's map to the objects it lies on; objects in Object mode.

    Must be called before the target moves: vertices are matched where they were handed over.

    Args:
        maps: Body part -> (V,) in [0, 1].
        parts: Which run of the V vertices came from which object.
        verts: (V, 3) scene frame, metres: the vertices that were handed over.
        unit: Metres per scene unit.

    Returns:
        Sentences about what could not be painted.
    """
    notes: list[str] = []
    if not maps:
        return notes
    for part in parts:
        obj = by_uid(bpy.data.objects, part.object_uid)
        if obj is None or part.instanced:
            continue
        if not paintable(obj):
            notes.append(f"'{obj.name}' is linked or not a mesh: its contact map is not painted.")
            continue
        chosen = slice(part.first, part.first + part.count)
        source = _source_of(obj, verts[chosen], unit)
        if source is None:
            notes.append(f"'{obj.name}' is too detailed behind its modifiers for a contact map.")
            continue
        clear_contacts(obj)
        _paint(obj, {name: values[chosen][source] for name, values in maps.items()})
        if obj.data.users > 1:
            notes.append(
                f"'{obj.name}' shares its mesh with other objects: they show its contact map too."
            )
    return notes


def clear_contacts(obj: bpy.types.Object) -> None:
    """Take the contact map of an earlier result off an object."""
    if not paintable(obj):
        return
    active = obj.vertex_groups.active_index
    for group in [one for one in obj.vertex_groups if one.name.startswith(PREFIX)]:
        active -= group.index < active
        obj.vertex_groups.remove(group)
    obj.vertex_groups.active_index = max(min(active, len(obj.vertex_groups) - 1), 0)


def paintable(obj: bpy.types.Object) -> bool:
    """Whether the object's mesh belongs to this file, so that its vertex groups may be written."""
    return (
        obj.type == "MESH"
        and not is_linked(obj)
        and obj.override_library is None
        and not is_linked(obj.data)
        and obj.data.override_library is None
    )


def _source_of(
    obj: bpy.types.Object, evaluated: NDArray[np.float32], unit: float
) -> NDArray[np.int64] | None:
    """For each vertex of the object's mesh, the evaluated vertex that stands for it."""
    count = len(obj.data.vertices)
    if count == len(evaluated) and not any(m.show_viewport for m in obj.modifiers):
        return np.arange(count)
    if max(count, len(evaluated)) > MOST_SEARCHED:
        return None
    tree = KDTree(len(evaluated))
    for index, place in enumerate(evaluated.tolist()):
        tree.insert(place, index)
    tree.balance()
    flat = np.empty(count * 3, np.float32)
    obj.data.vertices.foreach_get("co", flat)
    matrix = np.array(obj.matrix_world)
    placed = to_scene(flat.reshape(-1, 3) @ matrix[:3, :3].T + matrix[:3, 3], unit)
    return np.array([tree.find(place)[1] for place in placed.tolist()], np.int64)


def _paint(obj: bpy.types.Object, maps: dict[str, NDArray[np.float32]]) -> None:
    active = obj.vertex_groups.active_index
    for name, values in maps.items():
        group = obj.vertex_groups.new(name=PREFIX + name.replace("_", " "))
        steps = np.round(np.clip(values, 0.0, 1.0) * LEVELS).astype(int)
        for step in np.unique(steps[steps > 0]):
            group.add(np.flatnonzero(steps == step).tolist(), float(step) / LEVELS, "REPLACE")
    obj.vertex_groups.active_index = max(active, 0)
