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
from .closing import TOUCH, Closed, Distance, close_fingers
from .hand import FINGERS, LEVELS, THUMB, Hand

ELITES, FEWEST = 10, 3
"""Of a round, and at least of each sector."""
DIMENSIONS = 5
BESIDE = [FINGERS.index(name) for name in ("index", "middle", "ring", "pinky")]
"""Fingers in the order in which they lie beside one another."""
TILT = math.radians(25)
ALONG = (-0.035, 0.045)
"""Offset of the grip from the knuckles along the fingers, metres."""
GAP = (-0.016, 0.006)
"""Clearance between the palm's thickest part and the grip, metres: it lies in the hollow beside."""
KEEP = 6
"""Grasps that are handed on, at least; two of each sector."""
APART = math.radians(35)
"""Turn between two grasps that count as different."""
WORSE = 3.0
"""How much worse than the best a grasp may score."""
ENCLOSED = math.radians(120)
"""A digit that reaches so far around the grip encloses it; farther is no better."""
UNLIKE = 0.3
"""Neighbouring fingers may differ so much in how far they are closed, of the whole way."""
MARGIN = 0.045
"""Half a hand's width: how near a grip's end the hand's middle may come, metres."""


THIN = 0.006
"""Half the thickness of walls and wires that samples of skin may miss, metres."""


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
    candidates: int = 96
    """Places of the object in the hand that are tried in each round."""
    rounds: int = 3


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
    for flip in freedom.flips:
        unit = torch.rand(freedom.candidates, DIMENSIONS, generator=generator, device="cpu")
        unit = unit.to(near)
        for turn in range(freedom.rounds):
            T_wrist_object = place_object(hand, grip, unit, flip, freedom.roll)
            closed = close_fingers(hand, distance, T_wrist_object, thin=grip.radius < THIN)
            less = (unit[:, 4] * 2 - 1).square() + freedom.backward * (flip < 0.0)
            angle = freedom.roll[0] + unit[:, 0] * (freedom.roll[1] - freedom.roll[0])
            less = less + freedom.aside * (1 - angle.cos()) / 2
            score = rate(hand, closed, distance, T_wrist_object, near, grip) - less
            best = _elites(score, unit[:, 0], freedom.sectors)
            for k, value in zip(best.tolist(), score[best].tolist(), strict=True):
                pool.append(graded(hand, closed, T_wrist_object, value, k))
            unit = _bred(unit[best], len(unit), 0.18 / (turn + 1), freedom.sectors, generator)
    return distinct_grasps(pool, most=max(KEEP, 2 * freedom.sectors))


