"""Nearness to the pose that the library gave, and to the place that the search found."""

from jaxtyping import Float
from torch import Tensor


def nearness(
    turn: Float[Tensor, "*batch joints 3"], sigma: Float[Tensor, "joints 3"]
) -> Float[Tensor, "*batch"]:
    """Sum of the squared rotation vectors away from the start, each in units of its sigma."""
    return (turn / sigma).square().sum(dim=(-1, -2))


def limits(
    violation: Float[Tensor, "*batch joints 3"], sigma: float = 0.07
) -> Float[Tensor, "*batch"]:
    """Squared joint-limit violations, radians, in units of `sigma` (4 degrees)."""
    return (violation / sigma).square().sum(dim=(-1, -2))
