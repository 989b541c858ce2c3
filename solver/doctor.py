"""What is installed, which models are found, which devices work."""

import importlib.util
import platform
from pathlib import Path

from .body.model import OPEN_BODY
from .device import USABLE
from .result import PACKAGES, package_versions

OPTIONAL = {
    "openai": "planning with a language model",
    "diffusers": "affordance by inpainting, poses by score distillation",
    "transformers": "keypoints and text encoders",
    "onnxruntime": "whole-body keypoints",
    "mujoco": "the physics check",
}


def diagnose() -> list[tuple[str, str]]:
    """Rows of a table: what, and how it is."""
    rows = [("Python", platform.python_version()), ("platform", platform.platform())]
    rows += list(package_versions().items())
    rows.append(("devices", ", ".join(USABLE)))
    rows.append(("open body", _file(OPEN_BODY)))
    for package, purpose in OPTIONAL.items():
        found = importlib.util.find_spec(package) is not None
        rows.append((package, "found" if found else f"not installed (only for {purpose})"))
    return rows


def healthy() -> bool:
    """Whether a job can be solved without any optional part."""
    return OPEN_BODY.exists() and "missing" not in [package_versions()[p] for p in PACKAGES]


def _file(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:.1f} MB" if path.exists() else "missing"
