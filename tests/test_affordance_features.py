"""Features of samples against closed forms and slow references."""

import numpy as np
import pytest
import torch
from affordance_objects import box, item_of, rod

from solver.affordance.features import from_gaps, mean_spacing, measure_shape, rodness, thin
from solver.affordance.rods import find_rods
from solver.affordance.seating import supported


def grid(step: float, wide: float) -> np.ndarray:
    ticks = np.arange(-wide / 2, wide / 2, step)
    x, z = np.meshgrid(ticks, ticks)
    return np.stack([x.ravel(), np.zeros(x.size), z.ravel()], axis=1)


def test_the_spacing_of_a_lattice_is_its_step() -> None:
    points = grid(0.01, 0.6)
    up = np.tile([0.0, 1.0, 0.0], (len(points), 1))
    assert mean_spacing(points, up) == pytest.approx(0.01, rel=0.15)


def test_the_spacing_of_random_samples_is_the_root_of_their_area() -> None:
    points = np.random.default_rng(0).uniform(-0.5, 0.5, (5000, 3)) * [1, 0, 1]
    up = np.tile([0.0, 1.0, 0.0], (5000, 1))
    assert mean_spacing(points, up) == pytest.approx(5000**-0.5, rel=0.15)


def test_thickness_and_clearances_of_a_plate() -> None:
    """A plate of 4 cm, 30 cm under a ceiling of the same object."""
    item = item_of(box((1, 0.04, 1), (0, 0.02, 0)), box((1, 0.02, 1), (0, 0.35, 0)))
    shape = measure_shape(item)
    top = (shape.up > 0.9) & (shape.height < 0.05)
    np.testing.assert_allclose(shape.thickness[top], 0.04, atol=2e-3)
    np.testing.assert_allclose(shape.clear_up[top], 0.3, atol=5e-3)


def test_rods_are_rods_and_plates_and_balls_are_not() -> None:
    rng = np.random.default_rng(1)
    angle, along = rng.uniform(0, 2 * np.pi, 6000), rng.uniform(-0.2, 0.2, 6000)
    round_ = np.stack([np.cos(angle), np.sin(angle), 0 * angle], axis=1)
    cylinder = round_ * 0.012 + along[:, None] * [0, 0, 1]
    assert np.median(rodness(cylinder, round_, np.full(6000, 0.024), 0.002, 0.4)) > 0.4
    ball = rng.normal(size=(6000, 3))
    ball /= np.linalg.norm(ball, axis=1, keepdims=True)
    assert rodness(0.3 * ball, ball, np.full(6000, 0.6), 0.01, 0.6).max() < 0.2
    up = np.tile([0.0, 1.0, 0.0], (6000, 1))
    flat = rng.uniform(-0.2, 0.2, (6000, 3)) * [1, 0, 1]
    assert rodness(flat, up, np.full(6000, 0.1), 0.005, 0.4).max() < 1e-6


def test_rodness_equals_its_definition() -> None:
    """Against a loop over points with one ball, on few enough points that none is thinned."""
    rng = np.random.default_rng(2)
    points = grid(0.0095, 0.1)[:, [0, 2, 1]] + rng.uniform(-1e-3, 1e-3, (121, 3))
    normals = rng.normal(size=points.shape)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    expected = np.zeros(len(points))
    for radius in (0.022, 0.035):
        kept = thin(points, radius * 0.3)
        value = np.zeros(len(kept))
        for k, p in enumerate(points[kept]):
            ball = normals[kept][np.linalg.norm(points[kept] - p, axis=1) <= radius]
            low, mid, high = np.linalg.eigvalsh(ball.T @ ball / len(ball))
            net = np.linalg.norm(ball.mean(axis=0))
            if len(ball) >= 14:
                value[k] = mid / (high + 1e-6) * max(0, 1 - 3 * low) * max(0, 1 - 1.4 * net) ** 1.5
        gaps = np.linalg.norm(points[:, None] - points[kept][None], axis=2)
        expected = np.maximum(expected, value[gaps.argmin(axis=1)])
    np.testing.assert_allclose(
        rodness(points, normals, np.ones(len(points)), 0.0095, 0.11), expected, atol=1e-9
    )


def test_support_of_a_half_plane_is_half_a_disc() -> None:
    item = item_of(box((1.0, 0.4, 1.0), (0, 0.2, 0)), count=40000)
    shape = measure_shape(item)
    seeds = np.array([[0.0, 0.4, 0.0], [0.5, 0.4, 0.0]])
    share = supported(shape, shape.up > 0.9, seeds)
    np.testing.assert_allclose(share, [1.0, 0.5], atol=0.15)


@pytest.mark.parametrize("radius", [0.01, 0.02, 0.03])
def test_a_rod_is_measured(radius: float) -> None:
    item = item_of(rod(radius, 0.3, (0, 0.1, 0.15), "z"), box((0.2, 0.2, 0.1), (0, 0.1, -0.05)))
    best = find_rods(measure_shape(item))[0]
    assert best.radius == pytest.approx(radius, rel=0.12)
    assert best.axis[2] < -0.98, "toward the block"
    assert best.length == pytest.approx(0.3, abs=0.06)


def test_thinning_keeps_one_point_per_cell() -> None:
    points = np.random.default_rng(3).uniform(0, 1, (5000, 3))
    kept = points[thin(points, 0.25)]
    cells = np.floor((kept - points.min(axis=0)) / 0.25).astype(int)
    assert len(np.unique(cells, axis=0)) == len(kept) <= 125


def test_fingers_come_under_a_handle_and_not_into_a_well_or_a_slit() -> None:
    """A bar 4 cm over a slab, one 1 cm over it, and a well 20 cm deep."""
    slab = box((0.9, 0.02, 0.3), (0, 0.01, 0))
    bars = [box((0.2, 0.02, 0.02), (-0.3, 0.07, 0)), box((0.2, 0.02, 0.02), (0.0, 0.04, 0))]
    walls = [box((0.02, 0.2, 0.1), (x, 0.12, 0)) for x in (0.26, 0.36)]
    walls += [box((0.1, 0.2, 0.02), (0.31, 0.12, z)) for z in (-0.05, 0.05)]
    item = item_of(slab, *bars, *walls)
    points = torch.tensor([[-0.3, 0.06, 0.0], [0.0, 0.03, 0.0], [0.31, 0.02, 0.0]])
    normals = torch.tensor([[0.0, -1.0, 0.0], [0.0, -1.0, 0.0], [0.0, 1.0, 0.0]])
    assert from_gaps(item, points, normals).tolist() == [True, False, False]
