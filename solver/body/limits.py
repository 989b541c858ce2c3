"""Joint limits: twist about the bone and two swings, per joint, in degrees.

Every rotation is read as a twist about the T-pose bone followed by a swing (q = swing * twist). The
numbers are our synthesis of clinical ranges; how the trunk divides its range is our own choice.
"""

import math
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd.function import once_differentiable

from ..geometry.rotations import (
    quaternion_from_rotvec,
    quaternion_multiply,
    rotvec_from_quaternion,
)  # fmt: skip
from .joints import INDEX, JOINTS, mirrored

Range = tuple[float, float]

_THUMB = (0.68, -0.22, 0.70)
"""Bone axis of the left thumb."""
_THUMB_FLEXION = (0.455, 0.875, -0.167)
"""Axis about which its outer joints bend toward the pad: across the bone, parallel to the nail."""

_FRAMES: dict[str, tuple[tuple[float, float, float], ...]] = {
    "x": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "y": ((0, 1, 0), (1, 0, 0), (0, 0, 1)),
    "z": ((0, 0, 1), (1, 0, 0), (0, 1, 0)),
}
"""Bone axis, first and second swing axis."""

_TABLE: dict[str, tuple[str, Range, Range, Range]] = {
    # joint: bone axis, twist, swing about the first axis, swing about the second
    "spine1": ("y", (-15, 15), (-15, 30), (-12, 12)),
    "spine2": ("y", (-15, 15), (-12, 25), (-12, 12)),
    "spine3": ("y", (-20, 20), (-12, 20), (-12, 12)),
    "neck": ("y", (-45, 45), (-35, 30), (-25, 25)),
    "head": ("y", (-40, 40), (-30, 25), (-20, 20)),
    "left_hip": ("y", (-45, 75), (-125, 25), (-38, 60)),
    "left_knee": ("y", (-8, 8), (-2, 145), (-4, 4)),
    "left_ankle": ("y", (-20, 20), (-30, 50), (-30, 20)),
    "left_foot": ("z", (-5, 5), (-50, 35), (-8, 8)),
    "left_collar": ("x", (-12, 12), (-20, 25), (-10, 38)),
    "left_shoulder": ("x", (-90, 90), (-135, 50), (-100, 90)),
    "left_elbow": ("x", (-85, 90), (-148, 3), (-5, 5)),
    "left_wrist": ("x", (-12, 12), (-25, 35), (-80, 72)),
    "left_thumb1": ("thumb", (-35, 45), (-45, 45), (-45, 45)),
    "left_thumb2": ("thumb", (-15, 15), (-20, 60), (-25, 25)),
    "left_thumb3": ("thumb", (-10, 10), (-20, 88), (-20, 20)),
} | {
    f"left_{finger}{k}": row
    for finger in ("index", "middle", "ring", "pinky")
    for k, row in {
        1: ("x", (-8.0, 8.0), (-22.0, 22.0), (-92.0, 30.0)),
        2: ("x", (-4.0, 4.0), (-4.0, 4.0), (-112.0, 4.0)),
        3: ("x", (-4.0, 4.0), (-4.0, 4.0), (-85.0, 10.0)),
    }.items()
}


def _thumb_frame() -> Float[Tensor, "3 3"]:
    bone = torch.nn.functional.normalize(torch.tensor(_THUMB), dim=0)
    flexion = torch.nn.functional.normalize(torch.tensor(_THUMB_FLEXION), dim=0)
    return torch.stack([bone, flexion, torch.linalg.cross(bone, flexion)])


def _tables() -> tuple[Tensor, Tensor, Tensor]:
    frames = torch.eye(3).repeat(len(JOINTS), 1, 1)
    low = torch.full((len(JOINTS), 3), -math.inf)
    high = torch.full((len(JOINTS), 3), math.inf)
    for name, (axis, *ranges) in _TABLE.items():
        frame = _thumb_frame() if axis == "thumb" else torch.tensor(_FRAMES[axis]).float()
        # A rotation vector is mirrored in the plane x = 0 by turning its y and z around.
        for joint, sign in ((mirrored(name), -1.0), (name, 1.0)):
            flip = torch.tensor([1.0, sign, sign])
            frames[INDEX[joint]] = frame * flip
            low[INDEX[joint]] = torch.tensor([r[0] for r in ranges]).float().deg2rad()
            high[INDEX[joint]] = torch.tensor([r[1] for r in ranges]).float().deg2rad()
    return frames, low, high


FRAMES, LOW, HIGH = _tables()
"""Per joint: rows bone axis, first and second swing axis; then lower and upper limits, radians.
The root has none."""
HANDED = torch.linalg.det(FRAMES)
"""1 where these three axes are right-handed, else -1."""
TINY = 1e-6
"""What half a swing's sine and cosine are at least, so that one may divide by them."""


