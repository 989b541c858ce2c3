"""How a held object is turned, and how high it is."""

from jaxtyping import Float
from torch import Tensor


def alignment(
    axis: Float[Tensor, "*batch 3"], wanted: Float[Tensor, "*#batch 3"], sigma: float = 0.12
) -> Float[Tensor, "*batch"]:
    """About the squared angle between unit vectors, in units of `sigma` (7 degrees)."""
    return 2 * (1 - (axis * wanted).sum(dim=-1)) / sigma**2


def height(
    at: Float[Tensor, "*batch"], wanted: Float[Tensor, "*batch"], sigma: float = 0.08
) -> Float[Tensor, "*batch"]:
    """Squared difference of two heights, metres, in units of `sigma`."""
    return ((at - wanted) / sigma).square()
