"""Which way is up, and how long is a unit: guesses for files that do not say."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..artefacts import ObjectPrior
from .shape import Shape, asymmetry, outline_area, stability, turned

UNITS = {1.0: "metres", 0.01: "centimetres", 0.001: "millimetres", 0.0254: "inches"}
SNAP = {1.0: 1.55, 0.01: 1.55, 0.001: 1.55, 0.0254: 1.4}
"""A guessed unit within this factor of a usual one is that unit."""
FIRM_HEIGHT = frozenset(
    {"seat", "table", "counter", "humanoid", "mount", "animal", "door", "cycle", "cart", "board"}
)
"""Categories whose height people's bodies set: it tells the scale better than the width."""
SHEET = 0.02
"""Thickness over length below which an object has none."""
RAISED = frozenset({"table", "counter"})
"""Categories that hold a surface up: it lies high, the legs below it."""
CONTAINER = frozenset(
    {"cup", "bin", "bowl", "jar", "jug", "pan", "box", "bag", "bottle", "bath", "sink"}
)
"""Categories that stand on a flat bottom and may be open above."""
UPS: dict[str, tuple[NDArray[np.float64], float]] = {
    "+y": (np.array([[1.0, 0, 0], [0, 1, 0], [0, 0, 1]]), 0.0),
    "+z": (np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]]), -0.7),
    "-z": (np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]]), -2.0),
    "+x": (np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]]), -3.0),
    "-x": (np.array([[0.0, 1, 0], [-1, 0, 0], [0, 0, 1]]), -3.5),
    "-y": (np.array([[1.0, 0, 0], [0, -1, 0], [0, 0, -1]]), -3.5),
}
"""Rotation that brings the axis up, and how usual it is (log odds): glTF and OBJ are Y up, CAD and
Blender Z up; the others come from conversions applied twice."""


@dataclass(frozen=True)
class Upright:
    """One reading of the file's axes and unit."""

    up: str
    shape: Shape
    scale: float
    """Metres per source unit."""
    confidence: float
    """Of the up axis, in [0, 1]."""


def guess_upright(shape: Shape, prior: ObjectPrior, *, sideways: str = "auto") -> Upright:
    """The most plausible up axis and unit.

    Args:
        shape: The object as it came.
        prior: What its noun says.
        sideways: The source axis that is known to be the front, hence not up; or `auto`.
    """
    readings = []
    for up, (rotation, usual) in UPS.items():
        if sideways[1:] == up[1:]:
            continue
        stood = turned(shape, rotation)
        scale = guess_scale(stood.extent, prior)
        readings.append((usual + _plausible(stood, scale, prior), up, stood, scale))
    scores = np.array([reading[0] for reading in readings])
    axes = ["xyz".index(reading[1][1]) for reading in readings]
    mirror = asymmetry(shape.points, np.eye(3))[axes]
    scores -= 2.0 * np.exp(-mirror / 0.004)  # few things are alike above and below
    odds = np.exp(scores - scores.max())
    best = int(scores.argmax())
    _, up, stood, scale = readings[best]
    return Upright(up, stood, scale, float(odds[best] / odds.sum()))


def guess_scale(extent: NDArray[np.float64], prior: ObjectPrior) -> float:
    """Metres per source unit for an object that stands upright, snapped to a usual unit."""
    if prior.size is None:
        longest = float(extent.max())
        return next((unit for unit in UNITS if 0.02 <= longest * unit <= 12.0), 1.0)
    ratio, weight = _ratios(extent, prior)
    scale = float(np.exp((ratio * weight).sum() / weight.sum()))
    near = {unit: abs(np.log(scale / unit)) / np.log(SNAP[unit]) for unit in UNITS}
    unit = min(near, key=near.__getitem__)
    return unit if near[unit] <= 1.0 else scale


def size_ratio(extent: NDArray[np.float64], prior: ObjectPrior) -> float:
    """How many times larger than usual an object is, whichever way it lies; 1 if unknown.

    A side that is next to nothing, like a bare plane's, says nothing of the others' unit.
    """
    if prior.size is None:
        return 1.0
    usual, found = np.sort(prior.size), np.sort(extent)
    weight = np.where(found < SHEET * found[-1], 0.0, usual / usual.max())
    ratio = np.log(np.maximum(found, 1e-9) / usual)
    return float(np.exp((ratio * weight).sum() / weight.sum()))


def _ratios(
    extent: NDArray[np.float64], prior: ObjectPrior
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Log of usual over found, and its weight: height, smaller and larger horizontal side."""
    width, height, depth = prior.size or (1.0, 1.0, 1.0)
    usual = np.array([height, min(width, depth), max(width, depth)])
    found = np.array([extent[1], min(extent[0], extent[2]), max(extent[0], extent[2])])
    weight = usual / usual.max()
    weight[0] *= 3.0 if prior.category in FIRM_HEIGHT else 1.0
    return np.log(usual / np.maximum(found, 1e-12)), weight


def _plausible(shape: Shape, scale: float, prior: ObjectPrior) -> float:
    """Log odds that an object stands like this."""
    score = 0.0
    if prior.size is not None:
        ratio, _ = _ratios(shape.extent * scale, prior)
        score -= float(np.minimum((ratio / 0.3) ** 2 / 2, 4.0).sum())
    margin, share = stability(shape)
    score += 4.0 * float(np.clip(margin, -0.4, 0.3)) + 2.0 * share
    level = shape.points[:, 1] / max(shape.extent[1], 1e-12)
    score -= 3.0 * float(level.mean() - 0.5)
    covered = shape.each / max(outline_area(shape), 1e-12)
    top = min(1.0, covered * int(((shape.normals[:, 1] > 0.9) & (level > 0.93)).sum()))
    bottom = min(1.0, covered * int(((shape.normals[:, 1] < -0.9) & (level < 0.07)).sum()))
    if prior.category in RAISED or (prior.category == "seat" and prior.front == "none"):
        score += 2.5 * (top - bottom)
    if prior.category in CONTAINER:
        score += 1.5 * (bottom - top)
    return score
