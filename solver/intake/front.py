"""Which way an object faces: a handful of cues, each a score per horizontal direction."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from ..artefacts import ObjectPrior
from .shape import Shape, asymmetry, turned, yaw_of_footprint

Scores = NDArray[np.float64]
"""Log odds of the four directions in `SIDES`."""
SIDES = np.array([[0.0, 0, 1], [1, 0, 0], [0, 0, -1], [-1, 0, 0]])
"""+Z, +X, -Z, -X: each a quarter turn after the one before."""


@dataclass(frozen=True)
class Facing:
    """The guessed front."""

    yaw: float
    """Angle about Y, radians, that turns the front to +Z."""
    confidence: float
    """In [0, 1]; 0 where two directions look equally good."""


def guess_front(shape: Shape, prior: ObjectPrior, scale: float, *, askew: bool = True) -> Facing:
    """Where an upright object's front is.

    Args:
        shape: Upright, source units.
        prior: What its noun says about size and front.
        scale: Metres per source unit.
        askew: It may stand turned by any angle, as furniture in a room does.
    """
    skew = yaw_of_footprint(shape) if askew else 0.0
    square = turned(shape, about_y(skew)) if skew else shape
    scores = _proportions(square, prior, scale) + _mirror(square) + USUAL
    for cue, weight in _cues(prior):
        scores = scores + weight * cue(square)
    best = int(scores.argmax())
    ordered = np.sort(scores)
    confidence = 1.0 - float(np.exp(ordered[-2] - ordered[-1]))
    return Facing(skew - best * np.pi / 2, confidence)


def about_y(angle: float) -> NDArray[np.float64]:
    """Rotation about Y that takes +Z toward +X."""
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, 0.0, s], [0.0, 1.0, 0.0], [-s, 0.0, c]])


USUAL = np.array([0.25, 0.0, 0.1, 0.0])
"""Most files that are upright face +Z; it decides only where nothing else does."""


def _cues(prior: ObjectPrior) -> list[tuple[Callable[[Shape], Scores], float]]:
    """Which cues speak for an object, and how loudly."""
    if prior.front == "travel":
        return _travel_cues(prior.category)
    if prior.front == "screen" and prior.category != "laptop":
        return [(_bare_side, 3.0), (_reclined, 1.5)]
    table: dict[str, list[tuple[Callable[[Shape], Scores], float]]] = {
        "backrest": [(_reclined, 4.0), (_top_behind, 3.0)],
        "headboard": [(_reclined, 4.0), (_top_behind, 4.0)],
        "screen": [(_reclined, 4.0), (_top_behind, 4.0)],
        "keys": [(_reclined, 4.0), (_top_behind, 3.0)],
        "drawers": [(_hollow, 4.0)],
        "door": [(_hollow, 4.0)],
        "handle": [(_handle(prior), 4.0)],
        "face": [(_toes, 4.0), (_top_behind, 0.5)],
    }
    if prior.category in {"ladder", "stairs", "slide"}:
        return [(_top_behind, 4.0)]
    return table.get(prior.front, [(_reclined, 2.0), (_top_behind, 1.0)])


def _travel_cues(category: str) -> list[tuple[Callable[[Shape], Scores], float]]:
    if category in {"cycle", "board"}:
        return [(_handlebar, 5.0)]
    if category in {"mount", "animal"}:
        return [(_head, 5.0)]
    if category in {"pistol", "rifle", "power_tool", "camera"}:
        return [(_muzzle, 4.0)]
    return [(_low_nose, 4.0), (_handlebar, 1.0)]


def _directed(vector: NDArray[np.float64]) -> Scores:
    """Scores of a vector: positive along it, negative against it."""
    return SIDES @ vector


def _proportions(shape: Shape, prior: ObjectPrior, scale: float) -> Scores:
    """Width across and depth along, as the noun expects."""
    if prior.size is None or prior.front == "none":
        return np.zeros(4)
    usual = np.log(prior.size[0] / prior.size[2])
    found = np.log(max(shape.extent[0], 1e-12) / max(shape.extent[2], 1e-12))
    along_z = -min(((found - usual) / 0.35) ** 2 / 2, 4.0)
    along_x = -min(((-found - usual) / 0.35) ** 2 / 2, 4.0)
    return np.array([along_z, along_x, along_z, along_x])


def _mirror(shape: Shape) -> Scores:
    """Things are alike left and right, seldom front and back."""
    across_x, across_z = asymmetry(shape.points, np.eye(3)[[0, 2]])
    better = float(np.clip((across_z - across_x) / 0.02, -1.5, 1.5))
    return np.array([better, -better, better, -better])


def _reclined(shape: Shape) -> Scores:
    """What rises behind a seat, a mattress or a keyboard, and nothing before it."""
    height = shape.extent[1]
    level = shape.points[:, 1] / height
    flat = shape.points[(shape.normals[:, 1] > 0.85) & (level > 0.01) & (level < 0.85)]
    if len(flat) < 20:
        return np.zeros(4)
    above = flat + np.array([0.0, 1e-3 * height, 0.0])
    flat = flat[shape.cast(above, np.array([0.0, 1.0, 0.0])) > 0.6 * height]
    if len(flat) < 20:
        return np.zeros(4)
    eye = flat + np.array([0.0, 0.12 * height, 0.0])
    blocked = np.array([np.isfinite(shape.cast(eye, side)).mean() for side in SIDES])
    return np.roll(blocked, 2) - blocked


def _top_behind(shape: Shape) -> Scores:
    """The upper part leans or stands toward the back."""
    level = shape.points[:, 1] / shape.extent[1]
    upper, lower = shape.points[level > 0.7], shape.points[level < 0.5]
    if not len(upper) or not len(lower):
        return np.zeros(4)
    shift = (lower.mean(axis=0) - upper.mean(axis=0)) / shape.extent.clip(1e-12)
    return np.clip(_directed(shift) * 3.0, -1.0, 1.0)


def _bare_side(shape: Shape) -> Scores:
    """A screen is the outermost large plane; behind it there are a housing, a neck, ribs."""
    upper = shape.points[:, 1] > 0.35 * shape.extent[1]
    scores = np.zeros(4)
    for k, side in enumerate(SIDES):
        along = shape.points[upper] @ side / max(abs(shape.extent @ side), 1e-12)
        facing = shape.normals[upper] @ side > 0.95
        if facing.sum() < 20:
            scores[k] = -1.0
            continue
        counts, edges = np.histogram(along[facing], bins=60)
        plane = edges[int(counts.argmax()) + 1]
        scores[k] = counts.max() / len(along) - min(float(along.max() - plane), 0.5) * 2.0
    return scores


def _hollow(shape: Shape) -> Scores:
    """Drawers, doors, shelves and knee holes: the front has relief, the back is flat."""
    relief = np.zeros(4)
    for k, side in enumerate(SIDES):
        across = np.array([side[2], 0.0, -side[0]])
        width, depth = abs(shape.extent @ across), abs(shape.extent @ side)
        u, v = np.meshgrid(np.linspace(-0.46, 0.46, 24), np.linspace(0.06, 0.94, 24))
        start = (
            u.reshape(-1, 1) * width * across
            + v.reshape(-1, 1) * np.array([0.0, shape.extent[1], 0.0])
            + side * depth
        )
        free = shape.cast(start, -side) - depth / 2
        inward = np.clip(free / depth, 0.0, 1.0)
        relief[k] = np.abs(inward - np.median(inward)).mean()
    more = np.log((relief + 2e-4) / (np.roll(relief, 2) + 2e-4))
    return np.clip(more, -1.0, 1.0)


def _handle(prior: ObjectPrior) -> Callable[[Shape], Scores]:
    """A handle sticks out to the right hand of the one who faces the object, or toward them.

    A long thing's handle points along its length, toward the front; the ear of a cup to the side.
    """
    width, _, depth = prior.size or (1.0, 1.0, 0.5)

    def cue(shape: Shape) -> Scores:
        middle = np.median(shape.points, axis=0)
        reach = np.array([float(((shape.points - middle) @ side).max()) for side in SIDES])
        surplus = (reach - np.roll(reach, 2)) / shape.extent[[0, 2]].max()
        if depth > width:
            return np.clip(3.0 * surplus, -1.0, 1.0)
        return np.clip(3.0 * np.roll(surplus, -1), -1.0, 1.0)

    return cue


def _toes(shape: Shape) -> Scores:
    """Feet stick out before the shins; each foot is judged by itself."""
    level = shape.points[:, 1] / shape.extent[1]
    feet, shins = shape.points[level < 0.06], shape.points[(level > 0.08) & (level < 0.25)]
    if len(feet) < 8 or len(shins) < 8:
        return np.zeros(4)
    pairs = KDTree(feet).query_pairs(0.05 * shape.extent[1], output_type="ndarray")
    graph = coo_matrix((np.ones(len(pairs)), pairs.T), shape=(len(feet), len(feet)))
    foot = connected_components(graph, directed=False)[1]
    scores = np.zeros(4)
    for k in range(foot.max() + 1):
        sole = feet[foot == k]
        low, high = sole.min(axis=0)[[0, 2]], sole.max(axis=0)[[0, 2]]
        flat, radius = shins[:, [0, 2]], float((high - low).max())
        shin = shins[((flat > low) & (flat < high)).all(axis=1)]  # No hand that hangs beside it.
        if len(sole) > 0.1 * len(feet) and len(shin) > 3:
            reach = ((sole - shin.mean(axis=0)) @ SIDES.T).max(axis=0)
            scores += np.clip((reach - np.roll(reach, 2)) / radius * 2.0, -1.0, 1.0)
    return np.clip(scores, -1.0, 1.0)


def _handlebar(shape: Shape) -> Scores:
    """The widest part of the upper half is the handlebar; it is at the front."""
    level = shape.points[:, 1] / shape.extent[1]
    upper = shape.points[level > 0.6]
    scores = np.zeros(4)
    if not len(upper):
        return scores
    for k, side in enumerate(SIDES):
        across = np.abs(upper @ np.array([side[2], 0.0, -side[0]]))
        wide = upper[across > 0.6 * across.max()]
        length = abs(shape.extent @ side)
        scores[k] = float(np.clip((wide @ side).mean() / length * 4.0, -1.0, 1.0))
    return scores


def _head(shape: Shape) -> Scores:
    """An animal's head is the highest or, on a long neck, the farthest part at one end."""
    level = shape.points[:, 1] / shape.extent[1]
    top = shape.points[level > 0.85]
    if not len(top):
        return np.zeros(4)
    return np.clip(_directed(top.mean(axis=0) / shape.extent) * 3.0, -1.0, 1.0)


