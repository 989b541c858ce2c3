"""Figures with limbs (statues, robots, dolls, animals): the ends of what sticks out."""

import numpy as np
from jaxtyping import Float
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import KDTree

from ..artefacts import Contact
from .features import Points, Shape, thin
from .study import Found, Study, bump, compact, nothing

CELLS = 45.0
"""Cells along the longest side of the graph on which ways along the surface are measured."""
TIP_AREA = 0.16
"""A tip is the farthest point within this share of the longest side."""


def tips(shape: Shape) -> Points:
    """Ends of limbs: farther from the trunk, along the surface, than all that is around them."""
    longest = float(shape.extent.max())
    cell = max(longest / CELLS, shape.spacing)
    points = shape.points[thin(shape.points, cell)]
    way = _ways(points, cell)
    finite = np.isfinite(way)
    points, way = points[finite], way[finite]
    around = KDTree(points).query_ball_point(points, TIP_AREA * longest)
    best = np.array([way[near].max() for near in around])
    return points[(way >= best) & (way > 0.3 * longest)]


def _ways(points: Points, cell: float) -> Float[np.ndarray, " points"]:
    """Shortest ways along the surface from the middle, over gaps where parts are loose."""
    tree, count = KDTree(points), len(points)
    graph, labels = coo_matrix((count, count)).tocsr(), np.arange(count)
    for reach in cell * np.array([1.9, 2.8, 4.0, 6.0]):
        pairs = tree.query_pairs(reach, output_type="ndarray")
        length = np.linalg.norm(points[pairs[:, 0]] - points[pairs[:, 1]], axis=1)
        graph = coo_matrix((length, (pairs[:, 0], pairs[:, 1])), shape=(count, count)).tocsr()
        labels = connected_components(graph, directed=False)[1]
        if np.bincount(labels).max() > 0.95 * count:
            break
    main = np.flatnonzero(labels == np.bincount(labels).argmax())
    middle = points.mean(axis=0)
    root = main[((points[main] - middle) ** 2).sum(axis=1).argmin()]
    return dijkstra(graph, directed=False, indices=root)


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
    near = np.linalg.norm(shape.points - end, axis=1) < palm
    score = near * (0.05 + bump(shape.height, goal, 0.3)) * (shape.clear_out > 0.02)
    return Found(compact(study, score, 0.07), 0.6)
