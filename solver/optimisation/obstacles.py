"""The scene around the object as a term: the body in other things, and they in the body.

Between queries the exact distances move along their tangent, as those to the object do.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..geometry.rotations import transform
from ..surroundings import Surroundings
from ..task import Task
from ..task.scene import scene_points
from ..task.shell import Shell
from ..task.spheres import sphere_centres
from .layout import Layout
from .losses.collision import engulfed
from .losses.penetration import deepest, penetration
from .variables import State

NEAR = 0.04
"""Vertices farther from everything than this, metres, are left out."""
DEEP = 0.004
"""Points of the scene nearer to the skin than this, metres, are kept."""
GIVE = 0.001
"""Metres that anything may sink in: a brush with a curtain."""
SLACK = 0.006
"""What the balls in the body are too big by, metres."""
SAMPLE = 150
"""Points of a movable object that are kept out of the scene."""


@dataclass(frozen=True)
class Nearby:
    """First-order models of the depths in the scene at one state, world frame."""

    sdf: Float[Tensor, "batch verts"]
    """Of the body's vertices; far outside where they are not near."""
    away: Float[Tensor, "batch verts 3"]
    """Its gradient."""
    verts: Float[Tensor, "batch verts 3"]
    """Where it was asked."""
    depth: Float[Tensor, "batch points"]
    """Of the scene's points in the body, positive inside; padded with -1."""
    normal: Float[Tensor, "batch points 3"]
    """The way in which each point leaves the body the soonest."""
    corners: Int[Tensor, "batch points 3"]
    """The triangle of the skin there."""
    skin: Float[Tensor, "batch points 3"]
    """The triangle's middle at the query."""
    percent: Float[Tensor, "batch 1"]
    """Area of each point, in percent of the body's surface."""


def obstacles(
    task: Task, layout: Layout, state: State, nearby: Nearby | None
) -> Float[Tensor, " batch"]:
    """Cost of touching what the person has nothing to do with.

    Args:
        task: The job; its item has surroundings.
        layout: Which vertices.
        state: The bodies.
        nearby: Exact distances at a state close by; None: the grid's.
    """
    around = task.item.surroundings
    assert around is not None
    grid, give = around.space.grid, torch.full((1,), GIVE).to(layout.area)
    if nearby is None:
        sdf = grid(state.posed.verts)
        spheres = layout.spheres
        centres = sphere_centres(spheres, state.posed)[:, : spheres.solid]
        radii = spheres.radii[: spheres.solid]
        slack = torch.full_like(radii, SLACK)
        cost = penetration(sdf, layout.area, give) + 0.3 * engulfed(grid(centres), radii, slack)
    else:
        sdf = nearby.sdf + ((state.posed.verts - nearby.verts) * nearby.away).sum(dim=-1)
        cost = penetration(sdf, layout.area, give) + deepest(sdf, give) + _inclusion(nearby, state)
    if not task.plan.movable:
        return cost
    points = task.item.points[:: max(1, len(task.item.points) // SAMPLE)]
    held = grid(transform(state.T_world_object, points[None]))
    percent = torch.full((len(points),), 100.0 / len(points)).to(held)
    return cost + penetration(held, percent, give)


def ask_nearby(task: Task, state: State) -> Nearby | None:
    """Query the scene exactly, both ways, at a state with all vertices; None without a scene."""
    around = task.item.surroundings
    if around is None:
        return None
    verts = state.posed.verts.detach()
    sdf, away = torch.ones(verts.shape[:-1]), torch.zeros_like(verts)
    near = around.space.grid(verts) < NEAR + around.space.step
    distance, nearest, _ = around.space.query(verts[near])
    sdf[near] = distance
    towards = torch.nn.functional.normalize(verts[near] - nearest, dim=-1)
    away[near] = towards * torch.sign(distance)[:, None]
    found = [_inside(task, around, row) for row in verts]
    longest = max(1, *(len(depth) for depth, *_ in found))
    depth, normal, corners, skin, area = (
        torch.stack([padded(row, longest) for row in rows]) for rows in zip(*found, strict=True)
    )
    percent = 100 * area[:, :1] / task.body.areas.sum()
    return Nearby(sdf, away, verts, depth, normal, corners.long(), skin, percent)


def _inside(
    task: Task, around: Surroundings, verts: Float[Tensor, "verts 3"]
) -> tuple[Tensor, ...]:
    """Scene's points in or at a body: depth, way out, nearest triangle, its middle, own area."""
    points, area = scene_points(around, verts)
    if len(points) == 0:
        return points[:, 0], points, points, points, points[:, 0]
    faces = task.body.faces
    distance, nearest, face = Shell(verts, faces).query(points)
    deep = distance < DEEP
    distance, corners = distance[deep], faces[face[deep]]
    way = torch.nn.functional.normalize(nearest[deep] - points[deep], dim=-1)
    way = -way * torch.sign(distance)[:, None]
    middle = verts[corners].mean(dim=1)
    return -distance, way, corners, middle, torch.full_like(distance, area)


def _inclusion(nearby: Nearby, state: State) -> Float[Tensor, " batch"]:
    skin = middles(state.posed.verts, nearby.corners)
    depth = nearby.depth + ((skin - nearby.skin) * nearby.normal).sum(dim=-1)
    real = nearby.depth > -0.5
    sdf = torch.where(real, -depth, torch.ones(()))
    give = torch.full((1,), GIVE + 0.001).to(sdf)
    return penetration(sdf, real * nearby.percent, give) + 0.3 * deepest(sdf, give)


def middles(
    verts: Float[Tensor, "batch verts 3"], corners: Int[Tensor, "batch points 3"]
) -> Float[Tensor, "batch points 3"]:
    """The middles of triangles, of other corners in each row.

    One index does it twice as fast as two, whose gradient is sorted.
    """
    rows = corners + verts.shape[1] * torch.arange(len(verts))[:, None, None]
    return verts.flatten(0, 1).index_select(0, rows.flatten()).view(*rows.shape, 3).mean(dim=2)


def padded(rows: Tensor, longest: int) -> Tensor:
    """Rows of one length; what is added has the depth -1."""
    shape = (longest - len(rows), *rows.shape[1:])
    return torch.cat([rows.float(), torch.full(shape, -1.0 if rows.dim() == 1 else 0.0)])
