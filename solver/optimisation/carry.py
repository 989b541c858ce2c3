"""A held thing is brought to where the plan wants it: by its carrier's arm, then the other arm.

Descent alone cannot do it: from an arm of the pose library the way to a drill held level at the
height of the head, or to a cup at the mouth, leads over worse places.
"""

from dataclasses import dataclass, replace
from functools import partial

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..body import Posed, pose_body
from ..body.joints import INDEX
from ..geometry.rotations import matrix_from_rotvec, rigid, transform
from ..task import Task, Touch
from ..task.patches import spread
from ..task.spheres import sphere_centres
from .arms import Arms, Rows, arm_joints, posed_arms, search, shoulder_of, with_arm
from .attitudes import attitude
from .chance import Chance
from .losses.collision import engulfed
from .manners import aside, backhanded, reverse, supine, workplace
from .reach import glance, sharpened
from .taking import Taking, miss_cost
from .variables import Start

REACH = 0.92
"""Share of the arm's length at which a wrist is reached with ease."""
ACROSS = 0.30
"""How far past the shoulder to the other side a hand reaches with ease, metres."""
HIT = 400.0
"""What any collision costs at most."""
ABREAST = 0.15
"""How far to a side of its shoulder a hand usually takes hold of something fixed, metres."""
FOREARM, STRUCK = (0.042, 0.027), 3.0
"""Half the thickness of a forearm at the elbow and at the wrist, metres; how much more than a wrist
that is off its grasp the forearm in an object counts."""
PALM, HAND = torch.tensor([0.085, -0.02, 0.0]), 0.09
"""Where a left hand's palm is, seen from its wrist, and how far apart two of them are, metres."""
THICK = 0.045
"""Room that the middle of a forearm needs, metres."""
LAIN = 0.012
"""How far above the mean of a shoulder's curved patch lies what rests on it, metres."""
CHOICE = 16
"""So many of a hand's grasps, those that an arm may come to most easily, are searched for."""
NEARBY = 40
"""Points of a region among which the nearest is looked for."""

Hold = tuple[str, Float[Tensor, "_ 4 4"]]
"""A hand's side, and the object as its wrist sees it."""


def raise_carrier(task: Task, taking: Taking, start: Start, chance: Chance, keep: int) -> Start:
    """Pose the carrying arms so that the object is turned, as high and as near as planned.

    Args:
        task: The job.
        taking: Who holds what how.
        start: Rows whose object rides on the wrist.
        chance: Randomness.
        keep: How many rows go on: those that come nearest to the plan.

    Returns:
        The best rows, best first. Their arms are what the prior knows from now on; how far those
        are from the library's arms counts as oddness.
    """
    carrier, T_wrist_object = taking.carrier, start.T_wrist_object
    assert carrier is not None and T_wrist_object is not None
    posed = pose_body(task.body, matrix_from_rotvec(start.pose), start.trans)
    shoulder = shoulder_of(task.body, carrier.side, start, posed)
    trunk = trunk_of(task, posed)

    def cost(arms: Arms, rows: Rows) -> Float[Tensor, "rows samples"]:
        T_world_object = arms.T_world_wrist @ T_wrist_object[rows, None]
        here, around = rows_of(posed, rows), trunk.take(rows)
        held = planned(task, taking, here, T_world_object) + aside(
            here, arms, carrier.side, *workplace(task)
        )
        return held + around.hit_by_object(task, T_world_object) + around.hit_by_arm(arms)

    found = search(shoulder, cost, chance)
    best = (found.cost + start.oddness).argsort()[:keep]
    return with_arm(start.take(best), carrier.side, found.angles[best], found.effort[best])


def bring_others(task: Task, taking: Taking, start: Start, chance: Chance) -> Start:
    """Pose the arms of the other hands so that each reaches one of its grasps."""
    for goal in taking.goals:
        posed = pose_body(task.body, matrix_from_rotvec(start.pose), start.trans)
        each = shoulder_of(task.body, goal.side, start, posed)
        T_world_object = object_of(taking, start, posed)
        worse = goal.worse.expand(len(T_world_object), -1)
        if taking.carrier is not None and start.T_wrist_object is not None:
            first = (taking.carrier.side, start.T_wrist_object)
            worse = worse + hand_in_hand(first, (goal.side, goal.T_wrist_object))
        T_object_wrist = torch.linalg.inv(goal.T_wrist_object)
        bar = None if task.plan.movable or goal.shape in ("cradle", "flat") else goal.side
        T_world_wrist = T_world_object[:, None] @ T_object_wrist
        worse = worse + reverse(each, T_world_wrist) if bar else worse
        about = glance(each, T_world_wrist) + worse
        easy = about.argsort(dim=1)[:, :CHOICE].sort(dim=1).values
        pairs = torch.arange(len(easy)).repeat_interleave(easy.shape[1])
        shoulder, trunk = each.take(pairs), trunk_of(task, posed).take(pairs)
        wanted = T_world_object[pairs] @ T_object_wrist[easy.flatten()]
        reached = partial(at_grasp, task, wanted, T_world_object[pairs], trunk, bar)
        found = sharpened(shoulder, search(shoulder, reached, chance), wanted, reached)
        worse = worse.gather(1, easy)
        best = (found.cost.view_as(worse) + worse).argmin(dim=1)
        chosen = torch.arange(len(easy)) * easy.shape[1] + best
        angles, odd = found.angles[chosen], found.effort[chosen] + worse.flatten()[chosen]
        if bar:
            arms = posed_arms(shoulder.take(chosen), angles[:, None])
            odd = odd + (supine(arms) + backhanded(arms, bar))[:, 0]
        start = with_arm(start, goal.side, angles, odd)
    return start


