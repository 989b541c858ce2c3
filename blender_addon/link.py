"""The solver's process and the pipes to it. No bpy here: threads run in this file."""

import os
import queue
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from .wire import errors, protocol

BOOT = (
    "import sys, runpy; sys.path.insert(0, sys.argv.pop(1)); "
    "runpy.run_module('solver', run_name='__main__', alter_sys=True)"
)
"""`-I -m solver` would not find a package outside the environment."""
DROPPED = (
    "PYTHON", "PIP_", "UV_", "VIRTUAL_ENV", "LD_PRELOAD", "LD_LIBRARY_PATH", "__PYVENV", "OCIO",
)  # fmt: skip
"""Beginnings of variables that would lead the child's Python astray."""


def child_environment() -> dict[str, str]:
    """This process's environment without what breaks another Python."""
    return {key: value for key, value in os.environ.items() if not key.startswith(DROPPED)}


def solver_command(python: Path, parent: Path, *arguments: str) -> list[str]:
    """The command line that runs the solver below `parent` with one of its subcommands."""
    return [str(python), "-I", "-u", "-X", "utf8", "-c", BOOT, str(parent), *arguments]


def own_group() -> dict[str, Any]:
    """Popen options that make the child the head of its own process group, without a window."""
    if os.name == "nt":
        windowless = getattr(subprocess, "CREATE_NO_WINDOW", 0)
        return {"creationflags": windowless | getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
    return {"start_new_session": True}


def kill_group(process: "subprocess.Popen[Any]") -> None:
    """End a child and its children at once; a child that is already gone is fine."""
    if os.name == "nt":
        command = ["taskkill", "/F", "/T", "/PID", str(process.pid)]
        subprocess.run(command, capture_output=True, check=False, **own_group())
    else:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()


class Link:
    """A running solver: `send` it requests, `poll` it for messages."""

    def __init__(
        self, python: Path, parent: Path, log: Path, told: Mapping[str, str] | None = None
    ) -> None:
        """Start the solver.

        Args:
            python: The interpreter that has the solver's packages.
            parent: The folder that holds `solver/`.
            log: Everything that the solver and its libraries print goes here.
            told: Variables of its environment beside those of this process.

        Raises:
            SolverError: When the process cannot be started.
        """
        self.log = log
        self._arrived: queue.SimpleQueue[protocol.Message] = queue.SimpleQueue()
        self._closing = False
        try:
            log.parent.mkdir(parents=True, exist_ok=True)
            with log.open("ab") as stderr:
                self._process = subprocess.Popen(
                    solver_command(python, parent, "serve"),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=stderr,
                    text=True,
                    encoding="utf-8",
                    errors="replace",
                    env={**child_environment(), **(told or {})},
                    **own_group(),
                )
        except OSError as error:
            raise errors.SolverError(
                f"The solver could not be started with {python}: {error}",
                remedy="Set up the solver again in the extension's preferences.",
            ) from error
        threading.Thread(target=self._read, args=(self._process.stdout,), daemon=True).start()

    @property
    def pid(self) -> int:
        """Process id, also of the process group."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def send(self, message: protocol.Message) -> None:
        """Hand over a message; that the solver is gone arrives through `poll` instead."""
        if self._process.stdin is None:
            return
        with suppress(OSError, ValueError):
            self._process.stdin.write(protocol.encode(message) + "\n")
            self._process.stdin.flush()

    def poll(self) -> Iterator[protocol.Message]:
        """What has arrived since the last call. Call it from a timer; never blocks."""
        while not self._arrived.empty():
            yield self._arrived.get()

    def close(self) -> None:
        """Stop the solver, whatever it is doing."""
        self._closing = True
        kill_group(self._process)
        if self._process.stdin is not None:
            with suppress(OSError):
                self._process.stdin.close()

    def _read(self, stdout: IO[str]) -> None:
        """The reader thread. The end of the pipe is a message, and so is a line we cannot read."""
        greeted = False
        for line in stdout:
            try:
                message = protocol.decode(line)
            except protocol.ProtocolError as error:
                message = self._failure(f"The solver said something unreadable: {error}")
            greeted |= isinstance(message, protocol.Hello)
            self._arrived.put(message)
        code = self._process.wait()
        if not self._closing:
            self._arrived.put(self._end(code, greeted=greeted))

    def _end(self, code: int, *, greeted: bool) -> protocol.Failed:
        """That the process ended by itself, and why as far as one can tell."""
        words = f": {last}" if code > 0 and (last := self._last_words()) else "."
        if greeted or code < 0:
            return self._failure(f"The solver stopped ({_reason(code)}){words}")
        return self._failure(
            f"The solver could not start ({_reason(code)}){words}",
            "Set up the solver again in the extension's preferences, or choose another Python "
            f"there. Its log: {self.log}",
        )

    def _last_words(self) -> str:
        """The last line of the log: after a crash of Python it names the error."""
        try:
            with self.log.open("rb") as file:
                file.seek(max(0, self.log.stat().st_size - 2000))
                lines = file.read().decode("utf-8", "replace").split("\n")
        except OSError:
            return ""
        return next((line.strip()[:200] for line in reversed(lines) if line.strip()), "")

    def _failure(self, what: str, remedy: str = "") -> protocol.Failed:
        remedy = remedy or f"Press Generate Interaction to start it again. Its log: {self.log}"
        return protocol.Failed(job_id="", seq=0, what=what, remedy=remedy, trace="")


def _reason(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    hint = "; often: out of memory" if code == -9 else ""
    return f"killed by signal {-code}{hint}"
