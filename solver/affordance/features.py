"""What every sample of an object's surface knows about itself: the material of all region scores.

Arrays are numpy inside this room (sorting, counting and trees live there); lengths are metres, the
frame is the object's own, which is Y up with its front toward +Z.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from scipy.spatial import KDTree
from torch import Tensor

from ..artefacts import Item
from ..geometry.mesh import sample_surface

Scores = Float[np.ndarray, " points"]
Mask = Bool[np.ndarray, " points"]
Points = Float[np.ndarray, "points 3"]
Vector = Float[np.ndarray, "3"]

UP_REACH = 3.0
"""How far the ray upward looks, metres."""
OUT_REACH = 1.0
"""How far the rays along and against the normal look, metres."""
ROD_RADII = (0.008, 0.014, 0.022, 0.035, 0.06)
"""Balls in which normals are gathered, metres: each sees rods of up to about half its radius."""
FINE, FINE_COUNT, LARGE = 0.0035, 30_000, 1.6
"""Spacing that is fine enough for handles, metres; samples otherwise taken; and the longest side,
metres, up to which it is worth it."""
GAP = 0.022
"""Room that fingers need behind a handle, metres."""
BALL_FEW, BALL_CELL = 14, 0.3
"""Fewest samples that a ball's verdict needs; thinning distance in radii."""


@dataclass(frozen=True)
class Shape:
    """Samples of an object's surface with their measured features."""

    points: Points
    normals: Points
    low: Vector
    high: Vector
    floor: float
    spacing: float
    """Mean distance between neighbouring samples."""
    clear_up: Scores
    """Free height above, at most `UP_REACH`."""
    clear_out: Scores
    """Free way along the normal, at most `OUT_REACH`."""
    thickness: Scores
    """Way through the material against the normal, at most `OUT_REACH`."""
    front_confidence: float

    @property
    def extent(self) -> Vector:
        """Size of the bounding box."""
        return self.high - self.low

    @property
    def height(self) -> Scores:
        """Above the floor."""
        return self.points[:, 1] - self.floor

    @property
    def up(self) -> Scores:
        """The normal's upward part."""
        return self.normals[:, 1]

    @property
    def share(self) -> Points:
        """Place in the bounding box, 0 to 1 per axis."""
        return (self.points - self.low) / np.maximum(self.extent, 1e-9)

    @cached_property
    def tree(self) -> KDTree:
        """For neighbours in space."""
        return KDTree(self.points)

    @cached_property
    def rodness(self) -> Scores:
        """How much the surface nearby is that of a thin rod, 0 to 1."""
        size = float(self.extent.max())
        return rodness(self.points, self.normals, self.thickness, self.spacing, size)


def measure_shape(item: Item) -> Shape:
    """The features of an item's samples."""
    return _measure(item, item.points, item.normals)


def measure_finely(item: Item, coarse: Shape) -> Shape:
    """The same on more samples, for handles: of hand-sized things a few hundred are not enough."""
    if coarse.spacing < FINE or float(coarse.extent.max()) > LARGE:
        return coarse
    points, normals, _ = sample_surface(item.mesh, FINE_COUNT, torch.Generator().manual_seed(0))
    distance, near = KDTree(coarse.points).query(points.numpy())
    facing = (item.normals[torch.from_numpy(near)] * normals).sum(dim=-1) > 0.3
    kept = torch.from_numpy(distance < 1.7 * coarse.spacing) & facing
    kept[~kept] = from_gaps(item, points[~kept], normals[~kept])
    return _measure(item, points[kept], normals[kept])


def from_gaps(
    item: Item, points: Float[Tensor, "points 3"], normals: Float[Tensor, "points 3"]
) -> Bool[Tensor, " points"]:
    """Whether fingers come to places that show to nobody: the lower side of a low handle.

    Fingers are in a gap before them, and come into it from two opposite sides.
    """
    begin = points + 1e-3 * normals
    deep = item.surface.cast(begin, normals, GAP)[0] >= GAP
    middle, seed = points + 0.5 * GAP * normals, torch.eye(3)[normals.abs().argmin(dim=1)]
    across = torch.nn.functional.normalize(torch.linalg.cross(normals, seed), dim=-1)
    other = torch.linalg.cross(normals, across)
    reached = torch.zeros(len(points), dtype=torch.bool)
    for angle in torch.arange(4) * (torch.pi / 4):
        way = angle.cos() * across + angle.sin() * other
        both = [item.surface.cast(middle, sign * way, OUT_REACH)[0] for sign in (1.0, -1.0)]
        reached |= torch.minimum(*both) >= OUT_REACH
    return deep & reached


