"""A picture of a result, by Workbench, in a scene of its own: the user's scene is not touched."""

import math
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import bpy
import numpy as np
from mathutils import Vector
from numpy.typing import NDArray

BACKDROP = (0.72, 0.74, 0.77)
FLOOR = (1.0, 1.0, 1.0)
STAGE = 1.05
"""Radius of the round floor, in diagonals of what is shown."""
STUDIO = "paint.sl"
FIELD_OF_VIEW = math.radians(32)
PITCH = math.radians(14)
YAW = math.radians(38)
"""Of the three-quarter view, from the person's front toward its left."""
STRIP = (0.0, math.radians(52), math.radians(180))
"""Of the three views of a strip, from the three-quarter view on."""
MARGIN = 1.12


def render_picture(
    path: Path,
    objects: Sequence[bpy.types.Object],
    size: tuple[int, int] = (800, 800),
    *,
    front: float | None = None,
    strip: bool = False,
) -> None:
    """Write a PNG of some objects of the open file, framed by the people among them.

    Args:
        path: The file to write.
        objects: What to show, with the objects' children left out unless given.
        size: Pixels, of each view.
        front: Direction the person looks, radians about Z from -Y; None: read from the rig.
        strip: Three views from three sides beside one another instead of one.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    yaw = YAW + (_front_of(objects) if front is None else front)
    with _stage(objects, size) as scene:
        points = _points(scene)
        _add_floor(scene, points)
        if not strip:
            _shoot(scene, points, yaw, path)
            return
        with tempfile.TemporaryDirectory() as folder:
            views = [Path(folder) / f"{k}.png" for k in range(len(STRIP))]
            for view, turn in zip(views, STRIP, strict=True):
                _shoot(scene, points, yaw + turn, view)
            _join(views, path)


@contextmanager
def _stage(objects: Sequence[bpy.types.Object], size: tuple[int, int]) -> Iterator[bpy.types.Scene]:
    """A temporary scene that shows the objects; everything made in it goes away."""
    before = {kind: set(getattr(bpy.data, kind)) for kind in ("meshes", "cameras", "materials")}
    props = set(bpy.data.objects)
    scene = bpy.data.scenes.new("Interact Picture")
    try:
        for obj in objects:
            scene.collection.objects.link(obj)
        world = bpy.data.worlds.new("Interact Picture")
        world.color = BACKDROP
        scene.world = world
        _set_look(scene, size)
        yield scene
    finally:
        world = scene.world
        for obj in set(bpy.data.objects) - props:
            bpy.data.objects.remove(obj)
        bpy.data.scenes.remove(scene)
        if world is not None:
            bpy.data.worlds.remove(world)
        for kind, known in before.items():
            data = getattr(bpy.data, kind)
            for made in set(data) - known:
                data.remove(made)


def _set_look(scene: bpy.types.Scene, size: tuple[int, int]) -> None:
    render, shading = scene.render, scene.display.shading
    render.engine = "BLENDER_WORKBENCH"
    render.resolution_x, render.resolution_y = size
    render.resolution_percentage = 100
    render.image_settings.file_format = "PNG"
    render.image_settings.color_mode = "RGB"
    scene.view_settings.view_transform = "Standard"
    scene.display.render_aa = "8"
    shading.light = "STUDIO"
    shading.studio_light = STUDIO
    shading.use_world_space_lighting = False
    shading.color_type = "TEXTURE"  # Material colours where there is no picture.
    shading.show_cavity = True
    shading.cavity_type = "BOTH"
    shading.cavity_ridge_factor, shading.cavity_valley_factor = 0.6, 1.0
    shading.show_shadows = True
    shading.shadow_intensity = 0.35
    shading.show_specular_highlight = True
    scene.display.light_direction = (-0.25, 0.92, 0.3)  # Y is up here.


def _points(scene: bpy.types.Scene) -> NDArray[np.float64]:
    """All evaluated vertices of the scene (N, 3), world."""
    found = [np.zeros((0, 3))]
    graph = scene.view_layers[0].depsgraph
    graph.update()
    for shown in graph.object_instances:
        if shown.object.type != "MESH":
            continue
        mesh = shown.object.to_mesh()
        flat = np.empty(len(mesh.vertices) * 3, np.float32)
        mesh.vertices.foreach_get("co", flat)
        shown.object.to_mesh_clear()
        matrix = np.array(shown.matrix_world)
        found.append(flat.reshape(-1, 3) @ matrix[:3, :3].T + matrix[:3, 3])
    points = np.concatenate(found)
    return points if len(points) else np.zeros((1, 3))


def _front_of(objects: Sequence[bpy.types.Object]) -> float:
    """Where the first person looks, radians about Z from -Y toward +X."""
    for obj in objects:
        if obj.type == "ARMATURE" and (pelvis := obj.pose.bones.get("pelvis")):
            ahead = (obj.matrix_world @ pelvis.matrix).to_3x3() @ Vector((0.0, 0.0, 1.0))
            if ahead.xy.length > 0.2:
                return math.atan2(ahead.x, -ahead.y)
    return 0.0


def _add_floor(scene: bpy.types.Scene, points: NDArray[np.float64]) -> None:
    low, high = points.min(axis=0), points.max(axis=0)
    middle, reach = (low + high) / 2, float(np.linalg.norm(high - low)) * STAGE
    mesh = bpy.data.meshes.new("Interact Floor")
    turns = np.linspace(0.0, 2.0 * math.pi, 96, endpoint=False)
    x, y = middle[0] + reach * np.cos(turns), middle[1] + reach * np.sin(turns)
    z = np.full_like(x, low[2] - 0.001 * reach)
    mesh.from_pydata(np.stack([x, y, z], axis=1).tolist(), [], [tuple(range(len(turns)))])
    material = bpy.data.materials.new("Interact Floor")
    material.diffuse_color = (*FLOOR, 1.0)
    material.roughness = 1.0
    mesh.materials.append(material)
    scene.collection.objects.link(bpy.data.objects.new("Interact Floor", mesh))


def _shoot(scene: bpy.types.Scene, points: NDArray[np.float64], yaw: float, path: Path) -> None:
    """Render what the points span from one side; the camera stands as near as they allow."""
    camera = bpy.data.objects.new("Interact Camera", bpy.data.cameras.new("Interact Camera"))
    scene.collection.objects.link(camera)
    scene.camera = camera
    camera.data.angle = FIELD_OF_VIEW
    away = Vector((
        math.sin(yaw) * math.cos(PITCH), -math.cos(yaw) * math.cos(PITCH), math.sin(PITCH),
    ))  # fmt: skip
    rotation = (-away).to_track_quat("-Z", "Y")
    axes = np.array(rotation.to_matrix())
    seen = points @ axes  # Along the camera's right, up and backward.
    low, high = seen.min(axis=0), seen.max(axis=0)
    centre = axes @ np.array([(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, 0.0])
    aspect = scene.render.resolution_x / scene.render.resolution_y
    half = np.tan(FIELD_OF_VIEW / 2) * np.array([min(1.0, aspect), min(1.0, 1 / aspect)]) / MARGIN
    offset = np.abs(seen[:, :2] - (low[:2] + high[:2]) / 2)
    distance = float((offset / half + seen[:, 2:3]).max())
    camera.location = Vector(centre) + away * distance
    camera.rotation_mode = "QUATERNION"
    camera.rotation_quaternion = rotation
    camera.data.clip_end = distance * 100
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True, scene=scene.name)


def _join(views: Sequence[Path], path: Path) -> None:
    """Put pictures of one size beside one another."""
    images = [bpy.data.images.load(str(view)) for view in views]
    try:
        width, height = images[0].size
        rows = []
        for image in images:
            flat = np.empty(width * height * 4, np.float32)
            image.pixels.foreach_get(flat)
            rows.append(flat.reshape(height, width, 4))
        joined = bpy.data.images.new("Interact Strip", width * len(images), height)
        images.append(joined)
        joined.pixels.foreach_set(np.concatenate(rows, axis=1).ravel())
        joined.filepath_raw, joined.file_format = str(path), "PNG"
        joined.save()
    finally:
        for image in images:
            bpy.data.images.remove(image)
