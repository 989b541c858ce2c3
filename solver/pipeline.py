"""Pose a person against an object, from a sentence. Reading this page is the architecture."""

import hashlib
import logging
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor

from .affordance import find_affordance
from .artefacts import Affordance, Hypotheses, Item, Plan, Solution
from .begin import FILE, Begin, hypothesis_of, read_begin
from .body import ShapedBody
from .bounds import READING, Moving
from .cache import cache_folder
from .configurations import configured
from .device import choose_device, device_name
from .errors import Cancelled, SolverError
from .evaluation import among_others, measure, remarks
from .geometry.neighbours import chosen_backend
from .intake import Hints, take_in, take_in_scene
from .job import Request, Scenery, read_object, read_request, read_scene
from .optimisation import close_fingers_of, optimise, refine
from .person import person, stamp
from .plan import expected_object
from .planned import plan_of, seen_of, sentence_of
from .result import package_versions, write_result
from .settings import Settings, refining, settings_for
from .store import Store, cannot_write, write_words
from .synthesis import synthesise
from .task.grown import at_its_size, grown_affordance, grown_item, grown_solution, scale_of

Report = Callable[[str, float], None]
"""Stage in words, fraction of the whole job; raises `Cancelled` when the user asked to stop."""

SHARES = {
    "Object": 0.12, "Plan": 0.01, "Scene": 0.02, "Contacts": 0.10, "Poses": 0.12, "Contact": 0.58,
    "Report": 0.05,
}  # fmt: skip
"""How much of the whole time each stage takes, about."""

PROVIDERS = {"affordance": "geometry", "synthesis": "library", "optimisation": "adam"}
"""What each stage without a choice of models uses."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Variants:
    """The solutions of one job, best first."""

    solutions: tuple[Solution, ...]


def solve(folder: Path, report: Report) -> None:
    """Solve a job: `request.json` and `object.npz` in, `solution.npz` and `report.json` out.

    Raises:
        SolverError: When the job cannot be done, with what to do about it.
        Cancelled: When `report` says so.
    """
    with logged_to(folder / "log.txt"):
        try:
            request = read_request(folder)
            log.info("%s", request)
            (_solve if request.only == "all" else _read)(folder, request, Clock(report))
        except Cancelled:
            log.info("Cancelled.")
            raise
        except SolverError as error:
            log.info("Cannot be done: %s %s", error, error.remedy)
            raise
        except Exception:
            log.exception("A bug.")
            raise


@dataclass(frozen=True)
class Understood:
    """What the first three stages made of a job."""

    item: Item
    source: Float[Tensor, "verts 3"]
    """The object's vertices as handed over."""
    plan: Plan
    body: ShapedBody
    affordance: Affordance
    begin: Begin | None
    """Where a job begins that searches for nothing."""
    key: tuple[object, ...]
    """Everything that it depends on."""


@dataclass(frozen=True)
class Told:
    """What the first two stages made of a job."""

    item: Item
    source: Float[Tensor, "verts 3"]
    """The object's vertices as handed over."""
    plan: Plan
    key: tuple[object, ...]
    """Everything that it depends on."""


def told(folder: Path, request: Request, clock: "Clock") -> Told:
    """The object taken in, and the sentence read."""
    verts, faces = read_object(folder)
    hints = Hints(placement=request.placement, front=request.front, floor=request.floor)
    key = [hashlib.sha256(verts.tobytes() + faces.tobytes()).hexdigest(), asdict(hints)]

    with clock.stage("Object") as progress:
        prior = expected_object(sentence_of(request), request.object_name)
        cache = cache_folder() / "intake"
        item = take_in(verts, faces, request.object_name, prior, hints, cache, progress=progress)

    with clock.stage("Plan") as progress:
        size = tuple(item.mesh.extent.tolist())
        key += [sentence_of(request), request.object_name, request.plan, asdict(request.planner)]
        plan = Store(folder).once(
            "plan", Plan, key,
            lambda: plan_of(request, size, lambda n: seen_of(item, n), lambda: progress(0.5)),
        )  # fmt: skip
    return Told(item, torch.from_numpy(verts), plan, tuple(key))


def understand(folder: Path, request: Request, clock: "Clock") -> Understood:
    """The object taken in, the sentence read, a place on the object for every contact."""
    begin = read_begin(folder / FILE) if request.start else None
    said, scene, store = told(folder, request, clock), read_scene(folder), Store(folder)
    item, key = said.item, [*said.key]
    plan = replace(said.plan, movable=said.plan.movable and not request.fix_object)
    body = person(request, plan, begin.betas if begin else None)

    if scene is not None:
        key += [digest_of(scene)]
        with clock.stage("Scene") as progress:
            item = take_in_scene(
                scene, item, carried=plan.movable, floor_given=request.floor is not None,
                tick=lambda: progress(0.5),
            )  # fmt: skip

    with clock.stage("Contacts") as progress:
        key += [asdict(plan), body.betas.tolist(), body.model.name, stamp(request.body)]
        affordance = store.once(
            "affordance", Affordance, key,
            lambda: find_affordance(item, plan, body.height, progress),
        )  # fmt: skip
    return Understood(item, said.source, plan, body, affordance, begin, tuple(key))


