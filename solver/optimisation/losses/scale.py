"""How large an object may be made."""

import math

from jaxtyping import Float
from torch import Tensor


def scale_prior(
    grow: Float[Tensor, "*batch"], length: float, usual: float, sigma: float = 0.1
) -> Float[Tensor, "*batch"]:
    """Squared deviation of the logarithm of a size from that of its kind, in units of `sigma`.

    As PHOSA's prior (Zhang et al. 2020), a normal distribution around a typical size per class;
    on the logarithm, so that half and double cost alike.

    Args:
        grow: Natural logarithm of the scale.
        length: The object's as it is, metres.
        usual: That of its kind.
        sigma: Of the logarithm: .1 is ten percent.
    """
    return ((grow - math.log(usual / length)) / sigma).square()
