"""How deep the body sinks into itself, exactly: its vertices against the rest of its mesh."""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..geometry.mesh import Mesh
from ..geometry.surface import Surface
from .capsules import in_crease, tree_distance
from .joints import INDEX
from .skinning import ShapedBody

_LIMBS = (
    ("hip",),
    ("knee",),
    ("ankle", "foot"),
    ("shoulder",),
    ("elbow",),
    (
        "wrist",
        *(f"{f}{k}" for f in ("thumb", "index", "middle", "ring", "pinky") for k in (1, 2, 3)),
    ),
)

THIN, WIDE = 6, 0.08
"""One in so many vertices and faces is looked at first; what they stand for is nearer than this,
metres, to one of them."""


def self_depth(body: ShapedBody, verts: Float[Tensor, "verts 3"]) -> Float[Tensor, " verts"]:
    """Depth of each limb and head vertex inside what is not its neighbour, metres; 0 outside.

    Each limb segment is tested against the faces of all joints at least two bones away (so the
    trunk is tested by the limbs that enter it); an open piece of skin still has an inside by its
    winding number. Fingers are not tested against their own hand, nor the folds of armpit and
    groin.

    Args:
        body: Whose faces and weights.
        verts: One posed body, any frame.
    """
    owner = body.model.weights.argmax(dim=1)
    near = tree_distance() < 2
    tested = ~in_crease(body, owner, body.verts)
    depth = verts.new_zeros(len(verts))
    for side in ("left", "right"):
        for names in _LIMBS:
            depth += _depth_of(
                [INDEX[f"{side}_{name}"] for name in names], near, owner, body, verts
            )
    return tested * (depth + _depth_of([INDEX["head"]], near, owner, body, verts))


def _depth_of(
    joints: list[int], near: Tensor, owner: Tensor, body: ShapedBody, verts: Tensor
) -> Float[Tensor, " verts"]:
    own = torch.isin(owner, torch.tensor(joints))
    neighbour = near[joints].any(dim=0)
    other = body.faces[~neighbour[owner[body.faces]].any(dim=1)]
    depth = torch.zeros(len(verts))
    if least_gap(verts, own.nonzero()[:, 0], other) > 0.0:
        return depth
    distance, _, _ = Surface(Mesh(verts, other)).query(verts[own])
    depth[own] = torch.relu(-distance)
    return depth


def least_gap(
    verts: Float[Tensor, "verts 3"],
    piece: Int[Tensor, " piece"],
    faces: Int[Tensor, "faces 3"],
) -> float:
    """How far, metres, a piece of skin is at least from other faces, by a thinned look at both.

    No piece is so small that it were in a body and above this from all of its skin.
    """
    points, others = verts[piece[::THIN]], verts[faces[::THIN].flatten().unique()]
    return float(torch.cdist(points, others).min()) - WIDE
