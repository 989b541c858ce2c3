"""Winding numbers by their sum, against what is known of boxes."""

import torch
from solid import box

from solver.geometry.surface import Surface
from solver.geometry.winding import winding


def test_a_closed_box_goes_once_around_what_is_in_it() -> None:
    mesh = box((0.0, 0.0, 0.0), (1.0, 2.0, 3.0))
    generator = torch.Generator().manual_seed(0)
    points = torch.rand(200, 3, generator=generator) * 4 - 0.5
    inside = ((points > 0) & (points < torch.tensor([1.0, 2.0, 3.0]))).all(dim=-1)
    found = winding(mesh.verts[mesh.faces], points)
    assert float((found - inside.float()).abs().max()) < 1e-4
    assert bool(inside.any()) and not bool(inside.all())
    assert torch.equal(found > 0.5, Surface(mesh).query(points)[0] < 0)


def test_in_the_middle_of_an_opening_it_is_one_half() -> None:
    """A box far longer than wide without its lid: in the lid's plane half of all around is wall."""
    mesh = box((-1.0, -200.0, -1.0), (1.0, 0.0, 1.0))
    corners = mesh.verts[mesh.faces]
    open_box = corners[(corners[:, :, 1] < -1.0).any(dim=1)]
    assert len(open_box) == len(corners) - 2
    points = torch.tensor([[0.0, 0.0, 0.0], [0.0, -20.0, 0.0], [0.0, 20.0, 0.0]])
    found = winding(open_box, points)
    assert torch.allclose(found, torch.tensor([0.5, 1.0, 0.0]), atol=2e-3)


def test_a_box_inside_out_goes_around_the_other_way() -> None:
    mesh = box((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
    point = torch.tensor([[0.3, 0.4, 0.6]])
    assert float(winding(mesh.verts[mesh.faces.flip(1)], point)) + 1.0 < 1e-5
