"""Flat tables of what touches what: each term is a few tensor operations for all contacts."""

from dataclasses import dataclass
from itertools import pairwise

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from ..geometry.neighbours import neighbours
from ..settings import ClosureForm
from ..task import Task, Touch
from ..task.patches import carries, even_sample
from ..task.spheres import Spheres, half_depth
from ..vocabulary import side_of
from .taking import Taking

NORMAL_WEIGHT = {
    "back": 0.5,
    "upper_back": 0.5,
    "lower_back": 0.5,
    "buttocks": 1.0,
    "head": 0.5,
    "face": 0.5,
    "mouth": 0.0,
    "left_ear": 1.0,
    "right_ear": 1.0,
}
"""How much a contact's normals count beside its distance; palms and soles 3."""

SPARSE = 8
"""Contacts per part in the paper's closure."""


@dataclass(frozen=True)
class Layout:
    """Which vertices are evaluated, and where each contact's are among them."""

    subset: Int[Tensor, " subset"] | None
    """None: all vertices."""
    area: Float[Tensor, " subset"]
    """Percent of the body's surface that each stands for."""
    mass: Float[Tensor, " subset"]
    """Share of the body's volume; sums to one."""
    give: Float[Tensor, " subset"]
    touching: Int[Tensor, " rows"]
    """Rows of all object contacts, one after another, as positions in the subset."""
    touching_verts: Int[Tensor, " rows"]
    """The same as vertices of the body."""
    spans: tuple[tuple[int, int], ...]
    """The rows of each contact."""
    weight: Float[Tensor, " contacts"]
    normal_weight: Float[Tensor, " contacts"]
    middle: Float[Tensor, "3"]
    """Where, object frame, the middle of the carrying contact belongs."""
    middle_pull: Float[Tensor, "3"]
    """Along the object's axes: one over how far, metres, it may be off; zero: anywhere."""
    feet: Int[Tensor, "feet points"]
    flat: Bool[Tensor, " feet"]
    rest: Float[Tensor, "feet points"]
    """Heights of the same points over their lowest in the T-pose, metres: there feet stand flat."""
    own: tuple[tuple[Tensor, Tensor], ...]
    """Positions of the limb's patch and of what it touches, per contact with the own body."""
    own_weight: tuple[float, ...]
    own_fraction: tuple[float, ...]
    """Share of each limb's patch that has to touch."""
    bearing: Int[Tensor, " bearing"]
    """Positions of everything that carries weight."""
    spheres: Spheres
    sphere_slack: Float[Tensor, " solid"]
    sparse: Int[Tensor, " sparse"]
    """Rows of `touching` to which the paper's own closure applies; none for the cone's."""


def layout_of(
    task: Task, taking: Taking, sample: int | None, closure: ClosureForm = "cone"
) -> Layout:
    """The tables for a sample of about `sample` vertices, or for all of them.

    With the paper's closure, penetration is left to the rest of the body: what interacts gives.
    """
    body = task.body
    needed = [t.verts for t in task.touches] + [f.verts for f in task.footings]
    needed += [v for o in task.owns for v in (o.verts, o.onto)]
    if sample is None:
        subset, place = None, torch.arange(len(body.verts))
        area = body.areas
    else:
        subset = torch.cat([even_sample(body, sample), *needed]).unique()
        place = torch.zeros(len(body.verts), dtype=torch.long)
        place[subset] = torch.arange(len(subset))
        area = _shares(body.verts, body.areas, subset)
    half, _ = half_depth(body)
    volume = body.areas * half
    mass = volume if subset is None else _shares(body.verts, volume, subset)
    spheres = task.spheres
    touching = torch.cat([t.verts for t in task.touches] or [place[:0]])
    ends = torch.tensor([0] + [len(t.verts) for t in task.touches]).cumsum(0).tolist()
    middle, pull = _middle(task)
    give, sparse = task.give, torch.zeros(0, dtype=torch.long)
    if closure == "literal":
        give, sparse = _interacting(task, ends)
    # A sample misses the vertex that is lowest; a flat sole has none.
    soles = _padded([f.whole if subset is None and not f.flat else f.verts for f in task.footings])
    rest = body.verts[soles][..., 1]
    return Layout(
        subset=subset,
        area=100 * area / area.sum(),
        mass=mass / mass.sum(),
        give=give if subset is None else give[subset],
        touching=place[touching],
        touching_verts=touching,
        spans=tuple(pairwise(ends)),
        weight=torch.tensor([_weight(t, task, taking) for t in task.touches]),
        normal_weight=torch.tensor([_normal_weight(t) for t in task.touches]),
        middle=middle,
        middle_pull=pull,
        feet=place[soles],
        flat=torch.tensor([f.flat for f in task.footings], dtype=torch.bool),
        rest=rest - rest.amin(dim=-1, keepdim=True),
        own=tuple((place[o.verts], place[o.onto]) for o in task.owns),
        own_weight=tuple(o.contact.weight for o in task.owns),
        own_fraction=tuple(o.fraction for o in task.owns),
        bearing=torch.cat([place[v] for v in _bearing(task)] or [place[:0]]),
        spheres=spheres,
        sphere_slack=0.006 + task.give[spheres.nearest[: spheres.solid]],
        sparse=sparse,
    )


