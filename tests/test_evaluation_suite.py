"""The suite on shapes: spheres, boxes and rods, whose answers are known in closed form."""

import math

import pytest
import torch
from shapes import beside, fine_box, rod, sphere
from solid import box

from solver.evaluation import quick, thorough
from solver.evaluation.samples import lattice, samples_near
from solver.evaluation.twoway import object_in_body
from solver.evaluation.volume import enclosed, mesh_volume, volume_numbers
from solver.geometry.mesh import Mesh, sample_surface
from solver.geometry.surface import Surface

# Samples


def test_no_point_of_a_triangle_is_far_from_a_sample() -> None:
    generator = torch.Generator().manual_seed(3)
    corners = torch.rand(40, 3, 3, generator=generator) * torch.tensor([0.3, 0.05, 0.01])
    sliver = torch.tensor([[[0, 0, 0], [0.4, 0, 0], [0.4, 0.001, 0]]])
    corners = torch.cat([corners, sliver])
    points = lattice(corners, 0.005)
    mesh = Mesh(corners.reshape(-1, 3), torch.arange(3 * len(corners)).reshape(-1, 3))
    anywhere = sample_surface(mesh, 4000, generator)[0]
    assert float(torch.cdist(anywhere, points).amin(dim=1).max()) < 0.005
    a, b, c = (mesh.verts.double()[k::3] for k in range(3))
    across = torch.linalg.cross(b - a, c - a)
    owner = [len(lattice(one[None], 0.005)) for one in corners]
    face = torch.arange(len(corners)).repeat_interleave(torch.tensor(owner))
    height = (points.double() - a[face]) * torch.nn.functional.normalize(across, dim=-1)[face]
    assert float(height.sum(dim=-1).abs().max()) < 1e-6


def test_a_dense_mesh_is_sampled_no_denser_than_needed() -> None:
    """Faces of 1 mm: far fewer samples than vertices, and still none farther than 5 mm."""
    dense = sphere((0, 0, 0), 0.03, 5)
    points = samples_near(dense, lambda x: x.norm(dim=-1) - 1.0)
    assert len(points) < 0.5 * len(dense.verts)
    assert float(torch.cdist(dense.verts, points).amin(dim=1).max()) < 0.005


def test_only_what_is_near_is_sampled_and_all_of_it() -> None:
    """A plane 100 m wide under a ball that dips 1 cm into it: the disc of radius 14 cm."""
    ball = Surface(sphere((0.3, 0.99, -0.2), 1.0, finer=5))
    plane = Mesh(
        torch.tensor([[-50.0, 0, -50], [50, 0, -50], [50, 0, 50], [-50, 0, 50]]),
        torch.tensor([[0, 2, 1], [0, 3, 2]]),
    )
    points = samples_near(plane, lambda x: ball.query(x)[0])
    assert len(points) < 20_000
    disc = math.sqrt(1 - 0.99**2)
    around = torch.linspace(0, 2 * math.pi, 60)
    rim = torch.stack([around.cos(), 0 * around, around.sin()], 1) * (disc - 1e-3)
    rim += torch.tensor([0.3, 0.0, -0.2])
    assert float(torch.cdist(rim, points).amin(dim=1).max()) < 0.005


# A: collision


def test_two_balls_share_a_lens() -> None:
    """Of radius 10 cm, 17 cm apart: deep by 3 cm; V = pi (2r - d)^2 (d^2 + 4 d r) / (12 d)."""
    shown = beside(sphere((0, 0, 0), 0.1, 5), sphere((0.17, 0, 0), 0.1, 5))
    numbers = thorough(shown)
    assert numbers["penetration_mm"] == pytest.approx(30.0, abs=0.3)
    lens = math.pi * 0.03**2 * (0.17**2 + 4 * 0.17 * 0.1) / (12 * 0.17)
    assert numbers["volume_cm3"] == pytest.approx(1e6 * lens, rel=0.02)
    assert numbers["volume_share"] == pytest.approx(lens / (4 / 3 * math.pi * 1e-3), rel=0.02)
    cap = 1 - (0.17 / 2) / 0.1  # the share of a sphere beyond the plane between the two
    assert numbers["non_collision"] == pytest.approx(1 - cap / 2, abs=0.01)
    assert numbers["contact"] == 1.0
    assert not [name for name in numbers if "soft" in name or "hand" in name or "limit" in name]


def test_balls_that_are_apart_do_not_collide_and_do_not_touch() -> None:
    shown = beside(sphere((0, 0, 0), 0.1, 5), sphere((0.23, 0, 0), 0.1, 5))
    numbers = thorough(shown)
    assert numbers["penetration_mm"] == numbers["volume_cm3"] == numbers["touching_cm2"] == 0.0
    assert numbers["non_collision"] == numbers["non_collision_strict"] == 1.0
    found = [numbers[f"contact_{reach}"] for reach in ("5mm", "1cm", "2cm", "5cm")]
    assert found == [0.0, 0.0, 0.0, 1.0] and numbers["contact"] == 0.0


