"""The artist's hands: mode, active object and selection, kept over a change to the file."""

from collections.abc import Iterator
from contextlib import contextmanager

import bpy


@contextmanager
def undisturbed(context: bpy.types.Context) -> Iterator[None]:
    """Object mode inside; mode, active object and selection afterwards as they were before."""
    layer = context.view_layer
    active, mode = layer.objects.active, context.mode
    selected = [obj for obj in layer.objects if obj.select_get(view_layer=layer)]
    object_mode = active.mode if active is not None else "OBJECT"
    if mode != "OBJECT":
        bpy.ops.object.mode_set(mode="OBJECT")
    try:
        yield
    finally:
        for obj in layer.objects:
            if obj.select_get(view_layer=layer) != (obj in selected):
                obj.select_set(obj in selected, view_layer=layer)
        layer.objects.active = active
        if object_mode != "OBJECT" and active is not None:
            bpy.ops.object.mode_set(mode=object_mode)
