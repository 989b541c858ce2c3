"""Which device the tensors of the optimisation live on."""

import torch

from .errors import SolverError


def usable_devices() -> tuple[str, ...]:
    """Devices that work here, best last."""
    return ("cpu", "cuda") if torch.cuda.is_available() else ("cpu",)


def choose_device(wanted: str) -> str:
    """`auto` is CUDA when it works, else the CPU.

    Raises:
        SolverError: When CUDA was asked for by name and does not work.
    """
    usable = usable_devices()
    if wanted == "auto":
        return usable[-1]
    if wanted not in usable:
        raise SolverError(
            f"The device '{wanted}' does not work here; usable: {', '.join(usable)}.",
            remedy="Choose Auto, or set up the solver again with a build of torch for this GPU.",
        )
    return wanted
