"""Forward kinematics from axis-angles with its gradient in closed form.

Automatic differentiation of the chain costs some three thousand small operations each way. Here the
chain is composed by doubling (a joint and its parent, then both with the two above them: four
rounds for 52 joints), and the gradient is one sum of torques over the joints below each joint.
"""

import math
from functools import cache
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.autograd.function import once_differentiable

from .joints import PARENTS

COUNT = len(PARENTS)
ROUNDS = 4
"""2 ** 4 links are more than the longest chain has."""


def bones_of(
    pose: Float[Tensor, "batch 52 3"],
    turn: Float[Tensor, "batch 3"],
    trans: Float[Tensor, "batch 3"],
    rest: Float[Tensor, "52 3"],
) -> Float[Tensor, "batch 3 52 4"]:
    """The rigid motion of every joint's bone from the T-pose to the world: rows of 3x4 matrices.

    Args:
        pose: Axis-angle, local, root first.
        turn: Rotation vector, world frame, about the pelvis, after the root's own.
        trans: Translation, metres.
        rest: The joints of the T-pose.
    """
    return _Chain.apply(pose, turn, trans, rest)  # pyright: ignore[reportReturnType]


class _Chain(torch.autograd.Function):
    """The gradient is that of Lie groups: torque about each joint, by the left Jacobian."""

    @staticmethod
    def forward(ctx: Any, pose: Tensor, turn: Tensor, trans: Tensor, rest: Tensor) -> Tensor:
        """Axis-angles to bones."""
        rotvec = torch.cat([pose, turn[:, None]], dim=1)
        turned = _exponential(rotvec)
        local = turned[:, :COUNT].clone()
        local[:, 0] = turned[:, COUNT] @ turned[:, 0]
        bones = compose(local, rest)
        ctx.save_for_backward(rotvec, rest, turned[:, COUNT], bones)
        placed = bones.transpose(1, 2).contiguous()
        placed[..., 3] += trans[..., None]
        return placed

    @staticmethod
    @once_differentiable
    def backward(  # pyright: ignore[reportIncompatibleMethodOverride]
        ctx: Any, *slopes: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, None]:
        """Slopes of bones to slopes of axis-angles."""
        rotvec, rest, outer, bones = ctx.saved_tensors
        slope = slopes[0].transpose(1, 2)
        force = slope[..., 3]
        # A small turn w about the pelvis' origin moves a column c of a bone by w x c.
        torque = torch.linalg.cross(bones, slope, dim=-2).sum(dim=-1)
        below = _below(rotvec.device).to(rotvec) @ torch.cat([torque, force], dim=-1)
        at = (bones[..., :3] @ rest[..., None])[..., 0] + bones[..., 3]
        about = below[..., :3] - torch.linalg.cross(at, below[..., 3:], dim=-1)
        up = bones.index_select(1, _parents(rotvec.device))[..., :3]
        up[:, 0] = outer
        seen = (up.mT @ about[..., None])[..., 0]
        turns = _by_left_jacobian(rotvec, torch.cat([seen, about[:, :1]], dim=1))
        return turns[:, :COUNT], turns[:, COUNT], force.sum(dim=1), None


def compose(
    local: Float[Tensor, "batch 52 3 3"], rest: Float[Tensor, "52 3"]
) -> Float[Tensor, "batch 52 3 4"]:
    """Each joint's motion after those of all joints above it; every one turns about its joint."""
    batch = len(local)
    motion = torch.eye(3, 4, dtype=local.dtype).repeat(batch, COUNT + 1, 1, 1)
    motion[:, :COUNT, :, :3] = local
    motion[:, :COUNT, :, 3] = rest - (local @ rest[..., None])[..., 0]
    for above in _links(local.device):
        outer = motion.index_select(1, above)
        longer = outer[..., :3] @ motion
        longer[..., 3] += outer[..., 3]
        motion = longer
    return motion[:, :COUNT]


def _exponential(rotvec: Float[Tensor, "*batch 3"]) -> Float[Tensor, "*batch 3 3"]:
    """Rodrigues' formula in half angles; its gradient is not asked."""
    square = rotvec.square().sum(dim=-1)[..., None, None]
    half = square.sqrt() / 2
    sinc = torch.sinc(half / math.pi)
    once = sinc.square() / 2
    eye = torch.eye(3, dtype=rotvec.dtype)
    whole = eye * (1 - once * square) + once * (rotvec[..., None] * rotvec[..., None, :])
    cross = (rotvec @ _CROSS.to(rotvec)).unflatten(-1, (3, 3))
    return whole.addcmul_(sinc * half.cos(), cross)


_CROSS = torch.tensor(
    [[0, 0, 0, 0, 0, -1, 0, 1, 0], [0, 0, 1, 0, 0, 0, -1, 0, 0], [0, -1, 0, 1, 0, 0, 0, 0, 0]]
).float()
"""From a vector to the matrix of the cross product with it, row by row."""


def _by_left_jacobian(
    rotvec: Float[Tensor, "*batch 3"], slope: Float[Tensor, "*batch 3"]
) -> Float[Tensor, "*batch 3"]:
    """The transposed left Jacobian of the exponential map, times `slope`."""
    square = rotvec.square().sum(dim=-1, keepdim=True)
    angle = square.sqrt()
    once = torch.sinc(angle / (2 * math.pi)).square() / 2
    safe = angle.clamp(min=0.01)
    twice = torch.where(angle < 0.01, 1 / 6 - square / 120, (safe - safe.sin()) / safe.pow(3))
    across = torch.linalg.cross(rotvec, slope, dim=-1)
    return slope - once * across + twice * torch.linalg.cross(rotvec, across, dim=-1)


@cache
def _links(device: torch.device) -> list[Int[Tensor, "53"]]:
    """Per round, the joint 1, 2, 4, 8 links above each; 52, which never moves, above the root."""
    above, rounds = [*PARENTS, COUNT], []
    above[0] = COUNT
    for _ in range(ROUNDS):
        rounds.append(torch.tensor(above, device=device))
        above = [above[above[joint]] for joint in range(COUNT + 1)]
    return rounds


@cache
def _below(device: torch.device) -> Float[Tensor, "52 52"]:
    """Row j is one at j and at every joint that moves with it."""
    below = torch.eye(COUNT, device="cpu")
    for joint in reversed(range(1, COUNT)):
        below[PARENTS[joint]] += below[joint]
    return below.to(device)


@cache
def _parents(device: torch.device) -> Int[Tensor, "52"]:
    return torch.tensor([0, *PARENTS[1:]], device=device)
