"""A contact sheet: a row per job, a column per system or configuration, three views each.

    python benchmarks/sheet.py --systems full=DIR plain=DIR ... --output OUT.png [--only chair ...]

See `benchmarks/systems.py` for what lies in DIR. `--blind` shuffles the columns of every row and
leaves out their names, which go to OUT.json: for judges (`benchmarks/verdicts/criteria.md`).
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
import tyro
from PIL import Image, ImageDraw
from systems import System, jobs_of, missing, read_scene, read_systems
from views import EVERYDAY, GREY, SIDES, generator_of, photograph

from solver.errors import SolverError
from solver.render.shade import save

LINE = 18
"""Pixels of a line of text."""


@dataclass(frozen=True)
class Options:
    """What to draw."""

    systems: tuple[str, ...]
    """NAME=DIR, in the order of the columns."""
    output: Path = Path("build/sheet.png")
    only: tuple[str, ...] = ()
    """Job ids, or their beginnings."""
    size: int = 320
    """Pixels of one view."""
    rows: int = 8
    """Jobs on one page; further pages are OUT-2.png, ..."""
    blind: bool = False
    """Shuffle and do not name the columns."""
    plain: bool = False
    """Everybody in grey."""
    seed: int = 0
    """Of the shuffling."""


def main(options: Options) -> None:
    """Draw all pages."""
    systems = read_systems(options.systems)
    jobs = jobs_of(systems, options.only)
    for words in missing(systems, list(jobs)):
        print(f"Left white: {words}.")
    orders = {job: order(systems, job, options) for job in jobs}
    rows = [row(job, prompt, orders[job], options) for job, prompt in jobs.items()]
    for first in range(0, len(rows), options.rows):
        page = stacked(rows[first : first + options.rows])
        number = first // options.rows + 1
        path = options.output
        save(page, path if number == 1 else path.with_stem(f"{path.stem}-{number}"))
    if options.blind:
        names = {job: [system.name for system in each] for job, each in orders.items()}
        options.output.with_suffix(".json").write_text(json.dumps(names, indent=1))


def order(systems: Sequence[System], job: str, options: Options) -> list[System]:
    """The columns of one row."""
    if not options.blind:
        return list(systems)
    turned = torch.randperm(len(systems), generator=generator_of(options.seed, job))
    return [systems[k] for k in turned.tolist()]


def row(job: str, prompt: str, systems: Sequence[System], options: Options) -> Image.Image:
    """One job: a line of text, the systems side by side; white where there is no result."""
    size, wide = options.size, options.size * len(SIDES)
    image = Image.new("RGB", (wide * len(systems), size + 2 * LINE), "white")
    pen = ImageDraw.Draw(image)
    pen.text((4, 3), f"{job}: {prompt}", fill="black")
    for column, system in enumerate(systems):
        name = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[column] if options.blind else system.name
        pen.text((column * wide + 4, LINE + 2), name, fill="grey")
        if not system.has(job):
            continue
        scene = read_scene(system.folder / job)
        look = GREY if options.plain else EVERYDAY
        for k, picture in enumerate(photograph(scene, look, list(SIDES), size)):
            image.paste(picture, (column * wide + k * size, 2 * LINE))
    return image


def stacked(rows: Sequence[Image.Image]) -> Image.Image:
    """Rows of one width below one another."""
    page = Image.new("RGB", (rows[0].width, sum(row.height for row in rows)), "white")
    top = 0
    for row in rows:
        page.paste(row, (0, top))
        top += row.height
    return page


if __name__ == "__main__":
    try:
        main(tyro.cli(Options))
    except SolverError as error:
        sys.exit(f"{error} {error.remedy}")
