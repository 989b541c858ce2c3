"""Distances, signs and rays against slow references."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from solver.geometry.grid import build_grid
from solver.geometry.mesh import Mesh, is_closed, spread
from solver.geometry.rays import ways_out
from solver.geometry.surface import Surface


def box(low: tuple[float, float, float], high: tuple[float, float, float]) -> tuple[Tensor, Tensor]:
    """Twelve triangles that look outward."""
    corners = torch.tensor([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)]).float()
    verts = torch.tensor(low) + corners * (torch.tensor(high) - torch.tensor(low))
    quads = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    faces = [f for a, b, c, d in quads for f in ((a, b, c), (a, c, d))]
    return verts, torch.tensor(faces)


def sphere(radius: float = 1.0, rings: int = 12, segments: int = 20) -> Mesh:
    """A polyhedron with its corners on a sphere, wound outward."""
    theta = torch.linspace(0, math.pi, rings + 1)[1:-1]
    phi = torch.arange(segments) * 2 * math.pi / segments
    t, p = torch.meshgrid(theta, phi, indexing="ij")
    belt = torch.stack([t.sin() * p.cos(), t.cos(), -t.sin() * p.sin()], dim=-1).reshape(-1, 3)
    verts = torch.cat([belt, torch.tensor([[0.0, 1, 0], [0, -1, 0]])]) * radius
    north, south = len(belt), len(belt) + 1
    faces = []
    for j in range(segments):
        k = (j + 1) % segments
        faces.append((north, j, k))
        for i in range(rings - 2):
            a, b = i * segments, (i + 1) * segments
            faces += [(a + j, b + j, b + k), (a + j, b + k, a + k)]
        last = (rings - 2) * segments
        faces.append((south, last + k, last + j))
    return Mesh(verts, torch.tensor(faces))


def boxes(seed: int = 0) -> Mesh:
    """Eight overlapping boxes."""
    generator = torch.Generator().manual_seed(seed)
    verts, faces, count = [], [], 0
    for _ in range(8):
        low = torch.rand(3, generator=generator) * 0.6
        size = 0.2 + torch.rand(3, generator=generator) * 0.3
        v, f = box(tuple(low.tolist()), tuple((low + size).tolist()))
        verts.append(v)
        faces.append(f + count)
        count += len(v)
    return Mesh(torch.cat(verts), torch.cat(faces))


def inside_boxes(points: Tensor, mesh: Mesh) -> Tensor:
    """Closed form: in one of the boxes of `boxes`."""
    each = mesh.verts.reshape(8, 8, 3)
    low, high = each.amin(dim=1), each.amax(dim=1)
    within = (points[:, None] > low) & (points[:, None] < high)
    return within.all(dim=-1).any(dim=-1)


def brute_distance(points: np.ndarray, mesh: Mesh) -> np.ndarray:
    """Point to triangle in float64: the nearest of its plane's foot, its edges and its corners."""
    corners = mesh.verts.double().numpy()[mesh.faces.numpy()]
    best = np.full(len(points), np.inf)
    for a, b, c in corners:
        normal = np.cross(b - a, c - a)
        normal /= np.linalg.norm(normal)
        height = (points - a) @ normal
        foot = points - height[:, None] * normal
        sides = [np.cross(q - p, foot - p) @ normal for p, q in ((a, b), (b, c), (c, a))]
        over = np.logical_and.reduce([side >= 0 for side in sides])
        distance = np.where(over, np.abs(height), np.inf)
        for p, q in ((a, b), (b, c), (c, a)):
            t = np.clip((points - p) @ (q - p) / ((q - p) @ (q - p)), 0, 1)
            along = np.linalg.norm(points - p - t[:, None] * (q - p), axis=1)
            distance = np.minimum(distance, along)
        best = np.minimum(best, distance)
    return best


def brute_winding(points: np.ndarray, mesh: Mesh) -> np.ndarray:
    """Sum of solid angles in float64 (Van Oosterom and Strackee 1983)."""
    corners = mesh.verts.double().numpy()[mesh.faces.numpy()]
    a, b, c = (corners[None, :, k] - points[:, None] for k in range(3))
    la, lb, lc = (np.linalg.norm(v, axis=-1) for v in (a, b, c))
    top = np.einsum("pfi,pfi->pf", a, np.cross(b, c))
    bottom = (
        la * lb * lc
        + np.einsum("pfi,pfi->pf", a, b) * lc
        + np.einsum("pfi,pfi->pf", b, c) * la
        + np.einsum("pfi,pfi->pf", c, a) * lb
    )
    return 2 * np.arctan2(top, bottom).sum(axis=1) / (4 * np.pi)


