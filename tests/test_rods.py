"""Which way the thumb goes on a rod."""

import math
from dataclasses import replace

import pytest
import torch
from affordance_objects import box, item_of, plan, rod
from test_affordance import find

from solver.artefacts import Grip
from solver.body import load_body, pose_body, shape_body
from solver.body.limits import rotvec_of_angles
from solver.geometry.rotations import matrix_from_rotvec, rigid, transform
from solver.optimisation.arms import Arms, Shoulder, arm_joints, posed_arms, shoulder_of
from solver.optimisation.grasp import Grasp, make_hand
from solver.optimisation.grasp.hold import DENSE, edge_shape_for, felt
from solver.optimisation.grasp.search import GAP, place_object
from solver.optimisation.manners import BACK, OUT, REVERSE, backhanded, reverse
from solver.optimisation.rods import (
    NARROW,
    PLATE,
    SPAN,
    _thumb_ways,  # pyright: ignore[reportPrivateUsage]
    bears,
    edges_at,
    in_turn,
    rods_at,
    within_reach,
)
from solver.optimisation.taking import EASE, options_of
from solver.optimisation.variables import Start
from solver.task import resolve


def grip(slope: float) -> Grip:
    """A rod that falls away from the person at an angle, degrees."""
    a = math.radians(slope)
    axis = torch.tensor([0.0, -math.sin(a), math.cos(a)])
    return Grip(torch.zeros(3), axis, torch.tensor([1.0, 0.0, 0.0]), 0.02, 0.1, "left_hand")


def test_a_hand_that_is_shaken_is_closed_around_and_a_table_is_not() -> None:
    what = plan(("right_hand", "hand", "grasp"), hands={"right": "power"})
    narrow, thick, thin = (
        replace(grip(0.0), radius=r, part="right_hand") for r in (0.025, 0.06, 0.004)
    )
    assert edge_shape_for(what, narrow, "hand") == "power"
    assert edge_shape_for(what, thick, "hand") == "cradle"
    assert [edge_shape_for(what, each, "top_edge") for each in (narrow, thin)] == [
        "cradle",
        "power",
    ]


@pytest.mark.parametrize("slope", [40.0, 60.0, 90.0, 130.0])
def test_a_steep_fixed_rod_is_held_with_the_thumb_up(slope: float) -> None:
    for thumb in (torch.tensor([0.0, -0.1, 0.0]), torch.tensor([0.0, 0.1, 0.0])):
        held, flips = _thumb_ways(grip(slope), thumb, fixed=True, plate=False)
        assert flips == (1.0,)
        assert float(held.axis[1]) == pytest.approx(math.sin(math.radians(slope)))


@pytest.mark.parametrize(("turn", "count"), [(0.0, 1), (45.0, 1), (60.0, 2), (90.0, 2)])
def test_a_level_rod_is_taken_either_way_where_the_hand_lies_across_it(
    turn: float, count: int
) -> None:
    a = math.radians(turn)
    thumb = 0.07 * torch.tensor([math.sin(a), 0.0, math.cos(a)])
    held, flips = _thumb_ways(grip(0.0), thumb, fixed=True, plate=False)
    assert len(flips) == count
    assert torch.equal(held.axis, grip(0.0).axis)
    assert len(_thumb_ways(grip(0.0), thumb, fixed=False, plate=True)[1]) == 2


@pytest.mark.parametrize("turn", [0.0, 80.0, 170.0])
def test_a_hand_below_a_level_bar_may_also_come_from_above(turn: float) -> None:
    """Its outward side is half-way between where the palm is and straight up."""
    a = math.radians(turn)
    palm = torch.tensor([math.sin(a), math.cos(a), 0.0])
    below = replace(grip(0.0), outward=palm)
    held, _ = _thumb_ways(below, torch.tensor([0.0, 0.0, 0.07]), fixed=True, plate=False)
    assert float(held.outward[1]) == pytest.approx(math.cos(a / 2), abs=1e-5)
    assert float(held.outward @ palm) == pytest.approx(math.cos(a / 2), abs=1e-5)
    carried, _ = _thumb_ways(below, torch.tensor([0.0, 0.0, 0.07]), fixed=False, plate=False)
    assert torch.equal(carried.outward, palm)


def test_the_top_of_a_rail_shows_no_rod_and_all_of_it_does() -> None:
    rail = item_of(rod(0.025, 2.0, (0, 0.5, 0), "x"), count=20000)
    level = float(rail.mesh.low[1] + rail.mesh.high[1]) / 2
    spots, palm = torch.tensor([[0.1, level + 0.025, 0.0]]), torch.tensor([0.1, 0.6, 0.1])
    for top, found in ((rail.normals[:, 1] > 0.85, 0), (rail.normals[:, 1] > -2, 1)):
        grips = rods_at(
            rail.points[top], rail.normals[top], "right_hand", spots, palm,
            torch.tensor([1.0, 0.0, 0.0]),
        )  # fmt: skip
        assert len(grips) == found
    (grip,) = grips  # pyright: ignore[reportPossiblyUnboundVariable]
    assert grip.radius == pytest.approx(0.025, abs=0.001)
    assert grip.axis.tolist() == pytest.approx([1, 0, 0], abs=0.02)
    assert float(grip.centre[1]) == pytest.approx(level, abs=0.002)


