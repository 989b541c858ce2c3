"""Mesh intake: what it repairs, what it refuses, which frame it chooses."""

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from solver.artefacts import Item, ObjectPrior
from solver.errors import SolverError
from solver.intake import Hints, take_in

CHAIR = ObjectPrior("chair", (0.45, 0.9, 0.5), "seat", "backrest")
TABLE = ObjectPrior("table", (1.4, 0.75, 0.8), "table", "none")
UNKNOWN = ObjectPrior("object", None, "unknown", "none")
KEEP, ESTIMATE = Hints(), Hints(placement="estimate")
Soup = tuple[NDArray[np.float64], NDArray[np.int64]]

Y_TO_Z = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])
"""Turns a Y-up object into a Z-up one."""


def box(size: tuple[float, float, float], middle: tuple[float, float, float]) -> Soup:
    """Twelve triangles that look outward."""
    corners = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]) / 2
    quads = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    faces = [f for a, b, c, d in quads for f in ((a, b, c), (a, c, d))]
    return corners * size + middle, np.array(faces)


def join(*parts: Soup) -> Soup:
    starts = np.cumsum([0] + [len(verts) for verts, _ in parts])
    faces = [faces + start for (_, faces), start in zip(parts, starts, strict=False)]
    return np.concatenate([verts for verts, _ in parts]), np.concatenate(faces)


def chair() -> Soup:
    legs = [box((0.04, 0.43, 0.04), (x, 0.215, z)) for x in (-0.2, 0.2) for z in (-0.2, 0.2)]
    seat, back = box((0.45, 0.04, 0.45), (0, 0.45, 0)), box((0.45, 0.45, 0.03), (0, 0.68, -0.21))
    return join(seat, back, *legs)


def table() -> Soup:
    legs = [box((0.06, 0.72, 0.06), (x, 0.36, z)) for x in (-0.65, 0.65) for z in (-0.35, 0.35)]
    return join(box((1.4, 0.03, 0.8), (0, 0.735, 0)), *legs)


def yaw(degrees: float) -> NDArray[np.float64]:
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])


def take(soup: Soup, prior: ObjectPrior = UNKNOWN, hints: Hints = KEEP) -> Item:
    return take_in(*soup, "thing", prior, hints, cells=24)


