"""The bridge to the solver's code: only modules of the standard library cross it.

`build_addon.py` puts `solver/` inside the extension; in a source checkout it lies beside it.
"""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

HERE = Path(__file__).resolve().parent
INSTALLED = (HERE / "solver").is_dir()
SOLVER_PARENT = HERE if INSTALLED else HERE.parent
"""The folder that holds `solver/`: what the child puts on its path."""

if TYPE_CHECKING:
    from solver import bounds, errors, meanings, protocol, sense, vocabulary
elif INSTALLED:
    from .solver import bounds, errors, meanings, protocol, sense, vocabulary
else:
    if str(SOLVER_PARENT) not in sys.path:
        sys.path.append(str(SOLVER_PARENT))
    from solver import bounds, errors, meanings, protocol, sense, vocabulary


def _alone(path: Path) -> ModuleType:
    """A module by itself: importing its package would import torch."""
    spec = spec_from_file_location(f"{__name__}_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"No module at {path}")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


joints = _alone(SOLVER_PARENT / "solver" / "body" / "joints.py")

__all__ = [
    "SOLVER_PARENT", "bounds", "errors", "joints", "meanings", "protocol", "sense", "vocabulary",
]  # fmt: skip
