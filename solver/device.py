"""Which device a job is computed on.

The stages work on the CPU: at sixteen hypotheses their tensors are small. `cuda` is refused by name
rather than accepted and ignored.
"""

from .errors import SolverError

USABLE = ("cpu",)


def choose_device(wanted: str) -> str:
    """The device of a job; `auto` is the best usable one.

    Raises:
        SolverError: When a device was asked for by name that cannot be used.
    """
    if wanted == "auto":
        return USABLE[-1]
    if wanted not in USABLE:
        raise SolverError(
            f"The solver cannot compute on '{wanted}' yet; it can on: {', '.join(USABLE)}.",
            remedy="Choose Auto or CPU.",
        )
    return wanted
