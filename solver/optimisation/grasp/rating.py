"""How well a closed hand holds: what its fingers touch, how far they go around, what is pierced."""

import math
from dataclasses import replace

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from ...artefacts import Grip
from .closing import TOUCH, Closed, Distance
from .hand import BESIDE, LEVELS, THUMB, Hand

ENCLOSED = math.radians(120)
"""A digit that reaches so far around the grip encloses it; farther is no better."""
ROUND, SLACK = 0.4, 0.008
"""Share of the grip's radius, and metres, by which its skin may be off the circle: a digit that
touches farther out touches something else, a mug beside its handle."""
UNLIKE = 0.2
"""Neighbouring fingers may differ so much in how far they are closed, of the whole way."""
THIN = 0.006
"""Half the thickness of walls and wires that samples of skin may miss, metres."""


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
    on = closed.touches if grip is None else on_grip(hand, closed, T_wrist_object, grip)
    touches = (on[..., 1] | on[..., 2]).float()
    thumb = touches[:, THUMB]
    fingers = touches.sum(dim=-1) - thumb
    depth = torch.maximum(-closed.distance.flatten(1).amin(dim=1), -palm_distance.amin(dim=1))
    deep = (depth - 0.004).clamp(0.0, 0.015) * 1e3
    palm_gap = palm_distance.topk(len(hand.palm) // 3, largest=False).values.mean(dim=1)
    bent = closed.level[..., :2].float().mean(dim=-1) / (LEVELS - 1)
    around = bent  # A fist around what is thin.
    if grip is not None and grip.radius > THIN:
        reached = wrapped(hand, replace(closed, touches=on), T_wrist_object, grip)
        around = reached.clamp(0.0, ENCLOSED) / ENCLOSED
    stray = (bent[:, BESIDE].diff(dim=1).abs() - UNLIKE).clamp(min=0.0).sum(dim=1)
    pierced = _object_in_hand(hand, closed, T_wrist_object, near)
    return (
        fingers
        + 1.5 * thumb
        + 2.5 * around[:, :THUMB].mean(dim=1)
        + 2.0 * around[:, :THUMB].amin(dim=1)
        + 1.0 * around[:, THUMB]
        - 6.0 * stray
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


def on_grip(
    hand: Hand, closed: Closed, T_wrist_object: Float[Tensor, "batch 4 4"], grip: Grip
) -> Bool[Tensor, "batch 5 3"]:
    """Which phalanges touch the grip itself, not what is beside it."""
    rotation, origin = T_wrist_object[:, :3, :3], T_wrist_object[:, :3, 3]
    middles = closed.starts + (closed.rotations @ hand.lengths[..., None])[..., 0] / 2
    offset = middles - (origin + rotation @ grip.centre)[:, None, None]
    axis = (rotation @ grip.axis)[:, None, None]
    away = torch.linalg.cross(offset, axis.expand_as(offset)).norm(dim=-1)
    return closed.touches & (away < (1 + ROUND) * grip.radius + SLACK + hand.radii)


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
    # Axis by axis, the points last: three times to ten times as fast as with vectors last.
    at, start, along = points.mT.contiguous(), starts.mT.unsqueeze(-1), bones.mT.unsqueeze(-1)
    length = bones.square().sum(dim=-1, keepdim=True).clamp(min=1e-9)
    offset = [at[:, k, None] - start[:, k] for k in range(3)]
    share = torch.zeros_like(offset[0])
    for k in range(3):
        share.addcmul_(offset[k], along[:, k])
    share.div_(length).clamp_(0, 1)
    away = torch.zeros_like(share)
    for k in range(3):
        away.add_(offset[k].addcmul_(share, along[:, k], value=-1).square_())
    gap = away.amin(dim=2).sqrt() - 0.8 * radii
    return (-gap).amax(dim=1).clamp(min=0)
