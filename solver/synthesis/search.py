"""Hundreds of placements, scored by forward evaluation only."""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..body import ShapedBody, pose_body
from ..body.joints import JOINTS
from ..geometry.rotations import matrix_from_rotvec, yaw_matrix
from ..task import Task, Touch
from ..task.patches import even_sample
from ..task.resolve import nearest_targets
from ..task.scene import floor_under, lowest_under
from ..task.spheres import Spheres, inner_spheres, sphere_centres

ARM = 0.50
"""Comfortable distance from shoulder to what a hand touches, metres."""
SHOULDER = {"left": 16, "right": 17}


@dataclass(frozen=True)
class Figures:
    """The library poses, posed once: root turn of the pose kept, pelvis at the origin."""

    names: tuple[str, ...]
    pose: Float[Tensor, "poses 52 3"]
    verts: Float[Tensor, "poses verts 3"]
    """All vertices."""
    joints: Float[Tensor, "poses 52 3"]
    rotations: Float[Tensor, "poses 52 3 3"]
    sample: Int[Tensor, " sample"]
    """Vertices that penetration is judged by."""
    firmness: Float[Tensor, " sample"]
    """How little each of them can move out of the way: 1 for the trunk, less for the limbs."""
    spheres: Spheres
    centres: Float[Tensor, "poses spheres 3"]
    ball_firmness: Float[Tensor, " spheres"]


@dataclass(frozen=True)
class Candidates:
    """Placements: which figure, turned by how much, where; and where the object is."""

    figure: Int[Tensor, " candidates"]
    yaw: Float[Tensor, " candidates"]
    pelvis: Float[Tensor, "candidates 3"]
    """Of the pelvis joint, world frame."""
    T_world_object: Float[Tensor, "candidates 4 4"]
    oddness: Float[Tensor, " candidates"]
    """Cost of being other than planned: turned away, off the middle."""


def flanked(task: Task) -> bool:
    """Whether a side of the body leads: how far it is turned is the pose's, wherever it is."""
    return any(t.contact.part.endswith(("shoulder", "upper_arm")) for t in task.touches)


def figures_of(
    body: ShapedBody, names: tuple[str, ...], pose: Float[Tensor, "poses 52 3"]
) -> Figures:
    """Pose the library once for all candidates."""
    posed = pose_body(body, matrix_from_rotvec(pose), -body.joints[:1].expand(len(pose), 3))
    spheres, sample = inner_spheres(body), even_sample(body, 350)
    owner = body.model.weights.argmax(dim=1)
    return Figures(
        names=names,
        pose=pose,
        verts=posed.verts,
        joints=posed.joints,
        rotations=posed.rotations,
        sample=sample,
        firmness=FIRM[owner[sample]],
        spheres=spheres,
        centres=sphere_centres(spheres, posed)[:, : spheres.solid],
        ball_firmness=FIRM[owner[spheres.nearest[: spheres.solid]]],
    )


def _firm(name: str) -> float:
    """The last of a limb moves out of the way most easily."""
    if any(part in name for part in ("shoulder", "knee", "ankle", "foot")):
        return 0.5
    trunk = ("pelvis", "spine", "hip", "neck", "head", "collar")
    return 1.0 if any(part in name for part in trunk) else 0.2


FIRM = torch.tensor([_firm(name) for name in JOINTS])


def placed(
    points: Float[Tensor, "poses points 3"], candidates: Candidates
) -> Float[Tensor, "candidates points 3"]:
    """Points of the figures, world frame."""
    turned = points[candidates.figure] @ yaw_matrix(candidates.yaw).mT
    return turned + candidates.pelvis[:, None]


def score(task: Task, figures: Figures, candidates: Candidates) -> Float[Tensor, " candidates"]:
    """How far each placement is from a solution; lower is better."""
    cost = candidates.oddness + _collision(task, figures, candidates)
    for touch in task.touches:
        points = placed(figures.verts[:, touch.verts], candidates)
        joints = placed(figures.joints, candidates)
        cost = cost + _missing(
            touch, _in_object(points, candidates), _in_object(joints, candidates)
        )
    for own in task.owns:
        # It does not depend on the placement: once per figure.
        gap = torch.cdist(figures.verts[:, own.verts[::3]], figures.verts[:, own.onto[::2]])
        near = (gap.amin(dim=(1, 2)) / 0.1).clamp(max=6.0).square()
        cost = cost + own.contact.weight * near[candidates.figure]
    for footing in task.footings:
        sole = placed(figures.verts[:, footing.verts], candidates)
        height = sole[..., 1].amin(dim=1) - floor_under(task.item, sole.mean(dim=1))
        cost = cost + (height / 0.05).square().clamp(max=9.0)
    return cost


def _in_object(
    points: Float[Tensor, "candidates points 3"], candidates: Candidates
) -> Float[Tensor, "candidates points 3"]:
    T = candidates.T_world_object
    return (points - T[:, None, :3, 3]) @ T[:, :3, :3]


def _collision(
    task: Task, figures: Figures, candidates: Candidates
) -> Float[Tensor, " candidates"]:
    verts = placed(figures.verts[:, figures.sample], candidates)
    depth = (-task.item.grid(_in_object(verts, candidates))).clamp(min=0.0)
    squares = (depth.clamp(max=0.1) / 0.02).square() * figures.firmness
    cost = 100 * squares.mean(dim=-1)
    centres = _in_object(placed(figures.centres, candidates), candidates)
    radii = figures.spheres.radii[: figures.spheres.solid]
    inside = (radii - 0.02 - task.item.grid(centres)).clamp(min=0.0, max=0.1)
    cost = cost + 0.5 * ((inside / 0.02).square() * figures.ball_firmness).sum(dim=-1)
    height = (verts[..., 1] - lowest_under(task.item, verts)).amin(dim=-1)
    below = (-0.03 - height).clamp(min=0.0)
    return cost + (below / 0.03).square()


def _missing(
    touch: Touch,
    points: Float[Tensor, "candidates points 3"],
    joints: Float[Tensor, "candidates 52 3"],
) -> Float[Tensor, " candidates"]:
    """Cost of a contact that is not made yet; limbs need only be within reach."""
    part = touch.contact.part
    thinned = points[:, :: max(1, points.shape[1] // 10)]
    target = touch.points[nearest_targets(touch, thinned)]
    distance = (thinned - target).norm(dim=-1)
    count = max(2, int(touch.fraction * distance.shape[1]))
    near = distance.topk(count, dim=1, largest=False).values.mean(dim=1)
    if part.endswith("_hand"):
        shoulder = joints[:, SHOULDER[part.split("_", 1)[0]]]
        reach = (shoulder - touch.points[nearest_targets(touch, shoulder)]).norm(dim=-1)
        cost = ((reach - ARM).clamp(min=0.0) / 0.03).square().clamp(max=100.0)
        return cost + ((near - 0.05).clamp(min=0.0) / 0.1).square().clamp(max=25.0)
    if part.endswith(("_foot", "feet", "_knee", "_elbow", "_forearm", "_shin")):
        return 0.3 * ((near - 0.1).clamp(min=0.0) / 0.05).square().clamp(max=100.0)
    return (near / 0.04).clamp(max=8.0).square()