def _measure(
    item: Item, points: Float[Tensor, "points 3"], normals: Float[Tensor, "points 3"]
) -> Shape:
    mesh, surface = item.mesh, item.surface
    step = min(1e-3, 2e-3 * float(mesh.extent.max()))
    up = torch.tensor([0.0, 1.0, 0.0])
    outside = points + step * normals
    return Shape(
        points=_numpy(points),
        normals=_numpy(normals),
        low=_numpy(mesh.low),
        high=_numpy(mesh.high),
        floor=item.floor,
        spacing=mean_spacing(_numpy(points), _numpy(normals)),
        clear_up=_numpy(surface.cast(outside + step * up, up, UP_REACH)[0]),
        clear_out=_numpy(surface.cast(outside, normals, OUT_REACH)[0]),
        thickness=_numpy(surface.cast(points - step * normals, -normals, OUT_REACH)[0]) + step,
        front_confidence=item.front_confidence,
    )


def rodness(
    points: Points, normals: Points, thickness: Scores, spacing: float, size: float
) -> Scores:
    """How rod-like the surface around each point is: the normals of a rod span a full circle.

    In a ball, with eigenvalues l1 >= l2 >= l3 of the mean of n nᵀ, a rod has l1 = l2, l3 = 0 and a
    vanishing mean normal; a plate has l2 = 0, an edge a mean normal, a ball's end l3 > 0. The best
    of several ball radii counts, but a ball much wider than the material is thick judges walls,
    not rods.
    """
    best = np.zeros(len(points))
    for radius in ROD_RADII:
        if radius > 0.35 * size or radius < 2.0 * spacing:
            continue
        kept = thin(points, radius * BALL_CELL)
        value = _ball_rodness(points[kept], normals[kept], radius)
        nearest = KDTree(points[kept]).query(points, workers=1)[1]
        best = np.maximum(best, value[nearest] * np.clip(8 * thickness / radius - 1, 0, 1))
    return best


def _ball_rodness(points: Points, normals: Points, radius: float) -> Scores:
    pairs = KDTree(points).query_pairs(radius, output_type="ndarray")
    first = np.r_[pairs[:, 0], pairs[:, 1], np.arange(len(points))]
    second = np.r_[pairs[:, 1], pairs[:, 0], np.arange(len(points))]
    count = np.bincount(first, minlength=len(points))
    mean = _gather(first, normals[second], len(points)) / count[:, None]
    products = (normals[:, :, None] * normals[:, None, :]).reshape(-1, 9)[:, [0, 1, 2, 4, 5, 8]]
    moments = _gather(first, products[second], len(points)) / count[:, None]
    values = np.linalg.eigvalsh(moments[:, [0, 1, 2, 1, 3, 4, 2, 4, 5]].reshape(-1, 3, 3))
    spread = values[:, 1] / (values[:, 2] + 1e-6)
    flat = np.clip(1 - 3 * values[:, 0], 0, 1)
    closed = np.clip(1 - 1.4 * np.linalg.norm(mean, axis=1), 0, 1) ** 1.5
    return np.where(count >= BALL_FEW, spread * flat * closed, 0.0)


def _gather(
    index: Int[np.ndarray, " pairs"], values: Float[np.ndarray, "pairs columns"], count: int
) -> Float[np.ndarray, "count columns"]:
    columns = [np.bincount(index, column, count) for column in values.T]
    return np.stack(columns, axis=1)


def mean_spacing(points: Points, normals: Points) -> float:
    """Side of the square that one sample stands for, from how far the fifth neighbour is.

    Neighbours on the other side of a thin wall do not count.
    """
    some = np.arange(0, len(points), max(1, len(points) // 1500))
    count = min(24, len(points))
    distance, index = KDTree(points).query(points[some], k=count)
    same = (normals[index] * normals[some][:, None]).sum(axis=2) > 0.7
    fifth = (same.cumsum(axis=1) > 5) & same
    radius = distance[np.arange(len(some)), np.where(fifth.any(axis=1), fifth.argmax(axis=1), -1)]
    return float(np.median(radius) * np.sqrt(np.pi / 5.5))


def thin(points: Points, cell: float) -> Int[np.ndarray, " kept"]:
    """One point per occupied cell of a grid, at most; the rest of the density evened out."""
    keys = np.floor((points - points.min(axis=0)) / cell).astype(np.int64)
    code = (keys[:, 0] << 42) | (keys[:, 1] << 21) | keys[:, 2]
    return np.sort(np.unique(code, return_index=True)[1])


def _numpy(tensor: torch.Tensor) -> np.ndarray:
    return tensor.detach().numpy().astype(np.float64)
