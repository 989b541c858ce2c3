"""Fingers that close until they touch: kinematic, no gradient, batched over candidates.

All joints of a finger close together; where a phalanx meets the object, its joint and those before
it stop and the ones beyond go on. A little flesh may give.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from .hand import BESIDE, THUMB, Hand

Distance = Callable[[Float[Tensor, "*batch 3"]], Float[Tensor, "*batch"]]
"""Signed distance in the object's frame, metres."""

GIVE = 0.0025
"""Metres that the flesh of a finger gives: stopping at 1 mm leaves fingers straight."""
CURLED = 5
"""Level that fingers begin from around what is thin: open ones would reach past its far side."""
TOUCH = 0.004
"""A phalanx nearer than this touches."""
BONE = 0.65
"""No wall comes nearer to a phalanx's bone than that share of its half thickness."""
STEEPEST = 3**0.5
"""Metres by which a distance between nodes of a grid changes a metre on, at most; not where signs
jump around an open object, so that skin beyond such a jump may be missed there."""


@dataclass(frozen=True)
class Closed:
    """Hands after closing, one per candidate; all but `pose` is of fingers as they closed."""

    level: Int[Tensor, "batch 5 3"]
    """Index of the closure of each joint."""
    pose: Float[Tensor, "batch 15 3"]
    """Axis-angle of the hand's joints, SMPL-H order; of digits that touch nothing, `relaxed`."""
    skin: Float[Tensor, "batch 5 3 points 3"]
    """Samples of the skin, wrist frame."""
    distance: Float[Tensor, "batch 5 3 points"]
    """Of the samples to the object."""
    touches: Bool[Tensor, "batch 5 3"]
    starts: Float[Tensor, "batch 5 3 3"]
    """Joints, wrist frame."""
    rotations: Float[Tensor, "batch 5 3 3 3"]


def close_fingers(
    hand: Hand,
    distance: Distance,
    T_wrist_object: Float[Tensor, "batch 4 4"],
    give: float = GIVE,
    *,
    thin: bool = False,
) -> Closed:
    """Close every finger of every candidate until it touches, or to the end of its path.

    Args:
        hand: The hand and its closing path.
        distance: Signed distance to the object, in the object's frame.
        T_wrist_object: Where the object is, seen from the wrist.
        give: Depth at which a phalanx stops, metres.
        thin: The object is a wall or a wire, that slips between samples of skin: bones feel it.
    """
    # All begin alike: one row stands for all candidates until they differ.
    fixed = torch.zeros(1, 5, dtype=torch.long)
    level = torch.full((1, 5, 3), CURLED if thin else 0)
    for _ in range(3):
        level, fixed = _close_free(hand, distance, T_wrist_object, level, fixed, give, thin)
    starts, rotations = (part[:, 0] for part in _joints(hand, level[:, None]))
    skin = hand.skin @ rotations.mT + starts[..., None, :]
    near = distance(_to_object(T_wrist_object, skin))
    touches = near.amin(dim=-1) < TOUCH
    shown = relaxed(level, touches)
    return Closed(
        level=level,
        pose=hand.poses[shown, torch.arange(5)[:, None], torch.arange(3)].flatten(1, 2),
        skin=skin,
        distance=near,
        touches=touches,
        starts=starts,
        rotations=rotations,
    )


def relaxed(
    level: Int[Tensor, "batch 5 3"], touches: Bool[Tensor, "batch 5 3"]
) -> Int[Tensor, "batch 5 3"]:
    """The closures, but each digit that touches nothing lies beside the nearest finger that does.

    It had closed to the end of its path, so it is free wherever on it it stops. The thumb goes with
    the index finger, over one that touches it closes. With no finger that does, all are a fist.
    """
    touching = touches.any(dim=-1)
    place = torch.tensor([BESIDE.index(k) if k in BESIDE else -1 for k in range(5)])
    apart = (place[:, None] - place).abs().float()
    apart[:, THUMB] = torch.inf
    nearest = apart.masked_fill(~touching[:, None], torch.inf).argmin(dim=-1)
    beside = level.float().mean(dim=-1).gather(1, nearest).round().long()[..., None]
    idle = ~touching & touching[:, BESIDE].any(dim=-1, keepdim=True)
    idle[:, THUMB] &= idle[:, BESIDE[0]]
    return torch.where(idle[..., None], beside.minimum(level), level)


