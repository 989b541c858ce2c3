"""Which way the faces look: consistent over each patch, and outward."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components


@dataclass(frozen=True)
class Patches:
    """Faces in patches that meet along edges shared by exactly two of them."""

    faces: NDArray[np.int64]
    """Wound consistently within each patch."""
    patch: NDArray[np.int64]
    """The patch of each face."""
    closed: NDArray[np.bool_]
    """Per patch: no edge is open."""
    twisted: NDArray[np.bool_]
    """Per patch: it cannot be wound consistently, like a Moebius strip."""


def consistent(faces: NDArray[np.int64]) -> Patches:
    """Wind the faces of each patch alike.

    Every face is a node twice, once as it is and once turned; edges join the versions that agree.
    A patch that can be oriented falls apart into two mirror halves, and either is an answer.
    """
    left, right, agree, open_face = _joints(faces)
    count = len(faces)
    rows = np.concatenate([left, left + count])
    columns = np.concatenate(
        [np.where(agree, right, right + count), np.where(agree, right + count, right)]
    )
    graph = coo_matrix(
        (np.ones(len(rows), dtype=np.int8), (rows, columns)), shape=(2 * count, 2 * count)
    )
    half = connected_components(graph, directed=False)[1]
    as_is, turned = half[:count], half[count:]
    key, patch = np.unique(np.minimum(as_is, turned), return_inverse=True)
    patch = patch.reshape(-1).astype(np.int64)
    kept = _larger_half(as_is, turned, len(key), patch)
    flip = kept != as_is
    closed = np.ones(len(key), dtype=bool)
    closed[patch[open_face]] = False
    twisted = np.zeros(len(key), dtype=bool)
    twisted[patch[as_is == turned]] = True
    return Patches(np.where(flip[:, None], faces[:, ::-1], faces), patch, closed, twisted)


def outward(verts: NDArray[np.float64], patches: Patches) -> Patches:
    """Turn the patches whose signed volume is negative.

    Open patches are judged as if closed by a cone to their middle. The inner skin of a hollow door
    is turned too: a cavity that no one can enter becomes solid.
    """
    faces, patch = patches.faces, patches.patch
    turned = signed_volumes(verts, faces, patch) < 0.0
    faces = np.where(turned[patch][:, None], faces[:, ::-1], faces)
    return replace(patches, faces=faces)


def signed_volumes(
    verts: NDArray[np.float64], faces: NDArray[np.int64], patch: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Signed volume per patch, measured from the patch's own middle."""
    corners = verts[faces]
    weight = np.bincount(patch).astype(float)
    middle = np.stack(
        [np.bincount(patch, weights=corners[..., k].mean(axis=1)) for k in range(3)], axis=1
    )
    corners = corners - (middle / weight[:, None])[patch][:, None]
    a, b, c = corners.swapaxes(0, 1)
    volumes = np.einsum("ij,ij->i", a, np.cross(b, c)) / 6
    return np.bincount(patch, weights=volumes).astype(np.float64)


def _joints(
    faces: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_], NDArray[np.int64]]:
    """Pairs of faces at edges with exactly two, whether they agree, and faces at open edges."""
    count = len(faces)
    start = faces.T.reshape(-1)
    end = faces[:, [1, 2, 0]].T.reshape(-1)
    owner = np.tile(np.arange(count), 3)
    key = np.minimum(start, end) * (int(faces.max()) + 1) + np.maximum(start, end)
    order = np.argsort(key, kind="stable")
    key, owner, forward = key[order], owner[order], (start < end)[order]
    first = np.flatnonzero(np.r_[True, key[1:] != key[:-1]])
    size = np.diff(np.r_[first, len(key)])
    pair = first[size == 2]
    return (
        owner[pair],
        owner[pair + 1],
        forward[pair] != forward[pair + 1],
        owner[first[size == 1]],
    )


def _larger_half(
    as_is: NDArray, turned: NDArray, count: int, patch: NDArray[np.int64]
) -> NDArray[np.integer]:
    """Per face, the half of its patch that leaves more faces as they are."""
    low = np.minimum(as_is, turned)
    votes = np.bincount(patch, weights=as_is == low, minlength=count)
    size = np.bincount(patch, minlength=count)
    return np.where((2 * votes >= size)[patch], low, np.maximum(as_is, turned))
