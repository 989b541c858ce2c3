"""What a job is and which states it goes through. Truth lives here, never in the .blend."""

import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

VERSION = 1


class State(StrEnum):
    """queued -> starting -> solving -> ready -> applied | cancelled | failed."""

    QUEUED = "queued"
    STARTING = "starting"
    SOLVING = "solving"
    READY = "ready"
    APPLIED = "applied"
    CANCELLED = "cancelled"
    FAILED = "failed"


ENDED = frozenset({State.APPLIED, State.CANCELLED, State.FAILED})
RUNNING = frozenset({State.STARTING, State.SOLVING})


@dataclass(frozen=True)
class Person:
    """Who it is; None means: as the prompt says."""

    sex: float | None = None
    """0 female, 1 male."""
    age: float | None = None
    """Years."""
    height: float | None = None
    """Metres."""
    weight: float | None = None
    """Kilograms."""


@dataclass(frozen=True)
class Planner:
    """Who reads the sentence; a server's key is in the solver's environment, never here."""

    provider: str = "rules"
    base_url: str = ""
    model: str = ""
    timeout: float = 60.0
    """Seconds for the whole plan."""
    views: int = 0
    """Pictures of the object that the model is shown."""


@dataclass(frozen=True)
class Request:
    """One job as the artist asked for it: the inputs are kept as they were at the click."""

    prompt: str
    object_name: str
    fix_object: bool = False
    scale: bool = False
    """The object may change its size to fit the person."""
    placement: str = "keep"
    front: str = "auto"
    floor: float | None = None
    quality: str = "standard"
    variants: int = 1
    seed: int = 0
    device: str = "auto"
    body: str | None = None
    obstacles: str = "all"
    """What the person must not run into: all, none, or the name of a collection."""
    subject: Person = field(default_factory=Person)
    start: bool = False
    """Begin from the pose in `start.npz`, and stay near it, instead of searching."""
    moving: str = "body"
    """With `start`: whether all of the body may move, or only the fingers."""
    plan: dict[str, Any] | None = None
    """As the artist has edited it; None: it is made from the prompt."""
    planner: Planner = field(default_factory=Planner)
    only: str = "all"
    """`plan`: the sentence is read, and nobody is posed."""

    def as_json(self) -> dict[str, Any]:
        """The content of `request.json`."""
        return {"version": VERSION, **asdict(self)}


@dataclass(frozen=True)
class Part:
    """A run of the target's vertices that came from one object of the scene."""

    object_uid: int
    """Its id in this session; a name may change while the solver works."""
    first: int
    count: int
    instanced: bool
    """The object is shown here by another one: its own mesh must not be painted."""


@dataclass
class Job:
    """One job in the registry. Names and ids only: Blender's own structs do not outlive a tick."""

    id: str
    folder: Path
    request: Request
    target: str
    """Name of the target in the file."""
    target_uid: int
    """Its id in this session; survives renaming and undo."""
    scene: str
    """Its name, for messages."""
    scene_uid: int
    matrix: tuple[float, ...] = ()
    """The target's world matrix at the click, row by row."""
    parts: tuple[Part, ...] = ()
    replace: int = 0
    """Id of the result collection to replace; 0: the result is added."""
    rig: int = 0
    """Id of the armature whose fingers close; 0: people are made."""
    gathering: Iterator[None] | None = None
    """Reads what else is in the scene, piece by piece; None when that is done."""
    state: State = State.QUEUED
    stage: str = ""
    fraction: float = 0.0
    eta: float | None = None
    seq: int = 0
    what: str = ""
    remedy: str = ""
    warnings: list[str] = field(default_factory=list)
    born: float = field(default_factory=time.monotonic)
    ended: float = 0.0

    @property
    def label(self) -> str:
        """What the undo history says of its result."""
        if self.request.only == "plan":
            return "Read Sentence"
        if self.rig:
            return "Close Fingers"
        return "Refine" if self.request.start else "Generate Interaction"

    @property
    def verb(self) -> str:
        """What was done to its result, in words."""
        if self.request.only == "plan":
            return "Read the sentence for"
        if self.rig:
            return "Closed the fingers of"
        return "Refined" if self.request.start else "Added"

    @property
    def over(self) -> bool:
        """Whether nothing more will happen to it by itself."""
        return self.state in ENDED

    def fail(self, what: str, remedy: str) -> None:
        """End it with a sentence and what to do about it."""
        self.what, self.remedy = what, remedy
        self.move(State.FAILED)

    def gather(self, seconds: float = float("inf")) -> None:
        """Go on reading the scene for about so long, and at least by one piece."""
        ends = time.perf_counter() + seconds
        while self.gathering is not None:
            try:
                next(self.gathering)
            except StopIteration:
                self.gathering = None
            if time.perf_counter() >= ends:
                return

    def move(self, state: State) -> None:
        """Go to a state; remembers when the work on it ended."""
        self.state = state
        if state in ENDED:
            self.gathering = None  # It ends with its last reference, and lets go of its file.
        if state in ENDED or state is State.READY:
            self.ended = self.ended or time.monotonic()

    def discard(self) -> None:
        """Delete its folder; what another program holds open stays."""
        if self.folder.name == self.id:
            shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def seconds(self) -> float:
        """From the click to the result, or until now."""
        return (self.ended or time.monotonic()) - self.born
