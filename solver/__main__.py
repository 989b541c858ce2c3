"""The solver's command line: `python -m solver COMMAND`; the commands are below, in order."""

import logging
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import tyro
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress as Bar
from rich.table import Table

from . import __version__
from .bounds import Planner
from .errors import Cancelled, SolverError

app = tyro.extras.SubcommandApp()
console = Console(stderr=True)


@app.command
def run(folder: tyro.conf.Positional[Path]) -> None:
    """Solve the job in a folder."""
    from .job import check_folder
    from .pipeline import solve

    check_folder(folder)
    with Bar(console=console, transient=True) as bar:
        task = bar.add_task("Starting", total=1.0)
        solve(folder, lambda stage, done: bar.update(task, description=stage, completed=done))
    console.print(f"Solved: {folder / 'solution.npz'}", markup=False)


@app.command
def refine(
    folder: tyro.conf.Positional[Path],
    source: Annotated[Path, tyro.conf.arg(name="from")],
    variant: int = 1,
) -> None:
    """Solve the job in a folder beginning from a pose, and stay near it.

    Args:
        folder: The job's.
        source: A solved job's folder, or an .npz file with `pose` and `trans`.
        variant: Of the solved job; 1 is the best.
    """
    from .begin import put_begin

    put_begin(folder, source, variant)
    run(folder)


@app.command
def fingers(
    folder: tyro.conf.Positional[Path],
    source: Annotated[Path, tyro.conf.arg(name="from")],
    variant: int = 1,
) -> None:
    """Close the fingers of a pose on the object of the job in a folder; nothing else moves.

    Args:
        folder: The job's.
        source: A solved job's folder, or an .npz file with `pose` and `trans`.
        variant: Of the solved job; 1 is the best.
    """
    from .begin import put_begin

    put_begin(folder, source, variant, "fingers")
    run(folder)


@app.command
def batch(folder: tyro.conf.Positional[Path]) -> None:
    """Solve every job below a folder."""
    from .batch import job_folders, run_jobs
    from .pipeline import solve

    outcomes = run_jobs(job_folders(folder), solve)
    table = Table("job", "seconds", "result")
    for one in outcomes:
        words = (one.folder.name, f"{one.seconds:.1f}", one.failure or "solved")
        table.add_row(*map(escape, words))
    Console().print(table)
    if any(one.failure for one in outcomes):
        raise SystemExit(1)


@app.command
def affordance(
    folder: tyro.conf.Positional[Path], sheet: Annotated[Path, tyro.conf.arg(aliases=["-s"])]
) -> None:
    """Show where on the object a job's contacts belong.

    Args:
        folder: The job's.
        sheet: The PNG picture to write: a row per contact, four views of the object.
    """
    from .commands import draw_affordance

    found = draw_affordance(folder, sheet, lambda stage, done: None)
    table = Table("body part", "place", "role", "sure")
    for one in found.targets:
        contact = one.contact
        table.add_row(contact.part, contact.region, contact.role, f"{one.confidence:.0%}")
    Console().print(table)
    for warning in found.warnings:
        console.print(warning, markup=False)


@app.command
def evaluate(
    folder: tyro.conf.Positional[Path | None] = None,
    body: Path | None = None,
    object: Path | None = None,
    floor: float | None = None,
    expect: tuple[str, ...] = (),
    simulate: bool = False,
) -> None:
    """Measure a solved job, a column per variant; or a person and an object from any files.

    Args:
        folder: The job's.
        body: A mesh of a person instead, metres, Y up.
        object: The mesh that goes with it.
        floor: Height of the floor with these meshes, metres; else their lowest point.
        expect: Body parts that should touch it.
        simulate: Let a held object slip or the person drift; needs the extra `physics`.
    """
    from .commands import measured, measured_meshes, metric_rows, read_report

    if folder is not None and body is None and object is None:
        report = read_report(folder)
        said = [one["metrics"] for one in report["variants"]]
        variants = [
            a | b for a, b in zip(said, measured(folder, report, simulate=simulate), strict=True)
        ]
        warnings = report.get("warnings", [])
    elif folder is None and body is not None and object is not None:
        numbers, left_out = measured_meshes(body, object, floor, expect)
        variants, warnings = [numbers], [left_out]
    else:
        raise SolverError(
            "There is nothing to measure.",
            remedy="Give a solved job's folder, or both --body and --object.",
        )
    table = Table("metric", *(f"variant {k + 1}" for k in range(len(variants))))
    for row in metric_rows(variants):
        table.add_row(*row)
    Console().print(table)
    for warning in warnings:
        console.print(warning, markup=False)


