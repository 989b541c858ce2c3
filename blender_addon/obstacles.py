"""Blender -> `scene.npz`: everything else that is visible near the target, piece by piece.

A generator reads a few objects between two yields, so that the window is never held up; the
session advances it on every tick, scripts run it to its end.
"""

import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import bpy
import numpy as np
from numpy.typing import NDArray

from .frames import to_blender, to_scene
from .meshes import triangles
from .wire import bounds, errors

ALL, NONE = "all", "none"
"""What `--obstacles` may be beside the name of a collection."""
SOLID = {"MESH", "CURVE", "SURFACE", "META", "FONT"}
UNREADABLE = {"VOLUME", "POINTCLOUD", "CURVES", "GREASEPENCIL", "GPENCIL"}
OUTLINES = {"WIRE", "BOUNDS"}
"""Display types of helpers that are not really there."""
BARE, LOST = "without faces", "at places that are no numbers"
"""Why something is no obstacle, as the end of a sentence."""
LISTED = 5
"""Names in one warning."""
Arrays = tuple[NDArray[np.float32], NDArray[np.int32]]
NOTHING: Arrays = np.empty((0, 3), np.float32), np.empty((0, 3), np.int32)


@dataclass(frozen=True)
class Piece:
    """One shown object; by name, because Blender's own structs do not outlive a tick."""

    name: str
    """Of what the artist knows: the instancer's for an instance."""
    source: str
    uid: int
    matrix: NDArray[np.float64]
    arrays: Arrays | None
    """Read already: what an instancer shows is gone after this look at the scene."""


@dataclass(frozen=True)
class Box:
    """What is near, Blender's world, scene units."""

    low: NDArray[np.float64]
    high: NDArray[np.float64]

    def meets(self, corners: NDArray[np.float64]) -> bool:
        """Whether the bounding box of points reaches in; not-a-number never does."""
        return bool(
            (corners.min(axis=0) <= self.high).all() & (corners.max(axis=0) >= self.low).all()
        )


def check_obstacles(wanted: str) -> None:
    """Whether the choice of obstacles means something.

    Raises:
        SolverError: Naming the collection that is missing, or that none was chosen.
    """
    if not wanted:
        raise errors.SolverError(
            "No collection is chosen for the obstacles.",
            remedy="Choose one in the Interact tab, or make all or no objects obstacles.",
        )
    if wanted not in (ALL, NONE) and bpy.data.collections.get(wanted) is None:
        raise errors.SolverError(
            f"There is no collection '{wanted}' for the obstacles.",
            remedy="Choose 'all', 'none', or the name of a collection.",
        )


def near(verts: NDArray[np.float32], unit: float) -> Box:
    """The box around the target in which other things count.

    Args:
        verts: (V, 3) of the target, scene frame, metres.
        unit: Metres per scene unit.
    """
    ends = np.stack(
        [verts.min(axis=0) - bounds.SCENE_REACH, verts.max(axis=0) + bounds.SCENE_REACH]
    )
    corners = to_blender(ends.astype(np.float64), unit)
    return Box(corners.min(axis=0), corners.max(axis=0))


def gather(
    folder: Path, wanted: str, box: Box, apart: set[int], warnings: list[str]
) -> Iterator[None]:
    """Write `scene.npz` into a job's folder; yields after every small piece of the work.

    Args:
        folder: Of the job.
        wanted: All, none, or the name of a collection.
        box: What is near.
        apart: Ids of objects that are no obstacles: the target, and people that will be replaced.
        warnings: What could not be read is said here.

    Raises:
        SolverError: When the scene is too large, or the file cannot be written.
    """
    if wanted == NONE:
        return
    pieces, warned = _look_around(wanted, box, apart)
    yield
    unit, total = bpy.context.scene.unit_settings.scale_length, 0
    found: list[tuple[str, Arrays]] = []
    for piece in pieces:
        arrays = piece.arrays or _read(piece)
        if arrays is None:
            continue
        yield
        reason, arrays = _placed(arrays, piece.matrix, box)
        if reason:
            warned.setdefault(reason, []).append(piece.name)
        total += len(arrays[1])
        _check_total(total)
        if len(arrays[1]):
            found.append((piece.name, (to_scene(arrays[0], unit), arrays[1])))
        yield
    warnings += [_said(reason, names) for reason, names in warned.items()]
    if found:
        yield from _write(folder / "scene.npz", found)


def _look_around(
    wanted: str, box: Box, apart: set[int]
) -> tuple[list[Piece], dict[str, list[str]]]:
    """What is shown near the target; names of what cannot be read, by reason."""
    chosen = None
    if wanted != ALL:
        chosen = {obj.session_uid for obj in bpy.data.collections[wanted].all_objects}
    pieces: list[Piece] = []
    warned: dict[str, list[str]] = {}
    read: dict[int, Arrays] = {}
    for shown in bpy.context.evaluated_depsgraph_get().object_instances:
        obj = shown.object
        instanced = shown.is_instance and shown.parent is not None
        artists = (shown.parent if instanced else obj).original
        uid = artists.session_uid
        if not _counts(obj, artists) or uid in apart or (chosen is not None and uid not in chosen):
            continue
        matrix = np.array(shown.matrix_world)
        corners = _corners(obj)
        if not (np.isfinite(matrix).all() and np.isfinite(corners).all()):
            warned.setdefault(LOST, []).append(artists.name)
        elif box.meets(corners @ matrix[:3, :3].T + matrix[:3, 3]):
            if obj.type in UNREADABLE:
                warned.setdefault(BARE, []).append(artists.name)
                continue
            arrays = _instanced(obj, read) if instanced else None
            pieces.append(Piece(artists.name, obj.original.name, uid, matrix, arrays))
    return pieces, warned


