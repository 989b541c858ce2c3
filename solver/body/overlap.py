"""How deep the body sinks into itself, exactly: its vertices against the rest of its mesh."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import torch
from jaxtyping import Float, Int
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from torch import Tensor

from ..geometry.mesh import Mesh, area_vectors
from ..geometry.surface import Surface
from .capsules import in_crease, tree_distance
from .joints import INDEX
from .model import BodyModel
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

SURE = 0.95
"""Share of a ball around a vertex that certainly holds no other skin: distances are rounded."""
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
    depth = verts.new_zeros(len(verts))
    for limb in limbs_of(body):
        if _gap(verts, limb.few, limb.others.few) < WIDE and limb.may_be_in(verts):
            own = limb.verts
            depth[own] = torch.relu(-limb.others.solid(verts).query(verts[own])[0])
    return depth


class Others:
    """Faces of the body that a limb must not enter; their trees follow from pose to pose."""

    def __init__(self, faces: Int[Tensor, "faces 3"]) -> None:
        self.faces = faces
        self.few = faces[::THIN].flatten().unique()
        """Vertices that stand for all of them."""
        self._trees: dict[bool, Surface] = {}

    def skin(self, verts: Float[Tensor, "verts 3"]) -> Surface:
        """Without signs: it follows a pose at next to no cost."""
        return self._tree(verts, solid=False)

    def solid(self, verts: Float[Tensor, "verts 3"]) -> Surface:
        """With signs."""
        return self._tree(verts, solid=True)

    def _tree(self, verts: Float[Tensor, "verts 3"], *, solid: bool) -> Surface:
        if solid in self._trees:
            self._trees[solid].refit(verts)
        else:
            self._trees[solid] = Surface(Mesh(verts, self.faces), solid=solid)
        return self._trees[solid]


@dataclass(frozen=True)
class Limb:
    """A segment of a limb, or the head, and what it must not enter."""

    verts: Int[Tensor, " own"]
    """Those of its vertices that are tested."""
    edges: Int[Tensor, "edges 2"]
    """Between them, by their places in `verts`."""
    others: Others
    """What is not its neighbour."""

    @cached_property
    def few(self) -> Int[Tensor, " few"]:
        """Vertices that stand for all that are tested."""
        return self.verts[::THIN]

    @cached_property
    def pieces(self) -> tuple[Int[Tensor, " piece"], ...]:
        """Places in `verts` that hang together: a head has eyes and teeth of their own."""
        joint = np.ones(len(self.edges)), tuple(self.edges.T.cpu().numpy())
        graph = coo_matrix(joint, shape=(len(self.verts), len(self.verts)))
        count, piece = connected_components(graph, directed=False)
        return tuple(
            torch.from_numpy(np.flatnonzero(piece == k)).to(self.verts.device) for k in range(count)
        )

    def may_be_in(self, verts: Float[Tensor, "verts 3"]) -> bool:
        """Whether any vertex may be inside the others.

        The ends of an edge lie on the same side where the balls around them that hold no other skin
        overlap. If all do, then one vertex of each piece tells the side of all.
        """
        own = verts[self.verts]
        distance, nearest, face = self.others.skin(verts).nearest(own)
        start, end = self.edges.unbind(dim=1)
        length = (own[start] - own[end]).norm(dim=-1)
        if bool((SURE * (distance[start] + distance[end]) <= length).any()):
            return True
        farthest = torch.stack([piece[distance[piece].argmax()] for piece in self.pieces])
        out = area_vectors(verts, self.others.faces[face[farthest]])
        return bool((((own - nearest)[farthest] * out).sum(dim=-1) < 0).any())


@lru_cache(maxsize=8)
def limbs_of(body: ShapedBody) -> tuple[Limb, ...]:
    """The limbs of one body."""
    owner = body.model.weights.argmax(dim=1)
    tested = ~in_crease(body, owner, body.verts)
    edges = torch.cat([body.faces[:, [k, (k + 1) % 3]] for k in range(3)])
    limbs = []
    for joints, others in others_of(body.model):
        own = torch.isin(owner, joints) & tested
        place = own.cumsum(dim=0) - 1
        between = place[edges[own[edges].all(dim=1)]]
        limbs.append(Limb(own.nonzero()[:, 0], between, others))
    return tuple(limbs)


@lru_cache(maxsize=2)
def others_of(model: BodyModel) -> tuple[tuple[Int[Tensor, " joints"], Others], ...]:
    """The joints of each limb, and what it must not enter; the same for persons of any shape."""
    owner = model.weights.argmax(dim=1)
    near = tree_distance() < 2
    groups = [
        [f"{side}_{name}" for name in names] for side in ("left", "right") for names in _LIMBS
    ]
    found = []
    for names in (*groups, ["head"]):
        joints = torch.tensor([INDEX[name] for name in names])
        neighbour = near[joints].any(dim=0)
        found.append((joints, Others(model.faces[~neighbour[owner[model.faces]].any(dim=1)])))
    return tuple(found)


def least_gap(
    verts: Float[Tensor, "verts 3"],
    piece: Int[Tensor, " piece"],
    faces: Int[Tensor, "faces 3"],
) -> float:
    """How far, metres, a piece of skin is at least from other faces, by a thinned look at both.

    No piece is so small that it were in a body and above this from all of its skin.
    """
    return _gap(verts, piece[::THIN], faces[::THIN].flatten().unique()) - WIDE


def _gap(verts: Tensor, few: Tensor, others: Tensor) -> float:
    return float(torch.cdist(verts[few], verts[others]).min())
