"""A hand that lies: which way its palm looks then, and fingers that come down one by one."""

import math
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ...body import ShapedBody
from ...body.poses import laying_path
from ...geometry.rotations import matrix_from_rotvec
from .closing import Distance, close_fingers
from .hand import BESIDE, Hand, make_hand

PITCH, ROLL = (math.radians(-20), math.radians(25)), (math.radians(-20), math.radians(20))
"""Turns of the hand's axes among which those of a hand on a table are looked for."""
FAR = 0.03
"""Gaps from this on, metres, are all alike."""
GIVE = 0.001
"""How deep, metres, a finger sinks in before it stops."""
HANGING = 0.6
"""How far down a finger hangs that finds nothing below it, share of its way."""

UNLIKE = 0.15
"""How much farther down than its neighbour a finger may be, share of its way."""


@lru_cache(maxsize=4)
def flat_hand(body: ShapedBody, side: str) -> Hand:
    """A hand whose fingers come down from above the palm's plane, and its axes as it lies."""
    poses = laying_path(side)
    hand = replace(make_hand(body, side, "flat"), poses=poses, turns=matrix_from_rotvec(poses))
    return replace(hand, frame=settled_frame(hand))


def settled_frame(hand: Hand) -> Float[Tensor, "3 3"]:
    """The axes of a hand on a table: its heel is thicker than its fingers, so it is pitched."""
    pitch, roll = torch.meshgrid(
        torch.linspace(*PITCH, 13), torch.linspace(*ROLL, 11), indexing="ij"
    )
    along, across, _ = hand.frame.unbind(dim=1)
    nod = matrix_from_rotvec(pitch.flatten()[:, None] * across)
    frames = matrix_from_rotvec(roll.flatten()[:, None] * along) @ nod @ hand.frame
    depth = torch.cat([hand.palm, pads(hand)]) @ frames[:, :, 2, None]
    gap = (depth.amax(dim=1, keepdim=True) - depth).clamp(max=FAR)
    return frames[int(gap.mean(dim=(1, 2)).argmin())]


def pads(hand: Hand) -> Float[Tensor, "pads 3"]:
    """The palmar skin of straight fingers, wrist frame."""
    starts = hand.joints[:4].cumsum(dim=1)[:, :, None]
    facing = hand.skin_normals[:4] @ hand.frame[:, 2] > 0.6
    return (hand.skin[:4] + starts)[facing]


def palm_down(
    hand: Hand, along: Float[Tensor, "rows 3"], normals: Float[Tensor, "rows 3"]
) -> Float[Tensor, "rows 3 3"]:
    """Rotations of the wrist that turn the palm against normals, the fingers along.

    Args:
        hand: A flat one.
        along: Where fingers point, perpendicular to the normals.
        normals: Unit, outward from what the hand lies on.
    """
    ahead = torch.nn.functional.normalize(along, dim=-1)
    # The axes of a right hand are left-handed.
    across = torch.linalg.det(hand.frame) * torch.linalg.cross(-normals, ahead)
    return torch.stack([ahead, across, -normals], dim=-1) @ hand.frame.T


def fingers_down(
    hand: Hand, distance: Distance, T_object_wrist: Float[Tensor, "rows 4 4"]
) -> Float[Tensor, "rows 15 3"]:
    """Fingers that come down until they touch, those that meet nothing neither stiff nor clawed.

    Args:
        hand: A flat one.
        distance: Signed, to what it lies on.
        T_object_wrist: The wrists, seen from there.
    """
    closed = close_fingers(hand, distance, torch.linalg.inv(T_object_wrist), GIVE)
    # What a joint carries on has met something, or hangs.
    met = closed.touches.flip(-1).cummax(dim=-1).values.flip(-1)
    last = len(hand.poses) - 1
    level = torch.where(met, closed.level, closed.level.clamp(max=round(HANGING * last)))
    level = _side_by_side(level, round(UNLIKE * last))
    return hand.poses[level, torch.arange(5)[:, None], torch.arange(3)].flatten(1, 2)


def _side_by_side(level: Int[Tensor, "rows 5 3"], unlike: int) -> Int[Tensor, "rows 5 3"]:
    """No finger bent much more than its neighbours."""
    level = level.clone()
    for way in (BESIDE, BESIDE[::-1]):
        for before, finger in pairwise(way):
            level[:, finger] = level[:, finger].minimum(level[:, before] + unlike)
    return level
