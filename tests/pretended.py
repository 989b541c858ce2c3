"""An accelerator that is not there: tensors that lie on the CPU and say they do not.

It refuses what CUDA refuses: operations on tensors of two devices (numbers in tensors without
dimensions and indices excepted), a generator of another device, numpy. What runs on it runs on
CUDA as far as devices go; speed, memory and rounding are another matter.
"""

import contextlib
import functools
from collections.abc import Generator
from typing import Any

import torch
from torch.utils._mode_utils import no_dispatch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten, tree_map_only
from torch.utils.backend_registration import _setup_privateuseone_for_python_backend

NAME = "pretended"
ATEN = torch.ops.aten
INDEXING = (ATEN.index.Tensor, ATEN.index_put.default, ATEN.index_put_.default,
            ATEN._index_put_impl_.default, ATEN._unsafe_index.Tensor)  # fmt: skip
JOINING = (ATEN.cat.default, ATEN.stack.default)
"""They take not even a number from the CPU."""
CROSSING = (ATEN._to_copy.default, ATEN.copy_.default)
"""What moves tensors from device to device."""


class MixedDevices(RuntimeError):
    """Tensors of two devices met, or a generator of the other."""


class Pretended(torch.Tensor):
    """A CPU tensor in disguise; `hidden` is what it stands for."""

    hidden: torch.Tensor

    @staticmethod
    def __new__(cls, real: torch.Tensor) -> "Pretended":
        """Take on the tensor's shape, layout and type."""
        made = torch.Tensor._make_wrapper_subclass(  # pyright: ignore[reportAttributeAccessIssue]
            cls, real.shape, strides=real.stride(), storage_offset=real.storage_offset(),
            dtype=real.dtype, device=torch.device(NAME, 0), requires_grad=False,
        )  # fmt: skip
        made.hidden = real
        return made

    def tolist(self) -> Any:
        """Torch refuses it for all subclasses, which CUDA's tensors are not."""
        return self.cpu().tolist()

    @classmethod
    def __torch_dispatch__(
        cls, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        return execute(func, args, kwargs or {})


class Accelerator(TorchDispatchMode):
    """While it is entered, `torch.device("pretended")` works."""

    def __torch_dispatch__(
        self,
        func: Any,
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        return execute(func, args, kwargs or {})


def execute(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Run an operation on the CPU, and disguise its result where a device would have made it."""
    disguised = [each for each in _tensors((args, kwargs)) if isinstance(each, Pretended)]
    wanted = kwargs.get("device")
    outside = _on_pretended(wanted) if wanted is not None else bool(disguised)
    if disguised and func not in CROSSING:
        # CUDA takes indices from the CPU too.
        checked = (args[0], *args[2:]) if func in INDEXING else (args, kwargs)
        _refuse_mixture(func, _tensors(checked))
    if wanted is not None:
        kwargs = {**kwargs, "device": torch.device("cpu")}
    if outside and kwargs.get("generator") is not None:
        raise MixedDevices(f"{func}: a generator of the CPU draws for {NAME}.")
    real = tree_map_only(Pretended, lambda each: each.hidden, (args, kwargs))
    found = func(*real[0], **real[1])
    if outside and torch.Tag.inplace_view in func.tags:
        with no_dispatch():
            func(*args, **kwargs)  # The disguise changes its shape too.
    if func is ATEN.copy_.default:
        return args[0]
    if not outside:
        return found
    known = {id(each.hidden): each for each in disguised}
    return tree_map_only(
        torch.Tensor, lambda each: known[id(each)] if id(each) in known else disguise(each), found
    )


def disguise(tensor: torch.Tensor) -> torch.Tensor:
    """The tensor as if on the device."""
    return tensor if isinstance(tensor, Pretended) else Pretended(tensor)


def _on_pretended(device: Any) -> bool:
    return torch.device(device).type == NAME


def _tensors(tree: Any) -> list[torch.Tensor]:
    return [each for each in tree_flatten(tree)[0] if isinstance(each, torch.Tensor)]


def _refuse_mixture(func: Any, tensors: list[torch.Tensor]) -> None:
    others = [t for t in tensors if not isinstance(t, Pretended)]
    if func not in JOINING:
        others = [t for t in others if t.dim() > 0]
    if others:
        shapes = [tuple(each.shape) for each in others]
        raise MixedDevices(f"{func}: tensors of the CPU {shapes} among those on {NAME}.")


@functools.cache
def _register() -> None:
    _setup_privateuseone_for_python_backend(NAME)


@contextlib.contextmanager
def accelerator() -> Generator[torch.device, None, None]:
    """Pretend for a while."""
    _register()
    before = torch._C._only_lift_cpu_tensors()
    torch._C._set_only_lift_cpu_tensors(True)
    try:
        # The engine's threads are counted once, perhaps before this device was there.
        with Accelerator(), torch.autograd.set_multithreading_enabled(False):
            yield torch.device(NAME, 0)
    finally:
        torch._C._set_only_lift_cpu_tensors(before)
