"""What stays where it is: rails are held, drums beaten, trees leaned against."""

import pytest

from solver.plan import make_plan
from solver.plan.scene import Size


@pytest.mark.parametrize(
    ("thing", "size", "role", "shape"),
    [
        ("railing", (2.0, 1.0, 0.05), "grasp", "power"),
        ("table", (1.4, 0.75, 0.8), "touch", "flat"),
    ],
)
def test_a_rail_is_held_and_a_table_touched(thing: str, size: Size, role: str, shape: str) -> None:
    plan = make_plan(f"a woman holds on to the {thing}", thing, size)
    hands = {c.part: (c.region, c.role) for c in plan.contacts if c.part.endswith("_hand")}
    assert hands == {f"{side}_hand": ("top", role) for side in ("left", "right")}
    assert set(plan.hands.values()) == {shape}


@pytest.mark.parametrize(("height", "posture"), [(0.4, "sit"), (0.85, "stand")])
def test_a_high_drum_is_beaten_standing(height: float, posture: str) -> None:
    assert make_plan("a man beats the drum", "drum", (0.5, height, 0.5)).posture == posture


def test_who_leans_with_the_back_leans_back() -> None:
    back, side = (
        make_plan(f"a man leans with his {part} against the tree", "tree", (0.5, 4.0, 0.5)).styles
        for part in ("back", "shoulder")
    )
    assert "leaning_back" in back
    assert "leaning_back" not in side


@pytest.mark.parametrize(
    ("sentence", "hand"),
    [
        ("a woman pushes the door with her shoulder", ("own_belly", "touch")),
        ("a woman pushes the door with her shoulder and her right hand", ("front", "support")),
    ],
)
def test_who_pushes_with_a_shoulder_tucks_the_arm_below_it_unless_it_has_to_do(
    sentence: str, hand: tuple[str, str]
) -> None:
    plan = make_plan(sentence, "door", (0.9, 2.0, 0.05))
    parts = {c.part: (c.region, c.role) for c in plan.contacts}
    assert parts["right_shoulder"] == parts["right_upper_arm"] == ("front", "support")
    assert parts["right_hand"] == hand and "left_hand" not in parts


@pytest.mark.parametrize(
    ("height", "left"), [(1.05, ("own_hand", "touch")), (1.4, ("grip", "grasp"))]
)
def test_who_leans_on_a_low_grip_lays_one_hand_on_the_other(
    height: float, left: tuple[str, str]
) -> None:
    """Below the grip of a spade there is no room for a hand; a longer one has it."""
    plan = make_plan("a digger leaning on the spade", "spade", (0.2, height, 0.1))
    parts = {c.part: (c.region, c.role) for c in plan.contacts}
    assert parts["right_hand"] == ("grip", "grasp") and parts["left_hand"] == left
    assert plan.hands["left"] == ("relaxed" if left[0] == "own_hand" else "power")


def test_the_hand_that_has_the_grip_alone_holds_it() -> None:
    sentence = "a digger leaning on the spade with one hand, the other hand on his hip"
    plan = make_plan(sentence, "spade", (0.2, 1.05, 0.1))
    regions = {c.region for c in plan.contacts if c.part.endswith("hand")}
    assert regions == {"grip", "own_hip"}


@pytest.mark.parametrize(
    ("deed", "shown"),
    [
        ("shows the vase", True), ("hands over the vase with both hands", True),
        ("holds out the vase", True), ("holds the vase", False), ("carries the vase", False),
    ],
)  # fmt: skip
def test_what_is_meant_for_somebody_is_shown_before_the_chest(deed: str, shown: bool) -> None:
    plan = make_plan(f"a woman {deed}", "vase", (0.15, 0.3, 0.15))
    assert ("show" in plan.styles, plan.hold_height == "chest") == (shown, shown)
    assert plan.relation == "holding"


@pytest.mark.parametrize(
    ("how", "hand", "leg"),
    [
        ("on his side", "right_hand", "own_thigh"),
        ("on his right side", "left_hand", "own_thigh"),
        ("curled up on his side", "right_hand", "own_knee"),
    ],
)
def test_the_upper_hand_of_who_lies_on_a_side_is_on_the_leg(how: str, hand: str, leg: str) -> None:
    plan = make_plan(f"a man lying {how} on the sofa", "sofa", (2.1, 0.9, 0.9))
    hands = {c.part: c.region for c in plan.contacts if c.part.endswith("_hand")}
    assert hands.pop(hand) == leg
    assert set(hands.values()) == {"lying"}
