"""What a body looks like: clothes and texture coordinates, also for models that bring none."""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from .model import MATERIALS, BodyModel
from .parts import part_vertices
from .skinning import ShapedBody

GREY = 60.0
"""Years from which hair is grey."""

_WORN = {
    "shirt": ("torso", "left_upper_arm", "right_upper_arm"),
    "trousers": (
        "pelvis", "buttocks", "hips", "thighs", "knees", "knee_backs", "lower_legs",
    ),
    "shoes": ("feet",),
    "hair": ("head_top", "head_back"),
}  # fmt: skip
"""Later wins."""


def worn(body: ShapedBody) -> Int[Tensor, " faces"]:
    """What each triangle of a person wears, as `MATERIALS` counts; the hair of the old is grey."""
    made = materials(body.model)
    if body.age is None or body.age < GREY:
        return made
    hair, grey = MATERIALS.index("hair"), MATERIALS.index("grey hair")
    return torch.where(made == hair, grey, made)


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
