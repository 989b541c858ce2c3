"""How the old stand and walk: the back bent, the head before the shoulders, no straight knees."""

import math

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from ...geometry.rotations import matrix_from_rotvec, rotvec_from_matrix
from ...vocabulary import Posture, Style
from ..joints import INDEX

BACK = ("spine1", "spine2", "spine3", "neck")
BENT = torch.deg2rad(torch.tensor([3.0, 8.0, 11.0, 8.0]))
"""Radians that each of them is bent forward."""
AHEAD, RAISED = 0.8, math.radians(26.0)
"""Share of that by which the head is raised to look on ahead; radians that it is raised at most."""
HIP, KNEE = torch.deg2rad(torch.tensor([7.0, 13.0]))
"""Radians that they bend at most where one stands; the sole stays as it was."""
FROM, TO = 60.0, 75.0
"""Years between which it comes."""
POSTURES: tuple[Posture, ...] = ("none", "stand", "walk")
STRAIGHT: tuple[Style, ...] = ("upright", "reach_up", "carry_overhead", "run", "dance")
"""Styles of who stretches all the same."""


def stooped(
    pose: Float[Tensor, "poses 52 3"],
    posture: Posture,
    styles: tuple[Style, ...],
    age: float | None,
) -> Float[Tensor, "poses 52 3"]:
    """Poses as somebody of that age takes them; those of the young come back as they are.

    What a pose bends already counts, who reaches down is not bent further; and nobody is bent by
    more than the head can be raised after it: who looks up stands straight.

    Args:
        pose: Axis-angle, local.
        posture: What they are poses of.
        styles: Tags of the plan.
        age: Years; None where nobody said.
    """
    share = float(np.interp(age or 0.0, [FROM, TO], [0.0, 1.0]))
    if share == 0.0 or posture not in POSTURES or set(styles) & set(STRAIGHT):
        return pose
    turned = matrix_from_rotvec(pose)
    back, head = [INDEX[joint] for joint in BACK], INDEX["head"]
    missing = share * BENT - torch.minimum(pose[:, back, 0].clamp(min=0.0), share * BENT)
    room = (pose[:, head, 0] + RAISED).clamp(min=0.0) / AHEAD
    missing *= (room / missing.sum(dim=-1).clamp(min=1e-6)).clamp(max=1.0)[:, None]
    turned[:, back] = _about_x(missing) @ turned[:, back]
    turned[:, head] = _about_x(-AHEAD * missing.sum(dim=-1)) @ turned[:, head]
    for side in ("left", "right") if posture != "walk" else ():
        hip, knee, ankle = (INDEX[f"{side}_{name}"] for name in ("hip", "knee", "ankle"))
        shin = turned[:, hip] @ turned[:, knee]
        turned[:, hip] = _about_x(-share * HIP) @ turned[:, hip]
        turned[:, knee] = turned[:, knee] @ _about_x(share * KNEE)
        turned[:, ankle] = (turned[:, hip] @ turned[:, knee]).mT @ shin @ turned[:, ankle]
    return rotvec_from_matrix(turned)


def _about_x(angle: Float[Tensor, "*batch"]) -> Float[Tensor, "*batch 3 3"]:
    none = torch.zeros_like(angle)
    return matrix_from_rotvec(torch.stack([angle, none, none], dim=-1).float())
