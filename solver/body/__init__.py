"""The body: SMPL-H layout, stateless. Load, shape, pose."""

from .model import MATERIALS, BodyModel, load_body
from .people import betas_for
from .skinning import (
    Posed,
    ShapedBody,
    carried,
    facing,
    outward,
    pose_body,
    pose_by_angles,
    shape_body,
)

__all__ = [
    "MATERIALS",
    "BodyModel",
    "Posed",
    "ShapedBody",
    "betas_for",
    "carried",
    "facing",
    "load_body",
    "outward",
    "pose_body",
    "pose_by_angles",
    "shape_body",
]
