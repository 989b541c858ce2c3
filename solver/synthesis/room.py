"""Placements in a scene: where there is room for a person, and what a candidate runs into."""

import math
from dataclasses import replace

import torch
from jaxtyping import Float
from torch import Tensor

from ..geometry.heights import Heights
from ..geometry.rotations import rigid, transform, yaw_matrix
from ..surroundings import Surroundings
from ..task import Task
from .places import from_floor
from .search import Candidates, Figures, placed

SHARE = 0.3
"""Of the candidates beside or on a fixed object that try another side than planned."""
TURNED = 6.0
"""Oddness of a quarter turn away from the planned side."""
CELL = 0.1
"""Metres between the places that are looked at for standing room."""
SHOULDERS = 0.25
"""Half the width of a person, metres."""
NEAR, SPREAD = 0.5, 0.5
"""How far from the object, metres, one stands who picked it up, and how much that varies."""


def elsewhere(
    task: Task, figures: Figures, candidates: Candidates, generator: torch.Generator
) -> Candidates:
    """In a scene: movable things go with the person to free floor; else more sides are tried."""
    around = task.item.surroundings
    if around is None:
        return candidates
    if task.plan.movable:
        return _on_free_floor(task, around, candidates, generator)
    candidates = _turned(task, candidates, generator)
    if not (from_floor(task) and task.footings):
        return candidates
    pelvis = candidates.pelvis.clone()
    pelvis[:, 1] += _ground(task, around.ground, figures, candidates) - task.item.floor
    return replace(candidates, pelvis=pelvis)


def _ground(
    task: Task, ground: Heights, figures: Figures, candidates: Candidates
) -> Float[Tensor, " candidates"]:
    """Height of the floor under the lower foot."""
    soles = [placed(figures.verts[:, f.verts], candidates).mean(dim=1) for f in task.footings]
    return ground.at(ground.height, torch.stack(soles)).amin(dim=0)


def _turned(task: Task, candidates: Candidates, generator: torch.Generator) -> Candidates:
    """Some of the candidates go around what they touch, as they are."""
    if task.plan.posture == "lie":
        return candidates  # Head to the foot of the bed is no better.
    count = len(candidates.yaw)
    goes = torch.rand(count, generator=generator) < SHARE
    goes[: count // 10] = False
    angle = math.pi * (2 * torch.rand(count, generator=generator) - 1) * goes
    pivot = _pivot(task)
    turn = yaw_matrix(angle)
    pelvis = ((candidates.pelvis - pivot)[:, None] @ turn.mT)[:, 0] + pivot
    odd = candidates.oddness + TURNED * (angle / (math.pi / 2)).square()
    return replace(candidates, yaw=candidates.yaw + angle, pelvis=pelvis, oddness=odd)


def _pivot(task: Task) -> Float[Tensor, "3"]:
    if task.anchor is not None:
        return task.anchor.centre
    if task.touches:
        return torch.stack([touch.centre for touch in task.touches]).mean(dim=0)
    return (task.item.mesh.low + task.item.mesh.high) / 2


def _on_free_floor(
    task: Task, around: Surroundings, candidates: Candidates, generator: torch.Generator
) -> Candidates:
    """Person and object, as they are to one another, somewhere near where the object was."""
    count = len(candidates.yaw)
    places, weight = free_places(task, around)
    drawn = torch.multinomial(weight, count, replacement=True, generator=generator)
    angle = 2 * math.pi * torch.rand(count, generator=generator)
    spot = places[drawn] + CELL * (torch.rand(count, 3, generator=generator) - 0.5)
    spot[:, 1] = places[drawn, 1] - task.item.floor
    T = rigid(yaw_matrix(angle), spot)
    return replace(
        candidates, yaw=candidates.yaw + angle,
        pelvis=transform(T, candidates.pelvis[:, None])[:, 0],
        T_world_object=T @ candidates.T_world_object,
    )  # fmt: skip


def free_places(
    task: Task, around: Surroundings
) -> tuple[Float[Tensor, "places 3"], Float[Tensor, " places"]]:
    """Places on the floor, and how likely one stands there: free, level, near the object."""
    low, high = around.space.grid.low, around.space.grid.high
    x, z = (
        torch.arange(float(low[k]) + SHOULDERS, float(high[k]) - SHOULDERS, CELL) for k in (0, 2)
    )
    spot = torch.stack(torch.meshgrid(x, z, indexing="ij"), dim=-1).reshape(-1, 2)
    places = torch.stack([spot[:, 0], torch.zeros(len(spot)), spot[:, 1]], dim=-1)
    places[:, 1] = around.ground.at(around.ground.height, places)
    height = torch.arange(0.3, 1.8, 0.15)
    body = places[:, None] + torch.stack([0 * height, height, 0 * height], dim=-1)
    room = around.space.grid(body).amin(dim=1)
    uneven = around.ground.at(around.ground.uneven, places)
    room = room - 10 * (uneven - 0.03).clamp(min=0.0)
    free = room > SHOULDERS
    if not bool(free.any()):
        free = room >= room.topk(min(20, len(room))).values[-1]
    flat = torch.tensor([1.0, 0.0, 1.0])
    beyond = torch.maximum(task.item.mesh.low - places, places - task.item.mesh.high)
    away = (beyond.clamp(min=0.0) * flat).norm(dim=-1)
    weight = torch.exp(-((away - NEAR) / SPREAD).square().clamp(max=20.0)) * free
    return places, weight


def crowding(
    task: Task, figures: Figures, candidates: Candidates
) -> Float[Tensor, " candidates"] | float:
    """How deep each candidate is in the scene, in the units of the search's collision."""
    around = task.item.surroundings
    if around is None:
        return 0.0
    grid = around.space.grid
    depth = (-grid(placed(figures.verts[:, figures.sample], candidates))).clamp(min=0.0)
    squares = (depth.clamp(max=0.1) / 0.02).square() * figures.firmness
    radii = figures.spheres.radii[: figures.spheres.solid]
    inside = (radii - 0.02 - grid(placed(figures.centres, candidates))).clamp(min=0.0, max=0.1)
    cost = 100 * squares.mean(dim=-1)
    cost = cost + 0.5 * ((inside / 0.02).square() * figures.ball_firmness).sum(dim=-1)
    if task.plan.movable:
        points = task.item.points[:: max(1, len(task.item.points) // 150)]
        sunk = (-grid(transform(candidates.T_world_object, points[None]))).clamp(0.0, 0.1)
        cost = cost + 100 * (sunk / 0.02).square().mean(dim=-1)
    return cost
