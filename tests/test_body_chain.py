"""Posing by angles: equal to posing by matrices, and its gradient to two other ones."""

import torch
from test_body import model_of, random_pose, synthetic

from solver.body import load_body, pose_body, pose_by_angles, shape_body
from solver.body.chain import bones_of
from solver.body.skinning import forward_kinematics
from solver.geometry.rotations import matrix_from_rotvec


def by_levels(pose: torch.Tensor, turn: torch.Tensor, trans: torch.Tensor, rest: torch.Tensor):
    """The same bones, one level of the tree after the other, for automatic differentiation."""
    local = matrix_from_rotvec(pose)
    root = matrix_from_rotvec(turn)[:, None] @ local[:, :1]
    turned, placed = forward_kinematics(torch.cat([root, local[:, 1:]], dim=1), rest)
    shift = placed - (turned @ rest[..., None])[..., 0] + trans[:, None]
    return torch.cat([turned, shift[..., None]], dim=-1).transpose(1, 2)


def inputs(batch: int) -> list[torch.Tensor]:
    torch.manual_seed(0)
    pose, turn, trans = torch.randn(batch, 52, 3), torch.randn(batch, 3), torch.randn(batch, 3)
    pose[:, 5], pose[:, 7] = 0.0, 1e-5  # The series at zero, and beside it.
    pose[:, 16] *= 3.0 / pose[:, 16].norm(dim=-1, keepdim=True)
    return [each.double().requires_grad_() for each in (pose, turn, trans)]


def test_bones_and_their_gradient_are_those_of_the_levels() -> None:
    leaves, rest = inputs(4), torch.rand(52, 3, dtype=torch.float64)
    ours, theirs = bones_of(*leaves, rest), by_levels(*leaves, rest)
    torch.testing.assert_close(ours, theirs)
    slope = torch.randn_like(ours)
    for found, wanted in zip(
        torch.autograd.grad(ours, leaves, slope),
        torch.autograd.grad(theirs, leaves, slope),
        strict=True,
    ):
        torch.testing.assert_close(found, wanted, atol=1e-8, rtol=1e-6)


def test_the_gradient_matches_finite_differences() -> None:
    rest = torch.rand(52, 3, dtype=torch.float64)
    assert torch.autograd.gradcheck(lambda *x: bones_of(*x, rest), inputs(1), fast_mode=True)


def test_posing_by_angles_is_posing_by_matrices() -> None:
    """With pose correctives and without; a subset is the same vertices."""
    pose, trans = random_pose(3, seed=5), torch.randn(3, 3)
    for body in (shape_body(load_body()), shape_body(model_of(synthetic()))):
        subset = torch.tensor([3, 50, 1])
        wanted = pose_body(body, matrix_from_rotvec(pose), trans)
        found = pose_by_angles(body, pose, torch.zeros(3, 3), trans, subset)
        torch.testing.assert_close(found.verts, wanted.verts[:, subset], atol=1e-5, rtol=0)
        torch.testing.assert_close(found.joints, wanted.joints, atol=1e-5, rtol=0)
        torch.testing.assert_close(found.rotations, wanted.rotations, atol=1e-5, rtol=0)
