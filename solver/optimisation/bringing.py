"""The paper's global stage (Eq. 6): persons keep still, and the object comes to them.

Its turn, place and, where that is allowed, size are found for each hypothesis. All lengths are
metres of the scaled object, seen along its axes: a point p of the object lies at scale * p.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..body import Posed
from ..body.skinning import facing
from ..geometry.rotations import matrix_from_rotvec, rigid
from ..settings import OptimisationSettings, Weights
from ..task import Task, Touch
from ..task.patches import spread
from .descent import Terms, descend
from .layout import Layout, layout_of
from .losses.attitude import alignment
from .losses.chamfer import weighted_chamfer
from .losses.contact import huber
from .losses.normals import opposition
from .losses.penetration import penetration
from .losses.scale import scale_prior
from .taking import Taking
from .variables import Start, state_of, variables_at

REGION = 150
"""Contact points per body part."""
FEET = 300
"""Points of the object among which its lowest is looked for."""


@dataclass(frozen=True)
class Motion:
    """What the object does; leaves of the gradient, all zero at the start."""

    turn: Float[Tensor, "batch 3"]
    """Rotation vector, world frame, about the object's own origin."""
    shift: Float[Tensor, "batch 3"]
    """Metres, world frame."""
    grow: Float[Tensor, "batch 1"]
    """Natural logarithm of the scale."""


@dataclass(frozen=True)
class Brought:
    """Where the object has come to."""

    T_world_object: Float[Tensor, "batch 4 4"]
    """Rigid; of the scaled object."""
    scale: Float[Tensor, " batch"]
    energy: Float[Tensor, " batch"]


@dataclass(frozen=True)
class Meeting:
    """One body part and its contact points on the object."""

    verts: Int[Tensor, " sample"]
    """Positions in the layout's subset."""
    points: Float[Tensor, "region 3"]
    normals: Float[Tensor, "region 3"]
    probability: Float[Tensor, " region"]


def bring(
    task: Task,
    layout: Layout,
    start: Start,
    settings: OptimisationSettings,
    tick: Callable[[], None],
) -> Brought:
    """Bring the object to the persons of a start.

    Args:
        task: The job.
        layout: Which vertices are looked at.
        start: Persons, and where the object is at first; nothing rides on a wrist.
        settings: The phase, and whether the size may change.
        tick: Called after each step; may raise `Cancelled`.
    """

    def leaf(width: int) -> Tensor:
        return torch.zeros(len(start.pose), width, requires_grad=True)

    motion = Motion(leaf(3), leaf(3), leaf(1))
    with torch.no_grad():
        posed = state_of(task.body, start, variables_at(start, fingers=False), layout.subset).posed
    meetings = [_meeting(task, layout, k) for k in range(len(task.touches))]
    usual = settings.usual_length

    def objective(_: int, weights: Weights) -> Terms:
        return brought_terms(task, layout, start, posed, meetings, motion, weights, usual)

    leaves = [(motion.turn, 1.0), (motion.shift, 0.5)]
    leaves += [(motion.grow, 0.3)] if settings.rescale else []
    terms: Terms = {}
    for step in descend(leaves, objective, settings.bringing):
        tick()
        terms = step
    rotation, origin, scale = (each.detach() for each in _placed(start, motion))
    energy = torch.stack(list(terms.values())).sum(dim=0)
    return Brought(rigid(rotation, origin), scale, energy)


def fitting_scale(
    task: Task, start: Start, settings: OptimisationSettings, tick: Callable[[], None]
) -> float:
    """The scale at which the object meets its person best; 1 where its size is to stay.

    All hypotheses go on with the one of the best of them, so that what follows knows one object.
    """
    if not settings.rescale or not task.touches:
        return 1.0
    found = bring(task, layout_of(task, Taking(None, ()), settings.sample), start, settings, tick)
    return float(found.scale[found.energy.argmin()])


def brought(
    task: Task,
    layout: Layout,
    start: Start,
    settings: OptimisationSettings,
    tick: Callable[[], None],
) -> Start:
    """The start with the object where it has come to; its size stays."""
    found = bring(task, layout, start, replace(settings, rescale=False), tick)
    return replace(start, T_world_object=found.T_world_object)


def brought_terms(
    task: Task,
    layout: Layout,
    start: Start,
    posed: Posed,
    meetings: list[Meeting],
    motion: Motion,
    weights: Weights,
    usual: float | None,
) -> Terms:
    """The terms of Eq. 6, weighted, per row."""
    rotation, origin, scale = _placed(start, motion)
    local = (posed.verts - origin[:, None]) @ rotation
    normals = facing(task.body, posed, layout.touching_verts) @ rotation
    met = [_meet(each, local, normals[:, first:last], scale)
           for each, (first, last) in zip(meetings, layout.spans, strict=True)]  # fmt: skip
    zero = torch.zeros_like(scale)
    sdf = scale[:, None] * task.item.grid(local / scale[:, None, None])
    length = float(task.item.mesh.extent.max())
    return {
        "contact": weights.contact * sum((near for near, _ in met), zero),
        "normals": weights.contact * sum((turned for _, turned in met), zero),
        "penetration": weights.penetration * penetration(sdf, layout.area, layout.give),
        "scale": weights.scale * scale_prior(motion.grow[:, 0], length, usual or length),
        "ground": weights.ground * _grounded(task, rotation, origin, scale),
    }


def _placed(start: Start, motion: Motion) -> tuple[Tensor, Tensor, Tensor]:
    """Rotation, origin and scale of the object after its motion."""
    first = start.T_world_object
    turn = matrix_from_rotvec(motion.turn) @ first[:, :3, :3]
    return turn, first[:, :3, 3] + motion.shift, motion.grow[:, 0].exp()


def _meeting(task: Task, layout: Layout, k: int) -> Meeting:
    touch: Touch = task.touches[k]
    kept = spread(touch.points, REGION)
    verts = layout.touching[slice(*layout.spans[k])]
    return Meeting(verts, touch.points[kept], touch.normals[kept], touch.weight[kept])


def _meet(
    meeting: Meeting,
    local: Float[Tensor, "batch verts 3"],
    normals: Float[Tensor, "batch sample 3"],
    scale: Float[Tensor, " batch"],
) -> tuple[Float[Tensor, " batch"], Float[Tensor, " batch"]]:
    """Eq. 7 for one part, and its normals against those of the nearest contact points."""
    part, region = local[:, meeting.verts], scale[:, None, None] * meeting.points
    near = torch.cdist(part.detach(), region.detach()).argmin(dim=-1)
    share = torch.full((len(meeting.verts),), 1 / len(meeting.verts))
    facing_each_other = opposition(normals, meeting.normals[near], share)
    return weighted_chamfer(part, region, meeting.probability), facing_each_other


def _grounded(
    task: Task,
    rotation: Float[Tensor, "batch 3 3"],
    origin: Float[Tensor, "batch 3"],
    scale: Float[Tensor, " batch"],
) -> Float[Tensor, " batch"]:
    """State s of Eq. 6: what is not meant to move stands upright on the floor."""
    if task.plan.movable and not task.grounded:
        return torch.zeros_like(scale)
    points = task.item.points[:: max(1, len(task.item.points) // FEET)]
    points = torch.cat([points, task.item.mesh.low[None] * torch.tensor([0.0, 1.0, 0.0])])
    height = scale[:, None] * (points @ rotation[:, 1, :].mT).mT + origin[:, 1:2]
    upright = alignment(rotation[:, :, 1], torch.tensor([0.0, 1.0, 0.0]))
    return 4 * huber((height.amin(dim=-1) - task.item.floor).abs()) + upright