def around(mesh: Mesh, count: int, seed: int = 1) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    low, size = mesh.low - 0.2, mesh.extent + 0.4
    return low + torch.rand(count, 3, generator=generator) * size


@pytest.mark.parametrize("mesh", [sphere(), boxes()], ids=["sphere", "boxes"])
def test_distance_and_sign_equal_brute_force(mesh: Mesh) -> None:
    points = around(mesh, 800)
    distance, nearest, face = Surface(mesh).query(points)
    slow = brute_distance(points.double().numpy(), mesh)
    inside = brute_winding(points.double().numpy(), mesh) > 0.5
    np.testing.assert_allclose(distance.abs().numpy(), slow, atol=2e-6)
    assert ((distance < 0).numpy() == inside).all()
    torch.testing.assert_close((points - nearest).norm(dim=-1), distance.abs())
    corners = mesh.verts[mesh.faces[face]]
    lowest, highest = corners.amin(dim=1) - 1e-5, corners.amax(dim=1) + 1e-5
    assert ((nearest >= lowest) & (nearest <= highest)).all()


def test_a_deep_point_is_inside() -> None:
    """A query with a reach finds nothing 0.3 m deep and would read as outside."""
    verts, faces = box((0, 0, 0), (0.6, 0.6, 0.6))
    distance = Surface(Mesh(verts, faces)).query(torch.tensor([[0.3, 0.3, 0.3]]))[0]
    assert distance.item() == pytest.approx(-0.3, abs=1e-6)


def test_reach_limits_only_the_unsigned_query() -> None:
    surface = Surface(sphere())
    distance, _, face = surface.nearest(torch.tensor([[0.0, 0.0, 0.0], [0.0, 1.02, 0.0]]), 0.05)
    assert face[0] == -1
    assert distance.tolist() == pytest.approx([0.05, 0.02], abs=1e-5)


def wrong(mesh: Mesh, truth: Tensor, points: Tensor, sign: str = "winding") -> float:
    found = Surface(mesh, sign).query(points)[0] < 0  # pyright: ignore[reportArgumentType]
    return float((found != truth).float().mean())


def test_signs_of_broken_meshes() -> None:
    """What measuring showed: the winding number forgives holes, not faces that look all ways."""
    mesh = boxes()
    points = around(mesh, 4000)
    truth = inside_boxes(points, mesh)
    assert wrong(mesh, truth, points) == 0.0
    up = torch.linalg.cross(
        mesh.verts[mesh.faces[:, 1]] - mesh.verts[mesh.faces[:, 0]],
        mesh.verts[mesh.faces[:, 2]] - mesh.verts[mesh.faces[:, 0]],
    )[:, 1]
    assert wrong(Mesh(mesh.verts, mesh.faces[up > -1e-9]), truth, points) < 0.12  # no undersides
    ball = sphere(0.5, 24, 40)
    points = around(ball, 4000)
    truth = points.norm(dim=-1) < 0.5
    generator = torch.Generator().manual_seed(3)
    chance = torch.rand(len(ball.faces), generator=generator)
    assert wrong(Mesh(ball.verts, ball.faces[chance > 0.05]), truth, points) < 0.01
    assert wrong(Mesh(ball.verts, ball.faces[chance > 0.2]), truth, points) < 0.02
    flipped = torch.where((chance < 0.3)[:, None], ball.faces.flip(1), ball.faces)
    assert wrong(Mesh(ball.verts, flipped), truth, points) > 0.01
    assert wrong(Mesh(ball.verts, flipped), truth, points, "parity") < 0.01
    inverted = Mesh(ball.verts, ball.faces.flip(1))
    assert not (Surface(inverted).query(points)[0] < 0).any()
    assert wrong(inverted, truth, points, "parity") < 0.01


def test_nothing_is_inside_a_sheet() -> None:
    verts = torch.tensor([[0.0, 0, 0], [1, 0, 0], [1, 0, 1], [0, 0, 1]])
    one = torch.tensor([[0, 2, 1], [0, 3, 2]])
    for faces in (one, torch.cat([one, one.flip(1)])):
        mesh = Mesh(verts, faces)
        assert not (Surface(mesh).query(around(mesh, 2000))[0] < 0).any()


def test_winding_above_is_the_winding_number() -> None:
    mesh = Mesh(boxes().verts, boxes().faces[:-5])
    points = around(mesh, 500)
    number = brute_winding(points.double().numpy(), mesh)
    for threshold in (0.2, 0.5, 0.8):
        clear = np.abs(number - threshold) > 0.02  # far clusters of faces are approximated
        above = Surface(mesh).winding_above(points, threshold).numpy()
        assert (above[clear] == (number > threshold)[clear]).all()


