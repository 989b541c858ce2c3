"""Pictures against closed forms."""

import math

import pytest
import torch
import trimesh

from solver.geometry.mesh import Mesh
from solver.geometry.surface import Surface
from solver.render.raycast import View, axes, frame, seen, trace
from solver.render.shade import draw

BALL = trimesh.creation.icosphere(4, 0.5)
MESH = Mesh(
    torch.tensor(BALL.vertices, dtype=torch.float32), torch.tensor(BALL.faces.copy()).long()
)


@pytest.mark.parametrize(("yaw", "pitch"), [(0, 0), (30, 20), (200, -40), (90, 89)])
def test_view_axes_are_right_handed(yaw: float, pitch: float) -> None:
    right, up, forward = axes(View(yaw, pitch, torch.zeros(3), 1.0))
    torch.testing.assert_close(torch.linalg.cross(right, up), -forward, atol=1e-6, rtol=0)


def test_yaw_ninety_looks_from_plus_x() -> None:
    forward = axes(View(90, 0, torch.zeros(3), 1.0))[2]
    torch.testing.assert_close(forward, torch.tensor([-1.0, 0.0, 0.0]), atol=1e-6, rtol=0)


def test_a_ball_shows_its_disc_and_its_depth() -> None:
    view = View(30, 20, torch.zeros(3), 1.0)
    picture = trace(Surface(MESH), MESH, view, 129)
    assert float(seen(picture).float().mean() * 4) == pytest.approx(math.pi / 4, rel=0.02)
    # From the plane 2 radii and 2 m before the centre to the ball's near side.
    assert float(picture.depth[64, 64]) == pytest.approx(4.0 - 0.5, abs=2e-3)


def test_positions_lie_on_the_face_that_is_named() -> None:
    picture = trace(Surface(MESH), MESH, frame(MESH, 10, 10), 48)
    hit = seen(picture)
    corner = MESH.verts[MESH.faces[picture.face[hit]][:, 0]]
    off = ((picture.position[hit] - corner) * picture.normal[hit]).sum(dim=-1)
    assert float(off.abs().max()) < 1e-4


def test_a_drawing_has_one_square_per_view_and_shows_the_colour() -> None:
    image = draw([(MESH, (1.0, 0.0, 0.0))], ((0, 0), (90, 0)), size=64, floor=-0.5)
    assert image.size == (128, 64)
    red, green, _ = image.getpixel((32, 32))  # pyright: ignore[reportGeneralTypeIssues]
    assert red > 80 > green
