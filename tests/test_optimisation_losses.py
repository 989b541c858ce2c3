"""The terms of the objective: closed forms, finite differences, invariances."""

import math

import pytest
import torch
from torch.autograd import gradcheck

from solver.geometry.rotations import matrix_from_rotvec
from solver.optimisation.losses.attitude import alignment, height
from solver.optimisation.losses.balance import balance, overhang
from solver.optimisation.losses.collision import engulfed, overlap
from solver.optimisation.losses.contact import disc_distance, huber
from solver.optimisation.losses.ground import below, planted
from solver.optimisation.losses.normals import opposition
from solver.optimisation.losses.own import own_contact
from solver.optimisation.losses.penetration import deepest, penetration
from solver.optimisation.losses.prior import WRIST_HIGH, WRIST_LOW, limits, nearness, strain, turned
from solver.optimisation.losses.touching import touching
from solver.settings import PolishSettings

UP = torch.tensor([0.0, 1.0, 0.0])


def test_a_point_beside_its_target_but_on_the_plane_is_in_contact_within_the_slack() -> None:
    points = torch.tensor([[[0.010, 0.0, 0.0], [0.03, 0.04, 0.0]]])
    distance = disc_distance(points, torch.zeros(1, 2, 3), UP.expand(1, 2, 3))
    expected = math.hypot(0.04, 0.03 - 0.012)
    torch.testing.assert_close(distance, torch.tensor([[0.0, expected]]), atol=2e-5, rtol=0)


def touch_of(
    heights: list[float], weights: tuple[float, float, float], knee: float = 0.06
) -> torch.Tensor:
    """What each point costs that is so high over its target and looks to the side."""
    count = len(heights)
    skin = (torch.tensor(heights)[:, None] * UP)[:, None]
    outward, weight = torch.eye(3)[:1].expand(count, 1, 3), torch.tensor(weights)
    targets, normals = torch.zeros(count, 1, 3), UP.expand(count, 1, 3)
    return touching(skin, outward, targets, normals, weight.expand(count, 1, 3), knee)


def test_contact_is_square_near_and_linear_far() -> None:
    value = touch_of([0.01, 0.06, 0.16], (1.0, 0.0, 0.0), knee=0.06)
    torch.testing.assert_close(value, torch.tensor([1.0, 36.0, 2 * 6 * 16 - 36.0]))


