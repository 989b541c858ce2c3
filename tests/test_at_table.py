"""Who sits at something without a seat of its own: on the floor, or on a chair nobody modelled."""

import pytest
from affordance_objects import box, item_of

from solver.affordance import find_affordance
from solver.body import load_body, shape_body
from solver.body.skinning import forward_kinematics
from solver.geometry.rotations import matrix_from_rotvec
from solver.plan import make_plan
from solver.synthesis.choice import LOW, choose_poses
from solver.task import Task, resolve

BODY = shape_body(load_body())


def seated_at(top: float, prompt: str) -> Task:
    """A table whose top is so high, metres."""
    item = item_of(box((1.4, 0.04, 0.8), (0, top - 0.02, 0)), box((0.1, top, 0.1), (0, top / 2, 0)))
    what = make_plan(prompt, "table", (1.4, top, 0.8))
    return resolve(item, what, find_affordance(item, what, 1.7), BODY)


@pytest.mark.parametrize(("top", "low"), [(0.75, False), (0.4, True)])
def test_at_a_table_one_sits_as_on_a_chair_at_a_low_one_on_the_floor(top: float, low: bool) -> None:
    task = seated_at(top, "sitting at the table, writing")
    assert task.seatless == low
    pose = choose_poses(task, 4).pose
    _, joints = forward_kinematics(matrix_from_rotvec(pose), BODY.joints)
    hips = joints[:, 0, 1] - joints[..., 1].amin(dim=1)
    assert bool(((hips < LOW) == low).all())


def test_who_says_the_floor_sits_on_it() -> None:
    task = seated_at(0.75, "sitting on the floor at the table, writing")
    assert task.seatless
    assert [f.contact.part for f in task.footings].count("buttocks") == 1
    assert not any(footing.flat for footing in task.footings)


def test_a_chin_in_a_hand_has_the_elbow_on_the_table() -> None:
    for said, side in (("her hand", "right"), ("her left hand", "left")):
        what = make_plan(f"sits at the table, chin on {said}", "table", (1.4, 0.75, 0.8))
        placed = {(c.part, c.region) for c in what.contacts}
        assert {(f"{side}_elbow", "top"), (f"{side}_hand", "own_head")} <= placed