def signs(item: Item, points: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which points, in the scene's frame, are inside."""
    T = torch.linalg.inv(item.T_scene_world)
    world = torch.tensor(points, dtype=torch.float32) @ T[:3, :3].T + T[:3, 3]
    return (item.surface.query(world)[0] < 0).numpy()


SOLID, EMPTY = np.array([[0.05, 0.06, 0.02]]), np.array([[0.05, 0.3, 0.02]])
BRICK = box((0.4, 0.2, 0.3), (0, 0.1, 0))


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


# --- frames ------------------------------------------------------------------------------------


def chamfer(item: Item, soup: Soup, T_world_soup: NDArray[np.float64]) -> float:
    """Largest distance of the soup's vertices, brought to the world, from the item."""
    world = soup[0] @ T_world_soup[:3, :3].T + T_world_soup[:3, 3]
    return float(item.surface.nearest(torch.tensor(world, dtype=torch.float32))[0].max())


@pytest.mark.parametrize("turn", [90.0, 215.0, -17.0])
def test_keep_leaves_the_object_where_it_stands(turn: float) -> None:
    verts, faces = chair()
    verts = verts @ yaw(turn).T + [3.0, 0.4, -2.0]
    item = take((verts, faces), CHAIR)
    both = item.T_scene_world @ item.T_object_source
    torch.testing.assert_close(both, torch.eye(4), atol=2e-6, rtol=0)
    assert chamfer(item, (verts, faces), item.T_object_source.double().numpy()) < 1e-5
    front = item.T_scene_world[:3, 2].double().numpy()
    assert front @ (yaw(turn) @ [0, 0, 1]) > np.cos(np.radians(3))
    assert item.front_confidence > 0.9
    low, high = item.mesh.low, item.mesh.high
    torch.testing.assert_close((low + high)[[0, 2]], torch.zeros(2), atol=1e-4, rtol=0)
    assert float(low[1]) == pytest.approx(0.0, abs=1e-5)


@pytest.mark.parametrize("front", ["+x", "-x", "+z", "-z"])
def test_a_given_front_is_obeyed(front: str) -> None:
    item = take(chair(), CHAIR, Hints(front=front))  # pyright: ignore[reportArgumentType]
    axis = np.eye(3)["xyz".index(front[1])] * (1 if front[0] == "+" else -1)
    assert float(item.T_scene_world[:3, 2] @ torch.tensor(axis).float()) == pytest.approx(1.0)
    assert item.front_confidence == 1.0


def test_the_floor_is_given_or_under_the_object() -> None:
    verts, faces = BRICK
    raised = (verts + np.array([0, 0.75, 0]), faces)
    assert take(raised).floor == 0.0
    assert take(raised, hints=Hints(floor=0.0)).floor == pytest.approx(-0.75)
    sunk = take(raised, hints=Hints(floor=0.9))
    assert sunk.floor == pytest.approx(0.15)
    assert any("below the floor" in words for words in sunk.warnings)


@pytest.mark.parametrize(
    ("unit", "upright", "turn"),
    [
        (1.0, np.eye(3), 90.0),
        (100.0, Y_TO_Z, 0.0),
        (1000.0, np.eye(3), 180.0),
        (1 / 0.0254, Y_TO_Z, 270.0),
    ],
)
def test_estimate_finds_unit_up_and_front(
    unit: float, upright: NDArray[np.float64], turn: float
) -> None:
    verts, faces = chair()
    source = (verts @ (upright @ yaw(turn)).T * unit, faces)
    item = take(source, CHAIR, ESTIMATE)
    T = item.T_object_source.double().numpy()
    assert np.cbrt(np.linalg.det(T[:3, :3])) * unit == pytest.approx(1.0, rel=1e-4)
    turned = T[:3, :3] @ upright @ yaw(turn) * unit
    np.testing.assert_allclose(turned, np.eye(3), atol=1e-3)
    torch.testing.assert_close(
        item.mesh.extent, torch.tensor([0.45, 0.905, 0.45]), atol=1e-3, rtol=0
    )


def test_an_unusual_unit_is_scaled_to_the_usual_size_and_said() -> None:
    verts, faces = chair()
    item = take((verts * 4.7, faces), CHAIR, ESTIMATE)
    assert float(item.mesh.extent[1]) == pytest.approx(0.9, rel=0.1)
    assert any("unit" in words for words in item.warnings)


def test_a_table_stands_on_its_legs() -> None:
    verts, faces = table()
    item = take((verts @ Y_TO_Z.T, faces), TABLE, ESTIMATE)
    level = item.points[item.normals[:, 1] > 0.9][:, 1]
    assert float(level.mean()) > 0.7


def test_an_unknown_noun_keeps_metres() -> None:
    item = take(BRICK, UNKNOWN, ESTIMATE)
    assert float(item.mesh.extent.max()) == pytest.approx(0.4)
    assert any("guess" in words for words in item.warnings)


def test_estimated_objects_stand_on_the_floor_in_the_scene() -> None:
    verts, faces = chair()
    item = take((verts * 100 + [50.0, 30.0, 0], faces), CHAIR, Hints("estimate", floor=0.2))
    assert item.floor == 0.0
    assert item.T_scene_world[:3, 3].tolist() == pytest.approx([0.5, 0.2, 0.0], abs=1e-3)
    torch.testing.assert_close(item.T_scene_world[:3, :3], torch.eye(3))


# --- speed and memory of the result ------------------------------------------------------------


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


def test_the_same_input_gives_the_same_item() -> None:
    one, two = take(chair(), CHAIR), take(chair(), CHAIR)
    assert torch.equal(one.points, two.points)
    assert torch.equal(one.grid.volume, two.grid.volume)
