"""Values of a grid between its nodes, and their slopes, in one pass: a kernel of warp."""
# warp's kernels are not typed in a way that pyright could follow.
# pyright: reportInvalidTypeForm=false, reportAttributeAccessIssue=false, reportCallIssue=false
# pyright: reportMissingParameterType=false, reportIndexIssue=false, reportArgumentType=false
# pyright: reportUntypedFunctionDecorator=false, reportOperatorIssue=false

from typing import no_type_check

import torch
import warp as wp
from jaxtyping import Float
from torch import Tensor

from .kernels import launch


@wp.kernel(enable_backward=False)
@no_type_check
def _interpolated(
    volume: wp.array(dtype=float, ndim=3),
    points: wp.array(dtype=wp.vec3),
    low: wp.vec3,
    step: float,
    value: wp.array(dtype=float),
    slope: wp.array(dtype=wp.vec3),
):
    i = wp.tid()
    unit = (points[i] - low) / step
    last = wp.vec3(
        float(volume.shape[2] - 1), float(volume.shape[1] - 1), float(volume.shape[0] - 1)
    )
    inside = wp.max(wp.min(unit, last), wp.vec3(0.0, 0.0, 0.0))
    x = wp.min(int(inside[0]), volume.shape[2] - 2)
    y = wp.min(int(inside[1]), volume.shape[1] - 2)
    z = wp.min(int(inside[2]), volume.shape[0] - 2)
    u = inside[0] - float(x)
    v = inside[1] - float(y)
    w = inside[2] - float(z)
    a = volume[z, y, x]
    b = volume[z, y, x + 1]
    c = volume[z, y + 1, x]
    d = volume[z, y + 1, x + 1]
    e = volume[z + 1, y, x]
    f = volume[z + 1, y, x + 1]
    g = volume[z + 1, y + 1, x]
    h = volume[z + 1, y + 1, x + 1]
    ab, cd, ef, gh = a + u * (b - a), c + u * (d - c), e + u * (f - e), g + u * (h - g)
    near, far = ab + v * (cd - ab), ef + v * (gh - ef)
    beyond = (unit - inside) * step
    away = wp.sqrt(wp.dot(beyond, beyond) + 1.0e-12)
    value[i] = near + w * (far - near) + away - 1.0e-6
    along = wp.vec3(
        (1.0 - w) * ((1.0 - v) * (b - a) + v * (d - c)) + w * ((1.0 - v) * (f - e) + v * (h - g)),
        (1.0 - w) * (cd - ab) + w * (gh - ef),
        far - near,
    )
    # Outside the grid the value at its border is constant along the way there.
    for k in range(3):
        if unit[k] != inside[k]:
            along[k] = 0.0
    slope[i] = along / step + beyond / away


def interpolate(
    volume: Float[Tensor, "depth height width"],
    points: Float[Tensor, "points 3"],
    low: tuple[float, float, float],
    step: float,
) -> tuple[Float[Tensor, " points"], Float[Tensor, "points 3"]]:
    """A grid's values between its nodes, and their slopes; outside, the way to the border is added.

    Args:
        volume: Values at the nodes; axes z, y, x.
        points: Where, in the grid's frame.
        low: The first node.
        step: Distance of two nodes.
    """
    value, slope = points.new_empty(len(points)), torch.empty_like(points)
    launch(
        _interpolated, len(points), points.device,
        volume, points, wp.vec3(*low), step, value, slope,
    )  # fmt: skip
    return value, slope
