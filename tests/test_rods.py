"""Which way the thumb goes on a rod."""

import math
from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch
from affordance_objects import item_of, rod

from solver.artefacts import Contact, Grip
from solver.optimisation.rods import (
    _thumb_ways,  # pyright: ignore[reportPrivateUsage]
    rods_at,
)


def grip(slope: float) -> Grip:
    """A rod that falls away from the person at an angle, degrees."""
    a = math.radians(slope)
    axis = torch.tensor([0.0, -math.sin(a), math.cos(a)])
    return Grip(torch.zeros(3), axis, torch.tensor([1.0, 0.0, 0.0]), 0.02, 0.1, "left_hand")


@pytest.mark.parametrize("slope", [40.0, 60.0, 90.0, 130.0])
def test_a_steep_fixed_rod_is_held_with_the_thumb_up(slope: float) -> None:
    for thumb in (torch.tensor([0.0, -0.1, 0.0]), torch.tensor([0.0, 0.1, 0.0])):
        held, flips = _thumb_ways(grip(slope), thumb, fixed=True, plate=False)
        assert flips == (1.0,)
        assert float(held.axis[1]) == pytest.approx(math.sin(math.radians(slope)))


@pytest.mark.parametrize(("turn", "count"), [(0.0, 1), (45.0, 1), (60.0, 2), (90.0, 2)])
def test_a_level_rod_is_taken_either_way_where_the_hand_lies_across_it(
    turn: float, count: int
) -> None:
    a = math.radians(turn)
    thumb = 0.07 * torch.tensor([math.sin(a), 0.0, math.cos(a)])
    held, flips = _thumb_ways(grip(0.0), thumb, fixed=True, plate=False)
    assert len(flips) == count
    assert torch.equal(held.axis, grip(0.0).axis)
    assert len(_thumb_ways(grip(0.0), thumb, fixed=False, plate=True)[1]) == 2


@pytest.mark.parametrize("turn", [0.0, 80.0, 170.0])
def test_a_hand_below_a_level_bar_may_also_come_from_above(turn: float) -> None:
    """Its outward side is half-way between where the palm is and straight up."""
    a = math.radians(turn)
    palm = torch.tensor([math.sin(a), math.cos(a), 0.0])
    below = replace(grip(0.0), outward=palm)
    held, _ = _thumb_ways(below, torch.tensor([0.0, 0.0, 0.07]), fixed=True, plate=False)
    assert float(held.outward[1]) == pytest.approx(math.cos(a / 2), abs=1e-5)
    assert float(held.outward @ palm) == pytest.approx(math.cos(a / 2), abs=1e-5)
    carried, _ = _thumb_ways(below, torch.tensor([0.0, 0.0, 0.07]), fixed=False, plate=False)
    assert torch.equal(carried.outward, palm)


def test_the_top_of_a_rail_shows_no_rod_and_all_of_it_does() -> None:
    rail = item_of(rod(0.025, 2.0, (0, 0.5, 0), "x"), count=20000)
    level = float(rail.mesh.low[1] + rail.mesh.high[1]) / 2
    spots, palm = torch.tensor([[0.1, level + 0.025, 0.0]]), torch.tensor([0.1, 0.6, 0.1])
    for top, found in ((rail.normals[:, 1] > 0.85, 0), (rail.normals[:, 1] > -2, 1)):
        seen = SimpleNamespace(
            points=rail.points[top], normals=rail.normals[top],
            contact=Contact("right_hand", "top", "grasp"),
        )  # fmt: skip
        grips = rods_at(seen, spots, palm, torch.tensor([1.0, 0.0, 0.0]))  # pyright: ignore[reportArgumentType]
        assert len(grips) == found
    (grip,) = grips  # pyright: ignore[reportPossiblyUnboundVariable]
    assert grip.radius == pytest.approx(0.025, abs=0.001)
    assert grip.axis.tolist() == pytest.approx([1, 0, 0], abs=0.02)
    assert float(grip.centre[1]) == pytest.approx(level, abs=0.002)
