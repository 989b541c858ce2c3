"""E1: how different the poses of many results are, after PSI (Zhang et al. 2020)."""

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.vq import kmeans2

CLUSTERS = 20
STARTS = 10
"""K-means depends on where it begins: the best of so many counts."""


def diversity(poses: NDArray, clusters: int = CLUSTERS, seed: int = 0) -> dict[str, float]:
    """Entropy of the clusters' sizes, nats (at most log of their number), and their mean radius.

    Args:
        poses: (poses, 52, 3) axis-angle; the root does not count, body and hands do.
        clusters: As many or fewer than there are poses.
        seed: Of the starts.
    """
    points = np.asarray(poses, float)[:, 1:].reshape(len(poses), -1)
    if len(points) < clusters:
        return {}
    generator = np.random.default_rng(seed)
    tries = [_clustered(points, clusters, generator) for _ in range(STARTS)]
    away, label = min(tries, key=lambda one: float((one[0] ** 2).sum()))
    share = np.bincount(label, minlength=clusters) / len(points)
    entropy = -float((share[share > 0] * np.log(share[share > 0])).sum())
    return {"pose_entropy": entropy, "pose_cluster_rad": float(away.mean())}


def _clustered(
    points: NDArray[np.float64], clusters: int, generator: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Distance of each point to its centre, and its cluster."""
    centres, label = kmeans2(
        points,
        clusters,
        iter=50,
        minit="++",
        seed=generator,  # pyright: ignore[reportCallIssue]
    )
    return np.linalg.norm(points - centres[label], axis=1), label.astype(np.int64)
