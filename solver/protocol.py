"""What the add-on and the solver say to each other: one JSON object per line.

Standard library only: Blender imports this file. Arrays never travel here; they lie in the job's
folder, and messages carry its path. That is also why a batch run needs no Blender.
"""

import json
from dataclasses import asdict, dataclass, fields
from typing import ClassVar

VERSION = 1


class ProtocolError(ValueError):
    """A line that is not a message of this protocol."""


@dataclass(frozen=True)
class Message:
    """The base of all messages; the class name is the tag on the wire."""

    kinds: ClassVar[dict[str, type["Message"]]] = {}

    def __init_subclass__(cls) -> None:
        Message.kinds[cls.__name__] = cls


@dataclass(frozen=True)
class Hello(Message):
    """Solver -> add-on, once. The add-on refuses another `version`."""

    solver_version: str
    devices: tuple[str, ...]
    version: int = VERSION


@dataclass(frozen=True)
class Progress(Message):
    """Solver -> add-on. Stage in words, fraction of the whole job, seconds left or None."""

    job_id: str
    seq: int
    stage: str
    fraction: float
    eta: float | None = None


@dataclass(frozen=True)
class Done(Message):
    """Solver -> add-on. `folder` holds `solution.npz` and `report.json`."""

    job_id: str
    seq: int
    folder: str


@dataclass(frozen=True)
class Failed(Message):
    """Solver -> add-on. `remedy` is empty when the failure is a bug in the solver."""

    job_id: str
    seq: int
    what: str
    remedy: str
    trace: str


@dataclass(frozen=True)
class Stopped(Message):
    """Solver -> add-on. The job was cancelled and left nothing behind."""

    job_id: str
    seq: int


@dataclass(frozen=True)
class Solve(Message):
    """Add-on -> solver. Solve the job in `folder`."""

    job_id: str
    folder: str


@dataclass(frozen=True)
class Cancel(Message):
    """Add-on -> solver. Stop this job at the next step, whether it runs or waits."""

    job_id: str


def encode(message: Message) -> str:
    """One line, without its end."""
    return json.dumps({"type": type(message).__name__, **asdict(message)}, ensure_ascii=False)


def decode(line: str) -> Message:
    """The message of one line.

    Raises:
        ProtocolError: Naming the line, when it is not a message of this protocol.
    """
    try:
        content = json.loads(line)
        kind = Message.kinds[content.pop("type")]
        known = {field.name for field in fields(kind)}
        given = {key: value for key, value in content.items() if key in known}
        return kind(**{k: tuple(v) if isinstance(v, list) else v for k, v in given.items()})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ProtocolError(f"Not a message of this protocol: {line[:200]!r}") from error
