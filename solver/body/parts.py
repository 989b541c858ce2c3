"""Body parts as vertices, and area-weighted points on them."""

from functools import lru_cache

from jaxtyping import Int
from torch import Tensor

from ..geometry.mesh import vertex_normals
from ..vocabulary import BodyPart, Posture
from .labels import label
from .limb_labels import Rest
from .model import BodyModel
from .skinning import ShapedBody

_PLAN_PARTS: dict[BodyPart, str] = {
    "head": "head",
    "face": "face",
    "mouth": "mouth",
    "nape": "nape",
    "chest": "chest",
    "belly": "belly",
    "back": "back",
    "upper_back": "upper_back",
    "lower_back": "lower_back",
    "buttocks": "seat",
    "thighs": "thighs",
    "inner_thighs": "inner_thighs",
    "knees": "knees",
    "calves": "calves",
    "feet": "feet_under",
} | {
    f"{side}_{part}": f"{side}_{label}"
    for side in ("left", "right")
    for part, label in {
        "hand": "grip",
        "forearm": "forearm",
        "elbow": "elbow",
        "upper_arm": "upper_arm",
        "shoulder": "shoulder",
        "ear": "ear",
        "hip": "hip",
        "thigh": "thigh",
        "knee": "knee",
        "shin": "shin",
        "calf": "calf",
        "foot": "foot_under",
    }.items()
}  # pyright: ignore[reportAssignmentType]

_LYING: dict[str, str] = {
    "buttocks": "buttocks",
    "feet": "heels",
    "left_foot": "left_heel",
    "right_foot": "right_heel",
}


def part_vertices(body: ShapedBody | BodyModel) -> dict[str, Int[Tensor, " part"]]:
    """The vertices of every part by name, computed once per model. Do not change them."""
    return _part_vertices(body.model if isinstance(body, ShapedBody) else body)


@lru_cache(maxsize=8)
def _part_vertices(model: BodyModel) -> dict[str, Int[Tensor, " part"]]:
    rest = Rest(
        verts=model.template,
        normals=vertex_normals(model.template, model.faces),
        joints=model.joint_regressor @ model.template,
        owner=model.weights.argmax(dim=1),
    )
    return {name: mask.nonzero()[:, 0] for name, mask in label(rest).items()}


def plan_part(part: BodyPart, posture: Posture = "none") -> str:
    """The name of the vertices that a plan means by a body part: `left_hand` is palm and pads."""
    lying = _LYING.get(part) if posture == "lie" else None
    return lying or _PLAN_PARTS[part]
