"""The regions of objects that we built lie where we built them."""

import functools
from collections.abc import Callable

import numpy as np
import pytest
import torch
import trimesh
from affordance_objects import (
    bed,
    box,
    chair,
    hammer,
    held,
    item_of,
    ladder,
    mug,
    plan,
    rod,
    seated,
    table,
)

from solver.affordance import find_affordance
from solver.affordance.stance import stance_of
from solver.artefacts import Affordance, Item, Plan
from solver.vocabulary import OFF_OBJECT, REGIONS


def middle(item: Item, found: Affordance, part: str) -> np.ndarray:
    """Mean place of a part's target."""
    target = next(t for t in found.targets if t.contact.part == part)
    return (target.probability[:, None] * item.points).sum(dim=0).numpy()


def find(item: Item, what: Plan, height: float = 1.7) -> Affordance:
    return find_affordance(item, what, height)


@pytest.mark.parametrize(
    ("relation", "facing", "toward", "left"),
    [
        ("on_top", "front", 1, 1),  # On a chair.
        ("front", "object", 1, -1),  # At a desk.
        ("front", "away", 1, 1),  # Leaning the back against a wall.
        ("behind", "object", -1, 1),  # Behind a chair.
        ("holding", "object", -1, 1),  # What is carried looks where its carrier looks.
        ("on_top", "object", 1, -1),  # On a ladder.
    ],
)
def test_which_hand_is_left(relation: str, facing: str, toward: int, left: int) -> None:
    stance = stance_of(plan(relation=relation, facing=facing))
    np.testing.assert_allclose(stance.toward, [0, 0, toward], atol=1e-12)
    np.testing.assert_allclose(stance.left, [left, 0, 0], atol=1e-12)


def test_a_held_screen_looks_at_its_user() -> None:
    stance = stance_of(held(("right_hand", "keys", "touch")))
    np.testing.assert_allclose(stance.left, [-1, 0, 0], atol=1e-12)


def test_somebody_beside_a_thing_looks_at_it_from_its_left() -> None:
    stance = stance_of(plan(relation="beside"))
    np.testing.assert_allclose(stance.forward, [-1, 0, 0], atol=1e-12)
    np.testing.assert_allclose(stance.left, [0, 0, 1], atol=1e-12)


SITTING = seated(
    ("buttocks", "seat", "support"), ("back", "backrest", "support"),
    ("left_hand", "armrest", "touch"), ("right_hand", "armrest", "touch"),
)  # fmt: skip


def test_a_chair_is_sat_on_as_chairs_are() -> None:
    item = chair()
    found = find(item, SITTING)
    seat, back = middle(item, found, "buttocks"), middle(item, found, "back")
    assert abs(seat[0]) < 0.03 and seat[1] == pytest.approx(0.45, abs=0.01)
    assert -0.15 < seat[2] < 0.1
    assert back[2] == pytest.approx(-0.23, abs=0.05) and 0.55 < back[1] < 0.95
    left, right = middle(item, found, "left_hand"), middle(item, found, "right_hand")
    np.testing.assert_allclose([left[0], right[0]], [0.26, -0.26], atol=0.02)
    np.testing.assert_allclose([left[1], right[1]], 0.65, atol=0.01)
    assert not found.warnings


def test_regions_do_not_depend_on_triangles_or_samples() -> None:
    coarse, fine = chair(), chair(subdivide=3, seed=7, count=20000)
    first, second = find(coarse, SITTING), find(fine, SITTING)
    for contact in SITTING.contacts:
        places = middle(coarse, first, contact.part), middle(fine, second, contact.part)
        np.testing.assert_allclose(*places, atol=0.025)


def test_hands_of_somebody_behind_a_chair_lie_on_its_upper_edge() -> None:
    item = chair()
    found = find(item, plan(
        ("left_hand", "backrest", "support"), ("right_hand", "backrest", "support"),
        posture="lean", relation="behind",
    ))  # fmt: skip
    left, right = middle(item, found, "left_hand"), middle(item, found, "right_hand")
    assert left[0] > 0.1 and right[0] < -0.1
    assert min(left[1], right[1]) > 0.88


@pytest.mark.parametrize(("relation", "side"), [("front", 1), ("behind", -1)])
def test_hands_on_a_table_come_from_where_the_person_stands(relation: str, side: int) -> None:
    item = table()
    hands = ("left_hand", "top", "support"), ("right_hand", "top", "support")
    found = find(item, plan(*hands, relation=relation))
    left, right = middle(item, found, "left_hand"), middle(item, found, "right_hand")
    assert 0.2 < side * left[2] < 0.4 and 0.2 < side * right[2] < 0.4
    assert side * (right[0] - left[0]) == pytest.approx(0.38, abs=0.06)
    assert left[1] == pytest.approx(0.75, abs=0.01)


