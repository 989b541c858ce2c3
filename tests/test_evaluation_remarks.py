"""Sentences about bad numbers; silence about good ones."""

import pytest

from solver.evaluation import remarks

GOOD = {
    "hard_penetration_mm": 5.0,
    "non_collision": 0.99,
    "gap_right_hand_mm": 2.0,
    "gap_right_hand>handle_mm": 4.0,
    "gap_left_foot>floor_mm": 0.3,
}


def test_a_good_result_has_none() -> None:
    assert remarks(GOOD) == ()


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ({"gap_right_hand_mm": 473.0, "gap_right_hand>handle_mm": 480.0}, "right hand is 47 cm"),
        ({"gap_right_hand>handle_mm": 250.0}, "from its place (handle)"),
        ({"hard_penetration_mm": 41.0}, "overlap by 41 mm"),
        ({"non_collision": 0.854}, "15% of the body"),
    ],
)
def test_what_is_bad_is_said_once(bad: dict[str, float], words: str) -> None:
    (said,) = remarks(GOOD | bad)
    assert words in said
