"""The floor: nothing below it, planted parts on it."""

from jaxtyping import Bool, Float
from torch import Tensor

from .contact import huber

CENTIMETRE = 0.01


def below(
    height: Float[Tensor, "*batch points"], area: Float[Tensor, "*#batch #points"]
) -> Float[Tensor, "*batch"]:
    """Area-weighted squared depth in centimetres of points below the floor.

    Args:
        height: Above the floor, metres.
        area: Percent of the body that each point stands for.
    """
    return ((-height).clamp(min=0.0) / CENTIMETRE).square().mul(area).sum(dim=-1)


def planted(
    height: Float[Tensor, "*batch feet points"],
    flat: Bool[Tensor, " feet"],
    rest: Float[Tensor, "feet points"],
) -> Float[Tensor, "*batch feet"]:
    """How far planted parts are from standing on the floor, about squared centimetres.

    The lowest point of each is to be at height zero. Of a flat sole or palm every point is to be as
    high as in the T-pose: heel and ball on the floor, the arch above it.

    Args:
        height: Above the floor, metres; padded points repeat others of the same part.
        flat: Which parts lie on the floor with all of their underside.
        rest: Heights of the same points over the lowest one in the T-pose, metres.
    """
    lowest = huber(height.amin(dim=-1).abs())
    raised = ((height - rest) / CENTIMETRE - 0.3).clamp(min=0.0).square().mean(dim=-1)
    return 4 * lowest + (raised * flat.to(raised)).clamp(max=400.0)