def test_a_desk_is_sat_on_near_its_edge() -> None:
    item = table()
    place = middle(item, find(item, seated(("buttocks", "top", "support"))), "buttocks")
    assert 0.05 < place[2] < 0.3 and abs(place[0]) < 0.15


def test_the_upper_of_two_levels_is_the_seat_and_slits_are_no_edges() -> None:
    slats = [box((1.2, 0.03, 0.11), (0, 0.44, z)) for z in (-0.18, -0.05, 0.08, 0.21)]
    legs = [box((0.05, 0.43, 0.4), (x, 0.215, 0)) for x in (-0.5, 0.5)]
    item = item_of(*slats, *legs, box((1.2, 0.03, 0.4), (0, 0.2, 0)))
    place = middle(item, find(item, seated(("buttocks", "seat", "support"))), "buttocks")
    assert place[1] == pytest.approx(0.455, abs=0.02) and abs(place[0]) < 0.1


def test_a_mug_is_held_by_its_handle() -> None:
    item = mug()
    found = find(item, held(("right_hand", "handle", "grasp")))
    assert middle(item, found, "right_hand")[0] > 0.04
    (grip,) = found.grips
    assert float(grip.centre[1]) == pytest.approx(0.045, abs=0.012)
    assert grip.radius == pytest.approx(0.008, rel=0.3)
    assert float(grip.axis[1].abs()) > 0.95
    assert float(grip.outward[0]) > 0.9


def test_a_bin_in_one_hand_is_held_by_the_middle_of_a_side() -> None:
    """It hangs level then; the right hand's side is the right one."""
    ends = [box((0.006, 0.4, 0.2), (x, 0.2, 0.0)) for x in (-0.15, 0.15)]
    sides = [box((0.3, 0.4, 0.006), (0.0, 0.2, z)) for z in (-0.1, 0.1)]
    bin_ = item_of(*ends, *sides)
    rim = find(bin_, held(("right_hand", "rim", "grasp"))).targets[0].probability
    middle = rim @ bin_.points / rim.sum()
    assert abs(float(middle[2])) < 0.02
    assert float(middle[0]) < -0.1
    assert float(middle[1]) > float(bin_.mesh.high[1]) - 0.03


def test_a_hammer_is_held_away_from_its_head() -> None:
    item = hammer()
    found = find(item, held(("right_hand", "handle", "grasp")))
    (grip,) = found.grips
    assert float(grip.axis[2]) < -0.98, "toward the head"
    assert float(grip.centre[2]) > 0.02
    assert grip.radius == pytest.approx(0.016, rel=0.15)


def test_two_hands_share_a_handle_without_touching() -> None:
    both = ("left_hand", "handle", "grasp"), ("right_hand", "handle", "grasp")
    found = find(hammer(), held(*both))
    apart = float((found.grips[0].centre - found.grips[1].centre).norm())
    assert apart > 0.09


def test_a_ladder_is_climbed_rung_by_rung() -> None:
    item = ladder()
    found = find(item, plan(
        ("left_foot", "rung", "support"), ("right_foot", "rung", "support"),
        ("left_hand", "rung", "grasp"), ("right_hand", "rung", "grasp"),
        posture="climb", relation="on_top",
    ))  # fmt: skip
    feet = [middle(item, found, f"{side}_foot") for side in ("left", "right")]
    hands = [middle(item, found, f"{side}_hand") for side in ("left", "right")]
    for place in (*feet, *hands):
        assert abs(place[1] / 0.3 - round(place[1] / 0.3)) < 0.1, "on a rung"
    assert abs(feet[1][1] - feet[0][1]) == pytest.approx(0.3, abs=0.03)
    assert 0.9 < hands[0][1] - feet[0][1] < 1.6
    assert feet[0][0] < 0 < feet[1][0], "whoever faces the ladder has the left foot at -X"


def test_a_body_lies_from_the_pillow_down() -> None:
    item = bed()
    parts = ("head", "upper_back", "buttocks", "calves")
    rows = [(p, "pillow" if p == "head" else "lying", "support") for p in parts]
    found = find(item, plan(
        *rows, ("left_hand", "lying", "touch"), ("right_hand", "lying", "touch"),
        posture="lie", relation="on_top", facing="along",
    ))  # fmt: skip
    down = [middle(item, found, part)[2] for part in parts]
    assert down == sorted(down) and down[-1] - down[0] > 1.0
    assert middle(item, found, "head")[1] > 0.55, "on the pillow"
    left, right = middle(item, found, "left_hand"), middle(item, found, "right_hand")
    assert left[0] > right[0] + 0.3, "on the back, head at -Z: left is +X"


