"""A vision model's choice between systems (the paper's Table 2), with what it takes to believe it.

    INTERACT_VLM_KEY=... python benchmarks/vlm_choice.py --url https://HOST/v1 --model NAME \
        --systems ours=DIR other=DIR ... [--mode pairs|best] [--output DIR]

`pairs` shows every two systems in both orders, and only a choice that survives the swap is a win;
`best` shows all at once in shuffled order, as the paper does. Any OpenAI-compatible URL will do,
also a server on this machine (no key needed there). Answers are remembered by content in
`DIR/answers`: an interrupted run goes on, and nothing is paid twice. Writes `trials.csv` and the
pictures, prints JSON; needs the extra `models`.
"""

import csv
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any, Literal

import tyro
from choices import QUESTIONS, Remembered, Trial, ask, best_of, duel, orders, patiently
from PIL import Image
from systems import System, jobs_of, missing, read_scene, read_systems
from views import random_pictures

from solver.errors import SolverError
from solver.pretrained.chooser import Chooser, Endpoint, connect
from solver.render.shade import save


@dataclass(frozen=True)
class Options:
    """Whom to ask about what."""

    url: str
    """Base of an OpenAI-compatible endpoint; it mostly ends with /v1."""
    model: str
    """A model there that reads pictures."""
    systems: tuple[str, ...]
    """NAME=DIR, two or more; see benchmarks/systems.py."""
    output: Path = Path("build/choice")
    only: tuple[str, ...] = ()
    """Job ids, or their beginnings."""
    mode: Literal["pairs", "best"] = "pairs"
    questions: tuple[Literal["overall", "contact"], ...] = ("overall", "contact")
    rounds: int = 1
    """Shuffles of every job in mode best."""
    views: int = 4
    size: int = 384
    """Pixels of one view."""
    seed: int = 0
    plain: bool = False
    """Everybody in grey, where one system's bodies bring no clothes."""
    timeout: float = 60.0
    """Seconds for one answer."""
    retries: int = 2


def main(options: Options) -> None:
    """Ask, count, write."""
    systems = read_systems(options.systems)
    if len(systems) < 2:
        raise SolverError("One system is no choice.", remedy="Give two or more: --systems a=A b=B.")
    remote = connect(Endpoint(options.url, options.model, options.timeout, options.retries))
    chooser = Remembered(remote, options.output / "answers")
    jobs = jobs_of(systems, options.only)
    trials: list[Trial] = []
    try:
        trials.extend(patiently(asked(chooser, systems, jobs, options)))
    finally:
        write_trials(options.output / "trials.csv", trials)
    notes = {"judge": chooser.name, "mode": options.mode, "seed": options.seed}
    left_out = missing(systems, list(jobs))
    figures = summary(trials, [system.name for system in systems], options)
    print(json.dumps({**notes, "left_out": left_out, **figures}, indent=1))


def asked(
    chooser: Chooser, systems: Sequence[System], jobs: dict[str, str], options: Options
) -> Iterator[Trial]:
    """Every question about every job that all systems have."""
    names = [system.name for system in systems]
    for job, prompt in jobs.items():
        if not all(system.has(job) for system in systems):
            continue
        pictures = {system.name: shown(system, job, options) for system in systems}
        for kind in options.questions:
            key = (options.seed, job)
            for order in orders(names, options.mode == "pairs", options.rounds, key):
                yield ask(chooser, kind, job, prompt, order, pictures)


def shown(system: System, job: str, options: Options) -> Image.Image:
    """A result as the judge sees it: its views in two rows, the same ones for every system."""
    scene = read_scene(system.folder / job)
    views = random_pictures(
        scene, job, views=options.views, size=options.size, seed=options.seed, plain=options.plain
    )
    columns, size = -(-len(views) // 2), options.size
    picture = Image.new("RGB", (columns * size, size * (2 if len(views) > 1 else 1)), "white")
    for number, view in enumerate(views):
        picture.paste(view, (number % columns * size, number // columns * size))
    save(picture, options.output / "pictures" / system.name / f"{job}.png")
    return picture


def summary(trials: Sequence[Trial], names: Sequence[str], options: Options) -> dict[str, Any]:
    """Per question."""
    figures: dict[str, Any] = {}
    for kind in options.questions:
        some = [trial for trial in trials if trial.kind == kind]
        if options.mode == "best":
            figures[kind] = best_of(some, names)
        else:
            duels = {f"{a} : {b}": duel(some, a, b) for a, b in combinations(names, 2)}
            figures[kind] = duels
    return {"questions": {kind: QUESTIONS[kind] for kind in options.questions}, "results": figures}


def write_trials(path: Path, trials: Sequence[Trial]) -> None:
    """One CSV row per question."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["question", "job", "shown", "chosen", "why", "words"])
        for one in trials:
            shown = " ".join(one.shown)
            table.writerow([one.kind, one.job, shown, one.chosen or "", one.why, one.words])


if __name__ == "__main__":
    try:
        main(tyro.cli(Options))
    except SolverError as error:
        sys.exit(f"{error} {error.remedy}")
