"""The inner loop of the optimisation beside two loops that one would write otherwise.

    python benchmarks/inner_loop.py [--objects DIR] [--job park_bench-1] [--batch 16]

One run: a step of ours (terms, slopes and Adam of the sampled phase, at a batch), a step of the
plain loop and a step of the naive one (see `plain_loop.py`), taking turns, on the same job with the
same terms; medians of CPU seconds. Prints JSON last: `ratio` is plain to ours per hypothesis,
`ratio_naive` naive to ours. Without a manifest the chair of the examples is used.
"""

import importlib.util
import json
import os
import platform
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

import numpy as np
import torch
import tyro
from manifest import Job, canonical, read_jobs
from plain_loop import (
    Loop,
    PlainGrid,
    TrimeshDistance,
    Way,
    by_addmm,
    by_cdist,
    by_levels,
    smplx_skinning,
)

from solver.device import computing_on, to_device
from solver.job import read_request
from solver.optimisation.chance import Chance
from solver.optimisation.descent import descend
from solver.optimisation.layout import Layout, layout_of
from solver.optimisation.phases import Scene, leaves_of, sampled_terms, variables_of
from solver.optimisation.taking import taking_of
from solver.optimisation.variables import Start, start_of
from solver.pipeline import Clock, understand
from solver.settings import settings_for
from solver.synthesis import synthesise
from solver.task import resolve
from solver.warm import warm_up

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
CHAIR = Job(
    "chair-1", "chair", EXAMPLES / "chair.glb", np.eye(4), "a woman sits on the chair", "", "", ()
)


@dataclass(frozen=True)
class Options:
    """What to run."""

    objects: Path = Path(os.environ.get("INTERACT_OBJECTS", "objects"))
    """A folder with a manifest.json; the examples' chair is used where there is none."""
    job: str = "park_bench-1"
    """One whose object does not move."""
    batch: int = 16
    steps: int = 24
    """Of ours and of the plain loop between two looks at the clock; the naive loop does one."""
    repeats: int = 5
    naive: bool = True


def main(options: Options) -> None:
    """Measure and print."""
    torch.set_num_threads(1)
    warm_up()
    scene, start = begin(options)
    ours = rows_of(start, options.batch)
    one = start.take(torch.tensor([0]))
    weights = scene.settings.approach.first
    skinning, pose = smplx_skinning(scene.task.body)
    grid, mesh = PlainGrid(scene.task.item.grid), scene.task.item.surface.mesh
    plain = Loop(scene, one, Way(by_levels, grid, by_addmm), weights)
    proximity = importlib.util.find_spec("rtree") is not None
    naive = None
    if options.naive and proximity:
        distance = TrimeshDistance(mesh.verts, mesh.faces)
        naive = Loop(scene, one, Way(pose, distance, by_cdist), weights)
    loops: dict[str, Callable[[], float]] = {
        "ours": lambda: step_ours(scene, ours, options.steps) / options.batch,
        "plain": lambda: timed(plain.step, options.steps),
    }
    if naive is not None:
        loops["naive"] = lambda: timed(naive.step, 1)
    for loop in loops.values():
        loop()  # Warm caches.
    seconds = {name: list[float]() for name in loops}
    for _ in range(options.repeats):
        for name, loop in loops.items():
            seconds[name].append(loop())
    per_step = {name: 1e3 * median(values) for name, values in seconds.items()}
    layout = layout_for(scene)
    report = {
        "job": options.job, "machine": platform.processor() or platform.machine(),
        "torch": torch.__version__, "batch": options.batch, "repeats": options.repeats,
        "vertices": {"ours": len(layout.area), "others": len(scene.task.body.verts)},
        "faces": len(mesh.faces), "contacts": [t.name for t in scene.task.touches],
        "plain_ms": round(per_step["plain"], 2),
        "naive_ms": round(per_step["naive"], 1) if naive else None,
        "naive_is": f"{skinning}, torch.cdist, trimesh" if naive else "not run: rtree is missing",
        "spread_ms": {k: [round(1e3 * min(v), 2), round(1e3 * max(v), 2)]
                      for k, v in seconds.items()},
        "objective": {"ours": first_value(scene, ours), "plain": plain_value(scene, one, grid)},
        "ms_per_hypothesis": round(per_step["ours"], 3),
        "ratio": round(per_step["plain"] / per_step["ours"], 2),
        "ratio_naive": round(per_step["naive"] / per_step["ours"], 1) if naive else None,
    }  # fmt: skip
    print(json.dumps(report, indent=1))