def _interacting(task: Task, ends: list[int]) -> tuple[Tensor, Tensor]:
    """How deep vertices may sink when what interacts is left out; rows of its sparse contacts."""
    give, rows = task.give.clone(), [torch.zeros(0, dtype=torch.long)]
    for touch, (first, last) in zip(task.touches, pairwise(ends), strict=True):
        if touch.contact.role != "touch":
            give[touch.whole] = 1.0
            rows.append(torch.arange(first, min(first + SPARSE, last)))
    return give, torch.cat(rows)


def _weight(touch: Touch, task: Task, taking: Taking) -> float:
    """The contact that carries counts most, then hands and feet; a mere touch counts least."""
    part, role = touch.contact.part, touch.contact.role
    if part.endswith("_hand") and side_of(part) in taking.sides:
        return 0.1  # Its grasp says better where it belongs.
    base = {"support": 1.5, "grasp": 2.0, "touch": 1.0}[role]
    if touch is task.anchor:
        base = 1.5
    elif carries(touch.contact):
        base = 0.6
    elif part.endswith(("hand", "foot", "feet")):
        base = 2.0
    elif task.plan.movable and part in ("belly", "chest"):
        base = 2.0  # It comes to the trunk before arms close around it.
    return base * touch.contact.weight * (0.5 + 0.5 * touch.confidence)


def _middle(task: Task) -> tuple[Float[Tensor, "3"], Float[Tensor, "3"]]:
    """One sits in the middle of a narrow seat, and on the very spot of a saddle."""
    anchor = task.anchor
    if anchor is None or anchor.contact.part != "buttocks":
        return torch.zeros(3), torch.zeros(3)
    if anchor.contact.region == "saddle":
        return anchor.centre, torch.tensor([1 / 0.03, 0.0, 1 / 0.04])
    flat = anchor.points
    width = flat[:, 0].quantile(0.95) - flat[:, 0].quantile(0.05)
    narrow = float(width) < 0.6 and task.plan.facing == "front"
    return anchor.centre, torch.tensor([1 / 0.03 if narrow else 0.0, 0.0, 0.0])


def _normal_weight(touch: Touch) -> float:
    if touch.contact.region == "lying" and touch.contact.part.endswith(("hand", "foot", "feet")):
        return 0.0  # The back of a hand may lie on a bed.
    if touch.tips:
        return 0.0  # A finger may come from anywhere.
    if touch.contact.role == "grasp":
        return 1.0
    if touch.contact.part.endswith(("elbow", "forearm", "knee", "shoulder", "hip")):
        return 0.5
    return NORMAL_WEIGHT.get(touch.contact.part, 3.0)


def _bearing(task: Task) -> list[Int[Tensor, " points"]]:
    bears = () if task.plan.movable else ("support", "grasp")
    supports = [t.verts for t in task.touches if t.contact.role in bears]
    return supports + [f.verts for f in task.footings]


def _padded(rows: list[Int[Tensor, " points"]]) -> Int[Tensor, "feet points"]:
    """Rows of one length; short ones repeat their first entry."""
    if not rows:
        return torch.zeros(0, 1, dtype=torch.long)
    longest = max(len(row) for row in rows)
    return torch.stack([torch.cat([row, row[:1].expand(longest - len(row))]) for row in rows])


def _shares(
    verts: Float[Tensor, "verts 3"], areas: Float[Tensor, " verts"], subset: Int[Tensor, " subset"]
) -> Float[Tensor, " subset"]:
    """The area of the vertices nearest to each vertex of the subset."""
    owner, _ = neighbours(verts[subset]).nearest(verts)
    return torch.zeros(len(subset)).index_add(0, owner, areas)
