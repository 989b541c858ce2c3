"""Body and object face each other where they touch."""

from jaxtyping import Float
from torch import Tensor


def opposition(
    body: Float[Tensor, "*#batch points 3"],
    surface: Float[Tensor, "*#batch points 3"],
    share: Float[Tensor, "*#batch points"],
) -> Float[Tensor, "*broadcast"]:
    """Weighted (n_body . n_object + 1)^2: 0 where the unit normals oppose, 4 where they agree."""
    return (((body * surface).sum(dim=-1) + 1).square() * share).sum(dim=-1)
