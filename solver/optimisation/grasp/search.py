"""Where the object lies in the hand: a cross-entropy search over five numbers, else closed form.

The grip's axis is laid across the palm, its outward side into the palm; roll, tilt, and three
offsets are searched, the fingers close by `close_fingers`, and the closed hand is scored.
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ...artefacts import Grip
from ...geometry.rotations import matrix_from_rotvec, rigid
from ...vocabulary import HandShape
from .closing import Closed, Distance, close_fingers
from .hand import Hand
from .rating import THIN, rate

ELITES, FEWEST = 10, 3
"""Of a round, and at least of each sector."""
DIMENSIONS = 5
TILT = math.radians(-25), math.radians(45)
"""How far a grip's end at the thumb may lie back toward the wrist, and ahead along the fingers: an
arm that comes along a shaft takes it obliquely."""
ALONG = (-0.035, 0.015)
"""Offset of the grip from the knuckles along the fingers, metres."""
GAP = (-0.014, 0.002)
"""Clearance between the palm's thickest part and the grip, metres: it lies in the hollow beside."""
KEEP = 6
"""Grasps that are handed on, at least; two of each sector."""
APART = math.radians(35)
"""Turn between two grasps that count as different."""
TURNS, OBLIQUE, ALL = 12, (math.radians(-8), math.radians(22)), 48
"""Steps in which a grasp of something round is turned about it, how it is tilted besides, and how
many of these are handed on."""
FINE_APART, MOST = math.radians(25), 16
"""The turn between two finely chosen that count as different, and how many are handed on."""
WORSE = 3.0
"""How much worse than the best a grasp may score, where nothing else is said."""
OFF, SHORT = (1.0, 5.0), 0.24
"""What a hand at the very end of a grip costs, in fingers: of a long one, and of one shorter than
that, metres, which is a bottle with its neck."""
MARGIN = 0.045
"""Half a hand's width: how near a grip's end the hand's middle may come, metres."""


@dataclass(frozen=True)
class Grasp:
    """A hand closed on an object."""

    side: str
    shape: HandShape
    pose: Float[Tensor, "15 3"]
    """Axis-angle of the hand's joints."""
    T_wrist_object: Float[Tensor, "4 4"]
    """Rigid: the object as the wrist joint sees it."""
    score: float
    touching: int
    """Fingers that touch, thumb included."""
    depth: float
    """Deepest skin sample in the object, metres."""


@dataclass(frozen=True)
class Freedom:
    """What a grasp may choose."""

    roll: tuple[float, float] = (-math.pi, math.pi)
    """About the grip's axis, radians; 0 lays the grip's outward side into the palm."""
    flips: tuple[float, ...] = (1.0,)
    """1: the thumb's side toward the grip's axis; -1: away from it."""
    backward: float = 0.0
    """How much worse the latter is, in fingers."""
    aside: float = 0.0
    """What half a turn away from roll 0 costs, in fingers."""
    sectors: int = 1
    """Of the rolls; grasps of different ones do not compete while they are searched for."""
    tilts: int = 1
    """The same of the tilts."""
    worse: float = WORSE
    """How much worse than the best a grasp may score."""
    candidates: int = 96
    """Places of the object in the hand that are tried in each round."""
    rounds: int = 3
    gap: tuple[float, float] = GAP
    """Clearance between the palm's thickest part and the grip, metres."""

    def sector(self, unit: Float[Tensor, "batch 5"]) -> Int[Tensor, " batch"]:
        """Among which others each candidate competes."""
        parts = unit[:, :2] * torch.tensor([self.sectors, self.tilts])
        roll, tilt = parts.long().unbind(dim=1)
        return roll.clamp(max=self.sectors - 1) * self.tilts + tilt.clamp(max=self.tilts - 1)


