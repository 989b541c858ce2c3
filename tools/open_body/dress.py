"""Step 5: what the person wears: one material per triangle, with straight edges.

0 skin, 1 shirt, 2 trousers, 3 shoes, 4 hair.
"""

from dataclasses import dataclass

import numpy as np
from skeleton import INDEX

SKIN, SHIRT, TROUSERS, SHOES, HAIR = range(5)

SIDES = ("left", "right")
TRUNK = ("pelvis", "spine1", "spine2", "spine3", "left_hip", "right_hip")
CHEST = ("spine3", "neck", "head", "left_collar", "right_collar")


@dataclass(frozen=True)
class Edge:
    """A plane that ends a garment on some part of the body."""

    point: np.ndarray
    normal: np.ndarray
    """Points toward what the garment does not cover."""
    joints: tuple[str, ...]
    """The skin of these joints is cut."""

    def height(self, points: np.ndarray) -> np.ndarray:
        """Signed distance over the edge, metres."""
        return (points - self.point) @ self.normal / np.linalg.norm(self.normal)


def edges(joints: np.ndarray, verts: np.ndarray, weights: np.ndarray) -> dict[str, Edge]:
    """The edges of clothes and hair on the mean body."""
    at = lambda name: joints[INDEX[name]]  # noqa: E731
    up, ahead = np.array([0.0, 1.0, 0.0]), np.array([0.0, 0.0, 1.0])
    middle = (weights[:, INDEX["head"]] > 0.5) & (np.abs(verts[:, 0]) < 0.012)
    nose = verts[np.where(middle, verts[:, 2], -9).argmax()]
    found = {
        "waist": Edge(0.45 * at("pelvis") + 0.55 * at("spine1"), -up, TRUNK),
        "neck": Edge(at("neck") + 0.012 * up, up + 0.55 * ahead, CHEST),
        "hair": Edge(nose + 0.09 * up, -up + 0.75 * ahead, ("head", "neck")),
    }
    for side in SIDES:
        shoulder, elbow = at(f"{side}_shoulder"), at(f"{side}_elbow")
        arm = (f"{side}_shoulder", f"{side}_elbow")
        leg = (f"{side}_knee", f"{side}_ankle", f"{side}_foot")
        found[f"{side}_sleeve"] = Edge(0.28 * shoulder + 0.72 * elbow, elbow - shoulder, arm)
        found[f"{side}_hem"] = Edge(at(f"{side}_ankle") + 0.022 * up, -up, leg)
    return found


def on(weights: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
    """Vertices that mostly follow these joints."""
    return weights[:, [INDEX[name] for name in names]].sum(axis=1) > 0.5


def materials(
    verts: np.ndarray, triangles: np.ndarray, weights: np.ndarray, cuts: dict[str, Edge]
) -> np.ndarray:
    """Material of each triangle."""
    centre = verts[triangles].mean(axis=1)
    follows = weights[triangles].mean(axis=1).argmax(axis=1)
    of = lambda *names: np.isin(follows, [INDEX[name] for name in names])  # noqa: E731
    beyond = {name: cut.height(centre) > 0 for name, cut in cuts.items()}
    worn = np.full(len(triangles), SKIN, np.uint8)
    worn[of(*TRUNK, "left_collar", "right_collar")] = SHIRT
    worn[of(*TRUNK) & beyond["waist"]] = TROUSERS
    worn[of("neck", "head") & ~beyond["neck"] & (centre[:, 1] < cuts["neck"].point[1] + 0.05)] = (
        SHIRT
    )
    worn[of(*CHEST) & beyond["neck"]] = SKIN
    worn[of("head", "neck") & ~beyond["hair"]] = HAIR
    worn[_ears(centre, of("head"))] = SKIN
    for side in SIDES:
        worn[of(f"{side}_shoulder", f"{side}_elbow") & ~beyond[f"{side}_sleeve"]] = SHIRT
        low = of(f"{side}_knee", f"{side}_ankle", f"{side}_foot")
        worn[low] = np.where(beyond[f"{side}_hem"][low], SHOES, TROUSERS)
    return worn


def _ears(centre: np.ndarray, head: np.ndarray) -> np.ndarray:
    """What stands out of the skull at its sides."""
    out = np.abs(centre[:, 0])
    band = head & (out > np.percentile(out[head], 60))
    ears = np.zeros_like(head)
    for sign in (1.0, -1.0):
        tip = centre[np.where(band & (centre[:, 0] * sign > 0), out, -1).argmax()]
        near = np.linalg.norm((centre - tip) / [0.022, 0.036, 0.03], axis=1) < 1
        ears |= band & near
    return ears
