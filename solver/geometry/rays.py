"""How many ways lead from a surface to the open: all rays of a point in one kernel of warp."""
# warp's kernels are not typed in a way that pyright could follow.
# pyright: reportInvalidTypeForm=false, reportAttributeAccessIssue=false, reportCallIssue=false
# pyright: reportMissingParameterType=false, reportIndexIssue=false, reportArgumentType=false
# pyright: reportUntypedFunctionDecorator=false, reportOperatorIssue=false

from typing import no_type_check

import torch
import warp as wp
from jaxtyping import Float, Int
from torch import Tensor

from .surface import FAR, Surface


@wp.kernel(enable_backward=False)
@no_type_check
def _escaped(
    mesh: wp.uint64,
    points: wp.array(dtype=wp.vec3),
    normals: wp.array(dtype=wp.vec3),
    ways: wp.array(dtype=wp.vec3),
    slope: float,
    reach: float,
    enough: int,
    free: wp.array(dtype=wp.int32),
):
    i = wp.tid()
    free[i] = 0
    for k in range(ways.shape[0]):
        if free[i] < enough and wp.dot(normals[i], ways[k]) > slope:
            hit = wp.mesh_query_ray_anyhit(mesh, points[i], ways[k], reach)
            free[i] = free[i] + wp.where(hit, 0, 1)


def ways_out(
    surface: Surface,
    points: Float[Tensor, "points 3"],
    normals: Float[Tensor, "points 3"],
    ways: Float[Tensor, "ways 3"],
    enough: int,
    slope: float = 0.05,
) -> Int[Tensor, " points"]:
    """How many unit directions lead from each point to infinity; `enough` is not exceeded.

    Args:
        surface: What is in the way.
        points: A little before it.
        normals: Unit; ways that do not rise above their plane are none.
        ways: Directions, the same for all points.
        enough: Points from which so many are free are asked no more.
        slope: Cosine between normal and way that counts as rising.
    """
    free = torch.empty(len(points), dtype=torch.int32, device=points.device)
    given = (each.float().contiguous() for each in (points, normals, ways))
    surface.launch(_escaped, *given, slope, FAR, enough, free)
    return free.long()
