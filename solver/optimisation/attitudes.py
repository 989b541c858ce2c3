"""What the plan says about a held object, as a term."""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from ..body import Posed
from ..body.joints import INDEX
from ..geometry.rotations import transform
from ..task import Task
from ..task.aims import AIMS
from ..task.scene import floor_under
from ..vocabulary import SIDES
from .arms import arm_joints
from .losses.attitude import alignment, height
from .losses.contact import huber
from .losses.ground import below

ROLL = 0.35
"""Sigma of an aimed thing's roll, radians (20 degrees)."""
ACROSS = 0.6
"""The same of the edge that a foot treads on beside the person's way, its sine."""
SIP = math.radians(25)
"""How far a vessel leans to who drinks from it, radians."""
SIDEWAYS = 0.5
"""Sine of the angle between what is up on a thing and its aim, below which any roll will do."""
UP = torch.tensor([0.0, 1.0, 0.0])

CARRIED: dict[str, tuple[str, float]] = {
    "overhead": ("head", 0.35), "head": ("head", 0.08), "mouth": ("head", 0.0),
    "chest": ("spine3", 0.08), "belly": ("spine1", 0.05), "hip": ("pelvis", 0.0),
    "knee": ("left_knee", 0.0),
}  # fmt: skip
"""Hold height -> the joint at whose height the object's middle is, and metres above it."""

CROWN, OVERHEAD = 0.2, (0.35, 0.5)
"""Metres: the hair over the head's joint, and how far over it arms hold a thing's middle."""
LIFTED = (0.03, 0.12)
"""How far from the floor is what somebody squats to lift: by a finger to a hand, metres."""
TIPPED, AWAY = 0.45, 0.15
"""Sines of the angles by which a mouth that pours points down, and ahead of the person at least."""
HELD_OUT, SHORT = 0.8, 0.06
"""How far ahead of the shoulders a shown thing's middle is at least, in lengths of an arm, and the
sigma of what lacks, metres."""
KNELT = 0.25
"""What somebody on the knees holds low is that far above the floor, metres."""


def attitude(
    task: Task, posed: Posed, T_world_object: Float[Tensor, "batch 4 4"], *, free: bool
) -> Float[Tensor, " batch"]:
    """Cost of a movable object's turn and height; zero for a fixed one.

    Args:
        task: The job.
        posed: The bodies, of which only joints and rotations are asked.
        T_world_object: Where the object is beside each.
        free: The object has its own variables, so that it must be kept off the floor as well.
    """
    cost = T_world_object.new_zeros(len(T_world_object))
    if not task.plan.movable:
        return cost
    cost = cost + _turned(task, posed, T_world_object[:, :3, :3])
    if task.plan.hold_height in CARRIED and not (task.grounded or _at_face(task)):
        joint, above = CARRIED[task.plan.hold_height]
        if joint.endswith("knee") and task.plan.posture == "kneel":
            above = KNELT
        if task.plan.hold_height == "overhead":
            above = _clear(task, T_world_object)
        wanted = posed.joints[:, INDEX[joint], 1] + above
        if joint.startswith("spine"):
            wanted = wanted - _hangs(task, T_world_object)
        cost = cost + height(_middle(task, T_world_object)[:, 1], wanted)
    if "show" in task.plan.styles:
        cost = cost + held_out(posed, _middle(task, T_world_object))
    if free or task.grounded:
        cost = cost + _off_the_floor(task, T_world_object)
    return cost


def held_out(posed: Posed, middle: Float[Tensor, "batch 3"]) -> Float[Tensor, " batch"]:
    """Cost of keeping to oneself what is shown: its middle is to be so far ahead of the shoulders.

    Args:
        posed: The bodies, of which only joints and rotations are asked.
        middle: Of the object, world frame, metres.
    """
    arms = torch.stack([posed.joints[:, arm_joints(side)] for side in SIDES], dim=1)
    length = (arms[:, :, 1:] - arms[:, :, :2]).norm(dim=-1).sum(dim=-1).mean(dim=1).detach()
    ahead = ((middle - arms[:, :, 0].mean(dim=1)) * forward(posed)).sum(dim=-1)
    return ((HELD_OUT * length - ahead).clamp(min=0.0) / SHORT).square()


def _at_face(task: Task) -> bool:
    """The face says where the object belongs, better than a height."""
    return any(t.contact.part in ("mouth", "face", "head") for t in task.touches)


def _turned(
    task: Task, posed: Posed, rotation: Float[Tensor, "batch 3 3"]
) -> Float[Tensor, " batch"]:
    up, sky = rotation[:, :, 1], UP.to(rotation)
    wanted = task.attitude
    if wanted in ("upright", "upside_down"):
        stood = _tipped(posed) if _sipped(task) else sky
        return alignment(up, stood if wanted == "upright" else -sky)
    if wanted == "lying":
        return (up[:, 1] / 0.17).square()
    if wanted == "pouring":
        return poured(up, forward(posed))
    if wanted in AIMS:
        axis, aim = task.pointer, AIMS[wanted]
        seen = (rotation @ axis[:, None])[..., 0]
        ahead = forward(posed)
        aimed = alignment(seen, aim.seen(ahead), aim.sigma) + _trodden(task, rotation, ahead)
        if wanted == "across":
            aimed = aimed + alignment(rotation[:, :, 2], ahead, sigma=ROLL)
        if wanted == "aimed_up" and "swing" in task.plan.styles and task.head is not None:
            face = (rotation @ task.head[:, None])[..., 0]
            aimed = aimed + alignment(face, _gaze(posed), sigma=ROLL)
        return aimed + (_rolled(rotation, axis) if wanted == "aimed_forward" else 0.0)
    return alignment(up, sky, sigma=1.0)


