"""Which pose of the library a plan gets: its own style before anything quiet."""

from dataclasses import replace

import pytest
from solid import chair, sitting

from solver.artefacts import Contact
from solver.body import load_body, shape_body
from solver.body.joints import JOINTS
from solver.body.poses import library
from solver.plan import make_plan
from solver.synthesis.choice import MANNERS, ONLY_ASKED, POSTURE, choose_poses, fitting
from solver.synthesis.lending import with_arms_of
from solver.task import Task, resolve
from solver.task.patches import on_heel
from solver.vocabulary import POSTURES, SIDES, Style

BY_NAME = {pose.name: pose for pose in library(mirrored_too=True)}
FLOORED = (Contact("left_foot", "floor", "support"), Contact("right_foot", "floor", "support"))
SEATED = tuple(replace(contact, region="seat") for contact in FLOORED)
HELD = (Contact("right_hand", "sides", "grasp"), *FLOORED)


@pytest.fixture(scope="module")
def seat() -> Task:
    """Somebody on a chair; the tests say the rest."""
    item = chair()
    return resolve(item, *sitting(item), shape_body(load_body()))


def chosen(seat: Task, **said: object) -> str:
    """The first pose for that plan, of which only so much is said."""
    plan = replace(seat.plan, **said)  # pyright: ignore[reportArgumentType]
    return choose_poses(replace(seat, plan=plan), 1).names[0]


@pytest.mark.parametrize("posture", [p for p in POSTURES if p != "none"])
def test_a_pose_that_shows_the_style_comes_before_one_that_does_not(
    seat: Task, posture: str
) -> None:
    """Whatever hands and feet do: on the floor, on the object, with something in one hand."""
    there = replace(seat, plan=replace(seat.plan, posture=posture))  # pyright: ignore[reportArgumentType]
    poses = fitting(there, [p for p in library() if p.posture == posture])
    styles = {s for p in poses for s in p.styles} - {*MANNERS, *ONLY_ASKED}
    for style in sorted(styles):
        for contacts in (FLOORED, SEATED, HELD):
            relation = "holding" if contacts is HELD else "on_top"
            said = {"posture": posture, "styles": (style,), "relation": relation}
            first = chosen(seat, contacts=contacts, **said)
            assert style in BY_NAME[first].styles, (style, relation, first)


@pytest.mark.parametrize("styles", [("on_side", "one_leg_tucked"), ("on_belly",), ("on_side",)])
def test_who_is_to_lie_on_a_side_the_belly_or_curled_up_hardly_lies_otherwise(
    seat: Task, styles: tuple[Style, ...]
) -> None:
    """Every such pose is as odd as one of another posture; a bed has room for all."""
    plan = replace(seat.plan, posture="lie", styles=styles, contacts=())
    choice = choose_poses(replace(seat, plan=plan), 99)
    for name, odd in zip(choice.names, choice.oddness.tolist(), strict=True):
        assert set(styles) <= set(BY_NAME[name].styles) or odd >= POSTURE, name


@pytest.mark.parametrize(("height", "stoops"), [("belly", False), ("floor", True)])
def test_one_stoops_to_lift_only_what_is_low(seat: Task, height: str, stoops: bool) -> None:
    hands = (Contact("left_hand", "sides", "grasp"), HELD[0])
    said = {"posture": "stand", "styles": ("lift",), "relation": "holding", "hold_height": height}
    first = chosen(seat, contacts=(*hands, *FLOORED), **said)
    assert ("reach_down" in BY_NAME[first].styles) == stoops


@pytest.mark.parametrize(
    ("styles", "contacts", "first"),
    [
        (("reach_up",), SEATED, "stand_work_overhead"),
        (("reach_up", "arms_spread"), SEATED, "stand_arms_up"),
        (("reach_up",), HELD, "stand_reach_up"),
        (("lift",), HELD, "raise_one"),
        (("drinking",), HELD, "drink"),
        (("pour",), HELD, "pour"),
        (("neutral",), FLOORED, "stand_relaxed"),
        (("legs_stretched",), (SEATED[1], FLOORED[0]), "stand_foot_up"),
    ],
)
def test_what_who_stands_does_is_seen(
    seat: Task, styles: tuple[str, ...], contacts: tuple[Contact, ...], first: str
) -> None:
    relation = "holding" if contacts is HELD else "on_top"
    said = {"posture": "stand", "styles": styles, "relation": relation, "contacts": contacts}
    assert chosen(seat, **said) == first


def test_a_leg_is_stretched_with_its_heel_up_and_a_hand_on_each_leg() -> None:
    plan = make_plan("stretching a leg, one foot up on the bench", "bench", (1.5, 0.8, 0.6))
    (up,) = [c for c in plan.contacts if c.part.endswith("foot") and c.region != "floor"]
    assert [c.part for c in plan.contacts if on_heel(c, plan)] == [up.part]
    where = {c.part: c.region for c in plan.contacts}
    hands = {side: where[f"{side}_hand"] for side in SIDES}
    side = up.part.removesuffix("_foot")
    assert hands.pop(side) == "own_knee" and set(hands.values()) == {"own_thigh"}
    stood = make_plan("standing with one foot up on the bench", "bench", (1.5, 0.8, 0.6))
    assert not any(on_heel(c, stood) for c in stood.contacts), "who only stands so uses the sole"


def test_who_reads_with_crossed_legs_has_the_arms_of_a_reader(seat: Task) -> None:
    plan = replace(seat.plan, posture="sit", styles=("legs_crossed", "reading"), contacts=SEATED)
    legs, arms = BY_NAME["sit_ankle_on_knee"], BY_NAME["sit_reading"]
    both = with_arms_of([legs, arms], legs, plan)
    for name, lender in (("left_knee", legs), ("spine2", legs), ("left_elbow", arms)):
        joint = JOINTS.index(name)
        assert both.pose[joint].equal(lender.pose[joint])
    held = replace(plan, contacts=(*SEATED, HELD[0]))
    for as_it_is in (with_arms_of([legs, arms], legs, held), with_arms_of([legs], legs, plan)):
        assert as_it_is is legs
    assert with_arms_of([legs, arms], arms, plan) is arms


@pytest.mark.parametrize(("attitude", "landed"), [("aimed_up", False), ("free", True)])
def test_the_blow_has_not_landed_while_the_tool_is_up(
    seat: Task, attitude: str, landed: bool
) -> None:
    said = {"posture": "stand", "styles": ("swing",), "relation": "holding", "contacts": HELD}
    plan = replace(seat.plan, attitude=attitude, **said)  # pyright: ignore[reportArgumentType]
    first = choose_poses(replace(seat, plan=plan), 2).names
    assert ("hammer_strike" in first) == landed
