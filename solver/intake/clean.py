"""From whatever was handed over to finite, welded, non-degenerate triangles."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..bounds import MOST_FACES
from ..errors import SolverError

WELD = 2e-6
"""Vertices nearer than this share of the box's diagonal are one: 3 micrometres on a chair."""
FEW_BAD = 0.01
"""Up to this share of unusable vertices is dropped with a warning; more is an error."""


@dataclass(frozen=True)
class Soup:
    """Triangles in the source frame, float64, with what had to be said about them."""

    verts: NDArray[np.float64]
    faces: NDArray[np.int64]
    warnings: tuple[str, ...] = ()


def clean(verts: NDArray, faces: NDArray, name: str) -> Soup:
    """Weld vertices; drop unusable vertices, degenerate and repeated faces, and loose vertices.

    Raises:
        SolverError: If no surface is left, or it is too much to work with.
    """
    verts, faces = _checked(verts, faces, name)
    verts, faces, warnings = _drop_bad_verts(verts, faces, name)
    verts, faces = _used(verts, faces)  # a stray vertex would make the weld's step coarse
    verts, faces = weld(verts, faces)
    faces = drop_repeats(faces)  # slivers stay: without them a closed surface would have slits
    real = int(np.count_nonzero(_areas(verts, faces)))
    if real < 2:
        raise SolverError(
            f"Object '{name}' has no usable surface: {real} triangle(s) with an area are left.",
            remedy="Choose a mesh with faces, or apply the modifiers that build them.",
        )
    return Soup(*_used(verts, faces), warnings)


