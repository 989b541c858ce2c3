"""What a body keeps to: the library's pose and gaze, its place, and where it works at ease."""

import torch
from jaxtyping import Float
from torch import Tensor

from ..body import Posed
from ..body.joints import INDEX, JOINTS
from ..body.skinning import forward_kinematics
from ..geometry.rotations import matrix_from_rotvec
from ..task import Task
from .arms import Arms, Shoulder
from .attitudes import forward
from .variables import Start

BESIDE, BEFORE = 0.32, 0.15
"""How far from the middle of the chest to its side a hand is at ease, metres, and one whose tool
works where it points."""
AHEAD = 0.15
"""How far ahead of the chest a hand is at least that works overhead, metres."""
AIMED = ("aimed_forward", "aimed_down", "face_down")
"""Attitudes of tools that work where they point."""
SUPINE = 0.5
"""How far a forearm is turned palm up at a bar with ease, radians."""
BACK, OUT, REVERSE = 0.15, 0.2, 0.12
"""How far before its palm a shoulder may be, metres; thumbs point out, palms look back, cosine;
sigma of how much more than that, and than up or down, a thumb points out."""
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


def supine(arms: Arms) -> Float[Tensor, "rows samples"]:
    """A bar is taken from above or from a side, not so a plate: palms that look up cost."""
    return (-arms.angles[:, :, 1, 0].clamp(max=0.0) / SUPINE).square()


def backhanded(arms: Arms, side: str) -> Float[Tensor, "rows samples"]:
    """A bar is taken from one's own side: palms that look back, thumbs that point out cost."""
    back = arms.joints[:, :, 0] - arms.joints[:, :, 2]
    palm, thumb = -arms.T_world_wrist[..., :3, 1], arms.T_world_wrist[..., :3, 2]
    toward = (back * palm)[..., [0, 2]].sum(dim=-1)  # Over the floor: one also hangs from bars.
    out = (thumb * arms.collar[:, None, :, 0]).sum(dim=-1) * (1.0 if side == "left" else -1.0)
    behind = -(palm * arms.collar[:, None, :, 2]).sum(dim=-1)
    turned = (torch.stack([out, behind]) - OUT).clamp(min=0.0) / OUT
    return (toward.clamp(min=0.0) / BACK).square() + turned.square().sum(dim=0)


def reverse(
    shoulder: Shoulder, T_world_wrist: Float[Tensor, "rows grasps 4 4"]
) -> Float[Tensor, "rows grasps"]:
    """What more a grasp of a level bar costs that is the wrong way round, however an arm comes.

    A trunk that twists toward its hand hides half of that.

    Args:
        shoulder: Gives the side, and how each row's collar is turned.
        T_world_wrist: Where each grasp has the wrist.
    """
    thumb = T_world_wrist[..., :3, 2]
    left = (thumb * shoulder.rotation[:, None, :, 0]).sum(dim=-1)
    out = left * (1.0 if shoulder.side == "left" else -1.0)
    return ((out - thumb[..., 1].abs().clamp(min=OUT)).clamp(min=0.0) / REVERSE).square()