def _trodden(
    task: Task, rotation: Float[Tensor, "batch 3 3"], ahead: Float[Tensor, "batch 3"]
) -> Float[Tensor, " batch"]:
    """Cost of a spade's roll: the edge that a foot treads on lies across the person's way."""
    if task.trodden is None:
        return rotation.new_zeros(len(rotation))
    return ((rotation @ task.trodden * ahead).sum(dim=-1) / ACROSS).square()


def _sipped(task: Task) -> bool:
    """A rim at the lips."""
    return any(t.contact.part == "mouth" and t.contact.region == "rim" for t in task.touches)


def _tipped(posed: Posed) -> Float[Tensor, "batch 3"]:
    """What is up on a vessel that somebody drinks from: its wall leaves the chin free."""
    ahead = _gaze(posed)
    return math.cos(SIP) * UP.to(ahead) - math.sin(SIP) * ahead


def _gaze(posed: Posed) -> Float[Tensor, "batch 3"]:
    """Where the head faces, level."""
    ahead = posed.rotations[:, INDEX["head"], :, 2] * torch.tensor([1.0, 0.0, 1.0])
    return torch.nn.functional.normalize(ahead, dim=-1).detach()


def poured(
    up: Float[Tensor, "batch 3"], ahead: Float[Tensor, "batch 3"]
) -> Float[Tensor, " batch"]:
    """Cost of a vessel's turn whose mouth is to be below level, and not toward the person.

    Args:
        up: What is up on the vessel as it stands, world frame.
        ahead: Where the person faces, level.
    """
    tipped = (up[:, 1] + TIPPED) / 0.17
    back = (AWAY - (up * ahead).sum(dim=-1)).clamp(min=0.0) / 0.17
    return tipped.square() + back.square()


def _rolled(
    rotation: Float[Tensor, "batch 3 3"], axis: Float[Tensor, "3"]
) -> Float[Tensor, " batch"]:
    """Cost of an aimed thing's roll: what is up on it is up, unless it is aimed along that."""
    sky = UP.to(axis)
    across = sky - axis * axis[1]
    if float(across.norm()) < SIDEWAYS:
        return rotation.new_zeros(len(rotation))
    up = (rotation @ torch.nn.functional.normalize(across, dim=0)[:, None])[..., 0]
    return alignment(up, sky, sigma=ROLL)


def forward(posed: Posed) -> Float[Tensor, "batch 3"]:
    """Where the trunk faces, level."""
    front = posed.rotations[:, INDEX["spine3"], :, 2] * torch.tensor([1.0, 0.0, 1.0])
    return torch.nn.functional.normalize(front, dim=-1).detach()


def _middle(task: Task, T_world_object: Float[Tensor, "batch 4 4"]) -> Float[Tensor, "batch 3"]:
    mesh = task.item.mesh
    middle = (mesh.low + mesh.high) / 2
    return (T_world_object[:, :3, :3] @ middle) + T_world_object[:, :3, 3]


def _hangs(task: Task, T_world_object: Float[Tensor, "batch 4 4"]) -> Float[Tensor, " batch"]:
    """How far below two hands the middle is of what they hold upright by its top."""
    hands = [t.centre for t in task.touches if t.contact.part.endswith("_hand")]
    if len(hands) < 2 or task.attitude != "upright":
        return T_world_object.new_zeros(len(T_world_object))
    middle = (task.item.mesh.low + task.item.mesh.high) / 2
    above = T_world_object[:, 1, :3].detach() @ (torch.stack(hands).mean(dim=0) - middle)
    return above.clamp(min=0.0)


def _clear(task: Task, T_world_object: Float[Tensor, "batch 4 4"]) -> Float[Tensor, " batch"]:
    """How far over the head's joint the middle is of what is held over it, as arms allow."""
    up = T_world_object[:, 1, :3].abs().detach()
    half = up @ (task.item.mesh.extent / 2).to(up)
    return (CROWN + half).clamp(*OVERHEAD)


def _off_the_floor(
    task: Task, T_world_object: Float[Tensor, "batch 4 4"]
) -> Float[Tensor, " batch"]:
    points = task.item.points[:: max(1, len(task.item.points) // 200)]
    placed = transform(T_world_object, points[None])
    above = placed[..., 1] - floor_under(task.item, placed)
    cost = below(above, torch.full((len(points),), 100.0 / len(points)))
    if task.grounded:
        lowest = above.amin(dim=-1)
        raised = task.plan.hold_height == "floor" and "lift" in task.plan.styles
        wanted = lowest.detach().clamp(*(LIFTED if raised else (0.0, 0.0)))
        cost = cost + huber((lowest - wanted).abs())
    return cost
