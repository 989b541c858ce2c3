"""Arms brought to frames that they are known to reach."""

import pytest
import torch

from solver.body import load_body, pose_body, shape_body
from solver.geometry.rotations import matrix_from_rotvec, rigid
from solver.optimisation.arms import (
    LOW_ELBOW,
    RAISED,
    STRAIGHT,
    Arms,
    Found,
    Rows,
    Shoulder,
    effort,
    posed_arms,
    shoulder_of,
)
from solver.optimisation.carry import wrist_cost
from solver.optimisation.losses.prior import strain
from solver.optimisation.reach import CAP, ITERATIONS, SHORT, glance, reach, sharpened
from solver.optimisation.variables import Start

BODY = shape_body(load_body())
BENT = torch.tensor([[[0.1, 0.3, -0.9], [0.2, -1.2, 0.0], [0.0, 0.1, 0.2]]])


def shoulder(side: str = "left") -> Shoulder:
    pose, trans = torch.zeros(1, 52, 3), torch.zeros(1, 3)
    start = Start(pose, trans, torch.eye(4)[None], ("t",), torch.zeros(1), pose, trans)
    return shoulder_of(BODY, side, start, pose_body(BODY, matrix_from_rotvec(pose), trans))


def test_a_wrist_comes_to_where_other_angles_would_hold_it() -> None:
    root = shoulder()
    wanted = posed_arms(root, (1.2 * BENT)[:, None]).T_world_wrist[:, 0]
    angles = reach(root, BENT, wanted)
    seen = posed_arms(root, angles[:, None]).T_world_wrist[0, 0]
    assert float((seen[:3, 3] - wanted[0, :3, 3]).norm()) < 0.0015
    assert float((seen[:3, :3] - wanted[0, :3, :3]).norm()) < 0.05


def test_a_wrist_bent_far_back_comes_down_flat() -> None:
    """Farther than the steps take it that are enough for most arms."""
    root, flat, back = shoulder(), BENT.clone(), BENT.clone()
    flat[0, 2, 2], back[0, 2, 2] = -0.7, 1.1
    assert float((back - flat).max()) > CAP * ITERATIONS
    wanted = posed_arms(root, flat[:, None]).T_world_wrist[:, 0]
    angles = reach(root.take(torch.tensor([0, 0])), torch.cat([flat, back]), wanted.expand(2, 4, 4))
    seen = posed_arms(root, angles[1:, None]).T_world_wrist[0, 0]
    assert float((seen[:3, 3] - wanted[0, :3, 3]).norm()) < 0.002
    assert float((seen[:3, :3] - wanted[0, :3, :3]).norm()) < 0.05


def test_what_cannot_be_reached_leaves_the_arm_inside_its_limits() -> None:
    root = shoulder()
    far = rigid(torch.eye(3)[None], torch.tensor([[3.0, 0.0, 0.0]]))
    angles = reach(root, BENT, far)
    assert bool(torch.isfinite(angles).all())
    assert float(angles[0, 1, 2].abs()) < 0.1


def test_arms_are_sharpened_only_where_that_costs_no_more() -> None:
    root = shoulder()
    near = posed_arms(root, (1.1 * BENT)[:, None]).T_world_wrist[:, 0]
    far = rigid(torch.eye(3)[None], torch.tensor([[3.0, 0.0, 0.0]]))
    two, wanted = root.take(torch.tensor([0, 0])), torch.cat([near, far])

    def cost(arms: Arms, rows: Rows) -> torch.Tensor:
        return wrist_cost(arms, wanted[rows])

    angles = BENT.expand(2, 3, 3)
    eased = effort(two, angles[:, None])[:, 0]
    before = cost(posed_arms(two, angles[:, None]), torch.arange(2))[:, 0] + eased
    found = sharpened(two, Found(angles, before, eased), wanted, cost)
    assert bool((found.cost <= before).all())
    assert float(found.cost[0]) < 0.5 * float(before[0])
    arms = posed_arms(two, found.angles[:, None])
    again = cost(arms, torch.arange(2))[:, 0] + effort(two, found.angles[:, None])[:, 0]
    torch.testing.assert_close(found.cost, again)


def test_a_glance_at_a_stretched_arm_is_how_far_its_wrist_is_bent() -> None:
    """There the elbow has one place only; what is at ease and what strains are in closed form."""
    root, swings = shoulder(), torch.tensor([[0.0, 0.0], [0.3, 0.0], [0.0, 0.6]])
    angles = torch.zeros(1, 3, 3, 3)
    angles[0, :, 2, 1:] = swings
    cost = glance(root, posed_arms(root, angles).T_world_wrist)[0]
    wanted = (swings / STRAIGHT[2, 1:]).square().sum(dim=-1) + strain(swings[:, None])
    torch.testing.assert_close(cost - cost[0], wanted, rtol=0.15, atol=0.1)


def test_a_glance_costs_no_more_than_the_arm_that_is_there() -> None:
    """The elbow where it is is one of the places looked at, but for the steps between them."""
    root, generator = shoulder(), torch.Generator().manual_seed(0)
    angles = BENT + 0.3 * torch.randn(1, 40, 3, 3, generator=generator)
    arms = posed_arms(root, angles)
    swings = angles[0, :, 2, 1:]
    own = (swings / STRAIGHT[2, 1:]).square().sum(dim=-1) + strain(swings[:, None])
    rise = arms.joints[0, :, 1, 1] - arms.joints[0, :, 0, 1]
    own = own + ((rise + LOW_ELBOW).clamp(min=0.0) / RAISED).square()
    assert bool((glance(root, arms.T_world_wrist)[0] <= 1.5 * own + 1.0).all())


def test_a_glance_measures_by_how_much_an_arm_is_too_short() -> None:
    root = shoulder()
    straight = posed_arms(root, torch.zeros(1, 1, 3, 3))
    at, T = straight.joints[0, 0, 0], straight.T_world_wrist.repeat(1, 2, 1, 1)
    way = T[0, 0, :3, 3] - at
    T[0, 1, :3, 3] += 0.05 * way / way.norm()
    near, far = glance(root, T)[0].tolist()
    assert far - near == pytest.approx((0.05 / SHORT) ** 2, rel=0.05)


def test_a_glance_sees_the_right_arm_as_the_left_one_in_a_mirror() -> None:
    flip = torch.diag(torch.tensor([-1.0, 1.0, 1.0]))
    T = posed_arms(shoulder(), (1.2 * BENT)[:, None]).T_world_wrist
    mirrored = rigid(flip @ T[..., :3, :3] @ flip, T[..., :3, 3] @ flip)
    left, right = glance(shoulder(), T), glance(shoulder("right"), mirrored)
    torch.testing.assert_close(left, right, rtol=0.1, atol=0.1)
