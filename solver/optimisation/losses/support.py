"""Forces at the contacts balance a weight: the body's own, or that of a held object."""

import torch
from jaxtyping import Float
from torch import Tensor

from ...statics import Contacts, least_residual, value_at, wrenches

FRICTION = 0.5
EDGES = 4
RIDGE = 1e-2
"""Cost of a squared push: it spreads the load over the contacts, which smooths the search."""
SIGMA = 0.1
"""A tenth of the weight, or the weight a tenth of the radius beside what carries it."""


def unbalanced(
    contacts: Contacts,
    centre: Float[Tensor, "batch 3"],
    radius: float,
    share: Float[Tensor, "batch generators"],
) -> Float[Tensor, " batch"]:
    """Squared wrench that the pushes leave of a unit weight, in units of `SIGMA`; 100 in the air.

    Pushes are held at their shares between refreshed solutions of the quadratic programme; where
    one was found the gradient is that of the optimum, with respect to contacts and centre.

    Args:
        contacts: World frame, metres; `most` in weights, soft in the distance.
        centre: Centre of mass.
        radius: What torques are divided by, metres.
        share: From `best_shares`.
    """
    W, most = wrenches(contacts, centre, _full(centre, radius), FRICTION, EDGES)
    return value_at(W, _upward(centre), most, share, RIDGE) / SIGMA**2


def best_shares(
    contacts: Contacts,
    centre: Float[Tensor, "batch 3"],
    radius: float,
    start: Float[Tensor, "batch 6"] | None = None,
) -> tuple[Float[Tensor, "batch generators"], Float[Tensor, "batch 6"]]:
    """The pushes that carry best, as shares of their bounds, and what they leave over."""
    with torch.no_grad():
        W, most = wrenches(contacts, centre, _full(centre, radius), FRICTION, EDGES)
        found = least_residual(W, _upward(centre), torch.zeros_like(most), most, RIDGE, start)
    return found.share, found.left


def _full(centre: Float[Tensor, "batch 3"], value: float) -> Float[Tensor, " batch"]:
    return torch.full_like(centre[:, 0], value)


def _upward(centre: Float[Tensor, "batch 3"]) -> Float[Tensor, "batch 6"]:
    return centre.new_tensor([0.0, 1.0, 0.0, 0.0, 0.0, 0.0]).expand(len(centre), 6)