@app.command
def export(
    folder: tyro.conf.Positional[Path],
    amass: Path,
    variant: int = 1,
    layout: Literal["classic", "smplx", "split"] = "classic",
) -> None:
    """Write a solved pose for other tools.

    Args:
        folder: The job's.
        amass: The AMASS .npz file to write, Z up, one frame.
        variant: Which; 1 is the best.
        layout: Names and widths of the arrays.
    """
    from .commands import export_amass

    export_amass(folder, amass, variant, layout)
    console.print(f"Written: {amass}", markup=False)


@dataclass(frozen=True)
class LanguageModel:
    """A model behind an OpenAI-compatible URL; its key is in INTERACT_LLM_KEY."""

    url: str = os.environ.get("INTERACT_LLM_URL", "http://localhost:11434/v1")
    """Mostly ends with /v1."""
    model: str = os.environ.get("INTERACT_LLM_MODEL", "")
    """Its name at the server."""
    timeout: float = 60.0
    """Seconds that it may take for a plan."""
    views: int = 0
    """Pictures of the object that it is shown, 0 to 4."""


@app.command
def plan(
    sentence: tyro.conf.Positional[str] = "",
    name: Annotated[str, tyro.conf.arg(aliases=["-n"])] = "",
    object: Path | None = None,
    planner: Planner = "rules",
    llm: LanguageModel = LanguageModel(),
    json: bool = False,
    jsonl: bool = False,
) -> None:
    """Show what the planner makes of a sentence.

    Args:
        sentence: What the person does.
        name: Name of the object, as in the scene; else that of the file.
        object: A mesh file of it, whose size and shape then count.
        planner: Who reads the sentence: rules, or a language model.
        llm: The language model.
        json: Print the plan as JSON instead of a table.
        jsonl: Read a JSON string, a sentence, from every line of stdin; write a plan per line.
    """
    from json import dumps

    from .commands import planner_of, plans_of_lines
    from .plan import describe, plan_to_json
    from .wishes import PlannerChoice

    choice = PlannerChoice(planner, llm.url, llm.model, llm.timeout, llm.views)
    read = planner_of(choice, object, sentence, name)
    if jsonl:
        failed = False
        for each in plans_of_lines(sys.stdin, read):
            failed |= "error" in each
            sys.stdout.write(dumps(each, ensure_ascii=False) + "\n")
            sys.stdout.flush()  # Another program may wait for the plan before it asks again.
        raise SystemExit(failed)
    made = read(sentence)
    out = Console(soft_wrap=True)  # JSON keeps its lines however long they are.
    out.print(plan_to_json(made) if json else describe(made), markup=False, highlight=False)


@app.command
def serve() -> None:
    """Answer requests on stdin until it ends: how Blender runs the solver."""
    from . import serve as server
    from .device import usable
    from .pipeline import solve
    from .protocol import Hello
    from .warm import warm_up

    server.main(solve, warm_up, lambda: Hello(__version__, usable()))


@app.command
def doctor() -> None:
    """Say what is installed and what is missing."""
    from .doctor import diagnose, healthy

    table = Table("what", "state")
    for row in diagnose():
        table.add_row(*map(escape, row))
    Console().print(table)
    if not healthy():
        raise SystemExit(1)


def main() -> None:
    """Run one command; a failure is a sentence and its remedy, never a traceback."""
    import torch

    # Batches of sixteen are too small for two threads: they lose more than they win.
    torch.set_num_threads(int(os.environ.get("INTERACT_THREADS", "1")))
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    try:
        app.cli(prog="python -m solver")
    except SolverError as error:
        console.print(str(error), style="bold red", markup=False)
        console.print(error.remedy, markup=False)
        raise SystemExit(1) from error
    except (Cancelled, KeyboardInterrupt):
        raise SystemExit(130) from None


if __name__ == "__main__":
    main()
