"""Which body point goes to which point of its region: refreshed now and then, without gradient."""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..body.capsules import close_pairs, place_capsules
from ..task import Task
from ..task.resolve import nearest_targets
from .layout import Layout
from .losses.contact import disc_distance
from .taking import Taking, choose
from .variables import State

REACH = 0.04
"""How far apart, metres, two capsules are that may meet before the next refresh."""


@dataclass(frozen=True)
class Matches:
    """For every row of `Layout.touching`, and every hypothesis."""

    targets: Float[Tensor, "batch rows 3"]
    normals: Float[Tensor, "batch rows 3"]
    share: Float[Tensor, "batch rows"]
    """One over the number of points that have to touch, for those; zero for the others."""
    grasps: tuple[Int[Tensor, " batch"], ...]
    """Which grasp each reaching hand goes to."""
    close: Int[Tensor, " close"]
    """Pairs of the body's capsules that may meet before the next refresh."""


def match(task: Task, layout: Layout, taking: Taking, state: State) -> Matches:
    """Nearest likely targets of the contact points (object frame), and which of them count."""
    points = state.local.detach()[:, layout.touching]
    targets, normals, share = (torch.zeros_like(points) for _ in range(3))
    share = share[..., 0]
    for touch, (first, last) in zip(task.touches, layout.spans, strict=True):
        own = points[:, first:last]
        index = nearest_targets(touch, own)
        normals[:, first:last] = touch.normals[index]
        targets[:, first:last] = touch.points[index] - touch.sink * touch.normals[index]
        _, distance = disc_distance(own, touch.points[index], touch.normals[index])
        count = max(3, round(touch.fraction * (last - first)))
        chosen = distance.topk(min(count, last - first), dim=-1, largest=False).indices
        share[:, first:last].scatter_(1, chosen, 1.0 / chosen.shape[-1])
    grasps = tuple(choose(goal, state) for goal in taking.goals)
    close = close_pairs(task.capsules, place_capsules(task.capsules, state.posed).detach(), REACH)
    return Matches(targets, normals, share, grasps, close)
