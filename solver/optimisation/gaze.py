"""One looks at what the hands do, or at whom it is for, as far as a neck turns with ease."""

from dataclasses import replace

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from ..body.joints import INDEX
from ..body.skinning import forward_kinematics
from ..geometry.rotations import matrix_from_rotvec, rotvec_from_matrix
from ..task import Task
from ..vocabulary import OFF_OBJECT
from .manners import HEADS
from .variables import Start

ABROAD = ("walk", "climb", "hang", "lie", "straddle", "lean")
"""Postures in which one looks where one goes, or at nothing that is done."""
AHEAD = (
    "push", "pull", "hug", "throw", "greet", "wave", "watching", "phoning", "kick", "run",
    "carry_front", "carry_side", "carry_overhead", "carry_shoulder",
)  # fmt: skip
"""Styles in which the eyes are elsewhere than the hands."""
WORKING = ("aimed_forward", "aimed_down", "aimed_up", "face_down", "scooping")
"""Attitudes of tools whose working end is looked at."""
EYES = torch.tensor([0.0, 0.07, 0.09])
"""From the head's joint, T-pose, metres."""
LEVEL = torch.tensor([1.0, 0.0, 1.0])
"""What of a way is level: who shows a thing faces whom it is for."""
ROLLING, SIDEWAYS, UP_DOWN = 10.0, 45.0, 38.0
"""Degrees that the eyes turn in the head; that neck and head turn beside the chest, at most."""
BEHIND = 80.0
"""What is farther to the side of the chest, degrees, is not looked at."""


def watching(task: Task, start: Start) -> Start:
    """The start with neck and head turned to what is done; the prior knows it.

    Rows for which it lies behind, and jobs whose eyes are elsewhere, keep the library's gaze.
    """
    if not _watched(task):
        return start
    rotations, joints = forward_kinematics(matrix_from_rotvec(start.pose), task.body.joints)
    head, chest = INDEX["head"], rotations[:, INDEX["spine3"]]
    if task.plan.movable and "show" in task.plan.styles:
        turn, seen = head_turn(chest, chest[:, :, 2] * LEVEL.to(chest), rolling=0.0)
    else:
        eyes = joints[:, head] + start.trans + (rotations[:, head] @ EYES.to(chest))
        turn, seen = head_turn(chest, _focus(task, start) - eyes)
    pose, library = start.pose.clone(), start.library.clone()
    for joint in (INDEX["neck"], head):
        pose[:, joint] = torch.where(seen[:, None], turn / 2, pose[:, joint])
        library[:, joint] = torch.where(seen[:, None], turn / 2, library[:, joint])
    return replace(start, pose=pose, library=library)


def head_turn(
    chest: Float[Tensor, "rows 3 3"], toward: Float[Tensor, "rows 3"], rolling: float = ROLLING
) -> tuple[Float[Tensor, "rows 3"], Bool[Tensor, " rows"]]:
    """How a head turns beside its chest to look somewhere, and whether it does.

    Args:
        chest: World rotations.
        toward: From the eyes to what is looked at, world frame.
        rolling: How far eyes turn in the head, degrees: not where one faces somebody.
    """
    way = (chest.mT @ toward[..., None])[..., 0]
    yaw = torch.atan2(way[:, 0], way[:, 2]).rad2deg()
    pitch = torch.atan2(way[:, 1], way[:, [0, 2]].norm(dim=-1)).rad2deg()
    aside, up = (
        _eased(yaw, rolling, SIDEWAYS).deg2rad(),
        _eased(pitch, rolling, UP_DOWN).deg2rad(),
    )
    none = torch.zeros_like(yaw)
    level = matrix_from_rotvec(torch.stack([none, aside, none], dim=-1))
    nod = matrix_from_rotvec(torch.stack([-up, none, none], dim=-1))
    return rotvec_from_matrix(level @ nod), yaw.abs() < BEHIND


def _eased(degrees: Float[Tensor, " rows"], rolling: float, most: float) -> Float[Tensor, " rows"]:
    """What is left for the neck when the eyes have turned."""
    return degrees.sign() * (degrees.abs() - rolling).clamp(0.0, most)


def _watched(task: Task) -> bool:
    plan = task.plan
    if plan.posture in ABROAD or plan.facing == "away" or set(AHEAD) & set(plan.styles):
        return False
    if not plan.movable and plan.relation in ("on_top", "inside"):
        return False
    struck = "swing" in plan.styles and plan.attitude == "aimed_up"  # At what is not modelled.
    rests = any(c.part in HEADS and c.region not in OFF_OBJECT for c in plan.contacts)
    return not (struck or rests) and any(t.contact.part.endswith("_hand") for t in task.touches)


def _focus(task: Task, start: Start) -> Float[Tensor, "rows 3"]:
    """What is looked at, world frame: a tool's end, a held thing, what the hands touch."""
    points = task.item.points
    if task.plan.movable:
        far = (points @ task.pointer).argmax()
        tool = task.attitude in WORKING
        at = points[far] if tool else (task.item.mesh.low + task.item.mesh.high) / 2
    else:
        hands = [t for t in task.touches if t.contact.part.endswith("_hand")]
        busy = [t for t in hands if t.contact.role != "support"] or hands
        at = torch.stack([t.centre for t in busy]).mean(dim=0)
    return (start.T_world_object[:, :3, :3] @ at) + start.T_world_object[:, :3, 3]
