"""Points on bones: equal to the full sum over all bones, and its gradient to finite differences."""

import torch

from solver.body.blending import Blend, blended, carried


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
