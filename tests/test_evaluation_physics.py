"""What rests and what slips: MuJoCo and the statics on boxes, balls and slopes of known answers."""

import math
import sys

import numpy as np
import pytest
import torch
from shapes import beside, fine_box, sphere
from solid import box, joined

from solver.body import load_body, shape_body
from solver.errors import SolverError
from solver.evaluation import Shown, simulated, standing_still
from solver.evaluation.simulation import (
    GRAVITY,
    drift_numbers,
    held_world,
    mass_of,
    simulate,
    slip_numbers,
)
from solver.evaluation.stand_ins import BALL, prisms_near, skin_balls, thinned
from solver.evaluation.support import support_numbers
from solver.geometry.mesh import Mesh
from solver.geometry.surface import Surface

FAR = box((5, 0, 5), (6, 1, 6))


def test_without_mujoco_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mujoco", None)
    with pytest.raises(SolverError, match="MuJoCo") as caught:
        simulated(beside(sphere((0, 0, 0), 0.1, 3), FAR), movable=True)
    assert "physics" in caught.value.remedy


# Statics


def test_a_crate_on_the_floor_is_carried_and_one_in_the_air_is_not() -> None:
    crate = fine_box((-0.2, 0, -0.2), (0.2, 0.5, 0.2), 4)
    stands = support_numbers(beside(crate, FAR, floor=0.0), movable=False, posture="stand")
    assert stands["support_residual"] < 0.01 and stands["overhang_mm"] == 0.0
    falls = support_numbers(beside(crate, FAR, floor=-0.1), movable=False, posture="stand")
    assert falls["support_residual"] == pytest.approx(1.0)
    assert "support_residual" not in support_numbers(
        beside(crate, FAR, floor=0.0), movable=False, posture="walk"
    )


def test_a_held_object_carries_nobody_but_is_asked_itself() -> None:
    crate, table = fine_box((-0.2, 0.3, -0.2), (0.2, 0.5, 0.2), 4), box((-1, 0, -1), (1, 0.3, 1))
    on = support_numbers(beside(crate, table, floor=0.0), movable=False, posture="sit")
    assert on["support_residual"] < 0.01 and "hold_residual" not in on
    held = support_numbers(beside(crate, table, floor=0.0), movable=True, posture="stand")
    assert held["support_residual"] == pytest.approx(1.0)
    assert held["hold_residual"] < 0.01, "the table stands on the floor"


# Balls under the skin


def test_balls_touch_the_skin_and_stay_in_it() -> None:
    """In a body: no ball pokes out, each touches its vertex; in a thin plate they are thin."""
    body = shape_body(load_body())
    shown = Shown(body.verts, body.faces, standing_still(Surface(FAR)), 0.0, body)
    hand = shown.parts["left_hand"]
    balls = skin_balls(shown, hand)
    depth = -shown.skin.query(balls.centres)[0]
    assert float((balls.radii - depth).max()) < 5e-4
    assert float((depth - balls.radii).max()) < 1e-4
    assert float(balls.radii.median()) > 0.7 * BALL
    touch = (balls.centres - body.verts[hand][:, None]).norm(dim=-1).amin(dim=0)
    torch.testing.assert_close(touch, balls.radii, atol=4e-4, rtol=0)
    plate = fine_box((-0.1, -0.002, -0.1), (0.1, 0.002, 0.1), 4)
    thin = skin_balls(beside(plate, FAR), torch.arange(len(plate.verts)))
    assert float(thin.radii.max()) <= 0.0025


def test_prisms_are_the_object_itself_there_and_nothing_farther_away() -> None:
    """A table of 2 m under a ball: its top is in them to the last digit, and not too thick."""
    ball, table = sphere((0, 0.099, 0), 0.1, 4), fine_box((-1, -0.004, -1), (1, 0, 1), 5)
    shown = beside(ball, table)
    balls = skin_balls(shown, torch.arange(len(ball.verts)))
    prisms = prisms_near(shown, balls)
    outer, inner = prisms[:, :3].reshape(-1, 3), prisms[:, 3:].reshape(-1, 3)
    assert 0 < len(prisms) < 300
    assert float(Surface(table).nearest(outer)[0].max()) < 1e-6
    assert float(Surface(table).query(inner)[0].max()) < 1e-4
    assert float(outer[:, [0, 2]].abs().max()) < 0.3


def test_a_dense_mesh_is_thinned_to_its_own_vertices() -> None:
    dense = sphere((0, 0, 0), 0.02, 5)
    few = thinned(dense, 0.003)
    assert len(few.faces) < 0.2 * len(dense.faces)
    assert float(Surface(few).nearest(dense.verts)[0].max()) < 5e-4
    same = thinned(box((0, 0, 0), (1, 1, 1)), 0.003)
    assert len(same.faces) == 12


