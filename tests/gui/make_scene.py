"""Run by Blender: a scene with the example chair, which has a prompt and is the active object.

blender -b --python-exit-code 4 -P make_scene.py -- CHAIR.glb SCENE.blend PROMPT
"""

import sys

import bpy

chair, scene, prompt = sys.argv[sys.argv.index("--") + 1 :]
for obj in list(bpy.data.objects):
    bpy.data.objects.remove(obj)
bpy.ops.outliner.orphans_purge(do_recursive=True)
bpy.ops.import_scene.gltf(filepath=chair)
target = bpy.context.selected_objects[0]
bpy.context.view_layer.objects.active = target
bpy.context.scene.interact.prompt = prompt
bpy.ops.wm.save_as_mainfile(filepath=scene)
