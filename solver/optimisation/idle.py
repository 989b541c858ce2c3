"""Hands that have nothing to do: their fingers curl as they do by themselves."""

from dataclasses import replace

import torch
from jaxtyping import Float
from torch import Tensor

from ..body.poses import hand_shape
from ..task import Task
from ..vocabulary import SIDES
from .grasp.hand import finger_joints
from .lain import Person
from .variables import Start, state_of, variables_at

CURLED = (0.85, 0.7)
"""How far fingers at ease are closed; less where something is in their way."""
OPENER, LIKE = 0.6, 0.02
"""The pose library shows them at most so far closed, and each joint so near, radians."""
DEEP = 0.002
"""No deeper than this, metres, do they curl into object or person, unless they were."""


def at_ease(task: Task, start: Start) -> Start:
    """The start with the fingers of idle hands curled; poses are searched with open ones.

    Curled from the beginning they are in the way of thighs and of one another.
    """
    pose = start.pose.clone()
    for side in SIDES:
        if _busy(task, side):
            continue
        for k in range(len(pose)):
            if _open(start.library[k, finger_joints(side)], side):
                pose[k] = _curled(
                    task, replace(start.take(torch.tensor([k])), pose=pose[[k]]), side
                )
    return replace(start, pose=pose)


def _busy(task: Task, side: str) -> bool:
    """Whether the plan has the hand touch anything, the own body too."""
    return any(c.part == f"{side}_hand" for c in task.plan.contacts)


def _open(fingers: Float[Tensor, "15 3"], side: str) -> bool:
    """Whether the library shows a hand at ease, and no other shape."""
    steps = torch.linspace(0.0, OPENER, 25).tolist()
    shown = torch.stack([hand_shape("relaxed", step, side) for step in steps]).to(fingers)
    return bool((shown - fingers).abs().amax(dim=(1, 2)).min() < LIKE)


def _curled(task: Task, start: Start, side: str) -> Float[Tensor, "52 3"]:
    """The pose of one row with the fingers as far closed as there is room."""
    joints, tried = finger_joints(side), start.pose.repeat(1 + len(CURLED), 1, 1)
    for k, closure in enumerate(CURLED, start=1):
        tried[k, joints] = hand_shape("relaxed", closure, side).to(tried)
    held = replace(start.take(torch.zeros(len(tried), dtype=torch.long)), pose=tried)
    with torch.no_grad():
        state = state_of(task.body, held, variables_at(held, fingers=True))
    person = Person(task.body, side, state.posed.verts[0])
    before = person.depths(task, state, 0)
    for k in range(1, len(tried)):
        now = person.depths(task, state, k)
        if all(new <= max(old, DEEP) for new, old in zip(now, before, strict=True)):
            return tried[k]
    return tried[0]
