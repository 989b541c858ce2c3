"""Forces of contacts: against a slow solver, closed forms, finite differences, invariances."""

import math

import numpy as np
import pytest
import torch
from scipy.optimize import lsq_linear
from torch import Tensor

from solver.geometry.rotations import matrix_from_rotvec
from solver.statics import Contacts, contacts_at, least_residual, wrenches
from solver.statics.quadratic import RIDGE

UP = torch.tensor([0.0, 1.0, 0.0, 0.0, 0.0, 0.0]).double()
ORIGIN = torch.zeros(3).double()
ONE = torch.ones(()).double()


def some_contacts(seed: int, batch: int = 1, count: int = 12) -> Contacts:
    """Random ones, of all strengths, that push upward more often than not."""
    draw = torch.Generator().manual_seed(seed)
    points = 0.4 * torch.randn(batch, count, 3, generator=draw).double()
    normals = torch.randn(batch, count, 3, generator=draw).double() + 0.7 * UP[:3]
    most = torch.rand(batch, count, generator=draw).double()
    strength = torch.rand(batch, 1, generator=draw).double()
    normals = torch.nn.functional.normalize(normals, dim=-1)
    return contacts_at(points, normals, most * strength, torch.zeros(batch, 3).double())


def rest(
    contacts: Contacts, centre: Tensor = ORIGIN, radius: float = 1.0, **kwargs: float
) -> float:
    """Length of the wrench that is missing to carry a unit weight."""
    W, most = wrenches(contacts, centre, radius * ONE, kwargs.get("friction", 0.5), edges=4)
    return float(least_residual(W, UP, torch.zeros_like(most), most).left.norm())


def contacts_of(points: list[list[float]], normals: list[list[float]], most: float) -> Contacts:
    at, way = torch.tensor(points).double(), torch.tensor(normals).double()
    return contacts_at(at, way, torch.full((len(at),), most).double(), ORIGIN)


def test_forces_are_those_of_a_slow_solver_on_200_sets() -> None:
    contacts = some_contacts(0, batch=200)
    W, most = wrenches(
        contacts, torch.zeros(200, 3).double(), torch.full((200,), 0.4).double(), 0.5
    )
    found = least_residual(W, UP.expand(200, 6), torch.zeros_like(most), most)
    ridge, zeros = math.sqrt(RIDGE) * np.eye(W.shape[-1]), np.zeros(W.shape[-1])
    values = []
    for matrix, bound in zip(W.numpy(), most.numpy(), strict=True):
        A, b = np.vstack([matrix, ridge]), np.concatenate([UP.numpy(), zeros])
        slow = lsq_linear(A, b, (0, bound + 1e-15), tol=1e-12, method="bvls", max_iter=2000)
        values.append(2 * slow.cost)
    wanted = torch.tensor(values).double()
    assert float((wanted > 0.01).double().mean()) > 0.2, "some sets carry, some do not"
    assert float((wanted < 0.01).double().mean()) > 0.2
    torch.testing.assert_close(found.value, wanted, rtol=1e-6, atol=1e-8)


def test_lower_bounds_are_those_of_a_slow_solver() -> None:
    contacts = some_contacts(1, batch=20, count=4)
    W, most = wrenches(contacts, torch.zeros(20, 3).double(), torch.full((20,), 0.4).double(), 0.2)
    least = 0.3 * most
    found = least_residual(W, torch.zeros(20, 6).double(), least, most)
    for k in range(20):
        A = np.vstack([W[k].numpy(), math.sqrt(RIDGE) * np.eye(W.shape[-1])])
        bounds = (least[k].numpy(), most[k].numpy() + 1e-12)
        slow = lsq_linear(A, np.zeros(len(A)), bounds, tol=1e-12, method="bvls", max_iter=2000)
        assert float(found.value[k]) == pytest.approx(2 * slow.cost, rel=1e-6, abs=1e-8)
        assert bool((found.pushes[k] >= least[k]).all() and (found.pushes[k] <= most[k]).all())


