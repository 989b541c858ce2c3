"""Placing library poses: geometry of the anchors, likelihood of the targets, diversity."""

from dataclasses import replace

import pytest
import torch
from affordance_objects import box, item_of, plan
from solid import chair, sitting

from solver.affordance import find_affordance
from solver.artefacts import Contact
from solver.body import ShapedBody, load_body, shape_body
from solver.geometry.rotations import yaw_matrix
from solver.settings import settings_for
from solver.synthesis import synthesise
from solver.synthesis.choice import choose_poses, idle_hands, shown_by, with_hands
from solver.synthesis.held import rotation_between
from solver.synthesis.places import draw
from solver.synthesis.search import figures_of, placed
from solver.task import resolve
from solver.task.patches import spread
from solver.task.resolve import PULL, nearest_targets
from solver.task.spheres import inner_spheres, sphere_centres


@pytest.fixture(scope="module")
def body() -> ShapedBody:
    return shape_body(load_body())


def test_spread_takes_corners_before_the_middle() -> None:
    square = torch.tensor([[0.0, 0, 0], [1, 0, 0], [0.5, 0.5, 0], [0, 1, 0], [1, 1, 0]])
    assert sorted(spread(square, 4).tolist()) == [0, 1, 3, 4]
    assert len(spread(square, 9)) == 5


def test_the_nearest_target_maximises_likelihood(body: ShapedBody) -> None:
    """Against brute force over log p - d^2 / PULL^2."""
    item = chair()
    plan, affordance = sitting(item)
    seat = affordance.targets[0]
    generator = torch.Generator().manual_seed(1)
    weight = seat.probability * torch.rand(len(seat.probability), generator=generator)
    seat = type(seat)(seat.contact, weight / weight.sum(), 1.0)
    task = resolve(item, plan, type(affordance)((seat,)), body)
    touch = task.touches[0]
    points = torch.rand(50, 3, generator=generator)
    square = torch.cdist(points.double(), touch.points.double()).square()
    best = (touch.weight.clamp(max=1).double().log() - square / PULL**2).max(dim=1)
    chosen = nearest_targets(touch, points)
    reached = touch.weight[chosen].double().log()
    reached = reached - (points - touch.points[chosen]).double().square().sum(dim=-1) / PULL**2
    torch.testing.assert_close(reached, best.values, atol=1e-3, rtol=1e-5)


def test_every_candidate_sits_with_its_lowest_point_on_the_seat(body: ShapedBody) -> None:
    item = chair()
    task = resolve(item, *sitting(item), body)
    choice = choose_poses(task, 4)
    figures = figures_of(body, choice.names, choice.pose)
    candidates = draw(task, figures, 40, torch.Generator().manual_seed(0))
    assert task.anchor is not None
    patch = placed(figures.verts[:, task.anchor.verts], candidates)
    torch.testing.assert_close(patch[..., 1].amin(dim=1), torch.full((40,), 0.45))
    assert float(candidates.yaw.abs().max()) < 0.15


def test_a_side_that_leads_is_turned_as_in_its_pose_wherever_one_stands(body: ShapedBody) -> None:
    """Against the door the pose's own turn, about; elsewhere one faces what one is at."""
    door = item_of(box((0.9, 2.0, 0.05), (0, 1.0, 0)))
    off = {}
    for part in ("right_shoulder", "right_elbow"):
        what = plan((part, "front", "support"), posture="lean", relation="front", facing="object")
        task = resolve(door, what, find_affordance(door, what, 1.7), body)
        choice = choose_poses(task, 2)
        figures = figures_of(body, choice.names, choice.pose)
        yaw = draw(task, figures, 200, torch.Generator().manual_seed(0)).yaw
        away = torch.remainder(yaw, 2 * torch.pi) - torch.pi
        off[part] = float(away.square().mean().sqrt())
    # The spread of where one stands, 0.25, and of how one is turned, 0.08.
    assert off["right_shoulder"] == pytest.approx(0.26, abs=0.04)
    assert off["right_elbow"] > 0.35


def test_astride_of_what_does_not_carry_one_stands(body: ShapedBody) -> None:
    """Without a saddle in the plan no pose that sits is tried; with one such poses are."""
    item = chair()
    plan, affordance = sitting(item)
    for places in (affordance, type(affordance)(())):
        task = resolve(item, replace(plan, posture="straddle"), places, body)
        seated = [name.startswith("ride") for name in choose_poses(task, 4).names]
        assert any(seated) == bool(places.targets)


def test_one_digs_with_a_foot_on_the_spade_only_where_the_plan_has_it_there(
    body: ShapedBody,
) -> None:
    item = chair()
    plan, _ = sitting(item)
    digging = replace(plan, posture="stand", styles=("dig",), relation="holding", contacts=())
    spade = Contact("right_foot", "blade", "support")
    for contacts, expected in (((spade,), True), ((), False)):
        what = replace(digging, contacts=contacts)
        task = resolve(item, what, type(sitting(item)[1])(()), body)
        first = choose_poses(task, 4).names[0]
        assert (first == "dig") == expected


