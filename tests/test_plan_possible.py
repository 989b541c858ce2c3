"""What no body can do with a thing of its size is said, and the nearest sensible thing is done."""

import pytest

from solver.artefacts import Plan
from solver.plan import make_plan
from solver.vocabulary import OFF_OBJECT

Size = tuple[float, float, float]

IMPOSSIBLE: list[tuple[str, str, Size, str, str]] = [
    ("a man riding a mug", "mug", (0.12, 0.10, 0.08), "ride", "holding"),
    ("a boy rides a toy horse", "horse", (0.10, 0.12, 0.20), "ride", "holding"),
    ("someone drives a toy car", "toy_car", (0.10, 0.08, 0.20), "get into", "holding"),
    ("a man sits on the bottle", "bottle", (0.10, 0.19, 0.07), "sit on", "holding"),
    ("a girl sitting on the apple", "apple", (0.08, 0.08, 0.08), "sit on", "holding"),
    ("a woman lies on the phone", "phone", (0.07, 0.01, 0.15), "lie on", "holding"),
    ("a man sleeping on the keyboard", "keyboard", (0.45, 0.03, 0.14), "lie on", "holding"),
    ("a man standing on a pen", "pen", (0.01, 0.01, 0.15), "stand on", "holding"),
    ("kneeling on a tennis ball", "tennis_ball", (0.07, 0.07, 0.07), "kneel on", "holding"),
    ("a boy stands on the hammer", "hammer", (0.13, 0.03, 0.34), "stand on", "holding"),
    ("sitting inside a laptop", "laptop", (0.40, 0.33, 0.32), "get into", "holding"),
    ("a man hiding in a suitcase", "suitcase", (0.45, 0.65, 0.25), "get into", "holding"),
    ("a man lying in a shoe", "shoe", (0.11, 0.12, 0.29), "on", "holding"),
    ("climbing the hammer", "hammer", (0.13, 0.03, 0.34), "climb", "holding"),
    ("a woman climbs the cushion", "cushion", (0.45, 0.15, 0.45), "climb", "holding"),
    ("a man hanging from a cup", "cup", (0.10, 0.10, 0.10), "hang from", "holding"),
    ("a boy carrying the car on his head", "suv", (2.60, 2.16, 5.02), "carry", "front"),
    ("a man lifts the piano above his head", "piano", (1.50, 1.20, 0.65), "lift", "front"),
    ("a woman throws the sofa", "sofa", (2.19, 0.84, 0.80), "throw", "front"),
    ("a man carries the house", "house", (6.0, 5.0, 7.0), "carry", "front"),
    ("a child lifting the wardrobe", "wardrobe", (1.2, 2.0, 0.6), "lift", "front"),
    ("a girl wearing the sofa", "sofa", (2.19, 0.84, 0.80), "wear", "front"),
    ("a woman wearing a mug on her head", "mug", (0.12, 0.10, 0.08), "wear", "holding"),
    ("a man wearing a table", "table", (1.40, 0.75, 0.80), "wear", "front"),
    ("a man wearing the hammer", "hammer", (0.13, 0.03, 0.34), "wear", "holding"),
    ("a man sits on top of the door", "door", (0.92, 2.03, 0.07), "sit on", "front"),
]
POSSIBLE: list[tuple[str, str, Size]] = [
    ("a man sits on the giant mug", "mug", (1.2, 0.8, 1.0)),
    ("a man riding a horse", "horse", (0.65, 2.19, 2.62)),
    ("a boy rides the rocking horse", "rocking_horse", (0.35, 0.8, 1.0)),
    ("a girl riding a broom", "broom", (0.3, 1.4, 0.05)),
    ("a boy sits on the box", "box", (0.4, 0.4, 0.4)),
    ("a man sits on the skateboard", "skateboard", (0.2, 0.1, 0.8)),
    ("a woman standing on the yoga mat", "yoga_mat", (0.6, 0.01, 1.7)),
    ("a boy sitting in a cardboard box", "box", (0.8, 0.5, 0.8)),
    ("a man lies in the bathtub", "bathtub", (0.75, 0.6, 1.7)),
    ("climbing the ladder", "ladder", (0.45, 3.0, 0.1)),
    ("a man climbs on the rock", "rock", (0.9, 0.7, 0.8)),
    ("a man hanging from the bar", "pull_up_bar", (1.2, 2.2, 0.1)),
    ("a man carries the bicycle", "bicycle", (0.5, 0.92, 1.72)),
    ("a woman carrying a chair above her head", "chair", (0.45, 0.9, 0.5)),
    ("a man lifts the exercise ball", "exercise_ball", (0.63, 0.63, 0.63)),
    ("a man carrying a ladder", "ladder", (0.45, 3.0, 0.1)),
    ("a man pushes the car", "car", (1.8, 1.5, 4.4)),
    ("a boy wearing a bucket on his head", "bucket", (0.3, 0.3, 0.3)),
    ("a woman wearing a hat", "hat", (0.3, 0.15, 0.35)),
    ("a man sits on the fence", "fence", (2.0, 1.0, 0.05)),
    ("a woman with the mug", "mug", (0.12, 0.10, 0.08)),
    ("a man holding on to the sofa", "sofa", (2.19, 0.84, 0.80)),
]