def test_a_start_changes_the_way_and_not_the_end() -> None:
    W, most = wrenches(some_contacts(2), ORIGIN[None], ONE[None], 0.5)
    cold = least_residual(W, UP[None], torch.zeros_like(most), most)
    warm = least_residual(W, UP[None], torch.zeros_like(most), most, start=cold.left + 0.3)
    torch.testing.assert_close(warm.value, cold.value, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_gradients_match_finite_differences(seed: int) -> None:
    """Of the optimal value: with respect to points, normals, strengths, and what is wanted."""
    given = some_contacts(seed, count=4)
    across = given.across

    def value(points: Tensor, normals: Tensor, most: Tensor, wanted: Tensor) -> Tensor:
        normals = torch.nn.functional.normalize(normals, dim=-1)
        contacts = Contacts(points, normals, most, across)
        W, bound = wrenches(contacts, ORIGIN[None], 0.4 * ONE[None], 0.5)
        return least_residual(W, wanted, 0.1 * bound, bound, ridge=1e-3).value

    inputs = (given.points, given.normals, 0.02 + given.most, UP[None].clone())
    assert torch.autograd.gradcheck(value, [each.requires_grad_() for each in inputs])


def test_an_absent_contact_changes_nothing_and_can_come_in() -> None:
    """Strength zero is absence, and the gradient says that the contact would help."""
    few = contacts_of([[0.3, 0, 0]], [[0, 1, 0]], most=2.0)
    points = torch.tensor([[0.3, 0, 0], [-0.3, 0, 0]]).double()
    most = torch.tensor([2.0, 0.0]).double().requires_grad_()
    both = contacts_at(points, UP[:3].expand(2, 3), most, ORIGIN)
    W, bound = wrenches(both, ORIGIN, ONE, 0.5)
    found = least_residual(W, UP, torch.zeros_like(bound), bound)
    assert float(found.left.norm()) == pytest.approx(rest(few), abs=1e-9)
    (slope,) = torch.autograd.grad(found.value, most)
    assert float(slope[1]) < -0.01
    assert float(slope[0]) == pytest.approx(0.0, abs=1e-5)


def test_neither_place_nor_unit_nor_order_matters() -> None:
    turn = matrix_from_rotvec(torch.tensor([0.4, -1.1, 2.0]).double())
    for seed in range(10):
        given = some_contacts(seed, count=5)
        points, normals, most = given.points[0], given.normals[0], 0.3 * given.most[0]
        here = contacts_at(points, normals, most, ORIGIN)
        order = torch.randperm(5, generator=torch.Generator().manual_seed(seed))
        W, bound = wrenches(here, ORIGIN, 0.4 * ONE, 0.5)
        value = least_residual(W, UP, torch.zeros_like(bound), bound).value

        centre = torch.tensor([3.0, -50.0, 7.0]).double()  # And centimetres.
        moved = contacts_at(100 * (points @ turn.T) + centre, normals @ turn.T, most, centre)
        W, bound = wrenches(moved, centre, 40 * ONE, 0.5)
        up = torch.cat([turn @ UP[:3], UP[3:]])
        there = least_residual(W, up, torch.zeros_like(bound), bound).value
        assert float(there) == pytest.approx(float(value), rel=1e-6, abs=1e-9)

        mixed = contacts_at(points[order], normals[order], most[order], ORIGIN)
        W, bound = wrenches(mixed, ORIGIN, 0.4 * ONE, 0.5)
        other = least_residual(W, UP, torch.zeros_like(bound), bound).value
        assert float(other) == pytest.approx(float(value), rel=1e-6, abs=1e-9)


def test_rows_of_a_batch_do_not_mix() -> None:
    contacts = some_contacts(3, batch=7)
    W, most = wrenches(contacts, torch.zeros(7, 3).double(), torch.ones(7).double(), 0.5)
    together = least_residual(W, UP.expand(7, 6), torch.zeros_like(most), most).value
    for k in range(7):
        alone = least_residual(W[k], UP, torch.zeros_like(most[k]), most[k]).value
        assert float(alone) == pytest.approx(float(together[k]), rel=1e-7, abs=1e-10)


def squeeze(normals: list[list[float]]) -> float:
    """What two contacts of push one each leave over: 0 holds, 2 is thrust."""
    contacts = contacts_of([[-1, 0, 0], [1, 0, 0]], normals, most=1.0)
    W, most = wrenches(contacts, ORIGIN, ONE, 0.5)
    return float(least_residual(W, torch.zeros(6).double(), most, most).left.norm())


def test_an_opposing_pinch_holds_and_a_push_from_one_side_does_not() -> None:
    assert squeeze([[1, 0, 0], [-1, 0, 0]]) == pytest.approx(0.0, abs=1e-9)
    assert squeeze([[1, 0, 0], [1, 0, 0]]) == pytest.approx(2.0, abs=1e-9)


def test_a_pinch_carries_by_friction_alone() -> None:
    """Fingers of push p carry with the one edge that points up: 2 m p / 4, the rest is missing."""
    for push, missing in ((0.4, 0.9), (2.0, 0.5), (4.0, 0.0), (9.0, 0.0)):
        pinch = contacts_of([[-1, 0, 0], [1, 0, 0]], [[1, 0, 0], [-1, 0, 0]], most=push)
        assert rest(pinch) == pytest.approx(missing, abs=2e-3)
        assert rest(pinch, friction=0.0) == pytest.approx(1.0, abs=1e-6)


def test_two_supports_share_a_beam_by_the_lever() -> None:
    """Supports at -1 and +2 of the centre bear two thirds and one third."""
    beam = contacts_of([[-1, 0, 0], [2, 0, 0]], [[0, 1, 0], [0, 1, 0]], most=2.0)
    W, most = wrenches(beam, ORIGIN, ONE, 0.0)
    found = least_residual(W, UP, torch.zeros_like(most), most)
    shares = found.pushes.view(2, -1).sum(dim=-1)
    torch.testing.assert_close(shares, torch.tensor([2 / 3, 1 / 3]).double(), atol=1e-3, rtol=0)
    assert float(found.left.norm()) < 1e-3


def test_beyond_its_supports_a_beam_tips() -> None:
    """One support at distance a: pushing p leaves (1 - p) and p a, at best a / sqrt(1 + a^2)."""
    for a in (0.1, 0.5, 2.0):
        lone = contacts_of([[a, 0, 0]], [[0, 1, 0]], most=2.0)
        assert rest(lone, friction=0.0) == pytest.approx(a / math.sqrt(1 + a * a), rel=1e-3)


@pytest.mark.parametrize(("friction", "stands"), [(0.27, False), (0.31, True)])
def test_a_ladder_on_a_smooth_wall_needs_its_friction(friction: float, stands: bool) -> None:
    """At 60 degrees the foot must bear a sideways force of 1 / (2 tan 60) = .289 of the weight."""
    foot, head = [-0.5, -math.sqrt(0.75), 0.0], [0.5, math.sqrt(0.75), 0.0]
    at = torch.tensor([foot, head]).double()
    floor = contacts_at(at[:1], UP[None, :3], torch.tensor([9.0]).double(), ORIGIN)
    wall = contacts_at(at[1:], -torch.eye(3)[:1].double(), torch.tensor([9.0]).double(), ORIGIN)
    parts = [wrenches(floor, ORIGIN, ONE, friction), wrenches(wall, ORIGIN, ONE, 0.0)]
    W, most = (torch.cat(each, dim=-1) for each in zip(*parts, strict=True))
    left = float(least_residual(W, UP, torch.zeros_like(most), most).left.norm())
    assert (left < 2e-3) == stands


def test_nothing_carries_nothing() -> None:
    assert rest(contacts_of([[0, 0, 0]], [[0, 1, 0]], most=0.0)) == pytest.approx(1.0)
    none = Contacts(*(torch.zeros(0, 3).double() for _ in range(2)),
                    torch.zeros(0).double(), torch.zeros(0, 3).double())  # fmt: skip
    assert rest(none) == pytest.approx(1.0)
