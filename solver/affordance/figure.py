"""Figures with limbs (statues, robots, dolls, animals): the ends of what sticks out."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import KDTree

from ..artefacts import Contact
from .features import Mask, Points, Shape, thin
from .study import Found, Study, bump, compact, nothing, ramp

CELLS = 45.0
"""Cells along the longest side of the graph on which ways along the surface are measured."""
TIP_AREA = 0.16
"""A tip is the farthest point within this share of the longest side."""
FINGERS = 0.4
"""How far from its tip a hand is clasped that is shaken, in radii of the tip's area."""
LEVELS = 40
"""Steps in which a limb is followed back from its end."""
ROOT = 0.1
"""How much of a limb is where it leaves the trunk, share of the longest side."""


@dataclass(frozen=True)
class Walk:
    """Ways along the surface, and where they end."""

    points: Points
    graph: csr_matrix
    """How far neighbouring points are apart, metres."""
    way: Float[np.ndarray, " points"]
    """From the middle."""
    ends: Int[np.ndarray, " ends"]
    """Farther than all that is around them."""


def walk(shape: Shape) -> Walk:
    """Shortest ways along the surface from the middle, over gaps where parts are loose."""
    longest = float(shape.extent.max())
    cell = max(longest / CELLS, shape.spacing)
    points = shape.points[thin(shape.points, cell)]
    graph = _graph(points, cell)
    labels = connected_components(graph, directed=False)[1]
    main = np.flatnonzero(labels == np.bincount(labels).argmax())
    middle = points.mean(axis=0)
    root = main[((points[main] - middle) ** 2).sum(axis=1).argmin()]
    way = dijkstra(graph, directed=False, indices=root)
    kept = np.isfinite(way)
    points, graph, way = points[kept], graph[kept][:, kept], way[kept]
    around = KDTree(points).query_ball_point(points, TIP_AREA * longest)
    best = np.array([way[near].max() for near in around])
    return Walk(points, graph, way, np.flatnonzero((way >= best) & (way > 0.3 * longest)))


def _graph(points: Points, cell: float) -> csr_matrix:
    tree, count = KDTree(points), len(points)
    graph = csr_matrix((count, count))
    for reach in cell * np.array([1.9, 2.8, 4.0, 6.0]):
        pairs = tree.query_pairs(reach, output_type="ndarray")
        length = np.linalg.norm(points[pairs[:, 0]] - points[pairs[:, 1]], axis=1)
        graph = csr_matrix((length, (pairs[:, 0], pairs[:, 1])), shape=(count, count))
        labels = connected_components(graph, directed=False)[1]
        if np.bincount(labels).max() > 0.95 * count:
            break
    return graph


def tips(shape: Shape) -> Points:
    """Ends of limbs: farther from the trunk, along the surface, than all that is around them."""
    walked = walk(shape)
    return walked.points[walked.ends]


def limb(walked: Walk, end: int) -> Mask:
    """Of the points, a limb with that end: to where it meets what leads to another end."""
    others = walked.ends[walked.ends != end]
    mine = np.arange(len(walked.way)) == end
    for level in np.linspace(walked.way[end], 0.0, LEVELS)[1:]:
        beyond = np.flatnonzero(walked.way >= level)
        labels = connected_components(walked.graph[beyond][:, beyond], directed=False)[1]
        wider = np.isin(np.arange(len(mine)), beyond[labels == labels[beyond == end]])
        if wider[others].any():
            break
        mine = wider
    return mine


def shoulder(study: Study, contact: Contact) -> Found:
    """What looks up where the figure's nearer arm, its longest limbs, leaves the trunk."""
    shape, walked = study.shape, walk(study.shape)
    longest = float(shape.extent.max())
    best, chosen = 0.0, np.zeros(len(shape.points))
    for end in walked.ends:
        foot = walked.points[end, 1] - shape.low[1] < 0.05 * shape.extent[1]
        mine = limb(walked, int(end))
        way = walked.way[mine]
        root = walked.points[mine][way < way.min() + ROOT * longest]
        near = KDTree(root).query(shape.points, workers=1)[0] < longest / CELLS
        score = near * ramp(shape.up, 0.1, 0.6) * ramp(shape.clear_up, 0.05, 0.15)
        if foot or score.max() < 0.3:
            continue
        height = shape.points[:, 1]
        score = score * bump(height, height[score > 0.3].max(), 0.06 * longest)
        toward = float((root - walked.points.mean(axis=0)).mean(axis=0) @ study.stance.toward)
        worth = float(np.ptp(way)) * np.exp(toward / (0.5 * longest))
        if worth > best:
            best, chosen = worth, score
    return Found(compact(study, chosen, 0.07), 0.7) if best > 0 else nothing(study)


def hand(study: Study, contact: Contact) -> Found:
    """The figure's hand that comes toward the person: a limb's end, neither foot nor head."""
    shape = study.shape
    ends = tips(shape)
    if not len(ends):
        return nothing(study)
    share = (ends - shape.low) / np.maximum(shape.extent, 1e-9)
    middle = (shape.low + shape.high) / 2
    aside = (ends - middle) @ study.stance.left
    ahead = (ends - middle) @ study.stance.toward
    width = float(np.abs(study.stance.left) @ shape.extent)
    limb = (share[:, 1] > 0.05) & (np.abs(aside) > 0.18 * width)
    goal = study.shoulders[1] - shape.floor - 0.25 * study.scale
    palm = TIP_AREA * float(shape.extent.max())
    nearest = np.clip(goal, ends[:, 1] - shape.floor - palm, ends[:, 1] - shape.floor + palm)
    score = limb * bump(nearest, goal, 0.45) * np.exp(ahead / (0.5 * width))
    side = study.lateral(contact)
    cross = side * aside * (1.0 if study.beside(contact) else -1.0)
    score = score * np.where(cross > 0, 1.0, 0.4)
    if score.max() <= 0:
        return nothing(study)
    end = ends[score.argmax()]
    away = np.linalg.norm(shape.points - end, axis=1)
    score = (away < palm) * (0.05 + bump(shape.height, goal, 0.3)) * (shape.clear_out > 0.02)
    if contact.role == "grasp":  # A palm comes from its own side, thumb up, to what is thin.
        score = score * ramp(shape.normals @ (side * study.stance.left), -0.3, 0.3)
        score = score * bump(away, FINGERS * palm, 0.15 * palm)
    return Found(compact(study, score, 0.07), 0.6)
