"""The phases of a descent: on sampled vertices and the grid, and at last exactly."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from ..geometry.rotations import matrix_from_rotvec
from ..settings import OptimisationSettings, Phase, Weights
from ..task import Task
from .chance import Chance
from .descent import Terms, descend
from .exact import ask, gather_crowd
from .layout import Layout, layout_of
from .loads import loads_of
from .manners import gaze_of, head_of, home_of, joint_sigmas
from .objective import Objective
from .taking import Taking
from .variables import Start, Variables, settled, state_of, variables_at

Progress = Callable[[float], None]

UPRIGHT = ("stand", "walk", "kneel", "squat")
"""Postures in which the trunk's lean is the library's."""
REMATCH = 4
"""Steps between refreshed contact matches."""


@dataclass(frozen=True)
class Scene:
    """What the phases share."""

    task: Task
    taking: Taking
    settings: OptimisationSettings
    chance: Chance


class Bar:
    """Turns work done into the fraction that `progress` is told."""

    def __init__(self, progress: Progress, whole: float) -> None:
        # A configuration may leave every step out.
        self._progress, self._whole, self._done = progress, max(whole, 1.0), 0.0

    def step(self, work: float) -> None:
        """Report `work` more of the whole."""
        self._done += work
        self._progress(min(self._done / self._whole, 1.0))


def run(
    scene: Scene,
    layout: Layout,
    start: Start,
    phase: Phase,
    bar: Bar,
    *,
    fingers: bool = False,
) -> tuple[Start, Float[Tensor, " batch"]]:
    """One phase on sampled vertices and grid distances; gives where it ended, and the energies."""
    variables = variables_of(scene, start, fingers=fingers)
    steps = descend(leaves_of(variables), sampled_terms(scene, layout, start, variables), phase)
    terms = _last(steps, bar, float(len(start.pose)))
    energy = torch.stack(list(terms.values())).sum(dim=0) + start.oddness
    return settled(scene.task.body, start, variables), energy


def sampled_terms(
    scene: Scene, layout: Layout, start: Start, variables: Variables
) -> Callable[[int, Weights], Terms]:
    """The terms at a step, on sampled vertices and grid distances; matches are kept for some."""
    objective, kept = objective_of(scene, layout, start), None

    def evaluate(step: int, weights: Weights) -> Terms:
        nonlocal kept
        state = state_of(scene.task.body, start, variables, layout.subset)
        if step % REMATCH == 0 or kept is None:
            kept = objective.match(state, kept)
        return objective(state, kept, weights)

    return evaluate


def finish(scene: Scene, start: Start, bar: Bar) -> tuple[Start, Terms]:
    """The last phase: all vertices, exact distances both ways, fingers free."""
    task, refresh = scene.task, scene.settings.refresh
    layout = layout_of(task, scene.taking, None, scene.settings.closure)
    variables = variables_of(scene, start, fingers=True)
    objective = objective_of(scene, layout, start)
    crowd = exact = kept = None

    def evaluate(step: int, weights: Weights) -> Terms:
        nonlocal crowd, exact, kept
        state = state_of(task.body, start, variables)
        if step % (5 * refresh) == 0 or crowd is None:
            crowd = gather_crowd(task, state, crowd)
        if step % refresh == 0 or exact is None or kept is None:
            exact, crowd = ask(task, state, crowd)
            kept = objective.match(state, kept)
        return objective(state, kept, weights, exact)

    steps = descend(leaves_of(variables), evaluate, scene.settings.finish)
    terms = _last(steps, bar, 4.0 * len(start.pose))
    return settled(task.body, start, variables), terms


def objective_of(scene: Scene, layout: Layout, start: Start) -> Objective:
    """The objective of one phase."""
    task = scene.task
    anchored = task.anchor is not None and task.plan.facing == "front"
    yaw = 4.0 if anchored else 10.0
    tilt = 6.0 if task.plan.posture in UPRIGHT else 10.0
    return Objective(
        task=task,
        layout=layout,
        start=start,
        library=torch.stack([matrix_from_rotvec(start.library[:, 0]), head_of(task, start)], dim=1),
        turn_sigmas=torch.tensor([[tilt, yaw, tilt], [gaze_of(task)] * 3]).deg2rad(),
        joint_sigma=joint_sigmas()[:, None].expand(52, 3),
        home_sigma=home_of(task, start),
        taking=scene.taking,
        loads=loads_of(task, layout, scene.settings),
    )


def variables_of(scene: Scene, start: Start, *, fingers: bool) -> Variables:
    """What the descent may change: of the object, what no hand that carries it decides."""
    moves = scene.task.plan.movable and not scene.settings.object_moves
    return variables_at(start, fingers=fingers, object_moves=moves and start.T_wrist_object is None)


def leaves_of(variables: Variables) -> list[tuple[Tensor, float]]:
    """What the descent changes, each with the factor of its rate."""
    leaves = [(variables.root, 1.0), (variables.joints, 1.0), (variables.shift, 0.5)]
    if variables.object_turn is not None and variables.object_shift is not None:
        leaves += [(variables.object_turn, 1.0), (variables.object_shift, 0.5)]
    return leaves


def _last(steps: Iterator[Terms], bar: Bar, cost: float) -> Terms:
    terms: Terms = {}
    for step in steps:
        bar.step(cost)
        terms = step
    return terms
