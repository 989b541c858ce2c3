"""Solve every object of a folder with every prompt, measure, and draw a contact sheet.

    python benchmarks/run.py --objects DIR [--output DIR] [--only chair ...] [--prompts FILE]
        [--quality draft] [--refine DIR]

Writes one CSV row per job, pictures of each (`picture.png`, `hands.png`), `sheet-N.png`, and prints
every figure beside its goal.
"""

import csv
import json
import os
import resource
import shutil
import subprocess
import sys
import time
import traceback
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
import tyro
from goals import all_figures, printed
from manifest import Job, canonical, read_jobs, with_plans
from PIL import Image, ImageDraw
from portrait import portray
from rows import row_of
from views import SIDES

from solver.begin import put_begin
from solver.errors import SolverError
from solver.evaluation import diversity
from solver.pipeline import solve
from solver.solved import shown_job
from solver.warm import warm_up

PLANS = Path(__file__).parent / "plans.json"


@dataclass(frozen=True)
class Options:
    """What to run."""

    objects: Path = Path(os.environ.get("INTERACT_OBJECTS", "objects"))
    """A folder with a manifest.json."""
    output: Path = Path("build/benchmark")
    only: tuple[str, ...] = ()
    """Job ids, or their beginnings."""
    prompts: Path | None = None
    """A list such as benchmarks/prompts.json, in place of the manifest's own prompts."""
    plans: Literal["rules", "given"] = "rules"
    """Read the prompts by rules, or take the hand-made plans of benchmarks/plans.json first."""
    quality: str = "standard"
    configuration: str = "full"
    """What an ablation leaves out or does otherwise: see `solver/configurations.py`."""
    seed: int = 0
    refine: Path | None = None
    """The output of an earlier run: begin from its poses and stay near them, its objects known."""
    workers: int = 2
    size: int = 320
    """Pixels of one view."""
    physics: bool = False
    """Let objects slip and bodies drift in a simulation too; needs the extra `physics`."""


def main(options: Options) -> None:
    """Run the jobs and write the tables."""
    jobs = read_jobs(options.objects, options.only, options.prompts)
    jobs = with_plans(jobs, PLANS) if options.plans == "given" else jobs
    if options.refine is not None and options.refine.resolve() == options.output.resolve():
        sys.exit("An earlier run is not refined in its own folder: give another --output.")
    options.output.mkdir(parents=True, exist_ok=True)
    # Kernels may be warm, but every object is taken in anew: its time counts.
    os.environ["INTERACT_CACHE"] = str(((options.refine or options.output) / "cache").resolve())
    if options.refine is None:
        shutil.rmtree(options.output / "cache" / "intake", ignore_errors=True)
    with ProcessPoolExecutor(options.workers, get_context("spawn"), initializer=_prepare) as pool:
        rows = list(pool.map(run_job, jobs, [options] * len(jobs)))
    write_table(options.output / "results.csv", rows)
    write_sheet(options.output, jobs, options.size)
    print(printed(all_figures(rows)))
    print(json.dumps(summary(rows) | variety(options.output / "jobs", rows), indent=1))
    if any(row.get("failure") for row in rows):
        sys.exit(1)


def run_job(job: Job, options: Options) -> dict[str, Any]:
    """Solve one job in a folder of its own, measure it, draw it."""
    folder = options.output / "jobs" / job.id
    folder.mkdir(parents=True, exist_ok=True)
    verts, faces = canonical(job)
    np.savez(folder / "object.npz", verts=verts, faces=faces)
    request = {
        "prompt": job.prompt, "object_name": job.name, "quality": options.quality,
        "seed": options.seed, "floor": None, "configuration": options.configuration,
        "plan": job.plan,
    }  # fmt: skip
    (folder / "request.json").write_text(json.dumps(request))
    for old in ("plan", "affordance", "hypotheses", "variants", "report"):
        (folder / f"{old}.json").unlink(missing_ok=True)
    for old in ("solution.npz", "picture.png", "hands.png"):
        (folder / old).unlink(missing_ok=True)
    row: dict[str, Any] = {"job": job.id, "prompt": job.prompt}
    begun = time.process_time()
    try:
        if options.refine is not None:
            put_begin(folder, options.refine / "jobs" / job.id)
            begun = time.process_time()
        solve(folder, lambda stage, fraction: None)
        row["cpu_s"] = round(time.process_time() - begun, 2)
        row["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        row |= judge(job, folder, options)
    except SolverError as error:
        return {**row, "failure": f"{error} {error.remedy}"}
    except Exception as error:
        traceback.print_exc()
        return {**row, "failure": repr(error)}
    print(f"{job.id:24s} {row['cpu_s']:6.1f} s", flush=True)
    return row


def judge(job: Job, folder: Path, options: Options) -> dict[str, Any]:
    """Measure a solved job and draw its picture."""
    report = json.loads((folder / "report.json").read_text())
    with np.load(folder / "solution.npz") as solution:
        materials = torch.from_numpy(solution["materials"])
    shown = shown_job(folder)
    portray(shown, materials, folder, options.size)
    return row_of(job, shown, report, folder, physics=options.physics)


def summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """What the table of figures leaves out: cost, and what failed."""
    done = [row for row in rows if not row.get("failure")]
    seconds = np.array([row["cpu_s"] for row in done] or [np.nan])
    return {
        "commit": _commit(),
        "jobs": len(rows),
        "results": len(done),
        "cpu_s": {
            "median": round(float(np.median(seconds)), 2),
            "p95": round(float(np.percentile(seconds, 95)), 2),
        },
        "peak_mb": max((row["peak_mb"] for row in done), default=0),
        "failures": [f"{row['job']}: {row['failure']}" for row in rows if row.get("failure")],
    }


def variety(jobs: Path, rows: list[dict[str, Any]]) -> dict[str, float]:
    """How different the solved poses are (E1); nothing when they are few."""
    poses: list[np.ndarray] = []
    for row in rows:
        if not row.get("failure"):
            with np.load(jobs / row["job"] / "solution.npz") as solution:
                poses.append(solution["pose"][0])
    return diversity(np.stack(poses)) if poses else {}


def write_table(path: Path, rows: list[dict[str, Any]]) -> None:
    """One CSV row per job."""
    names = list(dict.fromkeys(key for row in rows for key in row))
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, names)
        table.writeheader()
        table.writerows(rows)


def write_sheet(output: Path, jobs: list[Job], size: int) -> None:
    """All pictures on contact sheets of ten, with their prompts."""
    height = size + 22
    for first in range(0, len(jobs), 10):
        page = jobs[first : first + 10]
        sheet = Image.new("RGB", (2 * size * len(SIDES), height * ((len(page) + 1) // 2)), "white")
        pen = ImageDraw.Draw(sheet)
        for k, job in enumerate(page):
            x, y = (k % 2) * size * len(SIDES), (k // 2) * height
            pen.text((x + 6, y + 5), f"{job.id}: {job.prompt}", fill="black")
            picture = output / "jobs" / job.id / "picture.png"
            if picture.exists():
                sheet.paste(Image.open(picture), (x, y + 22))
        sheet.save(output / f"sheet-{first // 10 + 1}.png")


def _prepare() -> None:
    torch.set_num_threads(1)
    warm_up()


def _commit() -> str:
    asked = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    return asked.stdout.strip() or "unknown"


if __name__ == "__main__":
    main(tyro.cli(Options))
