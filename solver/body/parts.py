"""Body parts as vertices, and area-weighted points on them."""

from dataclasses import dataclass
from functools import lru_cache

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..geometry.mesh import area_vectors, vertex_normals
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


@dataclass(frozen=True)
class SurfacePoints:
    """Points that ride on the body's triangles, whatever its pose."""

    corners: Int[Tensor, "points 3"]
    """Vertices of the triangle that each point lies in."""
    weights: Float[Tensor, "points 3"]
    """Barycentric; each row sums to one."""
    area: float
    """What each point stands for, square metres."""

    def on(self, values: Float[Tensor, "*batch verts k"]) -> Float[Tensor, "*batch points k"]:
        """Positions (or normals, or anything per vertex) at the points."""
        return (values[..., self.corners, :] * self.weights[..., None]).sum(dim=-2)


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


def part_faces(faces: Int[Tensor, "faces 3"], part: Int[Tensor, " part"]) -> Int[Tensor, " inside"]:
    """The triangles with all corners in a part; those that touch it where none has."""
    inside = torch.isin(faces, part).sum(dim=1)
    return (inside == inside.max().clamp(min=1)).nonzero()[:, 0]


def sample_part(
    body: ShapedBody, part: str | Int[Tensor, " part"], count: int, generator: torch.Generator
) -> SurfacePoints:
    """Evenly spread points on a part: area-uniform candidates, thinned farthest point first.

    Args:
        body: The shape; its T-pose gives the areas.
        part: A name of `part_vertices`, or vertex indices.
        count: How many points.
        generator: Source of randomness.
    """
    chosen = part_vertices(body)[part] if isinstance(part, str) else part
    corners = body.faces[part_faces(body.faces, chosen)]
    areas = area_vectors(body.verts, corners).norm(dim=-1)
    face = torch.multinomial(areas, 8 * count, replacement=True, generator=generator)
    u, v = torch.rand(2, 8 * count, generator=generator)
    weights = torch.stack([1 - u.sqrt(), u.sqrt() * (1 - v), u.sqrt() * v], dim=-1)
    corners = corners[face]
    keep = _farthest((body.verts[corners] * weights[..., None]).sum(dim=1), count)
    return SurfacePoints(corners[keep], weights[keep], float(areas.sum()) / count)


def _farthest(points: Float[Tensor, "points 3"], count: int) -> Int[Tensor, " count"]:
    chosen = torch.zeros(count, dtype=torch.long)
    distance = (points - points[0]).norm(dim=-1)
    for k in range(1, count):
        chosen[k] = distance.argmax()
        distance = distance.minimum((points - points[chosen[k]]).norm(dim=-1))
    return chosen
