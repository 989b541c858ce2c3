"""Balls inside the body: how near its bones the object may come.

They see what vertices cannot: a plate, a tube or an open sheet that runs through a limb between
its vertices.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..body import Posed, ShapedBody, carried
from ..body.blending import Blend, blended
from ..body.flesh import resting
from .patches import spread

HANDS = 20
"""Joints from here on belong to the hands, which close around thin things on purpose."""


@dataclass(frozen=True)
class Spheres:
    """Inscribed balls, T-pose: first those of trunk and limbs, then those of the hands."""

    centres: Float[Tensor, "spheres 3"]
    radii: Float[Tensor, " spheres"]
    weights: Float[Tensor, "spheres 52"]
    """Skinning, that of the vertices around."""
    nearest: Int[Tensor, " spheres"]
    """A vertex on the skin beside each."""
    solid: int
    """How many are not of the hands."""

    @cached_property
    def table(self) -> Blend:
        """The centres as `carried` takes them."""
        return blended(self.weights, self.centres)


@lru_cache(maxsize=8)
def half_depth(body: ShapedBody) -> tuple[Float[Tensor, " verts"], Int[Tensor, " verts"]]:
    """Half the way through the flesh, metres, straight inward from each vertex; the face there."""
    inward = -body.normals
    start = body.verts + 1e-4 * inward
    depth, face = resting(body).cast(start, inward, reach=0.5)
    return torch.where(face >= 0, depth / 2, torch.zeros(())), face


@lru_cache(maxsize=8)
def inner_spheres(body: ShapedBody, count: int = 140, per_hand: int = 12) -> Spheres:
    """Balls around the middle of the flesh, found by a ray inward from every vertex.

    Args:
        body: The shape.
        count: How many in trunk, legs, arms and head, evenly spread.
        per_hand: How many in each hand.
    """
    half, face = half_depth(body)
    middle = body.verts - body.normals * (half + 1e-4)[:, None]
    radius, _, _ = resting(body).nearest(middle)
    owner = body.model.weights.argmax(dim=1)
    fits = (face >= 0) & (radius > 0.85 * half)
    hand = owner >= HANDS
    left = body.verts[:, 0] > 0
    groups = [
        (fits & ~hand & (radius > 0.018), count),
        (fits & hand & left & (radius > 0.005), per_hand),
        (fits & hand & ~left & (radius > 0.005), per_hand),
    ]
    kept = [torch.nonzero(mask)[:, 0] for mask, _ in groups]
    kept = [rows[spread(middle[rows], n)] for rows, (_, n) in zip(kept, groups, strict=True)]
    chosen = torch.cat(kept)
    far = body.faces[face[chosen], 0]
    weights = (body.model.weights[chosen] + body.model.weights[far]) / 2
    centres, radii = middle[chosen], radius[chosen]
    return Spheres(centres, radii, weights, chosen, len(kept[0]))


def sphere_centres(spheres: Spheres, posed: Posed) -> Float[Tensor, "batch spheres 3"]:
    """The centres of the posed body, world frame."""
    return carried(spheres.table, posed.bones)
