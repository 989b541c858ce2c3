"""Which way a held tool works: along its shaft, or where its head points."""

import torch
from jaxtyping import Float
from torch import Tensor

from ..artefacts import Grip, Item

SHAFT = 2.2
"""An object this many times as long as it is wide works along its length."""
LONG = 1.5
"""Ratio of spreads from which a working end has a direction: a hammer's head, not a bulb."""
SHANK = 2.0
"""What is nearer to the grip's axis, in its radii, is no head but the grip going on."""
TURNS = 4
"""How often the head's own way is measured, each time on what lies above it."""
SLANTED = 0.2
"""Cosine of head and grip from which the grip shows which end is in front."""


def shaft_direction(item: Item, held: Float[Tensor, "3"]) -> Float[Tensor, "3"] | None:
    """Along a slender object, away from where it is held; None for one that is not slender."""
    middle = item.points.mean(dim=0)
    _, _, axes = torch.linalg.svd(item.points - middle, full_matrices=False)
    along = (item.points - middle) @ axes.T
    length = along.amax(dim=0) - along.amin(dim=0)
    if float(length[0]) <= SHAFT * float(length[1]):
        return None
    ends = (along[:, 0].max() + along[:, 0].min()) / 2
    away = ends - (held - middle) @ axes[0]
    return axes[0] * torch.where(away < 0, -1.0, 1.0)


def working_direction(item: Item, grip: Grip) -> Float[Tensor, "3"] | None:
    """Which way the head at the grip's end points; None where it has no way.

    A pistol's grip slants backward from its head. On a grip that is square to it, the longer side
    of the head counts as its face: the end that sticks out further.
    """
    offset = item.points - grip.centre
    along = offset @ grip.axis
    flat = offset - along[:, None] * grip.axis
    end = float(along.max())
    top = along > 0.8 * end
    if int(top.sum()) < 20:
        return None
    _, spread, axes = torch.linalg.svd(flat[top] - flat[top].mean(dim=0), full_matrices=False)
    if float(spread[0]) < LONG * float(spread[1]):
        return None
    way, reach = axes[0], flat[top] @ axes[0]
    for _ in range(TURNS):  # A head need not be square to its grip, nor its lower edge.
        up = torch.nn.functional.normalize(grip.axis - (grip.axis @ way) * way, dim=0)
        rise = offset @ up
        end = float(rise.max())
        above = max(float(up @ grip.axis) * grip.length / 2, 0.4 * end)
        head = (rise > min(0.8 * end, above)) & (flat.norm(dim=-1) > SHANK * grip.radius)
        if int(head.sum()) < 20:
            return None
        reach, rise = offset[head] @ way, rise[head]
        aside = reach - reach.mean()
        lean = (aside * (rise - rise.mean())).sum() / aside.square().sum().clamp(min=1e-9)
        way = torch.nn.functional.normalize(way + lean * up, dim=0)
    slant = float(way @ grip.axis)
    longer = float(reach.max()) + float(reach.min())
    return way * (1.0 if (slant if abs(slant) > SLANTED else longer) >= 0 else -1.0)
