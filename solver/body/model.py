"""The body model as arrays in SMPL-H layout."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

OPEN_BODY = Path(__file__).parent / "data" / "open_body.npz"


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


@cache
def load_body() -> BodyModel:
    """The open body that comes with the solver."""
    with np.load(OPEN_BODY, allow_pickle=False) as file:
        data = {key: file[key] for key in file.files}

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
    )
