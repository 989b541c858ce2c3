"""The suite on shapes: spheres, boxes and rods, whose answers are known in closed form."""

import math

import numpy as np
import pytest
import torch
from shapes import beside, fine_box, rod, sphere
from solid import box

from solver.body import ShapedBody, load_body, shape_body
from solver.evaluation import Shown, quick, standing_still, success, thorough
from solver.evaluation.closure import cone_wrenches, largest_ball, q1
from solver.evaluation.contact import expected_contact, part_contact, wrong_contact
from solver.evaluation.hands import hand_numbers
from solver.evaluation.samples import lattice, samples_near
from solver.evaluation.twoway import object_in_body
from solver.evaluation.volume import enclosed, hand_volume, mesh_volume, volume_numbers
from solver.geometry.mesh import Mesh, sample_surface
from solver.geometry.surface import Surface


@pytest.fixture(scope="module")
def body() -> ShapedBody:
    return shape_body(load_body())


def person(body: ShapedBody, thing: Mesh, floor: float | None = None) -> Shown:
    """The T-pose beside a thing."""
    low = float(body.verts[:, 1].min()) if floor is None else floor
    solid = standing_still(Surface(thing))
    return Shown(body.verts, body.faces, solid, low, body, torch.zeros(52, 3))


# Samples


def test_no_point_of_a_triangle_is_far_from_a_sample() -> None:
    generator = torch.Generator().manual_seed(3)
    corners = torch.rand(40, 3, 3, generator=generator) * torch.tensor([0.3, 0.05, 0.01])
    sliver = torch.tensor([[[0, 0, 0], [0.4, 0, 0], [0.4, 0.001, 0]]])
    corners = torch.cat([corners, sliver])
    points = lattice(corners, 0.005)
    mesh = Mesh(corners.reshape(-1, 3), torch.arange(3 * len(corners)).reshape(-1, 3))
    anywhere = sample_surface(mesh, 4000, generator)[0]
    assert float(torch.cdist(anywhere, points).amin(dim=1).max()) < 0.005
    a, b, c = (mesh.verts.double()[k::3] for k in range(3))
    across = torch.linalg.cross(b - a, c - a)
    owner = [len(lattice(one[None], 0.005)) for one in corners]
    face = torch.arange(len(corners)).repeat_interleave(torch.tensor(owner))
    height = ((points.double() - a[face]) * torch.nn.functional.normalize(across, dim=-1)[face])
    assert float(height.sum(dim=-1).abs().max()) < 1e-6


def test_only_what_is_near_is_sampled_and_all_of_it() -> None:
    """A plane 100 m wide under a ball that dips 1 cm into it: the disc of radius 14 cm."""
    ball = Surface(sphere((0.3, 0.99, -0.2), 1.0, finer=5))
    plane = Mesh(
        torch.tensor([[-50.0, 0, -50], [50, 0, -50], [50, 0, 50], [-50, 0, 50]]),
        torch.tensor([[0, 2, 1], [0, 3, 2]]),
    )
    points = samples_near(plane, lambda x: ball.query(x)[0])
    assert len(points) < 20_000
    disc = math.sqrt(1 - 0.99**2)
    around = torch.linspace(0, 2 * math.pi, 60)
    rim = torch.stack([around.cos(), 0 * around, around.sin()], 1) * (disc - 1e-3)
    rim += torch.tensor([0.3, 0.0, -0.2])
    assert float(torch.cdist(rim, points).amin(dim=1).max()) < 0.005


# A: collision


def test_two_balls_share_a_lens() -> None:
    """Of radius 10 cm, 17 cm apart: deep by 3 cm; V = pi (2r - d)^2 (d^2 + 4 d r) / (12 d)."""
    shown = beside(sphere((0, 0, 0), 0.1, 5), sphere((0.17, 0, 0), 0.1, 5))
    numbers = thorough(shown)
    assert numbers["penetration_mm"] == pytest.approx(30.0, abs=0.3)
    lens = math.pi * 0.03**2 * (0.17**2 + 4 * 0.17 * 0.1) / (12 * 0.17)
    assert numbers["volume_cm3"] == pytest.approx(1e6 * lens, rel=0.02)
    assert numbers["volume_share"] == pytest.approx(lens / (4 / 3 * math.pi * 1e-3), rel=0.02)
    cap = 1 - (0.17 / 2) / 0.1  # the share of a sphere beyond the plane between the two
    assert numbers["non_collision"] == pytest.approx(1 - cap / 2, abs=0.01)
    assert numbers["contact"] == 1.0
    assert not [name for name in numbers if "soft" in name or "hand" in name or "limit" in name]


def test_balls_that_are_apart_do_not_collide_and_do_not_touch() -> None:
    shown = beside(sphere((0, 0, 0), 0.1, 5), sphere((0.23, 0, 0), 0.1, 5))
    numbers = thorough(shown)
    assert numbers["penetration_mm"] == numbers["volume_cm3"] == numbers["touching_cm2"] == 0.0
    assert numbers["non_collision"] == numbers["non_collision_strict"] == 1.0
    found = [numbers[f"contact_{reach}"] for reach in ("5mm", "1cm", "2cm", "5cm")]
    assert found == [0.0, 0.0, 0.0, 1.0] and numbers["contact"] == 0.0


