"""A real Blender with a window: Debian's own, in a folder of its own, beside whatever is installed.

Mounts are made in a private namespace per command, so none is left behind whatever happens.
"""

import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from solver.errors import SolverError

SUITE = "trixie"
PACKAGES = (
    "blender", "python3-numpy", "python3-requests", "xvfb", "imagemagick",
    "libgl1-mesa-dri", "libegl1", "libglx-mesa0",
)  # fmt: skip

HOST = "host"
"""The folder inside the Debian where this machine's own root is seen."""


@dataclass(frozen=True)
class Debian:
    """A Debian with Blender in a folder, and the one folder of this machine that it shares."""

    folder: Path
    shared: Path
    """At the same path inside, so that job folders mean the same on both sides."""


def make_debian(shared: Path) -> Debian:
    """Debian's Blender 4.3, after making it if need be (3 minutes, 1.4 GB).

    Raises:
        SolverError: If it cannot be made here.
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "interact_anything"
    folder, sentinel = cache / f"debian-{SUITE}", cache / f"debian-{SUITE}.json"
    wanted = {"state": "complete", "packages": list(PACKAGES)}
    if os.geteuid():
        raise SolverError(
            "A Debian with Blender 4.3 in a folder can only be set up and entered by root.",
            remedy="Run this as root, or name a Blender of your own with --blender PATH.",
        )
    if sentinel.exists() and json.loads(sentinel.read_text(encoding="utf-8")) == wanted:
        return Debian(folder, shared)
    cache.mkdir(parents=True, exist_ok=True)
    if folder.exists():
        _remove(folder, sentinel)
    print(f"Setting up Debian's Blender in {folder} (3 minutes, 1.4 GB).", flush=True)
    log = folder.with_suffix(".log")
    sentinel.write_text(json.dumps({"state": "incomplete"}), encoding="utf-8")
    _need_debootstrap(log)
    _call(["debootstrap", "--variant=minbase", SUITE, str(folder)], log)
    policy = folder / "usr" / "sbin" / "policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 101\n", encoding="utf-8")  # Start no services in here.
    policy.chmod(0o755)
    install = ["apt-get", "install", "-y", "--no-install-recommends", *PACKAGES]
    _call(inside(Debian(folder, shared), install, {"DEBIAN_FRONTEND": "noninteractive"}), log)
    sentinel.write_text(json.dumps(wanted), encoding="utf-8")
    return Debian(folder, shared)


def inside(debian: Debian, words: Sequence[str], settings: Mapping[str, str]) -> list[str]:
    """The command that runs `words` inside, with `settings` as its whole environment."""
    root = shlex.quote(str(debian.folder))
    shared = shlex.quote(str(debian.shared))
    mounts = [
        f"mkdir -p {root}/{HOST} {root}{shared}",
        f"mount --rbind / {root}/{HOST}",
        f"mount -t proc proc {root}/proc",
        f"mount --rbind /sys {root}/sys",
        f"mount --rbind /dev {root}/dev",
        f"mount --bind {shared} {root}{shared}",
    ]
    variables = [f"{name}={value}" for name, value in {**_basics(), **settings}.items()]
    entered = shlex.join(["chroot", str(debian.folder), "env", "-i", *variables, *words])
    return ["unshare", "--mount", "sh", "-c", " && ".join([*mounts, f"exec {entered}"])]


def host_python(debian: Debian, python: Path, wrapper: Path) -> Path:
    """A program inside that runs this machine's `python`, with this machine's libraries.

    Args:
        debian: Where it is called from.
        python: An interpreter of this machine.
        wrapper: The script to write, below the shared folder.
    """
    script = f'#!/bin/sh\nexec chroot /{HOST} {shlex.quote(str(python))} "$@"\n'
    wrapper.write_text(script, encoding="utf-8")
    wrapper.chmod(0o755)
    return wrapper


def _basics() -> dict[str, str]:
    """What any program inside needs in its environment."""
    return {
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": "/root",
        "LC_ALL": "C.UTF-8",
        "LIBGL_ALWAYS_SOFTWARE": "1",
    }


def _need_debootstrap(log: Path) -> None:
    """See to it that debootstrap is installed; on a Debian or Ubuntu it is one small package."""
    if shutil.which("debootstrap"):
        return
    if not shutil.which("apt-get"):
        raise SolverError(
            "Setting up a Debian in a folder needs the program 'debootstrap'.",
            remedy="Install it, or name a Blender of your own with --blender PATH.",
        )
    _call(["apt-get", "update"], log)
    _call(["apt-get", "install", "-y", "--no-install-recommends", "debootstrap"], log)


def _remove(folder: Path, sentinel: Path) -> None:
    """Take away an unfinished Debian of ours, never one that something is mounted in."""
    mounts = Path("/proc/mounts").read_text(encoding="utf-8")
    if not sentinel.exists() or f" {folder}" in mounts:
        raise SolverError(
            f"{folder} exists and was not made by this tool, or is in use.",
            remedy="Rename or remove it yourself, and run the command again.",
        )
    shutil.rmtree(folder)


def _call(command: Sequence[str], log: Path) -> None:
    """Run a step of the set-up, with its words in the log."""
    print(f"... {command[0] if command[0] != 'unshare' else 'apt-get'}", flush=True)
    with log.open("ab") as sink:
        code = subprocess.run(command, stdout=sink, stderr=sink, check=False).returncode
    if code:
        raise SolverError(
            f"'{command[0]}' failed with exit code {code}; its words are in {log}.",
            remedy="Check the network and the free disk space, and run the command again.",
        )