@pytest.mark.parametrize(("width", "wide"), [(0.1, NARROW), (0.4, NARROW), (0.4, PLATE)])
def test_a_wall_ends_above_though_it_soon_bends(width: float, wide: float) -> None:
    """The rim of a bin's short side, a wall of 6 mm."""
    ends = [box((0.006, 0.4, width), (x, 0.2, 0.0)) for x in (-0.15, 0.15)]
    sides = [box((0.3, 0.4, 0.006), (0.0, 0.2, z)) for z in (-width / 2, width / 2)]
    item = item_of(*ends, *sides, count=30_000)
    top = item.mesh.high[1]
    spot = torch.stack([item.mesh.low[0] + 0.006, top, torch.tensor(0.0)])
    edge = edges_at(item, "right_hand", spot[None], torch.tensor([0.0, 0.0, -0.07]), wide)[0]
    assert edge.outward.tolist() == pytest.approx([0, 1, 0], abs=0.1)
    assert edge.axis.tolist() == pytest.approx([0, 0, -1], abs=0.1)
    assert edge.radius == pytest.approx(0.003, abs=0.001)
    assert float(edge.centre[1]) == pytest.approx(float(top) - 0.003, abs=0.002)


def test_a_thick_plate_stands_in_a_hand_and_does_not_hang_from_it() -> None:
    up = torch.tensor([0.0, 0.6, 0.8])
    for thick, outward, held in ((0.9, up, True), (1.1, up, False), (1.1, -up, True)):
        edge = replace(grip(0.0), outward=outward, radius=thick * SPAN / 2)
        assert bears(edge, up) == held


def grasp(score: float, T_wrist_object: torch.Tensor | None = None) -> Grasp:
    T = torch.eye(4) if T_wrist_object is None else T_wrist_object
    return Grasp("left", "power", torch.zeros(15, 3), T, score, 5, 0.0)


def test_the_best_of_each_way_comes_before_the_second_of_any() -> None:
    ways = [[grasp(8.0), grasp(9.0), grasp(7.0)], [], [grasp(3.0), grasp(1.0)]]
    assert [each.score for each in in_turn(ways, 9)] == [9.0, 3.0, 8.0, 1.0, 7.0]
    assert [each.score for each in in_turn(ways, 2)] == [9.0, 3.0]


def test_the_grasps_go_on_that_an_arm_reaches_though_others_hold_better() -> None:
    """Frames of arms bent a little otherwise than the library's, and the same turned around."""
    body, trans = shape_body(load_body()), torch.zeros(2, 3)
    index, pose = arm_joints("left"), torch.zeros(2, 52, 3)
    bent = torch.tensor([[0.1, 0.3, -0.9], [0.2, -1.2, 0.0], [0.0, 0.1, 0.2]])
    pose[:, index] = rotvec_of_angles(bent, index)
    eye = torch.eye(4).repeat(2, 1, 1)
    start = Start(pose, trans, eye, ("a", "b"), torch.zeros(2), pose, trans)
    root = shoulder_of(body, "left", start, pose_body(body, matrix_from_rotvec(pose), trans))
    angles = torch.stack([0.9 * bent, 1.1 * bent])[:, None]
    T_world_wrist = posed_arms(root, angles).T_world_wrist[:, 0]
    around = rigid(torch.diag(torch.tensor([-1.0, 1.0, -1.0])), torch.zeros(3))
    near = [grasp(7.0, T) for T in torch.linalg.inv(T_world_wrist)]
    far = [grasp(9.0, T) for T in torch.linalg.inv(T_world_wrist @ around)]
    item, wish = item_of(box((0.1, 0.1, 0.1), (0, -3, 0))), plan(("left_hand", "anywhere", "grasp"))
    task = resolve(item, replace(wish, movable=False), find(item, wish), body)
    assert {id(g) for g in within_reach(task, start, far + near, 2)} == {id(g) for g in near}
    assert within_reach(task, start, far, 2) == far


@pytest.mark.parametrize("exact", [True, False])
def test_what_exact_grasps_overlap_stays_and_weighs_more(exact: bool) -> None:
    """A grasp 4 mm deep loses a finger per half millimetre beyond 2.5 mm, where it is exact."""
    item, wish = item_of(box((0.1, 0.1, 0.1), (0, -3, 0))), plan(("left_hand", "anywhere", "grasp"))
    task = resolve(item, wish, find(item, wish), shape_body(load_body()))
    away = rigid(torch.eye(3), torch.tensor([3.0, 0.0, 0.0]))  # What is not exact is measured: 0.
    grasps = [replace(grasp(6.0, away), depth=depth) for depth in (0.004, 0.001, 0.0025)]
    options = options_of(task, grasps, exact=exact)
    assert options is not None
    assert options.worse.tolist() == pytest.approx([3 * EASE * exact, 0.0, 0.0], abs=1e-4)


