"""Which side of a surface points are on, told without asking for each."""

import pytest
import torch
from test_geometry import around, boxes, inside_boxes
from torch import Tensor

from solver.geometry.mesh import Mesh
from solver.geometry.sides import sides_of_nodes, signs, told
from solver.geometry.surface import Surface


@pytest.mark.parametrize("size", [0.1, 0.4, 2.0])
def test_sides_that_follow_from_distances_are_those_that_are_asked(size: float) -> None:
    """Thin overlapping boxes of several sizes, points that all lie near them, in any order."""
    thin = Mesh(boxes().verts * torch.tensor([size, size, 0.1 * size]), boxes().faces)
    surface, generator = Surface(thin), torch.Generator().manual_seed(5)
    seeds = thin.verts[torch.randint(len(thin.verts), (8,), generator=generator)]
    points = (seeds[:, None] + 0.03 * torch.randn(8, 1500, 3, generator=generator)).reshape(-1, 3)
    truth = inside_boxes(points / torch.tensor([size, size, 0.1 * size]), boxes())
    distance, unknown = surface.nearest(points)[0], torch.zeros(len(points))
    asked = Asked(surface)
    found = signs(asked, points, distance, unknown)
    assert ((found < 0) == truth).all()
    assert asked.count < len(points) / 3
    order = torch.randperm(len(points), generator=generator)
    assert (signs(surface, points[order], distance[order], unknown) == found[order]).all()
    asked.count = 0
    assert (signs(asked, points, distance, found) == found).all()
    assert asked.count == 0  # what is known is not asked
    assert len(signs(surface, points[:0], distance[:0], unknown[:0])) == 0


@pytest.mark.parametrize("wrong", [False, True])
def test_sides_of_nodes_follow_from_neighbours(wrong: bool) -> None:
    """Few are asked; where what is said to be known contradicts itself, all are."""
    mesh = boxes()
    surface = Asked(Surface(mesh))
    step, low = float(mesh.extent.max()) / 30, mesh.low - 0.1
    axes = [low[k] + step * torch.arange(40) for k in range(3)]
    nodes = torch.stack(torch.meshgrid(*axes, indexing="ij"), dim=-1)
    truth = torch.where(inside_boxes(nodes.reshape(-1, 3), mesh).view(40, 40, 40), -1.0, 1.0)
    known = torch.zeros_like(truth)
    known[0] = 1.0
    known[-1] = -1.0 if wrong else 0.0
    found = sides_of_nodes(surface, surface.nearest(nodes)[0], known, low, step)
    assert torch.equal(found[:-1], truth[:-1])
    unknown = int((known == 0).sum())
    assert surface.count == unknown if wrong else 0 < surface.count < unknown / 30


@pytest.mark.parametrize("hole", [0, 5])
def test_what_is_told_is_what_is_asked(hole: int) -> None:
    """To the bit; around an open surface every point is asked."""
    mesh = boxes()
    surface = Asked(Surface(Mesh(mesh.verts, mesh.faces[: len(mesh.faces) - hole])))
    points = around(mesh, 8000)
    for found, truth in zip(told(surface, points), Surface.query(surface, points), strict=True):
        assert torch.equal(found, truth)
    assert surface.count == 8000 if hole else surface.count < 3000


class Asked(Surface):
    """Counts the points whose side is asked."""

    def __init__(self, surface: Surface) -> None:
        super().__init__(surface.mesh, surface.sign)
        self.count = 0

    def query(self, points: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """As any surface does."""
        self.count += len(points)
        return super().query(points)
