"""Nearness to the pose that the library gave, and to the place that the search found."""

import torch
from jaxtyping import Float
from torch import Tensor

WRIST_LOW = torch.tensor([-20.0, -20.0]).deg2rad()
WRIST_HIGH = torch.tensor([20.0, 50.0]).deg2rad()
"""Toward the thumb and palm, toward the little finger and the hand's back: as far a wrist bends
without looking broken or aching under a load, radians."""


def nearness(
    turn: Float[Tensor, "*batch joints 3"], sigma: Float[Tensor, "joints 3"]
) -> Float[Tensor, "*batch"]:
    """Sum of the squared rotation vectors away from the start, each in units of its sigma."""
    return (turn / sigma).square().sum(dim=(-1, -2))


def turned(
    rotation: Float[Tensor, "*batch 3 3"],
    wanted: Float[Tensor, "*batch 3 3"],
    sigma: Float[Tensor, "*#batch 3"],
) -> Float[Tensor, "*batch"]:
    """Squared turn between two rotations, by its sine, in units of a sigma per world axis, radians.

    The axial vector of a rotation is its axis times the sine of its angle, twice.
    """
    between = rotation @ wanted.mT
    axial = torch.stack(
        [
            between[..., 2, 1] - between[..., 1, 2],
            between[..., 0, 2] - between[..., 2, 0],
            between[..., 1, 0] - between[..., 0, 1],
        ],
        dim=-1,
    )
    return (axial / 2 / sigma).square().sum(dim=-1)


def limits(
    violation: Float[Tensor, "*batch joints 3"], sigma: float = 0.07, wall: float = 0.03
) -> Float[Tensor, "*batch"]:
    """Joint-limit violations, radians: squares in units of `sigma`, fourth powers of `wall`.

    The squares turn joints back early; the wall holds whatever pulls.
    """
    squares = (violation / sigma).square()
    return (squares + (violation / wall).pow(4)).sum(dim=(-1, -2))


def strain(
    swings: Float[Tensor, "*batch wrists 2"], sigma: float = 0.12
) -> Float[Tensor, "*batch"]:
    """Squares of how far wrists are bent beyond what is at ease, in units of `sigma`, radians."""
    low, high = WRIST_LOW.to(swings), WRIST_HIGH.to(swings)
    over = torch.relu(low - swings) + torch.relu(swings - high)
    return (over / sigma).square().sum(dim=(-1, -2))
