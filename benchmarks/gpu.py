"""The same jobs on the CPU and on the GPU: how far apart the people are, how long each takes.

    .venv/bin/python benchmarks/gpu.py [--objects DIR] [--only chair ...] [--most 6]
        [--quality standard] [--device cuda]

Then the inner loop on both, with the hypotheses of one job and of 64 jobs at once. Prints JSON.
Without a GPU it says so and ends with code 0. Without a manifest it solves the examples.
`--device cpu` tries the script itself: all distances are zero then.
"""

import json
import os
import shutil
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
import tyro
from inner_loop import Options as Loop
from inner_loop import begin, on_device, rows_of
from manifest import Job, canonical, read_jobs

from solver.device import choose_device, device_name, hindrance
from solver.pipeline import solve
from solver.warm import warm_up

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
PROMPTS = {
    "chair": "a woman sits on the chair", "mug": "a man drinks from the mug",
    "ball": "a girl holds the ball with both hands",
}  # fmt: skip
GOAL = 1.0
"""Millimetres that the two may be apart."""


@dataclass(frozen=True)
class Options:
    """What to run."""

    objects: Path = Path(os.environ.get("INTERACT_OBJECTS", "objects"))
    """A folder with a manifest.json; the examples are used where there is none."""
    only: tuple[str, ...] = ()
    """Job ids, or their beginnings."""
    most: int = 6
    """No more jobs than this."""
    quality: str = "standard"
    seed: int = 0
    device: str = "cuda"
    """What is compared with the CPU."""
    sets: int = 64
    """Jobs whose hypotheses are descended together in the inner loop."""
    steps: int = 20
    """Of the inner loop."""

    @property
    def devices(self) -> tuple[str, str]:
        """What is compared with what."""
        return "cpu", self.device


@dataclass
class Watch:
    """Wall seconds per stage and the GPU's memory, read off the solver's reports."""

    seconds: dict[str, float] = field(default_factory=dict)
    stage: str = ""
    since: float = 0.0
    least_free: float = float("inf")

    def __call__(self, stage: str, fraction: float) -> None:
        """What the solver calls."""
        if torch.cuda.is_available():
            self.least_free = min(self.least_free, torch.cuda.mem_get_info()[0])
        if stage != self.stage:
            self.close()
            self.stage, self.since = stage, time.perf_counter()

    def close(self) -> None:
        """The stage is over."""
        if self.stage:
            spent = time.perf_counter() - self.since
            self.seconds[self.stage] = round(self.seconds.get(self.stage, 0.0) + spent, 3)
        self.stage = ""


def main(options: Options) -> None:
    """Run the jobs on both devices and print what came out."""
    reason = hindrance() if "cuda" in options.devices else None
    if reason is not None:
        print(f"Skipped: {reason}")
        sys.exit(0)
    torch.set_num_threads(1)
    warm_up()
    jobs = chosen(options)
    with tempfile.TemporaryDirectory() as scratch:
        for device in options.devices:  # Kernels are compiled and loaded before anything is timed.
            run(jobs[0], device, Path(scratch), options)
        rows = [compare(job, Path(scratch), options) for job in jobs]
    report = {
        "devices": [device_name(choose_device(each)) for each in options.devices],
        "torch": torch.__version__, "options": asdict(options) | {"objects": str(options.objects)},
        "worst_mm": max(row["max_mm"] for row in rows),
        "within_goal": f"{sum(row['max_mm'] <= GOAL for row in rows)} of {len(rows)}",
        "contact_seconds": [round(sum(row["seconds"][k]["Contact"] for row in rows), 2)
                            for k in (0, 1)],
        "inner_loop": inner_loops(options), "jobs": rows,
    }  # fmt: skip
    print(json.dumps(report, indent=1))


def inner_loops(options: Options) -> list[dict[str, Any]]:
    """The sampled phase for the hypotheses of one job and of many, on both devices.

    A job's share of it is `steps_per_second` over the 60 steps of that phase; `energy_apart` is the
    relative difference of the mean objective before the first step and after the last.
    """
    scene, start = begin(Loop(objects=options.objects))
    rows: list[dict[str, Any]] = []
    for sets in (1, options.sets):
        batch = rows_of(start, sets * len(start.pose))
        found = [
            on_device(scene, batch, choose_device(name), options.steps) for name in options.devices
        ]
        first, second = found
        rows.append({
            "jobs": sets, "hypotheses": len(batch.pose),
            "ms_per_hypothesis": [round(1e3 * f["seconds"] / len(batch.pose), 4) for f in found],
            "job_steps_per_second": [round(sets / f["seconds"], 1) for f in found],
            "energy_apart": [abs(second[k] / first[k] - 1) for k in ("first", "energy")],
        })  # fmt: skip
    return rows


def chosen(options: Options) -> list[Job]:
    """Jobs of the manifest, spread over it; those of the examples where there is none."""
    if not (options.objects / "manifest.json").exists():
        return [
            Job(f"{name}-1", name, EXAMPLES / f"{name}.glb", np.eye(4), prompt, "", "", ())
            for name, prompt in PROMPTS.items()
        ][: options.most]
    jobs = read_jobs(options.objects, options.only)
    return jobs[:: max(1, len(jobs) // options.most)][: options.most]


def run(job: Job, device: str, scratch: Path, options: Options) -> dict[str, Any]:
    """Solve one job anew on one device."""
    folder = scratch / "job"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    verts, faces = canonical(job)
    np.savez(folder / "object.npz", verts=verts, faces=faces)
    request = {
        "prompt": job.prompt, "object_name": job.name, "quality": options.quality,
        "seed": options.seed, "device": device,
    }  # fmt: skip
    (folder / "request.json").write_text(json.dumps(request))
    watch, cuda = Watch(), device == "cuda"
    free = torch.cuda.mem_get_info()[0] if cuda else 0
    if cuda:
        torch.cuda.reset_peak_memory_stats()
    solve(folder, watch)
    watch.close()
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    with np.load(folder / "solution.npz") as solution:
        arrays = {name: solution[name][0] for name in ("posed", "T_scene_source")}
    memory = {
        "torch_peak_mb": torch.cuda.max_memory_allocated() // 2**20,
        "whole_gpu_peak_mb": int(free - watch.least_free) // 2**20,
    } if cuda else {}  # fmt: skip
    variant = report["variants"][0]
    return {
        **arrays, **memory, "seconds": watch.seconds, "start": variant["name"],
        "hard_mm": variant["metrics"].get("hard_penetration_mm"), "device": report["device"],
    }  # fmt: skip


def compare(job: Job, scratch: Path, options: Options) -> dict[str, Any]:
    """One row: the same job on both devices."""
    first, second = (run(job, device, scratch, options) for device in options.devices)
    apart = 1e3 * np.linalg.norm(first["posed"] - second["posed"], axis=-1)
    moved = first["T_scene_source"][:3, 3] - second["T_scene_source"][:3, 3]
    return {
        "job": job.id, "prompt": job.prompt,
        "mean_mm": round(float(apart.mean()), 3), "max_mm": round(float(apart.max()), 3),
        "object_mm": round(1e3 * float(np.linalg.norm(moved)), 3),
        "same_start": first["start"] == second["start"],
        "hard_mm": [first["hard_mm"], second["hard_mm"]],
        "seconds": [first["seconds"], second["seconds"]],
        "memory": {k: second[k] for k in second if k.endswith("_mb")},
    }  # fmt: skip


if __name__ == "__main__":
    main(tyro.cli(Options))
