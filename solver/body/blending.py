"""Points that move with bones: kernels of warp over the few bones that each point hangs on."""
# warp's kernels are not typed in a way that pyright could follow.
# pyright: reportInvalidTypeForm=false, reportAttributeAccessIssue=false, reportCallIssue=false
# pyright: reportMissingParameterType=false, reportIndexIssue=false, reportArgumentType=false
# pyright: reportUntypedFunctionDecorator=false, reportOperatorIssue=false

from dataclasses import dataclass
from typing import Any, no_type_check

import torch
import warp as wp
from jaxtyping import Float, Int
from torch import Tensor
from torch.autograd.function import once_differentiable

from ..geometry.kernels import REALS, ROWS, launch, typed
from .joints import JOINTS

COUNT = wp.constant(len(JOINTS))


@dataclass(frozen=True)
class Hanging:
    """Pairs of a point and a bone, in the order of one of both."""

    start: Int[Tensor, " more"]
    """Where the pairs of each begin, and at last how many there are."""
    other: Int[Tensor, " pairs"]
    """The bone of each point, or the point of each bone."""
    offset: Float[Tensor, "pairs 3"]
    """The point's place in the T-pose, metres, times its weight."""
    weight: Float[Tensor, " pairs"]


@dataclass(frozen=True)
class Blend:
    """How points hang on bones."""

    by_point: Hanging
    by_bone: Hanging


def blended(
    weights: Float[Tensor, "points 52"], points: Float[Tensor, "points 3"], *, placed: bool = True
) -> Blend:
    """What `carried` takes.

    Args:
        weights: Of each bone.
        points: In the T-pose.
        placed: Without, they are directions, which turn and do not move.
    """
    point, bone = weights.nonzero().unbind(dim=1)
    weight = weights[point, bone]
    offset = weight[:, None] * points[point]
    weight = weight if placed else torch.zeros_like(weight)
    order = bone.argsort(stable=True)
    return Blend(
        Hanging(_starts(point, len(points)), bone.int(), offset, weight),
        Hanging(_starts(bone, weights.shape[1]), point[order].int(), offset[order], weight[order]),
    )


def carried(blend: Blend, bones: Float[Tensor, "batch 3 52 4"]) -> Float[Tensor, "batch points 3"]:
    """Points that move with the bones, world frame (Loper et al. 2015, SMPL, Eq. 2)."""
    return _Carried.apply(bones, blend)  # pyright: ignore[reportReturnType]


def _starts(owner: Int[Tensor, " pairs"], count: int) -> Int[Tensor, " more"]:
    ends = torch.bincount(owner, minlength=count).cumsum(0)
    return torch.nn.functional.pad(ends, (1, 0)).int()


class _Carried(torch.autograd.Function):
    """A thread per point, and back one per bone, so that none writes where another does."""

    @staticmethod
    def forward(ctx: Any, bones: Tensor, blend: Blend) -> Tensor:
        """Bones to points."""
        by = blend.by_point
        count = len(by.start) - 1
        points = bones.new_empty(len(bones) * count, 3)
        launch(
            typed(_forth, bones.dtype), len(points), bones.device,
            by.start, by.other, by.offset, by.weight, bones.contiguous().view(-1), points,
        )  # fmt: skip
        ctx.blend = blend
        return points.view(len(bones), count, 3)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *slopes: Tensor) -> tuple[Tensor, None]:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Slopes of points to slopes of bones."""
        by, outer = ctx.blend.by_bone, slopes[0].contiguous()
        found = outer.new_empty(len(outer), 3, len(JOINTS), 4)
        launch(
            typed(_back, outer.dtype), len(outer) * len(JOINTS), outer.device,
            by.start, by.other, by.offset, by.weight, outer.view(-1, 3), found.view(-1),
        )  # fmt: skip
        return found, None


@wp.kernel(enable_backward=False)
@no_type_check
def _forth(
    start: wp.array(dtype=wp.int32),
    bone: wp.array(dtype=wp.int32),
    offset: ROWS,
    weight: REALS,
    bones: REALS,
    points: ROWS,
):
    i = wp.tid()
    count = start.shape[0] - 1
    row, point = i // count, i % count
    x, y, z = bones.dtype(0.0), bones.dtype(0.0), bones.dtype(0.0)
    for e in range(start[point], start[point + 1]):
        p, w = offset[e], weight[e]
        a = (3 * row * COUNT + bone[e]) * 4
        b, c = a + 4 * COUNT, a + 8 * COUNT
        x += bones[a] * p[0] + bones[a + 1] * p[1] + bones[a + 2] * p[2] + bones[a + 3] * w
        y += bones[b] * p[0] + bones[b + 1] * p[1] + bones[b + 2] * p[2] + bones[b + 3] * w
        z += bones[c] * p[0] + bones[c + 1] * p[1] + bones[c + 2] * p[2] + bones[c + 3] * w
    points[i] = wp.vector(x, y, z)


@wp.kernel(enable_backward=False)
@no_type_check
def _back(
    start: wp.array(dtype=wp.int32),
    point: wp.array(dtype=wp.int32),
    offset: ROWS,
    weight: REALS,
    outer: ROWS,
    found: REALS,
):
    i = wp.tid()
    row, bone = i // COUNT, i % COUNT
    count = outer.shape[0] // (found.shape[0] // (12 * COUNT))
    x, y, z, moved = outer.dtype(), outer.dtype(), outer.dtype(), outer.dtype()
    for e in range(start[bone], start[bone + 1]):
        slope = outer[row * count + point[e]]
        x += slope * offset[e][0]
        y += slope * offset[e][1]
        z += slope * offset[e][2]
        moved += slope * weight[e]
    for k in range(3):
        at = ((3 * row + k) * COUNT + bone) * 4
        found[at] = x[k]
        found[at + 1] = y[k]
        found[at + 2] = z[k]
        found[at + 3] = moved[k]
