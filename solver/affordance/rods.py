"""Pieces of an object that a hand can close around, as centre, axis and radius."""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float, Int
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from .features import Mask, Points, Scores, Shape, Vector

Members = Int[np.ndarray, " members"]

ROD_LEAST = 0.2
"""Least rodness of a piece's samples."""
THICKEST = 0.075
"""A hand does not close around more, metres."""
BEST_RADIUS, RADIUS_SPREAD = 0.016, 0.55
"""Radius that a hand likes, metres; spread in powers of e."""
HAND_WIDTH = 0.085
WIDEST = 0.115
"""The broad side of what a hand spans, metres."""
BOW = 0.055
"""Half of what is looked at of a bent handle, metres."""
LONG = 0.25
"""Longer pieces are shafts, however bent, metres."""
TIP = 0.3
"""How much less gladly a hand takes what points ahead of a stout tool."""
LEAST_LENGTH = 0.04
FEW = 12
"""Samples that a piece needs."""
WINDOW = 0.045
"""Half the length of rod on which a hand's own axis and radius are measured, metres."""


@dataclass(frozen=True)
class Rod:
    """One rod-like piece; `members` are indices of samples."""

    members: Members
    centre: Vector
    axis: Vector
    """Unit, toward the bulk of the rest of the object: the working end."""
    radius: float
    length: float
    bridges: bool
    """Held at both ends, as a mug's handle is."""
    is_tip: bool
    """Points ahead of a stout tool: not what it is held by first."""
    merit: float
    """How gladly a hand takes it, 0 to 1."""


def groups(points: Points, reach: float) -> Int[np.ndarray, " points"]:
    """Label of the connected piece that each point belongs to, by a largest gap."""
    pairs = KDTree(points).query_pairs(reach, output_type="ndarray")
    count = len(points)
    graph = coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    return connected_components(graph, directed=False)[1]


def find_rods(shape: Shape) -> list[Rod]:
    """All rod-like pieces of a graspable thickness, the best to hold the object by first."""
    mask = (shape.rodness > ROD_LEAST) & (shape.thickness < THICKEST) & (shape.clear_out > 0.012)
    rods = [rod for piece in connected(shape, mask) for rod in rods_of_piece(shape, piece)]
    slim = [measure_rod(shape, piece) for piece in slim_slices(shape)]
    rods += [rod for rod in slim if rod is not None]
    return sorted(rods, key=lambda rod: -rod.merit * (TIP if rod.is_tip else 1.0))


def rods_of_piece(shape: Shape, piece: Members) -> list[Rod]:
    """A piece as rods: of a bent one the middle of its bow, else its stretches."""
    straight, bent = measure_rod(shape, piece), measure_rod(shape, bow(shape, piece))
    if straight is None:
        return [bent] if bent else []
    is_bent = len(straight.members) < 0.75 * len(piece) or _sag(shape, straight) > straight.radius
    if bent and is_bent and straight.length < LONG and bent.bridges:
        return [bent]
    rest = np.zeros(len(shape.points), bool)
    rest[np.setdiff1d(piece, straight.members)] = True
    more = [measure_rod(shape, crumb) for crumb in connected(shape, rest)]
    return [straight, *(rod for rod in more if rod)]


def _sag(shape: Shape, rod: Rod) -> float:
    """How far the rod's middle line strays from its axis, metres."""
    line = _middle_line(shape.points[rod.members], rod.axis) - rod.centre
    line = line - np.outer(line @ rod.axis, rod.axis)
    return float(np.linalg.norm(line - line.mean(axis=0), axis=1).max())


def connected(shape: Shape, mask: Mask) -> list[Members]:
    """The connected pieces of a mask, crumbs left out."""
    chosen = np.flatnonzero(mask)
    if len(chosen) < FEW:
        return []
    labels = groups(shape.points[chosen], max(2.5 * shape.spacing, 0.006))
    sizes = np.bincount(labels)
    big = np.flatnonzero(sizes >= max(FEW, 0.03 * sizes.max()))[:40]
    return [chosen[labels == k] for k in big]


def bow(shape: Shape, piece: Members) -> Int[np.ndarray, " stretch"]:
    """The middle of a bent handle: the stretch that stands farthest off the rest."""
    points = shape.points[piece]
    out = points.mean(axis=0) - shape.points.mean(axis=0)
    far = points @ (out / max(float(np.linalg.norm(out)), 1e-9))
    spot = points[far >= np.percentile(far, 92)].mean(axis=0)
    size = float(np.ptp(points, axis=0).max())
    near = np.linalg.norm(points - spot, axis=1) < min(BOW, 0.38 * size)
    return piece[near] if far[near].max(initial=-np.inf) >= far.max() - 1e-9 else piece[:0]