def test_closed_means_that_edges_balance() -> None:
    mesh = boxes()
    assert is_closed(mesh.faces)
    assert not is_closed(mesh.faces[:-1])
    assert not is_closed(torch.cat([mesh.faces[:-1], mesh.faces[-1:].flip(1)]))


def test_rays_hit_the_sphere_where_they_should() -> None:
    mesh = sphere(1.0, 60, 100)
    origins = torch.tensor([[0.0, 0, 3], [0.5, 0.1, 3], [2.0, 0, 3]])
    distance, face = Surface(mesh).cast(origins, torch.tensor([0.0, 0.0, -1.0]))
    expected = [3 - math.sqrt(1 - x * x - y * y) for x, y in ((0, 0), (0.5, 0.1))]
    assert distance[:2].tolist() == pytest.approx(expected, abs=3e-3)
    assert face[2] == -1
    clear = Surface(mesh).clear(origins, torch.tensor([0.0, 0.0, -1.0]), 1.5)
    assert clear.tolist() == [True, True, True]


@pytest.mark.parametrize(("cells", "rms"), [(32, 0.016), (64, 0.006), (96, 0.003)])
def test_grid_against_exact_by_cell_size(cells: int, rms: float) -> None:
    mesh = boxes()
    surface = Surface(mesh)
    grid = build_grid(surface, mesh.low, mesh.high, cells=cells)
    points = around(mesh, 20_000)
    exact = surface.query(points)[0]
    near = exact.abs() < 0.03
    error = (grid(points) - exact)[near]
    assert error.square().mean().sqrt() < rms


@pytest.mark.parametrize("hole", [0, 5])
def test_every_node_near_the_surface_is_exact(hole: int) -> None:
    """Coarse to fine saves time, not truth: signs everywhere, distances near the surface."""
    mesh = boxes()
    mesh = Mesh(mesh.verts, mesh.faces[: len(mesh.faces) - hole])
    surface = Surface(mesh)
    grid = build_grid(surface, mesh.low, mesh.high, cells=48)
    volume = grid.volume[0, 0].permute(2, 1, 0)
    step = (grid.high - grid.low) / (torch.tensor(volume.shape) - 1)
    axes = [grid.low[k] + step[k] * torch.arange(volume.shape[k]) for k in range(3)]
    exact = surface.query(torch.stack(torch.meshgrid(*axes, indexing="ij"), dim=-1))[0]
    assert ((volume < 0) == (exact < 0)).float().mean() > (0.999 if hole else 0.999999)
    same = (volume < 0) == (exact < 0)
    near = same & (exact.abs() < float(step.max()))
    torch.testing.assert_close(volume[near], exact[near], atol=1e-5, rtol=0)
    far = same & ~near
    assert ((volume - exact)[far].abs() <= 0.35 * exact[far].abs()).all()


def test_beyond_its_border_a_grid_counts_the_way_to_it() -> None:
    mesh = sphere(0.5, 30, 50)
    grid = build_grid(Surface(mesh), mesh.low, mesh.high, cells=64)
    point = torch.tensor([[0.0, 3.0, 0.0]])
    assert grid(point).item() == pytest.approx(2.5, abs=0.02)


def test_a_moved_mesh_has_the_same_distances() -> None:
    mesh, shift = boxes(), torch.tensor([0.3, -2.0, 5.0])
    points = around(mesh, 300)
    moved = Surface(Mesh(mesh.verts + shift, mesh.faces)).query(points + shift)[0]
    torch.testing.assert_close(moved, Surface(mesh).query(points)[0], atol=2e-6, rtol=0)


def test_ways_out_are_the_rays_that_meet_nothing() -> None:
    """A ray at a time says the same as the kernel that counts them all, up to what is enough."""
    mesh = boxes()
    surface, ways = Surface(mesh), torch.cat([torch.eye(3), -torch.eye(3)])
    points = around(mesh, 200)
    normals = torch.nn.functional.normalize(points - mesh.verts.mean(dim=0), dim=-1)
    rising = normals @ ways.T > 0.05
    clear = torch.stack([surface.cast(points, way)[1] < 0 for way in ways], dim=1)
    truth = (rising & clear).sum(dim=1)
    assert 0 < int((truth == 0).sum()) < 200
    assert torch.equal(ways_out(surface, points, normals, ways, 6), truth)
    assert torch.equal(ways_out(surface, points, normals, ways, 2), truth.clamp(max=2))


def test_points_are_spread_farthest_first() -> None:
    points = torch.rand(300, 3, generator=torch.Generator().manual_seed(4))
    kept = spread(points, 40)
    gaps = torch.cdist(points, points)
    assert all(int(gaps[kept[:k]].amin(dim=0).argmax()) == kept[k] for k in range(1, 40))
