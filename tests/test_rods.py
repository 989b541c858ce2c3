"""Which way the thumb goes on a rod."""

import math
from dataclasses import replace

import pytest
import torch

from solver.artefacts import Grip
from solver.optimisation.rods import _thumb_ways  # pyright: ignore[reportPrivateUsage]


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