def slim_slices(shape: Shape) -> list[Members]:
    """Stretches where the whole object is slim enough for a hand: a bottle, a drill's waist."""
    pieces: list[Members] = []
    step = max(0.008, 2.5 * shape.spacing)
    for axis in range(3):
        index = np.floor((shape.points[:, axis] - shape.low[axis]) / step).astype(int)
        index = np.maximum(index, 0)
        across = np.delete(shape.points, axis, axis=1)
        low = np.full((index.max() + 1, 2), np.inf)
        high = -low
        np.minimum.at(low, index, across)
        np.maximum.at(high, index, across)
        size = np.sort(high - low, axis=1)
        for run in runs((size[:, 0] < THICKEST) & (size[:, 1] < WIDEST)):
            if (run.stop - run.start) * step > LEAST_LENGTH:
                pieces.append(np.flatnonzero((index >= run.start) & (index < run.stop)))
    return pieces


def runs(mask: Bool[np.ndarray, " bins"]) -> list[slice]:
    """The stretches of a mask that are true."""
    edge = np.flatnonzero(np.diff(np.r_[0, mask.astype(int), 0]))
    return [slice(int(a), int(b)) for a, b in zip(edge[::2], edge[1::2], strict=True)]


def measure_rod(shape: Shape, members: Members) -> Rod | None:
    """Centre line, radius and merit of a piece; None where nothing of it is a rod."""
    if len(members) < FEW:
        return None
    members = _trimmed(shape, members, _axis(shape, members))
    if len(members) < FEW:
        return None
    points = shape.points[members]
    axis = _axis(shape, members)
    centre = points.mean(axis=0)
    way = (points - centre) @ axis
    centre = centre + axis * (way.max() + way.min()) / 2
    length = float(np.ptp(way))
    radius = float(np.median(_girth(points, axis)))
    bridges = _goes_on(shape, centre, axis, length, radius)
    axis = axis * _working_end(shape, members, centre, axis, bridges=bridges)
    rod = Rod(members, centre, axis, radius, length, bridges, is_tip=False, merit=0.0)
    return replace(rod, is_tip=_is_tip(shape, rod), merit=_merit(shape, rod))


def _merit(shape: Shape, rod: Rod) -> float:
    """A graspable radius, room for a hand, round."""
    off = np.log(max(rod.radius, 1e-4) / BEST_RADIUS)
    fits = np.exp(-((off / (RADIUS_SPREAD if off > 0 else 1.5 * RADIUS_SPREAD)) ** 2) / 2)
    solid = float(np.median(shape.thickness[rod.members])) / max(rod.radius, 1e-4)
    fits *= np.clip((4.0 - solid) / 1.4, 0.05, 1)
    points, normals = shape.points[rod.members], shape.normals[rod.members]
    fits *= np.clip((roundness(points, normals, rod.axis) - 0.4) / 0.35, 0.05, 1)
    fits *= np.clip(1.1 - 2 * float(np.linalg.norm(normals.mean(axis=0))), 0.1, 1)
    room = np.clip(rod.length / (0.05 if rod.bridges else 0.12), 0, 1) ** 1.5
    long = 1.0 if rod.bridges else 0.6 + 0.4 * min(rod.length / 0.2, 1.0)
    merit = fits * room * long
    return float(merit)


def _is_tip(shape: Shape, rod: Rod) -> bool:
    """Whether a stout tool carries it before its front: a chuck, a spout, a side handle."""
    order = np.sort(shape.extent)
    if order[1] < 0.5 * order[2] or shape.front_confidence < 0.3:
        return False
    ahead = float((rod.centre - (shape.low + shape.high) / 2)[2])
    return ahead > 0.15 * float(shape.extent[2]) and abs(float(rod.axis[2])) > 0.7


def _goes_on(shape: Shape, centre: Vector, axis: Vector, length: float, radius: float) -> bool:
    """Whether the object goes on beyond both ends of a piece."""
    offset = shape.points - centre
    way = offset @ axis
    near = np.linalg.norm(offset - np.outer(way, axis), axis=1) < max(0.08, 3 * radius)
    limit = length / 2 + max(0.012, 1.2 * radius)
    return bool((near & (way > limit)).any() and (near & (way < -limit)).any())


def roundness(points: Points, normals: Points, axis: Vector) -> float:
    """How well the normals point away from the middle line: 1 for a cylinder, low for a strip."""
    offset = points - _middle_line(points, axis)
    offset = offset - np.outer(offset @ axis, axis)
    size = np.linalg.norm(offset, axis=1)
    return float((np.abs((offset * normals).sum(axis=1)) / np.maximum(size, 1e-6)).mean())


