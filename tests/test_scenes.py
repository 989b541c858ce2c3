"""What stands around: which side of a surface is free, where the floor is, what is cropped."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from rooms import ROOM, flipped, scene, sheet, shell, table
from solid import box, chair, item_of, joined

from solver.geometry.free_space import HAIR, FreeSpace, find_free
from solver.geometry.mesh import Mesh
from solver.geometry.rotations import rigid, transform, yaw_matrix
from solver.geometry.surface import Surface
from solver.intake import take_in_scene
from solver.intake.ground import find_floor, height_under
from solver.surroundings import Surroundings

LOW, HIGH = torch.tensor([-1.5, -0.3, -1.5]), torch.tensor([1.5, 2.5, 2.0])
SEAT = (torch.tensor([-0.25, 0.0, -0.25]), torch.tensor([0.25, 0.9, 0.25]))


def free(mesh: Mesh) -> FreeSpace:
    return find_free(Surface(mesh), (LOW, HIGH), SEAT)


def points(count: int = 4000, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return LOW + (HIGH - LOW) * torch.rand(count, 3, generator=generator)


def in_box(x: torch.Tensor, low: tuple, high: tuple) -> torch.Tensor:
    """Signed distance to a box, negative inside: closed form."""
    middle, half = (
        (torch.tensor(low) + torch.tensor(high)) / 2,
        (torch.tensor(high) - torch.tensor(low)) / 2,
    )
    q = (x - middle).abs() - half
    return q.clamp(min=0).norm(dim=-1) + q.amax(dim=-1).clamp(max=0)


@pytest.mark.parametrize("turn", [lambda m: m, lambda m: Mesh(m.verts, m.faces.flip(1)), flipped])
def test_a_room_is_free_inside_however_its_faces_look(turn) -> None:
    x = points()
    distance = free(turn(shell())).query(x)[0]
    assert torch.allclose(distance, -in_box(x, *ROOM), atol=1e-5)


@pytest.mark.parametrize("turn", [lambda m: m, flipped])
def test_solid_things_in_a_room_are_solid(turn) -> None:
    low, high = (0.5, 0.0, -0.5), (0.9, 0.8, 0.5)
    x = points()
    distance = free(turn(joined(shell(), box(low, high)))).query(x)[0]
    expected = torch.minimum(-in_box(x, *ROOM), in_box(x, low, high))
    assert torch.equal(distance > 0, expected > 0)
    outside = expected > -0.2  # deep inside, the nearest face may be the floor under the box
    assert torch.allclose(distance[outside].abs(), expected[outside].abs(), atol=1e-5)


def test_thin_legs_are_solid_too() -> None:
    low, high = (0.51, 0.0, 0.52), (0.55, 0.7, 0.56)
    generator = torch.Generator().manual_seed(0)
    x = torch.tensor(low) - 0.05 + 0.14 * torch.rand(2000, 3, generator=generator)
    distance, expected = free(box(low, high)).query(x)[0], in_box(x, low, high)
    off = expected.abs() > 2 * HAIR
    assert torch.equal((distance < 0)[off], (expected < 0)[off])


def test_both_sides_of_a_sheet_that_one_can_walk_around_are_free() -> None:
    x = points()
    assert (free(sheet((-0.5, 0.0, 0.6), (0.5, 1.8, 0.6))).query(x)[0] >= 0).all()


def test_behind_a_wall_nothing_is_free() -> None:
    x = points()
    distance = free(sheet((-9, -9, 0.6), (9, 9, 0.6))).query(x)[0]
    assert torch.allclose(distance, 0.6 - x[:, 2], atol=1e-5)


def wall_with_gap(width: float) -> Mesh:
    return joined(sheet((-9, -9, 0.6), (0.3, 9, 0.6)), sheet((0.3 + width, -9, 0.6), (9, 9, 0.6)))


def test_a_crack_is_no_door_and_a_door_is_no_crack() -> None:
    behind = torch.tensor([[0.5, 1.0, 1.5], [-1.0, 0.3, 1.2]])
    assert (free(wall_with_gap(0.02)).query(behind)[0] < 0).all()
    assert (free(wall_with_gap(0.8)).query(behind)[0] > 0).all()


def test_the_grid_agrees_with_the_exact_distance() -> None:
    space = free(joined(shell(), box((0.5, 0.0, -0.5), (0.9, 0.8, 0.5))))
    x = points()
    x = x[((x > torch.tensor(ROOM[0])) & (x < torch.tensor(ROOM[1]))).all(dim=-1)]
    exact, coarse = space.query(x)[0], space.grid(x)
    near = exact.abs() < 0.15
    assert (coarse - exact)[near].abs().max() < 3**0.5 * space.step
    assert (coarse - exact)[near].square().mean().sqrt() < space.step / 5


def test_free_space_moves_with_the_scene() -> None:
    mesh = joined(shell(), table())
    T = rigid(yaw_matrix(torch.tensor(0.7)), torch.tensor([0.3, 0.0, -0.2]))
    moved = Mesh(transform(T, mesh.verts), mesh.faces)
    x = points()
    before, after = free(mesh).query(x)[0], free(moved).query(transform(T, x))[0]
    inside = ((transform(T, x) > LOW) & (transform(T, x) < HIGH)).all(dim=-1)
    assert torch.allclose(before[inside], after[inside], atol=1e-4)


def floor_of(*meshes: Mesh, target: Mesh | None = None) -> float:
    return find_floor(Surface(joined(*meshes)), target or chair().mesh)


GROUND = sheet((-4, 0.0, -4), (4, 0.0, 4))


def test_furniture_stands_on_the_floor_or_its_podium() -> None:
    podium = box((-1, 0.0, -1), (1, 0.4, 1))
    raised = Mesh(chair().mesh.verts + torch.tensor([0, 0.4, 0]), chair().mesh.faces)
    assert floor_of(GROUND) == pytest.approx(0.0, abs=1e-3)
    assert floor_of(GROUND, table()) == pytest.approx(0.0, abs=1e-3)
    assert floor_of(GROUND, podium, target=raised) == pytest.approx(0.4, abs=1e-3)


def test_below_a_mug_on_a_table_is_the_floor() -> None:
    mug = box((-0.04, 0.74, 0.1), (0.04, 0.84, 0.18))
    assert floor_of(GROUND, table(), target=mug) == pytest.approx(0.0, abs=0.03)
    assert floor_of(table(), target=mug) == pytest.approx(0.0, abs=0.03)


def test_below_a_mug_on_the_ground_is_no_cellar() -> None:
    """The ground may be a thick slab, or have something far below it."""
    mug = box((-0.04, 0.0, 0.1), (0.04, 0.1, 0.18))
    slab, cellar = box((-4, -0.5, -4), (4, 0.0, 4)), box((0, -3.0, 0), (1, -2.9, 1))
    assert floor_of(slab, target=mug) == pytest.approx(0.0, abs=1e-3)
    assert floor_of(GROUND, cellar, target=mug) == pytest.approx(0.0, abs=1e-3)


def test_under_a_point_is_the_step_but_no_cabinets_bottom() -> None:
    """Closed form: a step, a cabinet that is too high to climb, a hole, nothing at all."""
    step, cabinet = box((1, 0, 1), (2, 0.2, 2)), box((-2, 0.05, 1), (-1, 0.9, 2))
    surface = Surface(joined(sheet((-3, 0.0, -3), (3, 0.0, 3)), step, cabinet))
    x = torch.tensor([[1.5, 0.7, 1.5], [-1.5, 0.7, 1.5], [0.0, 0.4, 0.0], [9.0, 0.4, 0.0]])
    wanted = torch.tensor([0.2, 0.0, 0.0, 0.0])
    torch.testing.assert_close(height_under(surface, 0.0, x), wanted, atol=1e-5, rtol=0)


def test_a_scene_without_a_floor_leaves_the_object_on_its_own() -> None:
    assert floor_of(box((1.0, 1.0, 0), (1.3, 1.3, 1))) == pytest.approx(0.0, abs=1e-6)


def heights_of(*meshes: Mesh) -> Surroundings:
    item = take_in_scene(
        scene(**{str(k): mesh for k, mesh in enumerate(meshes)}), chair(), carried=False,
        floor_given=False,
    )  # fmt: skip
    assert item.surroundings is not None
    return item.surroundings


def test_steps_and_carpets_are_stood_on_and_rails_are_not() -> None:
    step = box((0.25, 0.0, -2), (2, 0.15, 2))
    carpet = box((-0.9, 0.0, -0.8), (-0.3, 0.012, 0.8))
    rail = box((-0.2, 0.08, 0.5), (0.2, 0.1, 0.52))
    ground = heights_of(GROUND, step, carpet, rail).ground
    x = torch.tensor([[0.8, 1, 0], [-0.6, 1, 0], [0.0, 1, 0.51], [0.0, 0.4, 0.9]])
    assert torch.allclose(ground.at(ground.height, x), torch.tensor([0.15, 0.012, 0, 0]), atol=1e-3)
    assert torch.allclose(ground.at(ground.lowest, x)[:1], torch.tensor([0.15]), atol=1e-3)
    edge = torch.tensor([[0.25, 0.0, 0.0]])
    assert float(ground.at(ground.lowest, edge)) == pytest.approx(0.0, abs=1e-3)
    assert float(ground.at(ground.uneven, edge)) == pytest.approx(0.15, abs=1e-3)


def test_what_is_far_is_left_out_and_the_rest_keeps_its_name() -> None:
    item = take_in_scene(
        scene(floor=GROUND, far=box((9, 0, 9), (10, 1, 10)), table=table()), chair(),
        carried=False, floor_given=False,
    )  # fmt: skip
    around = item.surroundings
    assert around is not None
    assert {around.name_of(k) for k in range(len(around.owner))} == {"floor", "table"}
    _, _, face = around.space.query(torch.tensor([[0.0, 0.72, 0.3]]))
    assert around.name_of(int(face[0])) == "table"


def test_nothing_near_is_no_scene() -> None:
    item = chair()
    far = scene(far=box((9, 0, 9), (10, 1, 10)))
    assert take_in_scene(far, item, carried=False, floor_given=False) is item


def test_places_that_are_no_numbers_and_faces_without_area_are_dropped() -> None:
    bad = table()
    verts = bad.verts.clone()
    verts[3] = float("nan")
    line = Mesh(
        torch.tensor([[0, 0, 0.5], [0, 1, 0.5], [0, 2, 0.5]]).float(), torch.tensor([[0, 1, 2]])
    )
    item = take_in_scene(
        scene(bad=Mesh(verts, bad.faces), line=line), chair(), carried=False, floor_given=False
    )
    assert item.surroundings is not None
    mesh = item.surroundings.space.surface.mesh
    assert torch.isfinite(mesh.verts).all()
    assert {item.surroundings.name_of(k) for k in range(len(mesh.faces))} == {"bad"}


def test_the_scene_is_seen_from_the_object() -> None:
    """The object stands turned and away in the scene; things come along."""
    T = rigid(yaw_matrix(torch.tensor(1.1)), torch.tensor([3.0, 0.5, -2.0]))
    here = scene(floor=GROUND, table=table())
    verts = transform(T, torch.from_numpy(here.verts)).numpy()
    there = replace(here, verts=verts.astype(np.float32))
    moved = replace(chair(), T_scene_world=T)
    a = take_in_scene(here, chair(), carried=False, floor_given=False)
    b = take_in_scene(there, moved, carried=False, floor_given=False)
    assert a.surroundings is not None and b.surroundings is not None
    x = points(1000)
    mine, theirs = a.surroundings.space.query(x)[0], b.surroundings.space.query(x)[0]
    assert torch.allclose(mine, theirs, atol=1e-4)
    assert b.floor == pytest.approx(a.floor, abs=1e-4)


def test_a_floor_that_was_given_is_kept() -> None:
    given = item_of(chair().mesh, floor=-0.3)
    item = take_in_scene(scene(floor=GROUND), given, carried=False, floor_given=True)
    assert item.floor == -0.3
    assert item.surroundings is not None and item.surroundings.floor == -0.3
