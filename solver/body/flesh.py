"""Fit solids into the flesh of a shaped body: capsules in the limbs, spheres in the trunk."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from scipy.sparse import csr_matrix
from scipy.spatial import KDTree
from torch import Tensor

from ..geometry.mesh import Mesh, area_vectors
from ..geometry.surface import Surface
from .joints import INDEX
from .limb_labels import FINGERS
from .skinning import ShapedBody

Solids = tuple[Int[Tensor, " solids"], Float[Tensor, "solids 2 3"], Float[Tensor, "solids 2"]]
"""Joint, end points in the T-pose (metres), radii at the ends."""

_SPHERES = 44
"""Spheres in trunk, neck and head."""

_CELL = 0.018
"""Spacing of the candidates for their centres, as a fraction of 1.7 m of height."""

_SNUG = 0.010
"""A vertex this far outside an inscribed sphere counts as covered, metres."""

_SWELL = 0.004
"""Spheres are this much larger than inscribed: flesh between them is missed less, metres."""


@dataclass(frozen=True)
class Piece:
    """How one stretch of the body becomes capsules."""

    joint: str
    """What it moves with."""
    start: str
    end: str
    """Bone that gives its direction; `end` may be one of the tips below."""
    stretch: tuple[float, float]
    """From, to, along the bone: 0 at its start, 1 at its end."""
    columns: int = 1
    """Parallel capsules across a flat section."""


def _pieces() -> list[Piece]:
    return [piece for side in ("left", "right") for piece in _limb_pieces(side)]


def _limb_pieces(side: str) -> list[Piece]:
    hip, knee, ankle, toes = (f"{side}_{name}" for name in ("hip", "knee", "ankle", "toes"))
    shoulder, elbow, wrist = (f"{side}_{name}" for name in ("shoulder", "elbow", "wrist"))
    pieces = [
        Piece(hip, hip, knee, (0.15, 0.55)),
        Piece(hip, hip, knee, (0.55, 0.95)),
        Piece(knee, knee, ankle, (0.05, 0.4)),
        Piece(knee, knee, ankle, (0.4, 0.95)),
        Piece(ankle, f"{side}_heel", toes, (0.16, 0.6), 2),
        Piece(f"{side}_foot", f"{side}_heel", toes, (0.72, 0.92), 2),
        Piece(shoulder, shoulder, elbow, (0.15, 0.55)),
        Piece(shoulder, shoulder, elbow, (0.55, 0.95)),
        Piece(elbow, elbow, wrist, (0.05, 0.95)),
        Piece(wrist, wrist, f"{side}_middle1", (0.2, 0.95), 3),
    ]
    for finger in FINGERS:
        chain = [f"{side}_{finger}{k}" for k in (1, 2, 3)] + [f"{side}_{finger}"]
        pieces += [
            Piece(joint, joint, end, (0.1, 0.9 if end in INDEX else 0.75))
            for joint, end in pairwise(chain)
        ]
    return pieces


def limb_capsules(body: ShapedBody) -> Solids:
    """Tapered capsules along the bones of arms, hands, legs and feet."""
    owner = body.model.weights.argmax(dim=1)
    places = _places(body, owner)
    found = [
        (INDEX[piece.joint], segment, radius)
        for piece in _pieces()
        for segment, radius in _fit(piece, body, owner, places)
    ]
    joints, ends, radii = zip(*found, strict=True)
    return torch.tensor(joints), torch.stack(ends), torch.stack(radii)


def trunk_spheres(body: ShapedBody) -> Solids:
    """Inscribed spheres in trunk, neck and head, chosen greedily by the surface they fill out.

    A sphere moves with the joint that its nearest skin follows.
    """
    skin = _trunk_skin(body)
    verts, areas = body.verts[skin], body.areas[skin]
    tall = float(body.verts[:, 1].max() - body.verts[:, 1].min()) / 1.7
    centres, radii = _inside(body, verts, _CELL * tall)
    chosen = greedy(verts, areas, centres, radii + _SNUG * tall)
    centres, radii = centres[chosen], radii[chosen] + _SWELL * tall
    weights = torch.exp(-((torch.cdist(centres, verts) - radii[:, None]) / 0.02)) * areas
    joint = (weights @ body.model.weights[skin]).argmax(dim=1)
    return joint, centres[:, None].expand(-1, 2, 3), radii[:, None].expand(-1, 2)


def greedy(
    verts: Float[Tensor, "skin 3"],
    areas: Float[Tensor, " skin"],
    centres: Float[Tensor, "centres 3"],
    reach: Float[Tensor, " centres"],
) -> list[int]:
    """The balls that cover most skin, each counting what none before it covers."""
    found = KDTree(verts.cpu()).query_ball_point(centres.cpu(), reach.cpu())
    ends = np.cumsum([0, *map(len, found)])
    covered = np.concatenate(found).astype(np.int64)
    covers = csr_matrix((np.ones(len(covered)), covered, ends), shape=(len(centres), len(verts)))
    covering = covers.T.tocsr()
    left = areas.double().cpu().numpy().copy()
    gain, chosen = covers @ left, []
    for _ in range(_SPHERES):
        chosen.append(int(gain.argmax()))
        filled = covered[ends[chosen[-1]] : ends[chosen[-1] + 1]]
        gain -= covering[filled].T @ left[filled]
        left[filled] = 0.0
    return chosen


@lru_cache(maxsize=8)
def resting(body: ShapedBody) -> Surface:
    """The body in its T-pose, for queries."""
    return Surface(Mesh(body.verts, body.faces))


def _trunk_skin(body: ShapedBody) -> Bool[Tensor, " verts"]:
    """Trunk, neck, head, and the roots of the limbs where no bone runs through the middle."""
    owner = body.model.weights.argmax(dim=1)
    names = ("pelvis", "spine1", "spine2", "spine3", "neck", "head", "left_collar", "right_collar")
    skin = torch.isin(owner, torch.tensor([INDEX[name] for name in names]))
    for side in ("left", "right"):
        for root, end, reach in (("hip", "knee", 0.25), ("shoulder", "elbow", 0.2)):
            start, bone = body.joints[INDEX[f"{side}_{root}"]], body.joints[INDEX[f"{side}_{end}"]]
            bone = bone - start
            near = (body.verts - start) @ bone / bone.dot(bone) < reach
            skin |= (owner == INDEX[f"{side}_{root}"]) & near
    return skin


def _inside(
    body: ShapedBody, verts: Float[Tensor, "skin 3"], cell: float
) -> tuple[Float[Tensor, "centres 3"], Float[Tensor, " centres"]]:
    """Grid points inside the body, and how deep they are."""
    low, high = verts.amin(dim=0), verts.amax(dim=0)
    axes = [torch.arange(float(low[k]), float(high[k]), cell) for k in range(3)]
    # Symmetric about the middle plane, so that the choice is nearly so.
    half = torch.arange(0, float(high[0]), cell)
    axes[0] = torch.cat([-half.flip(0)[:-1], half])
    points = torch.stack(torch.meshgrid(*axes, indexing="ij"), dim=-1).reshape(-1, 3)
    whole = resting(body)
    outer = Mesh(body.verts, _outer_faces(body, whole))
    depth, nearest, face = Surface(outer, solid=False).nearest(points)
    # Behind its closest face is inside, and far cheaper to ask than the winding number, except
    # around the head, where faces are missing.
    behind = ((points - nearest) * area_vectors(outer.verts, outer.faces)[face]).sum(dim=-1) < 0
    deep = behind & (depth > 1.2 * cell)
    points, depth = points[deep], depth[deep]
    inside = points[:, 1] < body.joints[INDEX["neck"], 1]
    inside[~inside] = whole.query(points[~inside])[0] < 0
    return points[inside], depth[inside]


def _outer_faces(body: ShapedBody, whole: Surface) -> Int[Tensor, "outer 3"]:
    """The faces without those inside the head: mouth, eye sockets."""
    head = body.model.weights.argmax(dim=1) == INDEX["head"]
    out = body.verts[head] + 1e-4 * body.normals[head]
    hidden = torch.zeros_like(head)
    hidden[head] = ~whole.clear(out, body.normals[head], reach=0.12)
    return body.faces[~hidden[body.faces].any(dim=1)]


def _places(body: ShapedBody, owner: Int[Tensor, " verts"]) -> dict[str, Float[Tensor, "3"]]:
    """Joints, and the tips that no joint marks."""
    places = {name: body.joints[k] for name, k in INDEX.items()}
    head = body.verts[owner == INDEX["head"]]
    places["crown"] = torch.stack([places["head"][0], head[:, 1].max(), head[:, 2].mean()])
    for side in ("left", "right"):
        for finger in FINGERS:
            last, before = places[f"{side}_{finger}3"], places[f"{side}_{finger}2"]
            bone = torch.nn.functional.normalize(last - before, dim=0)
            reach = (body.verts[owner == INDEX[f"{side}_{finger}3"]] - last) @ bone
            places[f"{side}_{finger}"] = last + bone * reach.max()
        foot = body.verts[(owner == INDEX[f"{side}_ankle"]) | (owner == INDEX[f"{side}_foot"])]
        middle = places[f"{side}_foot"]
        low = foot[:, 1].min() + 0.5 * (middle[1] - foot[:, 1].min())
        places[f"{side}_heel"] = torch.stack([places[f"{side}_ankle"][0], low, foot[:, 2].min()])
        places[f"{side}_toes"] = torch.stack([middle[0], low, foot[:, 2].max()])
    return places


def _fit(
    piece: Piece,
    body: ShapedBody,
    owner: Int[Tensor, " verts"],
    places: dict[str, Float[Tensor, "3"]],
) -> list[tuple[Float[Tensor, "2 3"], Float[Tensor, "2"]]]:
    start, bone = places[piece.start], places[piece.end] - places[piece.start]
    side = piece.joint.split("_")[0]
    foot = (INDEX[f"{side}_ankle"], INDEX[f"{side}_foot"])
    family = foot if INDEX[piece.joint] in foot else (INDEX[piece.joint],)
    flesh = torch.isin(owner, torch.tensor(family))
    verts, areas = body.verts[flesh], body.areas[flesh]
    t = (verts - start) @ bone / bone.dot(bone)
    rings = [_ring(verts, areas, t, at, piece, start, bone) for at in piece.stretch]
    return [
        (torch.stack([a, b]), torch.stack([rings[0][1], rings[1][1]]))
        for a, b in zip(rings[0][0], rings[1][0], strict=True)
    ]


def _ring(
    verts: Tensor, areas: Tensor, t: Tensor, at: float, piece: Piece, start: Tensor, bone: Tensor
) -> tuple[list[Tensor], Tensor]:
    """Centres and common radius of the circles that fill the cross-section at `at`."""
    width = 0.5 * (piece.stretch[1] - piece.stretch[0])
    near = torch.exp(-(((t - at) / (0.5 * width)) ** 2)) * areas
    near = torch.where((t - at).abs() <= width, near, 0.0)
    near = near / near.sum()
    axis = torch.nn.functional.normalize(bone, dim=0)
    flat = verts - (verts - start) @ axis[:, None] * axis
    centre = (flat * near[:, None]).sum(dim=0)
    out = flat - centre
    spread = torch.linalg.eigh((out * near[:, None]).T @ out)
    major = spread.eigenvectors[:, 2]
    # A thin ring of radius r has variance r^2 / 2 along each of its axes.
    a, b = (2 * spread.eigenvalues[[2, 1]].clamp(min=1e-10)).sqrt()
    if piece.columns == 1:
        return [centre + at * bone], (a * b).sqrt()
    major = major * torch.where(major[major.abs().argmax()] < 0, -1.0, 1.0)
    offsets = torch.linspace(-1, 1, piece.columns) * (a - b).clamp(min=0)
    return [centre + at * bone + o * major for o in offsets], b