def weld(
    verts: NDArray[np.float64], faces: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Merge coincident vertices; drop the faces that collapse to a line."""
    low = verts.min(axis=0)
    step = float(np.linalg.norm(verts.max(axis=0) - low)) * WELD
    if step == 0.0:
        return verts[:1], faces[:0]
    cells = np.rint((verts - low) / step).astype(np.int64)  # below 2^20 by the choice of WELD
    _, first, inverse = np.unique(
        (cells[:, 0] << 42) | (cells[:, 1] << 21) | cells[:, 2],
        return_index=True,
        return_inverse=True,
    )
    faces = inverse.reshape(-1)[faces]
    a, b, c = faces.T
    return verts[first], faces[(a != b) & (b != c) & (a != c)]


def drop_repeats(faces: NDArray[np.int64]) -> NDArray[np.int64]:
    """Keep one of the faces with the same three corners, and of two that face opposite ways.

    Where every face of a piece has an opposite twin the piece is a two-sided sheet, and one side
    stays; elsewhere twins are the wall between two touching solids, and both go.
    """
    ordered = np.sort(faces, axis=1)
    _, first, inverse, count = np.unique(
        _packed(ordered), return_index=True, return_inverse=True, return_counts=True
    )
    if len(first) == len(faces):  # also where there are none
        return faces
    inverse = inverse.reshape(-1)
    parity = np.where(_is_even(faces, ordered), 1, -1)
    balance = np.bincount(inverse, weights=parity, minlength=len(first))
    kept = faces[first]
    twins = (count > 1) & (balance == 0)
    if twins.any() and not twins.all():
        piece = vertex_pieces(kept)[kept[:, 0]]
        single = np.bincount(piece, weights=~twins) > 0
        kept = kept[~(twins & single[piece])]
    return kept


def vertex_pieces(faces: NDArray[np.int64]) -> NDArray[np.int64]:
    """For every vertex, the number of the piece connected to it by edges."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    size = int(faces.max()) + 1
    a, b = np.concatenate([faces[:, :2], faces[:, 1:]]).T
    graph = coo_matrix((np.ones(len(a), dtype=np.int8), (a, b)), shape=(size, size))
    return connected_components(graph, directed=False)[1].astype(np.int64)


def _used(
    verts: NDArray[np.float64], faces: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Only the vertices that faces have."""
    used, renamed = np.unique(faces, return_inverse=True)
    return verts[used], renamed.reshape(-1, 3)


def _checked(
    verts: NDArray, faces: NDArray, name: str
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    if len(verts) == 0:
        raise SolverError(
            f"Object '{name}' has no vertices.", remedy="Choose a mesh object that is not empty."
        )
    if len(faces) == 0:
        raise SolverError(
            f"Object '{name}' has {len(verts)} vertices but no faces.",
            remedy="Fill its faces, or convert a curve or text object to a mesh.",
        )
    if len(faces) > MOST_FACES:
        raise SolverError(
            f"Object '{name}' has {len(faces):,} faces; at most {MOST_FACES:,} can be used.",
            remedy="Add a Decimate modifier to it.",
        )
    verts, faces = np.asarray(verts, dtype=np.float64), np.asarray(faces)
    if verts.ndim != 2 or verts.shape[1] != 3 or faces.ndim != 2 or faces.shape[1] != 3:
        raise SolverError(
            f"Object '{name}' came as arrays of shape {verts.shape} and {faces.shape}, "
            "not (N, 3) and (M, 3).",
            remedy="Hand over triangles.",
        )
    faces = faces.astype(np.int64)
    if faces.min() < 0 or faces.max() >= len(verts):
        raise SolverError(
            f"Object '{name}' has faces that name vertices which do not exist "
            f"({int(faces.min())} to {int(faces.max())} of {len(verts)}).",
            remedy="Clean the mesh up (Mesh > Clean Up > Delete Loose), or export it again.",
        )
    return verts, faces


def _drop_bad_verts(
    verts: NDArray[np.float64], faces: NDArray[np.int64], name: str
) -> tuple[NDArray[np.float64], NDArray[np.int64], tuple[str, ...]]:
    bad = ~np.isfinite(verts).all(axis=1) | (np.abs(verts) > 1e9).any(axis=1)
    if not bad.any():
        return verts, faces, ()
    count = int(bad.sum())
    if count > FEW_BAD * len(verts):
        raise SolverError(
            f"Object '{name}' has {count} of {len(verts)} vertices at impossible places "
            "(not a number, or infinitely far).",
            remedy="Delete them, or check the modifier or the file that made them.",
        )
    kept = ~bad[faces].any(axis=1)
    if not kept.any():
        raise SolverError(
            f"Every face of object '{name}' uses a vertex at an impossible place.",
            remedy="Delete these vertices, or check the modifier or the file that made them.",
        )
    words = f"{count} vertices were not finite; they and {int((~kept).sum())} faces were dropped."
    return np.where(bad[:, None], verts[~bad][0], verts), faces[kept], (words,)


def _areas(verts: NDArray[np.float64], faces: NDArray[np.int64]) -> NDArray[np.float64]:
    a, b, c = verts[faces[:, 0]], verts[faces[:, 1]], verts[faces[:, 2]]
    double = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    longest = np.maximum.reduce(
        [((b - a) ** 2).sum(1), ((c - b) ** 2).sum(1), ((a - c) ** 2).sum(1)]
    )
    return np.where(double > 1e-9 * longest, double / 2, 0.0)


def _packed(ordered: NDArray[np.int64]) -> NDArray[np.int64]:
    """One number per row of three vertex numbers; exact for up to two million vertices."""
    size = int(ordered.max(initial=0)) + 1
    if size < 2**21:
        return (ordered[:, 0] * size + ordered[:, 1]) * size + ordered[:, 2]
    pair = np.unique(ordered[:, 0] * size + ordered[:, 1], return_inverse=True)[1].reshape(-1)
    return pair * size + ordered[:, 2]


def _is_even(faces: NDArray[np.int64], ordered: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether the corners are a cyclic turn of their sorted order."""
    turn = np.argmin(faces, axis=1)
    after = faces[np.arange(len(faces)), (turn + 1) % 3]
    return after == ordered[:, 1]
