"""Palms laid on what is carried and too thick to close around: boxes, balls, big boards.

They lie on a face, or at a wall's lower edge, and then the fingers hook under it.
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..artefacts import Grip
from ..geometry.rotations import matrix_from_rotvec, rigid
from ..task import Task, Touch
from ..task.overlap import dense_points
from .chance import Chance
from .edges import STEP, rims_around
from .grasp import Closed, Grasp, Hand, close_fingers, make_hand
from .grasp.closing import TOUCH, Distance
from .grasp.flat import palm_down
from .grasp.hold import local_grid
from .grasp.rating import THIN, rate
from .grasp.search import distinct_grasps, graded

NEARBY = 0.06
"""A place that much farther from where the palm is, metres, is e times less likely tried."""
FLAT = 0.04
"""The surface within that of a palm's middle, metres, is what it lies along."""
SWING, OBLIQUE = math.radians(75), math.radians(35)
"""How far the fingers may point to either side of where the forearm does; and of straight over an
edge, across which they are bent."""
AROUND, SPACING = 0.13, 0.008
"""Half the box, metres, in which the surface is looked for in hands; edges show only if densely."""
APART = math.radians(18)
"""Turn between two hands that count as different: what lies between makes a box tilt."""
GAP = (0.001, 0.010)
"""Clearance between palm and surface, metres."""
MIDDLE = 0.62
"""Of the way from the wrist to the knuckles: the palm's middle."""
PROUD = (-0.035, 0.01)
"""How far past an edge the knuckles are of fingers that hook it, metres."""
DOWN = 0.7
"""Cosine from which a face looks down, or an edge is a wall's lower one."""
MANY = 3
"""Times as many places are tried as of a rod in a round: there is one round."""
BEARING = 1.5
"""What a palm, or fingers, that bear are better than those at a side, in fingers that touch."""
ASKEW = 1.5
"""What fingers that point `SWING` away from the forearm lose, in fingers that touch."""


@dataclass(frozen=True)
class Places:
    """Where palms are tried, object frame."""

    spots: Float[Tensor, "places 3"]
    """Under the palm's middle."""
    normals: Float[Tensor, "places 3"]
    """Outward, unit."""
    ahead: Float[Tensor, "places 3"]
    """Where the fingers point, as far as the surface lets them."""


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
    count, generator = MANY * chance.knobs.rod_candidates, chance.generator
    chosen = _chosen(touch, palm, count, generator)
    middle = touch.points[chosen].mean(dim=0)
    grip = Grip(middle, forearm, touch.normals[chosen[0]], FLAT, 0.1, touch.contact.part)
    grid = local_grid(task.item.surface, task.item.grid, grip)
    spots, faces = touch.points[chosen], touch.normals[chosen]
    places = flat_places(touch, spots, forearm, _uniform(count, palm, generator))
    edges = lower_edges(grid, spots, faces, up, (task.item.mesh.low + task.item.mesh.high) / 2)
    if len(edges.spots):
        hooks = hooked_places(hand, edges, _uniform(count, palm, generator))
        both = zip(vars(places).values(), vars(hooks).values(), strict=True)
        places = Places(*(torch.cat(pair) for pair in both))
    gap = GAP[0] + _uniform(len(places.spots), palm, generator)[:, :1] * (GAP[1] - GAP[0])
    T_wrist_object = laid(hand, places, gap)
    near, _ = dense_points(
        task.item.mesh, middle - AROUND, middle + AROUND, spacing=SPACING, most=20_000
    )
    chance.tick()
    thin = float((grid(spots - 2 * THIN * faces) > 0).float().mean()) > 0.5
    closed = close_fingers(hand, grid, T_wrist_object, thin=thin)
    score = rate(hand, closed, grid, T_wrist_object, near) - ASKEW * askew(places, forearm)
    score += BEARING * (bearing(hand, closed, T_wrist_object, up) - places.normals @ up)
    tried = [
        graded(hand, closed, T_wrist_object, value, k) for k, value in enumerate(score.tolist())
    ]
    return distinct_grasps(tried, APART)


def _uniform(count: int, like: Tensor, generator: torch.Generator) -> Float[Tensor, "count 3"]:
    return torch.rand(count, 3, generator=generator, device="cpu").to(like)


def _chosen(
    touch: Touch, palm: Float[Tensor, "3"], count: int, generator: torch.Generator
) -> Int[Tensor, " count"]:
    """Points of the region, the near and the likely ones more often."""
    away = (touch.points - palm).norm(dim=-1)
    chances = touch.weight * (-(away - away.min()) / NEARBY).exp()
    drawn = torch.multinomial(chances.cpu(), count, replacement=True, generator=generator)
    return drawn.to(touch.points.device)