def _muzzle(shape: Shape) -> Scores:
    """The upper part of a pistol grip tool reaches farther to the front than the grip."""
    level = shape.points[:, 1] / shape.extent[1]
    upper, lower = shape.points[level > 0.65], shape.points[level < 0.45]
    if len(upper) < 8 or len(lower) < 8:
        return np.zeros(4)
    reach = np.array([(upper @ s).max() - (lower @ s).max() for s in SIDES])
    return np.clip((reach - np.roll(reach, 2)) / shape.extent[[0, 2]].max() * 2.0, -1.0, 1.0)


def _low_nose(shape: Shape) -> Scores:
    """A vehicle's bonnet is lower than its cabin and tail."""
    scores = np.zeros(4)
    for k, side in enumerate(SIDES):
        along = shape.points @ side / abs(shape.extent @ side)
        ahead, behind = shape.points[along > 0.2], shape.points[along < -0.2]
        if not len(ahead) or not len(behind):
            continue
        lower = _skyline(behind, side) - _skyline(ahead, side)
        scores[k] = np.clip(lower / shape.extent[1] * 4.0, -1.0, 1.0)
    return scores


def _skyline(points: NDArray[np.float64], side: NDArray[np.float64]) -> float:
    """Mean height of the highest samples in slices across one direction."""
    along = points @ side
    slices = ((along - along.min()) / max(float(np.ptp(along)), 1e-12) * 9.99).astype(int)
    heights = [points[slices == k, 1].max() for k in range(10) if (slices == k).any()]
    return float(np.mean(heights))
