"""Forward kinematics from axis-angles with its gradient in closed form: kernels of warp.

Automatic differentiation of the chain costs some three thousand small operations each way. The
gradient is that of Lie groups: the torque about each joint of all that moves with it, by the left
Jacobian.
"""
# warp's kernels are not typed in a way that pyright could follow.
# pyright: reportInvalidTypeForm=false, reportAttributeAccessIssue=false, reportCallIssue=false
# pyright: reportMissingParameterType=false, reportIndexIssue=false, reportArgumentType=false
# pyright: reportUntypedFunctionDecorator=false, reportOperatorIssue=false

from functools import cache
from typing import Any, no_type_check

import torch
import warp as wp
from jaxtyping import Float, Int
from torch import Tensor
from torch.autograd.function import once_differentiable

from ..geometry.kernels import REALS, ROWS, launch, typed
from .joints import PARENTS

COUNT = wp.constant(len(PARENTS))


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
    """A thread per body: from the root outward for bones, back for their slopes."""

    @staticmethod
    def forward(ctx: Any, pose: Tensor, turn: Tensor, trans: Tensor, rest: Tensor) -> Tensor:
        """Axis-angles to bones."""
        batch, rest = len(pose), rest.contiguous()
        pose = pose.expand(batch, len(PARENTS), 3).contiguous().view(-1, 3)
        turn = turn.expand(batch, 3).contiguous()
        bones = pose.new_empty(batch, 3, len(PARENTS), 4)
        parents = _parents(pose.device)
        launch(
            typed(_forth, pose.dtype), batch, pose.device,
            parents, pose, turn, trans.expand(batch, 3).contiguous(), rest, bones.view(-1),
        )  # fmt: skip
        ctx.save_for_backward(parents, pose, turn, rest, bones)
        return bones

    @staticmethod
    @once_differentiable
    def backward(  # pyright: ignore[reportIncompatibleMethodOverride]
        ctx: Any, *slopes: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, None]:
        """Slopes of bones to slopes of axis-angles."""
        parents, pose, turn, rest, bones = ctx.saved_tensors
        batch, outer = len(turn), slopes[0].contiguous().view(-1)
        load, by_turn = pose.new_zeros(2 * len(pose), 3), torch.empty_like(turn)
        launch(
            typed(_back, pose.dtype), batch, pose.device,
            parents, pose, turn, rest, bones.view(-1), outer, load, by_turn,
        )  # fmt: skip
        pushed, turned = load.view(batch, len(PARENTS), 2, 3).unbind(dim=2)
        return turned, by_turn, pushed[:, 0], None


@cache
def _parents(device: torch.device) -> Int[Tensor, "52"]:
    assert all(parent < joint for joint, parent in enumerate(PARENTS)), "The root comes first."
    return torch.tensor(PARENTS, dtype=torch.int32, device=device)


@wp.func
@no_type_check
def _sines(r: Any):
    """Of an angle s: sin(s) / s, (1 - cos(s)) / s^2 and (s - sin(s)) / s^3; by series near zero."""
    square = wp.dot(r, r)
    one = type(square)(1.0)
    a, b = one - square / type(square)(6.0), type(square)(0.5) - square / type(square)(24.0)
    c = one / type(square)(6.0) - square / type(square)(120.0)
    if square > type(square)(1e-4):
        s = wp.sqrt(square)
        half = wp.sin(s / type(square)(2.0)) / s
        a, b, c = wp.sin(s) / s, type(square)(2.0) * half * half, (s - wp.sin(s)) / (square * s)
    return a, b, c


@wp.func
@no_type_check
def _turning(r: Any):
    """Rodrigues' formula."""
    a, b, _c = _sines(r)
    level = type(a)(1.0) - b * wp.dot(r, r)
    return wp.diag(wp.vector(level, level, level)) + b * wp.outer(r, r) + a * wp.skew(r)


