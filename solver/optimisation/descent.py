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

    Rows of the batch do not mix: each sees only its own gradient. A phase without steps yields
    once and moves nothing.

    Args:
        leaves: Variables, each with the factor of its learning rate.
        objective: Step and weights -> weighted terms per row.
        phase: Steps, rate and weights.

    Raises:
        FloatingPointError: Naming the terms that are not finite.
    """
    adam = _Adam(leaves)
    for step in range(max(phase.steps, 1)):
        at = step / max(phase.steps - 1, 1)
        terms = objective(step, glide(phase.first, phase.last, at))
        total = torch.stack(list(terms.values())).sum()
        if not bool(torch.isfinite(total)):
            bad = [name for name, value in terms.items() if not bool(torch.isfinite(value).all())]
            raise FloatingPointError(f"Step {step}: {', '.join(bad)} not finite.")
        if phase.steps == 0:
            yield {name: value.detach() for name, value in terms.items()}
            return
        slopes = torch.autograd.grad(
            total, [leaf for leaf, _ in leaves], allow_unused=True, materialize_grads=True
        )
        adam.step(slopes, phase.rate * (0.1 + 0.45 * (1 + math.cos(math.pi * at))))
        yield {name: value.detach() for name, value in terms.items()}


class _Adam:
    """Kingma and Ba 2015, in place, all leaves as one matrix of a row per hypothesis.

    torch.optim.Adam does the same, but its first use imports the compiler: two seconds.
    """

    def __init__(self, leaves: Sequence[tuple[Tensor, float]]) -> None:
        self._leaves = [leaf for leaf, _ in leaves]
        widths = [leaf[0].numel() for leaf in self._leaves]
        self._widths = widths
        self._factor = torch.cat(
            [torch.full((width,), f) for width, (_, f) in zip(widths, leaves, strict=True)]
        ).to(self._leaves[0])
        self._first = self._leaves[0].new_zeros(len(self._leaves[0]), sum(widths))
        self._second = torch.zeros_like(self._first)
        self._count = 0

    def step(self, slopes: Sequence[Tensor], rate: float) -> None:
        """Move the leaves against their slopes."""
        self._count += 1
        slope = torch.cat([each.flatten(1) for each in slopes], dim=1)
        self._first.lerp_(slope, 1 - BETAS[0])
        self._second.mul_(BETAS[1]).addcmul_(slope, slope, value=1 - BETAS[1])
        spread = (self._second / (1 - BETAS[1] ** self._count)).sqrt_().add_(1e-8)
        move = (self._first * self._factor).div_(spread)
        scale = -rate / (1 - BETAS[0] ** self._count)
        with torch.no_grad():
            for leaf, part in zip(self._leaves, move.split(self._widths, dim=1), strict=True):
                leaf.add_(part.view(leaf.shape), alpha=scale)