def test_tall_people_push_doors_higher_up() -> None:
    item = item_of(box((0.9, 2.0, 0.05), (0, 1.0, 0)))
    what = plan(("right_hand", "front", "touch"))
    small, tall = (middle(item, find(item, what, h), "right_hand") for h in (1.2, 2.0))
    assert tall[1] - small[1] > 0.3
    assert small[2] > 0 and tall[2] > 0


PARTS = ("buttocks", "head", "left_hand", "right_foot", "back", "right_forearm")


@functools.cache
def lump() -> Item:
    """Something without any part."""
    mesh = box((0.3, 0.2, 0.4), (0, 0.1, 0)).subdivide().subdivide()
    mesh.vertices += 0.02 * np.sin(31 * mesh.vertices[:, [1, 2, 0]])
    return item_of(mesh, count=1200)


@functools.cache
def octahedron() -> Item:
    """Slopes only: no face looks straight ahead, up or aside."""
    corners = np.concatenate([np.eye(3), -np.eye(3)]) * 0.5
    return item_of(trimesh.convex.convex_hull(corners), count=1000)


@functools.cache
def sheet() -> Item:
    """Nothing of it is above the floor."""
    return item_of(box((1.0, 0.002, 1.0), (0, 0.001, 0)), count=1000)


@pytest.mark.parametrize("thing", [lump, octahedron, sheet])
@pytest.mark.parametrize("region", [r for r in REGIONS if r not in OFF_OBJECT])
def test_no_region_of_any_object_is_silently_empty(region: str, thing: Callable[[], Item]) -> None:
    """A target or a warning, and probabilities that are some."""
    rows = [(part, region, "grasp" if "hand" in part else "touch") for part in PARTS]
    for movable in (False, True):
        found = find(thing(), plan(*rows, movable=movable))
        assert len(found.targets) == len(PARTS)
        for target in found.targets:
            total = float(target.probability.sum())
            assert torch.isfinite(target.probability).all()
            assert total == pytest.approx(1.0, abs=1e-4) or (total == 0 and found.warnings)


def test_contacts_off_the_object_are_left_out() -> None:
    found = find(
        table(), plan(("left_foot", "floor", "support"), ("left_hand", "own_hip", "touch"))
    )
    assert found.targets == ()


def test_two_hands_on_a_bar_are_opposite_one_another() -> None:
    """Drop bars: a bar across, and pieces forward and down at its ends, each good to hold."""
    ends = [
        piece
        for x in (-0.22, 0.22)
        for piece in (
            rod(0.014, 0.14, (x, 1.0, 0.52), "z"),
            rod(0.014, 0.16, (x, 0.92, 0.58), "y"),
        )
    ]
    frame = [rod(0.02, 0.9, (0, 0.55, 0), "z"), rod(0.02, 0.6, (0, 0.3, 0), "y")]
    item = item_of(rod(0.014, 0.44, (0, 1.0, 0.45), "x"), *ends, *frame)
    what = plan(
        ("left_hand", "handlebar", "grasp"), ("right_hand", "handlebar", "grasp"),
        posture="straddle", relation="on_top", facing="front",
    )  # fmt: skip
    found = find(item, what)
    left, right = middle(item, found, "left_hand"), middle(item, found, "right_hand")
    assert left[0] > 0.12
    np.testing.assert_allclose(left * [-1, 1, 1], right, atol=0.012)
    bar = float(item.points[:, 2].max()) - 0.144
    assert abs(left[2] - bar) < 0.03  # on the bar across, not on what the forearm points along


@pytest.mark.parametrize("part", ["left_hand", "right_hand", "left_foot", "right_foot"])
def test_a_hand_finds_the_pedal_beside_it_and_a_foot_its_own(part: str) -> None:
    pedals = [box((0.1, 0.02, 0.08), (x, y, 0)) for x, y in ((0.17, 0.2), (-0.17, 0.4))]
    cranks = [
        rod(0.01, 0.24, (0, 0.3, 0), "x"),
        *[rod(0.02, 1.4, (0, y, 0), "z") for y in (0.3, 0.9)],
    ]
    item = item_of(
        *pedals, *cranks, rod(0.02, 0.8, (0, 0.6, 0.5), "y"), rod(0.3, 0.03, (0, 0.3, -0.6), "x")
    )
    riding, side = part.endswith("foot"), 1.0 if part.startswith("left") else -1.0
    ride = {"posture": "straddle", "relation": "on_top", "facing": "front"}
    kneel = {"posture": "squat", "relation": "beside"}
    what = plan((part, "pedal", "touch"), **(ride if riding else kneel))
    place = middle(item, find(item, what), part)
    np.testing.assert_allclose(place[:2], [0.17, 0.21] if side > 0 or not riding else [-0.17, 0.41],
                               atol=0.03)  # fmt: skip
