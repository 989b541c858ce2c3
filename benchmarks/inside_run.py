"""The part of the benchmark that runs in Blender's module: one job, one .blend, its meshes.

It imports nothing of the solver: what it writes, `run_blender.py` measures in another process.
"""

import importlib
import json
import os
import sys
import traceback
from pathlib import Path

import bpy
import numpy as np

MODULE = "bl_ext.user_default.interact_anything"


def main(spec: dict) -> int:
    """Do every job with one warm solver; the rows tell which failed."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.extensions.package_install_files(
        filepath=spec["extension"], repo="user_default", enable_on_install=True
    )
    for job in spec["jobs"]:
        folder = Path(job["folder"])
        try:
            outcome = solve(job, folder)
        except Exception as error:  # A bug in one job must not take the others with it.
            traceback.print_exc()
            outcome = {"failure": repr(error)}
        (folder / "outcome.json").write_text(json.dumps(outcome), encoding="utf-8")
        print(f"{job['id']:24s} {outcome.get('failure') or outcome['wall_s']}", flush=True)
    module("service").session.shutdown()
    return 0


def solve(job: dict, folder: Path) -> dict:
    """The job's object in an empty scene, the extension's own job, save, reopen, dump."""
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    command, path = module("cli"), folder / "scene.blend"
    add_object(job["name"], folder / "object.npz")
    given = [f"--object={job['name']}", f"--prompt={job['prompt']}", f"--seed={job['seed']}"]
    words = [*given, f"--quality={job['quality']}", f"--output={path}"]
    wanted = command.read_jobs(command.parser().parse_args(words))[0]
    outcome = command.do_job(wanted)
    if not outcome.ok:
        return {"failure": f"{outcome.what} {outcome.remedy}"}
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    peak = peak_mb(module("service").session.pid)
    bpy.ops.wm.open_mainfile(filepath=str(path))
    dump(outcome.rigs[0], job["name"], folder / "shown.npz")
    return {"wall_s": round(outcome.seconds, 2), "peak_mb": peak, "report": outcome.report}


def module(name: str):
    """A module of the installed extension."""
    return importlib.import_module(f"{MODULE}.{name}")


def add_object(name: str, path: Path) -> None:
    """A mesh object from vertices (V, 3), metres, Y up, and triangles (F, 3)."""
    with np.load(path) as file:
        verts, faces = file["verts"], file["faces"]
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(np.stack([verts[:, 0], -verts[:, 2], verts[:, 1]], axis=1), [], faces)
    bpy.context.scene.collection.objects.link(bpy.data.objects.new(name, mesh))


def dump(rig: str, name: str, path: Path) -> None:
    """Write what one sees, Y up: both evaluated meshes, and the rotations of the bones."""
    bpy.context.view_layer.update()
    armature = bpy.data.objects[rig]
    body = next(one for one in armature.children if one.type == "MESH")
    bones = armature.pose.bones
    verts, faces = evaluated(bpy.data.objects[name])
    materials = np.array([face.material_index for face in body.data.polygons])
    np.savez(
        path, body=evaluated(body)[0], materials=materials, verts=verts, faces=faces,
        bones=[one.name for one in bones], betas=np.array(armature["interact_betas"], np.float32),
        quaternions=np.array([one.rotation_quaternion for one in bones], np.float32),
    )  # fmt: skip


def evaluated(obj: bpy.types.Object) -> tuple[np.ndarray, np.ndarray]:
    """Vertices (V, 3) in the world, metres, Y up, and triangles (F, 3), after all modifiers."""
    shown = obj.evaluated_get(bpy.context.evaluated_depsgraph_get())
    mesh = shown.to_mesh()
    mesh.calc_loop_triangles()
    verts = np.empty(3 * len(mesh.vertices), np.float32)
    mesh.vertices.foreach_get("co", verts)
    faces = np.empty(3 * len(mesh.loop_triangles), np.int32)
    mesh.loop_triangles.foreach_get("vertices", faces)
    matrix = np.array(shown.matrix_world)
    x, y, z = (verts.reshape(-1, 3) @ matrix[:3, :3].T + matrix[:3, 3]).T
    shown.to_mesh_clear()
    return np.stack([x, z, -y], axis=1).astype(np.float32), faces.reshape(-1, 3)


def peak_mb(pid: int | None) -> int:
    """The largest memory that a process ever held, where the system tells; else 0."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return 0
    lines = status.read_text(encoding="utf-8").splitlines()
    return next((int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM")), 0)


if __name__ == "__main__":
    code = main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # Blender's own exit can hang or crash with the callbacks of a script.
