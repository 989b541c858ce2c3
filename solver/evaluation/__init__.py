"""What a solution is worth, in numbers that an artist can read."""

from .metrics import measure

__all__ = ["measure"]
