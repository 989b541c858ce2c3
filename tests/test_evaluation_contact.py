"""Contact, hands, closure and ground: on boxes and the T-pose, whose answers are known."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from shapes import fine_box, rod
from solid import box

from solver.body import ShapedBody, load_body, shape_body
from solver.evaluation import Shown, quick, standing_still, success
from solver.evaluation.closure import cone_wrenches, largest_ball, q1
from solver.evaluation.contact import expected_contact, part_contact, wrong_contact
from solver.evaluation.hands import hand_numbers
from solver.evaluation.volume import hand_volume, volume_numbers
from solver.geometry.mesh import Mesh
from solver.geometry.rotations import matrix_from_rotvec
from solver.geometry.surface import Surface


@pytest.fixture(scope="module")
def body() -> ShapedBody:
    return shape_body(load_body())


def person(body: ShapedBody, thing: Mesh, floor: float | None = None) -> Shown:
    """The T-pose beside a thing."""
    low = float(body.verts[:, 1].min()) if floor is None else floor
    solid = standing_still(Surface(thing))
    return Shown(body.verts, body.faces, solid, low, body, torch.zeros(52, 3))


# B: contact


def test_a_part_above_a_table_has_the_gap_that_it_has(body: ShapedBody) -> None:
    """A table 12 mm under the left hand of the T-pose: gap, no area; 3 mm under it: an area."""
    hand = body.verts[shape_parts(body)["left_hand"]]
    low, high = hand.amin(dim=0).tolist(), hand.amax(dim=0).tolist()

    def table(gap: float) -> Shown:
        top = low[1] - gap
        low_corner, high_corner = (low[0], top - 0.3, low[2] - 0.1), (9.0, top, high[2] + 0.1)
        return person(body, box(low_corner, high_corner))

    away = part_contact(table(0.012), "left_hand", shape_parts(body)["left_hand"])
    assert away.gap == pytest.approx(0.012, abs=1e-4)
    assert away.median > away.gap and away.area == away.depth == 0.0
    on = part_contact(table(0.003), "left_hand", shape_parts(body)["left_hand"])
    assert on.gap == pytest.approx(0.003, abs=1e-4) and on.area > 0 and on.facing > 0.8
    into = expected_contact(table(-0.02), "either_hand")
    assert into.name == "left_hand" and into.gap == 0.0
    assert into.depth == pytest.approx(0.02, abs=1e-3) and into.sunk


def test_plurals_mean_the_worse_of_both(body: ShapedBody) -> None:
    foot = body.verts[shape_parts(body)["left_foot"]]
    low = foot.amin(dim=0).tolist()
    plate = box((0.0, low[1] - 0.2, -1), (1, low[1] - 0.001, 1))
    feet = expected_contact(person(body, plate), "feet")
    assert feet.name == "right_foot" and feet.gap > 0.02
    either = expected_contact(person(body, plate), "left_foot|right_foot")
    assert either.name == "left_foot" and either.gap < 0.002


def test_only_skin_away_from_what_was_asked_touches_wrongly(body: ShapedBody) -> None:
    chest = body.verts[shape_parts(body)["chest"]]
    x, y, z = chest[chest[:, 2].argmax()].tolist()
    plate = fine_box((x - 0.05, y - 0.05, z - 0.002), (x + 0.05, y + 0.05, z + 0.02))
    shown = person(body, plate)
    touching = quick(shown)["touching_cm2"]
    assert touching > 1
    assert wrong_contact(shown, ("left_hand",), "stand")["wrong_contact_cm2"] == touching
    assert wrong_contact(shown, ("chest",), "stand")["wrong_contact_cm2"] == 0.0
    assert wrong_contact(shown, (), "none")["wrong_contact_cm2"] == touching


def test_fingers_are_counted_one_by_one(body: ShapedBody) -> None:
    """A plate under index and middle finger only, then under the whole hand."""
    parts = shape_parts(body)
    two = torch.cat([body.verts[parts[f"left_{finger}_tip"]] for finger in ("index", "middle")])
    others = torch.cat([body.verts[parts[f"left_{f}"]] for f in ("ring", "pinky", "thumb")])
    low, high = two.amin(dim=0).tolist(), two.amax(dim=0).tolist()
    plate = fine_box((low[0], low[1] - 0.05, low[2] + 0.004), (high[0], low[1], high[2]))
    shown = person(body, plate)
    assert float(Surface(plate).query(others)[0].min()) > 0.005, "the plate is under two fingers"
    numbers = hand_numbers(shown)
    assert numbers["left_fingers"] == 2 and numbers["left_thumb"] == numbers["left_palm"] == 0.0
    assert numbers["right_fingers"] == 0 and numbers["right_contact"] == 0.0
    assert numbers["left_hand_depth_mm"] < 1.0


def test_a_rod_through_a_hand_is_its_volume(body: ShapedBody) -> None:
    """A thin rod through the palm: its section times the thickness of the hand there."""
    palm = body.verts[shape_parts(body)["left_palm"]].mean(dim=0)
    stick = rod(0.004, 0.3)
    shown = person(body, Mesh(stick.verts + palm, stick.faces))
    skin = Surface(Mesh(body.verts, body.faces))
    up = torch.tensor([0.0, 1.0, 0.0])
    ways = [skin.cast((palm + way * 0.15 * up)[None], -way * up[None])[0] for way in (1, -1)]
    thick = 0.3 - float(ways[0]) - float(ways[1])
    exact = math.pi * 0.004**2 * thick
    assert hand_volume(shown, "left") == pytest.approx(exact, rel=0.15)
    assert hand_volume(shown, "right") == 0.0
    numbers = volume_numbers(shown)
    assert numbers["left_hand_volume_cm3"] == pytest.approx(1e6 * exact, rel=0.15)


def shape_parts(body: ShapedBody) -> dict[str, torch.Tensor]:
    return Shown(body.verts, body.faces, standing_still(Surface(box((9, 9, 9), (10, 10, 10)))), 0.0,
                 body).parts  # fmt: skip


# C: Q1


def test_the_largest_ball_of_a_cross_and_of_a_cube() -> None:
    cross = np.vstack([np.eye(6), -np.eye(6)])
    assert largest_ball(cross) == pytest.approx(1 / math.sqrt(6))
    cube = np.array(np.meshgrid(*[[-1.0, 1.0]] * 6)).reshape(6, -1).T
    assert largest_ball(cube) == pytest.approx(1.0)
    assert largest_ball(cube + 3) == 0.0, "the origin is outside"
    coplanar = np.array(np.meshgrid(*[[-1.0, 0.0, 1.0]] * 6)).reshape(6, -1).T
    assert largest_ball(coplanar) == pytest.approx(1.0), "many points on common planes"
    flat = cube.copy()
    flat[:, 5] = 0.0
    assert largest_ball(flat) == 0.0


def three_around() -> tuple[np.ndarray, np.ndarray]:
    angle = np.radians([0, 120, 240, 60, 180, 300])
    height = np.repeat([0.3, -0.3], 3)
    points = np.stack([np.cos(angle), height, np.sin(angle)], axis=1)
    inward = -points * [1, 0, 1]
    return points, inward


def test_two_opposite_fingers_do_not_resist_a_twist() -> None:
    points = np.array([[1.0, 0, 0], [-1, 0, 0]])
    assert q1(points, -points, np.zeros(3), 1.0, 0.5) == 0.0


def test_q1_is_the_weakest_direction() -> None:
    """Against a slow reference: the support function of the wrenches in many directions."""
    points, inward = three_around()
    value = q1(points, inward, np.zeros(3), 1.0, 0.5)
    wrenches = cone_wrenches(points, inward, 0.5)
    direction = np.random.default_rng(0).normal(size=(200_000, 6))
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    support = (direction @ wrenches.T).max(axis=1)
    assert 0 < value <= support.min() < 1.5 * value
    best = direction[support.argsort()[:20]]
    for _ in range(300):  # walk downhill on the sphere from the best of them
        step = best + 0.01 * np.random.default_rng(_).normal(size=best.shape)
        step /= np.linalg.norm(step, axis=1, keepdims=True)
        better = (step @ wrenches.T).max(axis=1) < (best @ wrenches.T).max(axis=1)
        best[better] = step[better]
    assert (best @ wrenches.T).max(axis=1).min() == pytest.approx(value, rel=0.05)


def test_q1_knows_no_unit_and_grows_with_friction() -> None:
    points, inward = three_around()
    rough = q1(points, inward, np.zeros(3), 1.0, 0.5)
    large = q1(7 * points + [1, 2, 3], inward, np.array([1.0, 2, 3]), 7.0, 0.5)
    assert rough == pytest.approx(large, rel=1e-6)
    assert q1(points, inward, np.zeros(3), 1.0, 0.2) < rough


# D and F


def test_a_body_stands_on_both_soles_or_floats(body: ShapedBody) -> None:
    far = box((5, 0, 5), (6, 1, 6))
    low = float(body.verts[:, 1].min())
    down = quick(person(body, far, low))
    assert down["lowest_mm"] == pytest.approx(0.0, abs=0.1)
    assert min(down["left_sole_cm2"], down["right_sole_cm2"]) > 30
    above = quick(person(body, far, low - 0.05))
    assert above["lowest_mm"] == pytest.approx(50.0, abs=0.1) and above["left_sole_cm2"] == 0.0
    under = quick(person(body, far, low + 0.02))
    assert under["below_floor_mm"] == pytest.approx(20.0, abs=0.1)


@pytest.mark.parametrize(("degrees", "raised"), [(0.0, 0.0), (10.0, 25.0), (25.0, 70.0)])
def test_a_raised_heel_is_told_from_a_flat_foot(
    body: ShapedBody, degrees: float, raised: float
) -> None:
    """A body turned forward as one piece: what is at (y, z) comes to y cos - z sin."""
    angle = torch.tensor(math.radians(degrees))
    still = person(body, box((5, 0, 5), (6, 1, 6)))
    verts = body.verts @ matrix_from_rotvec(torch.stack([angle, angle * 0, angle * 0])).T
    found = quick(replace(still, verts=verts, floor=float(verts[:, 1].min())))
    heel, ball = (body.verts[shape_parts(body)[f"left_{end}"]] for end in ("heel", "ball"))
    low = [(p[:, 1] * angle.cos() - p[:, 2] * angle.sin()).min() for p in (heel, ball)]
    tilt = found["left_heel_mm"] - found["left_ball_mm"]
    assert tilt == pytest.approx(1e3 * float(low[0] - low[1]), abs=0.01)
    assert tilt == pytest.approx(raised, abs=8.0)


def test_success_needs_depth_contact_and_support() -> None:
    good = {"hard_penetration_mm": 4.0, "expected_mm": 8.0, "support_residual": 0.05}
    assert success(good) and success({k: good[k] for k in list(good)[:2]})
    bad = {"hard_penetration_mm": 6.0, "expected_mm": 12.0, "support_residual": 0.2}
    for name, value in bad.items():
        assert not success(good | {name: value}), name
