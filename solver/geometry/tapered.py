"""How deep tapered capsules are in one another: kernels of warp."""
# warp's kernels are not typed in a way that pyright could follow.
# pyright: reportInvalidTypeForm=false, reportAttributeAccessIssue=false, reportCallIssue=false
# pyright: reportMissingParameterType=false, reportIndexIssue=false, reportArgumentType=false
# pyright: reportUntypedFunctionDecorator=false, reportOperatorIssue=false

from typing import Any, no_type_check

import torch
import warp as wp
from jaxtyping import Float, Int
from torch import Tensor
from torch.autograd.function import once_differentiable

from .kernels import REALS, ROWS, launch, typed


def tapered_gap(
    ends: Float[Tensor, "batch capsules 2 3"],
    radii: Float[Tensor, "capsules 2"],
    pairs: Int[Tensor, "pairs 2"],
) -> Float[Tensor, "batch pairs"]:
    """Distance between the surfaces of capsules, metres, negative where they overlap.

    Closest points of two segments as in Ericson 2004, "Real-Time Collision Detection", 5.1.9; the
    taper is read at those points.

    Args:
        ends: The segments; the gap has a gradient by them where it is negative, none elsewhere.
        radii: At both ends.
        pairs: Which of them.
    """
    return _Gap.apply(ends, radii, pairs)  # pyright: ignore[reportReturnType]


class _Gap(torch.autograd.Function):
    """Slopes are found when asked for, and only of pairs that overlap: few do."""

    @staticmethod
    def forward(ctx: Any, ends: Tensor, radii: Tensor, pairs: Tensor) -> Tensor:
        """Ends to gaps."""
        given = ends.contiguous().view(-1, 3), radii.reshape(-1), pairs.int().reshape(-1)
        gap = ends.new_empty(len(ends), len(pairs))
        launch(
            typed(_measure, ends.dtype),
            gap.numel(),
            ends.device,
            ends.shape[1],
            len(pairs),
            *given,
            gap.view(-1),
        )
        ctx.save_for_backward(*given, gap)
        ctx.shape = ends.shape
        return gap

    @staticmethod
    @once_differentiable
    def backward(  # pyright: ignore[reportIncompatibleMethodOverride]
        ctx: Any, *slopes: Tensor
    ) -> tuple[Tensor, None, None]:
        """Slopes of gaps to slopes of ends."""
        *given, gap = ctx.saved_tensors
        found = torch.zeros_like(given[0])
        outer = slopes[0].contiguous().view(-1)
        launch(
            typed(_slope, gap.dtype), gap.numel(), gap.device,
            ctx.shape[1], gap.shape[1], *given, gap.view(-1), outer, found,
        )  # fmt: skip
        return found.view(ctx.shape), None, None


@wp.func
@no_type_check
def _clamped(value: Any):
    return wp.clamp(value, type(value)(0.0), type(value)(1.0))


@wp.func
@no_type_check
def _if_free(value: Any, slope: Any):
    """The slope, where clamping leaves the value as it is."""
    return wp.where(value == _clamped(value), slope, type(slope)(0.0))


@wp.func
@no_type_check
def _vectors(ends: Any, first: int, second: int):
    """Both bones, and the way from the second's start to the first's."""
    a, b = ends[first], ends[second]
    return ends[first + 1] - a, ends[second + 1] - b, a - b


@wp.func
@no_type_check
def _products(u: Any, v: Any, f: Any):
    aa, bb = wp.dot(u, u), wp.dot(v, v)
    little = type(aa)(1e-9)
    return aa + little, bb + little, wp.dot(u, v), wp.dot(u, f), wp.dot(v, f)


@wp.func
@no_type_check
def _nearest(aa: Any, bb: Any, ab: Any, af: Any, bf: Any):
    """Where bones are nearest, not yet clamped: on the first line, the second bone, the first."""
    det = aa * bb - ab * ab
    first = type(aa)(0.0)
    if det > type(aa)(1e-9):
        first = (ab * bf - af * bb) / det
    t = (ab * _clamped(first) + bf) / bb
    return first, t, (ab * _clamped(t) - af) / aa


