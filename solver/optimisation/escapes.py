"""Limbs that the object cuts in two get out of it by one side.

The way to the nearest surface draws the upper half of a hand in a thin plate up and its lower half
down, so the hand stays. Here all of such a limb is given the same way out, by the side that it is
to touch or else the shortest of many, and each of its vertices the distance along it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..body import ShapedBody
from ..body.joints import JOINTS, PARENTS
from ..task import Task
from ..task.overlap import signed_distance
from ..vocabulary import side_of

CUT = 0.006
"""A limb nowhere deeper than this, metres, beyond what it gives, finds its own way out."""
AGREED = 0.6
"""Length of the mean direction, weighted by depth, from which on a limb's vertices agree."""
STRIDE, STRIDES = 0.005, 12
"""Metres, and how many of them, within which a way out is looked for."""
FREE = 0.002
"""A limb is out where nothing of it is deeper than this, metres, beyond what it gives."""
TRIED = 60
"""Vertices of a limb that look for the way."""
LIKELY = 6
"""Ways that the grid finds short are measured exactly."""

_TRUNK = ("pelvis", "spine", "collar")
_HAND = ("wrist", "thumb", "index", "middle", "ring", "pinky")


@dataclass(frozen=True)
class Escape:
    """One or more limbs, and the way out for all of them."""

    limbs: tuple[int, ...]
    verts: Int[Tensor, " piece"]
    way: Float[Tensor, "3"] | None
    """Unit vector, object frame; None where there is none."""


Depths = tuple[Float[Tensor, " verts"], Float[Tensor, "verts 3"]]
"""Signed distances and their gradients."""


def escapes_of(
    task: Task,
    local: Float[Tensor, "verts 3"],
    sdf: Float[Tensor, " verts"],
    away: Float[Tensor, "verts 3"],
    before: Sequence[Escape] = (),
) -> tuple[Escape, ...]:
    """The limbs of one body that the object cuts; who has a way already keeps to it.

    Args:
        task: The job.
        local: The body's vertices, object frame.
        sdf: Signed distances, metres.
        away: Their gradients.
        before: What was found when last asked.
    """
    excess = -sdf - task.give
    kept = tuple(each for each in before if float(excess[each.verts].max()) > 0)
    spared = {limb for each in kept for limb in each.limbs} | _grasping(task)
    cut = {
        k for k, verts in enumerate(limbs_of(task.body))
        if k not in spared and _is_cut(excess[verts], away[verts])
    }  # fmt: skip
    found = []
    for group in _neighbours(cut):
        verts = torch.cat([limbs_of(task.body)[k] for k in group])
        piece = (local[verts], excess[verts], task.give[verts])
        way = _way_out(task, *piece, _touched(task, verts, local, excess))
        if way is None:
            ways = torch.cat([_WAYS.to(local), _axis(away[verts], excess[verts])])
            way = _way_out(task, *piece, ways)
        found.append(Escape(tuple(group), verts, way))
    return kept + tuple(found)


def led_out(
    task: Task,
    escapes: Sequence[Escape],
    local: Float[Tensor, "verts 3"],
    sdf: Float[Tensor, " verts"],
    away: Float[Tensor, "verts 3"],
) -> Depths:
    """The distances as they are along the ways out, for what has to go there."""
    sdf, away = sdf.clone(), away.clone()
    for escape in escapes:
        if escape.way is None:
            continue
        left = remaining(task, local[escape.verts], escape.way, task.give[escape.verts])
        moving = escape.verts[left > 0]
        sdf[moving] = -left[left > 0] - task.give[moving]
        away[moving] = escape.way
    return sdf, away


def out_of_skin(
    escapes: Sequence[Escape],
    corners: Int[Tensor, "points 3"],
    normal: Float[Tensor, "points 3"],
) -> Float[Tensor, "points 3"]:
    """The way that object points in these limbs go to leave the skin: against the limbs' own.

    Args:
        escapes: Of one body.
        corners: The skin's triangle nearest to each point.
        normal: Its outward normal, object frame.
    """
    for escape in escapes:
        if escape.way is None:
            continue
        inside = torch.isin(corners[:, 0], escape.verts)
        normal = torch.where(inside[:, None], -escape.way, normal)
    return normal


def remaining(
    task: Task,
    local: Float[Tensor, "piece 3"],
    way: Float[Tensor, "3"],
    give: Float[Tensor, " piece"],
) -> Float[Tensor, " piece"]:
    """How far, metres, each point has to go along a way until the object is behind it; 0: it is."""
    points = _strides(local, way[None])[0]
    excess = -task.item.grid(points) - give[:, None]
    doubtful = excess.abs() < 2 * task.item.grid.step
    sdf = signed_distance(task.item.surface, task.item.grid, points[doubtful])
    excess[doubtful] = -sdf - give[:, None].expand_as(excess)[doubtful]
    inside = excess > 0
    steps = torch.arange(STRIDES + 1)
    last = torch.where(inside, steps, -1).amax(dim=1).clamp(max=STRIDES - 1)
    rows = torch.arange(len(local))
    here, next_ = excess[rows, last.clamp(min=0)], excess[rows, last.clamp(min=0) + 1]
    part = (here / (here - next_).clamp(min=1e-6)).clamp(0.0, 1.0)
    return torch.where(last >= 0, STRIDE * (last + part), 0.0)


