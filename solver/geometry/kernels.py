"""Kernels of warp on torch's own tensors: where they run, and on which kind of numbers.

Where tensors are small, one kernel costs less than three of torch's operations, and far less than
a gradient through each.
"""
# warp's kernels are not typed in a way that pyright could follow.
# pyright: reportArgumentType=false, reportAttributeAccessIssue=false

import contextlib
import functools
import os
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import torch
import warp as wp
from torch import Tensor

REALS, ROWS = wp.array(dtype=Any), wp.array(dtype=Any)
"""Arguments of kernels for any kind of real numbers: numbers, and vectors of three."""


def sees_cuda() -> bool:
    """Whether distances can be measured on a GPU."""
    _start()
    return wp.is_cuda_available()


@functools.cache
def _start() -> None:
    wp.config.log_level = wp.LOG_ERROR
    if folder := os.environ.get("INTERACT_CACHE"):
        wp.config.kernel_cache_dir = str(Path(folder) / "warp")
    with _quiet_stderr():
        wp.init()


@functools.cache
def device_of(device: torch.device) -> wp.Device:
    """Warp's name for a device of torch; there warp then works in torch's own order."""
    _start()
    found = wp.device_from_torch(device)
    if found.is_cuda:
        wp.set_stream(wp.stream_from_torch(device), found)
    return found


@contextlib.contextmanager
def _quiet_stderr() -> Generator[None, None, None]:
    """Hide what native code writes to stderr: without an NVIDIA driver warp complains each time."""
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def launch(kernel: wp.Kernel, count: int, device: torch.device, *arguments: Any) -> None:
    """Run a kernel `count` times on torch's own tensors; its last arguments are its results."""
    for each in arguments:
        if isinstance(each, Tensor):
            fits = each.dtype == _real(kernel) or not each.is_floating_point()
            assert fits and each.device == device, f"{kernel.key}: {each.dtype} on {each.device}"
    values = [shared(each) if isinstance(each, Tensor) else each for each in arguments]
    wp.launch(kernel, dim=count, device=device_of(device), inputs=values)


@functools.cache
def typed(kernel: wp.Kernel, dtype: torch.dtype) -> wp.Kernel:
    """For one kind of real numbers, a kernel that is written for any, in `REALS` and `ROWS`."""
    real = wp.dtype_from_torch(dtype)
    reals, rows = wp.array(dtype=real), wp.array(dtype=wp.types.vector(3, real))
    kinds = {id(REALS): reals, id(ROWS): rows}
    arguments = ((each.label, kinds.get(id(each.type))) for each in kernel.adj.args)
    return wp.overload(kernel, {name: kind for name, kind in arguments if kind is not None})


@functools.cache
def _real(kernel: wp.Kernel) -> torch.dtype:
    """Of which kind the real numbers of a kernel are: warp asks nobody who shares memory."""
    kinds = {getattr(each.type, "dtype", None) for each in kernel.adj.args}
    doubles = {wp.float64, wp.types.vector(3, wp.float64)}
    return torch.float64 if kinds & doubles else torch.float32


def shared(tensor: Tensor, *, lasting: bool = False) -> Any:
    """The tensor's own memory as warp sees it: rows of three are vectors.

    Args:
        tensor: What is shared, without its gradient.
        lasting: For more than one call.
    """
    row = wp.vec3d if tensor.dtype == torch.float64 else wp.vec3
    dtype = row if tensor.dim() == 2 else None
    return wp.from_torch(tensor, dtype=dtype, requires_grad=False, return_ctype=not lasting)
