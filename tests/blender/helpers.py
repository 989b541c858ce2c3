"""What several tests need."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import bpy
import numpy as np

from blender_addon import character, results, scene, service
from blender_addon.jobs import Job, Request


def generate(obj: bpy.types.Object, prompt: str = "sit", **values: object) -> bpy.types.Collection:
    """From a click to the result in the file."""
    job = submit(obj, prompt, **values)
    service.wait(job)
    assert job.state == "ready", job.what
    return character.apply_job(job)


def submit(obj: bpy.types.Object, prompt: str = "sit", **values: object) -> Job:
    """A job at the end of the queue."""
    old = results.find(bpy.context.scene, str(values.pop("replace", "")))
    request = Request(prompt=prompt, object_name="", **values)
    job = scene.submit_request(obj, request, old.session_uid if old else 0)
    service.session.submit(job)
    return job


def until(true: Callable[[], object], seconds: float = 30.0) -> None:
    """Turn the session's wheel until something holds."""
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends, [(job.state, job.what) for job in service.session.jobs]
        service.session.tick()
        time.sleep(0.01)


def solution_of(made: bpy.types.Collection) -> dict[str, np.ndarray]:
    """The arrays that the result was made of."""
    folder = Path(results.people(made)[0]["interact_folder"])
    with np.load(folder / "solution.npz") as file:
        return {key: file[key] for key in file.files}


def request_in(job: Job) -> dict[str, object]:
    """What the solver was asked."""
    return json.loads((job.folder / "request.json").read_text(encoding="utf-8"))


def world_verts(obj: bpy.types.Object) -> np.ndarray:
    """Evaluated vertices (N, 3), Blender's world."""
    bpy.context.view_layer.update()
    shown = obj.evaluated_get(bpy.context.evaluated_depsgraph_get())
    flat = np.empty(len(shown.data.vertices) * 3, np.float32)
    shown.data.vertices.foreach_get("co", flat)
    matrix = np.array(shown.matrix_world)
    return flat.reshape(-1, 3) @ matrix[:3, :3].T + matrix[:3, 3]


def y_up(points: np.ndarray) -> np.ndarray:
    """Blender's world as the solver sees it: written here a second time, on purpose."""
    return points @ np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]]).T