@pytest.mark.parametrize(
    ("off", "length", "seen"), [(0.006, 2.0, True), (0.006, 0.05, False), (0.03, 2.0, False)]
)
def test_a_cable_along_a_rod_is_felt_and_palms_may_lie_over_it(
    off: float, length: float, seen: bool
) -> None:
    """A cable of 4 mm above the rod; one that is short or far away is none."""
    cable = rod(0.002, length, (0, 0.514 + off + 0.002, 0), "x")
    item = item_of(rod(0.014, 2.0, (0, 0.5, 0), "x"), cable)
    axis, up = torch.tensor([1.0, 0.0, 0.0]), torch.tensor([0.0, 1.0, 0.0])
    points, gap = felt(item, Grip(0.014 * up, axis, up, 0.014, 0.1, "left_hand"), fixed=True)
    assert gap[0] == GAP[0]
    assert (gap[1] > GAP[1]) == seen
    if seen:
        assert gap[1] - GAP[1] == pytest.approx(off + 0.004, abs=1e-3)
        above = points[points[:, 1] > 0.028 + off / 2, 0]
        along = torch.linspace(-0.09, 0.09, 100)
        assert float((along[:, None] - above).abs().amin(dim=1).max()) < 2 * DENSE


def test_an_oval_rail_has_no_cable() -> None:
    """Its wide sides stand out as far as a cable would, on two sides."""
    item = item_of(box((2.0, 0.06, 0.04), (0, 0.5, 0)))
    axis, up = torch.tensor([1.0, 0.0, 0.0]), torch.tensor([0.0, 1.0, 0.0])
    _, gap = felt(item, Grip(0.03 * up, axis, up, 0.022, 0.1, "left_hand"), fixed=True)
    assert gap == GAP


def test_a_palm_is_off_a_rod_by_the_clearance() -> None:
    hand, held = make_hand(shape_body(load_body()), "right"), grip(0.0)
    for clear in (GAP, (-0.014, 0.012)):
        unit = torch.tensor([[0.5, 0.3, share, 0.4, 0.5] for share in (0.0, 1.0)])
        T = place_object(hand, held, unit, 1.0, (-0.5, 0.5), clear)
        off = (transform(T, held.centre[None])[:, 0] - hand.knuckles) @ hand.frame[:, 2]
        expected = [hand.thickness + held.radius + each for each in clear]
        assert off.tolist() == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("degrees", [0.0, 40.0, 90.0, 150.0, 180.0])
def test_a_palm_that_looks_back_at_its_shoulder_is_on_the_wrong_side(degrees: float) -> None:
    """Of a wrist ahead of the shoulder and below it, or right above it, turned about the vertical.

    Where the shoulder is counts over the floor; where the trunk faces counts everywhere.
    """
    palm_back = torch.tensor([[[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]])
    turn = matrix_from_rotvec(torch.tensor([[0.0, math.radians(degrees), 0.0]]))
    ahead = torch.tensor([0.0, -0.4, 0.3])
    for at, reach in ((ahead, 0.3), (torch.tensor([0.0, 0.5, 0.0]), 0.0)):
        joints = torch.stack([torch.zeros(3), at / 2, at])[None, None]
        T = rigid(turn @ palm_back, at[None])[None]
        arms = Arms(torch.zeros(1, 1, 3, 3), joints, T, torch.eye(3)[None])
        toward = max(0.0, reach * math.cos(math.radians(degrees)))
        thumb = math.cos(math.radians(degrees))  # To the left, as the left hand's side.
        behind = (max(0.0, thumb - OUT) / OUT) ** 2  # The palm looks back as much.
        for side, out in (("left", thumb), ("right", -thumb)):
            wanted = (toward / BACK) ** 2 + (max(0.0, out - OUT) / OUT) ** 2 + behind
            assert float(backhanded(arms, side)) == pytest.approx(wanted, abs=1e-4)


@pytest.mark.parametrize("slope", [0.0, 10.0, 60.0])
@pytest.mark.parametrize("twist", [0.0, 50.0])
def test_a_level_bar_is_not_held_the_wrong_way_round(slope: float, twist: float) -> None:
    """Thumbs out, by closed form; trunks may twist, and steep thumbs tell nothing."""
    a, b = math.radians(slope), math.radians(twist)
    trunk = matrix_from_rotvec(torch.tensor([[0.0, b, 0.0]]))
    for side, out in (("left", 1.0), ("right", -1.0)):
        shoulder = Shoulder(side, torch.zeros(3, 3), trunk, torch.zeros(1, 3), torch.zeros(1, 3, 3))
        thumb = torch.tensor([out * math.cos(a), math.sin(a), 0.0])
        T = torch.eye(4).repeat(1, 2, 1, 1)
        T[0, :, :3, 2] = torch.stack([thumb, -thumb])
        over = math.cos(a) * math.cos(b) - max(OUT, math.sin(a))
        wanted = [(max(0.0, over) / REVERSE) ** 2, 0.0]
        assert reverse(shoulder, T)[0].tolist() == pytest.approx(wanted, abs=1e-4)
