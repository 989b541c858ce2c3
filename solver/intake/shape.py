"""What an object looks like to the guesses about its unit, its up axis and its front."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.spatial import ConvexHull, KDTree, QhullError

from ..geometry.mesh import Mesh, area_vectors
from ..geometry.surface import Surface
from .sampling import escapes, spread

SAMPLES = 4000


@dataclass(frozen=True)
class Shape:
    """Samples of the outside of an object in a frame that is upright, on the ground and centred."""

    points: NDArray[np.float64]
    """Y up, the lowest at 0, the middle of the bounding box over the origin; source units."""
    normals: NDArray[np.float64]
    corners: NDArray[np.float64]
    """The corners of its convex hull."""
    each: float
    """Area that one sample stands for."""
    extent: NDArray[np.float64]
    """Size of the bounding box."""
    surface: Surface
    """In a frame of its own; ask it through `cast`."""
    T_upright_surface: NDArray[np.float64]
    """Rigid."""
    origin: NDArray[np.float64]
    """Of the surface's frame, in the source; its axes are the source's."""

    @property
    def T_upright_source(self) -> NDArray[np.float64]:
        """Rigid."""
        T = self.T_upright_surface.copy()
        T[:3, 3] -= T[:3, :3] @ self.origin
        return T

    def cast(self, origins: NDArray, direction: NDArray) -> NDArray[np.float64]:
        """Free distance from upright origins along one upright unit direction; inf where open."""
        turn, move = self.T_upright_surface[:3, :3], self.T_upright_surface[:3, 3]
        start = torch.from_numpy(((origins - move) @ turn).astype(np.float32))
        along = torch.from_numpy((direction @ turn).astype(np.float32))
        distance, face = self.surface.cast(start, along)
        return np.where(face.numpy() >= 0, distance.numpy().astype(float), np.inf)


def measure(mesh: Mesh, surface: Surface, origin: NDArray[np.float64]) -> Shape:
    """Samples of what can be seen from outside, the source's Y taken as up.

    Args:
        mesh: In source units, near the origin to spare digits.
        surface: Of that mesh.
        origin: Of the mesh, in the source frame.
    """
    points, normals, _ = spread(mesh, SAMPLES)
    seen = escapes(surface, points, normals, enough=1) >= 1
    if seen.float().mean() > 0.1:
        points, normals = points[seen], normals[seen]
    each = float(area_vectors(mesh.verts, mesh.faces).norm(dim=-1).sum()) / SAMPLES
    verts = mesh.verts.double().numpy()
    try:
        verts = verts[ConvexHull(verts).vertices]
    except QhullError:  # flat: every vertex may be a corner
        verts = verts[:: max(1, len(verts) // 1000)]
    shape = Shape(
        points.double().numpy(), normals.double().numpy(), verts, each,
        mesh.extent.double().numpy(), surface, np.eye(4), origin,
    )  # fmt: skip
    return turned(shape, np.eye(3))


def turned(shape: Shape, rotation: NDArray[np.float64]) -> Shape:
    """The same object turned, then centred and put on the ground again."""
    points, corners = shape.points @ rotation.T, shape.corners @ rotation.T
    low, high = corners.min(axis=0), corners.max(axis=0)
    T = np.eye(4)
    T[:3, :3] = rotation
    T[:3, 3] = -np.array([(low[0] + high[0]) / 2, low[1], (low[2] + high[2]) / 2])
    return replace(
        shape,
        points=points + T[:3, 3],
        normals=shape.normals @ rotation.T,
        corners=corners + T[:3, 3],
        extent=np.maximum(high - low, 1e-9 * float((high - low).max())),  # a sheet has no height
        T_upright_surface=T @ shape.T_upright_surface,
    )


def asymmetry(points: NDArray[np.float64], normals: NDArray[np.float64]) -> NDArray[np.float64]:
    """How badly mirror planes through the middle of the bounding box fit; 0 is a perfect mirror.

    Per plane, the mean distance from mirrored samples to the nearest sample, beyond that of
    neighbouring samples, as a share of the object's diagonal.

    Args:
        points: (N, 3).
        normals: (M, 3), of the planes.
    """
    few = points[:: max(1, len(points) // 400)]
    tree = KDTree(points)
    usual = float(tree.query(few, k=2)[0][:, 1].mean())
    diagonal = float(np.linalg.norm(np.ptp(points, axis=0)))

    def fault(normal: NDArray[np.float64]) -> float:
        along = points @ normal
        middle = (along.max() + along.min()) / 2
        mirrored = few - 2 * ((few @ normal) - middle)[:, None] * normal
        return max(0.0, float(tree.query(mirrored)[0].mean()) - usual) / diagonal

    return np.array([fault(normal) for normal in normals])


def stability(shape: Shape) -> tuple[float, float]:
    """How far its centre lies inside its footprint, and how much of its outline the footprint is.

    The first is relative to the footprint's size, negative where the object would fall over.
    """
    outline = _hull(shape.corners[:, [0, 2]])
    if outline is None:
        return -0.4, 0.0
    margins, shares = [], []
    for slack in (0.005, 0.03):  # feet end at slightly different heights; round things roll
        foot = _hull(shape.corners[shape.corners[:, 1] < slack * shape.extent[1]][:, [0, 2]])
        if foot is None:
            margins.append(-0.4)
            shares.append(0.0)
            continue
        centre = np.append(shape.points[:, [0, 2]].mean(axis=0), 1.0)
        margins.append(-float((foot.equations @ centre).max()) / np.sqrt(outline.volume))
        shares.append(float(foot.volume / outline.volume))
    return float(np.mean(margins)), float(np.mean(shares))


def outline_area(shape: Shape) -> float:
    """Area of the outline seen from above, source units squared."""
    outline = _hull(shape.corners[:, [0, 2]])
    return outline.volume if outline else 0.0


def yaw_of_footprint(shape: Shape) -> float:
    """Angle about Y, radians in [-pi/4, pi/4], that squares an object with its frame.

    Flat upright sides tell, where there are any. Otherwise, among the frame itself, the smallest
    rectangle around the outline and the best mirror plane, the one with the best mirror and the
    smaller rectangle. Zero where turning gains nothing clear.
    """
    hull = _hull(shape.corners[:, [0, 2]])
    if hull is None:
        return 0.0
    corners = hull.points[hull.vertices]
    upright = shape.normals[np.abs(shape.normals[:, 1]) < 0.3]
    quarter = np.exp(4j * np.arctan2(upright[:, 0], upright[:, 2]))
    if len(upright) > 200 and abs(quarter.mean()) > 0.45:
        angle = -float(np.angle(quarter.mean())) / 4
        smaller = _rectangle(corners, angle) < 1.02 * _rectangle(corners, 0.0)
        return angle if smaller and abs(angle) > np.radians(1.5) else 0.0
    degrees = np.arange(-44.0, 45.0, 2.0)
    areas = np.array([_rectangle(corners, angle) for angle in np.radians(degrees)])
    mirrors = np.array([_mirror_at(shape, angle) for angle in np.radians(degrees[::4])])
    guesses = [
        _finest(lambda a: _rectangle(corners, a), degrees[int(areas.argmin())], 2.0),
        _finest(lambda a: _mirror_at(shape, a), degrees[::4][int(mirrors.argmin())], 8.0),
    ]

    def cost(angle: float) -> float:
        return _mirror_at(shape, angle) / 0.01 + 2.0 * (
            _rectangle(corners, angle) / areas.min() - 1
        )

    best = min(guesses, key=cost)
    return best if cost(best) < 0.5 * cost(0.0) - 0.5 else 0.0


def _finest(cost: Callable[[float], float], start: float, reach: float) -> float:
    """The best angle, radians, near one in degrees."""
    near = np.radians(start + np.linspace(-reach, reach, 17))
    return float(min(near, key=cost))


def _mirror_at(shape: Shape, angle: float) -> float:
    """The better of the two upright mirror planes of a frame turned by `angle` about Y."""
    c, s = np.cos(angle), np.sin(angle)
    return float(asymmetry(shape.points[::4], np.array([[c, 0.0, s], [-s, 0.0, c]])).min())


def _rectangle(corners: NDArray, angle: float) -> float:
    c, s = np.cos(angle), np.sin(angle)
    return float(np.prod(np.ptp(corners @ np.array([[c, -s], [s, c]]), axis=0)))


def _hull(flat: NDArray[np.float64]) -> ConvexHull | None:
    if len(flat) < 3:
        return None
    try:
        return ConvexHull(flat)
    except QhullError:  # all on one line: no area
        return None
