"""The queue of jobs and the one solver that works on it. No bpy: a timer or a loop calls `tick`."""

import time
from collections.abc import Callable
from contextlib import suppress

from .jobs import RUNNING, Job, State
from .link import Link
from .wire import errors, protocol

GRACE = 3.0
"""Seconds between a cancel and the kill of a solver that does not heed it."""
CRASH_PAUSE = 5.0
"""Seconds between the crash of a solver and the start of the next."""
START_LIMIT = 180.0
"""Seconds in which a solver must say hello: torch loads slowly from a cold disk."""
SILENCE_LIMIT = 180.0
"""Seconds without a word after which a solving solver counts as hung."""
PIECE = 0.015
"""Seconds of each tick that reading the scene may take; a large object takes its own time."""
HISTORY = 50
"""Ended jobs that are remembered."""


class Session:
    """All jobs of this Blender, one solver, one job at a time."""

    def __init__(self, start: Callable[[], Link], clock: Callable[[], float] = time.monotonic):
        """Start nothing yet.

        Args:
            start: Makes a solver process; raises SolverError when there is none.
            clock: Seconds; replaced in tests.
        """
        self.jobs: list[Job] = []
        self.device = ""
        self._start, self._clock = start, clock
        self._link: Link | None = None
        self._greeted = False
        self._heard = 0.0
        self._not_before = float("-inf")
        self._stopping = ""
        self._stop_deadline = 0.0

    @property
    def warm(self) -> bool:
        """Whether a solver process is there."""
        return self._link is not None and self._link.alive

    @property
    def idle_seconds(self) -> float:
        """Since the solver last said something; 0 without a solver."""
        return self._clock() - self._heard if self.warm else 0.0

    @property
    def pid(self) -> int | None:
        """Process id of the solver."""
        return self._link.pid if self._link else None

    @property
    def current(self) -> Job | None:
        """The job that the solver works on."""
        return next((job for job in self.jobs if job.state in RUNNING), None)

    @property
    def pending(self) -> list[Job]:
        """Jobs that are not over, oldest first."""
        return [job for job in self.jobs if not job.over]

    @property
    def unsolved(self) -> list[Job]:
        """Jobs that have no result yet, oldest first."""
        return [job for job in self.pending if job.state is not State.READY]

    @property
    def stopping(self) -> bool:
        """Whether the solver has still to answer a cancel."""
        return bool(self._stopping)

    def find(self, job_id: str) -> Job | None:
        """The job of that id."""
        return next((job for job in self.jobs if job.id == job_id), None)

    def submit(self, job: Job) -> None:
        """Put a job at the end of the queue."""
        ended = [old for old in self.jobs if old.over]
        for old in ended[:-HISTORY]:
            self.jobs.remove(old)
        self.jobs.append(job)

    def cancel(self, job_id: str) -> None:
        """Cancel a job: at once for the user, within the grace time for the solver."""
        job = self.find(job_id)
        if job is None or job.over:
            return
        if job.state is State.SOLVING and self._link is not None:
            self._link.send(protocol.Cancel(job.id))
            self._stopping, self._stop_deadline = job.id, self._clock() + GRACE
        job.move(State.CANCELLED)
        self._sweep()

    def cancel_all(self) -> None:
        """Cancel everything that is not over."""
        for job in self.pending:
            self.cancel(job.id)

    def cancel_unsolved(self) -> None:
        """Cancel what waits or runs; results that are ready stay."""
        for job in self.unsolved:
            self.cancel(job.id)

    def shutdown(self, *, keep_idle: bool = False) -> None:
        """Cancel everything and end the solver; an idle one may stay warm with `keep_idle`."""
        self._listen()  # The answer to a cancel may have come since the last tick.
        busy = self.current is not None or self.stopping
        self.cancel_all()
        if busy or not keep_idle:
            self._drop_link()

    def tick(self) -> None:
        """One step of the machinery: listen, look at the clock, begin what can begin."""
        self._listen()
        self._watch_clock()
        if job := next((j for j in self.pending if j.gathering is not None), None):
            job.stage = "Looking around"
            self.gather(job, PIECE)
        if not self._stopping:
            self._begin()

    def gather(self, job: Job, seconds: float = float("inf")) -> None:
        """Read more of the scene for a job that is not complete yet, for about so long."""
        try:
            job.gather(seconds)
        except errors.SolverError as error:
            job.gathering = None
            job.fail(str(error), error.remedy)

    def _listen(self) -> None:
        if self._link is None:
            return
        for message in self._link.poll():
            self._heard = self._clock()
            self._take(message)

    def _take(self, message: protocol.Message) -> None:
        if isinstance(message, protocol.Hello):
            self._greet(message)
        elif isinstance(message, protocol.Failed) and not message.job_id:
            self._crashed(message.what, message.remedy)
        else:
            self._take_job_message(message)

    def _greet(self, hello: protocol.Hello) -> None:
        if hello.version != protocol.VERSION:
            self._crashed(
                f"The solver speaks protocol {hello.version}, this extension {protocol.VERSION}.",
                "Set up the solver again in the extension's preferences.",
            )
            return
        self._greeted = True
        self.device = hello.devices[-1] if hello.devices else ""

    def _take_job_message(self, message: protocol.Message) -> None:
        job_id = getattr(message, "job_id", "")
        ends = isinstance(message, protocol.Done | protocol.Failed | protocol.Stopped)
        if ends and job_id == self._stopping:
            self._stopping = ""
            self._sweep()
        job = self.find(job_id)
        if job is None or job.state is not State.SOLVING or message.seq <= job.seq:  # type: ignore[attr-defined]
            return  # A late word about a job that is over.
        job.seq = message.seq  # type: ignore[attr-defined]
        if isinstance(message, protocol.Progress):
            job.stage, job.eta = message.stage, message.eta
            job.fraction = max(job.fraction, message.fraction)
        elif isinstance(message, protocol.Done):
            job.fraction, job.eta = 1.0, None
            job.move(State.READY)
        elif isinstance(message, protocol.Stopped):
            job.move(State.CANCELLED)
            self._sweep()
        elif isinstance(message, protocol.Failed):
            job.fail(*_spoken(message, job))

    def _watch_clock(self) -> None:
        now, job = self._clock(), self.current
        if self._stopping and now > self._stop_deadline:
            self._drop_link()
        elif job is not None and job.state is State.STARTING and now - self._heard > START_LIMIT:
            self._crashed(f"The solver did not start within {START_LIMIT:.0f} s.", self._log_hint())
        elif job is not None and job.state is State.SOLVING and now - self._heard > SILENCE_LIMIT:
            self._crashed(f"The solver said nothing for {SILENCE_LIMIT:.0f} s.", self._log_hint())

    def _begin(self) -> None:
        job = self.current or next((j for j in self.jobs if j.state is State.QUEUED), None)
        if job is None or job.state is State.SOLVING or job.gathering is not None:
            return
        if self._link is None and not self._start_link(job):
            return
        job.move(State.STARTING)
        job.stage = "Starting the solver"
        if self._greeted and self._link is not None:
            self._heard = self._clock()
            job.move(State.SOLVING)
            self._link.send(protocol.Solve(job.id, str(job.folder)))

    def _start_link(self, job: Job) -> bool:
        if self._clock() < self._not_before:
            return False
        try:
            self._link = self._start()
        except errors.SolverError as error:
            job.fail(str(error), error.remedy)
            return False
        self._greeted, self._heard = False, self._clock()
        return True

    def _crashed(self, what: str, remedy: str) -> None:
        """The solver is of no more use: its job fails, the next start waits a little."""
        if job := self.current:
            job.fail(what, remedy)
        self._not_before = self._clock() + CRASH_PAUSE
        self._drop_link()

    def _drop_link(self) -> None:
        link, self._link = self._link, None
        self._greeted, self._stopping = False, ""
        if link is not None:
            with suppress(OSError):
                link.close()
        self._sweep()

    def _sweep(self) -> None:
        """Delete the folders of cancelled jobs, once the solver has let go of them."""
        for job in self.jobs:
            if job.state is State.CANCELLED and job.id != self._stopping:
                job.discard()

    def _log_hint(self) -> str:
        return f"Try again. The solver's log: {self._link.log if self._link else 'none'}"


def _spoken(message: protocol.Failed, job: Job) -> tuple[str, str]:
    """What and remedy for the panel; a bug points to the folder that shows it."""
    if message.remedy:
        return message.what, message.remedy
    return (
        f"The solver failed with a bug: {message.what}",
        f"Please report it with the job's folder: {job.folder}",
    )
