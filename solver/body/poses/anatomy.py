"""Poses in anatomical words: degrees per joint, turned into SMPL-H axis-angle.

Angles are written for the left side; the right side is the mirror image, a rotation vector
(x, -y, -z). The words, and what is positive:

    root      (pitch, roll, yaw): leaning forward, to the right, turning left
    spine     (flex, side, twist): as root, the sum over three joints
    neck      (flex, side, twist): as root, the sum over neck and head
    hip       (flex, abd, rot): thigh forward, outward, toes outward
    knee      (flex,)
    ankle     (dorsi, inv): toes up, sole inward
    toes      (up,)
    collar    (up, forward)
    shoulder  (elev, hor, pitch, twist): from the T-pose: arm raised (-90 hangs), swung forward
              level, a hanging arm swung forward, turned about its own axis
    elbow     (flex, pron): palm down when the elbow is bent
    wrist     (flex, dev): palm toward the forearm, hand toward the thumb's side
"""

from collections.abc import Collection, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from ...geometry.rotations import matrix_from_rotvec, rotvec_from_matrix, yaw_matrix
from ..joints import INDEX, JOINTS, PARENTS, mirrored

Angles = dict[str, tuple[float, ...]]
"""Word ('root', 'left_hip', ...) -> degrees."""

_X, _Y, _Z = 0, 1, 2
_TRUNK = ((_Y, 1.0, 2), (_Z, 1.0, 1), (_X, 1.0, 0))
WORDS: dict[str, tuple[tuple[int, float, int], ...]] = {
    "root": _TRUNK,
    "spine": _TRUNK,
    "neck": _TRUNK,
    "hip": ((_X, -1.0, 0), (_Z, 1.0, 1), (_Y, 1.0, 2)),
    "knee": ((_X, 1.0, 0),),
    "ankle": ((_X, -1.0, 0), (_Z, 1.0, 1)),
    "toes": ((_X, -1.0, 0),),
    "collar": ((_Y, -1.0, 1), (_Z, 1.0, 0)),
    "shoulder": ((_Y, -1.0, 1), (_X, -1.0, 2), (_Z, 1.0, 0), (_X, 1.0, 3)),
    "elbow": ((_Y, -1.0, 0), (_X, 1.0, 1)),
    "wrist": ((_Z, -1.0, 0), (_Y, -1.0, 1)),
}
"""Word -> elementary rotations, outermost first: (axis, sign, which of the word's angles)."""

TRUNK_JOINTS = {
    "root": ("pelvis",),
    "spine": ("spine1", "spine2", "spine3"),
    "neck": ("neck", "head"),
}
_JOINT_OF = {"toes": "foot"}

_MIRROR_ORDER = torch.tensor([INDEX[mirrored(name)] for name in JOINTS])
_MIRROR_SIGN = torch.tensor([1.0, -1.0, -1.0])


def turn(word: str, degrees: Float[Tensor, "*batch angles"]) -> Float[Tensor, "*batch 3 3"]:
    """The rotation that a word's angles mean, on the left side; differentiable."""
    radians = torch.deg2rad(degrees)
    result = torch.eye(3).expand(*degrees.shape[:-1], 3, 3)
    for axis, sign, which in WORDS[word]:
        rotvec = radians.new_zeros(*degrees.shape[:-1], 3)
        rotvec = torch.cat(
            [rotvec[..., :axis], sign * radians[..., which, None], rotvec[..., axis + 1 :]], dim=-1
        )
        result = result @ matrix_from_rotvec(rotvec)
    return result