def digest_of(scene: Scenery) -> str:
    """Tells one scene from another."""
    state = hashlib.sha256(repr(scene.names).encode())
    for array in (scene.verts, scene.faces, scene.owner):
        state.update(array.tobytes())
    return state.hexdigest()


def _read(folder: Path, request: Request, clock: "Clock") -> None:
    """Read the sentence, for the artist to see and edit: the plan, and nobody posed."""
    write_words(folder / READING, asdict(told(folder, request, clock).plan))


def _solve(folder: Path, request: Request, clock: "Clock") -> None:
    device, store = choose_device(request.device), Store(folder)
    settings = replace(settings_for(request.quality, request.seed), neighbours=chosen_backend())
    settings = allowed(configured(settings, request.configuration), request)
    job = understand(folder, request, clock)
    item, plan, body, affordance, key = job.item, job.plan, job.body, job.affordance, [*job.key]

    if (begin := job.begin) is not None:
        settings = refining(settings)
        said = (begin.pose, begin.trans, begin.T_scene_source)
        key += [[None if each is None else each.tolist() for each in said]]

    with clock.stage("Poses") as progress:
        key += [asdict(settings)]

        def starts() -> Hypotheses:
            if begin is not None:
                return hypothesis_of(begin, item, body)
            return synthesise(item, plan, affordance, body, settings, progress)

        hypotheses = store.once("hypotheses", Hypotheses, key, starts)

    with clock.stage("Contact") as progress:
        count, knobs = request.variants, replace(settings, device=str(device))
        key += [count, knobs.device, request.moving]

        def best() -> Variants:
            if request.start:
                return Variants(bettered(job, hypotheses, knobs, request.moving, progress))
            found = optimise(item, plan, affordance, body, hypotheses, knobs, count, progress)
            return Variants(tuple(found))

        variants = store.once("variants", Variants, key, best)

    with clock.stage("Report"):
        measured = [judged(one, item, body, plan, affordance) for one in variants.solutions]
    details = {
        "device": device_name(device), "seed": request.seed,
        "providers": PROVIDERS | {"plan": plan.provider},
        "cpu_seconds": clock.seconds, "versions": package_versions(),
    }  # fmt: skip
    write_result(folder, item, job.source, plan, affordance, body, measured, details)


def bettered(
    job: Understood,
    given: Hypotheses,
    settings: Settings,
    moving: Moving,
    progress: Callable[[float], None],
) -> tuple[Solution, ...]:
    """A given pose made better; an object whose size was changed keeps the size that it has."""
    scale = scale_of(given.T_world_object[0])
    T_world_object = given.T_world_object.clone()
    T_world_object[:, :3, :3] /= scale
    task = (
        grown_item(job.item, scale), job.plan, grown_affordance(job.affordance, scale), job.body,
        replace(given, T_world_object=T_world_object), settings,
    )  # fmt: skip
    found = close_fingers_of(*task) if moving == "fingers" else refine(*task, progress)
    return tuple(grown_solution(each, scale) for each in found)


def judged(
    solution: Solution, item: Item, body: ShapedBody, plan: Plan, affordance: Affordance
) -> Solution:
    """The solution with its numbers, and with warnings about those that are bad."""
    true_item, places, rigid = at_its_size(item, affordance, solution)
    metrics = measure(true_item, body, plan, places, rigid)
    warnings = (*solution.warnings, *remarks(metrics))
    scale = scale_of(solution.T_world_object)
    if scale != 1.0:
        metrics |= {"scale": scale}
        warnings = (*warnings, f"The object was scaled to {100 * scale:.0f} % of its size.")
    judged = replace(rigid, metrics=metrics, warnings=warnings)
    return grown_solution(among_others(true_item, body, judged), scale)


def allowed(settings: Settings, request: Request) -> Settings:
    """The settings, told whether the object's size may change, and what size is usual."""
    knobs = settings.optimisation
    size = expected_object(sentence_of(request), request.object_name).size
    changed = replace(
        knobs,
        rescale=(knobs.rescale or request.scale) and not request.fix_object,
        object_moves=knobs.object_moves and not request.fix_object,
        usual_length=None if size is None else max(size),
    )
    return replace(settings, optimisation=changed)


@contextmanager
def logged_to(path: Path) -> Generator[None]:
    """Write what the solver logs to the job's own file too.

    Raises:
        SolverError: When the file cannot be written.
    """
    try:
        handler = logging.FileHandler(path, mode="w", encoding="utf-8")
    except OSError as error:
        raise cannot_write(path, error) from error
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(message)s"))
    logger = logging.getLogger("solver")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.setLevel(level)
        logger.removeHandler(handler)
        handler.close()


class Clock:
    """Maps each stage's own progress to that of the whole job, and keeps the CPU's seconds."""

    def __init__(self, report: Report) -> None:
        self._report, self._done = report, 0.0
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Generator[Callable[[float], None]]:
        """Time a stage; gives the function that reports its progress in [0, 1]."""
        begun, share, before = time.process_time(), SHARES[name], self._done
        self._report(name, before)
        yield lambda fraction: self._report(name, before + share * fraction)
        self._done = before + share
        self.seconds[name] = round(time.process_time() - begun, 3)
        log.info("%s: %.2f s of computing", name, self.seconds[name])
