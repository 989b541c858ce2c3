"""An arm to the millimetre: damped least squares over its nine angles."""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from ..body.limits import angle_range
from ..geometry.rotations import rotvec_from_matrix
from .arms import LOW_ELBOW, RAISED, STRAIGHT, Cost, Found, Shoulder, effort, posed_arms
from .losses.prior import strain

PLACE, TURN, USUAL = 0.0005, math.radians(0.5), math.radians(12)
"""Sigmas: the wrist's place, metres, its turn, and an angle's own change, radians."""
ITERATIONS, FURTHER = 12, 8
"""For all arms, and more for those that are still on their way."""
DAMPING = 1.0
STEP, CAP, FAR, SETTLED = 1e-3, 0.1, 0.05, 5e-4
"""Of the differences that give the slopes, the most that an angle changes at once, by how much one
changes that is still on its way, and one that has arrived, radians."""
SWIVELS, SHORT = 16, 0.01
"""Places of an elbow between shoulder and wrist that a glance looks at; sigma of what an arm is too
short, metres."""


def reach(
    shoulder: Shoulder,
    angles: Float[Tensor, "rows 3 3"],
    T_world_wrist: Float[Tensor, "rows 4 4"],
) -> Float[Tensor, "rows 3 3"]:
    """Angles near `angles`, inside the joint limits, that bring each wrist where it is wanted.

    Args:
        shoulder: Where the arms hang.
        angles: Twist and swings of shoulder, elbow and wrist to begin with, radians.
        T_world_wrist: The wanted frames of the wrists.
    """
    begin, rows = angles.flatten(1), torch.arange(len(angles))
    now = begin.clamp(*_limits(shoulder, angles))
    for step in range(ITERATIONS + FURTHER):
        before = now[rows]
        now[rows] = _stepped(shoulder.take(rows), begin[rows], before, T_world_wrist[rows])
        moved = (now[rows] - before).abs().amax(dim=-1)
        rows = rows[moved > (SETTLED if step < ITERATIONS - 1 else FAR)]
        if len(rows) == 0:
            break
    return now.view(angles.shape)


def _stepped(
    shoulder: Shoulder,
    begin: Float[Tensor, "rows 9"],
    now: Float[Tensor, "rows 9"],
    T_world_wrist: Float[Tensor, "rows 4 4"],
) -> Float[Tensor, "rows 9"]:
    """One step of each arm toward its wrist's frame, inside the limits.

    Angles that would only leave their limits stay, and the others do without them (Bertsekas 1982,
    "Projected Newton methods").
    """
    probes = STEP * torch.eye(9)
    tried = torch.cat([now[:, None], now[:, None] + probes], dim=1)
    missed = _missed(shoulder, tried, T_world_wrist)
    slope = ((missed[:, 1:] - missed[:, :1]) / STEP).mT
    pull = (now - begin) / USUAL
    gradient = (slope.mT @ missed[:, 0, :, None])[..., 0] + pull / USUAL
    curve = slope.mT @ slope + torch.eye(9) * (1 / USUAL**2 + DAMPING)
    low, high = _limits(shoulder, now)
    free = ~((now <= low) & (gradient > 0) | (now >= high) & (gradient < 0)).unsqueeze(-1)
    curve = torch.where(free & free.mT, curve, torch.eye(9).to(curve))
    change = -torch.linalg.solve(curve, gradient * free[..., 0])
    longest = change.abs().amax(dim=-1, keepdim=True).clamp(min=CAP)
    return (now + change * CAP / longest).clamp(low, high)


def _limits(shoulder: Shoulder, like: Tensor) -> tuple[Tensor, ...]:
    return tuple(limit.to(like).flatten() for limit in angle_range(shoulder.index, 0.0))


def sharpened(
    shoulder: Shoulder, found: Found, wanted: Float[Tensor, "pairs 4 4"], cost: Cost
) -> Found:
    """The arms with their wrists exactly at the grasps, where that is no worse.

    They come there from what the search found, and from how the library holds them: a search by
    chance misses some.
    """
    rows = torch.arange(len(wanted))
    for begin in (found.angles, shoulder.usual):
        angles = reach(shoulder, begin, wanted)[:, None]
        eased = effort(shoulder, angles)[:, 0]
        now = cost(posed_arms(shoulder, angles), rows)[:, 0] + eased
        better = now < found.cost
        found = Found(
            torch.where(better[:, None, None], angles[:, 0], found.angles),
            torch.where(better, now, found.cost),
            torch.where(better, eased, found.effort),
        )
    return found


def glance(
    shoulder: Shoulder, T_world_wrist: Float[Tensor, "rows wanted 4 4"]
) -> Float[Tensor, "rows wanted"]:
    """About what arms cost that bring wrists where they are wanted, in closed form.

    The elbow is on a circle about the way from shoulder to wrist; of its places the one counts from
    which the wrist is least bent and that is not high.
    """
    upper, fore = shoulder.offsets[1].norm(), shoulder.offsets[2].norm()
    root = shoulder.origin + shoulder.rotation @ shoulder.offsets[0]
    way = T_world_wrist[..., :3, 3] - root[:, None]
    length = way.norm(dim=-1, keepdim=True)
    way = way / length
    along = ((upper**2 - fore**2 + length**2) / (2 * length)).minimum(upper).maximum(-upper)
    aside = torch.linalg.cross(way, torch.tensor([0.0, 1.0, 0.0]).expand_as(way))
    aside = torch.nn.functional.normalize(aside, dim=-1)
    angle = torch.arange(SWIVELS)[:, None] * (2 * math.pi / SWIVELS)
    around = (
        angle.cos() * aside[..., None, :]
        + angle.sin() * torch.linalg.cross(way, aside)[..., None, :]
    )
    wide = (upper**2 - along**2).clamp(min=0.0).sqrt()
    elbow = (along * way)[..., None, :] + wide[..., None] * around
    bone = (length * way)[..., None, :] - elbow
    seen = bone @ T_world_wrist[..., :3, :3]  # The forearm, beside the hand.
    ahead = seen[..., 0] * shoulder.offsets[2, 0].sign()
    swings = torch.stack(
        [torch.atan2(seen[..., 2], ahead), -torch.atan2(seen[..., 1], ahead)], dim=-1
    )
    bent = (swings / STRAIGHT[2, 1:].to(swings)).square().sum(dim=-1) + strain(swings[..., None, :])
    high = ((elbow[..., 1] + LOW_ELBOW).clamp(min=0.0) / RAISED).square()
    short = (length[..., 0] - upper - fore).clamp(min=0.0) / SHORT
    return (bent + high).amin(dim=-1) + short.square()


def _missed(
    shoulder: Shoulder,
    angles: Float[Tensor, "rows samples 9"],
    T_world_wrist: Float[Tensor, "rows 4 4"],
) -> Float[Tensor, "rows samples 6"]:
    """By how many sigmas the wrists miss their frames."""
    seen = posed_arms(shoulder, angles.unflatten(-1, (3, 3))).T_world_wrist
    wanted = T_world_wrist[:, None]
    turn = rotvec_from_matrix(wanted[..., :3, :3].mT @ seen[..., :3, :3])
    away = seen[..., :3, 3] - wanted[..., :3, 3]
    return torch.cat([away / PLACE, turn / TURN], dim=-1)
