"""A hand in a plate of known thickness leaves it on the side that it touches."""

import pytest
import torch

from solver.optimisation.sides import rightful

THICK = 0.026
UP = torch.tensor([0.0, 1.0, 0.0])


def _nearest_face(height: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Signed distance and its gradient inside a plate whose top is at zero."""
    lower = height < -THICK / 2
    sdf = torch.where(lower, -(height + THICK), height)
    return sdf, torch.where(lower, -1.0, 1.0)[:, None] * UP


@pytest.mark.parametrize("touched", [0.0, -THICK])
def test_every_depth_is_below_the_touched_face(touched: float) -> None:
    height = torch.linspace(-THICK + 1e-4, -1e-4, 60)
    points = torch.stack([torch.linspace(0, 0.1, 60), height, torch.zeros(60)], dim=1)
    normal = UP if touched == 0.0 else -UP
    targets = points * torch.tensor([1.0, 0.0, 1.0]) + touched * UP
    sdf, away = rightful(points, *_nearest_face(height), targets, normal.expand(60, 3))
    torch.testing.assert_close(sdf, -(height - touched).abs())
    torch.testing.assert_close(away, normal.expand(60, 3))


def test_what_is_far_from_the_touched_face_leaves_by_the_nearest() -> None:
    points = torch.tensor([[0.3, -0.02, 0.0]])
    sdf, away = _nearest_face(points[:, 1])
    kept = rightful(points, sdf, away, torch.zeros(1, 3), UP[None])
    torch.testing.assert_close(kept, (sdf, away))


def test_a_side_wall_is_no_wrong_side() -> None:
    points, sideways = torch.tensor([[0.0, -0.02, 0.0]]), torch.tensor([[1.0, 0.0, 0.0]])
    sdf = torch.tensor([-0.004])
    kept = rightful(points, sdf, sideways, torch.zeros(1, 3), UP[None])
    torch.testing.assert_close(kept, (sdf, sideways))
