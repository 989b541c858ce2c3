"""Solution -> armature and skinned body, as data-blocks. Placing them in the file is elsewhere.

Every bone's rest rotation is `frames.BLENDER_FROM_SCENE`: pose-bone axes are then SMPL-H's axes,
and the solver's local rotations go in unchanged, its lengths in scene units instead of metres.
"""

from dataclasses import dataclass

import bmesh
import bpy
import numpy as np
from mathutils import Matrix, Vector
from numpy.typing import NDArray

from .frames import BLENDER_FROM_SCENE, to_blender
from .materials import dress
from .skinning import correctives
from .solution import Shape, Variant
from .wire import joints

BONE_LENGTH = 0.05
"""Metres; any length but zero, which Blender would delete."""
ROOT = "root"
CORRECTIVE = "PoseCorrective"


@dataclass(frozen=True)
class Rig:
    """A person: the armature object and the body that it carries."""

    armature: bpy.types.Object
    body: bpy.types.Object


def make_rig(
    name: str, shape: Shape, variant: Variant, unit: float, collection: bpy.types.Collection
) -> Rig:
    """Build one posed person into a collection of the current view layer, in Object mode.

    The armature stands under the pelvis at the height of the body's lowest point, so that the
    artist moves and turns the person about the place where it stands.

    Args:
        name: Of the armature; the body gets it too.
        shape: The T-posed body.
        variant: Its pose.
        unit: Metres per scene unit.
        collection: Where both objects are linked.
    """
    origin = standing_point(shape, variant)
    armature = bpy.data.objects.new(name, bpy.data.armatures.new(name))
    collection.objects.link(armature)
    _add_bones(armature, shape.joints / unit)
    armature.location = Vector(to_blender(origin, unit))
    armature.data.display_type = "STICK"
    armature.show_in_front = True
    set_pose(armature, variant.rotations, (variant.trans - origin) / unit)
    body = bpy.data.objects.new(f"{name} body", make_body(f"{name} body", shape, unit))
    collection.objects.link(body)
    _skin(body, armature, shape.weights)
    offsets = correctives(shape, variant)
    if offsets is not None:
        body.shape_key_add(name="Basis")
        body.shape_key_add(name=CORRECTIVE).value = 1.0
        set_corrective(body, shape.verts + offsets, unit)
    return Rig(armature, body)


def standing_point(shape: Shape, variant: Variant) -> NDArray[np.float64]:
    """Where the armature's origin goes: scene frame, metres."""
    pelvis = shape.joints[0] + variant.trans
    return np.array([pelvis[0], variant.posed[:, 1].min(), pelvis[2]], np.float64)


def set_pose(
    armature: bpy.types.Object, rotations: NDArray[np.floating], trans: NDArray[np.floating]
) -> None:
    """Turn the bones by SMPL-H's local rotations (52, 3, 3) and move the pelvis by `trans`."""
    for name, rotation in zip(joints.JOINTS, rotations, strict=True):
        bone = armature.pose.bones[name]
        bone.rotation_mode = "QUATERNION"
        bone.rotation_quaternion = Matrix(rotation.tolist()).to_quaternion()
    armature.pose.bones[joints.JOINTS[0]].location = trans.tolist()


def make_body(name: str, shape: Shape, unit: float) -> bpy.types.Mesh:
    """The T-posed body as a mesh with UVs and materials."""
    mesh = bpy.data.meshes.new(name)
    count = len(shape.faces)
    mesh.vertices.add(len(shape.verts))
    mesh.vertices.foreach_set("co", to_blender(shape.verts, unit).astype(np.float32).ravel())
    mesh.loops.add(count * 3)
    mesh.loops.foreach_set("vertex_index", shape.faces.astype(np.int32).ravel())
    mesh.polygons.add(count)
    mesh.polygons.foreach_set("loop_start", np.arange(0, count * 3, 3, dtype=np.int32))
    mesh.update(calc_edges=True)
    layer = mesh.uv_layers.new(name="UVMap", do_init=False)
    layer.data.foreach_set("uv", np.ascontiguousarray(shape.uvs, np.float32).ravel())
    dress(mesh, shape.materials)
    mesh.shade_smooth()
    return mesh


def _add_bones(armature: bpy.types.Object, rest: NDArray[np.floating]) -> None:
    """The root and the 52 joints; `rest` (52, 3) is Y up, in scene units of the T-pose."""
    bpy.context.view_layer.objects.active = armature
    bpy.ops.object.mode_set(mode="EDIT")
    try:
        scale = float(np.ptp(rest[:, 1])) / 1.5 * BONE_LENGTH
        front = Vector(BLENDER_FROM_SCENE @ [0.0, 0.0, 1.0])
        up = np.array([0.0, scale, 0.0])
        root = armature.data.edit_bones.new(ROOT)
        bones = []
        for index, name in enumerate((ROOT, *joints.JOINTS)):
            head = np.zeros(3) if index == 0 else rest[index - 1]
            bone = root if index == 0 else armature.data.edit_bones.new(name)
            bone.head = BLENDER_FROM_SCENE @ head
            bone.tail = BLENDER_FROM_SCENE @ (head + up)
            bone.align_roll(front)
            if index > 0:
                parent = joints.PARENTS[index - 1]
                bone.parent = root if parent < 0 else bones[parent]
                bone.use_connect = False
                bones.append(bone)
    finally:
        bpy.ops.object.mode_set(mode="OBJECT")


def _skin(
    body: bpy.types.Object, armature: bpy.types.Object, weights: NDArray[np.floating]
) -> None:
    for name in joints.JOINTS:
        body.vertex_groups.new(name=name)
    buffer = bmesh.new()
    try:
        buffer.from_mesh(body.data)
        layer = buffer.verts.layers.deform.verify()
        buffer.verts.ensure_lookup_table()
        for vertex, joint in zip(*(i.tolist() for i in np.nonzero(weights)), strict=True):
            buffer.verts[vertex][layer][joint] = float(weights[vertex, joint])
        buffer.to_mesh(body.data)
    finally:
        buffer.free()
    body.parent = armature
    modifier = body.modifiers.new("Armature", "ARMATURE")
    modifier.object = armature
    modifier.use_deform_preserve_volume = False  # The solver skins linearly.


def set_corrective(body: bpy.types.Object, verts: NDArray[np.floating], unit: float) -> None:
    """Give a body with pose correctives the T-pose (N, 3), metres, that skins to its pose.

    Bodies without them, or whose vertices are no longer the solver's, stay as they are.
    """
    keys = body.data.shape_keys
    if keys is None or CORRECTIVE not in keys.key_blocks or len(body.data.vertices) != len(verts):
        return
    flat = to_blender(verts, unit).astype(np.float32).ravel()
    keys.key_blocks[CORRECTIVE].data.foreach_set("co", flat)
