"""Heads turn to what the hands do: closed forms, limits, and invariance."""

import math
from dataclasses import replace

import pytest
import torch
from affordance_objects import held, mug
from test_affordance import find

from solver.body import load_body, shape_body
from solver.body.joints import INDEX
from solver.body.skinning import forward_kinematics
from solver.geometry.rotations import matrix_from_rotvec, rotvec_from_matrix
from solver.optimisation.gaze import BEHIND, ROLLING, SIDEWAYS, UP_DOWN, head_turn, watching
from solver.optimisation.variables import Start
from solver.task import resolve
from solver.vocabulary import Style


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


@pytest.mark.parametrize("style", ["neutral", "show"])
def test_who_shows_a_thing_looks_ahead_and_others_at_it(style: Style) -> None:
    """A mug at the belly, the trunk bent by ten degrees."""
    body, plan = shape_body(load_body()), held(("right_hand", "handle", "grasp"))
    task = resolve(mug(), replace(plan, styles=(style,)), find(mug(), plan), body)
    pose = torch.zeros(1, 52, 3)
    pose[0, 0] = torch.tensor([0.0, 0.8, 0.0])
    pose[0, INDEX["spine1"], 0] = math.radians(10)
    ahead = matrix_from_rotvec(pose[:, 0])[0, :, 2]
    T_world_object = torch.eye(4)[None]
    T_world_object[0, :3, 3] = body.joints[INDEX["spine1"]] + 0.35 * ahead
    start = Start(pose, torch.zeros(1, 3), T_world_object, ("t",), torch.zeros(1), pose, pose[:, 0])
    seen = watching(task, start)
    rotations, _ = forward_kinematics(matrix_from_rotvec(seen.pose), body.joints)
    front = rotations[0, INDEX["head"], :, 2]
    pitch = math.degrees(math.asin(float(front[1])))
    assert abs(pitch) < 0.1 if style == "show" else pitch < -2 * ROLLING
    assert float(front @ ahead) > 0.6 and abs(float(torch.linalg.cross(front, ahead)[1])) < 0.05
