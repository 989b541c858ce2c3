"""Exact distances both ways, kept for a few steps as first-order models.

A query costs more than a step, and near contact a distance is almost linear over a few millimetres,
so the finish asks every few steps and moves along the tangent in between.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..geometry.grid import Grid
from ..geometry.rotations import transform
from ..task import Task
from ..task.overlap import dense_points, near_body, quick_distance
from .folds import Folds, ask_folds
from .losses.penetration import deepest, penetration
from .obstacles import Nearby, ask_nearby
from .variables import State

NEAR = 0.04
"""Vertices farther from the object than this, metres, are left out."""
CLOSE = 0.02
"""Object points farther from the skin than this, metres, are left out between full queries."""


@dataclass(frozen=True)
class Crowd:
    """Points of the object around the body, object frame."""

    points: Float[Tensor, "points 3"]
    percent: float
    """Area of each, in percent of the body's surface."""
    close: tuple[Tensor, ...]
    """Indices: per row of the batch, those that are worth asking about."""


@dataclass(frozen=True)
class Exact:
    """First-order models of the depths at one state."""

    sdf: Float[Tensor, "batch verts"]
    """Of the body's vertices, at the query; far outside where they are not near."""
    away: Float[Tensor, "batch verts 3"]
    """Its gradient, object frame."""
    local: Float[Tensor, "batch verts 3"]
    """Where it was asked."""
    depth: Float[Tensor, "batch points"]
    """Of object points in the body, positive inside; padded with -1."""
    normal: Float[Tensor, "batch points 3"]
    """Outward normal of the nearest place on the skin, world frame."""
    corners: Int[Tensor, "batch points 3"]
    """Its triangle."""
    skin: Float[Tensor, "batch points 3"]
    """The triangle's middle at the query, world frame."""
    inner: Float[Tensor, "batch points 3"]
    """The object's points, object frame."""
    outer: Float[Tensor, "batch points 3"]
    """The same at the query, world frame."""
    percent: float
    folds: Folds | None
    """The hands against the rest of the body; None where they were not asked for."""
    nearby: Nearby | None
    """The scene; None where there is none."""


def gather_crowd(task: Task, state: State) -> Crowd:
    """Dense samples of the object around a batch of bodies that are nearly in place."""
    low = state.local.amin(dim=(0, 1)) - 0.03
    high = state.local.amax(dim=(0, 1)) + 0.03
    points, area = dense_points(task.item.mesh, low.detach(), high.detach())
    points = points[near_body(points, state.local.detach())]
    every = torch.arange(len(points))
    percent = 100 * area / float(task.body.areas.sum())
    return Crowd(points, percent, tuple(every for _ in range(len(state.local))))


def ask(task: Task, state: State, crowd: Crowd, *, folds: bool = True) -> tuple[Exact, Crowd]:
    """Query both ways at a state with all vertices, and thin the crowd to what is close.

    Args:
        task: The job.
        state: Of all vertices.
        crowd: The object's points to ask about.
        folds: Whether to ask for the hands against the rest of the body too.
    """
    sdf, away = _of_verts(task, state)
    rows = [_of_points(task, state, crowd, b) for b in range(len(state.local))]
    longest = max(1, *(len(row[0]) for row in rows))
    depth, normal, corners, skin, inner = (
        torch.stack([_pad(row[k], longest, -1.0 if k == 0 else 0.0) for row in rows])
        for k in range(5)
    )
    outer = transform(state.T_world_object.detach(), inner)
    exact = Exact(
        sdf, away, state.local.detach(), depth, normal, corners.long(), skin, inner, outer,
        crowd.percent, ask_folds(task.body, state) if folds else None, ask_nearby(task, state),
    )  # fmt: skip
    return exact, Crowd(crowd.points, crowd.percent, tuple(row[5] for row in rows))


def exact_sdf(exact: Exact, state: State) -> Float[Tensor, "batch verts"]:
    """Signed distance of all body vertices, first order around the query."""
    return exact.sdf + ((state.local - exact.local) * exact.away).sum(dim=-1)


def exact_inclusion(
    exact: Exact, state: State, give: Float[Tensor, " verts"]
) -> Float[Tensor, " batch"]:
    """Cost of the object's points in the body, first order around the query."""
    batch = torch.arange(len(exact.depth))[:, None, None]
    skin = state.posed.verts[batch, exact.corners].mean(dim=2)
    outer = transform(state.T_world_object, exact.inner)
    change = ((skin - exact.skin) - (outer - exact.outer)) * exact.normal
    sdf = -(exact.depth + change.sum(dim=-1))
    allowed = give[exact.corners[..., 0]] + 0.001
    area = torch.where(exact.depth > -0.5, exact.percent, 0.0)
    sdf = torch.where(exact.depth > -0.5, sdf, torch.ones(()))
    return penetration(sdf, area, allowed) + 0.3 * deepest(sdf, allowed)


def _of_verts(task: Task, state: State) -> tuple[Tensor, Tensor]:
    local = state.local.detach()
    sdf, away = torch.ones(local.shape[:-1]), torch.zeros_like(local)
    near = task.item.grid(local) < NEAR + _slack(task.item.grid)
    points = local[near]
    distance, nearest, _ = task.item.surface.query(points)
    sdf[near] = distance
    towards = torch.nn.functional.normalize(points - nearest, dim=-1)
    away[near] = towards * torch.sign(distance)[:, None]
    return sdf, away


def _of_points(task: Task, state: State, crowd: Crowd, row: int) -> tuple[Tensor, ...]:
    """Depth, normal, corners, triangle's middle, point (object frame); indices of close points."""
    chosen = crowd.close[row]
    verts, faces = state.posed.verts[row].detach(), task.body.faces
    T_world_object = state.T_world_object[row].detach()
    world = transform(T_world_object, crowd.points[chosen])
    distance, nearest, face = quick_distance(verts, faces, world)
    close = distance < CLOSE
    deep = distance < 0.004
    corners = faces[face[deep]]
    # The direction in which the point leaves the body the soonest.
    normal = torch.nn.functional.normalize(nearest[deep] - world[deep], dim=-1)
    normal = normal * -torch.sign(distance[deep])[:, None]
    return (
        -distance[deep], normal, corners, verts[corners].mean(dim=1),
        crowd.points[chosen][deep], chosen[close],
    )  # fmt: skip


def _pad(rows: Tensor, longest: int, value: float) -> Tensor:
    shape = (longest - len(rows), *rows.shape[1:])
    return torch.cat([rows.float(), torch.full(shape, value)])


def _slack(grid: Grid) -> float:
    """How wrong the grid may be: its cell, metres."""
    count = grid.volume.shape[-1] - 1
    return float(grid.high[0] - grid.low[0]) / max(count, 1)