@lru_cache(maxsize=4)
def limbs_of(body: ShapedBody) -> tuple[Int[Tensor, " limb"], ...]:
    """The vertices of the head and of each upper arm, forearm, palm, finger, thigh, shin, foot."""
    owner = body.model.weights.argmax(dim=1)
    return tuple(torch.isin(owner, torch.tensor(joints)).nonzero()[:, 0] for joints in _JOINTS)


def _limb_names() -> dict[str, list[int]]:
    names: dict[str, list[int]] = {}
    for index, joint in enumerate(JOINTS):
        name = {"neck": "head"}.get(joint, joint.replace("ankle", "foot").rstrip("123"))
        if not any(part in joint for part in _TRUNK):
            names.setdefault(name, []).append(index)
    return names


_JOINTS = tuple(_limb_names().values())
_LIMB = {joint: limb for limb, joints in enumerate(_JOINTS) for joint in joints}
_ADJACENT = {
    frozenset((_LIMB[joint], _LIMB[parent]))
    for joint, parent in enumerate(PARENTS)
    if joint in _LIMB and parent in _LIMB and _LIMB[joint] != _LIMB[parent]
}


def _is_cut(excess: Float[Tensor, " limb"], away: Float[Tensor, "limb 3"]) -> bool:
    """Whether the vertices of a limb disagree about the way out."""
    depth = excess.clamp(min=0.0)
    if float(depth.max()) < CUT:
        return False
    mean = (depth[:, None] * away).sum(dim=0) / depth.sum()
    return float(mean.norm()) < AGREED


def _neighbours(limbs: set[int]) -> Iterator[list[int]]:
    """The limbs in groups of those that hang together."""
    left = set(limbs)
    while left:
        group = [left.pop()]
        for limb in group:
            near = {other for other in left if frozenset((limb, other)) in _ADJACENT}
            group += sorted(near)
            left -= near
        yield sorted(group)


def _grasping(task: Task) -> set[int]:
    """Palms and fingers of hands that close around something: they are to go on both its sides.

    A hand on a held thing without a handle lies on it.
    """
    around = {grip.part for grip in task.grips}
    sides = {
        side_of(t.contact.part)
        for t in task.touches
        if t.contact.role == "grasp" and (not task.plan.movable or t.contact.part in around)
    }
    return {
        limb for joint, limb in _LIMB.items()
        if JOINTS[joint].startswith(tuple(f"{side}_{part}" for side in sides for part in _HAND))
    }  # fmt: skip


def _touched(
    task: Task,
    verts: Int[Tensor, " piece"],
    local: Float[Tensor, "verts 3"],
    excess: Float[Tensor, " verts"],
) -> Float[Tensor, "ways 3"]:
    """The outward normals of what these limbs are to touch, where their deepest vertex is."""
    deepest = local[verts[excess[verts].argmax()]][None]
    normals = [
        touch.normals[touch.region.nearest(deepest)[0]]
        for touch in task.touches
        if bool(torch.isin(touch.whole, verts).any())
    ]
    return torch.cat([local[:0], *normals])


def _axis(away: Float[Tensor, "piece 3"], excess: Float[Tensor, " piece"]) -> Float[Tensor, "2 3"]:
    """The line along which the vertices disagree, both ways."""
    scatter = (away * excess.clamp(min=0.0)[:, None]).T @ away
    axis = torch.linalg.eigh(scatter).eigenvectors[:, -1]
    return torch.stack([axis, -axis])


def _way_out(
    task: Task,
    local: Float[Tensor, "piece 3"],
    excess: Float[Tensor, " piece"],
    give: Float[Tensor, " piece"],
    ways: Float[Tensor, "ways 3"],
) -> Float[Tensor, "3"] | None:
    """The direction in which a piece is free the soonest; None where it is in none."""
    if len(ways) == 0:
        return None
    deepest = excess.topk(min(TRIED // 2, len(excess))).indices
    thin = torch.cat([deepest, torch.arange(0, len(local), len(local) // (TRIED // 2) + 1)])
    points, give = _strides(local[thin], ways), give[thin, None]
    coarse = _first_free(-task.item.grid(points) - give)
    likely = coarse.argsort(stable=True)[:LIKELY]
    exact = -signed_distance(task.item.surface, task.item.grid, points[likely]) - give
    first = _first_free(exact)
    best = int(first.argmin())
    return ways[likely[best]] if float(first[best]) <= STRIDES else None


def _first_free(excess: Float[Tensor, "ways piece strides"]) -> Float[Tensor, " ways"]:
    """Strides until nothing is too deep; where that is never, more than there are, by how much."""
    worst = excess.amax(dim=1)
    steps = torch.arange(STRIDES + 1).to(worst)
    never = STRIDES + 1 + worst.amin(dim=1)
    return torch.where(worst < FREE, steps, never[:, None]).amin(dim=1)


_WAYS = torch.nn.functional.normalize(
    torch.tensor([way for way in product((-1.0, 0.0, 1.0), repeat=3) if any(way)]), dim=-1
)


def _strides(
    local: Float[Tensor, "piece 3"], ways: Float[Tensor, "ways 3"]
) -> Float[Tensor, "ways piece strides 3"]:
    """Where each point is after every stride along every way."""
    far = STRIDE * torch.arange(STRIDES + 1)
    return local[:, None] + far[:, None] * ways[:, None, None]
