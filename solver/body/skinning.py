"""Linear blend skinning in two typed steps: shape, then pose (Loper et al. 2015, SMPL, Eq. 2-4)."""

from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..geometry.mesh import vertex_areas, vertex_normals
from ..geometry.rotations import matrix_from_rotvec
from .blending import Blend, blended, carried
from .chain import bones_of
from .joints import PARENTS, levels
from .model import BodyModel

_LEVELS = levels()


@cache
def _tree(device: torch.device) -> tuple[list[list[Tensor]], Tensor]:
    """Per depth the joints, their parents, and where those stand in the depth above; the order."""
    steps = [
        (level, [PARENTS[j] for j in level], [above.index(PARENTS[j]) for j in level])
        for above, level in pairwise(_LEVELS)
    ]
    order = torch.tensor([joint for level in _LEVELS for joint in level], device=device).argsort()
    return [[torch.tensor(each, device=device) for each in step] for step in steps], order


@dataclass(frozen=True)
class ShapedBody:
    """A body of one shape in its T-pose."""

    model: BodyModel
    betas: Float[Tensor, " betas"]
    verts: Float[Tensor, "verts 3"]
    normals: Float[Tensor, "verts 3"]
    areas: Float[Tensor, " verts"]
    """Area that each vertex stands for, square metres."""
    joints: Float[Tensor, "52 3"]
    age: float | None = None
    """Years; None where nobody said. It greys the hair: the shape is all in the betas."""

    @property
    def faces(self) -> Int[Tensor, "faces 3"]:
        """Triangles, outward."""
        return self.model.faces

    @property
    def height(self) -> float:
        """Stature, metres."""
        return float(self.verts[:, 1].max() - self.verts[:, 1].min())


@dataclass(frozen=True)
class Posed:
    """A batch of posed bodies, world frame."""

    verts: Float[Tensor, "batch verts 3"]
    joints: Float[Tensor, "batch 52 3"]
    rotations: Float[Tensor, "batch 52 3 3"]
    """World rotation of each joint."""
    bones: Float[Tensor, "batch 3 52 4"]
    """Motion of each bone from the T-pose, as rows of 3x4 matrices: what `carried` takes."""


def shape_body(model: BodyModel, betas: Float[Tensor, " betas"] | None = None) -> ShapedBody:
    """The T-posed body of one shape; the mean shape when `betas` is None."""
    count = model.shape_dirs.shape[-1]
    betas = torch.zeros(count) if betas is None else betas[:count]
    verts = model.template + model.shape_dirs[..., : len(betas)] @ betas
    return ShapedBody(
        model=model,
        betas=betas,
        verts=verts,
        normals=vertex_normals(verts, model.faces),
        areas=vertex_areas(verts, model.faces),
        joints=model.joint_regressor @ verts,
    )


def forward_kinematics(
    rotations: Float[Tensor, "batch 52 3 3"], joints: Float[Tensor, "52 3"]
) -> tuple[Float[Tensor, "batch 52 3 3"], Float[Tensor, "batch 52 3"]]:
    """World rotations and positions of the joints; the root turns about its own joint."""
    turned, placed = [rotations[:, :1]], [joints[:1].expand(len(rotations), 1, 3)]
    steps, order = _tree(joints.device)
    for level, parents, above in steps:
        bone = (joints[level] - joints[parents])[None, :, :, None]
        up = turned[-1][:, above]
        placed.append(placed[-1][:, above] + (up @ bone)[..., 0])
        turned.append(up @ rotations[:, level])
    return torch.cat(turned, dim=1)[:, order], torch.cat(placed, dim=1)[:, order]


