"""Points on bones: equal to the full sum over all bones, and its gradient to finite differences."""

from collections.abc import Callable

import pytest
import torch

from solver.body.blending import Blend, blended, carried
from solver.body.chain import bones_of
from solver.body.limits import joint_angles
from solver.geometry.tapered import tapered_gap
from solver.optimisation.losses.touching import touching


def drawn(points: int, *, placed: bool = True) -> tuple[torch.Tensor, torch.Tensor, Blend]:
    """Weights on few bones, places, and both as `carried` takes them; in double."""
    g = torch.Generator().manual_seed(0)
    weights = torch.rand(points, 52, generator=g, dtype=torch.float64)
    weights = weights * (weights > 0.95)
    weights[3] = 0.0  # It hangs on nothing.
    places = torch.randn(points, 3, generator=g, dtype=torch.float64)
    return weights, places, blended(weights, places, placed=placed)


def test_points_are_the_weighted_sum_of_what_each_bone_makes_of_them() -> None:
    bones = torch.randn(4, 3, 52, 4, dtype=torch.float64)
    for placed in (True, False):
        weights, places, blend = drawn(30, placed=placed)
        each = torch.einsum("bcja,va->bvjc", bones[..., :3], places)
        each = each + placed * bones[..., 3].mT[:, None]
        wanted = (weights[None, :, :, None] * each).sum(dim=2)
        torch.testing.assert_close(carried(blend, bones), wanted)


def test_the_gradient_matches_finite_differences() -> None:
    blend = drawn(9)[2]
    bones = torch.randn(2, 3, 52, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: carried(blend, x), (bones,), fast_mode=True)


UNIT = torch.nn.functional.normalize(torch.ones(2, 52, 3), dim=-1)


@pytest.mark.parametrize(
    "function",
    [
        joint_angles,
        lambda x: bones_of(x, x[:, 0], x[:, 1], x[0].detach()),
        lambda x: carried(blended(torch.eye(52), UNIT[0]), x.mT[..., None].expand(-1, -1, -1, 4)),
        lambda x: touching(x, x, UNIT, UNIT, torch.ones(2, 52, 3), 0.06),
        lambda x: tapered_gap(x.unflatten(1, (-1, 2)), torch.ones(26, 2), torch.tensor([[0, 1]])),
    ],
)  # fmt: skip
def test_strided_inputs_and_slopes_are_read_as_what_they_mean(
    function: Callable[[torch.Tensor], torch.Tensor],
) -> None:
    """A transposed view, and the slope of a sum, which repeats one number."""
    plain = torch.rand(2, 52, 3, generator=torch.Generator().manual_seed(3)).requires_grad_()
    turned = plain.detach().permute(2, 1, 0).contiguous().requires_grad_()
    found = function(turned.permute(2, 1, 0))
    wanted = function(plain)
    torch.testing.assert_close(found, wanted)
    ours = torch.autograd.grad(found.sum(), turned)[0].permute(2, 1, 0)
    theirs = torch.autograd.grad(wanted, plain, torch.ones_like(wanted).contiguous())[0]
    torch.testing.assert_close(ours, theirs)


def test_numbers_of_two_kinds_are_refused() -> None:
    blend = blended(torch.eye(52), UNIT[0])
    with pytest.raises(AssertionError, match="float32"):
        carried(blend, torch.zeros(1, 3, 52, 4, dtype=torch.float64))
