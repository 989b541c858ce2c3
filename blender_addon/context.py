"""The artist's hands: mode, active object and selection, kept over a change to the file."""

from collections.abc import Iterator
from contextlib import contextmanager

import bpy


@contextmanager
def undisturbed(context: bpy.types.Context) -> Iterator[None]:
    """Object mode inside; mode, active object and selection afterwards as they were before."""
    layer = context.view_layer
    active = layer.objects.active
    name, mode = (active.name, active.mode) if active is not None else ("", "OBJECT")
    selected = {obj.name for obj in layer.objects if obj.select_get(view_layer=layer)}
    if mode != "OBJECT":
        bpy.ops.object.mode_set(mode="OBJECT")
    try:
        yield
    finally:
        for obj in layer.objects:
            if obj.select_get(view_layer=layer) != (obj.name in selected):
                obj.select_set(obj.name in selected, view_layer=layer)
        layer.objects.active = layer.objects.get(name) if name else None
        if mode != "OBJECT" and layer.objects.active is not None:
            bpy.ops.object.mode_set(mode=mode)
