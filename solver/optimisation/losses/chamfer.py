"""The paper's Eq. 7: body part and contact points, both ways, weighted by the contact map."""

import torch
from jaxtyping import Float
from torch import Tensor

from .contact import huber


def weighted_chamfer(
    part: Float[Tensor, "*batch verts 3"],
    region: Float[Tensor, "*#batch points 3"],
    probability: Float[Tensor, " points"],
) -> Float[Tensor, "*batch"]:
    """Mean distance of the part to the region, and of the region to the part by its probability.

    Huber of centimetres, so that far parts pull and do not tear (ours; the paper has squares).

    Args:
        part: Vertices of the body part, metres.
        region: Contact points of the object, same frame.
        probability: Of each contact point; any positive scale.
    """
    away = torch.cdist(part, region, compute_mode="donot_use_mm_for_euclid_dist")
    share = probability / probability.sum()
    to_region = huber(away.amin(dim=-1)).mean(dim=-1)
    return to_region + (huber(away.amin(dim=-2)) * share).sum(dim=-1)