def joint_angles(pose: Float[Tensor, "*batch 52 3"]) -> Float[Tensor, "*batch 52 3"]:
    """Twist and two swings of each joint, radians; differentiable everywhere the limits reach.

    Args:
        pose: Axis-angle, local, root first.
    """
    return _Angles.apply(pose)  # pyright: ignore[reportReturnType]


class _Angles(torch.autograd.Function):
    """q = swing * twist, solved for its parts along the bone and across it.

    The gradient by hand takes a third of the time that differentiating each operation takes.
    """

    @staticmethod
    def forward(ctx: Any, pose: Tensor) -> Tensor:
        """Axis-angles to twist and swings."""
        frames, hand = FRAMES.to(pose), HANDED.to(pose)
        square = pose.square().sum(dim=-1)
        half = square.sqrt() / 2
        sinc, w = torch.sinc(half / math.pi) / 2, half.cos()
        sign = torch.where(w < 0, -1.0, 1.0).to(pose)  # Of two quaternions that with w > 0.
        seen = (frames @ pose[..., None])[..., 0] * (sinc * sign)[..., None]
        (a, p, q), w = seen.unbind(dim=-1), w * sign
        cosine = (a * a + w * w).sqrt().clamp(min=TINY)  # Of half the swing.
        sine = (p * p + q * q).sqrt().clamp(min=TINY)
        gain = 2 * torch.atan2(sine, cosine) / (sine * cosine)
        first, second = w * p - hand * a * q, w * q + hand * a * p
        ctx.save_for_backward(pose, square, sinc, sign, seen, w, cosine, sine, gain, first, second)
        return torch.stack([2 * torch.atan2(a, w), gain * first, gain * second], dim=-1)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *slopes: Tensor) -> Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Slopes of twist and swings to slopes of axis-angles."""
        pose, square, sinc, sign, seen, w, cosine, sine, gain, first, second = ctx.saved_tensors
        frames, hand = FRAMES.to(pose), HANDED.to(pose)
        (a, p, q), (turn, u, v) = seen.unbind(dim=-1), slopes[0].unbind(dim=-1)
        grown = u * first + v * second
        # The gain by its sine, and by its cosine; the former's limit is -4/3 of the sine.
        by_sine = grown * torch.where(sine < 0.01, -4 / 3, (2 - gain) / sine.square())
        by_cosine = -grown * (2 + gain) / cosine.square()
        twist, u, v = 2 * turn / cosine.square(), gain * u, gain * v
        along = hand * (v * p - u * q) + by_cosine * a + twist * w
        across = u * w + hand * v * a + by_sine * p, v * w - hand * u * a + by_sine * q
        by_w = (u * p + v * q + by_cosine * w - twist * a) * sign
        slope = torch.stack([along, *across], dim=-1)[..., None, :] @ frames
        slope = slope[..., 0, :] * sign[..., None]
        # Half an angle's sine over the angle, by the angle, over the angle.
        bend = (w * sign / 2 - sinc) / square.clamp(min=1e-6)
        bend = torch.where(square < 1e-4, -1 / 24, bend)
        inward = (slope * pose).sum(dim=-1) * bend - by_w * sinc / 2
        return slope * sinc[..., None] + pose * inward[..., None]


def violation(
    pose: Float[Tensor, "*batch 52 3"], margin: float = 0.0
) -> Float[Tensor, "*batch 52 3"]:
    """How far each angle is beyond its limit, radians; 0 inside.

    Args:
        pose: Axis-angle, local, root first.
        margin: Radians inside the limit at which the cost begins.
    """
    return beyond(joint_angles(pose), margin)


def beyond(
    angles: Float[Tensor, "*batch 52 3"], margin: float = 0.0
) -> Float[Tensor, "*batch 52 3"]:
    """The same of angles that are known, radians."""
    low, high = LOW.to(angles) + margin, HIGH.to(angles) - margin
    return torch.relu(low - angles) + torch.relu(angles - high)


def rotvec_of_angles(
    angles: Float[Tensor, "*batch joints 3"], joints: list[int]
) -> Float[Tensor, "*batch joints 3"]:
    """The axis-angle of some joints whose twist and swings are given, radians."""
    frames = FRAMES[joints].to(angles)
    twist = quaternion_from_rotvec(angles[..., :1] * frames[:, 0])
    swing = quaternion_from_rotvec((angles[..., 1:, None] * frames[:, 1:]).sum(dim=-2))
    return rotvec_from_quaternion(quaternion_multiply(swing, twist))


def angle_range(
    joints: list[int], margin: float = 0.0
) -> tuple[Float[Tensor, "joints 3"], Float[Tensor, "joints 3"]]:
    """Lowest and highest twist and swings of some joints, radians.

    Args:
        joints: Which.
        margin: Radians to stay inside; where the range is narrower, its middle is what is left.
    """
    low, high = LOW[joints], HIGH[joints]
    middle = (low + high) / 2
    return torch.minimum(low + margin, middle), torch.maximum(high - margin, middle)