def _close_free(
    hand: Hand,
    distance: Distance,
    T_wrist_object: Float[Tensor, "batch 4 4"],
    level: Int[Tensor, "#batch 5 3"],
    fixed: Int[Tensor, "#batch 5"],
    give: float,
    thin: bool,
) -> tuple[Int[Tensor, "batch 5 3"], Int[Tensor, "batch 5"]]:
    """Close the joints from `fixed` on together; returns the new levels and what is fixed now."""
    free = torch.arange(3) >= fixed[..., None]

    def sunk(at: Int[Tensor, "#batch tries 5"]) -> Bool[Tensor, "batch tries 5 3"]:
        """Which free phalanges are in the object when their finger is closed as far as `at`."""
        tried = torch.where(
            free[:, None], torch.maximum(level[:, None], at[..., None]), level[:, None]
        )
        starts, rotations = _joints(hand, tried)
        hit = _skin_in(hand, distance, T_wrist_object, (starts, rotations), free[:, None], give)
        if thin:
            bone = starts[..., None, :] + hand.bones @ rotations.mT
            near = distance(_to_object(T_wrist_object, bone)).amin(dim=-1)
            hit = hit | (near < BONE * hand.radii)
        # Only joints that move can be stopped; what was inside from the start stays where it is.
        return hit & free[:, None]

    # Every other closure, then the one before the first hit: no finger is thinner than that step.
    levels = len(hand.poses)
    coarse = torch.arange(0, levels, 2)
    deep = sunk(coarse[None, :, None].expand(1, -1, 5))
    hit = deep.any(dim=-1)
    stopped = hit.any(dim=1)
    place = hit.float().argmax(dim=1)
    before = (2 * place - 1).clamp(min=0)
    early = sunk(before[:, None])[:, 0]
    sooner = early.any(dim=-1) & stopped
    first = torch.where(stopped, torch.where(sooner, before, 2 * place), levels)
    culprit = torch.where(
        sooner[..., None], early, deep.gather(1, place[:, None, :, None].expand(-1, 1, 5, 3))[:, 0]
    )
    furthest = (culprit * torch.arange(1, 4)).amax(dim=-1)
    last_free = (first - 1).clamp(min=0)[..., None]
    reached = torch.where(free, torch.maximum(level, last_free), level)
    return reached, torch.where(stopped, torch.maximum(furthest, fixed), 3)


def _skin_in(
    hand: Hand,
    distance: Distance,
    T_wrist_object: Float[Tensor, "batch 4 4"],
    placed: tuple[Float[Tensor, "#batch tries 5 3 3"], Float[Tensor, "#batch tries 5 3 3 3"]],
    asked: Bool[Tensor, "#batch 1 5 3"],
    give: float,
) -> Bool[Tensor, "batch tries 5 3"]:
    """Which of the asked phalanges have skin deeper than `give` in the object.

    Skin is placed only of those whose ball about all of it reaches there.
    """
    starts, rotations = placed
    middles, radii = hand.balls
    at = _to_object(T_wrist_object, starts + (rotations @ middles[..., None])[..., 0])
    hit = asked & (distance(at) < STEEPEST * radii - give)
    row, _, finger, phalanx = hit.nonzero(as_tuple=True)
    turn = rotations.expand(*hit.shape, 3, 3)[hit].mT @ T_wrist_object[row, :3, :3]
    skin = (hand.skin - middles[..., None, :])[finger, phalanx] @ turn + at[hit][:, None]
    hit[hit.clone()] = distance(skin).amin(dim=-1) < -give
    return hit


def _joints(hand: Hand, level: Int[Tensor, "batch tries 5 3"]) -> tuple[Tensor, Tensor]:
    """Joints and rotations of the phalanges at the given closures, wrist frame."""
    fingers = torch.arange(5)
    turn = [hand.turns[level[..., k], fingers, k] for k in range(3)]
    rotation = [turn[0]]
    start = [hand.joints[:, 0].expand(*level.shape[:3], 3)]
    for k in (1, 2):
        start.append(start[-1] + (rotation[-1] @ hand.joints[:, k, :, None])[..., 0])
        rotation.append(rotation[-1] @ turn[k])
    return torch.stack(start, dim=-2), torch.stack(rotation, dim=-3)


def _to_object(
    T_wrist_object: Float[Tensor, "batch 4 4"], points: Float[Tensor, "#batch *some 3"]
) -> Float[Tensor, "batch *some 3"]:
    """Points of the wrist's frame, seen from the object."""
    flat = points.flatten(1, -2) - T_wrist_object[:, None, :3, 3]
    return (flat @ T_wrist_object[:, :3, :3]).unflatten(1, points.shape[1:-1])
