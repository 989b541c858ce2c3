"""The floor of a scene: where the person's feet will be, and what steps and carpets lie on it."""

import torch
from jaxtyping import Float
from torch import Tensor

from ..geometry.free_space import FreeSpace
from ..geometry.heights import Heights
from ..geometry.mesh import Mesh, area_vectors
from ..geometry.surface import Surface

STEP = 0.05
"""Metres between the places that are asked for their height."""
CLIMB, DROP = 0.25, 0.6
"""How far, metres, above and below the floor one still finds something to stand on."""
SOLE, STRIDE = 0.1, 0.3
"""Half the length of a foot, and how far around it the lowest ground counts, metres."""
BIN = 0.025
"""Heights within this, metres, are one level."""
ROOM = 0.3
"""Square metres that make a level a floor."""
PODIUM = 0.7
"""Square metres of a level beside the object that make it a floor although there is a lower one."""
TALL = 0.4
"""Objects lower than this, metres, may stand on furniture."""
NEAR = 1.5
"""Metres around the object in which its floor is looked for."""
WIDE = 0.5
"""Share of what is around a small object that lies on its level where that is the floor."""
TOUCH = 0.05
"""Metres below the object within which it stands on something."""

DOWN = (0.0, -1.0, 0.0)


def find_floor(surface: Surface, target: Mesh) -> float:
    """Height of the floor that belongs to an object, world frame.

    What it stands on; but below a mug on a table, or a screen on a cabinet, the lowest level that
    has room to stand on.

    Args:
        surface: The scene.
        target: The object, its lowest point about zero.
    """
    heights, area, around = _levels(surface, target)
    own = _own_level(surface, target)
    roomy = heights[area >= ROOM]
    lowest = float(surface.mesh.low[1])
    lower = roomy[roomy < own - 0.15]
    beside = float(area[(heights - own).abs() < 2 * BIN].sum())
    if len(lower) == 0:
        # A table is there without its room; the ground may be thick, or have a cellar.
        stranded = lowest < own - CLIMB and float(target.extent[1]) < TALL
        return lowest if stranded and beside < WIDE * around else own
    stands = float(target.extent[1]) >= TALL and beside >= PODIUM
    return own if stands else float(lower.min())


def _levels(
    surface: Surface, target: Mesh
) -> tuple[Float[Tensor, " levels"], Float[Tensor, " levels"], float]:
    """Heights at which level faces are seen around the object, their areas, the area asked."""
    low, high = target.low - NEAR, target.high + NEAR
    step = max(0.1, float((high - low)[[0, 2]].max()) / 60)
    x, z = (torch.arange(float(low[k]), float(high[k]), step) for k in (0, 2))
    places = torch.stack(torch.meshgrid(x, z, indexing="ij"), dim=-1).reshape(-1, 2)
    top = float(target.low[1]) + CLIMB
    start = torch.stack([places[:, 0], torch.full((len(places),), top), places[:, 1]], dim=-1)
    far, face = surface.cast(start, torch.tensor(DOWN))
    hit = face >= 0
    level = (top - far[hit])[_level_faces(surface.mesh, face[hit])]
    bins, count = (level / BIN).round().unique(return_counts=True)
    return bins * BIN, count * step**2, len(places) * step**2


def _level_faces(mesh: Mesh, face: Tensor) -> Tensor:
    a, b, c = (mesh.verts[mesh.faces[face, k]] for k in range(3))
    normal = torch.nn.functional.normalize(torch.linalg.cross(b - a, c - a), dim=-1)
    return normal[:, 1].abs() > 0.9


def _own_level(surface: Surface, target: Mesh) -> float:
    """What the lowest points of the object stand on; its own lowest height without that."""
    low = float(target.low[1])
    feet = target.verts[target.verts[:, 1] < low + TOUCH]
    feet = feet[:: max(1, len(feet) // 400)]
    start = torch.stack([feet[:, 0], torch.full((len(feet),), low + TOUCH), feet[:, 2]], dim=-1)
    far, face = surface.cast(start, torch.tensor(DOWN), 2 * TOUCH)
    return low + TOUCH - float(far[face >= 0].median()) if bool((face >= 0).any()) else low


def find_heights(space: FreeSpace, floor: float) -> Heights:
    """The map of what one stands on around the object.

    Args:
        space: The scene.
        floor: Its height where the scene has no surface.
    """
    low, high = space.grid.low[[0, 2]], space.grid.high[[0, 2]]
    step = max(STEP, space.step)
    x, z = (torch.arange(float(low[k]), float(high[k]) + step / 2, step) for k in range(2))
    places = torch.stack(torch.meshgrid(x, z, indexing="ij"), dim=-1)
    top = torch.full(places.shape[:2], floor + CLIMB)
    start = torch.stack([places[..., 0], top, places[..., 1]], dim=-1)
    far, face = space.surface.cast(start, torch.tensor(DOWN), CLIMB + DROP)
    # Rays that begin inside a cabinet say nothing.
    seen = (face >= 0) & (space.grid(start) > 0)
    raw = torch.where(seen, floor + CLIMB - far, torch.full_like(far, floor))
    flat = round(SOLE / step), round(STRIDE / step)
    return Heights(
        height=_median(raw), lowest=-_highest(-raw, flat[1]),
        uneven=_highest(raw, flat[0]) + _highest(-raw, flat[0]), low=low, step=step,
    )  # fmt: skip


def height_under(
    surface: Surface, floor: float, points: Float[Tensor, "points 3"]
) -> Float[Tensor, " points"]:
    """Height of what one stands on under each point, metres: exact, where the map has nodes.

    Args:
        surface: The scene, its faces outward.
        floor: Its height where the scene has no surface.
        points: Of a body that stands there.
    """
    start = points.clone()
    start[:, 1] = floor + CLIMB
    far, face = surface.cast(start, torch.tensor(DOWN), CLIMB + DROP)
    mesh = surface.mesh
    up = area_vectors(mesh.verts, mesh.faces)[face.clamp(min=0), 1] > 0
    # A face that looks down is the bottom of what the ray began in: of a cabinet.
    return torch.where((face >= 0) & up, floor + CLIMB - far, torch.full_like(far, floor))


def _highest(values: Float[Tensor, "x z"], reach: int) -> Float[Tensor, "x z"]:
    pool = torch.nn.functional.max_pool2d
    return pool(values[None, None], 2 * reach + 1, stride=1, padding=reach)[0, 0]


def _median(values: Float[Tensor, "x z"]) -> Float[Tensor, "x z"]:
    """Of nine neighbours: a rail as thin as a finger is nothing to stand on."""
    padded = torch.nn.functional.pad(values[None, None], (1, 1, 1, 1), mode="replicate")[0, 0]
    windows = padded.unfold(0, 3, 1).unfold(1, 3, 1)
    return windows.flatten(2).median(dim=-1).values
