"""Mesh intake: which frame, unit and front it chooses for an object."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from soups import (
    BRICK,
    CHAIR,
    ESTIMATE,
    TABLE,
    UNKNOWN,
    Y_TO_Z,
    Soup,
    box,
    chair,
    join,
    table,
    take,
    yaw,
)

from solver.artefacts import Item
from solver.geometry.mesh import Mesh
from solver.geometry.surface import Surface
from solver.intake import Hints
from solver.intake.front import SIDES, _toes, guess_front
from solver.intake.shape import measure
from solver.intake.upright import size_ratio
from solver.plan import expected_object


def chamfer(item: Item, soup: Soup, T_world_soup: NDArray[np.float64]) -> float:
    """Largest distance of the soup's vertices, brought to the world, from the item."""
    world = soup[0] @ T_world_soup[:3, :3].T + T_world_soup[:3, 3]
    return float(item.surface.nearest(torch.tensor(world, dtype=torch.float32))[0].max())


@pytest.mark.parametrize("turn", [90.0, 215.0, -17.0])
def test_keep_leaves_the_object_where_it_stands(turn: float) -> None:
    verts, faces = chair()
    verts = verts @ yaw(turn).T + [3.0, 0.4, -2.0]
    item = take((verts, faces), CHAIR)
    both = item.T_scene_world @ item.T_object_source
    torch.testing.assert_close(both, torch.eye(4), atol=2e-6, rtol=0)
    assert chamfer(item, (verts, faces), item.T_object_source.double().numpy()) < 1e-5
    front = item.T_scene_world[:3, 2].double().numpy()
    assert front @ (yaw(turn) @ [0, 0, 1]) > np.cos(np.radians(3))
    assert item.front_confidence > 0.9
    low, high = item.mesh.low, item.mesh.high
    torch.testing.assert_close((low + high)[[0, 2]], torch.zeros(2), atol=1e-4, rtol=0)
    assert float(low[1]) == pytest.approx(0.0, abs=1e-5)


@pytest.mark.parametrize("noun", ["bicycle", "horse", "car"])
def test_a_front_is_guessed_where_there_is_nothing_to_see(noun: str) -> None:
    """A spike too thin to be sampled, and wires: the upper part and the ends have no samples."""
    spike = join(box((1, 0.05, 1), (0, 0, 0)), box((4e-4, 3, 4e-4), (0.4, 1.5, 0.2)))
    wires = join(box((0.1, 1, 0.1), (0, 0.5, 0)), box((6, 4e-4, 4e-4), (0, 0.5, 0)),
                 box((4e-4, 4e-4, 6), (0, 0.5, 0)))  # fmt: skip
    for verts, faces in (spike, wires):
        mesh = Mesh(torch.tensor(verts, dtype=torch.float32), torch.tensor(faces))
        shape = measure(mesh, Surface(mesh), np.zeros(3))
        facing = guess_front(shape, expected_object("", noun), 1.0)
        assert np.isfinite(facing.yaw)


@pytest.mark.parametrize("turn", [0.0, 90.0, 180.0])
def test_a_hand_that_hangs_beside_a_foot_is_no_shin(turn: float) -> None:
    """A figure whose feet point to +Z; one of its hands is low, and before its foot."""
    legs = [
        part
        for x in (-0.25, 0.25)
        for part in (box((0.2, 0.08, 0.4), (x, 0.04, 0.06)), box((0.16, 0.9, 0.16), (x, 0.5, 0)))
    ]
    hand = box((0.2, 0.9, 0.5), (-0.5, 0.6, 0.3))
    verts, faces = join(*legs, hand, box((0.9, 0.6, 0.4), (0, 1.2, 0)))
    mesh = Mesh(torch.tensor(verts @ yaw(turn).T, dtype=torch.float32), torch.tensor(faces))
    shape = measure(mesh, Surface(mesh), np.zeros(3))
    wanted = yaw(turn) @ [0.0, 0.0, 1.0]
    assert SIDES[_toes(shape).argmax()] @ wanted == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("front", ["+x", "-x", "+z", "-z"])
