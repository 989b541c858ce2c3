"""From a given pose to a better one beside it: no search, one row, a short descent."""

from dataclasses import replace

import torch

from ..artefacts import Affordance, Hypotheses, Item, Plan, Solution
from ..body import ShapedBody
from ..body.joints import INDEX
from ..device import computing_on, to_device
from ..settings import Settings
from ..task import Task, resolve
from ..task.overlap import signed_distance
from ..vocabulary import side_of
from .chance import Chance
from .grasp.hand import finger_joints
from .grasp.hold import hand_shape_for
from .hands import close_hands, last_grip
from .laying import lay_hands, with_laid
from .layout import layout_of
from .phases import Bar, Progress, Scene, finish, run
from .polishing import polish
from .rank import judge
from .taking import Options, Taking, wrist_in_object
from .variables import Start, start_of, state_of, variables_at

HELD = 0.02
"""A hand nearer than this, metres, to what it is to grasp holds it already."""


def refine(
    item: Item,
    plan: Plan,
    affordance: Affordance,
    body: ShapedBody,
    given: Hypotheses,
    settings: Settings,
    progress: Progress = lambda _: None,
) -> list[Solution]:
    """The pose near the given one in which the plan comes true; one solution.

    Args:
        item: The object.
        plan: What is to happen.
        affordance: Where on the object.
        body: The person.
        given: One starting point; the prior keeps to it.
        settings: Of `refining`.
        progress: Told the fraction done after every step; may raise `Cancelled`.
    """
    device = torch.device(settings.device)
    task = to_device(resolve(item, plan, affordance, body, settings.neighbours), device)
    start = to_device(start_of(given), device)
    with computing_on(device):
        solutions = _refined(task, start, settings, progress)
    return to_device(solutions, torch.device("cpu"))


def _refined(task: Task, start: Start, settings: Settings, progress: Progress) -> list[Solution]:
    knobs = settings.optimisation
    bar = Bar(progress, knobs.settle.steps + 4 * knobs.finish.steps + knobs.polish.work)
    chance = Chance(torch.Generator().manual_seed(settings.seed), lambda: bar.step(0.0))
    taking, start = as_held(task, start)
    scene = Scene(task, taking, knobs, chance)
    sampled = layout_of(task, taking, knobs.sample, knobs.closure)
    start, _ = run(scene, sampled, start, knobs.settle, bar, fingers=True)
    taking, start = close_hands(task, taking, start, exact=knobs.hands)
    going, start = with_laid(task, taking, start) if knobs.hands else (taking, start)
    start, terms = finish(replace(scene, taking=going), start, bar)
    start, terms = polish(replace(scene, taking=going), start, terms, bar)
    start = lay_hands(task, taking, last_grip(task, taking, start)) if knobs.hands else start
    return judge(task, start, terms)


def as_held(task: Task, start: Start) -> tuple[Taking, Start]:
    """Hands that are at what the plan lets them grasp hold it as they are.

    What is movable and in a hand rides on it from now on.
    """
    with torch.no_grad():
        state = state_of(task.body, start, variables_at(start, fingers=False))
    held: list[Options] = []
    for grip in task.main_grips:
        side = side_of(grip.part)
        hand = state.local[:, task.hands[side]]
        if float(signed_distance(task.item.surface, task.item.grid, hand).min()) > HELD:
            continue
        fingers = start.pose[:, finger_joints(side)]
        seen = torch.linalg.inv(wrist_in_object(INDEX[f"{side}_wrist"], state))
        shape = hand_shape_for(task.plan, grip)
        held.append(Options(side, shape, seen, fingers, torch.zeros(1)))
    if not task.plan.movable or not held:
        return Taking(None, tuple(held)), start
    carrier = held[0]
    riding = replace(
        start,
        T_wrist_object=carrier.T_wrist_object,
        carrier=carrier.joint,
        stiff=tuple(finger_joints(carrier.side)),
    )
    return Taking(carrier, tuple(held[1:])), riding