def begin(options: Options) -> tuple[Scene, Start]:
    """The job, understood, and its hypotheses."""
    known = (options.objects / "manifest.json").exists()
    job = read_jobs(options.objects, (options.job,))[0] if known else CHAIR
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        verts, faces = canonical(job)
        np.savez(folder / "object.npz", verts=verts, faces=faces)
        request = {"prompt": job.prompt, "object_name": job.name, "floor": None}
        (folder / "request.json").write_text(json.dumps(request))
        found = understand(folder, read_request(folder), Clock(lambda stage, done: None))
    settings = settings_for("standard")
    hypotheses = synthesise(found.item, found.plan, found.affordance, found.body, settings)
    task = resolve(found.item, found.plan, found.affordance, found.body)
    chance = Chance(torch.Generator().manual_seed(0))
    taking = replace(taking_of(task, chance, settings.optimisation), carrier=None)
    return Scene(task, taking, settings.optimisation, chance), start_of(hypotheses)


def rows_of(start: Start, batch: int) -> Start:
    """As many rows as wanted, the hypotheses over and over."""
    return start.take(torch.arange(batch) % len(start.pose))


def layout_for(scene: Scene) -> Layout:
    """The tables of the sampled phase."""
    return layout_of(scene.task, scene.taking, scene.settings.sample, scene.settings.closure)


def step_ours(scene: Scene, start: Start, steps: int) -> float:
    """CPU seconds of one step of the sampled phase, the whole batch."""
    layout = layout_for(scene)
    variables = variables_of(scene, start, fingers=False)
    phase = replace(scene.settings.approach, steps=steps)
    terms = sampled_terms(scene, layout, start, variables)
    begun = time.process_time()
    for _ in descend(leaves_of(variables), terms, phase):
        pass
    return (time.process_time() - begun) / steps


def timed(step: Callable[[], float], steps: int) -> float:
    """CPU seconds of one call."""
    begun = time.process_time()
    for _ in range(steps):
        step()
    return (time.process_time() - begun) / steps


def first_value(scene: Scene, start: Start) -> float:
    """Our objective of the first hypothesis before any step."""
    layout = layout_for(scene)
    variables = variables_of(scene, start, fingers=False)
    terms = sampled_terms(scene, layout, start, variables)(0, scene.settings.approach.first)
    return round(float(torch.stack(list(terms.values()))[:, 0].sum().detach()), 2)


def plain_value(scene: Scene, start: Start, grid: PlainGrid) -> float:
    """The plain loop's objective of the same hypothesis: on all vertices, so not quite the same."""
    way = Way(by_levels, grid, by_addmm)
    return round(Loop(scene, start, way, scene.settings.approach.first).step(), 2)


def on_device(scene: Scene, start: Start, device: torch.device, steps: int) -> dict[str, float]:
    """Wall seconds of a step at a batch on a device, and where the steps lead.

    Returns:
        `seconds` per step and batch, and the batch's mean `energy` after the steps.
    """
    moved = replace(scene, task=to_device(scene.task, device))
    begun = to_device(start, device)
    with computing_on(device):
        layout = layout_for(moved)
        variables = variables_of(moved, begun, fingers=False)
        terms = sampled_terms(moved, layout, begun, variables)
        phase = replace(scene.settings.approach, steps=steps)
        seen: list[float] = []
        clock = 0.0
        for k, values in enumerate(descend(leaves_of(variables), terms, phase)):
            seen.append(float(torch.stack(list(values.values())).sum(dim=0).mean()))
            if k == 3:  # What is loaded and compiled at first does not count.
                clock = time.perf_counter()
        spent = time.perf_counter() - clock
    return {"seconds": spent / (steps - 4), "first": seen[0], "energy": seen[-1]}


if __name__ == "__main__":
    main(tyro.cli(Options))
