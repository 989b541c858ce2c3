"""What is installed, whether it works, which devices there are."""

import platform
from pathlib import Path

from .body.model import OPEN_BODY
from .device import usable
from .result import package_versions
from .warm import warm_up


def diagnose() -> list[tuple[str, str]]:
    """Rows of a table: what, and how it is; the last says whether the solver works."""
    rows = [("Python", platform.python_version()), ("platform", platform.platform())]
    rows += list(package_versions().items())
    rows.append(("devices", ", ".join(usable())))
    rows.append(("open body", _file(OPEN_BODY)))
    rows.append(("a try", attempt() or "works"))
    return rows


def attempt() -> str:
    """Do once what every job does: pose a body, measure distances. What went wrong, or nothing.

    That a package is there does not mean that it works on this machine.
    """
    try:
        warm_up()
    except Exception as error:  # Whatever it is: it is what the doctor is asked about.
        return f"fails: {error!r}"
    return ""


def healthy() -> bool:
    """Whether a job can be solved."""
    return OPEN_BODY.exists() and "missing" not in package_versions().values() and not attempt()


def _file(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:.1f} MB" if path.exists() else "missing"