@wp.func
@no_type_check
def _by_left_jacobian(r: Any, slope: Any):
    _a, b, c = _sines(r)
    across = wp.cross(r, slope)
    return slope - b * across + c * wp.cross(r, across)


@wp.func
@no_type_check
def _column(values: Any, row: int, joint: int, k: int):
    """Of the 3x4 matrix of a bone, or of its slopes."""
    at = (3 * row * COUNT + joint) * 4 + k
    return wp.vector(values[at], values[at + 4 * COUNT], values[at + 8 * COUNT])


@wp.func
@no_type_check
def _turned(bones: Any, row: int, joint: int):
    return wp.matrix_from_cols(
        _column(bones, row, joint, 0), _column(bones, row, joint, 1), _column(bones, row, joint, 2)
    )


@wp.func
@no_type_check
def _place(bones: Any, row: int, joint: int, turned: Any, placed: Any):
    for k in range(3):
        at = ((3 * row + k) * COUNT + joint) * 4
        for c in range(3):
            bones[at + c] = turned[k, c]
        bones[at + 3] = placed[k]


@wp.kernel(enable_backward=False)
@no_type_check
def _forth(
    parents: wp.array(dtype=wp.int32),
    pose: ROWS,
    turn: ROWS,
    trans: ROWS,
    rest: ROWS,
    bones: REALS,
):
    row = wp.tid()
    root = _turning(turn[row]) @ _turning(pose[row * COUNT])
    _place(bones, row, 0, root, trans[row] + rest[0] - root @ rest[0])
    for j in range(1, COUNT):
        up = _turned(bones, row, parents[j])
        turned = up @ _turning(pose[row * COUNT + j])
        placed = up @ rest[j] - turned @ rest[j] + _column(bones, row, parents[j], 3)
        _place(bones, row, j, turned, placed)


@wp.func
@no_type_check
def _gather(bones: Any, outer: Any, load: Any, row: int, joint: int):
    """Add to what pushes and turns a joint's descendants what pushes and turns itself."""
    at = 2 * (row * COUNT + joint)
    push = _column(outer, row, joint, 3)
    # A small turn w about the origin moves a column c of a bone by w x c.
    twist = wp.cross(_column(bones, row, joint, 3), push)
    for k in range(3):
        twist = twist + wp.cross(_column(bones, row, joint, k), _column(outer, row, joint, k))
    load[at] += push
    load[at + 1] += twist


@wp.func
@no_type_check
def _about(bones: Any, rest: Any, load: Any, row: int, joint: int):
    """The torque about a joint."""
    at = 2 * (row * COUNT + joint)
    where = _turned(bones, row, joint) @ rest[joint] + _column(bones, row, joint, 3)
    return load[at + 1] - wp.cross(where, load[at])


@wp.kernel(enable_backward=False)
@no_type_check
def _back(
    parents: wp.array(dtype=wp.int32),
    pose: ROWS,
    turn: ROWS,
    rest: ROWS,
    bones: REALS,
    outer: REALS,
    load: ROWS,
    by_turn: ROWS,
):
    row = wp.tid()
    for back in range(COUNT - 1):
        j = COUNT - 1 - back
        i, above = row * COUNT + j, row * COUNT + parents[j]
        _gather(bones, outer, load, row, j)
        load[2 * above] += load[2 * i]
        load[2 * above + 1] += load[2 * i + 1]
        seen = wp.transpose(_turned(bones, row, parents[j])) @ _about(bones, rest, load, row, j)
        load[2 * i + 1] = _by_left_jacobian(pose[i], seen)
    _gather(bones, outer, load, row, 0)
    about = _about(bones, rest, load, row, 0)
    by_turn[row] = _by_left_jacobian(turn[row], about)
    seen = wp.transpose(_turning(turn[row])) @ about
    load[2 * row * COUNT + 1] = _by_left_jacobian(pose[row * COUNT], seen)
