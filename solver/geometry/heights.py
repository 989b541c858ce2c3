"""What one stands on, at each place."""

from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor


@dataclass(frozen=True)
class Heights:
    """A map of heights over x and z, metres, read at the nearest node; its border goes on."""

    height: Float[Tensor, "x z"]
    """Of the floor, a carpet, a step."""
    lowest: Float[Tensor, "x z"]
    """The lowest within reach of a foot: nothing of the body is below it."""
    uneven: Float[Tensor, "x z"]
    """Differences under a sole."""
    low: Float[Tensor, "2"]
    step: float

    def at(
        self, values: Float[Tensor, "x z"], points: Float[Tensor, "*batch 3"]
    ) -> Float[Tensor, "*batch"]:
        """One of the maps at points of the world; no gradient goes through it."""
        node = ((points.detach()[..., [0, 2]] - self.low) / self.step).round().long()
        x = node[..., 0].clamp(0, values.shape[0] - 1)
        z = node[..., 1].clamp(0, values.shape[1] - 1)
        return values[x, z]
