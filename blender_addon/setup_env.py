"""Making the solver's own virtual environment: a thread runs it, a timer watches. No bpy."""

import subprocess
import threading
from dataclasses import dataclass, field

from .link import child_environment, kill_group, own_group
from .setup_steps import SetUpChoice, steps
from .wire import errors

DOWNLOADS = "2"
"""Downloads at a time: more time out on slow lines."""


@dataclass
class SetUp:
    """A set-up under way: read it from a timer, stop it with `cancel`."""

    choice: SetUpChoice
    stage: str = "Starting"
    fraction: float = 0.0
    failure: errors.SolverError | None = None
    done: bool = False
    lines: list[str] = field(default_factory=list)
    _process: "subprocess.Popen[str] | None" = None
    _cancelled: bool = False

    def start(self) -> None:
        """Run it in a thread."""
        threading.Thread(target=self.run, daemon=True).start()

    def cancel(self) -> None:
        """Stop it; what was installed so far stays, and the next set-up goes on from there."""
        self._cancelled = True
        if self._process is not None and not self.done:
            kill_group(self._process)

    def run(self) -> None:
        """The whole set-up; ends with `done` and perhaps a `failure`."""
        try:
            for fraction, stage, step in steps(self.choice):
                self.stage, self.fraction = stage, fraction
                step(self.call)
            self.stage, self.fraction = "Ready", 1.0
        except errors.SolverError as error:
            self.failure = error
        except Exception as error:  # The thread's end must be seen, whatever ended it.
            self.failure = errors.SolverError(repr(error), remedy="Please report it with the log.")
        finally:
            self.done = True

    def call(self, command: list[str]) -> None:
        """Run a program of the set-up; its lines are the log.

        Raises:
            SolverError: With the program's last lines, when it fails or was cancelled.
        """
        if self._cancelled:
            raise _stopped()
        # A cancel from here on may not see the process: it is looked for once more below.
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            env={**child_environment(), **self.choice.told, "UV_CONCURRENT_DOWNLOADS": DOWNLOADS},
            **own_group(),
        )
        if self._cancelled:
            kill_group(self._process)
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.lines.append(line.rstrip())
        if self._process.wait() == 0:
            return
        if self._cancelled:
            raise _stopped()
        said = " ".join(self.lines[-4:])[-500:]
        raise errors.SolverError(
            f"Setting up the solver failed: {said}",
            remedy="Press Set up solver again: it goes on from here.",
        )


def _stopped() -> errors.SolverError:
    return errors.SolverError(
        "The set-up was cancelled.", remedy="Press Set up solver again: it goes on from here."
    )
