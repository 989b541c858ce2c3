"""The part of the scene benchmark that runs in Blender's module: people into one file.

It imports nothing of the solver: what it writes, `scenes.py` measures in another process.
"""

import hashlib
import json
import math
import os
import sys
import traceback
from pathlib import Path

import bpy
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import blender_addon
from blender_addon import cli, picture, results, service
from blender_addon.meshes import triangles
from blender_addon.scene import RESULT_MARK

CLEAR = 0.9
"""Metres of free floor in all directions that a guest wants."""
SHOWN, BESIDE, WHOLE = 0.7, 2.5, 3.0
"""Pictures show what, and who, is this near to the person, and no wall longer than this, metres."""


def main(spec: dict) -> int:
    """Every scene in a file of its own."""
    blender_addon.register()
    for scene in spec["scenes"]:
        folder = Path(scene["folder"])
        try:
            outcome = {"people": do_scene(scene, folder, spec)}
        except Exception as error:  # A bug in one scene must not take the others with it.
            traceback.print_exc()
            outcome = {"failure": repr(error)}
        (folder / "outcome.json").write_text(json.dumps(outcome), encoding="utf-8")
    service.session.shutdown()
    return 0


def do_scene(scene: dict, folder: Path, spec: dict) -> list[dict]:
    """Import, pose one person after another, save, open again, dump and draw."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.import_scene.gltf(filepath=scene["file"])
    bpy.context.view_layer.update()
    for guest in scene["guests"]:
        bring(guest)
    path, people = folder / "scene.blend", []
    for number, task in enumerate(scene["tasks"]):
        target = one_object(task["target"])
        before = fingerprints(apart=target)
        words = [
            f"--object={target.name}", f"--prompt={task['prompt']}", f"--output={path}",
            f"--seed={spec['seed']}", f"--quality={spec['quality']}",
        ]  # fmt: skip
        wanted = cli.read_jobs(cli.parser().parse_args(words))[0]
        place = np.array(target.matrix_world)
        outcome = cli.do_job(wanted)
        row = {"target": target.name, "prompt": task["prompt"], "failure": ""}
        if not outcome.ok:
            people.append({**row, "failure": f"{outcome.what} {outcome.remedy}"})
            continue
        after = fingerprints(apart=target)
        rig = bpy.data.objects[outcome.rigs[0]]
        people.append({
            **row, "rig": rig.name, "warnings": outcome.warnings, "report": outcome.report,
            "disturbed": sorted(name for name in before if before[name] != after.get(name)),
            "target_moved_mm": float(np.abs(np.array(target.matrix_world) - place).max() * 1000),
        })  # fmt: skip
        draw(rig, folder / f"person{number}.png", spec["size"])
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    bpy.ops.wm.open_mainfile(filepath=str(path))
    dump(folder / "shown.npz")
    return people


def one_object(name: str) -> bpy.types.Object:
    """The object of that name; `sofa.*` and `Bed_01.0`, `Bed_01.1` become children of one empty."""
    found = bpy.data.objects.get(name)
    if found is not None:
        return found
    stem = name.removesuffix(".*")
    parts = [one for one in bpy.data.objects if one.name.split(".")[0] == stem]
    if not parts:
        raise ValueError(f"The scene has no {name}")
    whole = bpy.data.objects.new(stem, None)
    bpy.context.scene.collection.objects.link(whole)
    for part in parts:
        matrix = part.matrix_world.copy()
        part.parent = whole
        part.matrix_world = matrix
    bpy.context.view_layer.update()
    return whole


def bring(guest: dict) -> None:
    """A mesh (Y up, metres) onto free floor: the first place of a widening spiral with room."""
    with np.load(guest["mesh"]) as file:
        verts, faces = file["verts"], file["faces"]
    mesh = bpy.data.meshes.new(guest["name"])
    mesh.from_pydata(np.stack([verts[:, 0], -verts[:, 2], verts[:, 1]], axis=1), [], faces)
    obj = bpy.data.objects.new(guest["name"], mesh)
    obj.location = free_floor()
    obj.location.z -= float(verts[:, 1].min())
    bpy.context.scene.collection.objects.link(obj)
    bpy.context.view_layer.update()


def free_floor() -> tuple[float, float, float]:
    """A place on the lowest floor with room around it."""
    scene, graph = bpy.context.scene, bpy.context.evaluated_depsgraph_get()
    for k in range(4000):
        reach, angle = 0.12 * math.sqrt(k), 2.4 * k
        x, y = reach * math.cos(angle), reach * math.sin(angle)
        hit, place, *_ = scene.ray_cast(graph, (x, y, 0.4), (0, 0, -1), distance=1.0)
        if hit and not any(
            scene.ray_cast(graph, (x, y, height), (math.cos(a), math.sin(a), 0), distance=CLEAR)[0]
            for height in (0.25, 0.8, 1.5)
            for a in np.linspace(0, 2 * math.pi, 16, endpoint=False)
        ):
            return x, y, place.z
    raise ValueError("The scene has no free floor")


def fingerprints(apart: bpy.types.Object) -> dict[str, str]:
    """Place and mesh, to the last bit, of everything but one object's family and our people."""
    family = {apart, *apart.children_recursive}
    found = {}
    for obj in bpy.context.scene.objects:
        if obj in family or RESULT_MARK in obj:
            continue
        state = hashlib.sha256(np.array(obj.matrix_world).tobytes())
        if obj.type == "MESH":
            flat = np.empty(len(obj.data.vertices) * 3, np.float32)
            obj.data.vertices.foreach_get("co", flat)
            state.update(flat.tobytes())
        found[obj.name] = state.hexdigest()
    return found


