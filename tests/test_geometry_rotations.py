"""Rotations: round trips and closed forms."""

import math

import pytest
import torch
from torch import Tensor

from solver.geometry.rotations import (
    matrix_from_rotvec,
    quaternion_from_matrix,
    quaternion_from_rotvec,
    quaternion_multiply,
    rotvec_from_matrix,
    rotvec_from_quaternion,
    skew,
    yaw_matrix,
)  # fmt: skip


def rotvecs(count: int, largest: float, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    axes = torch.nn.functional.normalize(torch.randn(count, 3, generator=generator), dim=-1)
    return axes * torch.rand(count, 1, generator=generator) * largest


@pytest.mark.parametrize("largest", [1e-4, 1.0, math.pi - 1e-3])
def test_rotvec_to_matrix_and_back(largest: float) -> None:
    vectors = rotvecs(200, largest).double()
    back = rotvec_from_matrix(matrix_from_rotvec(vectors))
    torch.testing.assert_close(back, vectors, atol=1e-6, rtol=1e-6)


def test_rotvec_to_quaternion_and_back() -> None:
    vectors = rotvecs(200, math.pi - 1e-3).double()
    back = rotvec_from_quaternion(quaternion_from_rotvec(vectors))
    torch.testing.assert_close(back, vectors, atol=1e-6, rtol=1e-6)


def test_matrices_are_rotations_and_equal_the_exponential() -> None:
    vectors = rotvecs(50, 3.0).double()
    matrices = matrix_from_rotvec(vectors)
    eye = torch.eye(3, dtype=torch.float64).expand(50, 3, 3)
    torch.testing.assert_close(matrices @ matrices.transpose(-1, -2), eye)
    torch.testing.assert_close(torch.linalg.det(matrices), torch.ones(50, dtype=torch.float64))
    torch.testing.assert_close(matrices, torch.matrix_exp(skew(vectors)))


def test_half_turns_keep_their_axis() -> None:
    for axis in torch.eye(3, dtype=torch.float64):
        back = rotvec_from_matrix(matrix_from_rotvec(axis * math.pi))
        assert back.norm().item() == pytest.approx(math.pi, abs=1e-6)
        assert abs(float(back @ axis)) == pytest.approx(math.pi, abs=1e-6)


def test_quaternions_multiply_as_matrices_do() -> None:
    one, two = rotvecs(40, 2.0, 1).double(), rotvecs(40, 2.0, 2).double()
    product = quaternion_multiply(quaternion_from_rotvec(one), quaternion_from_rotvec(two))
    expected = quaternion_from_matrix(matrix_from_rotvec(one) @ matrix_from_rotvec(two))
    same = (product * expected).sum(dim=-1).abs()
    torch.testing.assert_close(same, torch.ones_like(same))


def test_yaw_takes_front_to_the_left_hand() -> None:
    """Y up, front +Z: a quarter turn brings +Z to +X."""
    turned = yaw_matrix(torch.tensor(math.pi / 2)) @ torch.tensor([0.0, 0.0, 1.0])
    torch.testing.assert_close(turned, torch.tensor([1.0, 0.0, 0.0]), atol=1e-6, rtol=0)


def test_gradient_at_no_rotation_is_finite() -> None:
    vector = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(matrix_from_rotvec, (vector,))