def test_a_given_front_is_obeyed(front: str) -> None:
    item = take(chair(), CHAIR, Hints(front=front))  # pyright: ignore[reportArgumentType]
    axis = np.eye(3)["xyz".index(front[1])] * (1 if front[0] == "+" else -1)
    assert float(item.T_scene_world[:3, 2] @ torch.tensor(axis).float()) == pytest.approx(1.0)
    assert item.front_confidence == 1.0


def test_the_floor_is_given_or_under_the_object() -> None:
    verts, faces = BRICK
    raised = (verts + np.array([0, 0.75, 0]), faces)
    assert take(raised).floor == 0.0
    assert take(raised, hints=Hints(floor=0.0)).floor == pytest.approx(-0.75)
    sunk = take(raised, hints=Hints(floor=0.9))
    assert sunk.floor == pytest.approx(0.15)
    assert any("below the floor" in words for words in sunk.warnings)


@pytest.mark.parametrize(
    ("unit", "upright", "turn"),
    [
        (1.0, np.eye(3), 90.0),
        (100.0, Y_TO_Z, 0.0),
        (1000.0, np.eye(3), 180.0),
        (1 / 0.0254, Y_TO_Z, 270.0),
    ],
)
def test_estimate_finds_unit_up_and_front(
    unit: float, upright: NDArray[np.float64], turn: float
) -> None:
    verts, faces = chair()
    source = (verts @ (upright @ yaw(turn)).T * unit, faces)
    item = take(source, CHAIR, ESTIMATE)
    T = item.T_object_source.double().numpy()
    assert np.cbrt(np.linalg.det(T[:3, :3])) * unit == pytest.approx(1.0, rel=1e-4)
    turned = T[:3, :3] @ upright @ yaw(turn) * unit
    np.testing.assert_allclose(turned, np.eye(3), atol=1e-3)
    torch.testing.assert_close(
        item.mesh.extent, torch.tensor([0.45, 0.905, 0.45]), atol=1e-3, rtol=0
    )


def test_an_unusual_unit_is_scaled_to_the_usual_size_and_said() -> None:
    verts, faces = chair()
    item = take((verts * 4.7, faces), CHAIR, ESTIMATE)
    assert float(item.mesh.extent[1]) == pytest.approx(0.9, rel=0.1)
    assert any("unit" in words for words in item.warnings)


def test_a_table_stands_on_its_legs() -> None:
    verts, faces = table()
    item = take((verts @ Y_TO_Z.T, faces), TABLE, ESTIMATE)
    level = item.points[item.normals[:, 1] > 0.9][:, 1]
    assert float(level.mean()) > 0.7


def test_a_bare_plane_is_as_large_as_its_sides() -> None:
    assert size_ratio(np.array([1.4, 0.0, 0.8]), TABLE) == pytest.approx(1.0, rel=0.05)
    assert size_ratio(np.array([14.0, 0.0, 8.0]), TABLE) == pytest.approx(10.0, rel=0.05)


def test_an_unknown_noun_keeps_metres() -> None:
    item = take(BRICK, UNKNOWN, ESTIMATE)
    assert float(item.mesh.extent.max()) == pytest.approx(0.4)
    assert any("guess" in words for words in item.warnings)


def test_estimated_objects_stand_on_the_floor_in_the_scene() -> None:
    verts, faces = chair()
    item = take((verts * 100 + [50.0, 30.0, 0], faces), CHAIR, Hints("estimate", floor=0.2))
    assert item.floor == 0.0
    assert item.T_scene_world[:3, 3].tolist() == pytest.approx([0.5, 0.2, 0.0], abs=1e-3)
    torch.testing.assert_close(item.T_scene_world[:3, :3], torch.eye(3))