def find_grasps(
    hand: Hand,
    distance: Distance,
    near: Float[Tensor, "near 3"],
    grip: Grip,
    freedom: Freedom,
    generator: torch.Generator,
) -> list[Grasp]:
    """Closed hands on a grip, best first, each turned otherwise than those before it.

    Which of them the arm can reach, and which keeps a cup upright, is for the caller to find out.

    Args:
        hand: The hand and its closing path.
        distance: Signed distance to the object, object frame.
        near: Points of the object's surface around the grip, object frame.
        grip: Where to hold.
        freedom: Rolls and flips to try.
        generator: Randomness.
    """
    pool: list[Grasp] = []
    off = OFF[grip.length < SHORT] if grip.length > 2 * MARGIN else 0.0
    for flip in freedom.flips:
        unit = torch.rand(freedom.candidates, DIMENSIONS, generator=generator, device="cpu")
        unit = unit.to(near)
        for turn in range(freedom.rounds):
            T_wrist_object = place_object(hand, grip, unit, flip, freedom.roll, freedom.gap)
            closed = close_fingers(hand, distance, T_wrist_object, thin=grip.radius < THIN)
            less = off * (unit[:, 4] * 2 - 1).square()
            less = less + freedom.backward * (flip < 0.0)
            angle = freedom.roll[0] + unit[:, 0] * (freedom.roll[1] - freedom.roll[0])
            less = less + freedom.aside * (1 - angle.cos()) / 2
            score = rate(hand, closed, distance, T_wrist_object, near, grip) - less
            best = _elites(score, freedom.sector(unit), freedom)
            for k, value in zip(best.tolist(), score[best].tolist(), strict=True):
                pool.append(graded(hand, closed, T_wrist_object, value, k))
            unit = _bred(unit[best], len(unit), 0.18 / (turn + 1), freedom, generator)
    if freedom.tilts > 1:
        return distinct_grasps(pool, FINE_APART, MOST, freedom.worse)
    if freedom.sectors == 1:
        return distinct_grasps(pool, worse=freedom.worse)
    for top in _thumb_wise(pool, grip, hand):
        pool += turned(hand, distance, near, grip, top)
    return distinct_grasps(pool, FINE_APART, ALL, freedom.worse)


def turned(
    hand: Hand, distance: Distance, near: Float[Tensor, "near 3"], grip: Grip, grasp: Grasp
) -> list[Grasp]:
    """A grasp turned about the grip's axis, all around, and tilted, and closed anew.

    Shafts are round, and an arm that hangs beside one takes it obliquely or not at all.
    """
    angle = torch.arange(TURNS)[:, None] * (2 * math.pi / TURNS)
    rotation = matrix_from_rotvec(angle * grip.axis)
    about = rigid(rotation, grip.centre - (rotation @ grip.centre))
    T_wrist_object = (_tilted(hand, grip, grasp)[:, None] @ about).flatten(0, 1)
    closed = close_fingers(hand, distance, T_wrist_object, thin=grip.radius < THIN)
    score = rate(hand, closed, distance, T_wrist_object, near, grip)
    score = score - (score[0] - grasp.score)  # What its place and its way cost, they cost all.
    return [graded(hand, closed, T_wrist_object, float(score[k]), k) for k in range(len(score))]


def _tilted(hand: Hand, grip: Grip, grasp: Grasp) -> Float[Tensor, "tilts 4 4"]:
    """A grasp as it is, and with the grip as much aslant in the hand as `OBLIQUE`."""
    along, across, _ = hand.frame.unbind(dim=1)
    T = grasp.T_wrist_object
    axis, middle = T[:3, :3] @ grip.axis, T[:3, :3] @ grip.centre + T[:3, 3]
    middle = middle + axis * (axis @ (hand.knuckles - middle))
    tilt = torch.atan((axis @ along) / (axis @ across))
    turn = torch.cat([torch.zeros(1).to(T), torch.tensor(OBLIQUE).to(T) - tilt])
    rotation = matrix_from_rotvec(turn[:, None] * torch.linalg.cross(across, along))
    return rigid(rotation, middle - (rotation @ middle)) @ T


def _thumb_wise(pool: list[Grasp], grip: Grip, hand: Hand) -> list[Grasp]:
    """The best grasp of each way that the thumb's side may point along the grip."""
    best: dict[bool, Grasp] = {}
    for grasp in sorted(pool, key=lambda g: -g.score):
        ahead = bool((grasp.T_wrist_object[:3, :3] @ grip.axis) @ hand.frame[:, 1] > 0)
        best.setdefault(ahead, grasp)
    return list(best.values())