def test_the_inertia_of_a_hollow_ball() -> None:
    centre, inertia = mass_of(sphere((1, 2, 3), 0.5, 4), 6.0)
    torch.testing.assert_close(centre, torch.tensor([1.0, 2.0, 3.0]), atol=1e-4, rtol=0)
    torch.testing.assert_close(inertia[:3], torch.full((3,), 2 / 3 * 6 * 0.25), rtol=0.01, atol=0)
    torch.testing.assert_close(inertia[3:], torch.zeros(3), atol=1e-3, rtol=0)


# Simulation


@pytest.fixture(autouse=True)
def _needs_mujoco(request: pytest.FixtureRequest) -> None:
    if "physics" in request.keywords:
        pytest.importorskip("mujoco", reason="needs the extra 'physics'")


physics = pytest.mark.physics


@physics
def test_what_nobody_holds_falls() -> None:
    """By g t^2 / 2 in 35 steps of 1/240 s; in the shaken case, in 100/60 s."""
    fallen = slip_numbers(beside(sphere((0, 0, 0), 0.1, 3), FAR))
    assert fallen["slip_mm"] == pytest.approx(1e3 * GRAVITY / 2 * (35 / 240) ** 2, rel=0.04)
    assert fallen["shake_mm"] == pytest.approx(1e3 * GRAVITY / 2 * (100 / 60) ** 2, rel=0.01)


@physics
@pytest.mark.parametrize(("squeeze", "holds"), [(0.001, True), (0.003, True), (-0.002, False)])
def test_a_ball_between_two_plates(squeeze: float, holds: bool) -> None:
    """Pressed by friction it stays; with a slit of 2 mm on either side it falls."""
    left = fine_box((-0.08, -0.05, -0.05), (-0.05 + squeeze, 0.05, 0.05), 4)
    right = fine_box((0.05 - squeeze, -0.05, -0.05), (0.08, 0.05, 0.05), 4)
    moved = slip_numbers(beside(joined(left, right), sphere((0, 0, 0), 0.05, 3)))
    if holds:
        assert max(moved["slip_mm"], moved["slip_mu05_mm"], moved["shake_mm"]) < 1.0
    else:
        assert moved["slip_mm"] > 90 and moved["shake_mm"] > 1000


@physics
@pytest.mark.parametrize(("degrees", "friction"), [(15, 0.5), (40, 0.5), (40, 1.2)])
def test_a_box_on_a_slope_obeys_coulomb(degrees: float, friction: float) -> None:
    """It stays below the angle of friction; beyond, a = g (sin - mu cos)."""
    slope = fine_box((-0.4, -0.05, -0.1), (0.4, 0.0, 0.1), 5)
    shown = beside(slope, box((-0.05, 0.0, -0.05), (0.05, 0.04, 0.05)))
    tilt, seconds = math.radians(degrees), 0.25
    pull = GRAVITY * np.array([math.sin(tilt), -math.cos(tilt), 0.0])
    moved = simulate(held_world(shown, friction), pull, seconds=seconds, step=1 / 1000).shift
    runs = GRAVITY * (math.sin(tilt) - friction * math.cos(tilt))
    assert moved == pytest.approx(max(0.0, runs) * seconds**2 / 2, abs=0.004)


@physics
def test_a_crate_at_rest_drifts_by_nothing_and_one_over_the_edge_falls() -> None:
    crate = fine_box((-0.2, 0.3, -0.2), (0.2, 0.8, 0.2))
    table = drift_numbers(beside(crate, box((-1, 0, -1), (1, 0.3, 1)), floor=0.0))
    assert table["drift_mm"] < 1.0 and table["drift_deg"] < 0.1
    edge = drift_numbers(beside(crate, box((-1, 0, -1), (-0.05, 0.3, 1)), floor=0.0))
    assert edge["drift_mm"] > 200 and edge["drift_deg"] > 40
    low = fine_box((-0.2, 0.0, -0.2), (0.2, 0.5, 0.2))
    floor = drift_numbers(beside(low, FAR, floor=0.0))
    assert floor["drift_mm"] < 1.0


@physics
def test_what_is_sunk_in_is_pushed_out() -> None:
    """A crate 12 mm deep in the table rises by about as much."""
    crate = fine_box((-0.2, 0.288, -0.2), (0.2, 0.788, 0.2), 4)
    table = beside(crate, box((-1, 0, -1), (1, 0.3, 1)), floor=0.0)
    assert drift_numbers(table)["drift_mm"] == pytest.approx(12.0, abs=3.0)


@physics
def test_the_simulated_mesh_does_not_depend_on_where_it_is() -> None:
    def slip(shift: float) -> float:
        move = torch.tensor([shift, 2 * shift, -shift])
        slope, thing = (
            Mesh(one.verts + move, one.faces)
            for one in (
                fine_box((-0.3, -0.05, -0.1), (0.3, 0.0, 0.1), 4),
                box((-0.05, 0.0, -0.05), (0.05, 0.04, 0.05)),
            )
        )
        pull = np.array([6.0, -6.0, 0.0])
        world = held_world(beside(slope, thing), 0.3)
        return simulate(world, pull, seconds=0.15, step=1 / 1000).shift

    assert slip(0.0) == pytest.approx(slip(1.7), abs=2e-3)
