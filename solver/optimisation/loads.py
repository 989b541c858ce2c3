"""What contacts carry: the body, or an object that it holds; and the contacts that do."""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..settings import OptimisationSettings
from ..statics import Contacts, contacts_at
from ..task import Task
from ..task.scene import floor_under
from .layout import Layout
from .losses.contact import disc_distance
from .losses.support import best_shares
from .variables import State

POINTS = 8
"""Of one contact; they are its farthest from one another."""
FADE = 0.01
"""Distance, metres, at which a contact counts half; beyond, it fades with the fourth power."""
BODY_RADIUS = 0.4
"""Of a person, about: what torques on the body are divided by, metres."""
STRENGTH, GRIP = 2.0, 10.0
"""How much of the body's weight, and of a held object's, one contact bears when it is made."""
DYNAMIC = ("kick", "swing", "throw", "strike", "run", "dance")
"""Styles of plans in which the body is not at rest."""


@dataclass(frozen=True)
class Load:
    """Something that is to be carried."""

    rows: Int[Tensor, " rows"]
    """Its contacts between body and object: positions in `Layout.touching`."""
    feet: Int[Tensor, " feet"]
    """Its contacts with the floor: positions in the subset."""
    held: bool
    """It is the object; else the body."""
    centre: Float[Tensor, "3"]
    """The object's centre of mass, object frame."""
    radius: float
    strength: float


@dataclass(frozen=True)
class Pushes:
    """How a load is carried just now, without gradient."""

    share: Float[Tensor, "batch generators"]
    left: Float[Tensor, "batch 6"]
    """The wrench that is missing: where the next search for shares begins."""
    across: Float[Tensor, "batch contacts 3"]


Loads = dict[str, Load]
"""By the name of the term that asks for it."""


def loads_of(task: Task, layout: Layout, settings: OptimisationSettings) -> Loads:
    """What the settings ask to be carried, where there is such a thing."""
    phases = (settings.approach, settings.settle, settings.finish)
    weights = [each for phase in phases for each in (phase.first, phase.last)]
    found: dict[str, Load | None] = {}
    if any(each.support > 0 for each in weights):
        found["support"] = body_load(task, layout)
    if settings.closure == "cone" and any(each.closure > 0 for each in weights):
        found["closure"] = held_load(task, layout)
    return {name: load for name, load in found.items() if load is not None}


def body_load(task: Task, layout: Layout) -> Load | None:
    """The body on what bears its weight; None where it is not at rest."""
    if task.plan.posture == "walk" or set(DYNAMIC) & set(task.plan.styles):
        return None
    stands = not task.plan.movable or task.grounded
    rows = _first_rows(task, layout, ("support", "grasp") if stands else ())
    feet = layout.feet[:, :POINTS].flatten()
    if len(rows) + len(feet) == 0:
        return None
    return Load(rows, feet, False, torch.zeros(3), BODY_RADIUS, STRENGTH / POINTS)


def held_load(task: Task, layout: Layout) -> Load | None:
    """The object in the hands, or wherever it is carried; None where it stands by itself."""
    rows = _first_rows(task, layout, ("support", "grasp"))
    if not task.plan.movable or task.grounded or len(rows) == 0:
        return None
    centre, radius = task.heart
    return Load(rows, rows[:0], True, centre, float(radius), GRIP / POINTS)


def _first_rows(task: Task, layout: Layout, roles: tuple[str, ...]) -> Int[Tensor, " rows"]:
    spans = [
        torch.arange(first, min(first + POINTS, last))
        for touch, (first, last) in zip(task.touches, layout.spans, strict=True)
        if touch.contact.role in roles
    ]
    return torch.cat([*spans, torch.zeros(0, dtype=torch.long)])


def contacts_of(
    load: Load,
    task: Task,
    layout: Layout,
    state: State,
    targets: tuple[Float[Tensor, "batch rows 3"], Float[Tensor, "batch rows 3"]],
    across: Float[Tensor, "batch contacts 3"] | None = None,
) -> tuple[Contacts, Float[Tensor, "batch 3"]]:
    """The contacts of a load as they are now, world frame, and its centre of mass.

    Args:
        load: What is carried.
        task: The job.
        layout: The tables.
        state: Bodies and object.
        targets: Points and normals, object frame, that the rows of `Layout.touching` go to.
        across: Directions of the friction pyramids, kept from a refresh.
    """
    at, normal = (each[:, load.rows] for each in targets)
    skin = layout.touching[load.rows]
    distance = disc_distance(state.local[:, skin], at, normal)
    away = normal @ state.T_world_object[:, :3, :3].mT
    points, normals = state.posed.verts[:, skin], -away if load.held else away
    foot = state.posed.verts[:, load.feet]
    up = torch.tensor([0.0, 1.0, 0.0]).expand_as(foot)
    gap = torch.cat([distance, foot[..., 1] - floor_under(task.item, foot)], dim=1)
    most = load.strength / (1 + (gap / FADE).pow(4))
    points, normals = torch.cat([points, foot], dim=1), torch.cat([normals, up], dim=1)
    centre = _centre(load, layout, state)
    if across is None:
        return contacts_at(points, normals, most, centre), centre
    return Contacts(points, normals, most, across), centre


def _centre(load: Load, layout: Layout, state: State) -> Float[Tensor, "batch 3"]:
    if not load.held:
        return (state.posed.verts * layout.mass[:, None]).sum(dim=1)
    T = state.T_world_object
    return (T[:, :3, :3] @ load.centre[:, None])[..., 0] + T[:, :3, 3]


def find_pushes(
    load: Load, contacts: Contacts, centre: Float[Tensor, "batch 3"], before: Pushes | None
) -> Pushes:
    """How the contacts carry the load best."""
    start = None if before is None else before.left
    share, left = best_shares(contacts, centre, load.radius, start)
    return Pushes(share, left, contacts.across)
