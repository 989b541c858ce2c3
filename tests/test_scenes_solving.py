"""People among things: the terms against closed forms, and whole solves in small scenes."""

from dataclasses import replace

import pytest
import torch
from rooms import scene, sheet, shell, table
from solid import box, chair, joined, sitting

from solver.artefacts import Item, Solution
from solver.body import ShapedBody, load_body, pose_body, shape_body
from solver.evaluation import among_others, measure
from solver.evaluation.scene import said
from solver.geometry.mesh import Mesh
from solver.geometry.rotations import matrix_from_rotvec
from solver.intake import take_in_scene
from solver.optimisation import optimise
from solver.optimisation.layout import layout_of
from solver.optimisation.obstacles import ask_nearby, obstacles
from solver.optimisation.taking import Taking
from solver.optimisation.variables import Start, State, state_of, variables_at
from solver.settings import settings_for
from solver.synthesis import synthesise
from solver.synthesis.room import free_places
from solver.task import Task, resolve
from solver.task.scene import floor_under, foot_floor, scene_depth

GROUND = sheet((-4, 0.0, -4), (4, 0.0, 4))


@pytest.fixture(scope="module")
def body() -> ShapedBody:
    return shape_body(load_body())


def among(carried: bool = False, **things: Mesh) -> Item:
    return take_in_scene(scene(**things), chair(), carried=carried, floor_given=False)


def solved(item: Item, body: ShapedBody) -> tuple[Solution, dict[str, float]]:
    plan, affordance = sitting(item)
    settings = settings_for("draft")
    hypotheses = synthesise(item, plan, affordance, body, settings)
    best = optimise(item, plan, affordance, body, hypotheses, settings)[0]
    numbers = measure(item, body, plan, affordance, best)
    return among_others(item, body, replace(best, metrics=numbers)), numbers


def posed(body: ShapedBody, solution: Solution) -> torch.Tensor:
    return pose_body(body, matrix_from_rotvec(solution.pose[None]), solution.trans[None]).verts[0]


def standing(body: ShapedBody, place: tuple[float, float, float]) -> tuple[Start, State]:
    """The T-pose, soles at `place`, twice: the second a little turned."""
    pose = torch.zeros(2, 52, 3)
    pose[1, 0, 1] = 0.3
    low = body.verts[:, 1].min()
    trans = (torch.tensor(place) - torch.tensor([0.0, float(low), 0.0])).expand(2, 3).clone()
    start = Start(
        pose, trans, torch.eye(4).expand(2, 4, 4), ("t", "t"), torch.zeros(2), pose, trans
    )
    return start, state_of(body, start, variables_at(start, fingers=True))


def task_of(item: Item, body: ShapedBody) -> Task:
    return resolve(item, *sitting(item), body)


def test_the_depth_in_a_wall_is_how_far_the_body_is_beyond_it(body: ShapedBody) -> None:
    item = among(ground=GROUND, wall=sheet((0.6, -1.0, -9), (0.6, 9, 9)))
    _, state = standing(body, (0.0, 0.0, 0.5))
    verts = state.posed.verts[0].detach()
    assert item.surroundings is not None
    depth, _ = scene_depth(item.surroundings, verts, body.faces)
    assert float(depth[: len(verts)].max()) == pytest.approx(
        float(verts[:, 0].max() - 0.6), abs=1e-4
    )


def test_a_sheet_through_the_body_is_seen_although_no_vertex_is_in_it(body: ShapedBody) -> None:
    item = among(panel=sheet((-0.5, 0.0, 0.6), (0.5, 1.2, 0.6)))
    _, state = standing(body, (0.0, 0.0, 0.6))
    assert item.surroundings is not None
    depth, places = scene_depth(item.surroundings, state.posed.verts[0].detach(), body.faces)
    assert 0.05 < float(depth.max()) < 0.2
    assert float(places[depth.argmax()][2]) == pytest.approx(0.6, abs=1e-5)


@pytest.mark.parametrize("exact", [False, True])
def test_the_gradient_of_the_term(body: ShapedBody, exact: bool) -> None:
    """Against central differences along a shift of the body."""
    item = among(post=box((0.25, 0.0, 0.2), (0.5, 1.6, 0.8)))
    task = task_of(item, body)
    layout = layout_of(task, Taking(None, ()), None)
    start, state = standing(body, (0.0, 0.0, 0.5))
    nearby = ask_nearby(task, state) if exact else None
    variables = variables_at(start, fingers=True)

    def cost() -> torch.Tensor:
        return obstacles(task, layout, state_of(body, start, variables), nearby).sum()

    total = cost()
    assert float(total.detach()) > 1.0
    (slope,) = torch.autograd.grad(total, variables.shift)
    step = 2e-5  # Less than between two changes of which points are the deepest.
    with torch.no_grad():
        for axis in range(3):
            values = []
            for way in (step, -step):
                variables.shift[:, axis] += way
                values.append(float(cost()))
                variables.shift[:, axis] -= way
            expected = (values[0] - values[1]) / (2 * step)
            assert float(slope[:, axis].sum()) == pytest.approx(
                expected, rel=0.03, abs=0.01 * float(total.detach())
            )


