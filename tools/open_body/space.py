"""Step 3: a linear shape space, its joint regressor, and the way from a person to betas."""

from dataclasses import dataclass

import numpy as np
from people import AGES

DENSITY = 1000.0
"""Kilograms per cubic metre of body."""


@dataclass(frozen=True)
class Space:
    """verts = mean + dirs @ betas; the same for the joints."""

    mean: np.ndarray
    dirs: np.ndarray
    """(verts, 3, betas)."""
    joints: np.ndarray
    joint_dirs: np.ndarray


def shape_space(
    verts: np.ndarray, joints: np.ndarray, adult: np.ndarray, count: int = 10
) -> tuple[Space, np.ndarray]:
    """Principal directions about the mean *adult*, so that zero betas are one.

    Returns:
        The space, scaled so that betas have a root mean square of one over all people; and betas.
    """
    flat = verts.reshape(len(verts), -1)
    mean, joint_mean = flat[adult].mean(axis=0), joints[adult].mean(axis=0)
    away = flat - mean
    power, modes = np.linalg.eigh(away @ away.T)
    betas = modes[:, ::-1][:, :count] * np.sqrt(len(verts))
    dirs = (away.T @ betas / len(verts)).reshape(*verts.shape[1:], count)
    mean = mean.reshape(verts.shape[1:])
    for k in range(count):
        taller = np.ptp((mean + dirs[..., k])[:, 1]) - np.ptp(mean[:, 1])
        wider = np.ptp((mean + dirs[..., k])[:, 2]) - np.ptp(mean[:, 2])
        if (taller if k == 0 else wider) < 0:
            dirs[..., k] *= -1
            betas[:, k] *= -1
    joint_dirs = np.einsum("nja,nb->jab", joints - joint_mean, betas) / len(betas)
    print("explained:", np.round(power[::-1][:count].cumsum() / power.sum(), 4).tolist())
    return Space(mean, dirs, joint_mean, joint_dirs), betas


def fit_betas(space: Space, verts: np.ndarray) -> np.ndarray:
    """Least-squares betas of people."""
    basis = space.dirs.reshape(-1, space.dirs.shape[-1])
    away = (verts - space.mean).reshape(len(verts), -1)
    return np.linalg.lstsq(basis, away.T, rcond=None)[0].T


def rebuild(space: Space, betas: np.ndarray) -> np.ndarray:
    """People from betas."""
    return space.mean + np.einsum("vab,nb->nva", space.dirs, betas)


def regressor(space: Space, verts: np.ndarray, dirs: np.ndarray, nearest: int = 500) -> np.ndarray:
    """Joints from vertices, exact for the mean and for every shape direction.

    Of all such rows over the nearest vertices the one closest to inverse-square weights: plain
    least squares is exact too, with huge weights of both signs.
    """
    matrix = np.zeros((len(space.joints), len(verts)))
    for j, joint in enumerate(space.joints):
        distance = np.linalg.norm(verts - joint, axis=1)
        near = np.argsort(distance)[:nearest]
        prior = 1 / (0.01 + distance[near]) ** 2
        prior /= prior.sum()
        rows = np.vstack([np.ones(nearest), verts[near].T, 10 * dirs[near].reshape(nearest, -1).T])
        wanted = np.concatenate([[1.0], joint, 10 * space.joint_dirs[j].ravel()])
        scaled = rows * np.sqrt(prior)
        damping = 1e-10 * np.diag([0.0] + [1.0] * (len(wanted) - 1))
        step = np.linalg.solve(scaled @ scaled.T + damping, wanted - rows @ prior)
        matrix[j, near] = prior + np.sqrt(prior) * (scaled.T @ step)
    return matrix


def volumes(verts: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Cubic metres enclosed by each person's skin."""
    a, b, c = (verts[:, faces[:, k]] for k in range(3))
    return np.einsum("nfa,nfa->n", a, np.cross(b, c)) / 6


def features(
    sex: np.ndarray, years: np.ndarray, height: np.ndarray, mass: np.ndarray
) -> np.ndarray:
    """Quadratic in sex, height and build, one set for each of baby, child, adult and old.

    Ages between are blended, as anny blends them. `solver/body/people.py` has the same.
    """
    growth = np.interp(years, *zip(*AGES, strict=True))
    stage = np.maximum(1 - np.abs(3 * growth[:, None] - np.arange(4)), 0)
    plain = [np.ones_like(sex), sex, height - 1.6, mass / height**2 / 20 - 1.1]
    plain = np.stack(plain, axis=1)
    first, second = np.triu_indices(plain.shape[1])
    return (stage[:, :, None] * (plain[:, first] * plain[:, second])[:, None]).reshape(len(sex), -1)


def fit_map(inputs: np.ndarray, betas: np.ndarray, damping: float = 0.3) -> np.ndarray:
    """Ridge regression, its penalty in units of each feature's size."""
    scale = np.sqrt(np.square(inputs).mean(axis=0))
    scaled = inputs / scale
    penalty = damping * np.eye(inputs.shape[1])
    return np.linalg.solve(scaled.T @ scaled + penalty, scaled.T @ betas) / scale[:, None]
