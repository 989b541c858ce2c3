"""What the plan says about a held object, as a term."""

import torch
from jaxtyping import Float
from torch import Tensor

from ..body.joints import INDEX
from ..task import Task
from .losses.attitude import alignment, height
from .losses.contact import huber
from .losses.ground import below
from .variables import State

UP = torch.tensor([0.0, 1.0, 0.0])

CARRIED: dict[str, tuple[str, float]] = {
    "overhead": ("head", 0.35), "head": ("head", 0.08), "mouth": ("head", 0.0),
    "chest": ("spine3", 0.08), "belly": ("spine1", 0.05), "hip": ("pelvis", 0.0),
    "knee": ("left_knee", 0.0),
}  # fmt: skip
"""Hold height -> the joint at whose height the object's middle is, and metres above it."""


def attitude(task: Task, state: State, *, free: bool) -> Float[Tensor, " batch"]:
    """Cost of a movable object's turn and height; zero for a fixed one.

    Args:
        task: The job.
        state: Where everything is.
        free: The object has its own variables, so that it must be kept off the floor as well.
    """
    cost = state.local.new_zeros(len(state.local))
    if not task.plan.movable:
        return cost
    cost = cost + _turned(task, state)
    if task.plan.hold_height in CARRIED and not task.grounded:
        joint, above = CARRIED[task.plan.hold_height]
        wanted = state.posed.joints[:, INDEX[joint], 1] + above
        cost = cost + height(_middle(task, state)[:, 1], wanted)
    if free or task.grounded:
        cost = cost + _off_the_floor(task, state)
    return cost


def _turned(task: Task, state: State) -> Float[Tensor, " batch"]:
    rotation = state.T_world_object[:, :3, :3]
    up = rotation[:, :, 1]
    wanted = task.attitude
    if wanted == "upright":
        return alignment(up, UP)
    if wanted == "upside_down":
        return alignment(up, -UP)
    if wanted == "lying":
        return (up[:, 1] / 0.17).square()
    if wanted in ("aimed_forward", "aimed_down", "aimed_up"):
        axis = task.aim
        aim = {"aimed_down": -UP, "aimed_up": UP}.get(wanted, _forward(state))
        return alignment((rotation @ axis[:, None])[..., 0], aim)
    return alignment(up, UP, sigma=1.0)


def _forward(state: State) -> Float[Tensor, "batch 3"]:
    """Where the trunk faces, level."""
    front = state.posed.rotations[:, INDEX["spine3"], :, 2] * torch.tensor([1.0, 0.0, 1.0])
    return torch.nn.functional.normalize(front, dim=-1).detach()


def _middle(task: Task, state: State) -> Float[Tensor, "batch 3"]:
    mesh = task.item.mesh
    middle = (mesh.low + mesh.high) / 2
    return (state.T_world_object[:, :3, :3] @ middle) + state.T_world_object[:, :3, 3]


def _off_the_floor(task: Task, state: State) -> Float[Tensor, " batch"]:
    points = task.item.points[:: max(1, len(task.item.points) // 200)]
    world = points @ state.T_world_object[:, :3, :3].mT + state.T_world_object[:, None, :3, 3]
    above = world[..., 1] - task.item.floor
    cost = below(above, torch.full((len(points),), 100.0 / len(points)))
    if task.grounded:
        cost = cost + huber(above.amin(dim=-1).abs())
    return cost
