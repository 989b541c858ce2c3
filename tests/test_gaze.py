"""Heads turn to what the hands do: closed forms, limits, and invariance."""

import torch

from solver.body import load_body, shape_body
from solver.body.joints import INDEX
from solver.body.skinning import forward_kinematics
from solver.geometry.rotations import matrix_from_rotvec, rotvec_from_matrix
from solver.optimisation.gaze import BEHIND, ROLLING, SIDEWAYS, UP_DOWN, head_turn


def way(yaw: float, pitch: float) -> torch.Tensor:
    """A direction of those angles, degrees: to the left of +Z, and above it."""
    a, b = torch.tensor([yaw, pitch]).deg2rad()
    return torch.stack([a.sin() * b.cos(), b.sin(), a.cos() * b.cos()])


def test_the_eyes_do_the_last_ten_degrees() -> None:
    asked = [(0.0, 0.0), (8.0, -9.0), (30.0, 0.0), (0.0, -35.0), (-25.0, 40.0)]
    toward = torch.stack([way(*angles) for angles in asked])
    turn, seen = head_turn(torch.eye(3).expand(5, 3, 3), 0.7 * toward)
    assert seen.all()
    front = matrix_from_rotvec(turn)[:, :, 2]
    left = [way(*(0.0 if abs(x) < ROLLING else x - ROLLING * (x / abs(x)) for x in angles))
            for angles in asked]  # fmt: skip
    torch.testing.assert_close(front, torch.stack(left), atol=1e-5, rtol=0)


def test_no_neck_turns_farther_than_it_can() -> None:
    toward = torch.stack([way(BEHIND - 1, 0.0), way(0.0, -85.0), way(BEHIND + 1, 0.0)])
    turn, seen = head_turn(torch.eye(3).expand(3, 3, 3), toward)
    assert seen.tolist() == [True, True, False]
    front = matrix_from_rotvec(turn)[:2, :, 2]
    limit = torch.stack([way(SIDEWAYS, 0.0), way(0.0, -UP_DOWN)])
    torch.testing.assert_close(front, limit, atol=1e-5, rtol=0)


def test_it_is_seen_from_the_chest() -> None:
    """Chest and goal turned together change nothing."""
    toward = torch.stack([way(40.0, -20.0), way(-15.0, 30.0)])
    around = matrix_from_rotvec(torch.tensor([[0.3, 1.9, -0.4], [-1.1, 0.2, 0.5]]))
    plain, _ = head_turn(torch.eye(3).expand(2, 3, 3), toward)
    moved, _ = head_turn(around, (around @ toward[..., None])[..., 0])
    torch.testing.assert_close(moved, plain, atol=1e-5, rtol=0)


def test_neck_and_head_share_the_turn() -> None:
    """Half of it each: the head then looks where it should, whatever the trunk does."""
    body = shape_body(load_body())
    pose = 0.1 * torch.randn(1, 52, 3, generator=torch.Generator().manual_seed(3))
    rotations, _ = forward_kinematics(matrix_from_rotvec(pose), body.joints)
    chest = rotations[:, INDEX["spine3"]]
    turn, _ = head_turn(chest, way(35.0, -30.0)[None])
    pose[:, [INDEX["neck"], INDEX["head"]]] = turn[:, None] / 2
    rotations, _ = forward_kinematics(matrix_from_rotvec(pose), body.joints)
    between = rotvec_from_matrix(chest.mT @ rotations[:, INDEX["head"]])
    torch.testing.assert_close(between, turn, atol=1e-5, rtol=0)
