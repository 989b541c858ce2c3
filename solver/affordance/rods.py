"""Pieces of an object that a hand can close around, as centre, axis and radius."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from .features import Mask, Points, Shape, Vector

ROD_LEAST = 0.2
"""Least rodness of a piece's samples."""
THICKEST = 0.075
"""A hand does not close around more, metres."""
BEST_RADIUS, RADIUS_SPREAD = 0.016, 0.55
"""Radius that a hand likes, metres; spread in powers of e."""
HAND_WIDTH = 0.085
WINDOW = 0.045
"""Half the length of rod on which a hand's own axis and radius are measured, metres."""


@dataclass(frozen=True)
class Rod:
    """One rod-like piece; `members` are indices of samples."""

    members: Int[np.ndarray, " members"]
    centre: Vector
    axis: Vector
    """Unit, toward the bulk of the rest of the object: the working end."""
    radius: float
    length: float
    merit: float
    """How gladly a hand takes it, 0 to 1."""


def groups(points: Points, reach: float) -> Int[np.ndarray, " points"]:
    """Label of the connected piece that each point belongs to, by a largest gap."""
    pairs = cKDTree(points).query_pairs(reach, output_type="ndarray")
    count = len(points)
    graph = coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    return connected_components(graph, directed=False)[1]


def find_rods(shape: Shape) -> list[Rod]:
    """All rod-like pieces of a graspable thickness, best first."""
    mask = (shape.rodness > ROD_LEAST) & (shape.thickness < THICKEST) & (shape.clear_out > 0.012)
    rods = rods_in(shape, mask)
    whole = whole_rod(shape)
    return sorted([*rods, *whole], key=lambda rod: -rod.merit)


def rods_in(shape: Shape, mask: Mask) -> list[Rod]:
    """The connected pieces of a mask, measured."""
    chosen = np.flatnonzero(mask)
    if len(chosen) < 12:
        return []
    labels = groups(shape.points[chosen], max(2.5 * shape.spacing, 0.006))
    sizes = np.bincount(labels)
    big = np.flatnonzero(sizes >= max(12, 0.03 * sizes.max()))[:40]
    return [measure_rod(shape, chosen[labels == k]) for k in big]


def measure_rod(shape: Shape, members: Int[np.ndarray, " members"]) -> Rod:
    """Centre line, radius and merit of a piece."""
    points, normals = shape.points[members], shape.normals[members]
    centre = points.mean(axis=0)
    axis = np.linalg.svd((points - centre)[:: max(1, len(points) // 1500)])[2][0]
    way = (points - centre) @ axis
    length = float(np.percentile(way, 99) - np.percentile(way, 1))
    near = np.abs(way) < max(WINDOW, 0.1 * length)
    radius = _radius(points[near], normals[near], axis)
    axis = axis * _working_end(shape, members, centre, axis)
    fits = np.exp(-((np.log(max(radius, 1e-4) / BEST_RADIUS) / RADIUS_SPREAD) ** 2) / 2)
    long_enough = np.clip(length / HAND_WIDTH, 0, 1) ** 1.5 * (0.6 + 0.4 * min(length / 0.2, 1))
    straight = np.clip(1.5 * float(shape.rodness[members].mean()), 0.2, 1)
    return Rod(members, centre, axis, radius, length, float(fits * long_enough * straight))


def _radius(points: Points, normals: Points, axis: Vector) -> float:
    """Least-squares radius: along a rod's normal, its surface is one radius from its axis."""
    if len(points) < 4:
        return 0.0
    flat = points - points.mean(axis=0)
    flat = flat - np.outer(flat @ axis, axis)
    return float(np.median(np.linalg.norm(flat, axis=1)))


def _working_end(
    shape: Shape, members: Int[np.ndarray, " members"], centre: Vector, axis: Vector
) -> float:
    """+1 where the wider rest of the object lies beyond the rod's far end, else -1."""
    offset = shape.points - centre
    way = offset @ axis
    wide = np.linalg.norm(offset - np.outer(way, axis), axis=1)
    limit = 0.3 * np.ptp(way[members])
    ahead, behind = wide[way > limit], wide[way < -limit]
    bulk = (ahead**2).sum() - (behind**2).sum()
    scale = (wide**2).sum() + 1e-12
    if abs(bulk) < 0.15 * scale and abs(axis[1]) > 0.5:
        return 1.0 if axis[1] > 0 else -1.0
    return 1.0 if bulk >= 0 else -1.0


def whole_rod(shape: Shape) -> list[Rod]:
    """The object itself, where it is slim enough to be gripped around its girth (a bottle)."""
    order = np.argsort(shape.extent)[::-1]
    longest, second = shape.extent[order[0]], shape.extent[order[1]]
    if second > 0.12 or longest < 1.3 * second:
        return []
    axis = np.zeros(3)
    axis[order[0]] = 1.0
    girth = float(shape.extent[order[1]] + shape.extent[order[2]]) / 4
    members = np.arange(len(shape.points))
    centre = (shape.low + shape.high) / 2
    return [Rod(members, centre, axis, girth, float(longest), 0.12)]


def section(
    shape: Shape, rod: Rod, place: float
) -> tuple[Vector, Vector, float, Float[np.ndarray, " points"]]:
    """The rod around one hand: its local centre, axis, radius, and a score over all samples.

    Args:
        shape: The object.
        rod: The piece.
        place: Way along the axis from the rod's centre, metres.
    """
    points, normals = shape.points[rod.members], shape.normals[rod.members]
    way = (points - rod.centre) @ rod.axis - place
    near = np.abs(way) < WINDOW
    if near.sum() < 8:
        near = np.abs(way) <= np.partition(np.abs(way), min(8, len(way) - 1))[min(8, len(way) - 1)]
    local, axis = points[near], rod.axis
    if len(local) >= 24:
        values, vectors = np.linalg.eigh(normals[near].T @ normals[near])
        straight = vectors[:, 0] * np.sign(vectors[:, 0] @ rod.axis or 1.0)
        axis = straight if values[0] < 0.35 * values[1] and straight @ rod.axis > 0.7 else rod.axis
    centre = (local.max(axis=0) + local.min(axis=0)) / 2 * 0.5 + local.mean(axis=0) * 0.5
    offset = shape.points - centre
    along = offset @ axis
    wide = np.linalg.norm(offset - np.outer(along, axis), axis=1)
    radius = _radius(local, normals[near], axis)
    limit = max(1.5 * radius, 0.012)
    score = np.exp(-((along / (0.6 * HAND_WIDTH)) ** 2)) * (wide < limit) * (np.abs(along) < 0.08)
    return centre, axis, radius, score