def test_turning_a_candidate_turns_its_figure_about_the_pelvis(body: ShapedBody) -> None:
    item = chair()
    task = resolve(item, *sitting(item), body)
    choice = choose_poses(task, 2)
    figures = figures_of(body, choice.names, choice.pose)
    candidates = draw(task, figures, 6, torch.Generator().manual_seed(0))
    torch.testing.assert_close(placed(figures.joints, candidates)[:, 0], candidates.pelvis)
    expected = figures.joints[candidates.figure][:, 5] @ yaw_matrix(candidates.yaw[0]).T
    got = placed(figures.joints, candidates)[0, 5] - candidates.pelvis[0]
    torch.testing.assert_close(got, expected[0])


def test_hypotheses_are_reproducible_and_differ_with_the_seed(body: ShapedBody) -> None:
    item = chair()
    plan, affordance = sitting(item)
    draft = settings_for("draft")
    first, again, other = (
        synthesise(item, plan, affordance, body, replace(draft, seed=seed)) for seed in (0, 0, 1)
    )
    assert torch.equal(first.trans, again.trans) and torch.equal(first.pose, again.pose)
    assert not torch.equal(first.trans, other.trans)
    assert len(first.names) == len(first.pose) == len(first.oddness) == draft.synthesis.keep
    assert len(set(first.names)) > 1


def test_an_open_hand_waits_for_what_it_will_grasp() -> None:
    item = chair()
    plan, _ = sitting(item)
    grasping = type(plan)(
        **{**plan.__dict__, "contacts": (Contact("left_hand", "handle", "grasp"),)}
    )
    pose = with_hands(torch.zeros(52, 3), grasping)
    assert float(pose[22:37].abs().max()) > 0.1
    assert float(pose[37:].abs().max()) == 0.0


def test_a_hand_round_an_unseen_spoon_keeps_its_fingers_and_so_does_one_at_rest() -> None:
    """Not one that works in the pose and has nothing to do in the plan, nor one with a contact."""
    from solver.body.poses import library

    plan, _ = sitting(chair())
    poses = {p.name: p for p in library()}
    stirring = replace(
        plan, posture="stand", styles=("stir",), hands={},
        contacts=(Contact("left_hand", "handle", "grasp"),),
    )  # fmt: skip
    assert shown_by(poses["stir"], stirring) == {"right"}
    assert shown_by(poses["carry_box"], stirring) == set()
    assert shown_by(poses["stand_relaxed"], replace(stirring, contacts=())) == {"left", "right"}
    assert shown_by(poses["stir"], replace(stirring, hands={"right": "point"})) == set()
    pose = poses["stir"].pose
    torch.testing.assert_close(with_hands(pose, stirring, {"right"})[37:], pose[37:])


def test_a_pose_whose_hands_are_busy_is_odd_where_the_plan_leaves_them_free() -> None:
    from solver.body.poses import library

    item = chair()
    plan, _ = sitting(item)
    standing = type(plan)(**{**plan.__dict__, "posture": "stand", "contacts": ()})
    poses = {p.name: p for p in library()}
    assert idle_hands(poses["stand_relaxed"], standing) == 0
    assert idle_hands(poses["carry_box"], standing) == 2


@pytest.mark.parametrize("seed", range(4))
def test_rotation_between_unit_vectors(seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    a, b = torch.nn.functional.normalize(torch.randn(2, 3, generator=generator), dim=-1)
    torch.testing.assert_close(rotation_between(a, b) @ a, b, atol=1e-5, rtol=0)
    torch.testing.assert_close(rotation_between(a, -a) @ a, -a, atol=1e-5, rtol=0)
    torch.testing.assert_close(rotation_between(a, a), torch.eye(3))


def test_spheres_lie_inside_the_skin_and_move_with_the_body(body: ShapedBody) -> None:
    from solver.body import pose_body
    from solver.geometry.rotations import matrix_from_rotvec

    spheres = inner_spheres(body)
    gaps = torch.cdist(spheres.centres, body.verts).amin(dim=1)
    assert bool((gaps > spheres.radii - 1e-4).all())
    pose = torch.zeros(1, 52, 3)
    pose[0, 0, 1] = 0.8
    posed = pose_body(body, matrix_from_rotvec(pose), torch.tensor([[1.0, 2.0, 3.0]]))
    moved = sphere_centres(spheres, posed)[0]
    turn = matrix_from_rotvec(pose[0, 0])
    expected = (spheres.centres - body.joints[0]) @ turn.T + body.joints[0]
    torch.testing.assert_close(moved, expected + torch.tensor([1.0, 2, 3]), atol=1e-5, rtol=0)
