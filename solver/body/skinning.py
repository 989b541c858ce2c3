"""Linear blend skinning in two typed steps: shape, then pose (Loper et al. 2015, SMPL, Eq. 2-4)."""

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..geometry.mesh import vertex_areas, vertex_normals
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
    normals: Float[Tensor, "batch verts 3"]
    """Unit; skinned from the T-pose, not recomputed from the faces."""
    joints: Float[Tensor, "batch 52 3"]
    rotations: Float[Tensor, "batch 52 3 3"]
    """World rotation of each joint."""


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
    """Pose a batch; only the vertices of `subset` when it is given.

    Args:
        body: The shape.
        rotations: Local rotations, root first.
        trans: Translation, metres; the root turns about the pelvis joint, as in SMPL.
        subset: Vertex indices to evaluate: the cheapest win of the inner loop.
    """
    turned, placed = forward_kinematics(rotations, body.joints)
    verts, normals, weights = body.verts, body.normals, body.model.weights
    if subset is not None:
        verts, normals, weights = verts[subset], normals[subset], weights[subset]
    verts = verts.expand(len(rotations), -1, -1)
    if body.model.pose_dirs is not None:
        verts = verts + _correctives(body.model.pose_dirs, rotations, subset)
    shift = placed - (turned @ body.joints[..., None])[..., 0]
    bones = torch.cat([turned, shift[..., None]], dim=-1).flatten(2)
    skin = (weights @ bones).unflatten(-1, (3, 4))
    posed = (skin[..., :3] @ verts[..., None])[..., 0] + skin[..., 3] + trans[:, None]
    facing = (skin[..., :3] @ normals.expand(len(rotations), -1, -1)[..., None])[..., 0]
    return Posed(
        verts=posed,
        normals=torch.nn.functional.normalize(facing, dim=-1),
        joints=placed + trans[:, None],
        rotations=turned,
    )


def _correctives(
    pose_dirs: Float[Tensor, "verts 3 459"],
    rotations: Float[Tensor, "batch 52 3 3"],
    subset: Int[Tensor, " subset"] | None,
) -> Float[Tensor, "batch subset 3"]:
    feature = (rotations[:, 1:] - torch.eye(3)).flatten(1)
    dirs = pose_dirs if subset is None else pose_dirs[subset]
    return torch.einsum("vak,bk->bva", dirs, feature)
