"""How sure one can be of a share or a mean: intervals at 95 %."""

import math
from collections.abc import Sequence

import numpy as np

Z = 1.959964
"""Two-sided 95 % of the normal distribution."""
ENOUGH = 100
"""Pairs below which no claim is made."""


def wilson(hits: int, trials: int) -> tuple[float, float]:
    """The interval of a share (Wilson 1927); (0, 1) without trials."""
    if trials == 0:
        return 0.0, 1.0
    share, bonus = hits / trials, Z**2 / trials
    middle = (share + bonus / 2) / (1 + bonus)
    half = Z * math.sqrt(share * (1 - share) / trials + bonus / (4 * trials)) / (1 + bonus)
    return max(0.0, middle - half), min(1.0, middle + half)


def bootstrap(
    groups: Sequence[Sequence[float]], seed: int = 0, draws: int = 4000
) -> tuple[float, float]:
    """The interval of the mean of group means, drawing whole groups.

    Groups are jobs: pictures of one job are no independent evidence. Not a number where there is
    no group.
    """
    means = np.array([float(np.mean(group)) for group in groups if len(group)])
    if not len(means):
        return math.nan, math.nan
    chosen = np.random.default_rng(seed).integers(len(means), size=(draws, len(means)))
    low, high = np.percentile(means[chosen].mean(axis=1), [2.5, 97.5])
    return float(low), float(high)


def sign_test(wins: int, losses: int) -> float:
    """The chance of so uneven a score, or a more uneven one, between equals; ties left out."""
    trials = wins + losses
    tail = sum(math.comb(trials, k) for k in range(min(wins, losses) + 1)) / 2**trials
    return min(1.0, 2 * tail)
