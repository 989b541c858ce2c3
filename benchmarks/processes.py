"""The solver as a process: how fast it starts, stops, dies and comes back, and what it holds.

    python benchmarks/processes.py --objects DIR [--moments 3]

Uses the extension's own pipe and session, and a solver process as Blender starts it. Prints JSON.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import tyro
from manifest import Job, canonical, read_jobs

ROOT = Path(__file__).resolve().parent.parent
package = ModuleType("blender_addon")  # Its __init__ needs bpy; these two modules do not.
package.__path__ = [str(ROOT / "blender_addon")]
sys.modules["blender_addon"] = package

from blender_addon import jobs as states  # noqa: E402
from blender_addon.link import Link  # noqa: E402
from blender_addon.session import Session  # noqa: E402
from solver.protocol import Cancel, Done, Failed, Hello, Message, Progress, Solve, Stopped  # noqa: E402

POLL, PATIENCE = 0.005, 300.0
"""Seconds between two looks at the pipe, and until one gives up."""
PARENT = """
import sys, time
from pathlib import Path
sys.path[:0] = [sys.argv[1], sys.argv[2]]
import processes
link = processes.start()
link.send(processes.Solve("job", sys.argv[3]))
print(link.pid, flush=True)
time.sleep(600)
"""


@dataclass(frozen=True)
class Options:
    """What to run."""

    objects: Path = Path(os.environ.get("INTERACT_OBJECTS", "objects"))
    """A folder with a manifest.json."""
    output: Path = Path("build/processes")
    small: str = "dining_armchair-1"
    """The usual job."""
    large: str = "bicycle-1"
    """The job with the largest object."""
    moments: int = 3
    """Cancels per stage and job."""
    seed: int = 0
    only: tuple[str, ...] = ()
    """Some of: starts, requests, cancel, solver_killed, parent_killed."""


@dataclass(frozen=True)
class Place:
    """Where this run puts its folders."""

    folder: Path

    def fresh(self, job: Job, seed: int = 0) -> Path:
        """A new job folder, and nothing kept of the object."""
        shutil.rmtree(self.folder / "cache" / "intake", ignore_errors=True)
        made = self.folder / "jobs" / f"{job.id}-{time.monotonic_ns()}"
        made.mkdir(parents=True)
        verts, faces = canonical(job)
        np.savez(made / "object.npz", verts=verts, faces=faces)
        request = {"prompt": job.prompt, "object_name": job.name, "seed": seed}
        (made / "request.json").write_text(json.dumps(request), encoding="utf-8")
        return made


def main(options: Options) -> None:
    """Measure everything and print it."""
    jobs = {job.id: job for job in read_jobs(options.objects)}
    small, large = jobs[options.small], jobs[options.large]
    folder = options.output.resolve()
    shutil.rmtree(folder, ignore_errors=True)
    os.environ["INTERACT_CACHE"] = str(folder / "cache")
    place = Place(folder)
    parts: dict[str, Callable[[], Any]] = {
        "starts": lambda: [first_result(place, small) for _ in range(2)],
        "requests": lambda: later_requests(place, small, large),
        "cancel": lambda: cancels(
            place, (small, large), options.moments, random.Random(options.seed)
        ),
        "solver_killed": lambda: solver_killed(place, small),
        "parent_killed": lambda: parent_killed(place, large),
    }
    found: dict[str, Any] = {"load": os.getloadavg()}
    for name, part in parts.items():
        if not options.only or name in options.only:
            found[name] = part()
            (folder / "figures.json").write_text(json.dumps(found, indent=1), encoding="utf-8")
    print(json.dumps(found, indent=1))


def start() -> Link:
    """A solver process, as the extension starts it."""
    log = Path(os.environ["INTERACT_CACHE"]) / "solver.log"
    return Link(Path(sys.executable), ROOT, log)


def heard(link: Link, *kinds: type[Message]) -> Message:
    """The next message of one of these kinds.

    Raises:
        RuntimeError: If the solver fails or says nothing.
    """
    for message in messages(link):
        if isinstance(message, kinds):
            return message
        if isinstance(message, Failed):
            raise RuntimeError(f"{message.what} {message.remedy}")
    raise RuntimeError(f"No {kinds[0].__name__} within {PATIENCE:.0f} s.")


def messages(link: Link) -> Iterator[Message]:
    """What the solver says, for as long as one has patience."""
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        yield from link.poll()
        time.sleep(POLL)


def since(begun: float) -> float:
    """Seconds, for a table."""
    return round(time.monotonic() - begun, 2)


def first_result(place: Place, job: Job) -> dict[str, float]:
    """From a click without a solver to its greeting, its first word of progress, its result.

    The first start in an empty cache compiles the kernels, a second one finds them.
    """
    folder, begun = place.fresh(job), time.monotonic()
    link = start()
    heard(link, Hello)
    found = {"hello_s": since(begun)}
    link.send(Solve("job", str(folder)))
    heard(link, Progress)
    found["first_progress_s"] = since(begun)
    heard(link, Done)
    found["result_s"] = since(begun)
    link.close()
    return found


def later_requests(place: Place, small: Job, large: Job) -> dict[str, Any]:
    """The same job again and again in one process, then the largest object; and the memory."""
    link = start()
    heard(link, Hello)
    found: dict[str, Any] = {"wall_s": []}
    for seed in range(4):
        found["wall_s"].append(solved(link, place.fresh(small, seed)))
    found["peak_mb"] = memory_mb(link.pid)
    found["large_wall_s"] = solved(link, place.fresh(large))
    found["large_peak_mb"] = memory_mb(link.pid)
    link.close()
    return found


def solved(link: Link, folder: Path) -> float:
    """Seconds of one job."""
    begun = time.monotonic()
    link.send(Solve(folder.name, str(folder)))
    heard(link, Done)
    return since(begun)


def cancels(
    place: Place, jobs: tuple[Job, ...], moments: int, dice: random.Random
) -> dict[str, dict[str, Any]]:
    """Seconds from a cancel to `Stopped`, at random moments of every stage."""
    link = start()
    heard(link, Hello)
    found: dict[str, dict[str, Any]] = {}
    for job in jobs:
        lasts = stages(link, place.fresh(job))
        waits: dict[str, list[float]] = {}
        for stage in lasts:
            for _ in range(moments):
                delay = dice.random() * lasts[stage]
                if (wait := cancel_at(link, place.fresh(job), stage, delay)) is not None:
                    waits.setdefault(stage, []).append(wait)
        found[job.id] = {
            stage: {"lasts_s": lasts[stage], "waits_s": w} for stage, w in waits.items()
        }
    link.close()
    return found


def stages(link: Link, folder: Path) -> dict[str, float]:
    """How long each stage lasts, seconds."""
    lasts, name, begun = {}, "", time.monotonic()
    link.send(Solve(folder.name, str(folder)))
    for message in messages(link):
        ended = isinstance(message, Done)
        if ended or (isinstance(message, Progress) and message.stage != name):
            lasts[name] = since(begun)
            name, begun = getattr(message, "stage", ""), time.monotonic()
        if ended:
            break
    return {stage: seconds for stage, seconds in lasts.items() if stage}


def cancel_at(link: Link, folder: Path, stage: str, delay: float) -> float | None:
    """Seconds from a cancel, `delay` into a stage, to `Stopped`; None if the job was faster."""
    link.send(Solve(folder.name, str(folder)))
    for message in messages(link):
        if isinstance(message, Progress) and message.stage == stage:
            break
    time.sleep(delay)
    begun = time.monotonic()
    link.send(Cancel(folder.name))
    for message in messages(link):
        if isinstance(message, Done | Failed):
            return None
        if isinstance(message, Stopped):
            return round(time.monotonic() - begun, 3)
    return PATIENCE


def solver_killed(place: Place, job: Job) -> dict[str, Any]:
    """What the session says of a `kill -9`, how soon, and when the next click has its result."""
    session = Session(start)
    first = job_of(place.fresh(job))
    session.submit(first)
    turn(session, lambda: first.fraction > 0.3)
    begun = time.monotonic()
    os.kill(session.pid or 0, signal.SIGKILL)
    turn(session, lambda: first.over)
    found: dict[str, Any] = {"said_after_s": since(begun), "said": f"{first.what} {first.remedy}"}
    second, begun = job_of(place.fresh(job)), time.monotonic()
    session.submit(second)
    turn(session, lambda: second.over or second.state is states.State.READY)
    found |= {"next_click": str(second.state), "next_result_s": since(begun)}
    session.shutdown()
    return found


def job_of(folder: Path) -> states.Job:
    """A job of the registry for a folder that is already written."""
    request = states.Request(prompt="", object_name="")
    none = {"target": "", "target_uid": 0, "scene": "", "scene_uid": 0}
    return states.Job(folder.name, folder, request, **none)


def turn(session: Session, true: Callable[[], bool]) -> None:
    """Turn the session's wheel until something holds."""
    begun = time.monotonic()
    while not true() and since(begun) < PATIENCE:
        session.tick()
        time.sleep(POLL)


def parent_killed(place: Place, job: Job) -> dict[str, Any]:
    """Seconds until a solver at work is gone after its parent was killed."""
    words = [sys.executable, "-c", PARENT, str(ROOT), str(ROOT / "benchmarks")]
    parent = subprocess.Popen(
        [*words, str(place.fresh(job))], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    time.sleep(8.0)  # It has started and is in the middle of the object.
    begun = time.monotonic()
    parent.kill()
    parent.wait()
    while running(child) and since(begun) < 60:
        time.sleep(POLL)
    return {"solver_gone": not running(child), "after_s": since(begun)}


def running(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"


def memory_mb(pid: int) -> int:
    """The largest memory that a process ever held."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM"))


if __name__ == "__main__":
    main(tyro.cli(Options))