def _middle_line(points: Points, axis: Vector) -> Points:
    """The middle of each point's centimetre of the piece."""
    way = points @ axis
    index = np.floor((way - way.min()) / 0.01).astype(int)
    count = np.maximum(np.bincount(index), 1)[:, None]
    return (np.stack([np.bincount(index, column) for column in points.T], axis=1) / count)[index]


def _axis(shape: Shape, members: Members) -> Vector:
    """Along the piece; of a stout one, the direction that all its normals avoid."""
    points, normals = shape.points[members], shape.normals[members]
    flat = points - points.mean(axis=0)
    size, axes = np.linalg.svd(flat[:: max(1, len(flat) // 1500)], full_matrices=False)[1:]
    if size[0] > 3 * size[1]:
        return axes[0]
    values, vectors = np.linalg.eigh(normals.T @ normals)
    return vectors[:, 0] if values[0] < 0.4 * values[1] else axes[0]


def _girth(points: Points, axis: Vector) -> Float[np.ndarray, " points"]:
    """Distance from the middle line, across the axis."""
    offset = points - _middle_line(points, axis)
    return np.linalg.norm(offset - np.outer(offset @ axis, axis), axis=1)


def _trimmed(shape: Shape, members: Members, axis: Vector) -> Int[np.ndarray, " kept"]:
    """Without the ends where the piece is wider than a rod: the hammer's head, a handle's roots."""
    points = shape.points[members]
    girth = _girth(points, axis)
    index = np.floor((points @ axis - (points @ axis).min()) / 0.01).astype(int)
    widest = np.zeros(index.max() + 1)
    np.maximum.at(widest, index, girth)
    good = (widest > 0) & (widest < 1.7 * np.median(girth) + 0.003)
    good |= widest == 0
    stretches = runs(good)
    if not stretches:
        return members[:0]
    best = max(stretches, key=lambda run: run.stop - run.start)
    return members[(index >= best.start) & (index < best.stop)]


def _working_end(
    shape: Shape, members: Members, centre: Vector, axis: Vector, *, bridges: bool
) -> float:
    """+1 where the wider rest of the object lies beyond the rod's far end, else -1.

    Where the ends are about alike (a mug's handle, a drill's), an upright axis points up.
    """
    offset = shape.points - centre
    way = offset @ axis
    wide = np.linalg.norm(offset - np.outer(way, axis), axis=1)
    limit = 0.4 * np.ptp(way[members])
    bulk = (wide[way > limit] ** 2).sum() - (wide[way < -limit] ** 2).sum()
    scale = (wide**2).sum() + 1e-12
    if abs(bulk) < (0.42 if bridges else 0.25) * scale and abs(axis[1]) > 0.5:
        return 1.0 if axis[1] > 0 else -1.0
    return 1.0 if bulk >= 0 else -1.0


def outermost(shape: Shape, rod: Rod) -> float:
    """Way along the axis of the place that stands farthest off the object: the bow's middle."""
    points = shape.points[rod.members]
    out = rod.centre - shape.points.mean(axis=0)
    out = out - rod.axis * (out @ rod.axis)
    far = (points - rod.centre) @ out
    top = far >= np.percentile(far, 85)
    return float(((points[top] - rod.centre) @ rod.axis).mean())


def section(shape: Shape, rod: Rod, place: float) -> tuple[Vector, Vector, float]:
    """The rod around one hand: its local centre, axis and radius.

    Args:
        shape: The object.
        rod: The piece.
        place: Way along the axis from the rod's centre, metres.
    """
    points, normals = shape.points[rod.members], shape.normals[rod.members]
    way = np.abs((points - rod.centre) @ rod.axis - place)
    near = way <= max(min(WINDOW, 0.4 * rod.length), np.partition(way, FEW - 1)[FEW - 1])
    local, axis = points[near], rod.axis
    values, vectors = np.linalg.eigh(normals[near].T @ normals[near])
    straight = vectors[:, 0] * (1.0 if vectors[:, 0] @ rod.axis >= 0 else -1.0)
    if values[0] < 0.35 * values[1] and straight @ rod.axis > 0.8:
        axis = straight
    centre = (local.max(axis=0) + local.min(axis=0)) / 4 + local.mean(axis=0) / 2
    return centre, axis, float(np.median(_girth(local, axis)))


def around(points: Points, centre: Vector, axis: Vector, radius: float) -> Scores:
    """How near samples are to where a hand closes around a rod."""
    offset = points - centre
    along = offset @ axis
    wide = np.linalg.norm(offset - np.outer(along, axis), axis=1)
    limit = max(1.6 * radius, 0.012)
    return np.exp(-((along / (0.6 * HAND_WIDTH)) ** 2)) * (wide < limit) * (np.abs(along) < 0.08)
