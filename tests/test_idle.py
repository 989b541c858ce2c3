"""Fingers of hands that do nothing: how far they curl, and whose do not."""

from dataclasses import replace

import pytest
import torch
from solid import box, item_of

from solver.artefacts import Affordance, Contact, Plan
from solver.body import load_body, pose_body, shape_body
from solver.body.poses import hand_shape, poses_for
from solver.geometry.rotations import matrix_from_rotvec
from solver.optimisation.grasp.hand import finger_joints
from solver.optimisation.grasp.polish import arm_of, overlaps
from solver.optimisation.idle import CURLED, DEEP, at_ease
from solver.optimisation.variables import Start, state_of, variables_at
from solver.task import Task, resolve

BODY = shape_body(load_body())
LEFT, RIGHT = finger_joints("left"), finger_joints("right")


def task(low: tuple[float, float, float], high: tuple[float, float, float], *at: Contact) -> Task:
    plan = Plan(
        prompt="standing", object="box", posture="stand", relation="beside", facing="object",
        movable=False, scale="furniture", contacts=at,
    )  # fmt: skip
    return resolve(item_of(box(low, high)), plan, Affordance(()), BODY)


def standing() -> Start:
    pose, trans = poses_for("stand", ["neutral"], count=1)[0].pose[None], torch.zeros(1, 3)
    return Start(pose, trans, torch.eye(4)[None], ("t",), torch.zeros(1), pose, trans)


FAR = ((3.0, 0.0, 3.0), (3.1, 0.1, 3.1))


def test_idle_fingers_curl_and_nothing_else_moves() -> None:
    start = standing()
    done = at_ease(task(*FAR), start)
    for side, joints in (("left", LEFT), ("right", RIGHT)):
        curled = hand_shape("relaxed", CURLED[0], side)
        torch.testing.assert_close(done.pose[0, joints], curled)
    assert torch.equal(done.pose[0, :22], start.pose[0, :22])
    assert torch.equal(done.library, start.library)


def test_a_hand_with_something_to_do_keeps_its_fingers() -> None:
    start = standing()
    busy = at_ease(task(*FAR, Contact("left_hand", "own_thigh", "touch")), start)
    assert torch.equal(busy.pose[0, LEFT], start.pose[0, LEFT])
    assert not torch.equal(busy.pose[0, RIGHT], start.pose[0, RIGHT])


@pytest.mark.parametrize("shape", ["fist", "flat", "tripod"])
def test_a_hand_that_the_library_shows_at_work_keeps_its_fingers(shape: str) -> None:
    start = standing()
    shown = start.pose.clone()
    shown[0, LEFT] = hand_shape(shape, 0.5, "left")  # pyright: ignore[reportArgumentType]
    done = at_ease(task(*FAR), replace(start, pose=shown, library=shown))
    assert torch.equal(done.pose[0, LEFT], shown[0, LEFT])
    assert not torch.equal(done.pose[0, RIGHT], shown[0, RIGHT])


def test_fingers_do_not_curl_into_what_is_beside_them() -> None:
    """A board where the curled fingertips would be, and open ones are not."""
    start = standing()
    curled = start.pose.clone()
    curled[0, LEFT] = hand_shape("relaxed", CURLED[0], "left")
    pair = torch.cat([start.pose, curled])
    verts = pose_body(BODY, matrix_from_rotvec(pair), torch.zeros(2, 3)).verts
    moved = (verts[1] - verts[0]).norm(dim=-1).argmax()
    spot = verts[1, moved]
    low, high = ((spot + step).tolist() for step in (-0.006, 0.006))
    here = task((low[0], low[1], low[2]), (high[0], high[1], high[2]))
    arm = arm_of(BODY, "left")

    def depth(row: Start) -> float:
        state = state_of(BODY, row, variables_at(row, fingers=True))
        return overlaps(replace(here, body=arm.body), state.local[:, arm.verts])[0]

    assert depth(replace(start, pose=curled)) > 0.004
    assert depth(at_ease(here, start)) <= max(DEEP, depth(start))
