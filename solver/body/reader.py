"""The user's own SMPL-H file, `.npz` or `.pkl`, read without running anything that is in it.

A pickle is a program. This reader knows the few names that a model file needs (numpy arrays, scipy
sparse matrices, and empty shells in place of chumpy's classes) and refuses every other.
"""

import pickle
import zipfile
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse
import torch
from torch import Tensor

from ..errors import SolverError
from .joints import JOINTS, PARENTS
from .model import BodyModel

_REMEDY = (
    "Choose an SMPL-H model: model.npz (AMASS, 16 betas) or SMPLH_*.pkl from the MANO website. "
    "Leave the field empty to use the open body."
)

_NEEDED = ("v_template", "shapedirs", "J_regressor", "weights", "f")

_MODULES = ("numpy.core.multiarray", "numpy._core.multiarray")

_ALLOWED = {(module, name) for module in _MODULES for name in ("_reconstruct", "scalar")} | {
    ("numpy", "ndarray"), ("numpy", "dtype"), ("_codecs", "encode"),
    ("copy_reg", "_reconstructor"), ("copyreg", "_reconstructor"),
    ("builtins", "object"), ("__builtin__", "object"), ("builtins", "set"), ("__builtin__", "set"),
    ("collections", "OrderedDict"),
}  # fmt: skip

_SPARSE = ("csc_matrix", "csr_matrix", "coo_matrix")


def read_body(path: Path) -> BodyModel:
    """An SMPL-H model of 52 joints; the first 16 betas at most, pose correctives where there are.

    Raises:
        SolverError: When the file is missing, is not SMPL-H, or asks for anything beyond arrays.
    """
    if not path.is_file():
        raise SolverError(f"There is no body model at '{path}'.", remedy=_REMEDY)
    return _read(path.resolve(), path.stat().st_mtime_ns)


@lru_cache(maxsize=2)
def _read(path: Path, _modified: int) -> BodyModel:
    arrays = _arrays(path)
    if missing := [key for key in _NEEDED if key not in arrays]:
        raise SolverError(
            f"'{path.name}' is not a body model: it has no {', '.join(missing)}.", remedy=_REMEDY
        )
    _check(path.name, arrays)
    pose_dirs = arrays.get("posedirs")
    if pose_dirs is not None:
        pose_dirs = pose_dirs.reshape(len(arrays["v_template"]), 3, -1)
    return BodyModel(
        name=path.stem,
        template=_tensor(arrays["v_template"]),
        shape_dirs=_tensor(arrays["shapedirs"][..., :16]),
        pose_dirs=_tensor(pose_dirs) if pose_dirs is not None and pose_dirs.any() else None,
        joint_regressor=_tensor(arrays["J_regressor"]),
        weights=_tensor(arrays["weights"]),
        faces=torch.as_tensor(arrays["f"].astype(np.int64)),
    )


def _arrays(path: Path) -> dict[str, np.ndarray]:
    try:
        with path.open("rb") as file:
            if path.suffix.lower() == ".npz":
                with np.load(file, allow_pickle=False) as packed:
                    return _wanted({key: packed[key] for key in packed.files if key in _KEYS})
            return _wanted(_Reader(file, encoding="latin1").load())
    except SolverError:
        raise
    except (pickle.UnpicklingError, zipfile.BadZipFile, ValueError, EOFError, OSError) as error:
        raise SolverError(
            f"'{path.name}' cannot be read as a body model: {error}", remedy=_REMEDY
        ) from error
    except (AttributeError, ImportError, IndexError, KeyError, TypeError) as error:
        # What a broken or hostile file raises while it is taken apart.
        raise SolverError(
            f"'{path.name}' cannot be read as a body model: {error!r}", remedy=_REMEDY
        ) from error


_KEYS = (*_NEEDED, "posedirs", "kintree_table")


def _wanted(content: Any) -> dict[str, np.ndarray]:
    if not isinstance(content, dict):
        raise ValueError(f"it holds a {type(content).__name__}, not named arrays")
    return {key: _array(content[key]) for key in _KEYS if key in content}


class _Node:
    """Stands in for every chumpy class: keeps the state, does nothing."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        del args, kwargs

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)


def _array(value: Any) -> np.ndarray:
    if isinstance(value, _Node):
        state = value.__dict__
        if "x" in state:
            return np.asarray(state["x"])
        if "a" in state and "idxs" in state:
            flat = _array(state["a"]).ravel()
            return flat[np.asarray(state["idxs"])].reshape(state["preferred_shape"])
        raise ValueError(f"it has a chumpy node with {sorted(state)}, which is not an array")
    array = value.toarray() if scipy.sparse.issparse(value) else np.asarray(value)
    if array.dtype.kind not in "fiub":
        raise ValueError(f"it has an array of {array.dtype}, not of numbers")
    return array


class _Reader(pickle.Unpickler):
    """An unpickler that can make arrays and nothing else."""

    def find_class(self, module_name: str, global_name: str, /) -> Any:
        if module_name.split(".", 1)[0] == "chumpy":
            return _Node
        if module_name.startswith("scipy.sparse") and global_name in _SPARSE:
            return getattr(scipy.sparse, global_name)
        if (module_name, global_name) in _ALLOWED:
            return super().find_class(module_name, global_name)
        raise pickle.UnpicklingError(f"refused '{module_name}.{global_name}', which is not data")


def _check(name: str, arrays: dict[str, np.ndarray]) -> None:
    """That the arrays fit each other and are SMPL-H's."""
    count, joints = len(arrays["v_template"]), len(JOINTS)
    shapes = {
        "v_template": (count, 3),
        "J_regressor": (joints, count),
        "weights": (count, joints),
        "shapedirs": (count, 3, arrays["shapedirs"].shape[-1]),
        "f": (len(arrays["f"]), 3),
    }
    for key, wanted in shapes.items():
        if arrays[key].shape != wanted:
            found = arrays[key].shape
            raise SolverError(
                f"'{name}' is not SMPL-H with {joints} joints: {key} is {found}, not {wanted}.",
                remedy=_REMEDY,
            )
    tree = arrays.get("kintree_table")
    if tree is not None and tree[0, 1:].astype(np.int64).tolist() != list(PARENTS[1:]):
        raise SolverError(f"The joints of '{name}' are not in SMPL-H's order.", remedy=_REMEDY)
    if not all(np.isfinite(arrays[key]).all() for key in shapes):
        raise SolverError(f"'{name}' has values that are not numbers.", remedy=_REMEDY)


def _tensor(array: np.ndarray) -> Tensor:
    return torch.as_tensor(np.ascontiguousarray(array, dtype=np.float32))
