"""Pose a person against an object, from a sentence. Reading this page is the architecture."""

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch

from .affordance import find_affordance
from .artefacts import Affordance, Hypotheses, Plan, Solution
from .body import betas_for, load_body, shape_body
from .device import choose_device
from .intake import Hints, take_in
from .job import Request, read_object, read_request
from .optimisation import optimise
from .plan import expected_object, make_plan
from .result import package_versions, write_result
from .settings import settings_for
from .store import Store
from .synthesis import synthesise

Report = Callable[[str, float], None]
"""Stage in words, fraction of the whole job; raises `Cancelled` when the user asked to stop."""

SHARES = {"Object": 0.15, "Plan": 0.01, "Contacts": 0.12, "Poses": 0.17, "Contact": 0.55}
"""How much of the whole time each stage takes, about."""


@dataclass(frozen=True)
class Variants:
    """The solutions of one job, best first."""

    solutions: tuple[Solution, ...]


def solve(folder: Path, report: Report) -> None:
    """Solve the job in `folder`: `request.json` and `object.npz` in, `solution.npz` and
    `report.json` out.

    Raises:
        SolverError: When the job cannot be done, with what to do about it.
        Cancelled: When `report` says so.
    """
    request = read_request(folder)
    verts, faces = read_object(folder)
    device = choose_device(request.device)
    store, clock = Store(folder), Clock(report)
    settings = settings_for(request.quality)
    generator = torch.Generator().manual_seed(request.seed)
    key: list[object] = [hashlib.sha256(verts.tobytes() + faces.tobytes()).hexdigest()]

    with clock.stage("Object"):
        prior = expected_object(request.prompt, request.object_name)
        hints = Hints(placement=request.placement, front=request.front, floor=request.floor)
        item = take_in(verts, faces, request.object_name, prior, hints)

    with clock.stage("Plan"):
        key += [request.prompt, request.object_name, asdict(hints)]
        size = tuple(item.mesh.extent.tolist())
        plan = store.once(
            "plan", Plan, key, lambda: make_plan(request.prompt, request.object_name, size)
        )
        plan = replace(plan, movable=plan.movable and not request.fix_object)
        model = load_body(request.body and Path(request.body))
        body = shape_body(model, betas_for(model, merged(request, plan)))
        height = float(body.verts[:, 1].max() - body.verts[:, 1].min())

    with clock.stage("Contacts"):
        key += [asdict(plan), height]
        affordance = store.once(
            "affordance", Affordance, key, lambda: find_affordance(item, plan, height)
        )

    with clock.stage("Poses") as progress:
        key += [asdict(settings), request.seed, request.body]
        hypotheses = store.once(
            "hypotheses", Hypotheses, key,
            lambda: synthesise(item, plan, affordance, body, settings, generator, progress),
        )  # fmt: skip

    with clock.stage("Contact") as progress:
        key += [request.variants]
        variants = store.once(
            "variants", Variants, key,
            lambda: Variants(tuple(
                optimise(item, plan, affordance, body, hypotheses, settings, request.variants, progress)
            )),
        )  # fmt: skip

    details = {
        "source_verts": torch.from_numpy(verts),
        "device": device,
        "seed": request.seed,
        "providers": {
            "plan": plan.provider, "affordance": "geometry",
            "synthesis": "library", "optimisation": "adam",
        },
        "seconds": clock.seconds,
        "versions": package_versions(),
    }  # fmt: skip
    write_result(folder, item, plan, affordance, body, list(variants.solutions), details)


def merged(request: Request, plan: Plan):
    """The person: what the panel says, else what the sentence says."""
    said = {k: v for k, v in asdict(request.subject).items() if v is not None}
    return replace(plan.subject, **said)


class Clock:
    """Maps each stage's own progress to that of the whole job, and keeps the seconds."""

    def __init__(self, report: Report) -> None:
        self._report, self._done = report, 0.0
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[Callable[[float], None]]:
        """Time a stage; gives the function that reports its progress in [0, 1]."""
        begun, share, before = time.process_time(), SHARES[name], self._done
        self._report(name, before)
        yield lambda fraction: self._report(name, before + share * fraction)
        self._done = before + share
        self.seconds[name] = round(time.process_time() - begun, 3)
