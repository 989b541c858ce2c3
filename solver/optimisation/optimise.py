"""The verb of the room: from hypotheses to ranked, diverse solutions."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import torch
from jaxtyping import Float
from torch import Tensor

from ..artefacts import Affordance, Hypotheses, Item, Plan, Solution
from ..body import ShapedBody
from ..device import computing_on, to_device
from ..geometry.rotations import matrix_from_rotvec
from ..settings import OptimisationSettings, Phase, Settings, Weights
from ..task import Task, resolve
from ..task.grown import grown_affordance, grown_item, grown_solution
from ..vocabulary import side_of
from .bringing import brought, fitting_scale
from .carry import bring_others, raise_carrier
from .chance import Chance
from .descent import Terms, descend
from .exact import ask, gather_crowd
from .grasp.hand import finger_joints
from .hands import close_hands, last_grip
from .layout import Layout, layout_of
from .loads import loads_of
from .manners import gaze_of, head_of, home_of, joint_sigmas
from .objective import Objective
from .rank import distinct, judge
from .rods import grasps_here
from .taking import Options, Taking, options_of, taking_of
from .variables import Start, Variables, settled, start_of, state_of, variables_at

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


def optimise(
    item: Item,
    plan: Plan,
    affordance: Affordance,
    body: ShapedBody,
    hypotheses: Hypotheses,
    settings: Settings,
    variants: int = 1,
    progress: Progress = lambda _: None,
) -> list[Solution]:
    """Bring the hypotheses into contact and return the best, best first.

    Args:
        item: The object.
        plan: What is to happen.
        affordance: Where on the object.
        body: The person.
        hypotheses: Starting points.
        settings: Steps, weights, the device, and the seed: which grasps and arms are tried.
        variants: How many solutions, each unlike the others where that is possible.
        progress: Told the fraction done after every step; may raise `Cancelled`.
    """
    device, start = torch.device(settings.device), start_of(hypotheses)
    task = resolve(item, plan, affordance, body, settings.neighbours)
    scale = fitting_scale(task, start, settings.optimisation, lambda: progress(0.0))
    if scale != 1.0:
        item, affordance = grown_item(item, scale), grown_affordance(affordance, scale)
        task = resolve(item, plan, affordance, body, settings.neighbours)
    task, start = to_device(task, device), to_device(start, device)
    with computing_on(device):
        solutions = best(task, start, settings, variants, progress)
    solutions = to_device(solutions, torch.device("cpu"))
    return [grown_solution(each, scale) for each in solutions]


def best(
    task: Task, start: Start, settings: Settings, variants: int, progress: Progress
) -> list[Solution]:
    """The stage itself, on whatever device task and start are."""
    knobs, body = settings.optimisation, task.body
    bar = Bar(progress, _work(knobs, len(start.pose)))
    chance = Chance(
        torch.Generator().manual_seed(settings.seed), lambda: bar.step(0.0), knobs.search
    )
    taking = taking_of(task, chance, knobs)
    scene = Scene(task, taking, knobs, chance)
    sampled = layout_of(task, taking, knobs.sample, knobs.closure)
    if knobs.object_moves:
        start = brought(task, sampled, start, knobs, lambda: bar.step(0.0))
    start = in_hand(scene, sampled, start)
    start, energy = run(scene, sampled, start, knobs.approach, bar)
    start = start.take(distinct(body, start, energy, max(knobs.survivors, variants)))
    scene, start = with_rods(scene, start, bar)
    sampled = layout_of(task, scene.taking, knobs.sample, knobs.closure)
    start, energy = run(scene, sampled, start, knobs.settle, bar, fingers=True)
    start = start.take(distinct(body, start, energy, max(knobs.finalists, variants)))
    taking, start = close_hands(task, scene.taking, start, exact=knobs.hands)
    start, terms = finish(replace(scene, taking=taking), start, bar)
    if knobs.hands and knobs.search.last_grip:
        start = last_grip(task, taking, start)
    return judge(task, start, terms)[:variants]


def run(
    scene: Scene,
    layout: Layout,
    start: Start,
    phase: Phase,
    bar: "Bar",
    *,
    fingers: bool = False,
) -> tuple[Start, Float[Tensor, " batch"]]:
    """One phase on sampled vertices and grid distances; gives where it ended, and the energies."""
    variables = variables_at(start, fingers=fingers)
    steps = descend(
        leaves_of(scene, variables), sampled_terms(scene, layout, start, variables), phase
    )
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


def finish(scene: Scene, start: Start, bar: "Bar") -> tuple[Start, Terms]:
    """The last phase: all vertices, exact distances both ways, fingers free."""
    task, refresh = scene.task, scene.settings.refresh
    layout = layout_of(task, scene.taking, None, scene.settings.closure)
    variables = variables_at(start, fingers=True)
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

    steps = descend(leaves_of(scene, variables), evaluate, scene.settings.finish)
    terms = _last(steps, bar, 4.0 * len(start.pose))
    return settled(task.body, start, variables), terms


def in_hand(scene: Scene, layout: Layout, start: Start) -> Start:
    """Put the object into the carrying hand: the best pairs of library pose and grasp."""
    carrier = scene.taking.carrier
    if carrier is None:
        return start
    batch = len(start.pose)
    # Hypotheses that differ only in where the object is are the same now.
    firsts = [start.names.index(name) for name in dict.fromkeys(start.names)]
    start = start.take(torch.tensor(firsts))
    count, grasps = len(start.pose), len(carrier.fingers)
    rows = torch.arange(count).repeat_interleave(grasps)
    which = torch.arange(grasps).repeat(count)
    start = replace(
        start.take(rows),
        T_wrist_object=carrier.T_wrist_object[which],
        carrier=carrier.joint,
        stiff=tuple(finger_joints(carrier.side)),
        oddness=start.oddness[rows] + carrier.worse[which],
    )
    for pose in (start.pose, start.library):
        pose[:, list(start.stiff)] = carrier.fingers[which]
    start = raise_carrier(scene.task, scene.taking, start, scene.chance, 2 * batch)
    start = bring_others(scene.task, scene.taking, start, scene.chance)
    with torch.no_grad():
        variables = variables_at(start, fingers=False)
        state = state_of(scene.task.body, start, variables, layout.subset)
        objective = objective_of(scene, layout, start)
        terms = objective(state, objective.match(state), scene.settings.approach.first)
    energy = torch.stack(list(terms.values())).sum(dim=0) + start.oddness
    return start.take(energy.argsort()[:batch])


def with_rods(scene: Scene, start: Start, bar: "Bar") -> tuple[Scene, Start]:
    """Hands take hold of rails, rungs and handlebars, about where the best row's hands are."""
    task = scene.task
    hands = [
        touch
        for touch in task.touches
        if touch.contact.role == "grasp"
        and touch.contact.part.endswith("_hand")
        and side_of(touch.contact.part) not in scene.taking.sides
    ]
    if task.plan.movable or scene.settings.object_moves or not hands:
        return scene, start
    with torch.no_grad():
        first = start.take(torch.tensor([0]))
        state = state_of(task.body, first, variables_at(first, fingers=False))
        found: list[Options | None] = []
        for touch in hands:
            found.append(options_of(task, grasps_here(task, touch, state, scene.chance)))
    goals = (*scene.taking.goals, *(each for each in found if each is not None))
    taking = replace(scene.taking, goals=goals)
    return replace(scene, taking=taking), bring_others(task, taking, start, scene.chance)


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
        library_root=matrix_from_rotvec(start.library[:, 0]),
        library_head=head_of(task, start),
        root_sigma=torch.tensor([tilt, yaw, tilt]).deg2rad(),
        head_sigma=torch.full((3,), gaze_of(task)).deg2rad(),
        joint_sigma=joint_sigmas()[:, None].expand(52, 3),
        home_sigma=home_of(task, start),
        taking=scene.taking,
        loads=loads_of(task, layout, scene.settings),
    )


def leaves_of(scene: Scene, variables: Variables) -> list[tuple[Tensor, float]]:
    """What the descent changes, each with the factor of its rate."""
    leaves = [(variables.root, 1.0), (variables.joints, 1.0), (variables.shift, 0.5)]
    if scene.task.plan.movable and not scene.settings.object_moves:
        leaves += [(variables.object_turn, 1.0), (variables.object_shift, 0.5)]
    return leaves


def _last(steps: Iterator[Terms], bar: "Bar", cost: float) -> Terms:
    terms: Terms = {}
    for step in steps:
        bar.step(cost)
        terms = step
    return terms


def _work(knobs: OptimisationSettings, batch: int) -> float:
    return float(
        knobs.approach.steps * batch
        + knobs.settle.steps * knobs.survivors
        + 4 * knobs.finish.steps * knobs.finalists
    )


class Bar:
    """Turns work done into the fraction that `progress` is told."""

    def __init__(self, progress: Progress, whole: float) -> None:
        # A configuration may leave every step out.
        self._progress, self._whole, self._done = progress, max(whole, 1.0), 0.0

    def step(self, work: float) -> None:
        """Report `work` more of the whole."""
        self._done += work
        self._progress(min(self._done / self._whole, 1.0))
