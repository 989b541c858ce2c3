"""Adam on a batch, one step at a time: the caller reports, cancels, or stops early."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields

import torch
from jaxtyping import Float
from torch import Tensor

from ..settings import Phase, Weights

BETAS = (0.9, 0.99)
Terms = dict[str, Float[Tensor, " batch"]]


def glide(first: Weights, last: Weights, at: float) -> Weights:
    """Weights between two sets, geometrically; `at` in [0, 1]."""

    def between(a: float, b: float) -> float:
        return a * (b / a) ** at if a > 0 and b > 0 else a + (b - a) * at

    return Weights(
        **{f.name: between(getattr(first, f.name), getattr(last, f.name)) for f in fields(Weights)}
    )


def descend(
    leaves: Sequence[tuple[Tensor, float]],
    objective: Callable[[int, Weights], Terms],
    phase: Phase,
) -> Iterator[Terms]:
    """Minimise the sum of the terms in place, yielding them after each step.

    Rows of the batch do not mix: each sees only its own gradient.

    Args:
        leaves: Variables, each with the factor of its learning rate.
        objective: Step and weights -> weighted terms per row.
        phase: Steps, rate and weights.

    Raises:
        FloatingPointError: Naming the terms that are not finite.
    """
    moments = [(torch.zeros_like(leaf), torch.zeros_like(leaf)) for leaf, _ in leaves]
    for step in range(phase.steps):
        at = step / max(phase.steps - 1, 1)
        terms = objective(step, glide(phase.first, phase.last, at))
        total = torch.stack(list(terms.values())).sum()
        if not bool(torch.isfinite(total)):
            bad = [name for name, value in terms.items() if not bool(torch.isfinite(value).all())]
            raise FloatingPointError(f"Step {step}: {', '.join(bad)} not finite.")
        slopes = torch.autograd.grad(total, [leaf for leaf, _ in leaves], allow_unused=True)
        rate = phase.rate * (0.1 + 0.45 * (1 + math.cos(math.pi * at)))
        for (leaf, factor), slope, moment in zip(leaves, slopes, moments, strict=True):
            if slope is not None:  # pyright: ignore[reportUnnecessaryComparison]
                _adam(leaf, slope, moment, step + 1, rate * factor)
        yield {name: value.detach() for name, value in terms.items()}


def _adam(
    leaf: Tensor, slope: Tensor, moment: tuple[Tensor, Tensor], count: int, rate: float
) -> None:
    """One step of Kingma and Ba 2015, in place.

    torch.optim.Adam does the same, but its first use imports the compiler: two seconds.
    """
    first, second = moment
    first.lerp_(slope, 1 - BETAS[0])
    second.lerp_(slope.square(), 1 - BETAS[1])
    mean, spread = first / (1 - BETAS[0] ** count), second / (1 - BETAS[1] ** count)
    with torch.no_grad():
        leaf -= rate * mean / (spread.sqrt() + 1e-8)
