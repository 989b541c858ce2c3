"""The paper's global stage: its terms against closed forms, and what cannot depend on the frame."""

import math
from dataclasses import replace

import pytest
import torch
from solid import chair, sitting
from torch.autograd import gradcheck

from solver.body import ShapedBody, load_body, shape_body
from solver.configurations import configured
from solver.evaluation import measure
from solver.optimisation import optimise
from solver.optimisation.bringing import bring, brought, fitting_scale
from solver.optimisation.layout import layout_of
from solver.optimisation.losses.chamfer import weighted_chamfer
from solver.optimisation.losses.scale import scale_prior
from solver.optimisation.taking import Taking
from solver.optimisation.variables import Start, start_of
from solver.settings import OptimisationSettings, Settings, settings_for
from solver.synthesis import synthesise
from solver.task import Task, resolve
from solver.task.grown import at_its_size, grown_item, scale_of

STILL = Taking(None, ())
SHORT = OptimisationSettings(bringing=replace(OptimisationSettings().bringing, steps=10))


def idle() -> None:
    """Nothing happens between steps."""


@pytest.fixture(scope="module")
def body() -> ShapedBody:
    return shape_body(load_body())


@pytest.fixture(scope="module")
def task(body: ShapedBody) -> Task:
    item = chair()
    return resolve(item, *sitting(item), body)


@pytest.fixture(scope="module")
def start(task: Task, body: ShapedBody) -> Start:
    _, affordance = sitting(task.item)
    found = synthesise(task.item, task.plan, affordance, body, Settings())
    return start_of(found).take(torch.arange(3))


def test_half_and_double_cost_alike_and_the_usual_size_nothing() -> None:
    cost = scale_prior(torch.tensor([0.0, math.log(2), -math.log(2)]), 0.5, 0.5)
    assert cost[0] == 0.0
    assert cost[1].item() == pytest.approx(cost[2].item())
    assert scale_prior(torch.tensor(math.log(1.6)), 0.5, 0.8).item() == pytest.approx(0.0, abs=1e-9)
    assert scale_prior(torch.tensor(0.1), 1.0, 1.0).item() == pytest.approx(1.0)
    grow = torch.tensor([0.1, -0.4]).double().requires_grad_()
    assert gradcheck(lambda g: scale_prior(g, 0.3, 0.5), (grow,))


def test_chamfer_counts_both_ways_and_likely_points_more() -> None:
    """A part at 0 and points 1 and 3 cm away, one three times as likely: 1 + (3 * 1 + 9) / 4."""
    part, region = torch.zeros(1, 1, 3), torch.tensor([[[0.01, 0, 0], [0.0, 0.03, 0.0]]])
    value = weighted_chamfer(part, region, torch.tensor([3.0, 1.0]))
    assert value.item() == pytest.approx(1.0 + (3 * 1.0 + 9.0) / 4, rel=1e-4)


def test_the_gradient_of_the_chamfer_matches_finite_differences() -> None:
    draw = torch.Generator().manual_seed(0)
    part, region = (0.1 * torch.randn(2, n, 3, generator=draw).double() for n in (4, 5))
    likely = torch.rand(5, generator=draw).double()
    inputs = (part.requires_grad_(), region.requires_grad_())
    assert gradcheck(lambda a, b: weighted_chamfer(a, b, likely), inputs)


def test_persons_farther_away_have_their_object_farther_away(task: Task, start: Start) -> None:
    """Persons keep still; moved together with the object's start, the result moves with them.

    The second of the three is left out: two points of its region are equally near, and rounding
    chooses.
    """
    start = start.take(torch.tensor([0, 2]))
    layout, away = layout_of(task, STILL, 300), torch.tensor([0.75, 0.0, -0.5])
    there = start.T_world_object.clone()
    there[:, :3, 3] += away
    here = bring(task, layout, start, SHORT, idle)
    moved = replace(start, trans=start.trans + away, T_world_object=there)
    found = bring(task, layout, moved, SHORT, idle)
    wanted = here.T_world_object.clone()
    wanted[:, :3, 3] += away
    torch.testing.assert_close(found.T_world_object, wanted, atol=1e-3, rtol=0)


def test_a_chair_comes_to_who_sits_beside_it_and_stays_on_the_floor(
    task: Task, start: Start
) -> None:
    """Shifted by 40 cm, more than half of that is undone; the seat is wider than the hips."""
    layout = layout_of(task, STILL, 300)
    settings = OptimisationSettings()
    off = start.T_world_object.clone()
    off[:, :3, 3] += torch.tensor([0.4, 0.0, 0.0])
    here = brought(task, layout, start, settings, idle).T_world_object
    back = brought(task, layout, replace(start, T_world_object=off), settings, idle).T_world_object
    assert float((back - here)[:, :3, 3].norm(dim=-1).max()) < 0.2
    low = (here[:, :3, :3] @ task.item.mesh.verts.T)[:, 1] + here[:, 1, 3:]
    assert float((low.amin(dim=1) - task.item.floor).abs().max()) < 0.02


def test_size_changes_only_where_that_is_allowed(task: Task, start: Start) -> None:
    assert fitting_scale(task, start, SHORT, idle) == 1.0
    allowed = replace(SHORT, rescale=True)
    same = fitting_scale(task, start, allowed, idle)
    larger = fitting_scale(task, start, replace(allowed, usual_length=1.3), idle)
    assert 0.8 < same < larger < 1.4


def test_the_papers_configuration_moves_and_scales_the_object() -> None:
    paper = configured(Settings(), "paper").optimisation
    assert paper.object_moves and paper.rescale and paper.closure == "literal"
    assert paper.finish.last.closure > 0.0
    full = configured(Settings(), "full").optimisation
    assert full == OptimisationSettings() and not full.object_moves and not full.rescale
    rough = configured(Settings(), "no_refinement").optimisation
    assert rough.settle.steps == rough.finish.steps == 0 and rough.approach.steps > 0
    assert rough.polish.rounds == 0 and not rough.hands
    left = configured(Settings(), "no_polish").optimisation
    assert left.polish.rounds == 0 and left.finish == full.finish
    free = configured(Settings(), "no_prior").optimisation
    assert free.finish.last.prior == free.polish.weights.prior == 0.0 < full.finish.last.prior
    forces = configured(Settings(), "support").optimisation
    assert forces.finish.last.support == forces.polish.weights.support == 4.0


@pytest.mark.slow
def test_a_chair_for_giants_is_made_smaller_and_sat_on(body: ShapedBody) -> None:
    """1.3 times too large, it becomes smaller; the report measures it at its new size."""
    item = grown_item(chair(), 1.3)
    plan, affordance = sitting(chair())
    settings = configured(settings_for("draft"), "full")
    knobs = replace(settings.optimisation, rescale=True, usual_length=0.95)
    settings = replace(settings, optimisation=knobs)
    found = synthesise(item, plan, affordance, body, settings)
    (solution,) = optimise(item, plan, affordance, body, found, settings)
    assert 0.65 < scale_of(solution.T_world_object) < 0.95
    true_item, places, rigid = at_its_size(item, affordance, solution)
    numbers = measure(true_item, body, plan, places, rigid)
    assert numbers["gap_buttocks>seat_mm"] < 15
    assert numbers["hard_penetration_mm"] < 20
