"""Grasps for the grips of an affordance: which way each hand takes hold."""

import math
from dataclasses import replace

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import normalize

from ...artefacts import Grip, Item, Plan
from ...body import ShapedBody
from ...geometry.grid import Grid, build_grid
from ...geometry.surface import Surface
from ...task.overlap import dense_points
from ...task.tools import working_direction
from ...vocabulary import OPEN_HANDS, HandShape, Region, side_of
from ...wishes import driven
from ..chance import Chance
from .closing import Distance
from .hand import make_hand
from .rating import THIN
from .search import GAP, MARGIN, Freedom, Grasp, find_grasps

REACH = 0.10
"""Half the side of the box around a grip whose distances a hand may ask for, metres."""
FINE = 0.005
"""Largest grid step that still resolves a handle, metres."""
DENSE, CABLE, LOOSE, PLACES, STRAND = 0.004, 0.012, 0.004, 6, 0.7
"""A cable along a rod: how far apart the points are that show it, how far off the rod it may be and
must be, metres, in how many places along the hand it must be there, and how long the mean of the
ways to it at least is: it is on one side."""
DOWNWARD = -0.5
"""Cosine of a thumb and the vertical below which it points down."""
WIDE, FULL = 0.045, 0.03
"""Radius from which fingers cradle rather than wrap, and from which a grip is a vessel's girth,
metres."""
CORE, OVER = 0.75, 0.03
"""What counts as full of a wide grip: a share of its radius, and metres beyond its ends."""
NEAR_POINTS = 400
ASIDE = 4.0
"""What it costs, in fingers, to reach for a handle from the side of what it is the handle of."""
MUCH = 5.0
"""How much worse than the best a grasp of what is carried may be: its arm has no other choice."""
TILTS = 3
"""Of what is carried the grip lies across the hand straight, and obliquely either way: its arm has
no other choice there, too."""
HANGS = 0.7
"""What is kept upright and points up or down, cosine, hangs from its grip as a suitcase does."""
SWING, PISTOL = math.radians(30), math.radians(60)
"""How far off the way along the fingers a tool's working end may lead, and how far toward the way
that the palm faces: a pistol's grip and a spade's crossbar lie in the palm."""
FLAT, SECTION, LEAST = 1.3, 0.02, 12
"""How many times as wide as thick a flat grip is; half the slice of it that tells, metres, and how
many points of it tell anything."""
SHAFT = 0.5
"""A longer handle that points down is held with the thumb up as well, metres."""
EITHER = Freedom(flips=(1.0, -1.0), backward=2.0, sectors=6)
"""Of a hand that takes what another holds: its thumb may point either way along a shaft, and
which rolls its arm reaches is not known yet."""


def hold(
    item: Item,
    plan: Plan,
    grip: Grip,
    body: ShapedBody,
    chance: Chance,
    *,
    leads: bool = True,
) -> list[Grasp]:
    """Grasps of one hand on one grip, best first.

    Args:
        item: The object.
        plan: Gives the hand's shape.
        grip: Where to hold, object frame.
        body: The person.
        chance: Randomness, and how long to search.
        leads: This hand says which way a tool points; the other takes it as it comes.
    """
    side = side_of(grip.part)
    hand = make_hand(body, side, hand_shape_for(plan, grip))
    points, _ = felt(item, grip)
    if len(points) > NEAR_POINTS:
        order = torch.randperm(len(points), generator=chance.generator, device="cpu")
        points = points[order[:NEAR_POINTS].to(points.device)]
    grid = local_grid(item.surface, item.grid, grip)
    distance = filled(grid, grip) if grip.radius > FULL else grid
    knobs = chance.knobs
    found: list[Grasp] = []
    ways = freedoms(item, plan, grip) if leads else _edgewise(item, grip, EITHER)
    for free in ways:
        alike = sum(other.flips == free.flips for other in ways)
        count = knobs.grasp_candidates // alike
        tilts = TILTS if leads and plan.movable else 1
        paced = replace(free, worse=MUCH, candidates=count, rounds=knobs.grasp_rounds, tilts=tilts)
        found += find_grasps(hand, distance, points, grip, paced, chance.generator)
    return sorted(found, key=lambda grasp: -grasp.score)


def hand_shape_for(plan: Plan, grip: Grip) -> HandShape:
    """The plan's shape when it closes around things, else the one that the radius asks for."""
    wanted = plan.hands.get(side_of(grip.part), "power")
    if grip.radius > WIDE and wanted in ("power", "relaxed"):
        return "cradle"
    thin = wanted == "cradle" and grip.radius < FULL  # Half open fingers do not close on a rod.
    return "power" if thin or wanted in OPEN_HANDS else wanted


def edge_shape_for(plan: Plan, edge: Grip, region: Region) -> HandShape:
    """How fingers close over a plate's end: a hand that is shaken is so narrow that they close."""
    if region == "hand":
        return hand_shape_for(plan, edge)
    return "power" if edge.radius < THIN else "cradle"


def local_grid(surface: Surface, whole: Grid, grip: Grip) -> Grid:
    """Distances around a grip, fine enough for its rod."""
    step = float((whole.high - whole.low)[0] / (whole.volume.shape[-1] - 1))
    if step <= max(FINE, grip.radius / 4):
        return whole
    reach = grip.axis.abs() * min(grip.length / 2, REACH) + REACH
    cells = math.ceil(2 * float(reach.max()) / FINE)
    return build_grid(surface, grip.centre - reach, grip.centre + reach, cells=cells, pad=0.0)