def dump(path: Path) -> None:
    """Every visible mesh in the world, metres, Y up: vertices, faces, owners, names."""
    verts, faces, owner, names, total = [], [], [], [], 0
    for shown in bpy.context.evaluated_depsgraph_get().object_instances:
        if shown.object.type != "MESH":
            continue
        v, f = triangles(shown.object.to_mesh())
        matrix = np.array(shown.matrix_world)
        x, y, z = (v @ matrix[:3, :3].T + matrix[:3, 3]).T
        verts.append(np.stack([x, z, -y], axis=1).astype(np.float32))
        faces.append(f + total)
        owner.append(np.full(len(f), len(names), np.int32))
        names.append(shown.object.name)
        total += len(v)
        shown.object.to_mesh_clear()
    parents = [str(getattr(bpy.data.objects[name].parent, "name", "")) for name in names]
    np.savez(
        path, verts=np.concatenate(verts), faces=np.concatenate(faces),
        owner=np.concatenate(owner), names=np.array(names), parents=np.array(parents),
    )  # fmt: skip


def draw(rig: bpy.types.Object, path: Path, size: int) -> None:
    """Three sides of a person and of others beside it, with what is near any of them.

    Walls and ceilings would hide it.
    """
    everyone = [one for made in results.results(bpy.context.scene) for one in results.people(made)]
    bodies = {one: next(c for c in one.children if c.type == "MESH") for one in everyone}
    boxes = {one: corners(body) for one, body in bodies.items()}
    shown = [one for one in everyone if near(boxes[one], boxes[rig], BESIDE)]
    shown.sort(key=lambda one: one != rig)
    things = [
        obj
        for obj in bpy.context.scene.objects
        if obj.type == "MESH" and RESULT_MARK not in obj
        and any(near(corners(obj), boxes[one], SHOWN) for one in shown)
        and float((corners(obj)[1] - corners(obj)[0]).max()) < WHOLE
    ]  # fmt: skip
    seen = [*shown, *(bodies[one] for one in shown), *things]
    picture.render_picture(path, seen, (size, size), strip=True)


def near(a: tuple[np.ndarray, np.ndarray], b: tuple[np.ndarray, np.ndarray], reach: float) -> bool:
    """Whether two boxes are within reach of one another along every axis."""
    return bool((a[0] < b[1] + reach).all() and (a[1] > b[0] - reach).all())


def corners(obj: bpy.types.Object) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper corner of an object's box in the world."""
    shown = obj.evaluated_get(bpy.context.evaluated_depsgraph_get())
    matrix = np.array(shown.matrix_world)
    box = np.array([corner[:] for corner in shown.bound_box]) @ matrix[:3, :3].T + matrix[:3, 3]
    return box.min(axis=0), box.max(axis=0)


if __name__ == "__main__":
    code = main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    sys.stdout.flush()
    os._exit(code)
