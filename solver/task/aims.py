"""Where the working end of a held thing points, by the planned attitude."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from ..vocabulary import HeldAttitude


@dataclass(frozen=True)
class Aim:
    """A direction beside a person, and how exactly it is meant."""

    up: float
    ahead: float
    left: float = 0.0
    """The three are a unit vector."""
    sigma: float = 0.12
    """Radians."""

    def seen(self, ahead: Float[Tensor, "*batch 3"]) -> Float[Tensor, "*batch 3"]:
        """The direction beside somebody who faces `ahead`, a level unit vector; world frame."""
        up = torch.tensor([0.0, 1.0, 0.0]).to(ahead).expand_as(ahead)
        return self.up * up + self.ahead * ahead + self.left * torch.linalg.cross(up, ahead)


AIMS: Mapping[HeldAttitude, Aim] = {
    "aimed_forward": Aim(0.0, 1.0),
    "aimed_down": Aim(-1.0, 0.0),
    "aimed_up": Aim(1.0, 0.0),
    # From the hand before the chest over the shoulder; what it lies on says the rest.
    "shouldered": Aim(0.5, -0.866, sigma=0.3),
    # A fist closes across the forearm: what hangs from it does not hang straight down.
    "hanging": Aim(-0.6, 0.8, sigma=0.35),
    "face_down": Aim(-1.0, 0.0, sigma=0.2),
    "scooping": Aim(-0.65, 0.76, sigma=0.15),
    "across": Aim(0.42, 0.2, 0.885, sigma=0.2),
}