def _said(plan: Plan) -> str:
    return next((w for w in plan.warnings if w.startswith("Nobody can")), "")


@pytest.mark.parametrize(("prompt", "name", "size", "deed", "relation"), IMPOSSIBLE)
def test_the_impossible_is_said_and_something_else_is_done(
    prompt: str, name: str, size: Size, deed: str, relation: str
) -> None:
    plan = make_plan(prompt, name, size)
    said = _said(plan)
    assert f"{deed} " in said and "Instead" in said
    assert plan.flag == "contradiction"
    assert plan.relation == relation and plan.movable == (relation == "holding")
    assert any(c.region not in OFF_OBJECT for c in plan.contacts)
    bearing = {c.part for c in plan.contacts if c.region not in OFF_OBJECT and c.role == "support"}
    assert not bearing & {"buttocks", "left_foot", "left_knee", "head"}


@pytest.mark.parametrize(("prompt", "name", "size"), POSSIBLE)
def test_the_possible_is_not_called_impossible(prompt: str, name: str, size: Size) -> None:
    plan = make_plan(prompt, name, size)
    assert not _said(plan) and plan.flag == "ok"


@pytest.mark.parametrize(
    ("prompt", "name", "small", "large"),
    [
        ("a man sits on it", "cube", (0.1, 0.1, 0.1), (0.5, 0.5, 0.5)),
        ("a man riding the toy", "toy", (0.1, 0.1, 0.2), (0.4, 0.6, 0.9)),
        ("a man sits in the boat", "boat", (0.1, 0.05, 0.3), (1.4, 0.6, 4.0)),
        ("a woman stands on the book", "book", (0.1, 0.03, 0.14), (0.5, 0.3, 0.7)),
    ],
)
def test_it_goes_by_size_not_by_noun(prompt: str, name: str, small: Size, large: Size) -> None:
    assert _said(make_plan(prompt, name, small))
    assert not _said(make_plan(prompt, name, large))


def test_the_heaviest_load_grows_with_the_person() -> None:
    """A man takes up what a child cannot."""
    size = (0.9, 1.0, 0.9)
    assert not _said(make_plan("a man lifting the crate", "crate", size))
    assert _said(make_plan("a toddler lifting the crate", "crate", size))


def test_a_verb_in_no_table_is_named() -> None:
    plan = make_plan("a man frobnicating on the chair", "chair")
    assert any("'frobnicating' is not known" in warning for warning in plan.warnings)
    known = make_plan("a smiling man sitting on the chair, ceiling light on", "chair")
    assert not any("is not known" in warning for warning in known.warnings)
