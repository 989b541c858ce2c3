"""The paper's Eq. 9 as it is written. Kept so that the two can be compared."""

from jaxtyping import Float
from torch import Tensor


def literal_closure(
    body: Float[Tensor, "*#batch points 3"],
    surface: Float[Tensor, "*#batch points 3"],
    share: Float[Tensor, "*#batch points"],
) -> Float[Tensor, "*broadcast"]:
    """Sum over sparse contacts of the squared normal component of the force.

    Zhang et al. 2025, InteractAnything, Eq. 9: per vertex the components of a force along the
    normal, summed and squared. The force itself has no formula there; we take a unit push along
    the skin's normal. It knows no torque, no sum over the contacts and no friction: an opposing
    pinch and a push from one side both cost 2, and it is least where no force has a normal part.

    Args:
        body: Unit normals of the skin at the contacts.
        surface: Unit normals of the object there.
        share: Weight of each contact.
    """
    return ((body * surface).sum(dim=-1).square() * share).sum(dim=-1)
