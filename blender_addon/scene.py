"""Blender -> job folder: the target as it stands in the scene, evaluated, in metres, Y up."""

import json
import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import bpy
import numpy as np
from numpy.typing import NDArray

from .environment import new_job_folder
from .frames import to_scene
from .jobs import Job, Part, Request
from .linked import is_linked
from .meshes import check_count, check_shape, triangles
from .obstacles import check_obstacles, gather, near
from .posing import Pose
from .wire import bounds, errors

AnyID = TypeVar("AnyID", bound=bpy.types.ID)

RESULT_MARK = "interact_result"
"""Custom property on everything that a result consists of."""


@dataclass(frozen=True)
class Target:
    """The object that the person will touch."""

    verts: NDArray[np.float32]
    """(V, 3), scene frame, metres."""
    faces: NDArray[np.int32]
    """(F, 3)."""
    parts: tuple[Part, ...]
    movable: bool
    warnings: tuple[str, ...] = ()


def check_prompt(prompt: str) -> str:
    """The prompt without blanks around it.

    Raises:
        SolverError: When there is nothing to read, or too much.
    """
    prompt = " ".join(prompt.split())
    if not prompt:
        raise errors.SolverError(
            "The prompt is empty.", remedy="Say what the person does: 'a woman sits on the chair'."
        )
    if len(prompt) > bounds.LONGEST_PROMPT:
        raise errors.SolverError(
            f"The prompt has {len(prompt)} characters; at most {bounds.LONGEST_PROMPT} are read.",
            remedy="Say it in one or two sentences.",
        )
    return prompt


def find_object(name: str, scene: bpy.types.Scene) -> bpy.types.Object:
    """The object of that name in the scene.

    Raises:
        SolverError: Naming what there is instead.
    """
    found = scene.objects.get(name)
    if found is None:
        meshes = [one.name for one in scene.objects if one.type == "MESH"]
        listed = ", ".join(repr(one) for one in meshes[:8]) or "none"
        raise errors.SolverError(
            f"There is no object '{name}' in the scene '{scene.name}'.",
            remedy=f"Choose one of its meshes: {listed}{' ...' if len(meshes) > 8 else ''}.",
        )
    return found


def by_uid(blocks: Iterable[AnyID], uid: int) -> AnyID | None:
    """The data-block of an id that outlives renaming and undo, but not the session."""
    return next((one for one in blocks if one.session_uid == uid), None)


def submit_request(
    obj: bpy.types.Object | None, request: Request, replace: int = 0, begin: Pose | None = None
) -> Job:
    """Take a snapshot of the inputs into a new job folder.

    Args:
        obj: The target; None gives the error that the panel shows.
        request: What is wanted; `object_name` and `fix_object` are completed here.
        replace: Id of the result collection that the new result takes the place of.
        begin: The pose that the job begins from, with the object where it stands now or, where
            the pose says so, where a hand has taken it.

    Raises:
        SolverError: When the prompt or the object cannot be used; nothing is written then.
    """
    prompt = check_prompt(request.prompt)
    check_obstacles(request.obstacles)
    target = read_target(obj)
    assert obj is not None
    if request.placement == "keep":
        check_size(obj.name, target)
    elif not target.movable:
        raise errors.SolverError(
            f"'{obj.name}' is linked from another file: its size cannot be changed.",
            remedy="Choose 'As It Stands' for its size, or make it local.",
        )
    request = Request(
        **{
            **vars(request),
            "prompt": prompt,
            "object_name": spoken_name(obj.name),
            "fix_object": request.fix_object or not target.movable,
        }
    )
    folder = new_job_folder(request.object_name)
    write_job(folder, request, target, begin)
    box = near(target.verts, bpy.context.scene.unit_settings.scale_length)
    warnings, apart = list(target.warnings), _no_obstacles(obj, replace)
    return Job(
        id=folder.name,
        folder=folder,
        request=request,
        target=obj.name,
        target_uid=obj.session_uid,
        scene=bpy.context.scene.name,
        scene_uid=bpy.context.scene.session_uid,
        matrix=tuple(x for row in obj.matrix_world for x in row),
        parts=target.parts,
        replace=replace,
        warnings=warnings,
        gathering=gather(folder, request.obstacles, box, apart, warnings),
    )


def _no_obstacles(obj: bpy.types.Object, replace: int) -> set[int]:
    """Ids of the target with its parts, and of the people whose place the new ones take."""
    family = [child for child in obj.children_recursive if RESULT_MARK not in child]
    old = by_uid(bpy.data.collections, replace) if replace else None
    return {one.session_uid for one in (obj, *family, *(old.all_objects if old else ()))}


def check_size(name: str, target: Target) -> None:
    """Whether an object whose size counts has one that can be worked with.

    Raises:
        SolverError: When it has not.
    """
    extent = float(np.ptp(target.verts[np.unique(target.faces)], axis=0).max())
    if bounds.SMALLEST <= extent <= bounds.LARGEST:
        return
    said = f"{extent * 1000:.2f} mm" if extent < bounds.SMALLEST else f"{extent:.0f} m"
    raise errors.SolverError(
        f"Object '{name}' is {said} across; "
        f"{bounds.SMALLEST * 100:.0f} cm to {bounds.LARGEST:.0f} m work.",
        remedy="Scale it, check the scene's unit scale (Scene > Units), or choose 'Estimate' "
        "for its size.",
    )


