"""Where the solver keeps what it can make again: distance grids and compiled kernels."""

import os
import sys
from pathlib import Path


def cache_folder() -> Path:
    """`INTERACT_CACHE`, which the extension sets, or the user's cache folder on this platform."""
    if chosen := os.environ.get("INTERACT_CACHE"):
        return Path(chosen)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home())) / "interact_anything"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "interact_anything"
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "interact_anything"
