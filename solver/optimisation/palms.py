"""Palms laid on what is carried and too thick to close around: boxes, balls, big boards."""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from ..artefacts import Grip
from ..geometry.rotations import matrix_from_rotvec, rigid
from ..task import Task, Touch
from ..task.overlap import dense_points
from .chance import Chance
from .grasp import Closed, Grasp, Hand, close_fingers, make_hand
from .grasp.closing import TOUCH
from .grasp.flat import palm_down
from .grasp.hold import local_grid
from .grasp.search import distinct_grasps, graded, rate

NEARBY = 0.06
"""A place that much farther from where the palm is, metres, is e times less likely tried."""
FLAT = 0.04
"""The surface within that of a palm's middle, metres, is what it lies along."""
SWING = math.radians(75)
"""How far the fingers may point to either side of where the forearm does."""
AROUND, SPACING = 0.13, 0.008
"""Half the box, metres, in which the surface is looked for in hands; edges show only if densely."""
APART = math.radians(18)
"""Turn between two hands that count as different: what lies between makes a box tilt."""
GAP = (0.001, 0.010)
"""Clearance between palm and surface, metres."""
MIDDLE = 0.62
"""Of the way from the wrist to the knuckles: the palm's middle."""
MANY = 3
"""Times as many places are tried as of a rod in a round: there is one round."""
BEARING = 1.5
"""What a palm, or fingers, that bear are better than those at a side, in fingers that touch."""
ASKEW = 1.5
"""What fingers that point `SWING` away from the forearm lose, in fingers that touch."""


def palms_at(
    task: Task,
    touch: Touch,
    side: str,
    palm: Float[Tensor, "3"],
    forearm: Float[Tensor, "3"],
    up: Float[Tensor, "3"],
    chance: Chance,
) -> list[Grasp]:
    """Open hands on the region about where the palm is, best first.

    Args:
        task: The job.
        touch: The hand's region.
        side: 'left' or 'right'.
        palm: Where the hand is, object frame.
        forearm: Where it comes from: elbow to wrist, object frame.
        up: Object frame; a palm that bears is better than one that presses.
        chance: Randomness, and how long to search.
    """
    hand = make_hand(task.body, side, "bear")
    count = MANY * chance.knobs.rod_candidates
    unit = torch.rand(count, 2, generator=chance.generator, device="cpu").to(palm)
    spots, normals = _places(touch, palm, count, chance.generator)
    swing = (2 * unit[:, :1] - 1) * SWING
    gap = GAP[0] + unit[:, 1:] * (GAP[1] - GAP[0])
    T_wrist_object = laid(hand, spots + gap * normals, normals, forearm, swing)
    middle = spots.mean(dim=0)
    grip = Grip(middle, forearm, normals[0], FLAT, 0.1, touch.contact.part)
    grid = local_grid(task.item.surface, task.item.grid, grip)
    near, _ = dense_points(
        task.item.mesh, middle - AROUND, middle + AROUND, spacing=SPACING, most=20_000
    )
    chance.tick()
    closed = close_fingers(hand, grid, T_wrist_object)
    score = rate(hand, closed, grid, T_wrist_object, near) - ASKEW * (swing[:, 0] / SWING).square()
    score = score + BEARING * (bearing(hand, closed, T_wrist_object, up) - normals @ up)
    tried = [graded(hand, closed, T_wrist_object, float(score[k]), k) for k in range(count)]
    return distinct_grasps(tried, APART)


def _places(
    touch: Touch, palm: Float[Tensor, "3"], count: int, generator: torch.Generator
) -> tuple[Float[Tensor, "count 3"], Float[Tensor, "count 3"]]:
    """Points of the region, the near and the likely ones more often, and what is normal there."""
    away = (touch.points - palm).norm(dim=-1)
    chances = touch.weight * (-(away - away.min()) / NEARBY).exp()
    drawn = torch.multinomial(chances.cpu(), count, replacement=True, generator=generator)
    spots = touch.points[drawn]
    within = (torch.cdist(spots, touch.points) < FLAT).to(spots)
    return spots, torch.nn.functional.normalize(within @ touch.normals, dim=-1)


def bearing(
    hand: Hand, closed: Closed, T_wrist_object: Float[Tensor, "batch 4 4"], up: Float[Tensor, "3"]
) -> Float[Tensor, " batch"]:
    """How much of what touches of the fingers looks up, in [-1, 1]: 1 where all of it bears.

    Args:
        hand: Gives the skin.
        closed: Hands on the object.
        T_wrist_object: Where it is, seen from each wrist.
        up: Unit, object frame.
    """
    way = T_wrist_object[:, :3, :3] @ up
    upward = (hand.skin_normals @ closed.rotations.mT) @ way[:, None, None, :, None]
    touching = (closed.distance < TOUCH).to(way)
    total = touching.flatten(1).sum(dim=1)
    return (touching * upward[..., 0]).flatten(1).sum(dim=1) / total.clamp(min=1.0)


def laid(
    hand: Hand,
    spots: Float[Tensor, "batch 3"],
    normals: Float[Tensor, "batch 3"],
    forearm: Float[Tensor, "3"],
    swing: Float[Tensor, "batch 1"],
) -> Float[Tensor, "batch 4 4"]:
    """Where the object is, seen from the wrist, when the palm's middle lies on each spot.

    Args:
        hand: Gives the palm.
        spots: Object frame.
        normals: Outward, unit; they go into the palm.
        forearm: The fingers point as it does, object frame, as far as the surface lets them,
        swing: and are turned about the normal by that, radians.
    """
    ahead = forearm - (normals @ forearm)[:, None] * normals
    ahead = torch.nn.functional.normalize(ahead + 1e-6 * normals.roll(1, dims=-1), dim=-1)
    ahead = (matrix_from_rotvec(normals * swing) @ ahead[..., None])[..., 0]
    rotation = palm_down(hand, ahead, normals).mT
    at = MIDDLE * hand.knuckles + hand.thickness * hand.frame[:, 2]
    return rigid(rotation, at - (rotation @ spots[..., None])[..., 0])
