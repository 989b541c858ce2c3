"""The body: SMPL-H layout, stateless. Load, shape, pose."""

from .model import BodyModel, load_body
from .skinning import Posed, ShapedBody, pose_body, shape_body

__all__ = ["BodyModel", "Posed", "ShapedBody", "load_body", "pose_body", "shape_body"]
