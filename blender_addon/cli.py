"""`blender -b scene.blend --command interact ...`: jobs without a window, one after another.

`main` is an ordinary function of the list of arguments: the `bpy` module, which has no command
line, calls it directly.
"""

import argparse
import json
import sys
import traceback
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

import bpy

from . import results
from .character import apply_job
from .jobs import Job, Person, Request, State
from .outcomes import Outcome, check_blend, check_writable, spoken, write_all, write_report
from .planner import chosen_planner
from .scene import check_prompt, find_object, submit_request
from .service import session, wait
from .wire import bounds, errors

FRONTS = get_args(bounds.Front)
INTERRUPTED = 130
"""Exit code after Ctrl+C."""


def parser() -> argparse.ArgumentParser:
    """The command's arguments."""
    made = argparse.ArgumentParser(
        prog="blender -b FILE.blend --command interact",
        description="Put people into contact with objects of the open file, and save it.",
    )
    made.add_argument("--object", help="name of the object in the scene")
    made.add_argument("--prompt", help="what the person does: 'a woman sits on the chair'")
    made.add_argument("--output", type=Path, required=True, help="the .blend file to write")
    made.add_argument("--jobs", type=Path, help="JSON list of jobs: {object, prompt, seed, ...}")
    made.add_argument("--report", type=Path, help="JSON report to write")
    made.add_argument("--picture", type=Path, help="PNG picture of the result to write")
    made.add_argument("--seed", type=int, default=0)
    made.add_argument("--variants", type=int, default=1, help="1 to 8")
    made.add_argument("--fix-object", action="store_true", help="never move the object")
    made.add_argument("--scale", action="store_true", help="the object may grow or shrink to fit")
    made.add_argument("--front", choices=FRONTS, default="auto", help="in glTF's axes: Y is up")
    made.add_argument("--obstacles", default="all", help="all, none, or a collection's name")
    made.add_argument("--floor", type=float, help="height of the floor, metres")
    made.add_argument("--device", choices=get_args(bounds.Device), default="auto")
    made.add_argument("--quality", choices=get_args(bounds.Quality), default="standard")
    made.add_argument("--placement", choices=get_args(bounds.Placement), default="keep")
    made.add_argument(
        "--planner", choices=get_args(bounds.Planner),
        help="who reads the prompt; as the preferences say where it is not given",
    )  # fmt: skip
    made.add_argument("--body", help="an SMPL-H file of your own")
    made.add_argument("--sex", type=float, help="0 female to 1 male")
    made.add_argument("--age", type=float, help="years")
    made.add_argument("--height", type=float, help="metres")
    made.add_argument("--weight", type=float, help="kilograms")
    return made


def joined(argv: Sequence[str]) -> list[str]:
    """`--front -z` as `--front=-z`: argparse takes a lone -z for an option."""
    words = list(argv)
    for index in range(len(words) - 1, 0, -1):
        if words[index - 1] == "--front" and words[index] in FRONTS:
            words[index - 1 : index + 1] = [f"--front={words[index]}"]
    return words


def main(argv: Sequence[str]) -> int:
    """Do all jobs, save the file; 0 only if every job gave a result and everything was written.

    Args:
        argv: Arguments without the command's name.
    """
    try:
        arguments = parser().parse_args(joined(argv))
        wanted = read_jobs(arguments)
        check_blend(arguments.output)
        for path in (arguments.output, arguments.report, arguments.picture):
            check_writable(path)
    except SystemExit as stop:  # argparse has already said why.
        return int(stop.code or 0)
    except errors.SolverError as error:
        _say(f"FAILED  {spoken(str(error), error.remedy)}", sys.stderr)
        return 2
    outcomes: list[Outcome] = []
    try:
        do_jobs(arguments, wanted, outcomes)
        write_all(arguments, outcomes)
    except KeyboardInterrupt:
        write_all(arguments, outcomes)  # What is done is done: hours of it, perhaps.
        return INTERRUPTED
    except (errors.SolverError, OSError, RuntimeError) as error:
        _say(f"FAILED  {spoken(str(error), getattr(error, 'remedy', ''))}", sys.stderr)
        return 1
    finally:
        session.shutdown()
    return 0 if all(one.ok for one in outcomes) else 1


def command(argv: Sequence[str]) -> int:
    """`main` as Blender calls it: a command has no window, and operators ask for one."""
    windows = bpy.context.window_manager.windows
    if not windows:
        return main(argv)
    with bpy.context.temp_override(window=windows[0]):
        return main(argv)


