"""Poses for tests that no joint forbids."""

import torch
from jaxtyping import Float
from torch import Tensor

from solver.body.joints import JOINTS
from solver.body.limits import HIGH, LOW, joint_angles, rotvec_of_angles


def clamp_pose(pose: Float[Tensor, "*batch 52 3"]) -> Float[Tensor, "*batch 52 3"]:
    """The pose with every angle brought inside its limits."""
    angles = joint_angles(pose).clamp(LOW.to(pose), HIGH.to(pose))
    turned = rotvec_of_angles(angles, list(range(len(JOINTS))))
    return torch.cat([pose[..., :1, :], turned[..., 1:, :]], dim=-2)
