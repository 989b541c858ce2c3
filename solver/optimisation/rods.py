"""Rails, rungs, handlebars: grips on fixed things, found where the hand already is."""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from ..artefacts import Grip
from ..body.joints import INDEX
from ..task import Task, Touch
from ..task.patches import spread
from ..task.resolve import nearest_targets
from ..vocabulary import side_of
from .chance import Chance
from .grasp import Grasp, make_hand
from .grasp.hold import REACH, hand_shape_for, local_grid
from .grasp.search import Freedom, find_grasps
from .variables import State

AROUND = 0.06
"""Region points this near to the hand, metres, show the rod."""
THICK = 0.035
"""Radius beyond which a hand does not close around it, metres."""
STRAIGHT = 0.12
"""Share of the normals' spread that may lie along a rod's axis."""
ROUND = 0.12
"""Share that must lie across it, both ways: a flat face is no rod."""
STRAY = 0.15
"""How far, metres, from where it is a hand may look for a better piece of the rod."""
SPOTS = 4
"""Pieces that are looked at."""
KEEP = 8
"""Grasps that are handed on."""
ROLL = math.radians(60)
"""How far the hand may turn about the rod from where it is."""


def grasps_here(
    task: Task, touch: Touch, state: State, chance: Chance, row: int = 0
) -> list[Grasp]:
    """Grasps of the rods around the hand of one row, best first; none where there is no rod."""
    side = side_of(touch.contact.part)
    found: list[Grasp] = []
    for grip in grips_here(touch, state, row, side)[: chance.knobs.rod_spots]:
        hand = make_hand(task.body, side, hand_shape_for(task.plan, grip))
        grid = local_grid(task.item.surface, task.item.grid, grip)
        near = task.item.points[(task.item.points - grip.centre).norm(dim=-1) < 1.5 * REACH]
        freedom = Freedom((-ROLL, ROLL), sectors=2, candidates=chance.knobs.rod_candidates)
        chance.tick()
        found += find_grasps(hand, grid, near, grip, freedom, chance.generator)
    return sorted(found, key=lambda grasp: -grasp.score)[:KEEP]


def grips_here(touch: Touch, state: State, row: int, side: str) -> list[Grip]:
    """Pieces of rods around the hand: axis with the thumb, outward toward the palm; object frame.

    The nearest piece comes first, then others that are apart from it and from one another.
    """
    joints = {
        name: state.posed.joints[row, INDEX[f"{side}_{name}"]]
        for name in ("wrist", "index1", "middle1", "pinky1")
    }
    T = state.T_world_object[row]
    knuckles = (joints["index1"] + joints["pinky1"] + 2 * joints["middle1"]) / 4
    palm = ((knuckles + joints["wrist"]) / 2 - T[:3, 3]) @ T[:3, :3]
    thumb = (joints["index1"] - joints["pinky1"]) @ T[:3, :3]
    nearest = touch.points[nearest_targets(touch, palm)]
    around = touch.points[(touch.points - nearest).norm(dim=-1) < STRAY]
    around = around[(around - nearest).norm(dim=-1).argsort()]
    grips: list[Grip] = []
    for spot in around[spread(around, SPOTS)]:
        chosen = (touch.points - spot).norm(dim=-1) < AROUND
        rod = fit_rod(touch.points[chosen], touch.normals[chosen]) if chosen.sum() >= 8 else None
        if rod is None:
            continue
        centre, axis, radius = rod
        axis = axis * torch.sign(axis @ thumb)
        outward = palm - centre
        outward = torch.nn.functional.normalize(outward - (outward @ axis) * axis, dim=0)
        grips.append(Grip(centre, axis, outward, radius, 0.10, touch.contact.part))
    return grips


def fit_rod(
    points: Float[Tensor, "points 3"], normals: Float[Tensor, "points 3"]
) -> tuple[Float[Tensor, "3"], Float[Tensor, "3"], float] | None:
    """Middle, axis and radius of the cylinder through points with normals; None if it is none.

    The axis is the direction that the normals lack; the radius makes the points, moved inward by
    it, collapse onto the axis.
    """
    values, vectors = torch.linalg.eigh(normals.T @ normals / len(normals))
    if float(values[0]) > STRAIGHT or float(values[1]) < ROUND:
        return None
    axis = vectors[:, 0]
    flat = points - (points @ axis)[:, None] * axis
    inward = normals - (normals @ axis)[:, None] * axis
    spread, shift = flat - flat.mean(dim=0), inward - inward.mean(dim=0)
    radius = float((spread * shift).sum() / shift.square().sum().clamp(min=1e-9))
    if not 0.002 < radius < THICK:
        return None
    centre = (flat - radius * inward).mean(dim=0) + (points @ axis).mean() * axis
    return centre, axis, radius
