"""The benchmark through Blender: the built extension solves, what the saved .blend shows counts.

    python benchmarks/run_blender.py --objects DIR [--only chair ...] [--against results.csv]

One Blender and one warm solver do all jobs; every scene is saved, opened again, evaluated, and
measured as `run.py` measures the solver's own arrays. Exits with 1 when a job gave no result.
"""

import csv
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import tyro
from goals import all_figures, printed
from manifest import Job, canonical, read_jobs
from portrait import portray
from rows import row_of
from run import summary, write_sheet, write_table

from buildtools import package
from buildtools.demo import fresh_folder
from buildtools.environments import bpy_environment, make_ready, solver_environment
from solver.body import load_body, shape_body
from solver.body.joints import JOINTS
from solver.geometry.rotations import rotvec_from_quaternion
from solver.solved import shown_meshes

ROOT = Path(__file__).resolve().parent.parent
SAME = (
    "non_collision", "hard_penetration_mm", "soft_penetration_mm", "expected_mm", "left_sole_mm",
    "limit_deg",
)  # fmt: skip
"""The figures that have to be those of `run.py` with the same seed."""


@dataclass(frozen=True)
class Options:
    """What to run."""

    objects: Path = Path(os.environ.get("INTERACT_OBJECTS", "objects"))
    """A folder with a manifest.json."""
    output: Path = Path("build/benchmark-blender")
    only: tuple[str, ...] = ()
    """Job ids, or their beginnings."""
    prompts: Path | None = None
    """A list such as benchmarks/prompts.json, in place of the manifest's own prompts."""
    quality: str = "standard"
    seed: int = 0
    series: str = "4.5"
    """Of Blender's module: 4.2, 4.5 or 5.0."""
    size: int = 320
    """Pixels of one view."""
    against: Path | None = None
    """The table of a run of `run.py`: say how far the figures are apart."""
    physics: bool = False
    """Let objects slip and bodies drift in a simulation too; needs the extra `physics`."""


def main(options: Options) -> None:
    """Run the jobs in Blender, measure them here, and write the tables."""
    torch.set_num_threads(1)
    jobs = read_jobs(options.objects, options.only, options.prompts)
    output = options.output.resolve()
    output.mkdir(parents=True, exist_ok=True)
    solve_in_blender(jobs, options, output)
    rows = [judged(job, output / "jobs" / job.id, options) for job in jobs]
    write_table(output / "results.csv", rows)
    write_sheet(output, jobs, options.size)
    done = [row for row in rows if not row.get("failure")]
    walls = np.array([row["wall_s"] for row in done] or [np.nan])
    figures: dict[str, Any] = {"wall_s": {"median": np.median(walls), "first": walls[0]}}
    print(printed(all_figures(rows)))
    print(json.dumps(summary(rows) | figures, indent=1))
    if options.against:
        print(json.dumps({"apart": apart(done, options.against)}, indent=1))
    if len(done) < len(rows):
        sys.exit(1)


def solve_in_blender(jobs: list[Job], options: Options, output: Path) -> None:
    """One Blender for all jobs, with the extension as it is installed."""
    solver = make_ready(solver_environment(ROOT))
    blender = make_ready(bpy_environment(ROOT, options.series))
    shutil.rmtree(output / "cache" / "intake", ignore_errors=True)
    spec: dict[str, Any] = {"extension": str(package.build(ROOT)), "jobs": []}
    for job in jobs:
        folder = fresh_folder(output / "jobs" / job.id)
        verts, faces = canonical(job)
        np.savez(folder / "object.npz", verts=verts, faces=faces)
        spec["jobs"].append({
            "id": job.id, "folder": str(folder), "name": job.name, "prompt": job.prompt,
            "seed": options.seed, "quality": options.quality,
        })  # fmt: skip
    (output / "spec.json").write_text(json.dumps(spec), encoding="utf-8")
    settings = {
        "INTERACT_SOLVER_PYTHON": str(solver),
        "INTERACT_CACHE": str(output / "cache"),
        "BLENDER_USER_RESOURCES": str(fresh_folder(output / "profile")),
    }
    script = ROOT / "benchmarks" / "inside_run.py"
    words = [str(blender), str(script), str(output / "spec.json")]
    subprocess.run(words, env={**os.environ, **settings}, check=False)


def judged(job: Job, folder: Path, options: Options) -> dict[str, Any]:
    """The row of one job, from what Blender wrote."""
    row: dict[str, Any] = {"job": job.id, "prompt": job.prompt}
    path = folder / "outcome.json"
    outcome: dict[str, Any] = {"failure": "Blender ended before this job did."}
    if path.exists():
        outcome = json.loads(path.read_text(encoding="utf-8"))
    if outcome.get("failure"):
        return {**row, "failure": outcome["failure"]}
    with np.load(folder / "shown.npz") as file:
        body, verts, faces = file["body"], file["verts"], file["faces"]
        materials = torch.from_numpy(file["materials"])
        person = shape_body(load_body(), torch.from_numpy(file["betas"]))
        order = [file["bones"].tolist().index(name) for name in JOINTS]
        quaternions = torch.from_numpy(file["quaternions"][order][:, [1, 2, 3, 0]])
    with np.load(folder / "object.npz") as file:
        floor = float(file["verts"][:, 1].min())
    pose = rotvec_from_quaternion(quaternions)
    shown = shown_meshes(body, verts, faces, floor, person, pose)
    report = outcome["report"]
    portray(shown, materials, folder, options.size)
    row |= {"wall_s": outcome["wall_s"], "peak_mb": outcome["peak_mb"]}
    row |= {"cpu_s": round(sum(report["cpu_seconds"].values()), 2)}
    return row | row_of(job, shown, report, folder, physics=options.physics)


def apart(rows: list[dict[str, Any]], path: Path) -> dict[str, float]:
    """The largest difference of each figure to those of another table, over the same jobs."""
    with path.open(newline="", encoding="utf-8") as file:
        others = {row["job"]: row for row in csv.DictReader(file)}
    pairs = [(row, others[row["job"]]) for row in rows if row["job"] in others]
    return {
        key: round(max((abs(float(a[key]) - float(b[key])) for a, b in pairs), default=0.0), 3)
        for key in SAME
    }


if __name__ == "__main__":
    main(tyro.cli(Options))