def read_jobs(arguments: argparse.Namespace) -> list[dict[str, Any]]:
    """The jobs to do: each row of `--jobs` over the values of the command line.

    Raises:
        SolverError: When there is no job, or the file of jobs is none.
    """
    names = {one.name for one in fields(Request)} | {one.name for one in fields(Person)}
    names = (names | {"object"}) - {"object_name", "subject", "start", "moving", "only"}
    common = {name: getattr(arguments, name, None) for name in names}
    if arguments.jobs is None:
        rows: list[Any] = [{}]
    else:
        try:
            rows = json.loads(arguments.jobs.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise errors.SolverError(
                f"The jobs cannot be read from {arguments.jobs}: {error}",
                remedy='Write a JSON list: [{"object": "Chair", "prompt": "sit on the chair"}].',
            ) from error
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise errors.SolverError(
            f"{arguments.jobs} holds no list of jobs.",
            remedy='Write a JSON list: [{"object": "Chair", "prompt": "sit on the chair"}].',
        )
    for row in rows:
        if unknown := sorted(set(row) - names):
            raise errors.SolverError(
                f"A job has unknown fields: {', '.join(unknown)}.",
                remedy=f"Known are {', '.join(sorted(names))}.",
            )
    jobs = [{**common, **row} for row in rows]
    for job in jobs:
        if not job["object"] or job["prompt"] is None:
            raise errors.SolverError(
                "A job needs an object and a prompt.",
                remedy="Give --object and --prompt, or both in every row of --jobs.",
            )
    return jobs


def do_jobs(
    arguments: argparse.Namespace, wanted: list[dict[str, Any]], outcomes: list[Outcome]
) -> None:
    """All jobs; the report is written after each, so that a crash loses one and not all."""
    for job in wanted:
        outcomes.append(do_job(job))
        _say(outcomes[-1].line, sys.stdout)
        for warning in outcomes[-1].warnings:
            _say(f"        {warning}", sys.stderr)
        if arguments.report:
            write_report(arguments.report, outcomes)


def do_job(wanted: dict[str, Any]) -> Outcome:
    """One job from its values to a person in the file. Never raises for a failed job."""
    outcome = Outcome(str(wanted["object"]), str(wanted["prompt"]))
    job: Job | None = None
    try:
        check_prompt(outcome.prompt)
        target = find_object(outcome.object, bpy.context.scene)
        job = submit_request(target, request_of(wanted))
        outcome.folder = str(job.folder)
        session.submit(job)
        wait(job, Progress())
        _finish(job, outcome)
    except errors.SolverError as error:
        outcome.what, outcome.remedy = str(error), error.remedy
    except KeyboardInterrupt:
        if job is not None:
            session.cancel(job.id)
        raise
    except Exception as error:  # A bug in one job must not take the others with it.
        traceback.print_exc()
        outcome.what = f"Bug in the extension: {error!r}"
        outcome.remedy = "Please report it with the lines above."
    outcome.seconds = job.seconds if job else 0.0
    return outcome


def request_of(wanted: dict[str, Any]) -> Request:
    """The request in a job's values."""
    own = {one.name for one in fields(Request)} & set(wanted)
    person = Person(**{one.name: wanted[one.name] for one in fields(Person)})
    values = {name: wanted[name] for name in own} | {"planner": chosen_planner(wanted["planner"])}
    return Request(object_name="", subject=person, **values)


def _finish(job: Job, outcome: Outcome) -> None:
    if job.state is not State.READY:
        outcome.what = job.what or "The job was cancelled."
        outcome.remedy = job.remedy
        return
    made = apply_job(job)
    outcome.ok = True
    outcome.collection = made.name
    outcome.rigs = [rig.name for rig in results.people(made)]
    outcome.warnings = list(dict.fromkeys(job.warnings))
    outcome.report = json.loads((job.folder / "report.json").read_text(encoding="utf-8"))


class Progress:
    """Stages on stderr, each once: stdout has one line per job."""

    def __init__(self) -> None:
        self._said = ""

    def __call__(self, job: Job) -> None:
        if job.stage and job.stage != self._said:
            self._said = job.stage
            _say(f"  {job.fraction * 100:3.0f} %  {job.stage}", sys.stderr)


def _say(text: str, stream: Any) -> None:
    stream.write(text + "\n")
    stream.flush()