def at_grasp(
    task: Task,
    wanted: Float[Tensor, "pairs 4 4"],
    T_world_object: Float[Tensor, "pairs 4 4"],
    trunk: "Trunk",
    bar: str | None,
    arms: Arms,
    rows: Rows,
) -> Float[Tensor, "rows samples"]:
    """What arms cost that hold on, out of person and object; at a bar, a hand of which side."""
    cost = wrist_cost(arms, wanted[rows]) + trunk.take(rows).hit_by_arm(arms)
    cost = cost + STRUCK * forearm_in(task, T_world_object[rows], arms)
    cost = cost + supine(arms) + backhanded(arms, bar) if bar else cost
    return cost if task.plan.movable else cost + _astray(arms)


def hand_in_hand(carrier: Hold, other: Hold) -> Float[Tensor, "rows grasps"]:
    """What it costs to lay a hand on another, the carrier's, that holds the same thing."""
    between = torch.cdist(_palms(*carrier), _palms(*other))
    return ((HAND - between).clamp(min=0.0) / 0.01).square()


def _palms(side: str, T_wrist_object: Float[Tensor, "rows 4 4"]) -> Float[Tensor, "rows 3"]:
    """The middles of palms, seen from the object."""
    palm = torch.tensor([1.0 if side == "left" else -1.0, 1.0, 1.0]) * PALM.to(T_wrist_object)
    return transform(torch.linalg.inv(T_wrist_object), palm.expand(len(T_wrist_object), 1, 3))[:, 0]


def _astray(arms: Arms) -> Float[Tensor, "rows samples"]:
    """Two hands on a bar are as far apart as the shoulders, about."""
    reached = arms.joints[:, :, 2] - arms.joints[:, :, 0]
    return ((reached * arms.collar[:, None, :, 0]).sum(dim=-1) / ABREAST).square()


def forearm_in(
    task: Task, T_world_object: Float[Tensor, "rows 4 4"], arms: Arms
) -> Float[Tensor, "rows samples"]:
    """Squared centimetres by which the object reaches into the forearms."""
    points = forearm(arms, 0.1, 0.9)
    rotation, origin = T_world_object[:, None, None, :3, :3], T_world_object[:, None, None, :3, 3]
    local = ((points - origin)[..., None, :] @ rotation)[..., 0, :]
    bone = torch.linspace(*FOREARM, points.shape[-2]).to(points)
    return engulfed(task.item.grid(local), bone, torch.zeros_like(bone)).clamp(max=HIT)


def forearm(arms: Arms, first: float, last: float) -> Float[Tensor, "rows samples 5 3"]:
    """Points from the elbow (0) to the wrist (1)."""
    elbow, wrist = arms.joints[:, :, 1], arms.joints[:, :, 2]
    along = torch.linspace(first, last, 5)[:, None]
    return elbow[:, :, None] + along * (wrist - elbow)[:, :, None]


def planned(
    task: Task, taking: Taking, posed: Posed, T_world_object: Float[Tensor, "rows samples 4 4"]
) -> Float[Tensor, "rows samples"]:
    """How far held objects are from what the plan says of them."""
    rows, samples = T_world_object.shape[:2]
    flat = T_world_object.flatten(0, 1)
    each = torch.arange(rows).repeat_interleave(samples)
    bare = replace(posed, verts=posed.verts[:, :0])
    cost = attitude(task, rows_of(bare, each), flat, free=True).view(rows, samples)
    for touch in task.touches:
        side = touch.contact.part.split("_", 1)[0]
        at = transform(T_world_object, touch.centre.expand(rows, samples, 1, 3))[..., 0, :]
        if touch.contact.part.endswith("shoulder"):
            cost = cost + 4 * touch.contact.weight * _off_part(touch, posed, T_world_object)
        elif side in ("left", "right") and not touch.contact.part.endswith("_foot"):
            if taking.carrier is None or side != taking.carrier.side:
                cost = cost + _out_of_reach(touch, posed, at)
        else:
            part = posed.verts[:, touch.verts].mean(dim=1)
            away = ((at - part[:, None]).norm(dim=-1) - 0.02).clamp(min=0.0)
            cost = cost + 4 * touch.contact.weight * (away / 0.03).clamp(max=12.0)
    return cost