def poses_from_angles(
    drafts: Sequence[Angles], level: Sequence[Collection[str]]
) -> Float[Tensor, "poses 52 3"]:
    """Axis-angle of poses in words, fingers straight.

    Args:
        drafts: Degrees by word, one mapping per pose; what is missing stays as in the T-pose.
        level: Per pose, the sides ('left', 'right') whose sole is set level by the ankle, keeping
            the direction of the toes; it replaces what the angles say about that ankle.
    """
    local = torch.eye(3).repeat(len(drafts), len(JOINTS), 1, 1)
    for key in sorted({key for draft in drafts for key in draft}):
        joints, word, flip = _joints_of(key)
        none = (0.0,) * (1 + max(which for _, _, which in WORDS[word]))
        degrees = torch.tensor([draft.get(key, none) for draft in drafts]).float()
        # Mirroring in the plane x = 0 conjugates by diag(-1, 1, 1), or by its negative.
        turned = flip @ turn(word, degrees / len(joints)) @ flip
        for joint in joints:
            local[:, joint] = turned
    for side in ("left", "right"):
        ankle = INDEX[f"{side}_ankle"]
        planted = torch.tensor([side in sides for sides in level])[:, None, None]
        local[:, ankle] = torch.where(planted, _level_ankle(local, ankle), local[:, ankle])
    return rotvec_from_matrix(local)


def _joints_of(key: str) -> tuple[tuple[int, ...], str, Float[Tensor, "3 3"]]:
    """The joints that share a key's angles, its word, and the mirror of its side."""
    if key in TRUNK_JOINTS:
        return tuple(INDEX[name] for name in TRUNK_JOINTS[key]), key, torch.eye(3)
    side, word = key.split("_", 1)
    flip = torch.diag(_MIRROR_SIGN) if side == "right" else torch.eye(3)
    return (INDEX[f"{side}_{_JOINT_OF.get(word, word)}"],), word, flip


def _level_ankle(local: Float[Tensor, "poses 52 3 3"], ankle: int) -> Float[Tensor, "poses 3 3"]:
    """The ankle rotation under which the sole is parallel to the ground."""
    shin = torch.eye(3)
    joint = PARENTS[ankle]
    while joint >= 0:
        shin = local[:, joint] @ shin
        joint = PARENTS[joint]
    foot = shin @ local[:, ankle]
    return shin.mT @ yaw_matrix(torch.atan2(foot[:, 0, 2], foot[:, 2, 2]))


def trunk(
    root: tuple[float, ...] = (0, 0, 0),
    spine: tuple[float, ...] = (0, 0, 0),
    neck: tuple[float, ...] = (0, 0, 0),
) -> Angles:
    """Angles of the middle of the body."""
    return {"root": root, "spine": spine, "neck": neck}


def both(**words: float | tuple[float, ...]) -> Angles:
    """The same angles on both sides."""
    return left(**words) | right(**words)


def left(**words: float | tuple[float, ...]) -> Angles:
    """Angles of the left side."""
    return {f"left_{word}": _tuple(value) for word, value in words.items()}


def right(**words: float | tuple[float, ...]) -> Angles:
    """Angles of the right side, in the left side's signs."""
    return {f"right_{word}": _tuple(value) for word, value in words.items()}


def _tuple(value: float | tuple[float, ...]) -> tuple[float, ...]:
    return value if isinstance(value, tuple) else (value,)


def added(angles: Angles, change: Angles) -> Angles:
    """`angles` with the degrees of `change` added."""
    result = dict(angles)
    for key, delta in change.items():
        base = result.get(key, (0.0,) * len(delta))
        result[key] = tuple(a + b for a, b in zip(base, delta, strict=True))
    return result


def mirror(pose: Float[Tensor, "*batch 52 3"]) -> Float[Tensor, "*batch 52 3"]:
    """The pose seen in a mirror: left and right exchanged."""
    return pose[..., _MIRROR_ORDER, :] * _MIRROR_SIGN


def blend(
    a: Float[Tensor, "*batch joints 3"], b: Float[Tensor, "*batch joints 3"], weight: float
) -> Float[Tensor, "*batch joints 3"]:
    """From `a` (weight 0) to `b` (weight 1), joint by joint.

    The mean is taken over the first two columns of the matrices and made orthonormal again (the 6D
    form of Zhou et al. 2019): no wrap-around, unlike in axis-angle.
    """
    mean = torch.lerp(matrix_from_rotvec(a), matrix_from_rotvec(b), weight)
    x = torch.nn.functional.normalize(mean[..., 0], dim=-1)
    y = mean[..., 1] - (mean[..., 1] * x).sum(dim=-1, keepdim=True) * x
    y = torch.nn.functional.normalize(y, dim=-1)
    return rotvec_from_matrix(torch.stack([x, y, torch.linalg.cross(x, y)], dim=-1))
