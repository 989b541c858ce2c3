"""The body as tapered capsules: cheap distances of the body to itself and to points.

They are fitted to the flesh of a shaped body, so a child's are thin and a heavy person's thick.
They steer the optimisation; `self_depth` in `overlap.py` is the exact measure. Of the faults in
random poses that are deeper than 15 mm they see all.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from ..geometry.tapered import tapered_gap
from .blending import Blend, blended, carried
from .flesh import limb_capsules, trunk_spheres
from .joints import INDEX, JOINTS, PARENTS
from .limb_labels import FINGERS
from .skinning import Posed, ShapedBody

SLACK = 0.003
"""Overlap that flesh takes, metres."""

_DEEP = 0.035
"""Pairs that overlap more than this in the T-pose are neighbours, metres."""

_TRUNK = ("pelvis", "spine1", "spine2", "spine3", "left_collar", "right_collar", "neck")

_ROOTS = tuple(
    (f"{side}_{root}", f"{side}_{end}")
    for side in ("left", "right")
    for root, end in (("hip", "knee"), ("shoulder", "elbow"))
)

_CREASE = 0.42
"""How far down the upper arm and thigh flesh may fold against the trunk, fraction of the bone."""


@dataclass(frozen=True)
class Capsules:
    """Tapered capsules that move with joints."""

    joint: Int[Tensor, " capsules"]
    ends: Float[Tensor, "capsules 2 3"]
    """Offsets from the joint in the T-pose, metres."""
    radii: Float[Tensor, "capsules 2"]
    pairs: Int[Tensor, "pairs 2"]
    """Capsules that must not overlap."""
    slack: Float[Tensor, " pairs"]
    """Overlap allowed to each pair: what it has in the T-pose and `SLACK`, metres."""

    @cached_property
    def table(self) -> Blend:
        """Both ends of each as `carried` takes them, from frames at the joints."""
        owner = torch.nn.functional.one_hot(self.joint, len(JOINTS)).to(self.ends)
        return blended(owner.repeat_interleave(2, dim=0), self.ends.flatten(0, 1))


@lru_cache(maxsize=8)
def fit_capsules(body: ShapedBody) -> Capsules:
    """The capsules of one shape; remembered, for they take as long as a draft's descent."""
    parts = [limb_capsules(body), trunk_spheres(body)]
    joint, ends, radii = (torch.cat(values) for values in zip(*parts, strict=True))
    pairs, slack = _pairs(joint, ends, radii, in_crease(body, joint, ends.mean(dim=1)))
    return Capsules(
        joint=joint,
        ends=ends - body.joints[joint][:, None],
        radii=radii,
        pairs=pairs,
        slack=slack,
    )


def place_capsules(capsules: Capsules, posed: Posed) -> Float[Tensor, "batch capsules 2 3"]:
    """The end points in the world frame, metres."""
    frames = torch.cat([posed.bones[..., :3], posed.joints.mT[..., None]], dim=-1)
    return carried(capsules.table, frames).unflatten(1, (-1, 2))


def self_penetration(
    capsules: Capsules, posed: Posed, close: Int[Tensor, " close"] | None = None
) -> Float[Tensor, "batch pairs"]:
    """How deep pairs overlap beyond their slack, metres; 0 where they are apart.

    Args:
        capsules: The body's.
        posed: A batch of bodies.
        close: The only pairs that are asked about, and given; None: all of them.
    """
    ends = place_capsules(capsules, posed)
    near = close_pairs(capsules, ends.detach()) if close is None else close
    gap = tapered_gap(ends, capsules.radii, capsules.pairs[near])
    depth = torch.relu(-gap - capsules.slack[near])
    if close is not None:
        return depth
    return depth.new_zeros(len(depth), len(capsules.pairs)).index_copy(1, near, depth)


def close_pairs(
    capsules: Capsules, ends: Float[Tensor, "batch capsules 2 3"], margin: float = 0.0
) -> Int[Tensor, " close"]:
    """The pairs that come nearer than `margin`, metres, by bounding balls, in any body."""
    centre = ends.mean(dim=2)
    reach = (ends[:, :, 0] - centre).norm(dim=-1) + capsules.radii.amax(dim=1)
    first, second = capsules.pairs.unbind(dim=1)
    between = torch.cdist(centre, centre) - reach[:, :, None] - reach[:, None]
    least = between.amin(dim=0)
    return (least[first, second] < margin).nonzero()[:, 0]


def _pairs(
    joint: Int[Tensor, " capsules"],
    ends: Float[Tensor, "capsules 2 3"],
    radii: Float[Tensor, "capsules 2"],
    crease: Bool[Tensor, " capsules"],
) -> tuple[Int[Tensor, "pairs 2"], Float[Tensor, " pairs"]]:
    first, second = torch.triu_indices(len(joint), len(joint), 1)
    distance = tree_distance()[joint[first], joint[second]]
    trunk = torch.isin(joint, torch.tensor([INDEX[name] for name in _TRUNK]))
    hand = torch.tensor([_hand_of(JOINTS[j]) for j in joint.tolist()])
    same_hand = (hand[first] == hand[second]) & (hand[first] > 0)
    folds = crease | trunk
    keep = (distance >= 2) & ~(folds[first] & folds[second])
    keep &= ~same_hand
    first, second = first[keep], second[keep]
    pairs = torch.stack([first, second], dim=1)
    overlap = torch.relu(-tapered_gap(ends[None], radii, pairs)[0])
    apart = overlap < _DEEP
    return pairs[apart], overlap[apart] + SLACK


def in_crease(
    body: ShapedBody, joint: Int[Tensor, " n"], points: Float[Tensor, "n 3"]
) -> Bool[Tensor, " n"]:
    """Which T-pose points, moving with `joint`, are in the roots of arms and thighs.

    Flesh folds there against the trunk, and that is no fault.
    """
    crease = torch.zeros(len(joint), dtype=torch.bool)
    for root, end in _ROOTS:
        start = body.joints[INDEX[root]]
        away = (points - start).norm(dim=-1)
        length = (body.joints[INDEX[end]] - start).norm()
        crease |= (joint == INDEX[root]) & (away < _CREASE * length)
    return crease


def _hand_of(name: str) -> int:
    if not any(word in name for word in ("wrist", *FINGERS)):
        return 0
    return 1 if name.startswith("left") else 2


def tree_distance() -> Int[Tensor, "52 52"]:
    """Bones between two joints."""
    steps = torch.full((len(JOINTS), len(JOINTS)), 99)
    steps.fill_diagonal_(0)
    for joint in range(1, len(JOINTS)):
        steps[joint, :joint] = steps[PARENTS[joint], :joint] + 1
        steps[:joint, joint] = steps[joint, :joint]
    return steps