def _off_part(
    touch: Touch, posed: Posed, T_world_object: Float[Tensor, "rows samples 4 4"]
) -> Float[Tensor, "rows samples"]:
    """How far a shoulder is from what lies on it, a long region: to its nearest point, above it."""
    kept = spread(touch.points, NEARBY)
    part = posed.verts[:, touch.verts].mean(dim=1)
    rotation, origin = T_world_object[..., :3, :3], T_world_object[..., :3, 3]
    local = ((part[:, None] - origin)[..., None, :] @ rotation)[..., 0, :]
    away, which = torch.cdist(local, touch.points[kept]).min(dim=-1)
    offset = (rotation @ (touch.points[kept][which] - local)[..., None])[..., 0]
    up = posed.rotations[:, INDEX["spine3"], :, 1]
    sunk = (LAIN - (offset * up[:, None]).sum(dim=-1)).clamp(min=0.0)
    return ((away - 0.03).clamp(min=0.0) / 0.03 + sunk / 0.01).clamp(max=12.0)


def _out_of_reach(
    touch: Touch, posed: Posed, at: Float[Tensor, "rows samples 3"]
) -> Float[Tensor, "rows samples"]:
    """What the other hand or arm touches is to be before its own shoulder, within reach."""
    side, limb = touch.contact.part.split("_", 1)
    if limb not in ("hand", "forearm"):
        return at.new_zeros(at.shape[:-1])
    shoulder, elbow, wrist = (posed.joints[:, j] for j in arm_joints(side))
    length = (elbow - shoulder).norm(dim=-1) + (wrist - elbow).norm(dim=-1)
    away = (at - shoulder[:, None]).norm(dim=-1) - REACH * length[:, None]
    left = posed.rotations[:, INDEX["spine3"], :, 0] * (1.0 if side == "left" else -1.0)
    across = -((at - shoulder[:, None]) * left[:, None]).sum(dim=-1) - ACROSS
    return (away.clamp(min=0.0) / 0.03).square() + (across.clamp(min=0.0) / 0.05).square()


def wrist_cost(arms: Arms, wanted: Float[Tensor, "rows 4 4"]) -> Float[Tensor, "rows samples"]:
    """How far the wrists are from where their grasp wants them."""
    away = (arms.T_world_wrist[..., :3, 3] - wanted[:, None, :3, 3]).norm(dim=-1)
    turn = (arms.T_world_wrist[..., :3, :3] - wanted[:, None, :3, :3]).square().sum(dim=(-1, -2))
    return miss_cost(away, (turn / 2 + 1e-10).sqrt())


@dataclass(frozen=True)
class Trunk:
    """What arms and held things must not be in: balls inside trunk, head and legs."""

    centres: Float[Tensor, "rows balls 3"]
    radii: Float[Tensor, " balls"]

    def take(self, rows: Int[Tensor, " chosen"]) -> "Trunk":
        """Some of the rows."""
        return Trunk(self.centres[rows], self.radii)

    def hit_by_object(
        self, task: Task, T_world_object: Float[Tensor, "rows samples 4 4"]
    ) -> Float[Tensor, "rows samples"]:
        """Squared centimetres by which the object reaches into the balls."""
        rotation, origin = T_world_object[..., :3, :3], T_world_object[..., None, :3, 3]
        sdf = task.item.grid((self.centres[:, None] - origin) @ rotation)
        return engulfed(sdf, self.radii, torch.zeros_like(self.radii)).clamp(max=HIT)

    def hit_by_arm(self, arms: Arms) -> Float[Tensor, "rows samples"]:
        """The same for the forearm."""
        points = forearm(arms, 0.1, 1.2)
        away = torch.cdist(points.flatten(1, 2), self.centres).unflatten(1, points.shape[1:3])
        return engulfed(away.amin(dim=2), self.radii + THICK, torch.zeros_like(self.radii)).clamp(
            max=HIT
        )


def rows_of(posed: Posed, rows: Int[Tensor, " chosen"]) -> Posed:
    """Some of the bodies."""
    parts = (posed.verts, posed.joints, posed.rotations, posed.bones)
    return Posed(*(part[rows] for part in parts))


def trunk_of(task: Task, posed: Posed) -> Trunk:
    """The balls of the rows of a start, without those of the arms."""
    spheres = task.spheres
    owner = spheres.weights[: spheres.solid].argmax(dim=1)
    arms = torch.tensor(arm_joints("left") + arm_joints("right"))
    rest = torch.nonzero(~torch.isin(owner, arms))[:, 0]
    kept = rest[spread(spheres.centres[rest], 50)]
    return Trunk(sphere_centres(spheres, posed)[:, kept], spheres.radii[kept])


def object_of(taking: Taking, start: Start, posed: Posed) -> Float[Tensor, "rows 4 4"]:
    """Where the object is in every row: on the carrying wrist, else at rest."""
    if taking.carrier is None or start.T_wrist_object is None:
        return start.T_world_object
    j = taking.carrier.joint
    return rigid(posed.rotations[:, j], posed.joints[:, j]) @ start.T_wrist_object
