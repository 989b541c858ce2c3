"""Hand shapes: where each finger starts, and the path on which it closes.

Fingers come in SMPL-H's order: index, middle, pinky, ring, thumb; three joints each. Degrees are
written for the left hand. A finger is (knuckle, spread, middle, tip): flexion of its three joints,
and the knuckle's turn toward the thumb's side. A thumb is (oppose, adduct, roll, middle, tip):
swung under the palm, laid along the index finger, turned about itself, and the flexion of its two
outer joints. The thumb's preshapes are `_OPPOSED` (pad against the finger pads), `_LATERAL` (pad on
the side of the index finger) and `_ADDUCTED` (along the palm's edge).
"""

from collections.abc import Callable
from functools import lru_cache

import torch
from jaxtyping import Float
from torch import Tensor

from ...geometry.rotations import matrix_from_rotvec, rotvec_from_matrix
from ...vocabulary import HandShape

_Finger = tuple[float, float, float, float]
_Thumb = tuple[float, float, float, float, float]
_Hand = tuple[_Finger, _Finger, _Finger, _Finger, _Thumb]
"""Index, middle, pinky, ring, thumb."""

_THUMB_AXIS = torch.nn.functional.normalize(torch.tensor([0.68, -0.22, 0.70]), dim=0)
"""Along the thumb in the T-pose."""
_THUMB_FLEXION = torch.tensor([0.455, 0.875, -0.167])
"""Flexes the outer joints of the thumb: across it, parallel to its nail."""

_OPPOSED: _Thumb = (52, 8, 0, 10, 12)
_LATERAL: _Thumb = (11, 10, 38, 4, 37)
_ADDUCTED: _Thumb = (4, 16, 0, 4, 6)
_TOGETHER = -4.5
"""Degrees between neighbours that undo the T-pose's fan: fingers lie side by side."""


def _even(knuckle: float, middle: float, tip: float, spread: float = 0.0) -> tuple[_Finger, ...]:
    """Four fingers alike, fanned out by `spread` degrees between neighbours."""
    fan = (1.5, 0.5, -1.5, -0.5)
    return tuple((knuckle, spread * k, middle, tip) for k in fan)


def _hand(fingers: tuple[_Finger, ...], thumb: _Thumb) -> _Hand:
    index, middle, pinky, ring = fingers
    return (index, middle, pinky, ring, thumb)


_SHAPES: dict[HandShape, tuple[_Hand, _Hand]] = {
    "relaxed": (
        ((6, -3, 12, 6), (10, 0, 15, 8), (16, 4, 20, 10), (13, 2, 18, 9), (12, 6, 4, 4, 8)),
        ((38, -5, 42, 22), (46, 0, 48, 26), (56, 6, 54, 28), (52, 3, 52, 28), (22, 9, 7, 9, 20)),
    ),
    "flat": (
        _hand(_even(-2, 0, 0, 3), (4, 2, 0, 0, 0)),
        _hand(_even(10, 12, 6, 1), (12, 10, 4, 4, 8)),
    ),
    "power": (
        _hand(_even(8, 12, 6, _TOGETHER), (50, -28, -14, -5, 28)),
        _hand(_even(76, 90, 50, _TOGETHER), (62, 6, -12, 0, 60)),
    ),
    "hook": (
        _hand(_even(4, 40, 22), (8, 6, 0, 4, 6)),
        _hand(_even(16, 94, 52), (5, 6, 8, 13, 16)),
    ),
    "pinch": (
        ((34, 0, 30, 12), (30, -2, 34, 16), (38, -6, 40, 20), (34, -4, 38, 18), (50, -2, 0, 4, 6)),
        ((50, 0, 46, 26), (34, -2, 40, 20), (42, -6, 46, 24), (38, -4, 44, 22), _OPPOSED),
    ),
    "tripod": (
        ((36, 0, 28, 12), (38, 0, 32, 14), (60, -2, 66, 36), (56, 0, 62, 34), (52, 0, 0, 4, 6)),
        ((48, 2, 46, 24), (52, 2, 50, 26), (68, -2, 76, 42), (64, 0, 74, 40), (54, 11, 7, 9, 14)),
    ),
    "lateral": (
        _hand(_even(46, 54, 28), (10, -6, 20, 0, 4)),
        _hand(_even(62, 80, 42), _LATERAL),
    ),
    "cradle": (
        _hand(_even(12, 18, 8), (40, -14, 0, 2, 4)),
        _hand(_even(40, 46, 26, _TOGETHER), (46, -8, 2, 12, 18)),
    ),
    "fist": (
        _hand(_even(50, 66, 36), (48, 2, 6, 2, 10)),
        _hand(_even(77, 92, 48), (54, 18, 5, 8, 40)),
    ),
    "point": (
        ((6, 0, 10, 6), (58, 0, 74, 40), (66, 0, 80, 44), (62, 0, 78, 42), (36, 8, 8, 8, 18)),
        ((0, 0, 2, 2), (76, 0, 92, 48), (77, 0, 92, 46), (74, 0, 90, 46), (46, 9, 12, 20, 38)),
    ),
    "type": (
        _hand(_even(14, 32, 16, 3), (22, 4, 4, 4, 8)),
        _hand(_even(30, 44, 22, 3), (28, 6, 6, 6, 12)),
    ),
    "bear": (
        _hand(_even(-6, 0, 0, 3), (2, -14, 0, 2, 2)),
        _hand(_even(76, 84, 40, 2), (56, -4, 0, 30, 40)),
    ),
}