def test_skin_on_the_surface_collides_in_one_convention_only() -> None:
    """A box that stands on a box, corner vertices exactly on its top."""
    shown = beside(box((0, 1, 0), (1, 2, 1)), box((-1, 0, -1), (2, 1, 2)))
    numbers = quick(shown)
    assert numbers["non_collision"] == 1.0
    assert numbers["non_collision_strict"] == pytest.approx(0.5)


def test_what_stands_there_counts_for_the_scene_alone() -> None:
    ball, thing = sphere((0, 0, 0), 0.1, 4), box((0.5, 0, 0), (0.6, 1, 1))
    wall = fine_box((-1, -1, -0.3), (1, 1, -0.08))
    numbers = quick(beside(ball, thing, wall))
    assert numbers["non_collision"] == 1.0 > numbers["scene_non_collision"]
    assert numbers["penetration_mm"] == 0.0
    assert numbers["obstacle_penetration_mm"] == pytest.approx(20.0, abs=0.3)
    assert "scene_non_collision" not in quick(beside(ball, thing))


def test_a_needle_between_the_vertices_of_a_ball_is_seen() -> None:
    """2 mm thick, its tip 4 cm deep: no vertex of the ball is in it."""
    ball = sphere((0, 0, 0), 0.1, 3)
    needle = rod(0.001, 0.2)
    turn = torch.tensor([[0.6, 0.8, 0.0], [-0.8, 0.6, 0.0], [0.0, 0.0, 1.0]])
    aside = turn @ torch.tensor([0.0, 1.0, 0.0])
    needle = Mesh(needle.verts @ turn.T + aside * 0.16, needle.faces)
    shown = beside(ball, needle)
    assert float(shown.distance.min()) > 0
    assert quick(shown)["penetration_mm"] == pytest.approx(40.0, abs=1.0)


def test_the_depth_lands_at_the_nearest_vertex() -> None:
    ball = sphere((0, 0, 0), 0.1, 4)
    depth, vertex = object_in_body(Surface(ball), box((0.08, -0.01, -0.01), (0.3, 0.01, 0.01)))
    assert float(depth.max()) == pytest.approx(0.02, abs=5e-4)
    assert float(ball.verts[vertex][:, 0].min()) > 0.095


def test_touching_area_of_a_box_on_a_table() -> None:
    """30 by 20 cm lie on it; sunk by 8 mm it also touches with its sides, and says that it sank."""
    table = box((-1, -0.1, -1), (1, 0, 1))
    on = quick(beside(fine_box((-0.15, 0.001, -0.1), (0.15, 0.3, 0.1), 5), table))
    assert on["touching_cm2"] == pytest.approx(600, rel=0.15)
    assert on["sunk_cm2"] == on["penetration_mm"] == 0.0
    sunk = quick(beside(fine_box((-0.15, -0.008, -0.1), (0.15, 0.3, 0.1), 5), table))
    assert sunk["penetration_mm"] == pytest.approx(8.0, abs=0.1)
    assert sunk["sunk_cm2"] == pytest.approx(600, rel=0.15)
    above = quick(beside(fine_box((-0.15, 0.015, -0.1), (0.15, 0.3, 0.1)), table))
    assert above["touching_cm2"] == 0.0


def test_shared_volume_does_not_depend_on_where_things_stand() -> None:
    def both(shift: tuple[float, float, float]) -> float:
        move = torch.tensor(shift)
        first = Mesh(sphere((0, 0, 0), 0.1, 4).verts + move, sphere((0, 0, 0), 0.1, 4).faces)
        second = Mesh(rod(0.02, 0.5).verts + move, rod(0.02, 0.5).faces)
        return volume_numbers(beside(first, second))["volume_cm3"]

    exact = 1e6 * math.pi * 0.02**2 * 0.2 * 0.985  # the ends are caps of the ball
    assert both((0, 0, 0)) == pytest.approx(exact, rel=0.03)
    assert both((1.23, -0.4, 0.7)) == pytest.approx(both((0, 0, 0)), rel=0.03)


def test_the_octree_counts_as_all_voxels_would() -> None:
    centre, voxel = torch.tensor([0.031, -0.01, 0.004]), 0.005
    low, high = torch.tensor([-0.1, -0.1, -0.1]), torch.tensor([0.1, 0.1, 0.1])

    def ball(points: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return (points - centre).norm(dim=-1) - 0.05, torch.ones(len(points), dtype=torch.bool)

    axes = [torch.arange(low[k] + voxel / 2, 0.15, voxel) for k in range(3)]
    slow = int((ball(torch.cartesian_prod(*axes))[0] < 0).sum()) * voxel**3
    exact = 4 / 3 * math.pi * 0.05**3
    assert slow == pytest.approx(exact, rel=0.01)
    assert enclosed(ball, low, high, voxel) == pytest.approx(exact, rel=0.005)


def test_the_enclosed_volume_of_a_box_far_away() -> None:
    assert mesh_volume(box((5, 5, 5), (5.1, 5.2, 5.3))) == pytest.approx(0.006, rel=1e-3)