def felt(
    item: Item, grip: Grip, *, fixed: bool = False
) -> tuple[Float[Tensor, "points 3"], tuple[float, float]]:
    """Points of the object about a grip, object frame, and a palm's clearance there, metres.

    Along a fixed rod may run a cable: then the points show it, and it has room below the palm.
    """
    samples = item.points[(item.points - grip.centre).norm(dim=-1) < 1.5 * REACH]
    if not fixed:
        return samples, GAP
    low, high = grip.centre - REACH, grip.centre + REACH
    points, _ = dense_points(item.mesh, low, high, spacing=DENSE)
    offset = points - grip.centre
    along = offset @ grip.axis
    off = (offset - along[:, None] * grip.axis).norm(dim=-1) - grip.radius
    place = ((along / MARGIN + 1) / 2 * PLACES).floor().long()
    near = (off < CABLE) & (place >= 0) & (place < PLACES)
    reach = torch.zeros(PLACES).scatter_reduce(0, place[near], off[near], reduce="amax")
    stands = float(reach.min())
    around = normalize((offset - along[:, None] * grip.axis)[near & (off > LOOSE)], dim=-1)
    if stands <= LOOSE or float(around.mean(dim=0).norm()) < STRAND:  # Or it is no round rod.
        return samples, GAP
    return points, (GAP[0], GAP[1] + stands)


def filled(distance: Distance, grip: Grip) -> Distance:
    """The distances to a vessel that is full to over its rim: no finger reaches into a mug."""

    def around(points: Float[Tensor, "*batch 3"]) -> Float[Tensor, "*batch"]:
        offset = points - grip.centre
        along = offset @ grip.axis
        across = (offset - along[..., None] * grip.axis).norm(dim=-1)
        ends = along.abs() - grip.length / 2 - OVER
        return torch.minimum(distance(points), torch.maximum(across - CORE * grip.radius, ends))

    return around


def freedoms(item: Item, plan: Plan, grip: Grip) -> tuple[Freedom, ...]:
    """The thumb's side goes toward the working end; a head with a direction leads the fingers.

    Where that would point the thumb down, the object may also be taken the other way round.
    """
    up = {"upright": 1.0, "upside_down": -1.0}.get(plan.attitude, 0.0)
    turned = up * float(grip.axis[1]) < DOWNWARD
    flips = (1.0, -1.0) if turned or _points_down(plan, grip) else (1.0,)
    side, lead = side_of(grip.part), working_direction(item, grip)
    hangs = up != 0.0 and lead is not None and abs(float(lead[1])) > HANGS
    if lead is None or turned or hangs:
        away = (item.points - grip.centre).mean(dim=0)
        off = float((away - (away @ grip.axis) * grip.axis).norm())
        if off > 2 * grip.radius:
            return (Freedom(flips=flips, aside=ASIDE),)
        return _edgewise(item, grip, Freedom(flips=flips))
    # Roll 0 lays `outward` into the palm; a quarter turn lays it along the fingers.
    if (plan.posture == "lean" or driven(plan)) and float(lead @ grip.outward) < -0.7:
        return (Freedom(roll=(-SWING, SWING), flips=(1.0, -1.0)),)  # The weight is on the palm.
    cosine = float(lead @ grip.outward)
    sine = float(lead @ torch.linalg.cross(grip.axis, grip.outward))
    found: list[Freedom] = []
    for flip in flips:
        way = -flip if side == "left" else flip
        along = way * math.pi / 2 - math.atan2(sine, cosine)
        ends = sorted((along - way * SWING, along + way * PISTOL))
        found.append(Freedom(roll=(ends[0], ends[1]), flips=(flip,)))
    return tuple(found)


def _edgewise(item: Item, grip: Grip, free: Freedom) -> tuple[Freedom, ...]:
    """What is flat is held with an edge in the palm, its faces between fingers and thumb."""
    edge = flattened(item.points, grip)
    if edge is None:
        return (free,)
    angle = math.atan2(
        float(edge @ torch.linalg.cross(grip.axis, grip.outward)), float(edge @ grip.outward)
    )
    rolls = [(middle - SWING, middle + SWING) for middle in (-angle, math.pi - angle)]
    return tuple(replace(free, roll=roll, sectors=1) for roll in rolls)


def flattened(points: Float[Tensor, "points 3"], grip: Grip) -> Float[Tensor, "3"] | None:
    """The way, object frame, in which the section of a grip is longest; None if it is round."""
    offset = points - grip.centre
    along = offset @ grip.axis
    across = offset - along[:, None] * grip.axis
    near = (along.abs() < SECTION) & (across.norm(dim=-1) < 2 * grip.radius)
    if int(near.sum()) < LEAST:
        return None
    values, vectors = torch.linalg.eigh(across[near].T @ across[near] / near.sum())
    flat = float(values[2]) > FLAT**2 * float(values[1])
    return vectors[:, 2] if flat else None


def _points_down(plan: Plan, grip: Grip) -> bool:
    """A long shaft whose working end is below, as a broom's."""
    return plan.attitude == "aimed_down" and grip.length > SHAFT
