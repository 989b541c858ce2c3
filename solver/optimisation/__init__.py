"""From hypotheses to solutions: batched descent, an exact two-way finish, a ranking."""

from .optimise import optimise
from .refine import refine

__all__ = ["optimise", "refine"]
