"""Joint limits: known angles, gradients, mirror symmetry."""

import math

import pytest
import torch
from limbs import clamp_pose

from solver.body import load_body, pose_body, shape_body
from solver.body.joints import INDEX, JOINTS, mirrored
from solver.body.limits import HIGH, LOW, joint_angles, rotvec_of_angles, violation
from solver.geometry.rotations import (
    matrix_from_rotvec,
    quaternion_from_rotvec,
    quaternion_multiply,
    rotvec_from_quaternion,
)


def bent(joint: str, *degrees: float) -> torch.Tensor:
    pose = torch.zeros(1, 52, 3)
    pose[0, INDEX[joint]] = torch.tensor(degrees).deg2rad()
    return pose


@pytest.mark.parametrize(
    ("joint", "rotvec", "over"),
    [
        ("left_knee", (150, 0, 0), 5), ("left_knee", (-12, 0, 0), 10), ("left_knee", (90, 0, 0), 0),
        ("right_hip", (-130, 0, 0), 5), ("left_elbow", (0, -140, 0), 0),
        ("left_elbow", (0, 20, 0), 17),
        ("right_elbow", (0, 140, 0), 0), ("left_index2", (0, 0, -100), 0), ("head", (0, 60, 0), 20),
        ("right_shoulder", (0, 0, 90), 0), ("right_shoulder", (0, 0, -100), 10),
    ],
)  # fmt: skip
def test_known_angles(joint: str, rotvec: tuple[float, float, float], over: float) -> None:
    degrees = violation(bent(joint, *rotvec)).rad2deg()
    assert float(degrees.max()) == pytest.approx(over, abs=1e-3)
    assert float(degrees.sum()) == pytest.approx(over, abs=1e-3)


def test_the_root_is_free_and_the_t_pose_is_allowed() -> None:
    assert violation(bent("pelvis", 170, 20, -90)).max() == 0
    assert violation(torch.zeros(2, 52, 3)).max() == 0


def test_twist_and_swing_make_the_rotation_again() -> None:
    """Q = swing * twist, each about its own axes."""
    pose = torch.randn(6, 52, 3, generator=torch.Generator().manual_seed(0)) * 0.7
    free_low, free_high = LOW.clone(), HIGH.clone()
    try:
        LOW.fill_(-math.inf)
        HIGH.fill_(math.inf)
        again = clamp_pose(pose)
    finally:
        LOW.copy_(free_low)
        HIGH.copy_(free_high)
    turn = quaternion_multiply(quaternion_from_rotvec(again), quaternion_from_rotvec(-pose))
    assert rotvec_from_quaternion(turn).norm(dim=-1).max() < 1e-4


def test_clamping_ends_inside_and_leaves_the_inside_alone() -> None:
    pose = torch.randn(20, 52, 3, generator=torch.Generator().manual_seed(1)) * 0.8
    clamped = clamp_pose(pose)
    assert violation(clamped).max() < 1e-4
    torch.testing.assert_close(clamp_pose(clamped), clamped, atol=1e-4, rtol=0)
    torch.testing.assert_close(clamped[:, 0], pose[:, 0])


def test_mirrored_poses_have_mirrored_angles() -> None:
    pose = torch.randn(4, 52, 3, generator=torch.Generator().manual_seed(2)) * 0.6
    swap = torch.tensor([JOINTS.index(mirrored(name)) for name in JOINTS])
    flipped = pose[:, swap] * torch.tensor([1.0, -1.0, -1.0])
    sided = [k for k, name in enumerate(JOINTS) if mirrored(name) != name]
    torch.testing.assert_close(violation(flipped)[:, sided], violation(pose)[:, swap][:, sided])


def test_gradients_match_finite_differences_and_are_finite_at_rest() -> None:
    generator = torch.Generator().manual_seed(3)
    pose = (torch.randn(1, 52, 3, generator=generator).double() * 0.8).requires_grad_()
    assert torch.autograd.gradcheck(lambda p: violation(p, 0.05), (pose,))
    for size in (0.004, 0.5, 2.5):  # Almost at rest, bent, and where the quaternion is turned.
        pose = torch.randn(1, 52, 3, generator=generator).double() * size
        assert torch.autograd.gradcheck(joint_angles, (pose.requires_grad_(),), atol=1e-4)
    rest = torch.zeros(1, 52, 3, requires_grad=True)
    joint_angles(rest).square().sum().backward()
    assert rest.grad is not None
    assert rest.grad.isfinite().all()


def test_the_margin_begins_inside() -> None:
    pose = bent("left_knee", 143, 0, 0)
    assert violation(pose).max() == 0
    assert float(violation(pose, math.radians(3)).max().rad2deg()) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_wrist_bends_farther_to_the_little_finger_than_to_the_thumb(side: str) -> None:
    """By where the knuckle of the middle finger goes: about 33 degrees one way, 22 the other."""
    body = shape_body(load_body())
    wrist = INDEX[f"{side}_wrist"]
    pinky, thumb = (body.joints[INDEX[f"{side}_{name}1"]] for name in ("pinky", "index"))
    across = torch.nn.functional.normalize(pinky - thumb, dim=0)
    reached: list[float] = []
    for limit in (LOW, HIGH):
        angles = torch.zeros(52, 3)
        angles[wrist, 1] = limit[wrist, 1]
        pose = torch.zeros(1, 52, 3)
        pose[0, wrist] = rotvec_of_angles(angles[[wrist]], [wrist])[0]
        joints = pose_body(body, matrix_from_rotvec(pose), torch.zeros(1, 3)).joints[0]
        hand = joints[INDEX[f"{side}_middle1"]] - joints[wrist]
        before = body.joints[INDEX[f"{side}_middle1"]] - body.joints[wrist]
        flat = [torch.stack([v @ across, v[0].abs()]) for v in (before, hand)]
        turn = torch.atan2(flat[1][0], flat[1][1]) - torch.atan2(flat[0][0], flat[0][1])
        reached.append(float(turn.rad2deg()))
    assert max(reached) == pytest.approx(35, abs=2)
    assert min(reached) == pytest.approx(-25, abs=3)
