"""Open hands that lie on what they are at: the palm first, then each finger until it touches.

A descent pulls all of a hand at once, and a fingertip is the first to arrive: the hand then stands
on its fingers, or leans on an edge. Here the wrist goes to where the palm lies, as near as can be
to where it is, the arm follows, and the fingers come down on whatever is below them.
"""

import math
from dataclasses import dataclass, replace
from functools import cached_property

import torch
from jaxtyping import Float
from torch import Tensor

from ..body.joints import INDEX
from ..body.limits import joint_angles, rotvec_of_angles
from ..geometry.rotations import rigid, transform
from ..task import OwnTouch, Task, Touch
from ..vocabulary import SIDES, HandShape, side_of
from .arms import arm_joints, posed_arms, shoulder_of, with_arm
from .grasp.flat import FAR, fingers_down, flat_hand, pads
from .grasp.hand import finger_joints
from .grasp.polish import arm_of
from .lain import SINK, Person, ground_of, lain_wrists, lying, thumbs_down, whole_hand, wrists_over
from .reach import reach
from .taking import Options, Taking
from .variables import Start, state_of, variables_at

SHAPES: tuple[HandShape, ...] = ("relaxed", "flat", "power", "cradle", "hook")
"""Hands that lie, whether they are open or found nothing to close around."""
RESTS = ("own_thigh", "own_knee", "own_belly", "own_hand")
"""Where on themselves people rest their hands."""
FREE_WRIST = math.radians(50)
"""Bent less, a wrist is at ease."""
ASTRAY = (0.06, math.radians(35))
"""How far, metres and radians, an arm may miss what the trunk can make up for."""
CHOICE = 8
"""Wrists among which an arm that is searched for anew may choose."""
APART, THINNED = 0.03, 6
"""Two hands keep so far from each other, metres; one in so many of their points shows it."""
BEST = 2
"""Wrists that are laid exactly."""
BETTER = 0.02
"""Share of the hand by which it must lie better, for all that moves."""
HELD = ("backrest", "top_edge")
"""Hands that lean on these hold them too."""
HOLDS, BENT = 0.35, math.radians(75)
"""Fingers bent over an edge are, where a hand is to hold on, worth that share of a hand that lies;
they are bent by so much, all joints together: more than fingers that hang."""
GRIPS = 3.0
"""A hand that is to hold on may lie so much worse over an edge, centimetres, than flat."""
THUMB_DOWN = 8.0
"""What a hand that lies with its thumb straight down is worse, centimetres, than with it level."""
DEEP = (0.0035, 0.005)
"""No hand is laid deeper than this, metres, in the object, or in the person, unless it was."""


@dataclass(frozen=True)
class Laid:
    """An arm, one per candidate, and where its wrist is."""

    angles: Float[Tensor, "rows 3 3"]
    """Twist and swings of shoulder, elbow and wrist, radians."""
    T_ground_wrist: Float[Tensor, "rows 4 4"]

    def take(self, rows: Tensor) -> "Laid":
        """Some of the candidates."""
        return Laid(self.angles[rows], self.T_ground_wrist[rows])

    def and_also(self, others: "Laid") -> "Laid":
        """These and others."""
        wrists = torch.cat([self.T_ground_wrist, others.T_ground_wrist])
        return Laid(torch.cat([self.angles, others.angles]), wrists)


def lay_hands(task: Task, taking: Taking, start: Start) -> Start:
    """Lay every open hand on the region that it touches, where that is better than it is.

    Args:
        task: The job.
        taking: Whose hands hold something: these stay.
        start: Rows that have arrived.
    """
    for touch in (*_lying(task, taking), *_on_self(task, taking)):
        rows = [_Row(task, touch, start, k).laid() for k in range(len(start.pose))]
        start = replace(start, pose=torch.stack(rows))
    return start


def with_laid(task: Task, taking: Taking, start: Start) -> tuple[Taking, Start]:
    """Every open hand of every row about where it will lie, and a goal for its wrist.

    An arm alone may be too short: with a goal the trunk comes along.
    """
    goals: list[Options] = []
    for touch in _lying(task, taking):
        rows = [_Row(task, touch, start, k) for k in range(len(start.pose))]
        found = [row.wanted() for row in rows]
        if all(each is None for each in found):
            continue
        pairs = list(zip(found, rows, strict=True))
        T = torch.stack([row.now.T_ground_wrist[0] if w is None else w[0] for w, row in pairs])
        angles = torch.stack([row.now.angles[0] if w is None else w[1] for w, row in pairs])
        side = side_of(touch.contact.part)
        start = with_arm(start, side, angles, torch.zeros(len(rows)))
        joints = finger_joints(side)
        start.pose[:, joints] = fingers_down(rows[0].hand, rows[0].ground.distance, T)
        start.library[:, joints] = start.pose[:, joints]
        goals.append(_goal(side, T, start))
    return replace(taking, goals=(*taking.goals, *goals)), start


