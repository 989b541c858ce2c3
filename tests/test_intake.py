"""Mesh intake: what it refuses, what it repairs, what it keeps for the next time."""

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from soups import BRICK, CHAIR, EMPTY, KEEP, SOLID, UNKNOWN, box, chair, join, signs, take

from solver.errors import SolverError
from solver.intake import Hints, take_in
from solver.intake.sampling import escapes

# --- refused -----------------------------------------------------------------------------------

NAN = np.nan
BAD: dict[str, tuple[NDArray, NDArray, str]] = {
    "no vertices": (np.zeros((0, 3)), np.zeros((0, 3), int), "no vertices"),
    "no faces": (np.eye(3), np.zeros((0, 3), int), "no faces"),
    "one triangle": (np.eye(3), np.array([[0, 1, 2]]), "no usable surface"),
    "no area": (np.array([[0.0, 0, 0], [1, 0, 0], [2, 0, 0], [3, 0, 0]]),
                np.array([[0, 1, 2], [1, 2, 3]]), "no usable surface"),
    "one place": (np.ones((6, 3)), np.array([[0, 1, 2], [3, 4, 5]]), "no usable surface"),
    "not numbers": (np.full((8, 3), NAN), BRICK[1], "impossible places"),
    "a tenth not numbers": (np.vstack([BRICK[0], [[NAN] * 3]]), BRICK[1], "impossible places"),
    "missing vertices": (BRICK[0][:5], BRICK[1], "do not exist"),
    "negative numbers": (BRICK[0], BRICK[1] - 1, "do not exist"),
    "quads": (BRICK[0], np.zeros((4, 4), int), "not (N, 3)"),
    "a crumb": (BRICK[0] * 0.01, BRICK[1], "1 cm to 100 m"),
    "a mountain": (BRICK[0] * 1000, BRICK[1], "1 cm to 100 m"),
    "too many faces": (BRICK[0], np.zeros((5_000_001, 3), np.int8), "at most 5,000,000"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_sentence_and_a_remedy(case: str) -> None:
    verts, faces, words = BAD[case]
    with pytest.raises(SolverError) as caught:
        take_in(verts, faces, "thing", UNKNOWN, KEEP, cells=24)
    assert words in str(caught.value)
    assert "'thing'" in str(caught.value)
    assert len(caught.value.remedy) > 10
    assert str(caught.value).count(". ") == 0


@pytest.mark.parametrize(("scale", "words"), [(44.0, "tall, about 0.9 m"), (0.05, "mm tall")])
def test_a_giant_chair_is_refused_with_its_factor(scale: float, words: str) -> None:
    verts, faces = chair()
    with pytest.raises(SolverError, match="chair") as caught:
        take((verts * scale, faces), CHAIR)
    assert words in str(caught.value)
    factor = float(caught.value.remedy.split("scale it by ")[1].split(",")[0])
    assert factor == pytest.approx(1 / scale, rel=0.1)


def test_a_large_chair_is_taken_with_a_warning() -> None:
    verts, faces = chair()
    item = take((verts * 1.8, faces), CHAIR)
    assert any("large for a chair" in words for words in item.warnings)


def test_a_vertical_front_is_refused() -> None:
    with pytest.raises(SolverError, match="up or down"):
        take(chair(), CHAIR, Hints(front="+y"))


# --- repaired ----------------------------------------------------------------------------------


def test_a_few_bad_vertices_are_dropped_with_a_warning() -> None:
    parts = [box((0.04, 0.04, 0.04), (0.1 * i, 0.02, 0)) for i in range(30)]
    verts, faces = join(BRICK, *parts)
    verts[-1] = np.inf
    item = take((verts, faces))
    assert any("not finite" in words for words in item.warnings)
    assert torch.isfinite(item.mesh.verts).all()


def test_loose_triangles_are_welded() -> None:
    verts, faces = BRICK
    loose = verts[faces].reshape(-1, 3)
    item = take((loose, np.arange(len(loose)).reshape(-1, 3)))
    assert len(item.mesh.verts) == 8
    assert item.surface.closed


def test_isolated_vertices_count_for_nothing() -> None:
    verts, faces = BRICK
    item = take((np.vstack([verts, [[9.0, 9, 9]]]), faces))
    assert len(item.mesh.verts) == 8
    assert float(item.mesh.extent.max()) == pytest.approx(0.4)


def test_a_stray_vertex_far_away_does_not_coarsen_the_weld() -> None:
    """The weld's step is a share of the object's box, not of everything in the arrays."""
    near = join(BRICK, box((0.01, 0.01, 0.01), (0.3, 0.005, 0)))
    stray = (np.vstack([near[0], [[1e4, 0.0, 0.0]]]), near[1])
    assert len(take(stray).mesh.verts) == len(take(near).mesh.verts) == 16


def test_repeated_and_collapsed_faces_go() -> None:
    verts, faces = BRICK
    item = take((verts, np.vstack([faces, faces[:3], [[0, 0, 1]]])))
    assert len(item.mesh.faces) == 12


@pytest.mark.parametrize("fault", ["none", "inside out", "a third flipped", "two-sided", "soup"])
def test_winding_is_repaired(fault: str) -> None:
    verts, faces = BRICK
    if fault == "inside out":
        faces = faces[:, ::-1]
    if fault == "a third flipped":
        faces = np.where((np.arange(12) % 3 == 0)[:, None], faces[:, ::-1], faces)
    if fault == "two-sided":
        faces = np.vstack([faces, faces[:, ::-1]])
    if fault == "soup":  # nothing to weld: every triangle is its own piece and looks at random
        rng = np.random.default_rng(0)
        verts = verts[faces].reshape(-1, 3) + rng.normal(0, 2e-5, (36, 3))
        faces = np.arange(36).reshape(12, 3)
        faces = np.where((rng.random(12) < 0.5)[:, None], faces[:, ::-1], faces)
    item = take((verts, faces))
    assert signs(item, SOLID).all()
    assert not signs(item, EMPTY).any()
    toward = (item.normals * (item.points - torch.tensor([0.0, 0.1, 0.0]))).sum(dim=-1)
    assert (toward > 0).all()


def test_a_cavity_that_no_one_can_enter_is_solid() -> None:
    inner, faces = box((0.36, 0.16, 0.26), (0, 0.1, 0))
    item = take(join(BRICK, (inner, faces[:, ::-1])))
    assert signs(item, SOLID).all()


def test_a_cavity_between_boards_is_solid() -> None:
    """A cabinet of six boards: a hand in its middle is inside; the air around it is not."""
    boards = [
        box(size, place)
        for size, place in [
            ((0.6, 0.02, 0.4), (0, 0.01, 0)), ((0.6, 0.02, 0.4), (0, 0.79, 0)),
            ((0.02, 0.76, 0.4), (-0.29, 0.4, 0)), ((0.02, 0.76, 0.4), (0.29, 0.4, 0)),
            ((0.56, 0.76, 0.02), (0, 0.4, -0.19)), ((0.56, 0.76, 0.02), (0, 0.4, 0.19)),
        ]
    ]  # fmt: skip
    item = take_in(*join(*boards), "thing", UNKNOWN, KEEP, cells=48)
    middle = np.array([[0.0, 0.4, 0.0], [0.2, 0.6, 0.1]])
    assert signs(item, middle).all()
    assert not signs(item, np.array([[0.0, 0.85, 0.0], [0.33, 0.4, 0.0], [0, 0.4, 0.23]])).any()
    assert (item.grid(torch.tensor(middle, dtype=torch.float32)) < 0).all()
    without_door = take_in(*join(*boards[:-1]), "thing", UNKNOWN, KEEP, cells=48)
    assert not signs(without_door, middle).any()


def test_the_wall_between_touching_boxes_goes() -> None:
    left, right = box((0.2, 0.2, 0.2), (-0.1, 0.1, 0)), box((0.2, 0.2, 0.2), (0.1, 0.1, 0))
    flipped = right[1]
    item = take(join(left, (right[0], flipped)))
    grid = np.random.default_rng(0).uniform([-0.19, 0.01, -0.09], [0.19, 0.19, 0.09], (500, 3))
    assert signs(item, grid).all()


def test_a_sheet_gets_thickness_below_its_upper_side() -> None:
    verts = np.array([[0.0, 0.7, 0], [1, 0.7, 0], [1, 0.7, 1], [0, 0.7, 1]])
    item = take((verts, np.array([[0, 1, 2], [0, 2, 3]])))
    assert any("without thickness" in words for words in item.warnings)
    assert float(item.mesh.extent[1]) == pytest.approx(0.003, abs=1e-5)
    assert signs(item, np.array([[0.5, 0.6985, 0.5]])).all()
    assert not signs(item, np.array([[0.5, 0.7005, 0.5], [0.5, 0.6965, 0.5]])).any()
    assert item.surface.closed


def test_an_open_tub_is_hollow_and_a_box_without_bottom_is_solid() -> None:
    verts, faces = box((0.4, 0.3, 0.4), (0, 0.15, 0))
    level = verts[faces][:, :, 1]
    tub, bell = faces[~(level > 0.29).all(axis=1)], faces[~(level < 0.01).all(axis=1)]
    middle = np.array([[0.0, 0.15, 0.0]])
    assert not signs(take((verts, tub)), middle).any()
    assert signs(take((verts, bell)), middle).all()


def test_samples_are_dense_reachable_and_outward() -> None:
    item = take(chair(), CHAIR)
    gap = torch.cdist(item.points, item.points).fill_diagonal_(9.0).amin(dim=1)
    assert float(gap.max()) < 0.015
    inner = item.points - 0.002 * item.normals
    assert (item.surface.query(inner)[0] < 0).float().mean() > 0.99
    hiding = take(join(BRICK, box((0.1, 0.05, 0.1), (0, 0.1, 0))))
    assert float(hiding.surface.query(hiding.points)[0].abs().max()) < 1e-4
    middle = (hiding.points - torch.tensor([0.0, 0.1, 0.0])).abs()
    assert (middle / torch.tensor([0.2, 0.1, 0.15])).amax(dim=-1).min() > 0.99


# --- speed and memory of the result ------------------------------------------------------------


@pytest.mark.parametrize("enough", [1, 2])
def test_who_escapes_often_enough_is_asked_no_more(enough: int) -> None:
    """Counting to the end finds the same points, from the outside and from within."""
    item = take(chair())
    for normals in (item.normals, -item.normals):
        full = escapes(item.surface, item.points, normals)
        brief = escapes(item.surface, item.points, normals, enough=enough)
        assert torch.equal(brief >= enough, full >= enough)
        assert float(brief.sum()) < 0.5 * float(full.sum()) or float(full.sum()) == 0.0


def test_the_second_time_comes_from_the_cache(tmp_path: Path) -> None:
    first = take_in(*chair(), "thing", CHAIR, KEEP, tmp_path, cells=24)
    (file,) = tmp_path.glob("*.npz")
    stamp = file.stat().st_mtime_ns
    again = take_in(*chair(), "thing", CHAIR, KEEP, tmp_path, cells=24)
    assert file.stat().st_mtime_ns == stamp
    assert torch.equal(first.grid.volume, again.grid.volume)
    assert torch.equal(first.points, again.points)
    assert torch.equal(first.mesh.faces, again.mesh.faces)
    assert (first.floor, first.warnings, first.front_confidence) == (
        again.floor, again.warnings, again.front_confidence,
    )  # fmt: skip
    take_in(*chair(), "thing", CHAIR, Hints(front="+x"), tmp_path, cells=24)
    assert len(list(tmp_path.glob("*.npz"))) == 2


def test_a_broken_cache_file_is_made_anew(tmp_path: Path) -> None:
    take_in(*BRICK, "thing", UNKNOWN, KEEP, tmp_path, cells=24)
    (file,) = tmp_path.glob("*.npz")
    file.write_bytes(file.read_bytes()[:1000])
    take_in(*BRICK, "thing", UNKNOWN, KEEP, tmp_path, cells=24)
    (file,) = tmp_path.glob("*.npz")
    assert file.stat().st_size > 5_000


def test_a_full_disk_leaves_no_half_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    item = take_in(*BRICK, "thing", UNKNOWN, KEEP, tmp_path, cells=24)
    assert len(item.mesh.verts) == 8
    assert not list(tmp_path.iterdir())


def test_the_same_input_gives_the_same_item() -> None:
    one, two = take(chair(), CHAIR), take(chair(), CHAIR)
    assert torch.equal(one.points, two.points)
    assert torch.equal(one.grid.volume, two.grid.volume)
