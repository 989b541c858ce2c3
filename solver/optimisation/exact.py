"""Exact distances both ways, kept for a few steps as first-order models.

A query costs more than a step, and near contact a distance is almost linear over a few millimetres,
so the finish asks every few steps and moves along the tangent in between.
"""

from dataclasses import dataclass, replace

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..body import ShapedBody
from ..geometry.rotations import transform
from ..geometry.sides import signs
from ..task import Task
from ..task.overlap import dense_points, near_body
from ..task.shell import Shell, room
from .escapes import Escape, escapes_of, led_out, out_of_skin
from .folds import Folds, Rests, Spared, ask_folds, rests_of
from .losses.penetration import deepest, penetration
from .obstacles import Nearby, ask_nearby, middles, padded
from .variables import State

NEAR = 0.04
"""Vertices farther from the object than this, metres, are left out."""
DEEP = 0.004
"""Object points farther out of the skin than this, metres, do not count before the next query."""


@dataclass(frozen=True)
class Crowd:
    """Points of the object around the bodies, and the bodies' skins, kept from query to query."""

    points: Float[Tensor, "points 3"]
    """Object frame."""
    percent: float
    """Area of each, in percent of the body's surface."""
    shells: tuple[Shell, ...]
    """The skin of each row, object frame."""
    rests: tuple[Rests, ...]
    """What pieces of each row must not enter, world frame."""
    room: Float[Tensor, "batch points"]
    """How far each point is outside each skin at least, metres."""
    seen: Float[Tensor, "batch verts 3"]
    """The vertices when that was known, object frame."""
    sdf: Float[Tensor, "batch verts"] | None = None
    """Of the vertices then; None before the first query."""
    escapes: tuple[tuple[Escape, ...], ...] = ()
    """Of each row, the limbs that the object cuts."""
    spared: Spared | None = None
    """What the body against itself leaves to be asked."""


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


def gather_crowd(task: Task, state: State, before: Crowd | None = None) -> Crowd:
    """Dense samples of the object around a batch of bodies that are nearly in place.

    Args:
        task: The job.
        state: The bodies.
        before: An earlier crowd, whose search trees are used on.
    """
    local, posed = state.local.detach(), state.posed.verts.detach()
    low, high = local.amin(dim=(0, 1)) - 0.03, local.amax(dim=(0, 1)) + 0.03
    points, area = dense_points(task.item.mesh, low, high)
    points = points[near_body(points, local)]
    percent = 100 * area / float(task.body.areas.sum())
    crowd = crowd_of(task.body, state, points, percent, before)
    if before is None:
        rests = tuple(rests_of(task.body, row) for row in posed)
        return replace(crowd, rests=rests)
    return crowd


def crowd_of(
    body: ShapedBody,
    state: State,
    points: Float[Tensor, "points 3"],
    percent: float,
    before: Crowd | None = None,
) -> Crowd:
    """Any points of the object, and how much room each has at first; without what folds ask."""
    local = state.local.detach()
    shells = before.shells if before else tuple(Shell(row, body.faces) for row in local)
    for shell, row in zip(shells, local, strict=True):
        shell.follow(row)
    rooms = [
        room(shell.distance, points, DEEP) if len(points) else points[:, 0] for shell in shells
    ]
    fresh = Crowd(points, percent, shells, (), torch.stack(rooms), local)
    if before is None:
        return fresh
    return replace(fresh, rests=before.rests, escapes=before.escapes, spared=before.spared)


def ask(task: Task, state: State, crowd: Crowd, *, whole: bool = True) -> tuple[Exact, Crowd]:
    """Query both ways at a state with all vertices, sparing points that had room enough.

    Args:
        task: The job.
        state: Of all vertices.
        crowd: The object's points to ask about.
        whole: Whether to ask also for the body against itself and for limbs that are cut in two.
    """
    local = state.local.detach()
    sdf, away = _of_verts(task, local, known_signs(crowd, local))
    told = sdf.clone()
    # No distance changes by more than the skin has moved.
    left = crowd.room - (local - crowd.seen).norm(dim=-1).amax(dim=1)[:, None]
    rows = []
    for shell, row, far, body in zip(crowd.shells, local, left, state.posed.verts, strict=True):
        shell.follow(row)
        rows.append(_of_points(task, shell, crowd.points, far, body.detach()))
    escapes = _escapes(task, crowd, local, sdf, away) if whole else ()
    turn = state.T_world_object.detach()[:, :3, :3]
    longest = max(1, *(len(row[0]) for row in rows))
    depth, normal, corners, skin, inner = (
        torch.stack([padded(row[k], longest) for row in rows]) for k in range(5)
    )
    corners = corners.long()
    for k, ways in enumerate(escapes):
        told[k], away[k] = led_out(task, ways, local[k], sdf[k], away[k])
        normal[k] = out_of_skin(ways, corners[k], normal[k])
    folds, spared = None, crowd.spared
    if whole:
        folds, spared = ask_folds(task.body, state, crowd.rests, spared)
    exact = Exact(
        told, away, local, depth, normal @ turn.mT, corners, skin, inner,
        transform(state.T_world_object.detach(), inner), crowd.percent,
        folds, ask_nearby(task, state),
    )  # fmt: skip
    return exact, replace(crowd, room=left, seen=local, sdf=sdf, escapes=escapes, spared=spared)


