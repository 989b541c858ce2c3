"""What a solution is worth, in numbers that an artist can read."""

from .metrics import measure
from .remarks import remarks

__all__ = ["measure", "remarks"]
