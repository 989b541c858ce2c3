"""Entropy and radius of clusters of poses whose clusters are known."""

import math

import numpy as np
import pytest

from solver.evaluation.diversity import diversity


def heaps(counts: list[int], spread: float) -> np.ndarray:
    """Poses in tight heaps far from one another; the root is anything."""
    generator = np.random.default_rng(1)
    poses = []
    for k, count in enumerate(counts):
        middle = np.zeros((52, 3))
        middle[1 + k, 0] = 5.0
        poses.append(middle + spread * generator.normal(size=(count, 52, 3)))
    found = np.concatenate(poses)
    found[:, 0] = 100 * generator.normal(size=(len(found), 3))
    return found


def test_even_heaps_have_the_entropy_of_their_number() -> None:
    found = diversity(heaps([10] * 5, 1e-3), clusters=5)
    assert found["pose_entropy"] == pytest.approx(math.log(5))
    assert found["pose_cluster_rad"] == pytest.approx(1e-3 * math.sqrt(153), rel=0.1)


def test_uneven_heaps_have_less() -> None:
    share = np.array([30, 10, 10]) / 50
    found = diversity(heaps([30, 10, 10], 1e-3), clusters=3)
    assert found["pose_entropy"] == pytest.approx(-float((share * np.log(share)).sum()))


def test_one_pose_again_and_again_has_no_radius() -> None:
    same = np.repeat(heaps([1], 0.3), 30, axis=0)
    found = diversity(same, clusters=1)
    assert found["pose_entropy"] == 0.0
    assert found["pose_cluster_rad"] == pytest.approx(0.0, abs=1e-12)


def test_wider_heaps_have_a_larger_radius_and_the_same_seed_the_same_answer() -> None:
    narrow, wide = (diversity(heaps([10] * 5, width), clusters=5) for width in (0.01, 0.05))
    assert wide["pose_cluster_rad"] == pytest.approx(5 * narrow["pose_cluster_rad"], rel=1e-6)
    assert diversity(heaps([10] * 5, 0.05), clusters=5) == wide


def test_too_few_poses_say_nothing() -> None:
    assert diversity(np.zeros((3, 52, 3))) == {}
