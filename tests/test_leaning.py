"""Who leans, and who lies aslant: which flank, how far in, between which hands, how far across."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from affordance_objects import box, chair, item_of, plan
from test_affordance import find, middle
from test_seats import piled_bed, sofa

from solver.affordance.lying import HEELS
from solver.affordance.study import SHOULDER
from solver.artefacts import Plan
from solver.body import ShapedBody, load_body, shape_body
from solver.plan import make_plan
from solver.synthesis.choice import choose_poses
from solver.synthesis.places import draw
from solver.synthesis.search import figures_of
from solver.task import Task, resolve

HANDS = ("left_hand", "right_hand")


@pytest.fixture(scope="module")
def body() -> ShapedBody:
    return shape_body(load_body())


def test_the_side_that_one_stands_beside_is_before_one_unless_two_arms_clasp_it() -> None:
    """A block .6 m wide and .8 m long; who is beside it is at +X and has +Z to the left."""
    block = item_of(box((0.6, 1.5, 0.8), (0, 0.75, 0)))
    one = plan(("right_hand", "sides", "support"), posture="lean", relation="beside")
    assert middle(block, find(block, one), "right_hand")[0] == pytest.approx(0.3, abs=0.01)
    rows = tuple((hand, "sides", "touch") for hand in HANDS)
    both = find(block, plan(*rows, posture="lean", relation="beside"))
    assert middle(block, both, "left_hand")[2] == pytest.approx(0.4, abs=0.01)
    assert middle(block, both, "right_hand")[2] == pytest.approx(-0.4, abs=0.01)


@pytest.mark.parametrize("part", ["right_shoulder", "right_hand"])
def test_a_body_is_before_the_middle_of_a_wall(part: str) -> None:
    """Who stands before it and looks at it has the right shoulder and the right hand at +X."""
    wall = item_of(box((2.0, 2.0, 0.1), (0, 1.0, 0)))
    found = find(wall, plan((part, "front", "support"), posture="lean"))
    assert middle(wall, found, part)[0] == pytest.approx(SHOULDER, abs=0.03)


def test_all_of_a_palm_is_on_what_is_low() -> None:
    """A box .4 m high, pushed from the knees: fingertips of upright hands end at its upper edge."""
    carton = item_of(box((0.5, 0.4, 0.5), (0, 0.2, 0)))
    found = find(carton, plan(*((h, "front", "support") for h in HANDS), posture="kneel"))
    for hand in HANDS:
        assert middle(carton, found, hand)[1] == pytest.approx(0.28, abs=0.025)


@pytest.mark.parametrize(
    ("prompt", "name", "parts"),
    [
        ("leaning with one arm against the side of the horse", "horse", {"right_hand"}),
        ("leaning with one arm on the counter", "counter", {"right_forearm"}),
    ],
)
def test_an_arm_against_what_stands_is_stretched_out(
    prompt: str, name: str, parts: set[str]
) -> None:
    contacts = make_plan(prompt, name).contacts
    assert {c.part for c in contacts if c.region != "floor"} == parts


@pytest.mark.parametrize(("top", "inset"), [(0.75, 0.13), (1.15, 0.48)])
def test_who_bends_over_something_high_has_the_hands_far_in(top: float, inset: float) -> None:
    """Bent shoulders are 1.25 m high: over a table arms hang, over a hood they reach ahead."""
    bench = item_of(box((1.6, top, 1.6), (0, top / 2, 0)))
    found = find(bench, plan(*((hand, "top", "support") for hand in HANDS), posture="bend"))
    for hand in HANDS:
        assert 0.8 - middle(bench, found, hand)[2] == pytest.approx(inset, abs=0.03)


def behind_a_chair(*parts: str) -> Plan:
    rows = tuple((part, "backrest", "support") for part in parts)
    return plan(*rows, posture="lean", relation="behind", styles=("neutral",))


def leaning(what: Plan, body: ShapedBody) -> Task:
    return resolve(chair(), what, find(chair(), what), body)


def test_palms_stay_clear_of_the_ends_of_a_backrest() -> None:
    """The chair's is .5 m wide: the likelier half of a hand's places is 2 cm or more inside."""
    item = chair()
    for target in find(item, behind_a_chair(*HANDS)).targets:
        likely = target.probability > 0.5 * target.probability.max()
        assert float(item.points[likely, 0].abs().max()) < 0.23


def test_two_hands_lean_on_a_backrest_not_as_on_a_shaft(body: ShapedBody) -> None:
    task = leaning(behind_a_chair(*HANDS), body)
    assert "lean_backrest" in choose_poses(task, 10).names
    assert "lean_on_shaft" not in choose_poses(task, 10).names
    one = tuple(replace(t, centre=torch.zeros(3)) for t in task.touches)
    assert "lean_on_shaft" in choose_poses(replace(task, touches=one), 10).names


def test_who_has_both_hands_at_it_stands_between_them(body: ShapedBody) -> None:
    """Sideways, from the middle of the chair; with one hand it is three times as far."""
    off = []
    for parts in (HANDS, HANDS[:1]):
        task = leaning(behind_a_chair(*parts), body)
        choice = choose_poses(task, 2)
        figures = figures_of(body, choice.names, choice.pose)
        places = draw(task, figures, 300, torch.Generator().manual_seed(0)).pelvis[:, 0]
        off.append(float((places - task.touches[0].centre[0] * (len(parts) == 1)).std()))
    assert off[0] < 0.1 < off[1]


@pytest.mark.parametrize(("side", "other"), [("left", "right"), ("right", "left")])
def test_the_upper_knee_of_who_lies_on_a_side_is_before_the_body(side: str, other: str) -> None:
    """On a sofa one looks to +Z, whichever side is down."""
    rows = ((f"{side}_hip", "lying", "support"), (f"{other}_knee", "lying", "support"))
    what = plan(*rows, posture="lie", relation="on_top", facing="along", styles=("on_side",))
    found = find(sofa(), what)
    hip, knee = middle(sofa(), found, f"{side}_hip"), middle(sofa(), found, f"{other}_knee")
    assert knee[2] > hip[2] + 0.1


@pytest.mark.parametrize(("stature", "aslant"), [(1.7, True), (1.4, False)])
def test_who_is_too_long_for_a_bed_lies_across_it(stature: float, aslant: bool) -> None:
    """1.52 m of mattress before the pillows, outliers left out: across it the body is as long."""
    parts = ("belly", "left_shin", "right_shin")
    rows = (*((part, "lying", "support") for part in parts), ("head", "pillow", "touch"))
    what = plan(*rows, posture="lie", relation="on_top", facing="along", styles=("on_belly",))
    item = piled_bed()
    found = find(item, what, stature)
    head, left, right = (middle(item, found, part) for part in ("head", *parts[1:]))
    way = (left + right) / 2 - head
    wanted = math.acos(0.97 * 1.52 / HEELS) if aslant else 0.0
    assert abs(math.atan2(way[0], way[2])) == pytest.approx(wanted, abs=0.06)
    assert np.sign(way[0]) == -np.sign(head[0]) or not aslant


def test_hands_before_forearms_that_lean_lie_on_the_table_farther_in(body: ShapedBody) -> None:
    what = make_plan("leaning on the table with both elbows", "table", (1.4, 0.75, 0.8))
    rows = {c.part: (c.region, c.role) for c in what.contacts}
    assert rows["left_hand"] == rows["right_hand"] == ("top", "touch")
    item = item_of(box((1.4, 0.04, 0.8), (0, 0.73, 0)))
    elbow, hand = (middle(item, find(item, what), f"left_{part}") for part in ("elbow", "hand"))
    alone = find(item, plan(("left_hand", "top", "touch"), posture="lean"))
    assert 0.2 < elbow[2] - hand[2] < 0.4
    assert hand[2] < middle(item, alone, "left_hand")[2] - 0.15
    task = resolve(item, what, find(item, what), body)
    assert choose_poses(task, 4).names[0].startswith("lean_elbows")
