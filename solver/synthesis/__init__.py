"""From a plan to starting points: the pose library, placed by a search."""

from .synthesise import synthesise

__all__ = ["synthesise"]
