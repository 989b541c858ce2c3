"""Making the solver's own virtual environment with uv. No bpy: a thread runs it, a timer watches.

The folder carries our sentinel from its first moment. A folder without it is never touched; one
whose set-up was interrupted is simply gone on with.
"""

import json
import os
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from .link import child_environment, kill_group, own_group, solver_command
from .wire import SOLVER_PARENT, errors

SENTINEL = ".interact_anything_environment.json"
REQUIREMENTS = SOLVER_PARENT / "wheels" / "requirements.lock"
DOWNLOADS = "2"
"""Downloads at a time: more time out on slow lines."""


def python_of(folder: Path) -> Path:
    """The environment's interpreter."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def base_python() -> list[str]:
    """What the environment is bound to: it breaks when Blender's Python moves or changes."""
    return [sys.base_prefix, ".".join(map(str, sys.version_info[:3]))]


def read_sentinel(folder: Path) -> dict[str, object]:
    """What the sentinel says; empty where there is none."""
    try:
        content = json.loads((folder / SENTINEL).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def ready(folder: Path) -> bool:
    """Whether a complete environment for this Blender's Python is there."""
    said = read_sentinel(folder)
    return (
        said.get("state") == "complete"
        and said.get("base") == base_python()
        and python_of(folder).is_file()
    )


@dataclass(frozen=True)
class SetUpChoice:
    """What the artist chose for the set-up."""

    folder: Path
    """Of the environment."""
    wheels: Path | None
    """Folder of wheels; None: the package index."""
    online: bool
    """Blender may go online and the artist pressed the button."""
    cuda: bool = False
    """The torch build that fits the GPU, instead of the CPU's."""


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
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            env={**child_environment(), "UV_CONCURRENT_DOWNLOADS": DOWNLOADS},
            **own_group(),
        )
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


Call = Callable[[list[str]], None]


def steps(choice: SetUpChoice) -> Iterator[tuple[float, str, Callable[[Call], None]]]:
    """The set-up step by step: fraction done before it, its name, what to do.

    Raises:
        SolverError: When the folder is not ours or the packages cannot be had.
    """
    claim(choice.folder)
    uv = choice.folder / ("uv.exe" if os.name == "nt" else "uv")
    packages = requirements(choice)
    yield 0.0, "Getting uv", lambda call: get_uv(choice, uv, call)
    if not python_of(choice.folder).is_file():
        command = [str(uv), "venv", "--no-config", "--allow-existing", "--python", sys.executable]
        yield 0.05, "Making the environment", lambda call: call([*command, str(choice.folder)])
    yield 0.1, "Installing packages", lambda call: call(install_command(choice, uv, packages))
    doctor = solver_command(python_of(choice.folder), SOLVER_PARENT, "doctor")
    yield 0.95, "Checking", lambda call: call(doctor)
    yield 0.99, "Finishing", lambda _: write_sentinel(choice.folder, "complete")


def _stopped() -> errors.SolverError:
    return errors.SolverError(
        "The set-up was cancelled.", remedy="Press Set up solver again: it goes on from here."
    )


