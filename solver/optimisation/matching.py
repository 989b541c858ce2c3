"""Which body point goes to which point of its region: refreshed now and then, without gradient."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..body.capsules import close_pairs, place_capsules
from ..task import Task
from ..task.resolve import nearest_targets
from .layout import Layout
from .loads import Load, Pushes, contacts_of, find_pushes
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
    pushes: dict[str, Pushes] = field(default_factory=dict)
    """How each load is carried, by the name of its term."""


def carried(
    task: Task,
    layout: Layout,
    loads: Mapping[str, Load],
    state: State,
    matches: Matches,
    before: Matches | None,
) -> Matches:
    """The matches, with the forces of all loads found anew."""
    pushes: dict[str, Pushes] = {}
    with torch.no_grad():
        for name, load in loads.items():
            targets = (matches.targets, matches.normals)
            contacts, centre = contacts_of(load, task, layout, state, targets)
            last = None if before is None else before.pushes.get(name)
            pushes[name] = find_pushes(load, contacts, centre, last)
    return replace(matches, pushes=pushes)


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
        distance = disc_distance(own, touch.points[index], touch.normals[index])
        count = max(3, round(touch.fraction * (last - first)))
        chosen = distance.topk(min(count, last - first), dim=-1, largest=False).indices
        share[:, first:last].scatter_(1, chosen, 1.0 / chosen.shape[-1])
    grasps = tuple(choose(goal, state) for goal in taking.goals)
    close = close_pairs(task.capsules, place_capsules(task.capsules, state.posed).detach(), REACH)
    return Matches(targets, normals, share, grasps, close)
