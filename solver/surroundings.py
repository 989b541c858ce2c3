"""What stands around the object: a noun of its own, made where a job brings a scene."""

from dataclasses import dataclass

from jaxtyping import Int
from torch import Tensor

from .geometry.free_space import FreeSpace
from .geometry.heights import Heights


@dataclass(frozen=True)
class Surroundings:
    """Everything else that is visible, as far as the person may get; world frame."""

    space: FreeSpace
    """Distances, positive where one can get to."""
    ground: Heights
    floor: float
    """Height of the floor where nothing else is found to stand on."""
    owner: Int[Tensor, " faces"]
    """Which of the names each face of `space.surface.mesh` belongs to."""
    names: tuple[str, ...]

    def name_of(self, face: int) -> str:
        """The obstacle that a face belongs to."""
        return self.names[int(self.owner[face])]
