"""Fingers alone: the hands of a given pose close around what lies before them."""

from dataclasses import replace

import torch

from ..artefacts import Affordance, Hypotheses, Item, Plan, Solution
from ..body import ShapedBody
from ..body.joints import INDEX
from ..device import computing_on, to_device
from ..errors import SolverError
from ..settings import Settings
from ..task import Task, resolve
from ..task.overlap import signed_distance
from ..vocabulary import OPEN_HANDS, SIDES, HandShape
from .grasp.hand import finger_joints
from .hands import grasp_here, worth
from .rank import judge
from .taking import wrist_in_object
from .variables import Start, start_of, state_of, variables_at

NEAR = 0.05
"""A hand farther than this, metres, from the object has nothing to close around."""
SHAPES: tuple[HandShape, ...] = ("power", "cradle", "hook", "pinch")
"""Ways to close that are tried; the one that the plan names comes first."""


def close_fingers_of(
    item: Item,
    plan: Plan,
    affordance: Affordance,
    body: ShapedBody,
    given: Hypotheses,
    settings: Settings,
) -> list[Solution]:
    """The given pose with the fingers of each hand that is at the object closed on it.

    Args:
        item: The object.
        plan: Names the shape of each hand, where it closes around something.
        affordance: Of the plan.
        body: The person.
        given: One pose; wrists, body and object stay as they are.
        settings: The device.

    Raises:
        SolverError: When no hand is near the object.
    """
    device = torch.device(settings.device)
    task = to_device(resolve(item, plan, affordance, body, settings.neighbours), device)
    start = to_device(start_of(given), device)
    with computing_on(device):
        solutions = _closed(task, start)
    return to_device(solutions, torch.device("cpu"))


def _closed(task: Task, start: Start) -> list[Solution]:
    with torch.no_grad():
        state = state_of(task.body, start, variables_at(start, fingers=True))
    pose, reached = start.pose.clone(), False
    for side in SIDES:
        hand = state.local[:, task.hands[side]]
        if float(signed_distance(task.item.surface, task.item.grid, hand).min()) > NEAR:
            continue
        reached = True
        seen = torch.linalg.inv(wrist_in_object(INDEX[f"{side}_wrist"], state))
        joints = finger_joints(side)
        tried = [
            grasp_here(task, side, shape, seen, pose[:, joints], still=True)[0]
            for shape in _shapes(task.plan, side)
        ]
        pose[:, joints] = max(tried, key=worth).pose
    if not reached:
        raise SolverError(
            f"No hand is within {100 * NEAR:.0f} cm of '{task.item.name}'.",
            remedy="Bring a hand to the object, its palm toward it, then close the fingers.",
        )
    nothing = torch.zeros(len(pose))
    terms = {"penetration": nothing, "inclusion": nothing}
    return judge(task, replace(start, pose=pose), terms)


def _shapes(plan: Plan, side: str) -> list[HandShape]:
    wanted = plan.hands.get(side, "power")
    return list(dict.fromkeys([*(() if wanted in OPEN_HANDS else (wanted,)), *SHAPES]))
