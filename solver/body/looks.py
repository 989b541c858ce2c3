"""What a body looks like: clothes and texture coordinates, also for models that bring none."""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from .model import MATERIALS, BodyModel
from .parts import part_vertices

_WORN = {
    "shirt": ("torso", "left_upper_arm", "right_upper_arm"),
    "trousers": (
        "pelvis", "buttocks", "hips", "thighs", "knees", "knee_backs", "lower_legs",
    ),
    "shoes": ("feet",),
    "hair": ("head_top", "head_back"),
}  # fmt: skip
"""Later wins."""


def materials(model: BodyModel) -> Int[Tensor, " faces"]:
    """What each triangle wears, an index into `MATERIALS`."""
    if model.materials is not None:
        return model.materials
    parts = part_vertices(model)
    worn = torch.zeros(len(model.faces), dtype=torch.long)
    for material, names in _WORN.items():
        covered = torch.zeros(len(model.template), dtype=torch.bool)
        for name in names:
            covered[parts[name]] = True
        worn[covered[model.faces].sum(dim=1) >= 2] = MATERIALS.index(material)
    return worn


def texture_coordinates(model: BodyModel) -> Float[Tensor, "faces 3 2"]:
    """Texture coordinates per corner; a projection from the front where the model has none."""
    if model.uvs is not None:
        return model.uvs
    flat = model.template[:, :2]
    low, high = flat.amin(dim=0), flat.amax(dim=0)
    return ((flat - low) / (high - low).max())[model.faces]