def flat_places(
    touch: Touch,
    spots: Float[Tensor, "places 3"],
    forearm: Float[Tensor, "3"],
    unit: Float[Tensor, "places 3"],
) -> Places:
    """Palms along the surface about the spots, fingers about where the forearm points.

    Args:
        touch: Gives the surface.
        spots: On it.
        forearm: Unit, object frame.
        unit: Random, in [0, 1].
    """
    within = (torch.cdist(spots, touch.points) < FLAT).to(spots)
    normals = torch.nn.functional.normalize(within @ touch.normals, dim=-1)
    ahead = _along(forearm.expand_as(normals), normals)
    return Places(spots, normals, _swung(ahead, normals, (2 * unit[:, :1] - 1) * SWING))


def lower_edges(
    distance: Distance,
    spots: Float[Tensor, "spots 3"],
    normals: Float[Tensor, "spots 3"],
    up: Float[Tensor, "3"],
    middle: Float[Tensor, "3"],
) -> Places:
    """Where walls end below, near spots on them or on what they stand on: no palm is inside.

    Args:
        distance: Signed, to the object.
        spots: On its surface.
        normals: Outward there.
        up: Unit, object frame.
        middle: Of the object.

    Returns:
        Points of the edges, what is normal to the walls, and the way over the edge.
    """
    of, rims, outward = rims_around(distance, spots, normals)
    rims = rims - STEP / 2 * outward  # They are found up to a step past the edge.
    below = (normals[of] @ up < -DOWN)[:, None]
    walls, ways = torch.where(below, outward, normals[of]), torch.where(below, normals[of], outward)
    lower = (ways @ up < -DOWN) & ((walls @ up).abs() < DOWN)
    lower &= ((rims - middle) * walls).sum(dim=-1) > 0
    return Places(rims[lower], walls[lower], ways[lower])


def hooked_places(hand: Hand, edges: Places, unit: Float[Tensor, "places 3"]) -> Places:
    """Palms at walls whose knuckles are about the edges, so that fingers bend under them.

    Args:
        hand: Gives the knuckles.
        edges: Of which any is taken, and more than once.
        unit: Random, in [0, 1].
    """
    which = (unit[:, 0] * len(edges.spots)).long().clamp(max=len(edges.spots) - 1)
    walls = edges.normals[which]
    ahead = _swung(_along(edges.ahead[which], walls), walls, (2 * unit[:, 1:2] - 1) * OBLIQUE)
    past = PROUD[0] + unit[:, 2:] * (PROUD[1] - PROUD[0])
    behind = (1 - MIDDLE) * hand.knuckles.norm() - past
    return Places(edges.spots[which] - behind * ahead, walls, ahead)


def _along(ways: Float[Tensor, "places 3"], normals: Float[Tensor, "places 3"]) -> Tensor:
    """Ways laid along the surface."""
    flat = ways - (ways * normals).sum(dim=-1, keepdim=True) * normals
    return torch.nn.functional.normalize(flat + 1e-6 * normals.roll(1, dims=-1), dim=-1)


def _swung(
    ways: Float[Tensor, "places 3"],
    normals: Float[Tensor, "places 3"],
    angle: Float[Tensor, "places 1"],
) -> Float[Tensor, "places 3"]:
    return (matrix_from_rotvec(normals * angle) @ ways[..., None])[..., 0]


def askew(places: Places, forearm: Float[Tensor, "3"]) -> Float[Tensor, " places"]:
    """Squared angle, in `SWING`, of fingers and forearm along the surface.

    The steeper the forearm comes to the surface, the less it matters.
    """
    flat = forearm - (places.normals @ forearm)[:, None] * places.normals
    steep = flat.norm(dim=-1)
    cosine = (_along(forearm.expand_as(flat), places.normals) * places.ahead).sum(dim=-1)
    return steep * (cosine.clamp(-1.0, 1.0).acos() / SWING).square()


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


def laid(hand: Hand, places: Places, gap: Float[Tensor, "places 1"]) -> Float[Tensor, "places 4 4"]:
    """Where the object is, seen from the wrist, when the palm's middle is over each spot.

    Args:
        hand: Gives the palm.
        places: Their normals go into the palm.
        gap: From the surface to the palm, metres.
    """
    rotation = palm_down(hand, places.ahead, places.normals).mT
    at = MIDDLE * hand.knuckles + hand.thickness * hand.frame[:, 2]
    spots = places.spots + gap * places.normals
    return rigid(rotation, at - (rotation @ spots[..., None])[..., 0])