def test_a_free_body_costs_nothing(body: ShapedBody) -> None:
    item = among(ground=GROUND, wall=sheet((1.2, -1.0, -9), (1.2, 9, 9)))
    task = task_of(item, body)
    _, state = standing(body, (0.0, 0.0, 0.9))
    layout = layout_of(task, Taking(None, ()), None)
    for nearby in (None, ask_nearby(task, state)):
        assert float(obstacles(task, layout, state, nearby).detach().max()) < 0.2


def test_each_foot_has_its_own_floor(body: ShapedBody) -> None:
    item = among(ground=GROUND, step=box((0.05, 0.0, -2), (2, 0.15, 2)))
    soles = torch.tensor([[[0.4, 0.0, 0.2], [0.5, 0.0, 0.3]], [[-0.3, 0, 0.2], [-0.2, 0, 0.3]]])
    assert torch.allclose(
        torch.as_tensor(foot_floor(item, soles)).flatten(), torch.tensor([0.15, 0.0]), atol=1e-3
    )
    assert floor_under(chair(), soles) == 0.0


def test_free_places_are_free_and_near() -> None:
    body = shape_body(load_body())
    item = among(carried=True, room=shell(), block=box((0.4, 0, -0.8), (1.2, 1.0, 1.5)))
    task = task_of(item, body)
    assert item.surroundings is not None
    places, weight = free_places(task, item.surroundings)
    chosen = places[weight > 0]
    assert len(chosen) > 10
    assert float(chosen[:, 0].max()) < 0.4 - 0.2
    assert float(chosen[:, 0].min()) > -1.0 + 0.2
    assert chosen[:, 1].abs().max() < 0.01


SCENES: dict[str, dict[str, Mesh]] = {
    "a closed room, not much larger than the person": {"room": shell()},
    "a box beside the chair": {"ground": GROUND, "box": box((0.27, 0, -0.3), (0.8, 0.7, 0.9))},
    "a wall at the chair's side": {"ground": GROUND, "wall": sheet((-0.30, -1, -9), (-0.30, 9, 9))},
    "a table over the knees": {"ground": GROUND, "table": table(0.70, 0.12)},
}


@pytest.mark.parametrize("things", SCENES.values(), ids=list(SCENES))
def test_a_person_sits_clear_of_everything(things: dict[str, Mesh], body: ShapedBody) -> None:
    item = among(**things)
    solution, numbers = solved(item, body)
    assert solution.metrics["scene_penetration_mm"] < 10
    assert numbers["gap_buttocks>seat_mm"] < 20
    assert numbers["floor_mm"] < 10
    assert not any("No free place" in words for words in solution.warnings)


def test_the_feet_find_a_step(body: ShapedBody) -> None:
    item = among(ground=GROUND, step=box((0.02, 0.0, 0.28), (2, 0.15, 2)))
    solution, numbers = solved(item, body)
    assert solution.metrics["scene_penetration_mm"] < 10
    assert numbers["floor_mm"] < 12
    verts = posed(body, solution)
    assert float(verts[:, 1].min()) < 0.02


def test_where_there_is_no_room_the_obstacle_is_named(body: ShapedBody) -> None:
    slab = box((-2.0, 0.6, -2.0), (2.0, 2.2, 2.0))
    solution, _ = solved(among(ground=GROUND, slab=slab), body)
    assert solution.metrics["scene_penetration_mm"] > 10
    assert solution.obstacle == "slab"
    assert any("'slab'" in words for words in solution.warnings)


def test_a_moved_object_that_hits_something_is_said() -> None:
    clean = {"scene_penetration_mm": 2.0, "object_in_scene_mm": 3.0}
    assert said(clean, "wall", "Mug") == ()
    (words,) = said(clean | {"object_in_scene_mm": 30.0}, "wall", "Mug")
    assert "'Mug'" in words and "30 mm" in words


def test_without_a_scene_nothing_is_added(body: ShapedBody) -> None:
    pose = torch.zeros(52, 3)
    alone = Solution(pose, torch.zeros(3), body.betas, torch.eye(4), "t")
    assert among_others(chair(), body, alone) is alone


def test_joined_scenes_count_once() -> None:
    """The same thing twice changes no distance."""
    once = among(ground=GROUND, table=table())
    twice = among(ground=GROUND, table=joined(table(), table()))
    x = torch.rand(500, 3, generator=torch.Generator().manual_seed(0)) * 2 - 0.5
    assert once.surroundings is not None and twice.surroundings is not None
    assert torch.allclose(
        once.surroundings.space.query(x)[0], twice.surroundings.space.query(x)[0], atol=1e-6
    )
