"""From hypotheses to solutions, on objects made of boxes."""

from dataclasses import replace

import pytest
import torch
from solid import box, chair, item_of, sitting, target

from solver.artefacts import Affordance, Contact, Hypotheses, Item, Plan, Solution
from solver.body import ShapedBody, load_body, pose_body, shape_body
from solver.body.joints import INDEX
from solver.errors import Cancelled
from solver.evaluation import measure
from solver.geometry.rotations import matrix_from_rotvec, rigid
from solver.optimisation import optimise
from solver.optimisation.layout import layout_of
from solver.optimisation.matching import match
from solver.optimisation.rank import distinct
from solver.optimisation.taking import Options, Taking, choose, goal_cost, wrist_miss
from solver.optimisation.variables import settled, start_of, state_of, variables_at
from solver.settings import settings_for
from solver.synthesis import synthesise
from solver.task import resolve

DRAFT = settings_for("draft")


@pytest.fixture(scope="module")
def body() -> ShapedBody:
    return shape_body(load_body())


def hypotheses_of(
    item: Item, plan: Plan, affordance: Affordance, body: ShapedBody, seed: int = 0
) -> Hypotheses:
    return synthesise(item, plan, affordance, body, replace(DRAFT, seed=seed))


@pytest.fixture(scope="module")
def hypotheses(body: ShapedBody) -> Hypotheses:
    item = chair()
    return hypotheses_of(item, *sitting(item), body)


@pytest.fixture(scope="module")
def seated(
    hypotheses: Hypotheses, body: ShapedBody
) -> tuple[Item, Plan, Affordance, list[Solution]]:
    item = chair()
    plan, affordance = sitting(item)
    return item, plan, affordance, optimise(item, plan, affordance, body, hypotheses, DRAFT, 2)


@pytest.mark.slow
def test_a_person_sits_on_a_chair_of_boxes(
    seated: tuple[Item, Plan, Affordance, list[Solution]], body: ShapedBody
) -> None:
    item, plan, affordance, solutions = seated
    numbers = measure(item, body, plan, affordance, solutions[0])
    assert numbers["hard_penetration_mm"] < 15
    assert numbers["soft_penetration_mm"] < 25
    assert numbers["touching_cm2"] > 200
    assert numbers["floor_mm"] < 5
    assert numbers["limit_deg"] < 2
    assert numbers["overhang_mm"] == 0.0
    for gap in ("buttocks>seat", "back>backrest", "left_hand>own_thigh", "right_foot>floor"):
        assert numbers[f"gap_{gap}_mm"] < 15, gap


@pytest.mark.slow
def test_variants_are_ranked_and_unlike(
    seated: tuple[Item, Plan, Affordance, list[Solution]], body: ShapedBody
) -> None:
    *_, solutions = seated
    assert len(solutions) == 2
    assert solutions[0].metrics["badness"] <= solutions[1].metrics["badness"]
    joints = [
        pose_body(body, matrix_from_rotvec(s.pose[None]), s.trans[None]).joints[0]
        for s in solutions
    ]
    assert float((joints[0] - joints[1]).norm(dim=-1).mean()) > 0.01


@pytest.mark.slow
def test_a_fixed_object_stays_where_it_is(
    seated: tuple[Item, Plan, Affordance, list[Solution]],
) -> None:
    *_, solutions = seated
    for solution in solutions:
        torch.testing.assert_close(solution.T_world_object, torch.eye(4))


@pytest.mark.slow
def test_the_same_start_gives_the_same_result_to_the_bit(
    seated: tuple[Item, Plan, Affordance, list[Solution]], body: ShapedBody
) -> None:
    item, plan, affordance, solutions = seated
    start = hypotheses_of(item, plan, affordance, body)
    again = optimise(item, plan, affordance, body, start, DRAFT, 2)
    for first, second in zip(solutions, again, strict=True):
        assert torch.equal(first.pose, second.pose)
        assert torch.equal(first.trans, second.trans)


def test_progress_rises_to_the_end_and_may_cancel(hypotheses: Hypotheses, body: ShapedBody) -> None:
    item = chair()
    plan, affordance = sitting(item)
    seen: list[float] = []

    def stop(fraction: float) -> None:
        seen.append(fraction)
        if len(seen) == 5:
            raise Cancelled

    with pytest.raises(Cancelled):
        optimise(item, plan, affordance, body, hypotheses, DRAFT, 1, stop)
    assert len(seen) == 5
    assert seen == sorted(seen) and seen[0] > 0 and seen[-1] < 0.5