def test_skin_on_the_surface_collides_in_one_convention_only() -> None:
    """A box that stands on a box, corner vertices exactly on its top."""
    shown = beside(box((0, 1, 0), (1, 2, 1)), box((-1, 0, -1), (2, 1, 2)))
    numbers = quick(shown)
    assert numbers["non_collision"] == 1.0
    assert numbers["non_collision_strict"] == pytest.approx(0.5)


def test_what_stands_there_counts_for_the_scene_alone() -> None:
    ball, thing = sphere((0, 0, 0), 0.1, 4), box((0.5, 0, 0), (0.6, 1, 1))
    wall = fine_box((-1, -1, -0.3), (1, 1, -0.08))
    numbers = quick(beside(ball, thing, wall))
    assert numbers["non_collision"] == 1.0 > numbers["scene_non_collision"]
    assert numbers["penetration_mm"] == 0.0
    assert numbers["obstacle_penetration_mm"] == pytest.approx(20.0, abs=0.3)


def test_a_needle_between_the_vertices_of_a_ball_is_seen() -> None:
    """2 mm thick, its tip 4 cm deep: no vertex of the ball is in it."""
    ball = sphere((0, 0, 0), 0.1, 3)
    needle = rod(0.001, 0.2)
    turn = torch.tensor([[0.6, 0.8, 0.0], [-0.8, 0.6, 0.0], [0.0, 0.0, 1.0]])
    aside = turn @ torch.tensor([0.0, 1.0, 0.0])
    needle = Mesh(needle.verts @ turn.T + aside * 0.16, needle.faces)
    shown = beside(ball, needle)
    assert float(shown.distance.min()) > 0
    assert quick(shown)["penetration_mm"] == pytest.approx(40.0, abs=1.0)


def test_the_depth_lands_at_the_nearest_vertex() -> None:
    ball = sphere((0, 0, 0), 0.1, 4)
    depth, vertex = object_in_body(Surface(ball), box((0.08, -0.01, -0.01), (0.3, 0.01, 0.01)))
    assert float(depth.max()) == pytest.approx(0.02, abs=5e-4)
    assert float(ball.verts[vertex][:, 0].min()) > 0.095


def test_touching_area_of_a_box_on_a_table() -> None:
    """30 by 20 cm lie on it; sunk by 8 mm it also touches with its sides, and says that it sank."""
    table = box((-1, -0.1, -1), (1, 0, 1))
    on = quick(beside(fine_box((-0.15, 0.001, -0.1), (0.15, 0.3, 0.1), 5), table))
    assert on["touching_cm2"] == pytest.approx(600, rel=0.15)
    assert on["sunk_cm2"] == on["penetration_mm"] == 0.0
    sunk = quick(beside(fine_box((-0.15, -0.008, -0.1), (0.15, 0.3, 0.1), 5), table))
    assert sunk["penetration_mm"] == pytest.approx(8.0, abs=0.1)
    assert sunk["sunk_cm2"] == pytest.approx(600, rel=0.15)
    above = quick(beside(fine_box((-0.15, 0.015, -0.1), (0.15, 0.3, 0.1)), table))
    assert above["touching_cm2"] == 0.0


def test_shared_volume_does_not_depend_on_where_things_stand() -> None:
    def both(shift: tuple[float, float, float]) -> float:
        move = torch.tensor(shift)
        first = Mesh(sphere((0, 0, 0), 0.1, 4).verts + move, sphere((0, 0, 0), 0.1, 4).faces)
        second = Mesh(rod(0.02, 0.5).verts + move, rod(0.02, 0.5).faces)
        return volume_numbers(beside(first, second))["volume_cm3"]

    exact = 1e6 * math.pi * 0.02**2 * 0.2 * 0.985  # the ends are caps of the ball
    assert both((0, 0, 0)) == pytest.approx(exact, rel=0.03)
    assert both((1.23, -0.4, 0.7)) == pytest.approx(both((0, 0, 0)), rel=0.03)


def test_the_octree_counts_as_all_voxels_would() -> None:
    centre, voxel = torch.tensor([0.031, -0.01, 0.004]), 0.005
    low, high = torch.tensor([-0.1, -0.1, -0.1]), torch.tensor([0.1, 0.1, 0.1])

    def ball(points: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return (points - centre).norm(dim=-1) - 0.05, torch.ones(len(points), dtype=torch.bool)

    axes = [torch.arange(low[k] + voxel / 2, 0.15, voxel) for k in range(3)]
    slow = int((ball(torch.cartesian_prod(*axes))[0] < 0).sum()) * voxel**3
    exact = 4 / 3 * math.pi * 0.05**3
    assert slow == pytest.approx(exact, rel=0.01)
    assert enclosed(ball, low, high, voxel) == pytest.approx(exact, rel=0.005)


def test_the_enclosed_volume_of_a_box_far_away() -> None:
    assert mesh_volume(box((5, 5, 5), (5.1, 5.2, 5.3))) == pytest.approx(0.006, rel=1e-3)


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


def test_success_needs_depth_contact_and_support() -> None:
    good = {"hard_penetration_mm": 4.0, "expected_mm": 8.0, "support_residual": 0.05}
    assert success(good) and success({k: good[k] for k in list(good)[:2]})
    bad = {"hard_penetration_mm": 6.0, "expected_mm": 12.0, "support_residual": 0.2}
    for name, value in bad.items():
        assert not success(good | {name: value}), name
