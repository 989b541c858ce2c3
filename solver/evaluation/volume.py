"""Volume that a person and an object share, by voxels that are refined only where they must be."""

from collections.abc import Callable

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from ..geometry.mesh import Mesh
from .shown import Shown

VOXEL, HAND_VOXEL = 0.005, 0.00125
"""Sides, metres, of the voxels for the whole body and for one hand."""
CUBIC_CENTIMETRES = 1e6
_COARSEST = 0.06
"""Metres: voxels begin about as large as this."""
_OCTANTS = torch.tensor([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]) / 4

Shape = Callable[[Float[Tensor, "points 3"]], tuple[Float[Tensor, " points"], Tensor]]
"""Signed distance that never overstates its size, negative inside; and which points count."""


def enclosed(
    shape: Shape, low: Float[Tensor, "3"], high: Float[Tensor, "3"], voxel: float
) -> float:
    """Volume of the inside of a shape within a box, cubic metres.

    The smallest voxels count by the share that lies behind the surface at their centre's distance.
    Large voxels that a distance shows to be all in or all out are not divided, so that the work
    grows with the surface.

    Args:
        shape: Whose inside.
        low: Lower corner of the box, metres.
        high: Upper corner.
        voxel: Side of the smallest voxels, metres.
    """
    halvings = max(0, round(torch.log2(torch.tensor(_COARSEST / voxel)).item()))
    side = voxel * 2**halvings
    count = ((high - low) / side).ceil().long().clamp(min=1)
    axes = [low[k] + side * (torch.arange(int(count[k])) + 0.5) for k in range(3)]
    centres = torch.cartesian_prod(*axes)
    volume = 0.0
    while True:
        (distance, counts), reach = shape(centres), 3**0.5 * side / 2
        if side < 1.5 * voxel:
            share = (0.5 - distance / side).clamp(0.0, 1.0) * counts
            return volume + float(share.double().sum()) * side**3
        volume += int(((distance < -reach) & counts).sum()) * side**3
        open_ = centres[distance.abs() <= reach]
        centres = (open_[:, None] + side * _OCTANTS).reshape(-1, 3)
        side /= 2


def volume_numbers(shown: Shown) -> dict[str, float]:
    """Shared volume of body and object, cm3, and as a share of the body's; per hand on its own."""
    low = torch.maximum(shown.verts.amin(dim=0), shown.solid.mesh.low)
    high = torch.minimum(shown.verts.amax(dim=0), shown.solid.mesh.high)
    whole = 0.0
    if bool((low < high).all()):
        whole = enclosed(_both(shown), low, high, VOXEL)
    body = mesh_volume(Mesh(shown.verts, shown.faces))
    numbers = {
        "volume_cm3": CUBIC_CENTIMETRES * whole,
        "volume_share": whole / max(body, 1e-9),
    }
    for side in ("left", "right") if shown.body else ():
        numbers[f"{side}_hand_volume_cm3"] = CUBIC_CENTIMETRES * hand_volume(shown, side)
    return numbers


def hand_volume(shown: Shown, side: str, voxel: float = HAND_VOXEL) -> float:
    """Volume of the object inside one hand, cubic metres: where the nearest skin is the hand's."""
    hand = shown.parts[f"{side}_hand"]
    verts = shown.verts[hand]
    if not bool((shown.depth[hand] > 0).any()):
        return 0.0
    of_hand = torch.zeros(len(shown.verts), dtype=torch.bool)
    of_hand[hand] = True
    return enclosed(_both(shown, of_hand), verts.amin(dim=0), verts.amax(dim=0), voxel)


def _both(shown: Shown, of_part: Bool[Tensor, " verts"] | None = None) -> Shape:
    """What is inside of both; with a part, only where the nearest skin belongs to it.

    The larger of two distances never overstates how far the border of the common part is.
    """

    def shape(points: Tensor) -> tuple[Tensor, Tensor]:
        skin, _, face = shown.skin.query(points)
        both = torch.maximum(skin, shown.solid.distance(points))
        counts = torch.ones_like(face, dtype=torch.bool)
        return both, counts if of_part is None else of_part[shown.faces[face]].all(dim=1)

    return shape


def mesh_volume(mesh: Mesh) -> float:
    """Of a closed mesh, cubic metres: tetrahedra from its first vertex to every face."""
    a, b, c = (mesh.verts[mesh.faces[:, k]] - mesh.verts[0] for k in range(3))
    return abs(float((a * torch.linalg.cross(b, c)).sum(dim=-1).double().sum() / 6))