@wp.kernel(enable_backward=False)
@no_type_check
def _measure(
    capsules: int,
    count: int,
    ends: ROWS,
    radii: REALS,
    pairs: wp.array(dtype=wp.int32),
    gap: REALS,
):
    k = wp.tid()
    p, row = k % count, (k // count) * capsules
    i, j = pairs[2 * p], pairs[2 * p + 1]
    u, v, f = _vectors(ends, 2 * (row + i), 2 * (row + j))
    aa, bb, ab, af, bf = _products(u, v, f)
    _first, raw_t, raw_s = _nearest(aa, bb, ab, af, bf)
    s, t = _clamped(raw_s), _clamped(raw_t)
    apart = f + s * u - t * v
    thick_i = radii[2 * i] + s * (radii[2 * i + 1] - radii[2 * i])
    thick_j = radii[2 * j] + t * (radii[2 * j + 1] - radii[2 * j])
    gap[k] = wp.sqrt(wp.dot(apart, apart) + gap.dtype(1e-10)) - thick_i - thick_j


@wp.kernel(enable_backward=False)
@no_type_check
def _slope(
    capsules: int,
    count: int,
    ends: ROWS,
    radii: REALS,
    pairs: wp.array(dtype=wp.int32),
    gap: REALS,
    outer: REALS,
    found: ROWS,
):
    k = wp.tid()
    if gap[k] >= gap.dtype(0.0) or outer[k] == gap.dtype(0.0):
        return
    p, row = k % count, (k // count) * capsules
    i, j = pairs[2 * p], pairs[2 * p + 1]
    u, v, f = _vectors(ends, 2 * (row + i), 2 * (row + j))
    aa, bb, ab, af, bf = _products(u, v, f)
    raw, raw_t, raw_s = _nearest(aa, bb, ab, af, bf)
    first, t, s = _clamped(raw), _clamped(raw_t), _clamped(raw_s)
    apart = f + s * u - t * v
    unit = apart / wp.sqrt(wp.dot(apart, apart) + gap.dtype(1e-10))
    taper_i, taper_j = radii[2 * i + 1] - radii[2 * i], radii[2 * j + 1] - radii[2 * j]
    # What a change of s, then of t, then of the first s, does to the gap; each over its divisor.
    by_s = _if_free(raw_s, (wp.dot(unit, u) - taper_i) / aa)
    by_t = _if_free(raw_t, (by_s * ab - wp.dot(unit, v) - taper_j) / bb)
    det = aa * bb - ab * ab
    by_first = wp.where(det > gap.dtype(1e-9), _if_free(raw, by_t * ab / det), gap.dtype(0.0))
    # The same of the products of the three vectors; of squares, twice.
    by_aa = gap.dtype(-2.0) * (by_s * s + by_first * first * bb)
    by_bb = gap.dtype(-2.0) * (by_t * t + by_first * (af + first * aa))
    by_ab = by_s * t + by_t * first + by_first * (bf + gap.dtype(2.0) * first * ab)
    by_af, by_bf = -by_s - by_first * bb, by_t + by_first * ab
    by_u = s * unit + by_aa * u + by_ab * v + by_af * f
    by_v = -t * unit + by_ab * u + by_bb * v + by_bf * f
    by_f = unit + by_af * u + by_bf * v
    wp.atomic_add(found, 2 * (row + i), outer[k] * (by_f - by_u))
    wp.atomic_add(found, 2 * (row + i) + 1, outer[k] * by_u)
    wp.atomic_add(found, 2 * (row + j), -outer[k] * (by_f + by_v))
    wp.atomic_add(found, 2 * (row + j) + 1, outer[k] * by_v)
