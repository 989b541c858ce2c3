"""Rotations and rigid motions in torch: axis-angle, matrices, quaternions (x, y, z, w)."""

import torch
from jaxtyping import Float
from torch import Tensor


def skew(vector: Float[Tensor, "*batch 3"]) -> Float[Tensor, "*batch 3 3"]:
    """The matrix of the cross product with `vector`."""
    x, y, z = vector.unbind(-1)
    zero = torch.zeros_like(x)
    return torch.stack([zero, -z, y, z, zero, -x, -y, x, zero], dim=-1).unflatten(-1, (3, 3))


def matrix_from_rotvec(rotvec: Float[Tensor, "*batch 3"]) -> Float[Tensor, "*batch 3 3"]:
    """Rodrigues' formula, smooth at zero."""
    square = rotvec.square().sum(dim=-1)[..., None, None]
    small = square < 1e-8
    angle = torch.where(small, torch.ones_like(square), square).sqrt()
    sine = torch.where(small, 1 - square / 6, angle.sin() / angle)
    cosine = torch.where(small, 0.5 - square / 24, (1 - angle.cos()) / angle.square())
    k = skew(rotvec)
    return torch.eye(3, dtype=rotvec.dtype) + sine * k + cosine * (k @ k)


def rotvec_from_matrix(matrix: Float[Tensor, "*batch 3 3"]) -> Float[Tensor, "*batch 3"]:
    """Axis times angle, angle in [0, pi]."""
    return rotvec_from_quaternion(quaternion_from_matrix(matrix))


def quaternion_from_matrix(matrix: Float[Tensor, "*batch 3 3"]) -> Float[Tensor, "*batch 4"]:
    """Unit quaternion (x, y, z, w): the top eigenvector of Shepperd's form."""
    m = matrix
    xx, yy, zz = m[..., 0, 0], m[..., 1, 1], m[..., 2, 2]
    four = torch.stack([1 + xx - yy - zz, 1 - xx + yy - zz, 1 - xx - yy + zz, 1 + xx + yy + zz], -1)
    a = m[..., 1, 0] + m[..., 0, 1], m[..., 0, 2] + m[..., 2, 0], m[..., 2, 1] + m[..., 1, 2]
    b = m[..., 2, 1] - m[..., 1, 2], m[..., 0, 2] - m[..., 2, 0], m[..., 1, 0] - m[..., 0, 1]
    rows = torch.stack(
        [
            torch.stack([four[..., 0], a[0], a[1], b[0]], -1),
            torch.stack([a[0], four[..., 1], a[2], b[1]], -1),
            torch.stack([a[1], a[2], four[..., 2], b[2]], -1),
            torch.stack([b[0], b[1], b[2], four[..., 3]], -1),
        ],
        dim=-2,
    )
    best = four.argmax(dim=-1)[..., None, None].expand(*four.shape[:-1], 1, 4)
    return torch.nn.functional.normalize(rows.gather(-2, best)[..., 0, :], dim=-1)


def rotvec_from_quaternion(quaternion: Float[Tensor, "*batch 4"]) -> Float[Tensor, "*batch 3"]:
    """Axis times angle of a unit quaternion; differentiable at the identity."""
    sign = torch.where(quaternion[..., 3:] < 0, -1.0, 1.0).to(quaternion)
    xyz, w = quaternion[..., :3] * sign, quaternion[..., 3:] * sign
    square = xyz.square().sum(dim=-1, keepdim=True)
    small = square < 1e-12
    sine = torch.where(small, torch.ones_like(square), square).sqrt()
    scale = torch.where(small, 2 / w.clamp(min=0.5), 2 * torch.atan2(sine, w) / sine)
    return xyz * scale


def quaternion_from_rotvec(rotvec: Float[Tensor, "*batch 3"]) -> Float[Tensor, "*batch 4"]:
    """Unit quaternion (x, y, z, w), smooth at zero."""
    square = rotvec.square().sum(dim=-1, keepdim=True)
    small = square < 1e-8
    angle = torch.where(small, torch.ones_like(square), square).sqrt()
    scale = torch.where(small, 0.5 - square / 48, (angle / 2).sin() / angle)
    w = torch.where(small, 1 - square / 8, (angle / 2).cos())
    return torch.cat([rotvec * scale, w], dim=-1)


def quaternion_multiply(
    a: Float[Tensor, "*#batch 4"], b: Float[Tensor, "*#batch 4"]
) -> Float[Tensor, "*batch 4"]:
    """Hamilton product: the rotation `b`, then `a`."""
    u, s = a[..., :3], a[..., 3:]
    v, t = b[..., :3], b[..., 3:]
    u, v = torch.broadcast_tensors(u, v)
    vector = s * v + t * u + torch.linalg.cross(u, v)
    return torch.cat([vector, s * t - (u * v).sum(dim=-1, keepdim=True)], dim=-1)


def yaw_matrix(angle: Float[Tensor, "*batch"]) -> Float[Tensor, "*batch 3 3"]:
    """Rotation about +Y: turns +Z toward +X."""
    c, s, zero, one = angle.cos(), angle.sin(), torch.zeros_like(angle), torch.ones_like(angle)
    return torch.stack([c, zero, s, zero, one, zero, -s, zero, c], dim=-1).unflatten(-1, (3, 3))


def transform(
    T_a_b: Float[Tensor, "*#batch 4 4"], points_b: Float[Tensor, "*#batch points 3"]
) -> Float[Tensor, "*batch points 3"]:
    """Points of frame b, seen from frame a."""
    return points_b @ T_a_b[..., :3, :3].mT + T_a_b[..., None, :3, 3]


def rigid(
    rotation: Float[Tensor, "*batch 3 3"], translation: Float[Tensor, "*batch 3"]
) -> Float[Tensor, "*batch 4 4"]:
    """The 4x4 matrix of a rigid motion (or similarity, when `rotation` carries a scale)."""
    top = torch.cat([rotation, translation[..., None]], dim=-1)
    bottom = top.new_tensor([0.0, 0.0, 0.0, 1.0]).expand(*top.shape[:-2], 1, 4)
    return torch.cat([top, bottom], dim=-2)