def pose_body(
    body: ShapedBody,
    rotations: Float[Tensor, "batch 52 3 3"],
    trans: Float[Tensor, "batch 3"],
    subset: Int[Tensor, " subset"] | None = None,
) -> Posed:
    """Pose a batch by rotation matrices; only the vertices of `subset` when it is given.

    Args:
        body: The shape.
        rotations: Local rotations, root first.
        trans: Translation, metres; the root turns about the pelvis joint, as in SMPL.
        subset: Vertex indices to evaluate: the cheapest win of the inner loop.
    """
    turned, placed = forward_kinematics(rotations, body.joints)
    shift = placed - (turned @ body.joints[..., None])[..., 0] + trans[:, None]
    bones = torch.cat([turned, shift[..., None]], dim=-1).transpose(1, 2)
    return _skinned(body, bones, rotations, subset)


def pose_by_angles(
    body: ShapedBody,
    pose: Float[Tensor, "batch 52 3"],
    turn: Float[Tensor, "batch 3"],
    trans: Float[Tensor, "batch 3"],
    subset: Int[Tensor, " subset"] | None = None,
) -> Posed:
    """The same from axis-angles, several times as fast where a gradient is wanted.

    Args:
        body: The shape.
        pose: Axis-angle, local, root first.
        turn: Rotation vector of a further turn about the pelvis, world frame.
        trans: Translation, metres.
        subset: Vertex indices to evaluate; keep the tensor, its table is remembered.
    """
    bones = bones_of(pose, turn, trans, body.joints)
    # Only pose correctives ask for the local rotations once more.
    correct = body.model.pose_dirs is not None
    return _skinned(body, bones, matrix_from_rotvec(pose) if correct else None, subset)


def facing(
    body: ShapedBody, posed: Posed, rows: Int[Tensor, " rows"]
) -> Float[Tensor, "batch rows 3"]:
    """Unit normals of some vertices, world frame; skinned, not recomputed from the faces.

    Args:
        body: The shape.
        posed: The bodies.
        rows: Vertex indices; keep the tensor, its table is remembered.
    """
    return torch.nn.functional.normalize(outward(body, posed, rows), dim=-1)


def outward(
    body: ShapedBody, posed: Posed, rows: Int[Tensor, " rows"]
) -> Float[Tensor, "batch rows 3"]:
    """The same directions, shorter than one where bones turn them apart."""
    return carried(_normal_table(body, rows), posed.bones)


@lru_cache(maxsize=8)
def _normal_table(body: ShapedBody, rows: Int[Tensor, " rows"]) -> Blend:
    return blended(body.model.weights[rows], body.normals[rows], placed=False)


@lru_cache(maxsize=8)
def _vertex_table(body: ShapedBody, subset: Int[Tensor, " subset"] | None) -> Blend:
    rows = slice(None) if subset is None else subset
    return blended(body.model.weights[rows], body.verts[rows])


def _skinned(
    body: ShapedBody,
    bones: Float[Tensor, "batch 3 52 4"],
    local: Float[Tensor, "batch 52 3 3"] | None,
    subset: Int[Tensor, " subset"] | None,
) -> Posed:
    verts = carried(_vertex_table(body, subset), bones)
    if body.model.pose_dirs is not None and local is not None:
        verts = verts + _correctives(body, bones, local, subset)
    rotations = bones[..., :3].transpose(1, 2)
    joints = ((bones[..., :3] * body.joints).sum(dim=-1) + bones[..., 3]).mT
    return Posed(verts, joints, rotations, bones)


def _correctives(
    body: ShapedBody,
    bones: Float[Tensor, "batch 3 52 4"],
    local: Float[Tensor, "batch 52 3 3"],
    subset: Int[Tensor, " subset"] | None,
) -> Float[Tensor, "batch subset 3"]:
    """What the pose adds to the vertices, turned with their bones."""
    assert body.model.pose_dirs is not None
    rows = slice(None) if subset is None else subset
    feature = (local[:, 1:] - torch.eye(3)).flatten(1)
    offset = torch.einsum("vak,bk->bva", body.model.pose_dirs[rows], feature)
    return torch.einsum("vj,bcja,bva->bvc", body.model.weights[rows], bones[..., :3], offset)
