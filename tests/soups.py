"""Small meshes, made by hand, that several tests of mesh intake share."""

import numpy as np
import torch
from numpy.typing import NDArray

from solver.artefacts import Item, ObjectPrior
from solver.intake import Hints, take_in

CHAIR = ObjectPrior("chair", (0.45, 0.9, 0.5), "seat", "backrest")
TABLE = ObjectPrior("table", (1.4, 0.75, 0.8), "table", "none")
UNKNOWN = ObjectPrior("object", None, "unknown", "none")
KEEP, ESTIMATE = Hints(), Hints(placement="estimate")
Soup = tuple[NDArray[np.float64], NDArray[np.int64]]

Y_TO_Z = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])
"""Turns a Y-up object into a Z-up one."""


def box(size: tuple[float, float, float], middle: tuple[float, float, float]) -> Soup:
    """Twelve triangles that look outward."""
    corners = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]) / 2
    quads = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    faces = [f for a, b, c, d in quads for f in ((a, b, c), (a, c, d))]
    return corners * size + middle, np.array(faces)


def join(*parts: Soup) -> Soup:
    starts = np.cumsum([0] + [len(verts) for verts, _ in parts])
    faces = [faces + start for (_, faces), start in zip(parts, starts, strict=False)]
    return np.concatenate([verts for verts, _ in parts]), np.concatenate(faces)


def chair() -> Soup:
    legs = [box((0.04, 0.43, 0.04), (x, 0.215, z)) for x in (-0.2, 0.2) for z in (-0.2, 0.2)]
    seat, back = box((0.45, 0.04, 0.45), (0, 0.45, 0)), box((0.45, 0.45, 0.03), (0, 0.68, -0.21))
    return join(seat, back, *legs)


def table() -> Soup:
    legs = [box((0.06, 0.72, 0.06), (x, 0.36, z)) for x in (-0.65, 0.65) for z in (-0.35, 0.35)]
    return join(box((1.4, 0.03, 0.8), (0, 0.735, 0)), *legs)


def yaw(degrees: float) -> NDArray[np.float64]:
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])


def take(soup: Soup, prior: ObjectPrior = UNKNOWN, hints: Hints = KEEP) -> Item:
    return take_in(*soup, "thing", prior, hints, cells=24)


def signs(item: Item, points: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which points, in the scene's frame, are inside."""
    T = torch.linalg.inv(item.T_scene_world)
    world = torch.tensor(points, dtype=torch.float32) @ T[:3, :3].T + T[:3, 3]
    return (item.surface.query(world)[0] < 0).numpy()


SOLID, EMPTY = np.array([[0.05, 0.06, 0.02]]), np.array([[0.05, 0.3, 0.02]])
BRICK = box((0.4, 0.2, 0.3), (0, 0.1, 0))
