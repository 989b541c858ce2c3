"""Step 4: exactly 6,890 vertices, dense where contacts are fine; straight edges of clothes."""

from collections.abc import Iterable

import fast_simplification
import numpy as np
import trimesh
from dress import Edge, on
from scipy.spatial import cKDTree
from skeleton import FINGERS, INDEX
from space import Space

COUNT = 6890
HAND, FOOT, HEAD = 2.0, 0.65, 0.5
"""How much the parts are magnified before edges are collapsed."""


def magnified(space: Space, weights: np.ndarray) -> np.ndarray:
    """The mean body with large hands and a small head."""
    verts = space.mean.copy()
    for side in ("left", "right"):
        fingers = [f"{side}_{f}{k}" for f in FINGERS for k in (1, 2, 3)]
        for root, names, scale in (
            ("wrist", [f"{side}_wrist", *fingers], HAND),
            ("ankle", [f"{side}_ankle", f"{side}_foot"], FOOT),
        ):
            share = weights[:, [INDEX[name] for name in names]].sum(axis=1)
            centre = space.joints[INDEX[f"{side}_{root}"]]
            verts += (scale - 1) * share[:, None] * (space.mean - centre)
    share = weights[:, INDEX["head"]]
    return verts + (HEAD - 1) * share[:, None] * (space.mean - space.joints[INDEX["head"]])


def collapse(verts: np.ndarray, faces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Quadric edge collapse to `COUNT` vertices, by bisection on the number of faces."""
    low, high = COUNT, 4 * COUNT
    while low <= high:
        middle = (low + high) // 2
        coarse, triangles = fast_simplification.simplify(
            verts.astype(np.float32), faces.astype(np.int32), target_count=middle, agg=3
        )
        if len(coarse) == COUNT:
            return coarse.astype(np.float64), triangles
        low, high = (low, middle - 1) if len(coarse) > COUNT else (middle + 1, high)
    raise RuntimeError(f"No target gives exactly {COUNT} vertices; change the magnification.")


class Projection:
    """Closest points on a fine mesh, as faces and barycentric weights."""

    def __init__(self, verts: np.ndarray, faces: np.ndarray) -> None:
        self.verts, self.faces = verts, faces
        self.tree = cKDTree(verts)
        self.around: list[list[int]] = [[] for _ in verts]
        for index, face in enumerate(faces):
            for corner in face:
                self.around[corner].append(index)

    def __call__(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Faces and barycentric weights."""
        near = self.tree.query(points, k=6)[1]
        face, weights = np.zeros(len(points), int), np.zeros((len(points), 3))
        for i, point in enumerate(points):
            options = np.array(sorted({f for v in near[i] for f in self.around[v]}))
            corners = self.verts[self.faces[options]]
            closest = trimesh.triangles.closest_point(
                corners, np.repeat(point[None], len(options), 0)
            )
            best = np.square(closest - point).sum(axis=1).argmin()
            face[i] = options[best]
            weights[i] = trimesh.triangles.points_to_barycentric(
                corners[best][None], closest[best][None]
            )[0]
        return face, weights


def transfer(
    values: np.ndarray, faces: np.ndarray, at: tuple[np.ndarray, np.ndarray]
) -> np.ndarray:
    """Per-vertex values of the fine mesh at projected points."""
    return np.einsum("nk,nk...->n...", at[1], values[faces[at[0]]])


def straighten(
    coarse: np.ndarray, triangles: np.ndarray, weights: np.ndarray, cuts: Iterable[Edge]
) -> np.ndarray:
    """Slide vertices along edges onto the edges of clothes, so that no triangle crosses one."""
    coarse = coarse.copy()
    sides = np.vstack([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    sides = np.unique(np.sort(sides, axis=1), axis=0)
    for cut in cuts:
        height, worn = cut.height(coarse), on(weights, cut.joints)
        a, b = sides.T
        moved: dict[int, tuple[float, np.ndarray]] = {}
        for i, j in sides[worn[a] & worn[b] & (height[a] * height[b] < 0)]:
            near, far = (i, j) if abs(height[i]) < abs(height[j]) else (j, i)
            t = height[near] / (height[near] - height[far])
            if near not in moved or t < moved[near][0]:
                moved[near] = (t, coarse[near] + t * (coarse[far] - coarse[near]))
        for index, (_, place) in moved.items():
            coarse[index] = place
    return coarse


def texture(
    coarse: np.ndarray,
    triangles: np.ndarray,
    fine: Projection,
    uv: np.ndarray,
    uv_faces: np.ndarray,
) -> np.ndarray:
    """Texture coordinates per corner.

    Each triangle stays on one side of a seam: where a corner's nearest texture is far from what the
    triangle's centre predicts, the prediction is taken.
    """
    corners = coarse[triangles]
    centre = corners.mean(axis=1)
    home, weights = fine(centre)
    around = uv[uv_faces[home]]
    middle = np.einsum("nk,nka->na", weights, around)
    plane = fine.verts[fine.faces[home]]
    nearest = np.empty((len(triangles), 3, 2))
    predicted = np.empty_like(nearest)
    for k in range(3):
        face, weights = fine(corners[:, k])
        nearest[:, k] = np.einsum("nk,nka->na", weights, uv[uv_faces[face]])
        flat = trimesh.triangles.points_to_barycentric(plane, corners[:, k])
        predicted[:, k] = np.einsum("nk,nka->na", flat, around)
    jump = np.linalg.norm(nearest - predicted, axis=-1)
    expected = np.linalg.norm(predicted - middle[:, None], axis=-1)
    return np.where((jump < expected + 0.003)[..., None], nearest, predicted).clip(0, 1)
