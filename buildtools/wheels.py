"""Wheels that the extension carries or takes from a folder, so that a set-up needs no network.

`wheels/requirements.lock` is complete, so pip never looks at dependencies here: that would follow
the markers of the machine that downloads, not of the one that installs.
"""

import platform
import re
import subprocess
import sys
from pathlib import Path

from buildtools.environments import CPU_INDEX, make_ready, solver_environment
from solver.errors import SolverError

UV = "uv==0.13.9"
"""What makes the solver's environment inside Blender, whose Python may lack venv and pip."""

TAGS = {
    "linux-x64": ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64"),
    "windows-x64": ("win_amd64",),
    "macos-arm64": ("macosx_14_0_arm64", "macosx_12_0_arm64", "macosx_11_0_arm64"),
}
"""Blender's platform names -> the wheel tags that run there, best first."""

OLDEST = (3, 11)
"""The Python of Blender 4.2, the oldest Blender that the extension runs in."""

CUDA_ONLY = (
    "Note: this torch is the CUDA build, which needs NVIDIA's packages beside it. For an offline "
    f"set-up on the CPU, set PIP_EXTRA_INDEX_URL={CPU_INDEX} and run this again."
)

_MARKER = re.compile(r'^python_version\s*(<|>=)\s*"(\d+)\.(\d+)"$')


def host() -> str:
    """This machine's platform, by Blender's name for it."""
    system = {"Linux": "linux", "Windows": "windows", "Darwin": "macos"}[platform.system()]
    return f"{system}-{'arm64' if platform.machine().lower() in {'arm64', 'aarch64'} else 'x64'}"


def uv_wheels(root: Path) -> list[Path]:
    """The uv wheels in `wheels/uv/`, after fetching this machine's if there is none."""
    folder = root / "wheels" / "uv"
    if not list(folder.glob("uv-*.whl")) and host() in TAGS:
        python = make_ready(solver_environment(root))
        if _download(python, folder, host(), "3.11", [UV]):
            print("Building without uv: the extension will need Python's own venv to set up.")
    return sorted(folder.glob("uv-*.whl"))


def fill(root: Path, platforms: list[str] | None, pythons: list[str] | None) -> int:
    """Fetch the locked wheels and uv to `wheels/PLATFORM-pyVERSION/`, each folder complete.

    Args:
        root: The project.
        platforms: Keys of `TAGS`; None is this machine's.
        pythons: Versions of the Pythons inside the Blenders to serve; None is 3.11.

    Raises:
        SolverError: If a platform or a Python is none that Blender has, asked before anything is
            set up, or if a wheel could not be had.
    """
    check_machines(platforms or [], pythons or [])
    lock = (root / "wheels" / "requirements.lock").read_text(encoding="utf-8")
    python = make_ready(solver_environment(root))
    for name in platforms or [host()]:
        for wanted in pythons or ["3.11"]:
            folder = root / "wheels" / f"{name}-py{wanted}"
            if code := _download(python, folder, name, wanted, [UV, *requirements(lock, wanted)]):
                _remove_if_empty(folder)
                raise SolverError(
                    f"The wheels for {name}, Python {wanted} could not be fetched (exit code "
                    f"{code}; pip's words stand above).",
                    remedy="Check the network, and whether torch is made for that Python.",
                )
            print(f"Filled {folder}: {len(list(folder.glob('*.whl')))} wheels.")
            if name == "linux-x64" and not list(folder.glob("torch-*+cpu-*.whl")):
                print(CUDA_ONLY)
    return 0


def check_machines(platforms: list[str], pythons: list[str]) -> None:
    """Refuse what no Blender runs on.

    Raises:
        SolverError: Naming the platform or the Python that is none of Blender's.
    """
    for name in platforms or [host()]:
        if name not in TAGS:
            raise SolverError(
                f"There are no wheels for the platform '{name}'.",
                remedy=f"Choose from {', '.join(TAGS)}.",
            )
    for version in pythons:
        parts = re.fullmatch(r"(\d+)\.(\d+)", version)
        if parts is None or (int(parts[1]), int(parts[2])) < OLDEST:
            raise SolverError(
                f"No Blender that the extension runs in has Python {version}.",
                remedy="Give the version of that Blender's own Python, 3.11 or newer, as in 3.11.",
            )


def _remove_if_empty(folder: Path) -> None:
    """Leave nothing behind of a download that brought nothing."""
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def requirements(lock: str, python: str) -> list[str]:
    """The lines of `lock` that hold for a Python version such as "3.13".

    Raises:
        ValueError: For a marker other than a comparison of python_version.
    """
    lines = [line.split("#")[0].strip() for line in lock.splitlines()]
    pairs = [line.partition(";") for line in lines if line]
    return [name.strip() for name, _, marker in pairs if _holds(marker.strip(), python)]


def _holds(marker: str, python: str) -> bool:
    """Whether an environment marker is true for a Python version."""
    if not marker:
        return True
    match = _MARKER.match(marker)
    if match is None:
        raise ValueError(f"Only python_version is understood in a lock, not '{marker}'.")
    bound = int(match[2]), int(match[3])
    major, minor = (int(part) for part in python.split(".")[:2])
    return (major, minor) < bound if match[1] == "<" else (major, minor) >= bound


def _download(python: Path, folder: Path, name: str, wanted: str, lines: list[str]) -> int:
    """Run `pip download` for another machine; returns its exit code."""
    tags = [argument for tag in TAGS[name] for argument in ("--platform", tag)]
    command = [str(python), "-m", "pip", "download", "--disable-pip-version-check", "--no-deps"]
    command += ["--only-binary=:all:", "--python-version", wanted, *tags, "-d", str(folder)]
    return subprocess.run([*command, *lines], stdout=sys.stderr, check=False).returncode