def _elites(
    score: Float[Tensor, " batch"], sector: Int[Tensor, " batch"], freedom: Freedom
) -> Int[Tensor, " elites"]:
    """The best of each sector, but for those much worse than the best of all."""
    sectors = freedom.sectors * freedom.tilts
    share = min(max(FEWEST, ELITES // sectors), len(score))
    chosen: list[Tensor] = []
    for k in range(sectors):
        top = score.masked_fill(sector != k, -torch.inf).topk(share)
        chosen.append(top.indices[top.values >= score.max() - freedom.worse])
    return torch.cat(chosen)


def _bred(
    parents: Float[Tensor, "elites 5"],
    count: int,
    sigma: float,
    freedom: Freedom,
    generator: torch.Generator,
) -> Float[Tensor, "count 5"]:
    """The next round: elites with noise; as wide, in radians, however far they may turn."""
    picks = torch.randint(len(parents), (count,), generator=generator, device="cpu")
    noise = torch.randn(count, DIMENSIONS, generator=generator, device="cpu").to(parents)
    noise[:, 0] *= min(1.0, 2.0 / freedom.sectors)
    noise[:, 1] *= min(1.0, 2.0 / freedom.tilts)
    return (parents[picks.to(parents.device)] + sigma * noise).clamp(0, 1)


def distinct_grasps(
    pool: list[Grasp], apart: float = APART, most: int = KEEP, worse: float = WORSE
) -> list[Grasp]:
    """The best grasps whose object is turned at least `apart` from that of every better one."""
    kept: list[Grasp] = []
    for grasp in sorted(pool, key=lambda g: -g.score):
        turns = [grasp.T_wrist_object[:3, :3].mT @ g.T_wrist_object[:3, :3] for g in kept]
        cosines = [(float(turn.trace()) - 1) / 2 for turn in turns]
        if all(cosine < math.cos(apart) for cosine in cosines):
            kept.append(grasp)
        if len(kept) == most or grasp.score < kept[0].score - worse:
            break
    return kept


def place_object(
    hand: Hand,
    grip: Grip,
    unit: Float[Tensor, "batch 5"],
    flip: float,
    roll: tuple[float, float],
    gap: tuple[float, float] = GAP,
) -> Float[Tensor, "batch 4 4"]:
    """Where the object is, seen from the wrist, for parameters in [0, 1]."""
    along, across, out = hand.frame.unbind(dim=1)
    tilt = TILT[0] + unit[:, 1:2] * (TILT[1] - TILT[0])
    axis = (tilt.cos() * across + tilt.sin() * along) * flip
    outward = -out - (axis @ -out)[:, None] * axis
    outward = torch.nn.functional.normalize(outward, dim=-1)
    angle = roll[0] + unit[:, :1] * (roll[1] - roll[0])
    outward = (matrix_from_rotvec(axis * angle) @ outward[..., None])[..., 0]
    seen = torch.stack([axis, outward, torch.linalg.cross(axis, outward)], dim=-1)
    own = torch.stack(
        [grip.axis, grip.outward, torch.linalg.cross(grip.axis, grip.outward)], dim=-1
    )
    rotation = seen @ own.mT
    slack = max(grip.length / 2 - MARGIN, 0.0)
    held = grip.centre + grip.axis * ((unit[:, 4:] * 2 - 1) * slack)
    above = hand.thickness + grip.radius + gap[0] + unit[:, 2:3] * (gap[1] - gap[0])
    ahead = ALONG[0] + unit[:, 3:4] * (ALONG[1] - ALONG[0])
    at = hand.knuckles + out * above + along * ahead
    return rigid(rotation, at - (rotation @ held[..., None])[..., 0])


def graded(
    hand: Hand, closed: Closed, T_wrist_object: Float[Tensor, "batch 4 4"], score: float, k: int
) -> Grasp:
    """One of the closed hands as a grasp."""
    touching = closed.touches[k].any(dim=-1).sum()
    return Grasp(
        side=hand.side,
        shape=hand.shape,
        pose=closed.pose[k],
        T_wrist_object=T_wrist_object[k],
        score=score,
        touching=int(touching),
        depth=float((-closed.distance[k]).max().clamp(min=0)),
    )
