"""The part of the demo that runs in Blender's module: install, import, and call the extension."""

import importlib
import json
import logging
import os
import sys
from pathlib import Path

import bpy

MODULE = "bl_ext.user_default.interact_anything"

IMPORTERS = {
    ".glb": lambda path: bpy.ops.import_scene.gltf(filepath=path),
    ".gltf": lambda path: bpy.ops.import_scene.gltf(filepath=path),
    ".obj": lambda path: bpy.ops.wm.obj_import(filepath=path),
    ".stl": lambda path: bpy.ops.wm.stl_import(filepath=path),
    ".ply": lambda path: bpy.ops.wm.ply_import(filepath=path),
    ".fbx": lambda path: bpy.ops.wm.fbx_import(filepath=path),
}


def main(request: dict) -> int:
    """Do the one job and return the exit code of the extension's command."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.extensions.package_install_files(
        filepath=request["extension"], repo="user_default", enable_on_install=True
    )
    source = Path(request["source"])
    logging.disable(logging.INFO)  # The glTF importer tells of every node.
    try:
        IMPORTERS[source.suffix.lower()](str(source))
    except RuntimeError as error:
        said = str(error).removeprefix("Error: ").strip()
        remedy = "Check that the file is whole, or export it again."
        print(f"Blender could not read {source}: {said}. {remedy}", file=sys.stderr)
        return 1
    target = one_object(source.stem)
    if target is None:
        print(f"There is no mesh in {source}. Export its surface as a mesh.", file=sys.stderr)
        return 1
    command = importlib.import_module(f"{MODULE}.cli")
    return command.main([f"--object={target.name}", *request["arguments"]])


def one_object(name: str) -> bpy.types.Object | None:
    """What was imported as one static mesh object; nothing else stays in the file.

    A single mesh keeps its names; of several, the largest keeps its mesh's name and the whole is
    called after the file, since no part's name fits it.
    """
    for armature in bpy.data.armatures:
        armature.pose_position = "REST"  # As modelled, whatever animation the file brings.
    bpy.context.view_layer.update()
    meshes = [obj for obj in bpy.context.scene.objects if obj.type == "MESH" and obj.data.polygons]
    for obj in meshes:
        freeze(obj)
    for obj in set(bpy.data.objects) - set(meshes):
        bpy.data.objects.remove(obj)
    whole = max(meshes, key=lambda obj: len(obj.data.polygons), default=None)
    if len(meshes) > 1:
        join(meshes, whole)
        whole.name = name
    bpy.ops.outliner.orphans_purge(do_recursive=True)
    return whole


def join(meshes: list[bpy.types.Object], whole: bpy.types.Object) -> None:
    """Put all `meshes` into `whole`, instances of one mesh included."""
    for obj in meshes:
        obj.data = obj.data if obj.data.users == 1 else obj.data.copy()
        obj.select_set(True)
    bpy.context.view_layer.objects.active = whole
    bpy.ops.object.join()


def freeze(obj: bpy.types.Object) -> None:
    """Give `obj` its evaluated mesh under the old name, without modifiers, parent or animation."""
    world = obj.matrix_world.copy()
    if obj.modifiers:
        name = obj.data.name
        graph = bpy.context.evaluated_depsgraph_get()
        mesh = bpy.data.meshes.new_from_object(obj.evaluated_get(graph), depsgraph=graph)
        obj.data.name = f"{name} (source)"
        obj.modifiers.clear()
        obj.data, mesh.name = mesh, name
    obj.parent = None
    obj.animation_data_clear()
    obj.matrix_world = world


if __name__ == "__main__":
    code = main(json.loads(sys.argv[1]))
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # Blender's own exit can hang or crash with the callbacks of a script.
