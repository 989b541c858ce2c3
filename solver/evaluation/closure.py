"""Q1: how large a wrench a hand resists in its weakest direction (Ferrari and Canny 1992)."""

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.spatial import ConvexHull
from torch import Tensor

from ..geometry.mesh import Mesh, centre_of_mass, spread
from .shown import TOUCHING, Shown

FRICTIONS = (0.5, 0.2)
EDGES = 8
"""Of the pyramid that stands for a friction cone."""
CONTACTS = 20
"""As many, far from one another, stand for a whole hand's."""


def cone_wrenches(
    points: NDArray[np.float64], inward: NDArray[np.float64], friction: float
) -> NDArray[np.float64]:
    """The edges of the friction cones as wrenches (contacts * EDGES, 6): force, torque.

    Args:
        points: (contacts, 3) from the centre of mass, in units of the object's radius.
        inward: (contacts, 3) unit normals into the object.
        friction: Coulomb's coefficient; the normal force is 1.
    """
    away = np.eye(3)[np.abs(inward).argmin(axis=1)]
    u = np.cross(inward, away)
    u /= np.linalg.norm(u, axis=1, keepdims=True)
    v = np.cross(inward, u)
    angle = 2 * np.pi * np.arange(EDGES) / EDGES
    ring = np.cos(angle)[:, None] * u[:, None] + np.sin(angle)[:, None] * v[:, None]
    force = (inward[:, None] + friction * ring).reshape(-1, 3)
    return np.hstack([force, np.cross(np.repeat(points, EDGES, axis=0), force)])


def largest_ball(wrenches: NDArray[np.float64]) -> float:
    """Radius of the largest ball about the origin in the convex hull; 0 where it is outside.

    Contacts of a flat side lie on common planes; Qhull moves them apart by a rounding (QJ).
    """
    size = wrenches.shape[1]
    if len(wrenches) <= size or np.linalg.matrix_rank(wrenches - wrenches[0], tol=1e-9) < size:
        return 0.0
    return max(0.0, float(-ConvexHull(wrenches, qhull_options="QJ").equations[:, -1].max()))


def q1(points: NDArray, inward: NDArray, centre: NDArray, radius: float, friction: float) -> float:
    """Q1 of point contacts; torque about `centre` (metres), lengths in units of `radius`."""
    return largest_ball(cone_wrenches((points - centre) / radius, inward, friction))


def closure_numbers(shown: Shown) -> dict[str, float]:
    """Q1 of each hand that touches, and of both together, for two coefficients of friction."""
    mesh = shown.solid.mesh
    centre = centre_of_mass(Mesh(mesh.verts - mesh.low, mesh.faces)) + mesh.low
    radius = float((mesh.verts - centre).norm(dim=-1).max())
    hands = {side: shown.parts[f"{side}_hand"] for side in ("left", "right")}
    hands["both"] = torch.cat(list(hands.values()))
    numbers: dict[str, float] = {}
    for name, verts in hands.items():
        points, inward = touched(shown, verts)
        for friction in FRICTIONS if len(points) else ():
            value = q1(points, inward, centre.double().numpy(), radius, friction)
            numbers[f"{name}_q1_mu{friction:g}"] = value
    return numbers


def touched(shown: Shown, verts: Tensor) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where some vertices touch the object, far from one another, and the normals into it."""
    distance, nearest, normal = shown.nearest
    verts = verts[distance[verts] < TOUCHING]
    chosen = verts[spread(nearest[verts], CONTACTS)] if len(verts) else verts
    return nearest[chosen].double().numpy(), -normal[chosen].double().numpy()
