"""Joint limits: twist about the bone and two swings, per joint, in degrees.

Every rotation is read as a twist about the T-pose bone followed by a swing (q = swing * twist). The
numbers are our synthesis of clinical ranges; how the trunk divides its range is our own choice.
"""

# warp's kernels are not typed in a way that pyright could follow.
# pyright: reportInvalidTypeForm=false, reportAttributeAccessIssue=false, reportCallIssue=false
# pyright: reportMissingParameterType=false, reportIndexIssue=false, reportArgumentType=false
# pyright: reportUntypedFunctionDecorator=false, reportOperatorIssue=false

import math
from typing import Any, no_type_check

import torch
import warp as wp
from jaxtyping import Float
from torch import Tensor
from torch.autograd.function import once_differentiable

from ..geometry.kernels import ROWS, launch, typed
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
TINY = wp.constant(1e-6)
"""What half a swing's sine and cosine are at least, so that one may divide by them."""


def joint_angles(pose: Float[Tensor, "*batch 52 3"]) -> Float[Tensor, "*batch 52 3"]:
    """Twist and two swings of each joint, radians; differentiable everywhere the limits reach.

    Args:
        pose: Axis-angle, local, root first.
    """
    return _Angles.apply(pose)  # pyright: ignore[reportReturnType]


class _Angles(torch.autograd.Function):
    """A thread per joint, there and back."""

    @staticmethod
    def forward(ctx: Any, pose: Tensor) -> Tensor:
        """Axis-angles to twist and swings."""
        given = pose.contiguous().view(-1, 3), FRAMES.to(pose).view(-1, 3)
        angles = torch.empty_like(given[0])
        launch(typed(_read, pose.dtype), len(angles), pose.device, *given, angles)
        ctx.save_for_backward(*given)
        return angles.view(pose.shape)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *slopes: Tensor) -> Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Slopes of twist and swings to slopes of axis-angles."""
        pose, frames = ctx.saved_tensors
        outer, found = slopes[0].contiguous().view(-1, 3), torch.empty_like(pose)
        launch(typed(_slope, pose.dtype), len(pose), pose.device, pose, frames, outer, found)
        return found.view(slopes[0].shape)


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


@wp.func
@no_type_check
def _seen(r: Any, frames: Any, joint: int):
    """The quaternion along the bone and across it, and its real part, which is positive."""
    square = wp.dot(r, r)
    half = wp.sqrt(square) / type(square)(2.0)
    sinc = type(square)(0.5) - square / type(square)(48.0)
    if square > type(square)(1e-4):
        sinc = wp.sin(half) / (type(square)(2.0) * half)
    w = wp.cos(half)
    sign = wp.where(w < type(w)(0.0), type(w)(-1.0), type(w)(1.0))
    at = 3 * joint
    parts = wp.vector(wp.dot(frames[at], r), wp.dot(frames[at + 1], r), wp.dot(frames[at + 2], r))
    return sinc * sign * parts, sign * w, sinc, sign


@wp.func
@no_type_check
def _hand(frames: Any, joint: int):
    """1 where the three axes are right-handed, else -1."""
    at = 3 * joint
    return wp.dot(wp.cross(frames[at], frames[at + 1]), frames[at + 2])


@wp.func
@no_type_check
def _halves(seen: Any, w: Any):
    """Cosine and sine of half the swing, never zero, and what turns half swings into swings."""
    a, p, q = seen[0], seen[1], seen[2]
    cosine = wp.max(wp.sqrt(a * a + w * w), type(w)(TINY))
    sine = wp.max(wp.sqrt(p * p + q * q), type(w)(TINY))
    return cosine, sine, type(w)(2.0) * wp.atan2(sine, cosine) / (sine * cosine)


@wp.kernel(enable_backward=False)
@no_type_check
def _read(pose: ROWS, frames: ROWS, angles: ROWS):
    i = wp.tid()
    j = i % (frames.shape[0] // 3)
    seen, w, _sinc, _sign = _seen(pose[i], frames, j)
    _cosine, _sine, gain = _halves(seen, w)
    a, p, q = seen[0], seen[1], seen[2]
    h = _hand(frames, j)
    twist = type(w)(2.0) * wp.atan2(a, w)
    angles[i] = wp.vector(twist, gain * (w * p - h * a * q), gain * (w * q + h * a * p))


@wp.kernel(enable_backward=False)
@no_type_check
def _slope(pose: ROWS, frames: ROWS, outer: ROWS, found: ROWS):
    i = wp.tid()
    r, j = pose[i], i % (frames.shape[0] // 3)
    seen, w, sinc, sign = _seen(r, frames, j)
    cosine, sine, gain = _halves(seen, w)
    a, p, q = seen[0], seen[1], seen[2]
    h, two = _hand(frames, j), type(w)(2.0)
    turn, u, v = outer[i][0], outer[i][1], outer[i][2]
    grown = u * (w * p - h * a * q) + v * (w * q + h * a * p)
    # The gain by its sine, and by its cosine; the former's limit is -4/3 of the sine.
    steep = type(w)(-4.0 / 3.0)
    if sine >= type(w)(0.01):
        steep = (two - gain) / (sine * sine)
    by_sine, by_cosine = grown * steep, -grown * (two + gain) / (cosine * cosine)
    turn, u, v = two * turn / (cosine * cosine), gain * u, gain * v
    along = h * (v * p - u * q) + by_cosine * a + turn * w
    first, second = u * w + h * v * a + by_sine * p, v * w - h * u * a + by_sine * q
    by_w = (u * p + v * q + by_cosine * w - turn * a) * sign
    slope = along * frames[3 * j] + first * frames[3 * j + 1] + second * frames[3 * j + 2]
    slope = slope * sign
    # Half an angle's sine over the angle, by the angle, over the angle.
    square, bend = wp.dot(r, r), type(w)(-1.0 / 24.0)
    if square >= type(w)(1e-4):
        bend = (w * sign / two - sinc) / square
    found[i] = sinc * slope + (wp.dot(slope, r) * bend - by_w * sinc / two) * r
