"""Rails, rungs, handlebars, edges: grips on fixed things, found where the hand already is."""

import math
from dataclasses import replace
from functools import partial
from itertools import product

import torch
from jaxtyping import Float
from torch import Tensor

from ..artefacts import Grip, Item
from ..body import pose_body
from ..body.joints import INDEX
from ..geometry.rotations import matrix_from_rotvec
from ..task import Task, Touch
from ..task.overlap import signed_distance
from ..task.patches import spread
from ..task.resolve import nearest_targets
from ..vocabulary import BodyPart, HandShape, Region, side_of
from .arms import effort, posed_arms, shoulder_of
from .carry import at_grasp, trunk_of
from .chance import Chance
from .edges import LEVEL, fit_edge
from .grasp import Grasp, make_hand
from .grasp.hold import edge_shape_for, felt, hand_shape_for, local_grid
from .grasp.search import Freedom, find_grasps
from .palms import DOWN, palms_at
from .reach import reach as angles_at
from .variables import Start, State

AROUND = 0.06
"""Region points this near to the hand, metres, show the rod."""
THICK = 0.035
"""Radius beyond which a hand does not close around it, metres."""
STRAIGHT = 0.12
"""Share of the normals' spread that may lie along a rod's axis."""
ROUND = 0.12
"""Share that must lie across it, both ways: a flat face is no rod."""
BENT = 0.012
"""How far, metres, the points that collapse onto the axis stay from it: a folded wall is no rod."""
STRAY = 0.15
"""How far, metres, from where it is a hand may look for a better piece of the rod."""
BOWED = 0.003
"""Mean distance, metres, from its cylinder that makes a piece as bad as one `STRAY` away."""
SPOTS = 4
"""Pieces that are looked at."""
KEEP, MANY, EACH = 8, 32, 2
"""Grasps that a hand tries, that are handed on for arms to choose from, and that are of one piece,
turn and way of the thumb at most."""
ROLL, CARRIED = math.radians(110), math.radians(60)
"""How far the hand may turn about a rod from where it is; one that is carried comes to it."""
BORNE: tuple[Region, ...] = ("underside",)
"""What is carried there lies on an open palm, however thin it is."""
ALIKE = 0.6
"""Cosine of a rod and the way to the thumb's side below which the thumb may point either way."""
STEEP = 0.5
"""Sine of the slope from which a fixed rod, a rail or a post, is held with the thumb up."""
SECTORS = 4
"""Of the turns that a hand may take: the best of each and of each way that the thumb may point goes
on, since which of them the arm reaches shows only later."""
PLATE, NARROW, OVER = 0.08, 0.05, math.radians(110)
"""What is looked at of a plate's end, metres, and of one that soon bends, as a bin's wall does; and
how far a hand may turn about its rim."""
SPAN = 0.05
"""Thicker plates, metres, lie on palms when they are carried, but for those that are taken by their
lower edges: their weight opens fingers."""
ASTRAY = 0.4
"""So far from the hand, metres, all of a plate must be level to be as good as none of it here."""


def grasps_here(
    task: Task, touch: Touch, state: State, chance: Chance, row: int = 0
) -> list[Grasp]:
    """Grasps around the hand of one row, best first: of rods or, where there are none, of edges.

    What is carried and has neither lies on open palms.
    """
    side = side_of(touch.contact.part)
    count = chance.knobs.rod_candidates // (2 if task.plan.movable else 1)
    palm, thumb = _palm(state, row, side)
    if task.plan.movable and touch.contact.region in BORNE:
        return _palms(task, touch, state, chance, row)
    spots = _spots(touch, palm)
    reach = CARRIED if task.plan.movable else ROLL
    rods = rods_at(touch.points, touch.normals, touch.contact.part, spots, palm, thumb)
    if task.plan.movable:
        rods = [rod for rod in rods if solid(task, rod)]
    elif not rods:  # The top of a rail is a region; all of it is a rod.
        points, normals = task.item.points, task.item.normals
        rods = rods_at(points, normals, touch.contact.part, spots, palm, thumb)
    grips: list[tuple[Grip, HandShape]] = [(g, hand_shape_for(task.plan, g)) for g in rods]
    if not grips:
        reach = OVER
        edges = _edges(task, touch, spots, thumb, state.T_world_object[row, 1, :3])
        grips = [(g, edge_shape_for(task.plan, g, touch.contact.region)) for g in edges]
    if not grips and task.plan.movable:
        return _palms(task, touch, state, chance, row)
    ways: dict[tuple[int, float], list[Grasp]] = {}
    rides = bool(rods) and task.plan.movable
    for piece, shape in grips[: chance.knobs.rod_spots]:
        grip, flips = _thumb_ways(piece, thumb, fixed=not rides, plate=not rides)
        hand = make_hand(task.body, side, shape)
        grid = local_grid(task.item.surface, task.item.grid, grip)
        near, gap = felt(task.item, grip, fixed=bool(rods) and not rides)
        for k, flip in product(range(SECTORS), flips):
            chance.tick()
            roll = reach * (2 * k / SECTORS - 1), reach * (2 * (k + 1) / SECTORS - 1)
            free = Freedom(roll, (flip,), candidates=count, gap=gap)
            best = find_grasps(hand, grid, near, grip, free, chance.generator)
            ways.setdefault((k, flip), []).extend(best[:EACH])
    return in_turn(list(ways.values()), MANY)


