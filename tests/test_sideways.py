"""Who sits turned to a side: legs over an armrest, down one flank, beside a chair."""

from dataclasses import replace

import numpy as np
import pytest
from affordance_objects import box, chair, item_of, rod, seated

from solver.affordance import find_affordance
from solver.artefacts import Affordance, Item
from solver.plan import make_plan
from solver.vocabulary import Facing

CHAIR, HORSE = (0.5, 0.95, 0.5), (0.6, 1.65, 2.4)


def middle(item: Item, found: Affordance, part: str) -> np.ndarray:
    target = next(t for t in found.targets if t.contact.part == part)
    return (target.probability[:, None] * item.points).sum(dim=0).numpy()


def mount() -> Item:
    """A barrel of 25 cm radius whose top is at 1.25 m, on four legs."""
    legs = [box((0.1, 1.0, 0.1), (x, 0.5, z)) for x in (-0.15, 0.15) for z in (-0.6, 0.6)]
    return item_of(rod(0.25, 1.5, (0, 1.0, 0), "z"), *legs)


def test_legs_over_an_armrest_go_straight_there_from_the_buttocks() -> None:
    item = chair()
    what = seated(("buttocks", "seat", "support"), ("knees", "armrest", "support"))
    found = find_affordance(item, replace(what, facing="left"), 1.7)
    knees, hips = (middle(item, found, part) for part in ("knees", "buttocks"))
    assert knees[0] == pytest.approx(0.26, abs=0.03)
    assert knees[2] == pytest.approx(hips[2], abs=0.03)


def test_in_an_armchair_legs_go_over_an_armrest_though_nobody_says_so() -> None:
    what = make_plan("a boy sits sideways in the armchair", "armchair")
    assert ("knees", "armrest") in {(c.part, c.region) for c in what.contacts}
    assert what.styles[:2] == ("swinging_legs", "leaning_back")


@pytest.mark.parametrize(("said", "side"), [("left", 1), ("right", -1)])
def test_side_saddle_both_legs_hang_down_one_flank_beside_one_another(said: str, side: int) -> None:
    prompt = f"a woman sits side-saddle on the horse, both legs to the {said}"
    what = make_plan(prompt, "horse", HORSE)
    legs = [f"{leg}_{part}" for leg in ("left", "right") for part in ("thigh", "calf")]
    assert {part: "flank" for part in legs}.items() <= {
        c.part: c.region for c in what.contacts
    }.items()
    item = mount()
    found = find_affordance(item, what, 1.7)
    places = {part: middle(item, found, part) for part in legs}
    assert all(place[0] * side > 0.1 for place in places.values())
    for part in ("thigh", "calf"):  # Who looks along +x has the left leg at -z.
        assert (places[f"right_{part}"] - places[f"left_{part}"])[2] * side > 0.1
        assert places[f"left_{part}"][1] < 1.25
    assert places["left_calf"][1] < places["left_thigh"][1] - 0.15


@pytest.mark.parametrize(("facing", "side"), [("left", 1), ("right", -1)])
def test_on_a_chair_thighs_lie_where_one_looks(facing: Facing, side: int) -> None:
    item = item_of(box((0.9, 0.45, 0.9), (0, 0.225, 0)), box((0.9, 0.5, 0.05), (0, 0.7, -0.45)))
    parts = ("buttocks", "left_thigh", "right_thigh")
    what = seated(*((part, "seat", "support") for part in parts))
    found = find_affordance(item, replace(what, facing=facing), 1.7)
    hips, left, right = (middle(item, found, part) for part in parts)
    assert (left - hips)[0] * side > 0.1 and (right - hips)[0] * side > 0.1
    assert (right - left)[2] * side > 0.1


def test_sideways_on_a_chair_the_feet_stand_and_the_arm_over_its_back_is_behind() -> None:
    prompt = "a woman sits sideways on the chair with her {} arm over the backrest"
    for said in ("left", "right"):
        what = make_plan(prompt.format(said), "chair", CHAIR)
        where = {c.part: c.region for c in what.contacts}
        assert (where["left_foot"], where["left_thigh"]) == ("floor", "seat")
        assert where[f"{said}_forearm"] == "backrest" and "back" not in where
        assert what.facing == said


def bench() -> Item:
    """A seat of 1.8 m by .5 m at .45 m, a back at -Z, armrests at both ends."""
    arms = [box((0.1, 0.2, 0.5), (x, 0.55, 0)) for x in (-0.95, 0.95)]
    return item_of(
        box((1.8, 0.45, 0.5), (0, 0.225, 0)), box((1.8, 0.5, 0.05), (0, 0.7, -0.25)), *arms
    )


def test_along_a_long_seat_legs_lie_on_it_and_have_room() -> None:
    what = make_plan("a girl sits sideways on the sofa", "sofa", (2.0, 0.95, 0.55))
    where = {c.part: c.region for c in what.contacts}
    assert where["left_calf"] == where["right_thigh"] == "seat" and "left_foot" not in where
    assert what.styles[0] == "legs_stretched" and what.facing == "left"
    item = bench()
    found = find_affordance(item, what, 1.7)
    assert middle(item, found, "buttocks")[0] < -0.25
    assert middle(item, found, "left_calf")[0] == pytest.approx(
        middle(item, found, "buttocks")[0] + 0.68, abs=0.1
    )


def test_on_a_long_seat_one_sits_where_legs_reach_over_the_armrest() -> None:
    what = make_plan("a man sits sideways on the sofa, legs over the armrest", "sofa", (2, 1, 0.6))
    item = bench()
    found = find_affordance(item, what, 1.7)
    knees, hips = (middle(item, found, part) for part in ("knees", "buttocks"))
    assert knees[0] == pytest.approx(0.95, abs=0.05)
    assert 0.3 < knees[0] - hips[0] < 0.8


def test_who_kneels_and_leans_on_a_thing_has_the_arms_on_it() -> None:
    ball = (0.65, 0.65, 0.65)
    what = make_plan(
        "a child kneels behind the ball, leaning on it with both forearms", "ball", ball
    )
    where = {c.part: c.region for c in what.contacts}
    assert where["left_forearm"] == where["right_hand"] == "top" and what.posture == "kneel"


@pytest.mark.parametrize(
    ("prompt", "name", "size"),
    [
        ("sits sideways in the armchair, both feet on the floor", "armchair", CHAIR),
        ("sits sideways on the armrest of the sofa", "sofa", (2.0, 0.8, 0.9)),
        ("sits sideways on the weight bench", "weight bench", (0.5, 0.45, 1.2)),
    ],
)
def test_sideways_feet_stand_where_they_are_said_to_or_nothing_else_bears_legs(
    prompt: str, name: str, size: tuple[float, float, float]
) -> None:
    where = {c.part: c.region for c in make_plan(prompt, name, size).contacts}
    assert where.get("left_foot", where.get("feet")) == "floor"
    assert not {"knees", "left_calf", "right_calf"} & where.keys()
