"""A job that begins from a pose instead of a search: `start.npz`, scene frame."""

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from .artefacts import Hypotheses, Item
from .body import ShapedBody
from .bounds import Moving
from .errors import SolverError
from .geometry.rotations import rotvec_from_matrix
from .job import check_folder
from .result import to_scene
from .store import write_arrays, write_words

FILE = "start.npz"
REMEDY = (
    f"{FILE} holds `pose` (52, 3) axis-angle or `rotations` (52, 3, 3), `trans` (3), and, where "
    "the object was moved, `T_scene_source` (4, 4); perhaps `betas` of the person. Refine a solved "
    "job, or a file like that."
)


@dataclass(frozen=True)
class Begin:
    """A posed person and where the object is, scene frame."""

    pose: Float[Tensor, "52 3"]
    """Axis-angle, local, root first."""
    trans: Float[Tensor, "3"]
    T_scene_source: Float[Tensor, "4 4"] | None
    """From the object's vertices as handed over to where it is; None: it was not moved."""
    betas: Float[Tensor, " betas"] | None = None
    """Whose pose it is; None: the person that the request asks for."""


def read_begin(path: Path, variant: int = 1) -> Begin:
    """The pose in a file: `start.npz` of a job, or one variant of a `solution.npz`.

    Raises:
        SolverError: When there is no such file, or no such pose in it.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        if "pose" in arrays:
            pose = _row(arrays["pose"], (52, 3), variant)
        else:
            rotations = torch.from_numpy(_row(arrays["rotations"], (52, 3, 3), variant)).float()
            pose = rotvec_from_matrix(rotations).numpy()
        motion, betas = arrays.get("T_scene_source"), arrays.get("betas")
        return Begin(
            torch.from_numpy(pose).float(),
            torch.from_numpy(_row(arrays["trans"], (3,), variant)).float(),
            None if motion is None else torch.from_numpy(_row(motion, (4, 4), variant)).double(),
            None if betas is None else torch.from_numpy(_row(betas, (betas.size,), 1)).float(),
        )
    # A file with one bare array is a TypeError.
    except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise SolverError(f"No pose can be read from {path}: {error}", remedy=REMEDY) from error


def _row(array: np.ndarray, shape: tuple[int, ...], variant: int) -> np.ndarray:
    """One variant of an array, checked."""
    if array.dtype.kind != "f" or array.ndim not in (len(shape), len(shape) + 1):
        raise ValueError(f"an array of {array.dtype} and shape {array.shape} where {shape} belongs")
    if array.ndim > len(shape):
        if not 1 <= variant <= len(array):
            raise ValueError(f"there is no variant {variant}, it has {len(array)}")
        array = array[variant - 1]
    if array.shape != shape or not np.isfinite(array).all():
        raise ValueError(f"{array.shape} in place of {shape}, or numbers that are not finite")
    return array


def put_begin(folder: Path, source: Path, variant: int = 1, moving: Moving = "body") -> None:
    """Let a job begin from a pose: its `start.npz` is written, and its request says so.

    Args:
        folder: The job's.
        source: A solved job's folder, or a file that `read_begin` takes.
        variant: Of the solved job.
        moving: What may change.

    Raises:
        SolverError: When the job cannot be read or written, or there is no pose.
    """
    begin = read_begin(source / "solution.npz" if source.is_dir() else source, variant)
    arrays = {"pose": begin.pose.numpy(), "trans": begin.trans.numpy()}
    if begin.T_scene_source is not None:
        arrays["T_scene_source"] = begin.T_scene_source.numpy()
    path = check_folder(folder) / "request.json"
    try:
        request = json.loads(path.read_text(encoding="utf-8"))
        request |= {"start": True, "moving": moving}
    except (OSError, ValueError, TypeError) as error:
        raise SolverError(
            f"No request can be read from {path}: {error}",
            remedy="Give a job's folder: one that holds request.json and object.npz.",
        ) from error
    write_arrays(folder / FILE, arrays)
    write_words(path, request)


def hypothesis_of(begin: Begin, item: Item, body: ShapedBody) -> Hypotheses:
    """The only starting point: the pose and the object as they are, world frame.

    Where the object's size was changed, `T_world_object` is a similarity.
    """
    T_world_scene = torch.linalg.inv(item.T_scene_world)
    pose, trans = to_scene(T_world_scene, begin.pose, begin.trans, body.joints[0])
    T_world_object = torch.eye(4, dtype=torch.float64)
    if begin.T_scene_source is not None:
        T_source_object = torch.linalg.inv(item.T_object_source.double())
        T_world_object = T_world_scene.double() @ begin.T_scene_source @ T_source_object
    return Hypotheses(
        pose=pose[None], trans=trans[None], betas=body.betas,
        T_world_object=T_world_object.float()[None], names=("given",), oddness=torch.zeros(1),
    )  # fmt: skip
