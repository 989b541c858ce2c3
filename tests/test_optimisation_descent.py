"""Adam in place: against torch's own, and its refusals."""

import pytest
import torch

from solver.optimisation.descent import descend, glide
from solver.settings import Phase, Weights


def test_weights_glide_geometrically_and_linearly_from_zero() -> None:
    first, last = Weights(penetration=1.0, contact=0.0), Weights(penetration=4.0, contact=2.0)
    middle = glide(first, last, 0.5)
    assert middle.penetration == pytest.approx(2.0)
    assert middle.contact == pytest.approx(1.0)


def test_steps_are_those_of_adam() -> None:
    """The same as torch.optim.Adam with the same cosine."""
    phase = Phase(steps=30, rate=0.05, first=Weights(), last=Weights())
    ours = torch.tensor([[1.0, -2.0, 0.5]], requires_grad=True)
    theirs = ours.detach().clone().requires_grad_()

    def bowl(x: torch.Tensor) -> torch.Tensor:
        return (x.square() * torch.tensor([1.0, 10.0, 0.1])).sum(dim=-1)

    for _ in descend([(ours, 1.0)], lambda *_: {"bowl": bowl(ours)}, phase):
        pass
    adam = torch.optim.Adam([theirs], betas=(0.9, 0.99))
    for step in range(phase.steps):
        at = torch.tensor(step / (phase.steps - 1))
        adam.param_groups[0]["lr"] = phase.rate * float(0.1 + 0.45 * (1 + torch.cos(torch.pi * at)))
        adam.zero_grad()
        bowl(theirs).sum().backward()
        adam.step()
    torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=1e-5)


def test_rows_of_a_batch_do_not_mix() -> None:
    phase = Phase(steps=20, rate=0.05, first=Weights(), last=Weights())
    starts = torch.tensor([[1.0], [3.0]])
    both = starts.clone().requires_grad_()
    for _ in descend([(both, 1.0)], lambda *_: {"v": both.square().sum(dim=-1)}, phase):
        pass
    for k in range(2):
        one = starts[k : k + 1].clone().requires_grad_()
        for _ in descend([(one, 1.0)], lambda *_, x=one: {"v": x.square().sum(dim=-1)}, phase):
            pass
        torch.testing.assert_close(both[k : k + 1], one)


def test_a_term_that_is_not_finite_is_named() -> None:
    leaf = torch.zeros(1, 1, requires_grad=True)
    phase = Phase(steps=1, rate=0.1, first=Weights(), last=Weights())
    terms = {"good": leaf.sum(dim=-1), "bad": (leaf.sum(dim=-1) / 0).log()}
    with pytest.raises(FloatingPointError, match="bad"):
        list(descend([(leaf, 1.0)], lambda *_: terms, phase))