def out_of_reach(task: Task, taking: Taking, start: Start) -> tuple[Options, ...]:
    """Wrists of open hands that lie, where the best row's arm is bent so that it cannot get there.

    Args:
        task: The job.
        taking: Whose hands hold something.
        start: Rows, the best first.
    """
    goals: list[Options] = []
    for touch in _lying(task, taking):
        row = _Row(task, touch, start, 0)
        if len(row.wrists) and row.wanted() is None:
            goals.append(_goal(side_of(touch.contact.part), row.wrists[:CHOICE], start))
    return tuple(goals)


def _goal(side: str, T_ground_wrist: Float[Tensor, "goals 4 4"], start: Start) -> Options:
    fingers, worse = start.pose[:1, finger_joints(side)], torch.zeros(len(T_ground_wrist))
    fingers = fingers.expand(len(worse), 15, 3)
    return Options(side, "flat", torch.linalg.inv(T_ground_wrist), fingers, worse)


def _lying(task: Task, taking: Taking) -> list[Touch]:
    """The contacts of hands that lie on something; who carries a thing holds it otherwise."""
    return [
        touch
        for touch in task.touches
        if touch.contact.part.endswith("_hand")
        and not touch.tips
        and side_of(touch.contact.part) not in taking.sides
        and not (task.plan.movable and touch.contact.role == "grasp")
        and task.plan.hands.get(side_of(touch.contact.part), "flat") in SHAPES
    ]


def _on_self(task: Task, taking: Taking) -> list[OwnTouch]:
    """The contacts of hands that rest on the person's own body."""
    return [
        own
        for own in task.owns
        if own.contact.part.endswith("_hand")
        and own.contact.region in RESTS
        and side_of(own.contact.part) not in taking.sides
        and task.plan.hands.get(side_of(own.contact.part), "relaxed") in SHAPES
    ]