def _elites(
    score: Float[Tensor, " batch"], roll: Float[Tensor, " batch"], sectors: int
) -> Int[Tensor, " elites"]:
    """The best of each sector of rolls in [0, 1], but for those much worse than the best of all."""
    sector = (roll * sectors).long().clamp(max=sectors - 1)
    share = min(max(FEWEST, ELITES // sectors), len(score))
    chosen: list[Tensor] = []
    for k in range(sectors):
        top = score.masked_fill(sector != k, -torch.inf).topk(share)
        chosen.append(top.indices[top.values >= score.max() - WORSE])
    return torch.cat(chosen)


def _bred(
    parents: Float[Tensor, "elites 5"],
    count: int,
    sigma: float,
    sectors: int,
    generator: torch.Generator,
) -> Float[Tensor, "count 5"]:
    """The next round: elites with noise; in roll as wide, in radians, however far it may go."""
    picks = torch.randint(len(parents), (count,), generator=generator, device="cpu")
    noise = torch.randn(count, DIMENSIONS, generator=generator, device="cpu").to(parents)
    noise[:, 0] *= min(1.0, 2.0 / sectors)
    return (parents[picks.to(parents.device)] + sigma * noise).clamp(0, 1)


def distinct_grasps(pool: list[Grasp], apart: float = APART, most: int = KEEP) -> list[Grasp]:
    """The best grasps whose object is turned at least `apart` from that of every better one."""
    kept: list[Grasp] = []
    for grasp in sorted(pool, key=lambda g: -g.score):
        turns = [grasp.T_wrist_object[:3, :3].mT @ g.T_wrist_object[:3, :3] for g in kept]
        cosines = [(float(turn.trace()) - 1) / 2 for turn in turns]
        if all(cosine < math.cos(apart) for cosine in cosines):
            kept.append(grasp)
        if len(kept) == most or grasp.score < kept[0].score - WORSE:
            break
    return kept


def place_object(
    hand: Hand,
    grip: Grip,
    unit: Float[Tensor, "batch 5"],
    flip: float,
    roll: tuple[float, float],
) -> Float[Tensor, "batch 4 4"]:
    """Where the object is, seen from the wrist, for parameters in [0, 1]."""
    along, across, out = hand.frame.unbind(dim=1)
    tilt = (unit[:, 1:2] * 2 - 1) * TILT
    axis = tilt.cos() * across * flip + tilt.sin() * along
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
    above = hand.thickness + grip.radius + GAP[0] + unit[:, 2:3] * (GAP[1] - GAP[0])
    ahead = ALONG[0] + unit[:, 3:4] * (ALONG[1] - ALONG[0])
    at = hand.knuckles + out * above + along * ahead
    return rigid(rotation, at - (rotation @ held[..., None])[..., 0])


def rate(
    hand: Hand,
    closed: Closed,
    distance: Distance,
    T_wrist_object: Float[Tensor, "batch 4 4"],
    near: Float[Tensor, "near 3"],
    grip: Grip | None = None,
) -> Float[Tensor, " batch"]:
    """How good closed hands hold: fingers that touch, opposed, around a grip, nothing pierced."""
    inverse = T_wrist_object[:, :3, :3].mT
    palm = (hand.palm - T_wrist_object[:, None, :3, 3]) @ inverse.mT
    palm_distance = distance(palm)
    touches = (closed.touches[..., 1] | closed.touches[..., 2]).float()
    thumb = touches[:, THUMB]
    fingers = touches.sum(dim=-1) - thumb
    depth = torch.maximum(-closed.distance.flatten(1).amin(dim=1), -palm_distance.amin(dim=1))
    deep = (depth - 0.004).clamp(0.0, 0.015) * 1e3
    palm_gap = palm_distance.topk(len(hand.palm) // 3, largest=False).values.mean(dim=1)
    bent = closed.level[..., :2].float().mean(dim=-1) / (LEVELS - 1)
    around = bent  # A fist around what is thin.
    if grip is not None and grip.radius > THIN:
        around = wrapped(hand, closed, T_wrist_object, grip).clamp(0.0, ENCLOSED) / ENCLOSED
    stray = (bent[:, BESIDE].diff(dim=1).abs() - UNLIKE).clamp(min=0.0).sum(dim=1)
    pierced = _object_in_hand(hand, closed, T_wrist_object, near)
    return (
        fingers
        + 1.5 * thumb
        + 2.5 * around[:, :THUMB].mean(dim=1)
        + 1.0 * around[:, THUMB]
        - 3.0 * stray
        - 2.0 * _imbalance(hand, closed, palm_distance)
        - 0.8 * deep
        - 0.5 * (pierced - 0.004).clamp(0.0, 0.02) * 1e3
        - 0.25 * palm_gap.clamp(0.0, 0.03) * 1e3
    )


def wrapped(
    hand: Hand, closed: Closed, T_wrist_object: Float[Tensor, "batch 4 4"], grip: Grip
) -> Float[Tensor, "batch 5"]:
    """How far around the grip's axis each digit touches, radians from the palm's side.

    Fingers go ahead around it, the thumb the other way; 0 where a digit does not touch.
    """
    rotation, origin = T_wrist_object[:, :3, :3], T_wrist_object[:, :3, 3]
    axis, along = rotation @ grip.axis, hand.frame[:, 0]
    palm = -hand.frame[:, 2] + (axis @ hand.frame[:, 2])[:, None] * axis
    palm = torch.nn.functional.normalize(palm, dim=-1)
    ahead = torch.linalg.cross(axis, palm)
    ahead = ahead * torch.sign(ahead @ along)[:, None]
    bones = (closed.rotations @ hand.lengths[..., None])[..., 0]
    points = torch.cat([closed.starts[:, :, :1], closed.starts + bones / 2], dim=2)
    offset = points - (origin + rotation @ grip.centre)[:, None, None, :]
    seen = offset @ torch.stack([ahead, palm], dim=-1)[:, None]
    angle = torch.atan2(seen[..., 0], seen[..., 1])
    steps = torch.remainder(angle.diff(dim=-1) + math.pi, 2 * math.pi) - math.pi
    reached = angle[..., :1] + steps.cumsum(dim=-1)
    sign = torch.tensor([-1.0 if k == THUMB else 1.0 for k in range(5)])
    return (sign[:, None] * reached).masked_fill(~closed.touches, 0.0).amax(dim=-1)


def _imbalance(
    hand: Hand, closed: Closed, palm_distance: Float[Tensor, "batch palm"]
) -> Float[Tensor, " batch"]:
    """Length of the mean normal of what touches: 0 when fingers oppose palm or thumb."""
    normals = hand.skin_normals @ closed.rotations.mT
    normals = torch.cat([normals.flatten(1, 3), hand.palm_normals.expand(len(normals), -1, -1)], 1)
    gap = torch.cat([closed.distance.flatten(1), palm_distance], dim=1)
    weight = torch.exp(-gap.clamp(min=0) / TOUCH) * (gap < 3 * TOUCH)
    total = weight.sum(dim=1)
    mean = (weight[..., None] * normals).sum(dim=1) / total.clamp(min=1e-6)[:, None]
    return torch.where(total > 0.5, mean.norm(dim=-1), torch.ones_like(total))


def _object_in_hand(
    hand: Hand,
    closed: Closed,
    T_wrist_object: Float[Tensor, "batch 4 4"],
    near: Float[Tensor, "near 3"],
) -> Float[Tensor, " batch"]:
    """How deep the object's surface lies in the hand's capsules, metres: sees thin walls."""
    points = near @ T_wrist_object[:, :3, :3].mT + T_wrist_object[:, None, :3, 3]
    batch = len(points)
    bone = (closed.rotations @ hand.lengths[..., None])[..., 0].flatten(1, 2)
    rods = hand.rods.expand(batch, -1, -1, -1)
    starts = torch.cat([closed.starts.flatten(1, 2), rods[:, :, 0]], dim=1)
    bones = torch.cat([bone, rods[:, :, 1] - rods[:, :, 0]], dim=1)
    radii = torch.cat([hand.radii.flatten(), hand.rod_radii])
    offset = points[:, :, None] - starts[:, None]
    length = bones.square().sum(dim=-1).clamp(min=1e-9)
    share = ((offset * bones[:, None]).sum(dim=-1) / length[:, None]).clamp(0, 1)
    gap = (offset - share[..., None] * bones[:, None]).norm(dim=-1) - 0.8 * radii
    return (-gap).amax(dim=(1, 2)).clamp(min=0)


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
