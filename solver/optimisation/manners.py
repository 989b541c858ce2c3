"""What a body keeps to: the library's pose and gaze, its place, and where it works at ease."""

import torch
from jaxtyping import Float
from torch import Tensor

from ..body import Posed
from ..body.joints import INDEX, JOINTS
from ..body.skinning import forward_kinematics
from ..geometry.rotations import matrix_from_rotvec
from ..task import Task
from .arms import Arms
from .attitudes import forward
from .variables import Start

BESIDE, BEFORE = 0.32, 0.15
"""How far from the middle of the chest to its side a hand is at ease, metres, and one whose tool
works where it points."""
AHEAD = 0.15
"""How far ahead of the chest a hand is at least that works overhead, metres."""
AIMED = ("aimed_forward", "aimed_down", "face_down")
"""Attitudes of tools that work where they point."""
HEADS = ("head", "face", "mouth", "nape", "left_ear", "right_ear")


def joint_sigmas() -> Float[Tensor, "52"]:
    """How far each joint may turn from the library pose, radians."""

    def degrees(name: str) -> float:
        if any(part in name for part in ("spine", "neck", "head", "collar", "pelvis")):
            return 10.0
        if any(part in name for part in ("hip", "knee", "ankle", "foot")):
            return 18.0
        return 35.0 if any(part in name for part in ("shoulder", "elbow", "wrist")) else 25.0

    return torch.tensor([degrees(name) for name in JOINTS]).deg2rad()


def head_of(task: Task, start: Start) -> Float[Tensor, "batch 3 3"]:
    """World rotation of each row's head as the library has it."""
    rotations, _ = forward_kinematics(matrix_from_rotvec(start.library), task.body.joints)
    return rotations[:, INDEX["head"]]


def gaze_of(task: Task) -> float:
    """How far, degrees, the head may turn from where it looks: a head that rests looks anywhere."""
    rests = any(t.contact.part in HEADS for t in task.touches) or task.plan.posture == "lie"
    return 60.0 if rests else 10.0


def home_of(task: Task, start: Start) -> Float[Tensor, "batch 3 3"]:
    """How firmly the body stays where the search put it: sideways on a seat, loosely elsewhere."""
    sideways, ahead = (0.04, 0.25) if task.anchor is not None else (0.3, 0.3)
    left = matrix_from_rotvec(start.library[:, 0])[:, :, 0] * torch.tensor([1.0, 0.0, 1.0])
    left = torch.nn.functional.normalize(left, dim=-1)
    front = torch.stack([-left[:, 2], torch.zeros(len(left)), left[:, 0]], dim=-1)
    up = torch.tensor([0.0, 0.0, 0.0]).expand_as(left)
    return torch.stack([left / sideways, front / ahead, up], dim=1)


def workplace(task: Task) -> tuple[float, bool]:
    """How far to a side a hand that carries is at ease, metres, and whether it works overhead."""
    overhead = task.attitude == "aimed_up" and "swing" not in task.plan.styles
    trodden = any(touch.contact.part.endswith("_foot") for touch in task.touches)
    aimed = overhead or (task.attitude in AIMED and not trodden)
    return (BEFORE if aimed else BESIDE), overhead


def aside(
    posed: Posed, arms: Arms, side: str, beside: float, overhead: bool
) -> Float[Tensor, "rows samples"]:
    """One works before oneself: not far out to the side, not behind, overhead before the eyes.

    Args:
        posed: The bodies, of which joints and rotations are asked.
        arms: Of that side.
        side: 'left' or 'right'.
        beside: How far from the chest's middle to the side costs nothing, metres.
        overhead: The hand is to be ahead as seen from the floor: who looks up leans back.
    """
    chest = INDEX["spine3"]
    offset = arms.joints[:, :, 2] - posed.joints[:, None, chest]
    seen = offset @ posed.rotations[:, chest]
    out = seen[..., 0] * (1.0 if side == "left" else -1.0) - beside
    level = (offset * forward(posed)[:, None]).sum(dim=-1)
    behind = AHEAD - level if overhead else -seen[..., 2]
    return (out.clamp(min=0.0) / 0.1).square() + (behind.clamp(min=0.0) / 0.1).square()
