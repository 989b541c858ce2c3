"""How tall and heavy people are, by sex and age."""

import numpy as np

ADULT = 30.0
"""Years, when nothing is said."""

_GROWTH = np.array([
    # years, height of girls, of boys (metres), body mass index of girls, of boys
    (2, 0.86, 0.87, 16.2, 16.5), (4, 1.02, 1.03, 15.4, 15.6), (6, 1.15, 1.16, 15.4, 15.5),
    (8, 1.27, 1.28, 16.0, 16.0), (10, 1.38, 1.38, 17.0, 16.8),
    (12, 1.51, 1.49, 18.2, 17.9), (14, 1.60, 1.63, 19.6, 19.2), (16, 1.625, 1.73, 20.6, 20.6),
    (18, 1.63, 1.765, 21.2, 21.7), (30, 1.635, 1.77, 22.4, 23.6), (50, 1.63, 1.765, 24.0, 25.0),
    (70, 1.60, 1.735, 25.0, 25.5), (90, 1.56, 1.69, 24.0, 24.5),
])  # fmt: skip
"""Typical people, rounded from public growth charts and surveys."""


def typical_height(years: float, sex: float) -> float:
    """Metres; `sex` is 0 female to 1 male."""
    return _typical(years, sex, column=1)


def typical_index(years: float, sex: float) -> float:
    """Body mass index: kilograms over squared metres of stature."""
    return _typical(years, sex, column=3)


def _typical(years: float, sex: float, column: int) -> float:
    girls, boys = (np.interp(years, _GROWTH[:, 0], _GROWTH[:, column + k]) for k in (0, 1))
    return float(girls * (1 - sex) + boys * sex)