def write_job(folder: Path, request: Request, target: Target, begin: Pose | None = None) -> None:
    """Write `request.json` and `object.npz`, and `start.npz` for a job that begins from a pose.

    Raises:
        SolverError: When the folder cannot be written; it is gone then.
    """
    try:
        np.savez(folder / "object.npz", verts=target.verts, faces=target.faces)
        if begin is not None:
            given = {key: value for key, value in vars(begin).items() if value is not None}
            np.savez(folder / "start.npz", **given)
        text = json.dumps(request.as_json(), indent=1, ensure_ascii=False)
        (folder / "request.json").write_text(text, encoding="utf-8")
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise errors.SolverError(
            f"The job folder cannot be written: {error}",
            remedy="Choose another cache folder in the extension's preferences.",
        ) from error


def spoken_name(name: str) -> str:
    """An object's name without the number that Blender adds: 'Chair.001' -> 'Chair'."""
    return re.sub(r"\.\d{3,}$", "", name).strip() or name


def read_target(obj: bpy.types.Object | None) -> Target:
    """The evaluated meshes of an object and of its children, in world space.

    Modifiers, instances, parents, negative and non-uniform scale and Edit mode are all in it.

    Raises:
        SolverError: When there is nothing that a person could touch.
    """
    _check_usable(obj)
    assert obj is not None
    bpy.context.view_layer.update()
    family = {obj, *(child for child in obj.children_recursive if _belongs(child))}
    unit = bpy.context.scene.unit_settings.scale_length
    verts, faces, parts, total = [], [], [], 0
    for piece in _pieces(family, obj.name):
        verts.append(piece.verts)
        faces.append(piece.faces + total)
        parts.append(Part(piece.uid, total, len(piece.verts), piece.instanced))
        total += len(piece.verts)
    check_count(obj.name, total, sum(len(one) for one in faces))
    points = to_scene(np.concatenate(verts), unit).astype(np.float32)
    joined = np.concatenate(faces)
    check_shape(obj.name, points, joined)
    linked = is_linked(obj)
    note = f"'{obj.name}' is linked from another file: it stays where it is."
    return Target(points, joined, tuple(parts), not linked, (note,) if linked else ())


@dataclass(frozen=True)
class _Piece:
    uid: int
    verts: NDArray[np.float64]
    faces: NDArray[np.int32]
    instanced: bool


def _pieces(family: set[bpy.types.Object], name: str) -> Iterator[_Piece]:
    """World-space triangles of every evaluated mesh that the family shows."""
    count = 0
    for shown in bpy.context.evaluated_depsgraph_get().object_instances:
        instanced = shown.is_instance and shown.parent is not None
        source = shown.parent.original if instanced else shown.object.original
        if source not in family or shown.object.type != "MESH":
            continue
        mesh = shown.object.to_mesh()
        if mesh is None:
            continue
        mesh.calc_loop_triangles()
        count += len(mesh.loop_triangles)
        if count > bounds.MOST_FACES:
            shown.object.to_mesh_clear()
            raise errors.SolverError(
                f"Object '{name}' has more than {bounds.MOST_FACES:,} triangles.",
                remedy="Add a Decimate modifier, or hide a Subdivision modifier in the viewport.",
            )
        verts, faces = triangles(mesh)
        shown.object.to_mesh_clear()
        matrix = np.array(shown.matrix_world)
        if np.linalg.det(matrix[:3, :3]) < 0:
            faces = faces[:, ::-1]
        if len(verts):
            placed = verts.astype(np.float64) @ matrix[:3, :3].T + matrix[:3, 3]
            yield _Piece(shown.object.original.session_uid, placed, faces, instanced)


def _belongs(child: bpy.types.Object) -> bool:
    """Whether a child is a visible part of the target, and no person of ours."""
    return child.type == "MESH" and RESULT_MARK not in child and child.visible_get()


def _check_usable(obj: bpy.types.Object | None) -> None:
    if obj is None:
        raise errors.SolverError(
            "No object is chosen.", remedy="Select the mesh that the person shall touch."
        )
    if RESULT_MARK in obj:
        raise errors.SolverError(
            f"'{obj.name}' is a person made by this extension.",
            remedy="Choose the object that the person shall touch.",
        )
    parts = any(_belongs(child) for child in obj.children_recursive)
    empty_with_parts = obj.type == "EMPTY" and (obj.instance_collection or parts)
    if obj.type != "MESH" and not empty_with_parts:
        kind = obj.type.replace("_", " ").lower()
        convertible = obj.type in {"CURVE", "SURFACE", "META", "FONT", "CURVES", "POINTCLOUD"}
        raise errors.SolverError(
            f"'{obj.name}' is a {'text' if kind == 'font' else kind} object, not a mesh.",
            remedy="Convert it: Object > Convert > Mesh." if convertible else "Choose a mesh.",
        )
    if not obj.visible_get():
        raise errors.SolverError(
            f"Object '{obj.name}' is hidden.",
            remedy="Show it: Alt+H, the eye in the Outliner, or its collection's checkbox.",
        )
