"""CLIP score: the cosine between random views of a result and its sentence (the paper's Table 1).

    python benchmarks/clip_score.py --model DIR --systems ours=DIR [other=DIR ...] [--output DIR]

`--model` is a folder with a CLIP model (ViT-B/32 in the paper) in safetensors; a name of the model
hub is taken only with `--allow-download`. See `benchmarks/systems.py` for what lies in a system's
folder. Views and clothes are random but the same for every system. Writes the pictures and
`clip.csv`, prints JSON; needs the extra `models`.
"""

import csv
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tyro
from intervals import bootstrap
from systems import System, jobs_of, missing, read_scene, read_systems
from views import random_pictures

from solver.errors import SolverError
from solver.pretrained.clip import ImageText, load_clip
from solver.render.shade import save


@dataclass(frozen=True)
class Options:
    """What to score."""

    model: str
    """A folder with a CLIP model, or a name of the model hub."""
    systems: tuple[str, ...]
    """NAME=DIR."""
    output: Path = Path("build/clip")
    only: tuple[str, ...] = ()
    """Job ids, or their beginnings."""
    views: int = 4
    size: int = 448
    """Pixels of one view; CLIP makes them smaller."""
    seed: int = 0
    plain: bool = False
    """Everybody in grey, where one system's bodies bring no clothes."""
    allow_download: bool = False
    """Look the model up on the hub."""


@dataclass(frozen=True)
class Score:
    """One picture."""

    system: str
    job: str
    view: int
    cosine: float
    own_first: bool | None
    """Whether no other sentence about the same object fits better; None where there is none."""


def main(options: Options) -> None:
    """Draw, score, write."""
    systems = read_systems(options.systems)
    jobs = jobs_of(systems, options.only)
    clip = load_clip(options.model, allow_download=options.allow_download)
    scores = [
        score
        for job in jobs
        for system in systems
        if system.has(job)
        for score in scored(system, job, jobs, clip, options)
    ]
    write_scores(options.output / "clip.csv", scores)
    report = summary(scores, [system.name for system in systems])
    notes = {"model": clip.name, "views": options.views, "seed": options.seed}
    print(json.dumps({**notes, "missing": missing(systems, list(jobs)), **report}, indent=1))


def category(job: str) -> str:
    """The object of a job: its id without the number."""
    return job.rpartition("-")[0] or job


def scored(
    system: System, job: str, jobs: dict[str, str], clip: ImageText, options: Options
) -> list[Score]:
    """Every view of one result."""
    pictures = random_pictures(
        read_scene(system.folder / job), job,
        views=options.views, size=options.size, seed=options.seed, plain=options.plain,
    )  # fmt: skip
    for number, picture in enumerate(pictures):
        save(picture, options.output / "pictures" / system.name / f"{job}-{number}.png")
    others = dict.fromkeys(jobs[other] for other in jobs if category(other) == category(job))
    sentences = [jobs[job], *(sentence for sentence in others if sentence != jobs[job])]
    cosines = clip.cosines(pictures, sentences)
    firsts = (cosines.argmax(dim=1) == 0).tolist() if len(sentences) > 1 else [None] * len(pictures)
    return [
        Score(system.name, job, number, float(cosine), first)
        for number, (cosine, first) in enumerate(zip(cosines[:, 0], firsts, strict=True))
    ]


def summary(scores: Sequence[Score], names: Sequence[str]) -> dict[str, Any]:
    """Means with intervals over jobs, and how far each system is from the first."""
    by_job = {name: _grouped([score for score in scores if score.system == name]) for name in names}
    return {
        "systems": {name: _figures([s for s in scores if s.system == name]) for name in names},
        "apart": {
            f"{names[0]} - {name}": _difference(by_job[names[0]], by_job[name])
            for name in names[1:]
        },
    }


def _figures(scores: list[Score]) -> dict[str, Any]:
    """Of one system. The mean is over jobs, and so is the interval."""
    groups = _grouped(scores)
    firsts = [score.own_first for score in scores if score.own_first is not None]
    kinds = dict.fromkeys(category(job) for job in groups)
    return {
        "clip": _mean(list(groups.values())),
        "ci95": [round(x, 4) for x in bootstrap(list(groups.values()))],
        "own_sentence_first": round(float(np.mean(firsts)), 3) if firsts else None,
        "jobs": len(groups), "pictures": len(scores),
        "categories": {
            kind: _mean([group for job, group in groups.items() if category(job) == kind])
            for kind in kinds
        },
    }  # fmt: skip


def _grouped(scores: Sequence[Score]) -> dict[str, list[float]]:
    groups: dict[str, list[float]] = {}
    for score in scores:
        groups.setdefault(score.job, []).append(score.cosine)
    return groups


def _mean(groups: Sequence[Sequence[float]]) -> float | None:
    return round(float(np.mean([np.mean(group) for group in groups])), 4) if groups else None


def _difference(ours: dict[str, list[float]], theirs: dict[str, list[float]]) -> dict[str, Any]:
    """Over the jobs that both have, view by view."""
    both = [job for job in ours if job in theirs]
    apart = [np.subtract(ours[job], theirs[job]).tolist() for job in both]
    ci95 = [round(x, 4) for x in bootstrap(apart)] if both else None
    return {"mean": _mean(apart), "ci95": ci95, "jobs": len(both)}


def write_scores(path: Path, scores: Sequence[Score]) -> None:
    """One CSV row per picture."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["system", "job", "view", "cosine", "own_first"])
        for one in scores:
            first = "" if one.own_first is None else int(one.own_first)
            table.writerow([one.system, one.job, one.view, f"{one.cosine:.6f}", first])


if __name__ == "__main__":
    try:
        main(tyro.cli(Options))
    except SolverError as error:
        sys.exit(f"{error} {error.remedy}")