def claim(folder: Path) -> None:
    """Make the folder ours, or recognise it.

    Raises:
        SolverError: When it holds something that we did not put there.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not read_sentinel(folder) and any(folder.iterdir()):
            raise errors.SolverError(
                f"The folder {folder} is not empty and was not made by this extension.",
                remedy="Choose an empty or new folder for the solver's environment.",
            )
        if read_sentinel(folder).get("base") not in (None, base_python()):
            remove(folder)
            folder.mkdir(parents=True)
        write_sentinel(folder, "incomplete")
    except OSError as error:
        raise errors.SolverError(
            f"The environment's folder cannot be written: {error}",
            remedy="Choose another folder for the solver's environment.",
        ) from error


def remove(folder: Path) -> None:
    """Delete an environment, but only one that carries our sentinel.

    Raises:
        SolverError: When it does not.
    """
    if not read_sentinel(folder):
        raise errors.SolverError(
            f"The folder {folder} was not made by this extension.",
            remedy="Delete it yourself if you are sure.",
        )
    shutil.rmtree(folder)


def write_sentinel(folder: Path, state: str) -> None:
    """Mark the folder as ours."""
    content = {"made_by": "interact_anything", "state": state, "base": base_python()}
    (folder / SENTINEL).write_text(json.dumps(content, indent=1), encoding="utf-8")


def requirements(choice: SetUpChoice) -> Path:
    """The lock file: in the folder of wheels, else the extension's own.

    Raises:
        SolverError: When the packages can come from nowhere.
    """
    if choice.wheels is None and not choice.online:
        raise errors.SolverError(
            "Blender may not go online, and no folder of wheels is given.",
            remedy="Allow online access (Preferences > System > Network), or choose a folder.",
        )
    places = [REQUIREMENTS]
    if choice.wheels is not None:
        if not any(choice.wheels.glob("*.whl")):
            raise errors.SolverError(
                f"There are no wheels in {choice.wheels}.",
                remedy="Choose a folder made by 'python build_addon.py wheels'.",
            )
        places.insert(0, choice.wheels / REQUIREMENTS.name)
    for place in places:
        if place.is_file():
            return place
    raise errors.SolverError(
        f"The list of packages is missing: {REQUIREMENTS}",
        remedy="Install the extension again.",
    )


def install_command(choice: SetUpChoice, uv: Path, packages: Path) -> list[str]:
    """The uv command that installs everything; run again, it goes on where it stopped."""
    command = [str(uv), "pip", "install", "--no-config", "--python", str(python_of(choice.folder))]
    if choice.wheels is not None:
        command += ["--offline", "--no-index", "--find-links", str(choice.wheels)]
    elif choice.cuda:
        command += ["--torch-backend", "auto"]
    else:
        command += ["--torch-backend", "cpu"]
    return [*command, "-r", str(packages)]


def get_uv(choice: SetUpChoice, uv: Path, call: Call) -> None:
    """Put the uv program into the environment's folder.

    It comes from the folder of wheels, the extension's own `wheels/`, this machine, or, online,
    from the package index through pip.

    Raises:
        SolverError: When none of them has it.
    """
    if uv.is_file():
        return
    for folder in filter(None, (choice.wheels, REQUIREMENTS.parent)):
        for wheel in sorted(Path(folder).glob("uv-*.whl"), reverse=True):
            if unpack_uv(wheel, uv):
                return
    if found := shutil.which("uv"):
        shutil.copy2(found, uv)
    elif choice.online:
        call([sys.executable, "-I", "-m", "ensurepip", "--user"])
        fetched = choice.folder / "download"
        call(
            [sys.executable, "-m", "pip", "download", "--no-deps", "-d", str(fetched), "uv>=0.6,<1"]
        )
        if not any(unpack_uv(wheel, uv) for wheel in fetched.glob("uv-*.whl")):
            raise errors.SolverError("The downloaded uv holds no program.", remedy="Try again.")
    else:
        raise errors.SolverError(
            "The program uv is missing.",
            remedy="Add its wheel to the folder: 'python build_addon.py wheels' does.",
        )


def unpack_uv(wheel: Path, uv: Path) -> bool:
    """Take the program out of uv's wheel; False where the wheel is for another platform."""
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if name.endswith(f".data/scripts/{uv.name}"):
                partial = uv.with_suffix(".partial")
                partial.write_bytes(archive.read(name))
                partial.chmod(0o755)
                partial.replace(uv)
                return runs(uv)
    return False


def runs(program: Path) -> bool:
    """Whether a program is for this machine."""
    try:
        subprocess.run(
            [str(program), "--version"], check=True, capture_output=True, env=child_environment()
        )
    except (OSError, subprocess.CalledProcessError):
        program.unlink(missing_ok=True)
        return False
    return True
