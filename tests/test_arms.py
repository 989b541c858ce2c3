"""The search over an arm's angles: kinematics against skinning, and targets known to be met."""

from dataclasses import replace

import pytest
import torch

from solver.body import ShapedBody, load_body, pose_body, shape_body
from solver.body.joints import INDEX
from solver.body.limits import angle_range, violation
from solver.geometry.rotations import matrix_from_rotvec
from solver.optimisation.arms import (
    STRAIGHT,
    Arms,
    Rows,
    Shoulder,
    arm_joints,
    effort,
    posed_arms,
    search,
    shoulder_of,
    with_arm,
)  # fmt: skip
from solver.optimisation.carry import wrist_cost
from solver.optimisation.chance import Chance
from solver.optimisation.manners import AHEAD, BEFORE, aside, supine
from solver.optimisation.variables import Start

COUNT = 3


@pytest.fixture(scope="module")
def body() -> ShapedBody:
    return shape_body(load_body())


@pytest.fixture
def start() -> Start:
    """Standing people, turned and bent a little, all alike to the eye."""
    pose = torch.zeros(COUNT, 52, 3)
    pose[:, :16] = 0.2 * torch.randn(COUNT, 16, 3, generator=torch.Generator().manual_seed(0))
    trans = torch.randn(COUNT, 3, generator=torch.Generator().manual_seed(1))
    at_rest = torch.eye(4).expand(COUNT, 4, 4)
    names = ("a", "b", "c")
    return Start(pose, trans, at_rest, names, torch.zeros(COUNT), pose.clone(), trans)


def shoulder(body: ShapedBody, start: Start, side: str) -> Shoulder:
    posed = pose_body(body, matrix_from_rotvec(start.pose), start.trans)
    return shoulder_of(body, side, start, posed)


def random_angles(side: str, seed: int) -> torch.Tensor:
    low, high = angle_range(arm_joints(side), 0.3)
    share = torch.rand(COUNT, 3, 3, generator=torch.Generator().manual_seed(seed))
    return low + share * (high - low)


@pytest.mark.parametrize("side", ["left", "right"])
def test_arms_are_where_the_whole_body_would_have_them(
    body: ShapedBody, start: Start, side: str
) -> None:
    angles = random_angles(side, 2)
    arms = posed_arms(shoulder(body, start, side), angles[:, None])
    moved = with_arm(start, side, angles, torch.ones(COUNT))
    posed = pose_body(body, matrix_from_rotvec(moved.pose), moved.trans)
    joints = arm_joints(side)
    torch.testing.assert_close(arms.joints[:, 0], posed.joints[:, joints], atol=1e-5, rtol=0)
    torch.testing.assert_close(
        arms.T_world_wrist[:, 0, :3, :3], posed.rotations[:, joints[-1]], atol=1e-4, rtol=0
    )
    assert float(violation(moved.pose)[:, joints].max()) < 1e-3
    assert torch.equal(moved.oddness, torch.ones(COUNT))


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_wrist_that_can_be_reached_is_reached(body: ShapedBody, start: Start, side: str) -> None:
    here = shoulder(body, start, side)
    wanted = posed_arms(here, random_angles(side, 3)[:, None]).T_world_wrist[:, 0]

    def cost(arms: Arms, rows: Rows) -> torch.Tensor:
        return wrist_cost(arms, wanted[rows])

    found = search(here, cost, Chance(torch.Generator().manual_seed(4)))
    arms = posed_arms(here, found.angles[:, None])
    away = (arms.T_world_wrist[:, 0, :3, 3] - wanted[:, :3, 3]).norm(dim=-1)
    assert float(away.max()) < 0.06
    again = search(here, cost, Chance(torch.Generator().manual_seed(4)))
    assert torch.equal(found.angles, again.angles)


def test_an_arm_without_a_task_hangs_with_its_elbow_low(body: ShapedBody, start: Start) -> None:
    def nothing(arms: Arms, rows: Rows) -> torch.Tensor:
        return torch.zeros(arms.angles.shape[:2])

    here = shoulder(body, start, "right")
    found = search(here, nothing, Chance(torch.Generator().manual_seed(5)))
    joints = posed_arms(here, found.angles[:, None]).joints[:, 0]
    assert bool((joints[:, 1, 1] < joints[:, 0, 1]).all())
    as_shown = effort(here, here.usual[:, None].clamp(*angle_range(here.index, 0.05)))[:, 0]
    assert bool((found.cost <= as_shown + 1e-4).all())


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_bent_wrist_costs_the_square_of_its_angle_and_most_to_a_side(
    body: ShapedBody, start: Start, axis: int
) -> None:
    here = shoulder(body, start, "left")
    straight = here.usual.clone()
    straight[:, 2] = 0.0
    bent = straight.clone()
    bent[:, 2, axis] = 0.3
    costs = [
        effort(replace(here, usual=each), each[:, None])[:, 0] for each in (bent, straight)
    ]  # fmt: skip
    expected = (0.3 / STRAIGHT[2, axis]) ** 2
    torch.testing.assert_close(costs[0] - costs[1], expected.expand(COUNT), atol=1e-3, rtol=1e-3)
    assert STRAIGHT[2].argmin() == 1


@pytest.mark.parametrize("side", ["left", "right"])
def test_at_a_bar_only_palms_that_look_up_cost(body: ShapedBody, start: Start, side: str) -> None:
    """Turned palm up from the T-pose a hand has its thumb up first."""
    here = shoulder(body, replace(start, pose=torch.zeros_like(start.pose)), side)
    angles = torch.zeros(COUNT, 2, 3, 3)
    angles[:, 0, 1, 0], angles[:, 1, 1, 0] = -1.0, 1.0
    cost = supine(posed_arms(here, angles))
    torch.testing.assert_close(cost, torch.tensor([4.0, 0.0]).expand(COUNT, 2))
    thumb = posed_arms(here, angles).T_world_wrist[..., :3, 2]
    assert bool((thumb[:, 0, 1] > 0.5).all())
    assert bool((thumb[:, 1, 1] < -0.5).all())


@pytest.mark.parametrize("side", ["left", "right"])
def test_overhead_a_hand_is_ahead_as_the_floor_sees_it_however_the_chest_leans(
    body: ShapedBody, start: Start, side: str
) -> None:
    """The cost is the square of what is missing, in tenths of a metre, ahead and to the side."""
    pose = torch.zeros(COUNT, 52, 3)
    pose[:, 0, 0] = torch.tensor([0.0, -0.3, 0.3])
    posed = pose_body(body, matrix_from_rotvec(pose), start.trans)
    chest = posed.joints[:, INDEX["spine3"]]
    out = 1.0 if side == "left" else -1.0
    place = chest + torch.tensor([out * (BEFORE + 0.1), 0.5, AHEAD - 0.2])
    joints = place[:, None, None].expand(COUNT, 1, 3, 3)
    nowhere = torch.eye(4).expand(COUNT, 1, 4, 4)
    arms = Arms(torch.zeros(COUNT, 1, 3, 3), joints, nowhere, posed.rotations[:, 0])
    cost = aside(posed, arms, side, BEFORE, overhead=True)[:, 0]
    torch.testing.assert_close(cost, torch.full((COUNT,), 1.0 + 4.0), atol=1e-3, rtol=0)
