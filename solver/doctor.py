"""What is installed, whether it works, which devices there are."""

import os
import platform
from pathlib import Path

from .body.model import OPEN_BODY
from .device import usable
from .errors import SolverError
from .pretrained.endpoint import Endpoint
from .pretrained.language import connect
from .result import package_versions
from .warm import warm_up


def diagnose() -> list[tuple[str, str]]:
    """Rows of a table: what, and how it is; the last says whether the solver works."""
    rows = [("Python", platform.python_version()), ("platform", platform.platform())]
    rows += list(package_versions().items())
    rows.append(("devices", ", ".join(usable())))
    rows.append(("open body", _file(OPEN_BODY)))
    rows.append(("language model", language_model()))
    rows.append(("a try", attempt() or "works"))
    return rows


def language_model() -> str:
    """Whether the one that the environment names answers, and has the model."""
    url, model = os.environ.get("INTERACT_LLM_URL", ""), os.environ.get("INTERACT_LLM_MODEL", "")
    if not url:
        return "none named (INTERACT_LLM_URL, INTERACT_LLM_MODEL)"
    try:
        found = connect(Endpoint(url, model, timeout=5.0)).models()
    except SolverError as error:
        return f"{error} {error.remedy}"
    if not found:
        return f"{url} does not answer, or does not list its models"
    return f"{model} at {url}" if model in found else f"{url} has only {', '.join(found)}"


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