def _escapes(
    task: Task,
    crowd: Crowd,
    local: Float[Tensor, "batch verts 3"],
    sdf: Float[Tensor, "batch verts"],
    away: Float[Tensor, "batch verts 3"],
) -> tuple[tuple[Escape, ...], ...]:
    before = crowd.escapes or ((),) * len(local)
    return tuple(escapes_of(task, *row) for row in zip(local, sdf, away, before, strict=True))


def known_signs(
    crowd: Crowd, local: Float[Tensor, "batch verts 3"]
) -> Float[Tensor, "batch verts"]:
    """1 and -1 where a vertex cannot have changed sides since the last query, 0 elsewhere.

    Who has moved less than the surface was away has not met it.
    """
    if crowd.sdf is None:
        return torch.zeros(local.shape[:-1])
    away = crowd.sdf.abs().clamp(max=NEAR)
    return torch.where((local - crowd.seen).norm(dim=-1) < away, crowd.sdf.sign(), 0.0)


def exact_sdf(exact: Exact, state: State) -> Float[Tensor, "batch verts"]:
    """Signed distance of all body vertices, first order around the query."""
    return exact.sdf + ((state.local - exact.local) * exact.away).sum(dim=-1)


def exact_inclusion(
    exact: Exact, state: State, give: Float[Tensor, " verts"]
) -> Float[Tensor, " batch"]:
    """Cost of the object's points in the body, first order around the query."""
    skin = middles(state.posed.verts, exact.corners)
    outer = transform(state.T_world_object, exact.inner)
    change = ((skin - exact.skin) - (outer - exact.outer)) * exact.normal
    sdf = -(exact.depth + change.sum(dim=-1))
    allowed = give[exact.corners[..., 0]] + 0.001
    area = torch.where(exact.depth > -0.5, exact.percent, 0.0)
    sdf = torch.where(exact.depth > -0.5, sdf, torch.ones(()))
    return penetration(sdf, area, allowed) + 0.3 * deepest(sdf, allowed)


def _of_verts(
    task: Task, local: Float[Tensor, "batch verts 3"], known: Float[Tensor, "batch verts"]
) -> tuple[Tensor, Tensor]:
    """Signed distance and its gradient, object frame; `known` are the signs that are sure."""
    grid = task.item.grid
    sdf, away = torch.ones(local.shape[:-1]), torch.zeros_like(local)
    coarse = grid(local)
    near = coarse < NEAR + grid.step
    points, coarse, known = local[near], coarse[near], known[near]
    distance, nearest, _ = task.item.surface.nearest(points)
    far = (known == 0) & (coarse.abs() >= grid.step)
    known = torch.where(far, torch.sign(coarse), known)
    distance = distance * signs(task.item.surface, points, distance, known)
    sdf[near] = distance
    towards = torch.nn.functional.normalize(points - nearest, dim=-1)
    away[near] = towards * torch.sign(distance)[:, None]
    return sdf, away


def _of_points(
    task: Task,
    shell: Shell,
    points: Float[Tensor, "points 3"],
    left: Float[Tensor, " points"],
    body: Float[Tensor, "verts 3"],
) -> tuple[Tensor, ...]:
    """Depth, normal (object frame), corners, triangle's middle (world), point of what is deep.

    `left` is brought up to date in place, first for whole boxes: bodies that move far would else
    have every point around them asked.
    """
    near = (left < DEEP).nonzero()[:, 0]
    moved = near[left[near].isfinite()]
    if len(moved):
        left[moved] = room(shell.distance, points[moved], DEEP)
    asked = near[left[near] < DEEP]
    distance, nearest, face = shell.query(points[asked])
    left[asked] = distance
    deep = distance < DEEP
    inner, distance, nearest = points[asked[deep]], distance[deep], nearest[deep]
    corners = task.body.faces[face[deep]]
    # The direction in which the point leaves the body the soonest.
    normal = torch.nn.functional.normalize(nearest - inner, dim=-1)
    normal = normal * -torch.sign(distance)[:, None]
    return -distance, normal, corners, body[corners].mean(dim=1), inner