def finger_path(
    shape: HandShape, side: str
) -> Callable[[Float[Tensor, "batch 5 3"]], Float[Tensor, "batch 15 3"]]:
    """The axis-angle of the fingers as a function of how far each joint is closed.

    Args:
        shape: How the hand closes.
        side: 'left' or 'right'.

    Returns:
        A differentiable function from closure in [0, 1] per finger and joint to the 15 joints of
        the hand in SMPL-H's order. Its result at a closure of `c` everywhere is `hand_shape(c)`.
    """
    start, end = (_table(hand) for hand in _SHAPES[shape])
    sign = torch.tensor([1.0, -1.0, -1.0]) if side == "right" else torch.ones(3)

    def path(closure: Float[Tensor, "batch 5 3"]) -> Float[Tensor, "batch 15 3"]:
        degrees = start + closure[..., None] * (end - start)
        fingers = _finger_rotvec(degrees[:, :4])
        return torch.cat([fingers, _thumb_rotvec(degrees[:, 4:])], dim=1).flatten(1, 2) * sign

    return path


def hand_shape(shape: HandShape, closure: float, side: str) -> Float[Tensor, "15 3"]:
    """The fingers of one hand, evenly closed: open at 0, closed at 1."""
    return _evenly(shape, float(closure), side).to(torch.get_default_device())


@lru_cache(maxsize=128)
def _evenly(shape: HandShape, closure: float, side: str) -> Float[Tensor, "15 3"]:
    with torch.device("cpu"):  # Remembered for jobs on any device.
        return finger_path(shape, side)(torch.full((1, 5, 3), closure))[0]


def _table(hand: _Hand) -> Float[Tensor, "5 3 3"]:
    """Per finger and joint, three angles in degrees; unused ones are zero."""
    *fingers, (oppose, adduct, roll, middle, tip) = hand
    rows = [[[k, s, 0.0], [m, 0.0, 0.0], [t, 0.0, 0.0]] for k, s, m, t in fingers]
    rows.append([[oppose, adduct, roll], [middle, 0.0, 0.0], [tip, 0.0, 0.0]])
    return torch.tensor(rows)


def _finger_rotvec(degrees: Float[Tensor, "batch 4 3 3"]) -> Float[Tensor, "batch 4 3 3"]:
    """Spread about the hand's normal, then flexion across the fingers."""
    flexion, spread, _ = torch.deg2rad(degrees).unbind(-1)
    zero = torch.zeros_like(flexion)
    fan = matrix_from_rotvec(torch.stack([zero, -spread, zero], dim=-1))
    curl = matrix_from_rotvec(torch.stack([zero, zero, -flexion], dim=-1))
    return rotvec_from_matrix(fan @ curl)


def _thumb_rotvec(degrees: Float[Tensor, "batch 1 3 3"]) -> Float[Tensor, "batch 1 3 3"]:
    """The saddle joint from three angles, the two hinges about one axis."""
    oppose, adduct, roll = torch.deg2rad(degrees[:, :, :1]).unbind(-1)
    zero = torch.zeros_like(oppose)
    under = matrix_from_rotvec(torch.stack([oppose, zero, zero], dim=-1))
    along = matrix_from_rotvec(torch.stack([zero, adduct, zero], dim=-1))
    about = matrix_from_rotvec(roll[..., None] * _THUMB_AXIS.to(roll))
    saddle = rotvec_from_matrix(along @ under @ about)
    hinges = torch.deg2rad(degrees[:, :, 1:, :1]) * _THUMB_FLEXION.to(roll)
    return torch.cat([saddle, hinges], dim=2)


_LOWERED = torch.tensor([
    # how far down, knuckle, middle and tip of a finger; the thumb's oppose, adduct, middle, tip
    (0.0, -22, 0, 0, -12, 6, 0, 0),
    (0.5, 18, 4, 2, 14, 8, 4, 6),
    (0.6, 24, 24, 12, 18, 8, 6, 8),
    (1.0, 58, 74, 36, 40, 10, 16, 24),
])  # fmt: skip
"""A finger comes down straight; beyond the palm's plane it bends, joint by joint."""
_BESIDE = torch.tensor([-7.0, -1.0, 8.0, 4.0])
"""Turns of the knuckles, degrees, toward the thumb's side that bring the fingers together."""
FINE = 49
"""Steps of that way."""


def laying_path(side: str) -> Float[Tensor, "levels 5 3 3"]:
    """The axis-angle of fingers that come down on a surface from above the palm's plane.

    Fingers lie side by side, the thumb beside them.

    Args:
        side: 'left' or 'right'.
    """
    share = torch.linspace(0, 1, FINE)
    low, high = _LOWERED[:-1].to(share), _LOWERED[1:].to(share)
    part = ((share[:, None] - low[:, 0]) / (high[:, 0] - low[:, 0])).clamp(0, 1)
    table = low[0] + (part[..., None] * (high - low)).sum(dim=1)
    knuckle, middle, tip, oppose, adduct, thumb, end = table[:, 1:].unbind(dim=1)
    turns = torch.stack([knuckle, middle, tip], dim=1)[:, None].expand(FINE, 4, 3)
    fingers = torch.nn.functional.pad(turns[..., None], (0, 2))
    fingers[:, :, 0, 1] = _BESIDE.to(share)
    thumbs = torch.zeros(FINE, 1, 3, 3)
    thumbs[:, 0, 0, :2] = torch.stack([oppose, adduct], dim=1)
    thumbs[:, 0, 1:, 0] = torch.stack([thumb, end], dim=1)
    sign = torch.tensor([1.0, -1.0, -1.0]) if side == "right" else torch.ones(3)
    return torch.cat([_finger_rotvec(fingers), _thumb_rotvec(thumbs)], dim=1) * sign