def in_turn(ways: list[list[Grasp]], count: int) -> list[Grasp]:
    """The best grasp of each way, best first, then the second of each, and so on.

    A hand that holds a little better the wrong way round leaves room for the one that arms reach.
    """
    ranked = [sorted(way, key=lambda grasp: -grasp.score) for way in ways]
    order = [(k, -grasp.score, grasp) for way in ranked for k, grasp in enumerate(way)]
    return [grasp for *_, grasp in sorted(order, key=lambda each: each[:2])][:count]


def within_reach(task: Task, start: Start, grasps: list[Grasp], count: int) -> list[Grasp]:
    """The grasps of a fixed thing that arms come to most easily from how the library holds them.

    Args:
        task: Of the object.
        start: Rows, in any of which a grasp may be good.
        grasps: Of one hand.
        count: How many go on.
    """
    if len(grasps) <= count:
        return grasps
    posed = pose_body(task.body, matrix_from_rotvec(start.pose), start.trans)
    rows = torch.arange(len(start.pose))
    pairs = rows.repeat_interleave(len(grasps))
    shoulder = shoulder_of(task.body, grasps[0].side, start, posed).take(pairs)
    T_object_wrist = torch.linalg.inv(torch.stack([grasp.T_wrist_object for grasp in grasps]))
    wanted = start.T_world_object[pairs] @ T_object_wrist.repeat(len(rows), 1, 1)
    angles = angles_at(shoulder, shoulder.usual, wanted)[:, None]
    side, trunk = grasps[0].side, trunk_of(task, posed).take(pairs)
    bar = None if grasps[0].shape == "cradle" else side
    reached = partial(at_grasp, task, wanted, start.T_world_object[pairs], trunk, bar)
    cost = reached(posed_arms(shoulder, angles), torch.arange(len(pairs)))
    cost = cost + effort(shoulder, angles)
    least = cost.view(len(rows), -1).amin(dim=0) - torch.tensor([g.score for g in grasps])
    return [grasps[k] for k in least.argsort()[:count].tolist()]


def _thumb_ways(
    grip: Grip, thumb: Float[Tensor, "3"], *, fixed: bool, plate: bool
) -> tuple[Grip, tuple[float, ...]]:
    """The grip, its outward side turned half-way up, and the ways that the thumb may point."""
    if fixed and abs(float(grip.axis[1])) > STEEP:
        return replace(grip, axis=grip.axis * grip.axis[1].sign()), (1.0,)
    if fixed:  # From above, if need be: no palm need look up.
        up = torch.tensor([0.0, 1.0, 0.0]).to(grip.axis)
        outward = grip.outward + up - (up @ grip.axis) * grip.axis
        grip = replace(grip, outward=torch.nn.functional.normalize(outward, dim=0))
    either = plate or float(grip.axis @ thumb) < ALIKE * float(thumb.norm())
    return grip, (1.0, -1.0) if either else (1.0,)


def _palm(state: State, row: int, side: str) -> tuple[Float[Tensor, "3"], Float[Tensor, "3"]]:
    """The palm of one row's hand, and the way from the pinky to the thumb's side, object frame."""
    joints = {
        name: state.posed.joints[row, INDEX[f"{side}_{name}"]]
        for name in ("wrist", "index1", "middle1", "pinky1")
    }
    T = state.T_world_object[row]
    knuckles = (joints["index1"] + joints["pinky1"] + 2 * joints["middle1"]) / 4
    palm = ((knuckles + joints["wrist"]) / 2 - T[:3, 3]) @ T[:3, :3]
    return palm, (joints["index1"] - joints["pinky1"]) @ T[:3, :3]


