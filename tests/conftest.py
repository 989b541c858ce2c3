"""What all tests share. It runs in the solver's environment and in those of `bpy`."""

import importlib.util
import os
import sys
from pathlib import Path

import pytest

# One thread, as the solver computes with: sums over several are not the same twice.
os.environ.setdefault("OMP_NUM_THREADS", "1")
ROOT = Path(__file__).resolve().parent.parent
_exit_code = 0

collect_ignore = ["gui"]
if importlib.util.find_spec("bpy") is None:
    collect_ignore.append("blender")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--objects DIR`, or the variable INTERACT_OBJECTS: a folder of objects with a manifest."""
    parser.addoption(
        "--objects",
        default=os.environ.get("INTERACT_OBJECTS"),
        help="folder of objects with a manifest.json",
    )


@pytest.fixture
def objects_folder(request: pytest.FixtureRequest) -> Path:
    """The folder of development objects; the test is skipped where there is none."""
    given = request.config.getoption("--objects")
    if not given or not (Path(given) / "manifest.json").exists():
        pytest.skip("needs --objects DIR (or INTERACT_OBJECTS): objects with a manifest.json")
    return Path(given)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs a GPU where there is none."""
    marked = [item for item in items if item.get_closest_marker("gpu")]
    if marked and not _cuda():
        for item in marked:
            item.add_marker(pytest.mark.skip(reason="needs a usable CUDA device"))


def _cuda() -> bool:
    """Whether torch is there and has a GPU."""
    if importlib.util.find_spec("torch") is None:
        return False
    import torch

    return torch.cuda.is_available()


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Remember the exit code for `pytest_unconfigure`."""
    global _exit_code  # noqa: PLW0603  (pytest offers no other place)
    _exit_code = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave without bpy's own exit: with a callback left, 4.2 crashes there and 4.5 hangs."""
    if "bpy" in sys.modules:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(_exit_code)