def _counts(obj: bpy.types.Object, artists: bpy.types.Object) -> bool:
    """Whether it is something that could be run into, not a helper drawn as an outline."""
    outlined = obj.original.display_type in OUTLINES or artists.display_type in OUTLINES
    return obj.type in SOLID | UNREADABLE and not outlined


def _corners(obj: bpy.types.Object) -> NDArray[np.float64]:
    return np.array([corner[:] for corner in obj.bound_box])


def _instanced(obj: bpy.types.Object, read: dict[int, Arrays]) -> Arrays:
    """The mesh of an instance, read once however often it is shown."""
    key = obj.data.as_pointer() if obj.data is not None else 0
    if key not in read:
        read[key] = _arrays(obj) or NOTHING
    return read[key]


def _read(piece: Piece) -> Arrays | None:
    """The evaluated mesh of an object; None when it was deleted since.

    Something from another file may have the same name: then the name alone finds the wrong one.
    """
    obj = bpy.data.objects.get(piece.source)
    if obj is None or obj.session_uid != piece.uid:
        obj = next((one for one in bpy.data.objects if one.session_uid == piece.uid), None)
    if obj is None:
        return None
    return _arrays(obj.evaluated_get(bpy.context.evaluated_depsgraph_get()))


def _arrays(evaluated: bpy.types.Object) -> Arrays | None:
    mesh = evaluated.to_mesh()
    if mesh is None:
        return None
    verts, faces = triangles(mesh)
    evaluated.to_mesh_clear()
    bare_curve = evaluated.type != "MESH" and len(faces) == 0
    return None if bare_curve else (verts, faces)


def _placed(arrays: Arrays, matrix: NDArray[np.float64], box: Box) -> tuple[str, Arrays]:
    """World-space triangles that reach into the box, and why there are none where that is odd."""
    verts, faces = arrays
    if len(faces) == 0:
        return BARE, NOTHING
    world = verts @ matrix[:3, :3].T.astype(np.float32) + matrix[:3, 3].astype(np.float32)
    if not np.isfinite(world).all():
        return LOST, NOTHING
    beyond = np.zeros(len(world), np.uint8)
    for axis in range(3):
        beyond |= (world[:, axis] < box.low[axis]).view(np.uint8) << 2 * axis
        beyond |= (world[:, axis] > box.high[axis]).view(np.uint8) << 2 * axis + 1
    if beyond.any():
        a, b, c = faces.T
        faces = faces[(beyond[a] & beyond[b] & beyond[c]) == 0]
        used = np.zeros(len(world), bool)
        used[faces] = True
        world, faces = world[used], (np.cumsum(used, dtype=np.int32) - 1)[faces]
    return "", (world, faces)


def _check_total(faces: int) -> None:
    if faces > bounds.MOST_SCENE_FACES:
        raise errors.SolverError(
            f"The things around the object have more than {bounds.MOST_SCENE_FACES:,} triangles.",
            remedy="Choose a collection of obstacles in the Interact tab, or hide what is far.",
        )


def _said(reason: str, names: list[str]) -> str:
    known = list(dict.fromkeys(names))
    listed = ", ".join(f"'{name}'" for name in known[:LISTED])
    more = f" and {len(known) - LISTED} more" if len(known) > LISTED else ""
    return f"No obstacles, because they are {reason}: {listed}{more}."


def _write(path: Path, found: list[tuple[str, Arrays]]) -> Iterator[None]:
    """An npz as numpy reads it, one object after another: at once it would take too long."""
    verts, faces = [v for _, (v, _) in found], [f for _, (_, f) in found]
    first = np.cumsum([0, *(len(one) for one in verts)]).astype(np.int32)
    try:
        with zipfile.ZipFile(path, "w") as archive:
            yield from _add(archive, "verts", verts, verts)
            shifted = (one + n for one, n in zip(faces, first, strict=False))
            yield from _add(archive, "faces", faces, shifted)
            owners = (np.full(len(one), k, np.int32) for k, one in enumerate(faces))
            yield from _add(archive, "owner", [one[:, 0] for one in faces], owners)
            names = [np.array([name for name, _ in found])]
            yield from _add(archive, "names", names, names)
    except OSError as error:
        raise errors.SolverError(
            f"The job folder cannot be written: {error}",
            remedy="Choose another cache folder in the extension's preferences.",
        ) from error


def _add(
    archive: zipfile.ZipFile, name: str, like: list[NDArray], parts: Iterable[NDArray]
) -> Iterator[None]:
    """One array of an npz, in parts of the shapes and the kind of `like`."""
    header = {
        "descr": like[0].dtype.str, "fortran_order": False,
        "shape": (sum(len(one) for one in like), *like[0].shape[1:]),
    }  # fmt: skip
    with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
        np.lib.format.write_array_header_1_0(file, header)
        for part in parts:
            file.write(np.ascontiguousarray(part).tobytes())
            yield
