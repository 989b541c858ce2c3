"""Plates that a limb has sunk into beyond their middle: out again on the side that it touches.

From there the nearest way out is the other side, and a hand that is half through a table top would
stay across it, pushed both ways.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from ..body.joints import INDEX
from ..task import Task, Touch
from ..vocabulary import SIDES
from .grasp.hand import finger_joints

AGAINST = -0.3
"""The nearest way out is wrong where it points this much against what is touched."""
DEEP, ASIDE = 0.05, 0.15
"""Farther than this below what is touched, or beside it, metres, nothing is known."""


def out_of_plates(
    task: Task,
    local: Float[Tensor, "batch verts 3"],
    sdf: Float[Tensor, "batch verts"],
    away: Float[Tensor, "batch verts 3"],
) -> tuple[Float[Tensor, "batch verts"], Float[Tensor, "batch verts 3"]]:
    """Distances and their gradients with forearms and hands out on the side that they touch.

    Args:
        task: Gives the contacts; hands that close around something have no side.
        local: Vertices of the bodies, object frame.
        sdf: Signed distance to the object, metres.
        away: Its gradient, object frame.
    """
    owner = task.body.model.weights.argmax(dim=1)
    sdf, away = sdf.clone(), away.clone()
    for side in SIDES:
        parts = (f"{side}_hand", f"{side}_forearm")
        touches = [t for t in task.touches if t.contact.part in parts]
        if not touches or any(t.contact.role == "grasp" for t in touches):
            continue
        arm = [INDEX[f"{side}_elbow"], INDEX[f"{side}_wrist"], *finger_joints(side)]
        inside = (sdf < 0) & torch.isin(owner, torch.tensor(arm))
        if bool(inside.any()):
            points = local[inside]
            plane = _touched(touches, points)
            sdf[inside], away[inside] = rightful(points, sdf[inside], away[inside], *plane)
    return sdf, away


def _touched(
    touches: list[Touch], points: Float[Tensor, "points 3"]
) -> tuple[Float[Tensor, "points 3"], Float[Tensor, "points 3"]]:
    """The nearest point of several contacts, and the object's outward normal there."""
    found = [(touch, *touch.region.nearest(points)) for touch in touches]
    nearest = torch.stack([gap for _, _, gap in found]).argmin(dim=0)
    rows = torch.arange(len(points))
    targets = torch.stack([touch.points[k] for touch, k, _ in found])
    normals = torch.stack([touch.normals[k] for touch, k, _ in found])
    return targets[nearest, rows], normals[nearest, rows]


def rightful(
    points: Float[Tensor, "points 3"],
    sdf: Float[Tensor, " points"],
    away: Float[Tensor, "points 3"],
    targets: Float[Tensor, "points 3"],
    normals: Float[Tensor, "points 3"],
) -> tuple[Float[Tensor, " points"], Float[Tensor, "points 3"]]:
    """Depths below the plane of what is touched, where the nearest way out leads away from it.

    Args:
        points: Inside the object, metres.
        sdf: Their signed distance to it.
        away: Its gradient.
        targets: The touched point nearest to each.
        normals: The outward normals there.
    """
    height = ((points - targets) * normals).sum(dim=-1)
    against = (away * normals).sum(dim=-1) < AGAINST
    near = (points - targets - height[:, None] * normals).norm(dim=-1) < ASIDE
    wrong = against & near & (height < sdf) & (height > -DEEP)
    return torch.where(wrong, height, sdf), torch.where(wrong[:, None], normals, away)
