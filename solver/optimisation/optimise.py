"""The verb of the room: from hypotheses to ranked, diverse solutions."""

from dataclasses import replace

import torch

from ..artefacts import Affordance, Hypotheses, Item, Plan, Solution
from ..body import ShapedBody
from ..device import computing_on, to_device
from ..settings import OptimisationSettings, Settings
from ..task import Task, resolve
from ..task.grown import grown_affordance, grown_item, grown_solution
from ..vocabulary import side_of
from .bringing import brought, fitting_scale
from .carry import bring_others, raise_carrier
from .chance import Chance
from .gaze import watching
from .grasp import Grasp
from .grasp.hand import finger_joints
from .hands import close_hands, exactly, last_grip, mended
from .idle import at_ease
from .laying import lay_hands, out_of_reach, with_laid
from .layout import Layout, layout_of
from .phases import Bar, Progress, Scene, finish, objective_of, run
from .polishing import polish
from .rank import distinct, judge, ranking
from .rods import KEEP, grasps_here, within_reach
from .taking import REMAINS, Options, options_of, taking_of
from .variables import Start, start_of, state_of, variables_at


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
    taking = taking_of(task, chance, knobs, mended if knobs.hands else None)
    scene = Scene(task, taking, knobs, chance)
    sampled = layout_of(task, taking, knobs.sample, knobs.closure)
    if knobs.object_moves:
        start = brought(task, sampled, start, knobs, lambda: bar.step(0.0))
    start = watching(task, in_hand(scene, sampled, start))
    start, energy = run(scene, sampled, start, knobs.approach, bar)
    start = start.take(distinct(body, start, energy, max(knobs.survivors, variants)))
    scene, start = with_rods(scene, watching(task, start), bar)
    sampled = layout_of(task, scene.taking, knobs.sample, knobs.closure)
    start, energy = run(scene, sampled, start, knobs.settle, bar, fingers=True)
    start = start.take(distinct(body, start, energy, max(knobs.finalists, variants)))
    start = watching(task, start)
    taking, start = close_hands(task, scene.taking, start, exact=knobs.hands)
    going, start = with_laid(task, taking, start) if knobs.hands else (taking, start)
    scene = replace(scene, taking=going)
    start, terms = finish(scene, start, bar)
    shown = ranking(task, start, terms)[:variants]
    start, terms = start.take(shown), {name: value[shown] for name, value in terms.items()}
    start, terms = polish(scene, start, terms, bar)
    if knobs.hands:
        held = last_grip(task, taking, start) if knobs.search.last_grip else start
        start = at_ease(task, lay_hands(task, taking, held))
    return judge(task, start, terms)


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


def with_rods(scene: Scene, start: Start, bar: Bar) -> tuple[Scene, Start]:
    """Hands take hold of rails, rungs and handlebars, about where the best row's hands are.

    Open hands that cannot lie as their arms are bent get other arms.
    """
    task = scene.task
    hands = [
        touch
        for touch in task.touches
        if touch.contact.role == "grasp"
        and touch.contact.part.endswith("_hand")
        and side_of(touch.contact.part) not in scene.taking.sides
    ]
    lies = scene.settings.hands and not task.plan.movable
    if scene.settings.object_moves or not (hands or lies):
        return scene, start
    with torch.no_grad():
        first = start.take(torch.tensor([0]))
        state = state_of(task.body, first, variables_at(first, fingers=False))
    found: list[Options | None] = []
    for touch in hands:
        grasps = grasps_here(task, touch, state, scene.chance)
        grasps = _exact(task, start, grasps) if lies else grasps[:KEEP]
        found.append(options_of(task, grasps, exact=lies))
    goals = (*scene.taking.goals, *(each for each in found if each is not None))
    taking = replace(scene.taking, goals=goals)
    lying = out_of_reach(task, taking, start) if lies else ()
    if found or lying:
        start = bring_others(task, replace(taking, goals=(*goals, *lying)), start, scene.chance)
    return replace(scene, taking=taking), start


def _exact(task: Task, start: Start, grasps: list[Grasp]) -> list[Grasp]:
    """Those that arms reach, made exact; as many again where most stay in what they hold."""
    first = within_reach(task, start, grasps, KEEP)
    done = exactly(task, first)
    if 2 * sum(grasp.depth <= REMAINS for grasp in done) >= len(done):
        return done
    rest = [grasp for grasp in grasps if all(grasp is not other for other in first)]
    return done + exactly(task, within_reach(task, start, rest, KEEP))


def _work(knobs: OptimisationSettings, batch: int) -> float:
    return float(
        knobs.approach.steps * batch
        + knobs.settle.steps * knobs.survivors
        + 4 * knobs.finish.steps * knobs.finalists
        + knobs.polish.work
    )
