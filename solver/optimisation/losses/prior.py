"""Nearness to the pose that the library gave, and to the place that the search found."""

from jaxtyping import Float
from torch import Tensor


def nearness(
    turn: Float[Tensor, "*batch joints 3"], sigma: Float[Tensor, "joints 3"]
) -> Float[Tensor, "*batch"]:
    """Sum of the squared rotation vectors away from the start, each in units of its sigma."""
    return (turn / sigma).square().sum(dim=(-1, -2))


def limits(
    violation: Float[Tensor, "*batch joints 3"], sigma: float = 0.07, wall: float = 0.03
) -> Float[Tensor, "*batch"]:
    """Joint-limit violations, radians: squares in units of `sigma`, fourth powers of `wall`.

    The squares turn joints back early; the wall holds whatever pulls.
    """
    squares = (violation / sigma).square()
    return (squares + (violation / wall).pow(4)).sum(dim=(-1, -2))
