"""What it costs that skin is not on its discs, with slopes, in one pass: a kernel of warp."""
# warp's kernels are not typed in a way that pyright could follow.
# pyright: reportInvalidTypeForm=false, reportAttributeAccessIssue=false, reportCallIssue=false
# pyright: reportMissingParameterType=false, reportIndexIssue=false, reportArgumentType=false
# pyright: reportUntypedFunctionDecorator=false, reportOperatorIssue=false

from typing import Any, no_type_check

import torch
import warp as wp
from jaxtyping import Float
from torch import Tensor
from torch.autograd.function import once_differentiable

from ...geometry.kernels import REALS, ROWS, launch, typed
from .contact import SLACK

DISC = wp.constant(SLACK)

BEHIND = wp.constant(0.012)
"""How far, metres, skin may be below the plane of its disc."""
NEAR = wp.constant(0.25)
"""Skin farther than that, metres, is not behind its disc but elsewhere."""
MOST = wp.constant(60.0)
"""What a point behind its disc costs at most, square centimetres."""


def touching(
    skin: Float[Tensor, "batch points 3"],
    outward: Float[Tensor, "batch points 3"],
    targets: Float[Tensor, "batch points 3"],
    normals: Float[Tensor, "batch points 3"],
    weights: Float[Tensor, "batch points 3"],
    knee: float,
) -> Float[Tensor, " batch"]:
    """Weighted sum over points of three costs, with a gradient by skin and its directions.

    - the distance to the disc: squared centimetres up to `knee`, a line beyond;
    - (n_skin . n_target + 1)^2: 0 where the normals oppose, 4 where they agree;
    - the squared depth in centimetres below the disc's plane: a barrier where signed distances are
      blind, for behind a thin backrest everything is outside again.

    Args:
        skin: Metres, frame of the object.
        outward: Which way skin looks there; of any length above zero.
        targets: The discs' middles.
        normals: Their outward unit normals.
        weights: Of each point's three costs.
        knee: Metres.
    """
    return _Touching.apply(skin, outward, targets, normals, weights, knee)  # pyright: ignore[reportReturnType]


class _Touching(torch.autograd.Function):
    """Slopes come with the costs."""

    @staticmethod
    def forward(
        ctx: Any, skin: Tensor, outward: Tensor, targets: Tensor, normals: Tensor,
        weights: Tensor, knee: float,
    ) -> Tensor:  # fmt: skip
        """Points to costs."""
        cost, slopes = skin.new_zeros(len(skin)), skin.new_empty(2, *skin.shape)
        given = (
            each.expand_as(skin).contiguous().view(-1, 3)
            for each in (skin, outward, targets, normals, weights)
        )
        count = skin.shape[:2].numel()
        launch(
            typed(_touch, skin.dtype), count, skin.device, knee, *given, cost, slopes.view(-1, 3)
        )
        ctx.save_for_backward(slopes)
        return cost

    @staticmethod
    @once_differentiable
    def backward(  # pyright: ignore[reportIncompatibleMethodOverride]
        ctx: Any, *slopes: Tensor
    ) -> tuple[Tensor | None, ...]:
        """Slopes of costs to slopes of points."""
        by_skin, by_outward = ctx.saved_tensors[0] * slopes[0][:, None, None]
        return by_skin, by_outward, None, None, None, None


@wp.kernel(enable_backward=False)
@no_type_check
def _touch(
    knee: float,
    skin: ROWS,
    outward: ROWS,
    targets: ROWS,
    normals: ROWS,
    weights: ROWS,
    cost: REALS,
    slopes: ROWS,
):
    i = wp.tid()
    whole = skin.shape[0]
    normal, weight = normals[i], weights[i]
    offset = skin[i] - targets[i]
    height = wp.dot(offset, normal)
    aside = offset - height * normal
    zero, two, cm = cost.dtype(0.0), cost.dtype(2.0), cost.dtype(100.0)
    far = wp.sqrt(wp.dot(aside, aside) + cost.dtype(1e-10))
    beyond = wp.max(far - cost.dtype(DISC), zero)
    distance = wp.sqrt(height * height + beyond * beyond + cost.dtype(1e-10))
    within = wp.min(distance, cost.dtype(knee))
    pull = weight[0] * within * cm * cm
    slope = (two * pull / distance) * (height * normal + (beyond / far) * aside)

    length = wp.max(wp.length(outward[i]), cost.dtype(1e-12))
    unit = outward[i] / length
    along = wp.dot(unit, normal)
    apart = weight[1] * (along + cost.dtype(1.0))
    slopes[whole + i] = (two * apart / length) * (normal - along * unit)

    sunk = wp.max(-height - cost.dtype(BEHIND), zero) * cm
    if distance >= cost.dtype(NEAR):
        sunk = zero
    square = sunk * sunk
    if square < cost.dtype(MOST):
        slope -= (two * cm * weight[2] * sunk) * normal
    slopes[i] = slope
    price = pull * (two * distance - within) + apart * (along + cost.dtype(1.0))
    price += weight[2] * wp.min(square, cost.dtype(MOST))
    wp.atomic_add(cost, i // (whole // cost.shape[0]), price)
