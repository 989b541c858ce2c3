"""The person touches their own body: a palm on the thigh, hands behind the head."""

import torch
from jaxtyping import Float
from torch import Tensor

from .contact import huber


def own_contact(
    points: Float[Tensor, "batch points 3"],
    onto: Float[Tensor, "batch others 3"],
    gap: float = 0.006,
    fraction: float = 0.5,
) -> Float[Tensor, " batch"]:
    """Huber of the nearest half's distance to the other patch, centimetres beyond `gap`.

    Args:
        points: The limb's patch, world frame, metres.
        onto: The other patch.
        gap: Distance that counts as touching: both patches are known by samples.
        fraction: Share of the limb's patch that has to touch.
    """
    nearest = torch.cdist(points, onto, compute_mode="donot_use_mm_for_euclid_dist").amin(dim=-1)
    count = max(3, int(fraction * nearest.shape[-1]))
    away = (nearest.topk(count, dim=-1, largest=False).values - gap).clamp(min=0.0)
    return huber(away).mean(dim=-1)