def test_contact_ignores_points_without_share() -> None:
    skin = torch.tensor([[[0.0, 0.01, 0.0], [0.0, 5.0, 0.0]]])
    weights = torch.tensor([[[1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]])
    normals = UP.expand(1, 2, 3)
    value = touching(skin, normals, torch.zeros(1, 2, 3), normals, weights, 0.06)
    assert value.item() == pytest.approx(1.0)


def test_wrong_side_of_a_thin_plate_costs_and_the_right_side_does_not() -> None:
    value = touch_of([0.05, -0.012, -0.032, -0.1, -0.3], (0.0, 0.0, 1.0))
    torch.testing.assert_close(value, torch.tensor([0.0, 0.0, 4.0, 60.0, 0.0]), rtol=1e-4, atol=0)


def test_skin_that_looks_aside_costs_one() -> None:
    torch.testing.assert_close(touch_of([0.0, 0.3], (0.0, 1.0, 0.0)), torch.ones(2))


def test_touching_is_its_three_costs_one_by_one() -> None:
    """Each written out, with its gradient by automatic differentiation."""
    g = torch.Generator().manual_seed(0)

    def draw(*shape: int) -> torch.Tensor:
        return torch.rand(*shape, generator=g, dtype=torch.float64) - 0.5

    targets, normals = draw(3, 50, 3), torch.nn.functional.normalize(draw(3, 50, 3), dim=-1)
    skin = targets + draw(3, 50, 3) * torch.tensor([0.02, 0.1, 0.6, 2.0, 0.04]).repeat(10)[:, None]
    skin, outward = skin.requires_grad_(), draw(3, 50, 3).requires_grad_()
    weights = draw(3, 50, 3) + 0.5
    found = touching(skin, outward, targets, normals, weights, 0.06)
    distance = disc_distance(skin, targets, normals)
    height = ((skin - targets) * normals).sum(dim=-1)
    sunk = 100 * (-height - 0.012).clamp(min=0.0) * (distance < 0.25)
    behind = sunk.square().clamp(max=60.0) * weights[..., 2]
    assert ((behind > 0) & (sunk.square() < 60.0)).any(), "some are held by the barrier"
    looks = torch.nn.functional.normalize(outward, dim=-1)
    wanted = (huber(distance) * weights[..., 0]).sum(dim=-1)
    wanted = wanted + opposition(looks, normals, weights[..., 1]) + behind.sum(dim=-1)
    torch.testing.assert_close(found, wanted, rtol=1e-6, atol=0)
    for ours, theirs in zip(
        torch.autograd.grad(found.sum(), (skin, outward)),
        torch.autograd.grad(wanted.sum(), (skin, outward)),
        strict=True,
    ):
        torch.testing.assert_close(ours, theirs, rtol=1e-6, atol=1e-6)


def test_facing_normals_cost_nothing_and_agreeing_ones_four() -> None:
    body = torch.stack([-UP, UP])[None]
    value = opposition(body, UP.expand(1, 2, 3), torch.eye(2))
    torch.testing.assert_close(value, torch.tensor([0.0, 4.0]))


def test_penetration_is_the_squared_depth_beyond_what_gives() -> None:
    sdf = torch.tensor([[-0.03, 0.5, -0.002]])
    area = torch.tensor([2.0, 1.0, 1.0])
    give = torch.tensor([0.01, 0.0, 0.002])
    assert penetration(sdf, area, give).item() == pytest.approx(2 * 4.0)
    assert deepest(sdf, give, count=1).item() == pytest.approx(4.0)


def test_below_and_planted() -> None:
    assert below(torch.tensor([[-0.02, 0.3]]), torch.ones(2)).item() == pytest.approx(4.0)
    rest = torch.tensor([[0.0, 0.004, 0.01, 0.002]])
    standing, on_its_ball = rest[None], rest[None] + torch.tensor([0.0, 0.0, 0.013, 0.053])
    flat = torch.tensor([True])
    assert planted(standing, flat, rest).item() == pytest.approx(0.0)
    assert planted(on_its_ball, ~flat, rest).item() == pytest.approx(0.0)
    assert planted(on_its_ball, flat, rest).item() == pytest.approx((1 + 25) / 4, rel=1e-4)
    assert planted(standing + 0.01, ~flat, rest).item() == pytest.approx(4.0, rel=1e-4)


def test_stiff_bodies_that_cannot_lie_with_all_stay_on_the_floor() -> None:
    """Three parts 11 mm above the toes are drawn down: springs of 12 against one of `solid`."""
    solid = PolishSettings().weights.solid
    toes = torch.linspace(-0.011, 0.0, 1101)[:, None]
    parts = (toes + 0.011)[:, None].expand(-1, 3, 1)
    pull = planted(parts, torch.zeros(3, dtype=torch.bool), torch.zeros(3, 1)).sum(dim=-1)
    push = deepest(toes, torch.zeros(1))
    depth = -toes[(pull + solid * push).argmin(), 0].item()
    assert depth == pytest.approx(0.011 * 12 / (12 + solid), abs=1e-5)
    assert depth < 0.003


def test_overhang_is_the_distance_to_the_polygon() -> None:
    square = torch.tensor([[[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]])
    assert overhang(torch.tensor([[1.3, 0.5]]), square).item() == pytest.approx(0.3, abs=1e-6)
    assert overhang(torch.tensor([[0.5, 0.5]]), square).item() == pytest.approx(-0.5, abs=1e-6)
    corner = overhang(torch.tensor([[2.0, 2.0]]), square, count=360).item()
    assert corner == pytest.approx(math.sqrt(2), abs=1e-4)


def test_balance_is_free_inside_and_bounded_far_away() -> None:
    value = balance(torch.tensor([-0.2, 0.05, 9.0]), allowance=0.02, sigma=0.03)
    torch.testing.assert_close(value, torch.tensor([0.0, 1.0, 100.0]))


def test_nearness_and_limits_count_sigmas() -> None:
    turn = torch.zeros(1, 2, 3)
    turn[0, 1, 0] = 0.2
    assert nearness(turn, torch.full((2, 3), 0.1)).item() == pytest.approx(4.0)
    assert limits(turn, sigma=0.1, wall=0.2).item() == pytest.approx(4.0 + 1.0)


def test_a_wrist_within_what_is_at_ease_costs_nothing_and_beyond_it_its_sigmas() -> None:
    inside = torch.stack([WRIST_LOW, torch.zeros(2), WRIST_HIGH])[:, None]
    torch.testing.assert_close(strain(inside), torch.zeros(3))
    both = torch.stack([WRIST_LOW - 0.12, WRIST_HIGH + 0.24])
    assert strain(both).item() == pytest.approx(2 * 1.0 + 2 * 4.0, rel=1e-4)
    assert gradcheck(strain, (both.double().requires_grad_(),))


def test_alignment_is_the_squared_angle_and_height_the_squared_gap() -> None:
    angle = 0.1
    axis = torch.tensor([[math.sin(angle), math.cos(angle), 0.0]])
    assert alignment(axis, UP, sigma=0.1).item() == pytest.approx(1.0, abs=1e-2)
    assert height(torch.tensor(1.16), torch.tensor(1.0), sigma=0.08).item() == pytest.approx(4.0)


def test_own_contact_needs_only_the_nearest_half() -> None:
    points = torch.tensor([[[0.0, 0.016, 0.0]] * 3 + [[0.0, 5.0, 0.0]] * 3])
    assert own_contact(points, torch.zeros(1, 1, 3), gap=0.006).item() == pytest.approx(1.0)


def test_overlap_and_engulfed() -> None:
    assert overlap(torch.tensor([[0.02, 0.0]])).item() == pytest.approx(4.0)
    sdf = torch.tensor([[0.03, 0.06]])
    radius, slack = torch.tensor([0.06, 0.06]), torch.tensor([0.01, 0.01])
    assert engulfed(sdf, radius, slack).item() == pytest.approx(4.0, rel=1e-5)


@pytest.mark.parametrize("seed", range(3))
def test_gradients_match_finite_differences(seed: int) -> None:
    g = torch.Generator().manual_seed(seed)

    def draw(*shape: int) -> torch.Tensor:
        return (torch.rand(*shape, generator=g, dtype=torch.float64) - 0.4).requires_grad_()

    area, give = torch.rand(7, generator=g).double(), torch.full((7,), 0.01).double()
    assert gradcheck(lambda x: penetration(x, area, give), (draw(2, 7),))
    assert gradcheck(lambda x: deepest(x, give), (draw(2, 7),))
    assert gradcheck(lambda x: below(x, area), (draw(2, 7),))
    assert gradcheck(lambda x: huber(x.abs() + 0.001), (draw(2, 7),))
    targets, normals = draw(2, 7, 3), torch.nn.functional.normalize(draw(2, 7, 3), dim=-1)

    weights = torch.rand(2, 7, 3, generator=g).double()

    def through_disc(points: torch.Tensor, outward: torch.Tensor) -> torch.Tensor:
        return touching(points, outward, targets.detach(), normals.detach(), weights, 0.06)

    assert gradcheck(through_disc, (draw(2, 7, 3), draw(2, 7, 3)))


def test_a_turn_costs_the_square_of_its_sine_in_sigmas() -> None:
    angle = torch.tensor([0.0, 0.1, 0.4])
    about_x = matrix_from_rotvec(angle[:, None] * torch.tensor([1.0, 0.0, 0.0]))
    base = matrix_from_rotvec(torch.tensor([0.3, -0.5, 0.2])).expand(3, 3, 3)
    cost = turned(about_x @ base, base, torch.tensor([0.2, 1.0, 1.0]))
    torch.testing.assert_close(cost, (angle.sin() / 0.2).square(), atol=1e-5, rtol=1e-4)
