"""What has to be done for a solver's environment, step by step. No bpy."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .link import child_environment, solver_command
from .owned_folder import claim, python_of, write_sentinel
from .wire import SOLVER_PARENT, errors

OLDEST_UV = (0, 7, 14)
"""The first version whose `pip install` knows --torch-backend without a preview flag."""
REQUIREMENTS = SOLVER_PARENT / "wheels" / "requirements.lock"


@dataclass(frozen=True)
class SetUpChoice:
    """What the artist chose for the set-up."""

    folder: Path
    """Of the environment."""
    wheels: Path | None
    """Folder of wheels; None: the package index."""
    online: bool
    """Blender may go online and the artist pressed the button."""
    told: Mapping[str, str] = field(default_factory=dict)
    """Variables of the environment for every program of it: where the solver keeps its kernels."""


Call = Callable[[list[str]], None]


def steps(choice: SetUpChoice) -> Iterator[tuple[float, str, Callable[[Call], None]]]:
    """The set-up step by step: fraction done before it, its name, what to do.

    Raises:
        SolverError: When the folder is not ours or the packages cannot be had.
    """
    packages = requirements(choice)  # Before the claim: an environment that works stays complete.
    claim(choice.folder)
    uv = choice.folder / ("uv.exe" if os.name == "nt" else "uv")
    yield 0.0, "Getting uv", lambda call: get_uv(choice, uv, call)
    if not python_of(choice.folder).is_file():
        command = [str(uv), "venv", "--no-config", "--allow-existing", "--python", sys.executable]
        yield 0.05, "Making the environment", lambda call: call([*command, str(choice.folder)])
    yield 0.1, "Installing packages", lambda call: call(install_command(choice, uv, packages))
    doctor = solver_command(python_of(choice.folder), SOLVER_PARENT, "doctor")
    yield 0.95, "Checking", lambda call: call(doctor)
    yield 0.99, "Finishing", lambda _: write_sentinel(choice.folder, "complete")


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
        source = ["--offline", "--no-index", "--find-links", str(choice.wheels)]
    else:
        source = ["--torch-backend", "cpu"]
    return [*command, "--no-deps", *source, "-r", str(packages)]


def get_uv(choice: SetUpChoice, uv: Path, call: Call) -> None:
    """Put the uv program into the environment's folder.

    It comes from the folder of wheels or the `uv` beside it, the extension's own `wheels/`, this
    machine, or, online, from the package index through pip.

    Raises:
        SolverError: When none of them has it.
    """
    if uv.is_file() and version_of(uv) >= OLDEST_UV:
        return
    own = REQUIREMENTS.parent
    near = [choice.wheels, choice.wheels.parent / "uv"] if choice.wheels else []
    for folder in (*near, own, own / "uv"):
        for wheel in sorted(folder.glob("uv-*.whl"), reverse=True):
            if unpack_uv(wheel, uv):
                return
    found = shutil.which("uv")
    if found is not None and version_of(Path(found)) >= OLDEST_UV:
        shutil.copy2(found, uv)
    elif choice.online:
        oldest = ".".join(map(str, OLDEST_UV))
        bootstrap = choice.folder / "bootstrap"
        call([sys.executable, "-I", "-m", "venv", str(bootstrap)])
        call([str(python_of(bootstrap)), "-I", "-m", "pip", "install", f"uv>={oldest}"])
        shutil.copy2(python_of(bootstrap).with_name(uv.name), uv)
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
                if version_of(uv) >= OLDEST_UV:
                    return True
                uv.unlink(missing_ok=True)
    return False


def version_of(uv: Path) -> tuple[int, ...]:
    """The version that a uv program says; empty where it does not run on this machine."""
    try:
        said = subprocess.run(
            [str(uv), "--version"], check=True, capture_output=True, env=child_environment(),
            text=True, encoding="utf-8", errors="replace",
        ).stdout  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        return ()
    found = re.search(r"(\d+)\.(\d+)\.(\d+)", said)
    return tuple(map(int, found.groups())) if found else ()
