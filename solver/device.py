"""Which device a job is computed on, and how nouns get there and back.

Only the optimisation leaves the CPU: the other stages are small. Inside `computing_on` new tensors
are made on the device, so that the rooms need not name it; random numbers are drawn on the CPU and
moved, so that a seed means the same everywhere.
"""

import logging
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import Any, TypeVar

import torch
from torch import Tensor

from .errors import SolverError
from .geometry.kernels import sees_cuda
from .geometry.mesh import Mesh
from .geometry.surface import Surface

Noun = TypeVar("Noun")

log = logging.getLogger(__name__)

UNUSABLE = "The solver cannot compute on 'cuda': "


def usable() -> tuple[str, ...]:
    """The devices that a job may ask for, the best last."""
    return ("cpu", "cuda") if hindrance() is None else ("cpu",)


def choose_device(wanted: str) -> torch.device:
    """The device of a job; `auto` is the best usable one.

    Raises:
        SolverError: When a device was asked for by name that cannot be used.
    """
    if wanted == "cpu":
        return torch.device("cpu")
    error = hindrance()
    if error is None:
        device = torch.device("cuda", torch.cuda.current_device())
        error = failed_trial(device)
        if error is None:
            return device
    if wanted == "auto":
        log.info("auto: computing on the CPU (%s)", _reason(error))
        return torch.device("cpu")
    raise error


def hindrance() -> SolverError | None:
    """Why there is no computing on CUDA; None where there is."""
    if not torch.cuda.is_available():
        if torch.version.cuda is None:
            return _unusable(
                f"its PyTorch ({torch.__version__}) is built without CUDA",
                "Install the CUDA build of PyTorch into the solver's environment",
            )
        return _unusable("PyTorch finds no GPU", "Install or update the NVIDIA driver")
    if not sees_cuda():
        return _unusable(
            "PyTorch finds a GPU, but warp, which measures distances, does not",
            "Update the NVIDIA driver; the GPU must be of the Turing generation or newer",
        )
    return None


@cache
def failed_trial(device: torch.device) -> SolverError | None:
    """What went wrong in a first small calculation on a device; None where it went well.

    That a GPU is seen does not mean that torch and warp have kernels for it. Asked is how far the
    unit vectors, doubled, are from the tetrahedron of the unit vectors: 1, along themselves.
    """
    try:
        corners = torch.eye(4, 3, device=device, requires_grad=True)
        faces = torch.tensor([[3, 1, 0], [3, 0, 2], [3, 2, 1], [0, 1, 2]], device=device)
        points = 2 * corners[:3]
        distance, nearest, _ = Surface(Mesh(corners.detach(), faces)).query(points)
        (slope,) = torch.autograd.grad((points - nearest).square().sum(), corners)
        found = [*distance.tolist(), *slope.diagonal().tolist()]
    except RuntimeError as error:
        return _unusable(f"a first small calculation failed ({error})", "Update the NVIDIA driver")
    if all(abs(a - b) < 1e-4 for a, b in zip(found, [1.0] * 3 + [4.0] * 3, strict=True)):
        return None
    return _unusable("a first small calculation came out wrong", "Update the NVIDIA driver")


def _unusable(why: str, remedy: str) -> SolverError:
    return SolverError(f"{UNUSABLE}{why}.", remedy=f"{remedy}, or choose Auto or CPU.")


def _reason(error: SolverError) -> str:
    """Why there is no computing on CUDA, as words inside a sentence: `auto` is content without."""
    return str(error).removeprefix(UNUSABLE).rstrip(".")


def device_name(device: torch.device) -> str:
    """What the report calls a device: `cpu`, or `cuda` and the GPU's name."""
    if device.type != "cuda":
        return device.type
    return f"cuda ({torch.cuda.get_device_name(device)})"


@contextmanager
def computing_on(device: torch.device) -> Generator[None]:
    """Make new tensors on the device, and hand its memory back in the end.

    Raises:
        SolverError: When the GPU's memory is full.
    """
    if device.type == "cpu":
        yield
        return
    try:
        with torch.device(device):
            yield
    except torch.OutOfMemoryError as error:
        raise SolverError(
            f"The GPU's memory is full: {error}",
            remedy="Choose CPU as the device, or close what else uses the GPU.",
        ) from error
    finally:
        if device.type == "cuda":
            torch.cuda.empty_cache()


def to_device(noun: Noun, device: torch.device) -> Noun:
    """A noun with its tensors and surfaces on a device; itself where they are there already.

    Args:
        noun: A tensor, a surface, or dataclasses, tuples, lists and dicts that hold some. Whatever
            else they hold stays as it is: kd-trees remain on the CPU.
        device: Where to.
    """
    return _moved(noun, device)


def _moved(noun: Any, device: torch.device) -> Any:
    if isinstance(noun, Tensor | Surface):
        return noun.to(device)
    if isinstance(noun, list | tuple):
        parts = [_moved(each, device) for each in noun]
        return noun if _same(parts, noun) else type(noun)(parts)
    if isinstance(noun, dict):
        by_name = {key: _moved(each, device) for key, each in noun.items()}
        return noun if _same(by_name.values(), noun.values()) else by_name
    if is_dataclass(noun) and not isinstance(noun, type):
        held = {each.name: getattr(noun, each.name) for each in fields(noun)}
        by_name = {name: _moved(each, device) for name, each in held.items()}
        return noun if _same(by_name.values(), held.values()) else replace(noun, **by_name)
    return noun


def _same(new: Any, old: Any) -> bool:
    return all(a is b for a, b in zip(new, old, strict=True))
