"""The terms about forces: closed forms, finite differences, and what the objective asks of them."""

from dataclasses import replace

import pytest
import torch
from solid import chair, sitting
from torch import Tensor
from torch.autograd import gradcheck

from solver.body import ShapedBody, load_body, shape_body
from solver.optimisation.layout import SPARSE, layout_of
from solver.optimisation.loads import body_load, held_load, loads_of
from solver.optimisation.losses.literal import literal_closure
from solver.optimisation.losses.support import best_shares, unbalanced
from solver.optimisation.taking import Taking
from solver.settings import OptimisationSettings, Phase, Weights
from solver.statics import Contacts, contacts_at
from solver.task import resolve

UP = torch.tensor([0.0, 1.0, 0.0])


@pytest.fixture(scope="module")
def body() -> ShapedBody:
    return shape_body(load_body())


def under(x: list[float], most: float = 2.0) -> Contacts:
    """Contacts at heights 0 and places x that push up, one row."""
    points = torch.tensor([[[each, 0.0, 0.0] for each in x]])
    normals, strength = UP.expand_as(points), torch.full(points.shape[:-1], most)
    return contacts_at(points, normals, strength, torch.zeros(1, 3))


def cost(contacts: Contacts, centre: Tensor) -> float:
    share, _ = best_shares(contacts, centre, 0.4)
    return float(unbalanced(contacts, centre, 0.4, share))


def test_a_weight_between_its_supports_costs_nothing_and_in_the_air_a_hundred() -> None:
    above = torch.tensor([[0.0, 0.5, 0.0]])
    assert cost(under([-0.2, -0.1, 0.1, 0.2]), above) < 1.0
    assert cost(under([-0.2, 0.2], most=0.0), above) == pytest.approx(100.0)
    beside = torch.tensor([[0.3, 0.5, 0.0]])
    assert cost(under([-0.2, -0.1, 0.1, 0.2]), beside) > 2.0


def test_the_gradient_of_support_matches_finite_differences() -> None:
    draw = torch.Generator().manual_seed(0)
    points = 0.3 * torch.randn(2, 5, 3, generator=draw).double()
    normals = torch.randn(2, 5, 3, generator=draw).double() + 0.5 * UP
    normals = torch.nn.functional.normalize(normals, dim=-1)
    most = 0.3 * torch.rand(2, 5, generator=draw).double() + 0.1
    centre = 0.05 * torch.randn(2, 3, generator=draw).double()
    across = contacts_at(points, normals, most, centre).across

    def value(points: Tensor, normals: Tensor, most: Tensor, centre: Tensor) -> Tensor:
        unit = torch.nn.functional.normalize(normals, dim=-1)
        contacts = Contacts(points, unit, most, across)
        share, _ = best_shares(contacts, centre, 0.4)
        return unbalanced(contacts, centre, 0.4, share)

    inputs = [each.requires_grad_() for each in (points, normals, most, centre)]
    assert gradcheck(value, inputs, atol=1e-4, rtol=1e-4)


def test_between_refreshes_the_term_follows_its_contacts() -> None:
    """With shares kept, moving everything together costs what it cost."""
    contacts, centre = under([-0.1, 0.2]), torch.tensor([[0.05, 0.4, 0.0]])
    share, _ = best_shares(contacts, centre, 0.4)
    moved = replace(contacts, points=contacts.points + 0.7)
    before = unbalanced(contacts, centre, 0.4, share)
    after = unbalanced(moved, centre + 0.7, 0.4, share)
    torch.testing.assert_close(before, after, atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize(
    ("pushes", "surfaces", "expected"),
    [
        ([[1.0, 0, 0], [-1.0, 0, 0]], [[-1.0, 0, 0], [1.0, 0, 0]], 2.0),  # An opposing pinch.
        ([[1.0, 0, 0], [1.0, 0, 0]], [[-1.0, 0, 0], [-1.0, 0, 0]], 2.0),  # A push from one side.
        ([[0, 1.0, 0], [0, 1.0, 0]], [[-1.0, 0, 0], [-1.0, 0, 0]], 0.0),  # An unbalanced couple.
    ],
)
def test_the_literal_form_cannot_tell_a_grasp_from_a_push(
    pushes: list[list[float]], surfaces: list[list[float]], expected: float
) -> None:
    value = literal_closure(torch.tensor(pushes), torch.tensor(surfaces), torch.ones(2))
    assert value.item() == pytest.approx(expected)


def test_the_gradient_of_the_literal_form_matches_finite_differences() -> None:
    draw = torch.Generator().manual_seed(0)
    given = [torch.randn(2, 4, 3, generator=draw).double().requires_grad_() for _ in range(2)]
    assert gradcheck(lambda a, b: literal_closure(a, b, torch.ones(4).double()), given)


def test_the_literal_form_leaves_penetration_to_the_rest(body: ShapedBody) -> None:
    plan, affordance = sitting(chair())
    task = resolve(chair(), plan, affordance, body)
    cone = layout_of(task, Taking(None, ()), None)
    literal = layout_of(task, Taking(None, ()), None, "literal")
    seat = next(t for t in task.touches if t.contact.part == "buttocks")
    assert bool((literal.give[seat.whole] == 1.0).all())
    assert float(literal.give.min()) == float(cone.give.min())
    assert len(cone.sparse) == 0
    bearing = [t for t in task.touches if t.contact.role != "touch"]
    assert len(literal.sparse) == SPARSE * len(bearing)


def test_only_what_bears_a_load_carries_a_body_at_rest(body: ShapedBody) -> None:
    plan, affordance = sitting(chair())
    task = resolve(chair(), plan, affordance, body)
    layout = layout_of(task, Taking(None, ()), 300)
    load = body_load(task, layout)
    assert load is not None and not load.held
    seat = next(k for k, t in enumerate(task.touches) if t.contact.part == "buttocks")
    first, last = layout.spans[seat]
    assert bool(((load.rows >= first) & (load.rows < last)).any())
    kicking = replace(task, plan=replace(plan, styles=("kick",)))
    assert body_load(kicking, layout) is None
    assert held_load(task, layout) is None


def test_loads_are_asked_for_by_their_weights(body: ShapedBody) -> None:
    plan, affordance = sitting(chair())
    task = resolve(chair(), plan, affordance, body)
    layout = layout_of(task, Taking(None, ()), 300)
    assert loads_of(task, layout, without()) == {}
    assert set(loads_of(task, layout, without(support=1.0))) == {"support"}


def without(**weights: float) -> OptimisationSettings:
    """Settings whose phases weigh the forces as given, and not at all elsewhere."""
    phase = Phase(1, 0.01, Weights(**{"support": 0.0, "closure": 0.0} | weights), Weights())
    return OptimisationSettings(approach=phase, settle=phase, finish=phase)