def _palms(task: Task, touch: Touch, state: State, chance: Chance, row: int) -> list[Grasp]:
    """Open hands about where that of one row is."""
    side = side_of(touch.contact.part)
    elbow, wrist = (state.posed.joints[row, INDEX[f"{side}_{name}"]] for name in ("elbow", "wrist"))
    rotation = state.T_world_object[row, :3, :3]
    forearm = torch.nn.functional.normalize((wrist - elbow) @ rotation, dim=0)
    palm, _ = _palm(state, row, side)
    return palms_at(task, touch, side, palm, forearm, rotation[1], chance)


def _spots(touch: Touch, palm: Float[Tensor, "3"]) -> Float[Tensor, "spots 3"]:
    """Places of the region: the nearest first, then others apart from it and from one another."""
    nearest = touch.points[nearest_targets(touch, palm)]
    around = touch.points[(touch.points - nearest).norm(dim=-1) < STRAY]
    around = around[(around - nearest).norm(dim=-1).argsort()]
    return around[spread(around, SPOTS)]


def rods_at(
    points: Float[Tensor, "region 3"],
    normals: Float[Tensor, "region 3"],
    part: BodyPart,
    spots: Float[Tensor, "spots 3"],
    palm: Float[Tensor, "3"],
    thumb: Float[Tensor, "3"],
) -> list[Grip]:
    """Pieces of rods, straight near ones first: axis with the thumb, outward toward the palm."""
    found: list[tuple[float, Grip]] = []
    for spot in spots:
        chosen = (points - spot).norm(dim=-1) < AROUND
        rod = fit_rod(points[chosen], normals[chosen]) if chosen.sum() >= 8 else None
        if rod is None:
            continue
        centre, axis, radius = rod
        axis = axis * torch.sign(axis @ thumb)
        outward = palm - centre
        outward = torch.nn.functional.normalize(outward - (outward @ axis) * axis, dim=0)
        off = points[chosen] - centre
        off = (off - (off @ axis)[:, None] * axis).norm(dim=-1) - radius
        worse = float(off.abs().mean()) / BOWED + float((spot - spots[0]).norm()) / STRAY
        grip = Grip(centre, axis, outward, radius, 0.10, part)
        found.append((worse, grip))
    return [grip for _, grip in sorted(found, key=lambda each: each[0])]


def solid(task: Task, rod: Grip) -> bool:
    """Whether there is something in a rod's middle: in a bin's bent wall there is not."""
    return float(signed_distance(task.item.surface, task.item.grid, rod.centre[None])) < 0.0


def _edges(
    task: Task,
    touch: Touch,
    spots: Float[Tensor, "spots 3"],
    thumb: Float[Tensor, "3"],
    up: Float[Tensor, "3"],
) -> list[Grip]:
    """Ends of plates that a hand may take; at a rim a wall ends even where it soon bends."""
    part = touch.contact.part
    edges = edges_at(task.item, part, spots, thumb)
    if not edges and touch.contact.region == "rim":
        edges = edges_at(task.item, part, spots, thumb, NARROW)
    return [edge for edge in edges if bears(edge, up) or not task.plan.movable]


def bears(edge: Grip, up: Float[Tensor, "3"]) -> bool:
    """Whether a hand over an edge keeps hold of what hangs from it, or stands in it.

    `up` is the world's, object frame.
    """
    return 2 * edge.radius < SPAN or float(edge.outward @ up) < -DOWN


def edges_at(
    item: Item,
    part: BodyPart,
    spots: Float[Tensor, "spots 3"],
    thumb: Float[Tensor, "3"],
    wide: float = PLATE,
) -> list[Grip]:
    """Ends of plates, the straight and near ones first; object frame.

    The axis is along the rim with the thumb, outward past it. Looked at is what is nearer to a
    spot than `wide`, metres.
    """
    grips: list[tuple[float, Grip]] = []
    for spot in spots:
        chosen = (item.points - spot).norm(dim=-1) < wide
        normals = item.normals[chosen]
        edge = fit_edge(item.points[chosen], normals, spot)
        if edge is not None:
            centre, axis, outward, half = edge
            level = (normals @ torch.linalg.cross(outward, axis)).abs() > LEVEL
            axis = axis * torch.sign(axis @ thumb)
            grip = Grip(centre, axis, outward, half, 0.10, part)
            worth = float(level.float().mean()) - float((spot - spots[0]).norm()) / ASTRAY
            grips.append((worth, grip))
    return [grip for _, grip in sorted(grips, key=lambda pair: -pair[0])]


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
    middles = flat - radius * inward
    if float((middles - middles.mean(dim=0)).norm(dim=-1).square().mean()) > BENT**2:
        return None
    centre = middles.mean(dim=0) + (points @ axis).mean() * axis
    return centre, axis, radius