@pytest.mark.slow
def test_a_box_is_carried_before_the_body(body: ShapedBody) -> None:
    item = item_of(box((-0.2, 0.0, -0.15), (0.2, 0.3, 0.15)))
    across = item.normals[:, 0]
    hands = [Contact(f"{side}_hand", "sides", "touch") for side in ("left", "right")]  # pyright: ignore[reportArgumentType]
    feet = [Contact(f"{side}_foot", "floor", "support") for side in ("left", "right")]  # pyright: ignore[reportArgumentType]
    plan = Plan(
        prompt="carrying a box", object="box", posture="stand", relation="holding",
        facing="front", movable=True, scale="carryable", contacts=(*hands, *feet),
        styles=("carry_front",), hold_height="belly", attitude="upright",
    )  # fmt: skip
    sides = (target(hands[0], across > 0.9), target(hands[1], across < -0.9))
    affordance = Affordance(sides)
    start = hypotheses_of(item, plan, affordance, body)
    solution = optimise(item, plan, affordance, body, start, DRAFT)[0]
    numbers = measure(item, body, plan, affordance, solution)
    assert numbers["hard_penetration_mm"] < 20
    assert numbers["gap_left_hand_mm"] < 10 and numbers["gap_right_hand_mm"] < 10
    assert numbers["floor_mm"] < 5
    rotation = solution.T_world_object[:3, :3]
    torch.testing.assert_close(rotation @ rotation.T, torch.eye(3), atol=1e-5, rtol=0)
    assert float(rotation[1, 1]) > 0.95
    assert 0.6 < float(solution.T_world_object[1, 3]) < 1.2


def test_a_phase_ends_where_its_variables_say(hypotheses: Hypotheses, body: ShapedBody) -> None:
    """Starting again from the end with zero changes gives the same body."""
    start = start_of(hypotheses)
    variables = variables_at(start, fingers=True, object_moves=True)
    assert variables.object_turn is not None
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for leaf in (variables.root, variables.joints, variables.shift, variables.object_turn):
            leaf.add_(0.2 * torch.randn(leaf.shape, generator=generator))
    moved = state_of(body, start, variables)
    again = settled(body, start, variables)
    rest = state_of(body, again, variables_at(again, fingers=False))
    torch.testing.assert_close(rest.posed.verts, moved.posed.verts, atol=2e-5, rtol=0)
    torch.testing.assert_close(rest.T_world_object, moved.T_world_object, atol=1e-5, rtol=0)


def test_matches_choose_the_nearest_share_of_a_part(
    hypotheses: Hypotheses, body: ShapedBody
) -> None:
    item = chair()
    plan, affordance = sitting(item)
    task = resolve(item, plan, affordance, body)
    taking = Taking(None, ())
    layout = layout_of(task, taking, 300)
    start = start_of(hypotheses)
    state = state_of(body, start, variables_at(start, fingers=False), layout.subset)
    share = match(task, layout, taking, state).share
    for touch, (first, last) in zip(task.touches, layout.spans, strict=True):
        part = share[:, first:last]
        torch.testing.assert_close(part.sum(dim=1), torch.ones(len(part)))
        count = round(touch.fraction * (last - first))
        assert bool(((part > 0).sum(dim=1) == count).all())


def test_a_wrist_at_its_grasp_costs_nothing(hypotheses: Hypotheses, body: ShapedBody) -> None:
    start = start_of(hypotheses).take(torch.tensor([0]))
    state = state_of(body, start, variables_at(start, fingers=False))
    wrist = INDEX["left_wrist"]
    T_world_wrist = rigid(state.posed.rotations[:, wrist], state.posed.joints[:, wrist])
    right = torch.linalg.inv(T_world_wrist) @ state.T_world_object
    wrong = right.clone()
    wrong[:, 0, 3] += 0.03
    goal = Options(
        "left", "power", torch.cat([wrong, right]), torch.zeros(2, 15, 3), torch.zeros(2)
    )
    assert choose(goal, state).tolist() == [1]
    assert goal_cost((goal,), state, (torch.tensor([1]),)).item() < 1e-3
    away, turn = wrist_miss(goal, state, torch.tensor([0]))
    assert away.item() == pytest.approx(0.03, abs=1e-4)
    assert turn.item() < 1e-2


def test_distinct_prefers_unlike_rows_and_fills_up(
    hypotheses: Hypotheses, body: ShapedBody
) -> None:
    same = start_of(hypotheses).take(torch.tensor([0, 0, 0]))
    same = replace(same, trans=same.trans + torch.tensor([[0.0], [0.0], [0.5]]))
    energy = torch.tensor([1.0, 2.0, 3.0])
    assert distinct(body, same, energy, 2).tolist() == [0, 2]
    assert distinct(body, same, energy, 3).tolist() == [0, 2, 1]
