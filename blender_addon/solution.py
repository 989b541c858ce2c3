"""Reading what the solver hands back: `solution.npz` and `report.json`. No bpy."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .wire import bounds, errors, joints, sense

ARRAYS = (
    "pose", "rotations", "trans", "T_scene_source", "posed",
    "verts", "joints", "faces", "weights", "uvs", "materials", "betas",
    "contact_names", "contact_maps",
)  # fmt: skip


@dataclass(frozen=True)
class Shape:
    """The body of one shape in its T-pose: Y up, metres."""

    verts: NDArray[np.float32]
    joints: NDArray[np.float32]
    faces: NDArray[np.int32]
    weights: NDArray[np.float32]
    """(N, 52)."""
    uvs: NDArray[np.float32]
    """(M, 3, 2), per face corner."""
    materials: NDArray[np.int32]
    """(M,), index into `materials.PARTS`."""
    betas: NDArray[np.float32]


@dataclass(frozen=True)
class Variant:
    """One pose of it, scene frame."""

    rotations: NDArray[np.float64]
    """(52, 3, 3), local."""
    trans: NDArray[np.float64]
    motion: NDArray[np.float64]
    """T_scene_source (4, 4): what happens to the object."""
    posed: NDArray[np.float32]
    """(N, 3), the solver's own posed vertices."""
    metrics: dict[str, Any]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Result:
    """Everything of one solved job."""

    shape: Shape
    variants: tuple[Variant, ...]
    contact_maps: dict[str, NDArray[np.float32]]
    """Body part -> (V,) in [0, 1] per vertex of the object as handed over."""
    report: dict[str, Any]

    @property
    def warnings(self) -> list[str]:
        """What the solver wants the artist to know about the whole job."""
        return [str(one) for one in self.report.get("warnings") or ()]


def read_result(folder: Path) -> Result:
    """The result in a job's folder.

    Raises:
        SolverError: When a file is missing, incomplete or holds numbers that are none.
    """
    try:
        with np.load(folder / "solution.npz", allow_pickle=False) as file:
            data = {key: file[key] for key in file.files}
        report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
        _check(data)
    except (OSError, ValueError, KeyError) as error:
        raise errors.SolverError(
            f"The solver's result cannot be read: {error}",
            remedy=f"Generate again. The job's folder: {folder}",
        ) from error
    details = report.get("variants") or []
    variants = tuple(
        _variant(data, k, details[k] if k < len(details) else {}) for k in range(len(data["pose"]))
    )
    maps = zip(data["contact_names"], data["contact_maps"], strict=True)
    return Result(
        shape=Shape(**{name: data[name] for name in Shape.__dataclass_fields__}),
        variants=variants,
        contact_maps={str(name): values.astype(np.float32) for name, values in maps},
        report=report,
    )


def read_plan(folder: Path) -> dict[str, Any]:
    """The plan that a job left that only read the sentence.

    Raises:
        SolverError: When it is missing, or no plan.
    """
    path = folder / bounds.READING
    try:
        plan = json.loads(path.read_text(encoding="utf-8"))
        sense.validate(plan)
        sense.check_sense(plan)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise errors.SolverError(
            f"The plan cannot be read from {path}: {error}", remedy="Read the sentence again."
        ) from error
    return plan


def _variant(data: dict[str, NDArray], k: int, details: dict[str, Any]) -> Variant:
    return Variant(
        rotations=data["rotations"][k].astype(np.float64),
        trans=data["trans"][k].astype(np.float64),
        motion=data["T_scene_source"][k].astype(np.float64),
        posed=data["posed"][k],
        metrics=dict(details.get("metrics") or {}),
        warnings=tuple(str(one) for one in details.get("warnings") or ()),
    )


def _check(data: dict[str, NDArray]) -> None:
    if missing := [name for name in ARRAYS if name not in data]:
        raise ValueError(f"solution.npz lacks {', '.join(missing)}")
    variants, verts, count = len(data["pose"]), len(data["verts"]), len(joints.JOINTS)
    wanted = {
        "rotations": (variants, count, 3, 3),
        "trans": (variants, 3),
        "posed": (variants, verts, 3),
        "T_scene_source": (variants, 4, 4),
        "joints": (count, 3),
        "weights": (verts, count),
    }
    for name, shape in wanted.items():
        if data[name].shape != shape:
            raise ValueError(f"{name} has shape {data[name].shape}, not {shape}")
        if not np.isfinite(data[name]).all():
            raise ValueError(f"{name} holds numbers that are none")
    if variants == 0:
        raise ValueError("solution.npz holds no pose")
