"""Every back end for nearest neighbours keeps one contract."""

import importlib.util
import math
import sys
from types import ModuleType, SimpleNamespace

import pytest
import torch

from solver.errors import SolverError
from solver.geometry.neighbours import (
    BACKENDS,
    Backend,
    Neighbours,
    chosen_backend,
    neighbours,
)

_OWN: tuple[Backend, ...] = ("kdtree", "torch")


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> Backend:
    """Each in turn; pytorch3d where it is installed."""
    if request.param == "pytorch3d" and importlib.util.find_spec("pytorch3d") is None:
        pytest.skip("pytorch3d is not installed: its back end is tried only where it is")
    return request.param


def cloud(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("axes", [1, 3, 4])
def test_no_other_point_is_nearer(backend: Backend, axes: int) -> None:
    targets, points = cloud(300, axes), cloud(5, 41, axes, seed=1)
    index, distance = neighbours(targets, backend).nearest(points)
    assert index.shape == distance.shape == (5, 41)
    assert index.dtype == torch.int64 and distance.dtype == points.dtype
    assert torch.allclose((points - targets[index]).norm(dim=-1), distance, atol=1e-5)
    apart = (points[..., None, :].double() - targets.double()).norm(dim=-1)
    assert torch.allclose(apart.amin(dim=-1), distance.double(), atol=1e-5)


def test_on_a_lattice_it_is_rounding(backend: Backend) -> None:
    targets = torch.cartesian_prod(*[torch.arange(5.0)] * 3)
    points = 4 * torch.rand(200, 3, generator=torch.Generator().manual_seed(2))
    index, _ = neighbours(targets, backend).nearest(points)
    assert torch.equal(targets[index], points.round())


def test_millimetres_find_what_metres_find(backend: Backend) -> None:
    targets, points = cloud(200, 3), cloud(64, 3, seed=3)
    index, distance = neighbours(targets, backend).nearest(points)
    again, thousandfold = neighbours(1000 * targets, backend).nearest(1000 * points)
    assert torch.equal(index, again)
    assert torch.allclose(1000 * distance, thousandfold, rtol=1e-4)


def test_edges_one_target_no_point_itself(backend: Backend) -> None:
    single = neighbours(torch.zeros(1, 3), backend)
    assert single.nearest(torch.ones(2, 3))[0].tolist() == [0, 0]
    assert math.isclose(float(single.nearest(torch.ones(1, 3))[1]), math.sqrt(3), rel_tol=1e-6)
    targets = cloud(50, 3)
    index, distance = neighbours(targets, backend).nearest(targets)
    assert index.tolist() == list(range(50)) and float(distance.max()) < 1e-3
    assert single.nearest(torch.ones(0, 3))[0].shape == (0,)


def test_no_gradient_passes(backend: Backend) -> None:
    points = cloud(4, 3, seed=5).requires_grad_()
    assert not neighbours(cloud(9, 3), backend).nearest(points)[1].requires_grad


def test_the_plain_one_does_not_mind_its_chunks() -> None:
    targets, points = cloud(30, 3), cloud(2500, 3, seed=6)
    plain, tree = (neighbours(targets, each).nearest(points) for each in reversed(_OWN))
    assert torch.equal(plain[0], tree[0])


def test_all_are_neighbours(backend: Backend) -> None:
    assert isinstance(neighbours(torch.zeros(1, 3), backend), Neighbours)


def test_the_way_to_pytorch3d_with_a_stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """As documented: (batch, points, axes) in, squared distances and indices (…, K) out."""

    def knn_points(p1: torch.Tensor, p2: torch.Tensor, K: int) -> SimpleNamespace:
        assert p1.dim() == p2.dim() == 3 and p1.dtype == p2.dtype == torch.float32
        found = (p1[:, :, None] - p2[:, None]).square().sum(dim=-1).topk(K, largest=False)
        return SimpleNamespace(dists=found.values, idx=found.indices)

    monkeypatch.setitem(sys.modules, "pytorch3d", ModuleType("pytorch3d"))
    ops = ModuleType("pytorch3d.ops")
    monkeypatch.setattr(ops, "knn_points", knn_points, raising=False)
    monkeypatch.setitem(sys.modules, "pytorch3d.ops", ops)
    targets, points = cloud(40, 4), cloud(3, 7, 4, seed=8)
    index, distance = neighbours(targets, "pytorch3d").nearest(points)
    wanted, far = neighbours(targets, "torch").nearest(points)
    assert torch.equal(index, wanted) and torch.allclose(distance, far, atol=1e-5)


def test_what_is_unknown_or_not_installed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("INTERACT_NEIGHBOURS", raising=False)
    assert chosen_backend() == "kdtree"
    monkeypatch.setenv("INTERACT_NEIGHBOURS", "torch")
    assert chosen_backend() == "torch"
    monkeypatch.setenv("INTERACT_NEIGHBOURS", "faiss")
    with pytest.raises(SolverError, match="faiss") as refused:
        chosen_backend()
    assert "kdtree" in refused.value.remedy
    monkeypatch.setenv("INTERACT_NEIGHBOURS", "pytorch3d")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SolverError, match="not installed"):
        chosen_backend()
