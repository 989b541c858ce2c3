"""From hypotheses to solutions: batched descent, an exact two-way finish, a ranking."""

from .fingers import close_fingers_of
from .optimise import optimise
from .refine import refine

__all__ = ["close_fingers_of", "optimise", "refine"]