class _Row:
    """One hand of one row, and wrists to which it might go."""

    def __init__(self, task: Task, touch: Touch | OwnTouch, start: Start, k: int) -> None:
        self.task, self.touch, self.start = task, touch, start.take(torch.tensor([k]))
        side = side_of(touch.contact.part)
        with torch.no_grad():
            self.state = state_of(task.body, self.start, variables_at(self.start, fingers=True))
        self.hand = flat_hand(task.body, side)
        self.shoulder = shoulder_of(task.body, side, self.start, self.state.posed)
        angles = joint_angles(self.start.pose)[:, self.shoulder.index]
        self.ground = ground_of(task, touch, self.state)
        joint, posed = INDEX[f"{side}_wrist"], self.state.posed
        T_world_wrist = rigid(posed.rotations[:, joint], posed.joints[:, joint])
        self.now = Laid(angles, torch.linalg.inv(self.ground.T_world) @ T_world_wrist)
        wrist = self.now.T_ground_wrist[0]
        self.wrists = lain_wrists(self.ground, self.hand, wrist)
        role, region, flat = touch.contact.role, touch.contact.region, len(self.wrists)
        self._on_self = isinstance(touch, OwnTouch)
        self._holds = not self._on_self and (role == "grasp" or region in HELD)
        if self._holds:
            front = self.ground.T_world[:3, :3].T @ posed.rotations[0, 0, :, 2]
            over = wrists_over(self.ground, self.hand, wrist, front)
            self.wrists = torch.cat([self.wrists, over])
        self.over = torch.arange(len(self.wrists)) >= flat

    def wanted(self) -> tuple[Float[Tensor, "4 4"], Float[Tensor, "3 3"]] | None:
        """Where the wrist is when the hand lies as near as can be, and the arm that goes there.

        None where the arm is all wrong.
        """
        if len(self.wrists) == 0:
            return None
        reached = self._reached(self.wrists, self.now.angles)
        best = int(self._cost(reached).argmin())
        missed = self.wrists[best] - reached.T_ground_wrist[best]
        away, turn = missed[:3, 3].norm(), missed[:3, :3].norm() / math.sqrt(2)
        near = bool(away < ASTRAY[0]) and bool(turn < ASTRAY[1])
        return (self.wrists[best], reached.angles[best]) if near else None

    def laid(self) -> Float[Tensor, "52 3"]:
        """The pose with the hand laid, or as it was."""
        tried = self.now
        if len(self.wrists):
            reached = self._reached(self.wrists, self.now.angles)
            best = reached.take(self._cost(reached).argsort()[:BEST])
            best = self._reached(self._lifted(best), best.angles)
            tried = tried.and_also(best)
        poses = self._posed(tried)
        down = fingers_down(self.hand, self.ground.distance, tried.T_ground_wrist)
        poses[:, finger_joints(self.hand.side)] = down
        return self._best(torch.cat([self.start.pose, poses]))

    def _reached(
        self, wanted: Float[Tensor, "tried 4 4"], begin: Float[Tensor, "#tried 3 3"]
    ) -> Laid:
        """What the arm makes of wanted wrists."""
        rows = torch.zeros(len(wanted), dtype=torch.long)
        arm, T_world_ground = self.shoulder.take(rows), self.ground.T_world
        angles = reach(arm, begin.expand(len(rows), 3, 3), T_world_ground @ wanted)
        seen = posed_arms(arm, angles[:, None]).T_world_wrist[:, 0]
        return Laid(angles, torch.linalg.inv(T_world_ground) @ seen)

    def _cost(self, tried: Laid) -> Float[Tensor, " tried"]:
        """How badly palms and straight fingers lie, centimetres, and how odd the arms are."""
        distance, count = self.ground.distance, len(tried.angles)
        skin = [self.hand.palm.expand(count, -1, 3), pads(self.hand).expand(count, -1, 3)]
        palm, fingers = (distance(transform(tried.T_ground_wrist, points)) for points in skin)
        ahead = torch.where(self.over, 0.0, fingers.clamp(0.0, FAR).mean(dim=1))
        gaps = palm.clamp(0.0, FAR).mean(dim=1) + 0.6 * ahead
        sunk = (-palm - SINK - 0.001).clamp(min=0.0).amax(dim=1)
        below = (-fingers - 0.01).clamp(min=0.0).amax(dim=1)
        bent = (tried.angles[:, 2].abs() - FREE_WRIST).clamp(min=0.0).square().sum(dim=-1)
        turned = (tried.angles - self.now.angles).square().sum(dim=(-1, -2))
        lies = 100 * (gaps + 4 * sunk + below + 3 * self._beside(tried))
        return lies + 0.8 * turned + 12 * bent + self._slipping(tried) - GRIPS * self.over

    def _beside(self, tried: Laid) -> Float[Tensor, " tried"]:
        """By how much, metres, hands come too near to the other one, and are in the person."""
        skin = torch.cat([self.hand.palm, pads(self.hand)])[::THINNED]
        T_world_wrist = self.ground.T_world @ tried.T_ground_wrist
        mine = transform(T_world_wrist, skin.expand(len(tried.angles), -1, 3))
        other = self.task.hands[SIDES[self.hand.side == SIDES[0]]][::THINNED]
        away = torch.cdist(mine, self.state.posed.verts[:, other]).amin(dim=(1, 2))
        return (APART - away).clamp(min=0.0) + (0.0 if self._on_self else self._person.around(mine))

    def _slipping(self, tried: Laid) -> Float[Tensor, " tried"]:
        """What carries weight lies on what looks up, where there is a choice; thumbs not down."""
        up = self.ground.T_world[1, :3] @ tried.T_ground_wrist[:, :3, :3]
        down = (0.0 if self._on_self else THUMB_DOWN) * thumbs_down(self.hand, up)
        if self.touch.contact.role != "support":
            return down
        return down + 2.0 * (1.0 + up @ self.hand.frame[:, 2])

    def _lifted(self, laid: Laid) -> Float[Tensor, "rows 4 4"]:
        """Wrists moved off the surface by as much as their true skin is too deep in it."""
        arm, poses = arm_of(self.task.body, self.hand.side), self._posed(laid)
        poses[:, finger_joints(self.hand.side)] = self.hand.poses[0].flatten(0, 1)
        held = replace(self.start.take(torch.zeros(len(poses), dtype=torch.long)), pose=poses)
        with torch.no_grad():
            state = state_of(arm.body, held, variables_at(held, fingers=True))
        depth = -self.ground.distance(self.ground.local(state.posed.verts)).amin(dim=1)
        out = laid.T_ground_wrist[:, :3, :3] @ self.hand.frame[:, 2]
        wrists = laid.T_ground_wrist.clone()
        wrists[:, :3, 3] -= (depth - SINK - 0.001).clamp(0.0, FAR)[:, None] * out
        return wrists

    def _posed(self, laid: Laid) -> Float[Tensor, "rows 52 3"]:
        """Whole poses with other arms."""
        arm, poses = arm_joints(self.hand.side), self.start.pose.repeat(len(laid.angles), 1, 1)
        poses[:, arm] = rotvec_of_angles(laid.angles, arm)
        return poses

    def _best(self, poses: Float[Tensor, "rows 52 3"]) -> Float[Tensor, "52 3"]:
        """The pose whose hand lies best and is in nothing; the first is how it was."""
        task = self.task
        held = replace(self.start.take(torch.zeros(len(poses), dtype=torch.long)), pose=poses)
        with torch.no_grad():
            state = state_of(task.body, held, variables_at(held, fingers=True))
        whole = whole_hand(task, self.touch)
        lies = lying(task.body, self.ground, whole, state.posed.verts)
        if self._holds:
            fingers = poses[:, finger_joints(self.hand.side)].norm(dim=-1).view(-1, 5, 3)
            lies += HOLDS * (fingers[:, :4].sum(dim=-1) > BENT).float().mean(dim=1)
        lies[0] += BETTER
        order = lies.argsort(descending=True).tolist()
        better = order[: order.index(0)]
        before = self._person.depths(task, state, 0) if better else ()
        for k in better:
            triples = zip(self._person.depths(task, state, k), before, DEEP, strict=True)
            if all(new <= max(old, most) for new, old, most in triples):
                return poses[k]
        return poses[0]

    @cached_property
    def _person(self) -> Person:
        return Person(self.task.body, self.hand.side, self.state.posed.verts[0])
