"""From hypotheses to solutions: batched descent, an exact two-way finish, a ranking."""

from .optimise import optimise

__all__ = ["optimise"]
