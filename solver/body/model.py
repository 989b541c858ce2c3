"""The body model as arrays in SMPL-H layout."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

OPEN_BODY = Path(__file__).parent / "data" / "open_body.npz"

MATERIALS = ("skin", "shirt", "trousers", "shoes", "hair", "grey hair")
"""What the numbers in `BodyModel.materials` mean; who has grey hair, `looks.worn` says."""


@dataclass(frozen=True)
class Phenotype:
    """From a person to betas: a quadratic map per stage of life, and how age counts in it."""

    coefficients: Float[Tensor, "features betas"]
    ages: Float[Tensor, "anchors 2"]
    """Years and growth: piecewise linear."""
    density: float
    """Kilograms per cubic metre."""


@dataclass(frozen=True)
class BodyModel:
    """Arrays of an SMPL-H shaped body, T-pose, Y up, front +Z, left +X, metres."""

    name: str
    template: Float[Tensor, "verts 3"]
    shape_dirs: Float[Tensor, "verts 3 betas"]
    pose_dirs: Float[Tensor, "verts 3 459"] | None
    """Pose correctives; None where the model has none."""
    joint_regressor: Float[Tensor, "52 verts"]
    weights: Float[Tensor, "verts 52"]
    faces: Int[Tensor, "faces 3"]
    uvs: Float[Tensor, "faces 3 2"] | None = None
    """Texture coordinates per corner."""
    materials: Int[Tensor, " faces"] | None = None
    """Index into `MATERIALS`; `looks.materials` also dresses a model without them."""
    phenotype: Phenotype | None = None


def load_body(path: Path | None = None) -> BodyModel:
    """The open body that comes with the solver, or the user's own SMPL-H file.

    Raises:
        SolverError: When the file is not an SMPL-H model.
    """
    if path is None:
        return _open_body()
    from .reader import read_body  # The reader makes BodyModels, so it imports this file.

    return read_body(path)


@cache
def _open_body() -> BodyModel:
    with np.load(OPEN_BODY, allow_pickle=False) as file:
        wanted = set(file.files) - {"posedirs"}  # 38 MB of zeros, for other readers of this layout.
        data = {key: file[key] for key in wanted}

    def tensor(key: str) -> Tensor:
        return torch.as_tensor(np.asarray(data[key], np.float32))

    return BodyModel(
        name="open-smplh",
        template=tensor("v_template"),
        shape_dirs=tensor("shapedirs"),
        pose_dirs=None,
        joint_regressor=tensor("J_regressor"),
        weights=tensor("weights"),
        faces=torch.as_tensor(data["f"].astype(np.int64)),
        uvs=tensor("uvs"),
        materials=torch.as_tensor(data["materials"].astype(np.int64)),
        phenotype=Phenotype(
            coefficients=tensor("phenotype"),
            ages=tensor("phenotype_ages"),
            density=float(data["density"]),
        ),
    )
