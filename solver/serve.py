"""The warm solver process: one job at a time, words on the pipe, arrays in the folder."""

import os
import queue
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TextIO

from .errors import Cancelled, SolverError
from .protocol import (
    Cancel,
    Done,
    Failed,
    Hello,
    Message,
    Progress,
    ProtocolError,
    Solve,
    Stopped,
    decode,
    encode,
)  # fmt: skip

Report = Callable[[str, float], None]
"""Stage in words, fraction of the whole job; raises `Cancelled` when the user asked to stop."""
QUIET = 0.1
"""Seconds between two progress messages of the same stage."""


class Cancellations:
    """The jobs that were asked to stop; written by the reader thread, read by the solving one."""

    def __init__(self) -> None:
        self._jobs: set[str] = set()

    def add(self, job_id: str) -> None:
        """Ask a job to stop, whether it runs or waits."""
        self._jobs.add(job_id)

    def __contains__(self, job_id: str) -> bool:
        return job_id in self._jobs


def serve(
    solve: Callable[[Path, Report], None],
    requests: Iterable[Solve],
    send: Callable[[Message], None],
    cancelled: Cancellations,
) -> None:
    """Answer every request, one at a time. Never raises for a failed job."""
    for request in requests:
        reporter = Reporter(request.job_id, send, cancelled)
        try:
            reporter("Starting", 0.0)
            solve(Path(request.folder), reporter)
        except Cancelled:
            send(Stopped(request.job_id, reporter.next()))
        except SolverError as error:
            send(Failed(request.job_id, reporter.next(), str(error), error.remedy, trace=""))
        except Exception as error:
            trace = traceback.format_exc()
            sys.stderr.write(trace)
            send(Failed(request.job_id, reporter.next(), repr(error), remedy="", trace=trace))
        else:
            send(Done(request.job_id, reporter.next(), request.folder))


class Reporter:
    """Progress of one job: checks for cancellation at every call, speaks ten times a second."""

    def __init__(
        self, job_id: str, send: Callable[[Message], None], cancelled: Cancellations
    ) -> None:
        self._job_id, self._send, self._cancelled = job_id, send, cancelled
        self._seq, self._said, self._stage = 0, 0.0, ""
        self._started = time.monotonic()

    def next(self) -> int:
        """The sequence number of the next message."""
        self._seq += 1
        return self._seq

    def __call__(self, stage: str, fraction: float) -> None:
        """Say how far the job is, or raise `Cancelled`."""
        if self._job_id in self._cancelled:
            raise Cancelled
        now = time.monotonic()
        if stage == self._stage and now - self._said < QUIET:
            return
        self._said, self._stage = now, stage
        spent = now - self._started
        eta = spent * (1 - fraction) / fraction if fraction > 0.05 else None
        self._send(Progress(self._job_id, self.next(), stage, fraction, eta))


def claim_stdout() -> TextIO:
    """Keep the real stdout for messages; every `print` of every library goes to stderr."""
    outbox = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return outbox


def main(
    solve: Callable[[Path, Report], None], warm_up: Callable[[], None], hello: Callable[[], Hello]
) -> None:
    """Serve the process on the other end of stdin and stdout until it leaves.

    Args:
        solve: Solves the job in a folder.
        warm_up: Loads what every job needs. A job that is cancelled meanwhile was never sent.
        hello: Says who we are; may import heavy packages.
    """
    outbox = claim_stdout()
    inbox: queue.SimpleQueue[Solve] = queue.SimpleQueue()
    cancelled = Cancellations()
    threading.Thread(target=_read, args=(sys.stdin, inbox, cancelled), daemon=True).start()

    def send(message: Message) -> None:
        outbox.write(encode(message) + "\n")
        outbox.flush()

    warm_up()
    send(hello())
    serve(solve, iter(inbox.get, None), send, cancelled)


def _read(stdin: TextIO, inbox: "queue.SimpleQueue[Solve]", cancelled: Cancellations) -> None:
    """Own stdin. Its end means that Blender is gone, even after a kill: leave at once."""
    for line in stdin:
        try:
            message = decode(line)
        except ProtocolError as error:
            sys.stderr.write(f"{error}\n")
            continue
        if isinstance(message, Solve):
            inbox.put(message)
        elif isinstance(message, Cancel):
            cancelled.add(message.job_id)
    os._exit(9)
