"""The whole road: a box chair and a sentence in, a seated person out; cached, cancelled, placed."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from affordance_objects import box, item_of
from hypothesis import given, settings
from hypothesis import strategies as st

from solver import person, pipeline, planned
from solver.artefacts import Affordance, Contact, Solution, Target
from solver.body import load_body, pose_body, shape_body
from solver.bounds import READING
from solver.errors import Cancelled, SolverError
from solver.geometry.rotations import matrix_from_rotvec, rigid, transform
from solver.job import read_request
from solver.pipeline import solve
from solver.plan import make_plan, plan_from_json, plan_to_json
from solver.result import contact_arrays, object_motion, to_scene

PARTS = [
    ((-0.23, 0.40, -0.22), (0.23, 0.45, 0.23)),  # seat
    ((-0.23, 0.45, -0.22), (0.23, 0.95, -0.18)),  # back
    *[((x, 0.0, z), (x + 0.04, 0.40, z + 0.04)) for x in (-0.23, 0.19) for z in (-0.22, 0.19)],
]
CORNERS = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)])
SIDES = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]


def box_chair() -> tuple[np.ndarray, np.ndarray]:
    """Six boxes, standing on y = 0, front +Z."""
    verts, faces = [], []
    for low, high in PARTS:
        first = 8 * len(verts)
        verts.append(np.array(low) + CORNERS * (np.array(high) - np.array(low)))
        for a, b, c, d in SIDES:
            faces += [[first + a, first + b, first + c], [first + a, first + c, first + d]]
    return np.concatenate(verts).astype(np.float32), np.array(faces, np.int32)


def write_job(
    folder: Path, place: tuple[float, float, float] = (3.0, 0.5, -2.0), **changes: object
) -> Path:
    folder.mkdir(exist_ok=True)
    verts, faces = box_chair()
    moved = verts @ np.array([[0, 0, 1], [0, 1, 0], [-1, 0, 0]], np.float32).T + np.array(place)
    np.savez(folder / "object.npz", verts=moved.astype(np.float32), faces=faces)
    request = {
        "prompt": "a woman sits on the chair", "object_name": "Chair", "quality": "draft",
        "device": "cpu",
    }  # fmt: skip
    (folder / "request.json").write_text(json.dumps({**request, **changes}))
    return folder


@pytest.fixture(scope="module")
def solved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_job(tmp_path_factory.mktemp("jobs") / "job", variants=2)
    solve(folder, lambda stage, fraction: None)
    return folder


def test_a_person_sits_where_the_chair_stands(solved: Path) -> None:
    with np.load(solved / "solution.npz") as solution:
        pelvis = solution["trans"][0] + solution["joints"][0]
        assert np.abs(pelvis[[0, 2]] - [3.0, -2.0]).max() < 0.25
        assert 0.85 < pelvis[1] - 0.5 + 0.4 < 1.15
        assert solution["posed"].shape == (2, *solution["verts"].shape)


def test_a_fixed_object_is_not_moved_by_a_bit(solved: Path) -> None:
    with np.load(solved / "solution.npz") as solution:
        assert np.array_equal(solution["T_scene_source"], np.tile(np.eye(4), (2, 1, 1)))


def test_the_rig_of_the_result_poses_to_its_vertices(solved: Path) -> None:
    with np.load(solved / "solution.npz") as solution:
        body = shape_body(load_body(), torch.from_numpy(solution["betas"]))
        pose, trans = torch.from_numpy(solution["pose"]), torch.from_numpy(solution["trans"])
        posed = pose_body(body, matrix_from_rotvec(pose), trans).verts.numpy()
        assert np.abs(posed - solution["posed"]).max() < 1e-4


def test_the_report_says_what_was_done_and_how_well(solved: Path) -> None:
    report = json.loads((solved / "report.json").read_text())
    assert report["plan"]["posture"] == "sit"
    assert report["providers"]["plan"] == "rules"
    assert report["device"] == "cpu"
    assert report["variants"][0]["metrics"]["hard_penetration_mm"] < 30
    assert set(report["cpu_seconds"]) == {
        "Object",
        "Plan",
        "Contacts",
        "Poses",
        "Contact",
        "Report",
    }


@pytest.mark.slow
def test_the_same_seed_gives_the_same_person_and_another_seed_does_not(
    solved: Path, tmp_path: Path
) -> None:
    with np.load(solved / "solution.npz") as solution:
        first = solution["pose"]
    again = write_job(tmp_path / "again", variants=2)
    other = write_job(tmp_path / "other", variants=2, seed=7)
    for folder, same in ((again, True), (other, False)):
        solve(folder, lambda stage, fraction: None)
        with np.load(folder / "solution.npz") as solution:
            assert np.array_equal(solution["pose"], first) == same


def test_solving_again_runs_no_stage_twice(solved: Path) -> None:
    before = (solved / "variants.npz").stat().st_mtime_ns
    solve(solved, lambda stage, fraction: None)
    assert (solved / "variants.npz").stat().st_mtime_ns == before


def test_the_log_has_a_line_for_every_stage(solved: Path) -> None:
    log = (solved / "log.txt").read_text(encoding="utf-8")
    for stage in set(pipeline.SHARES) - {"Scene"}:  # This job brings none.
        assert f"{stage}: " in log


def test_a_job_with_a_scene_says_what_is_nearest(tmp_path: Path) -> None:
    """The chair stands on a podium, a post beside it."""
    folder = write_job(tmp_path / "job")
    with np.load(folder / "object.npz") as chair:
        low = chair["verts"].min(axis=0)
    corners = CORNERS * np.array([3.0, 0.05, 3.0]) + low + np.array([-1.0, -0.05, -1.0])
    faces = [face for a, b, c, d in SIDES for face in ((a, b, c), (a, c, d))]
    post = CORNERS * np.array([0.1, 1.5, 0.1]) + low + np.array([0.6, 0.0, -0.5])
    np.savez(
        folder / "scene.npz", verts=np.concatenate([corners, post]).astype(np.float32),
        faces=np.array([*faces, *(np.array(faces) + 8)], np.int32),
        owner=np.repeat([0, 1], 12).astype(np.int32), names=np.array(["Podium", "Post"]),
    )  # fmt: skip
    solve(folder, lambda stage, fraction: None)
    report = json.loads((folder / "report.json").read_text())
    best = report["variants"][0]
    assert best["obstacle"] == "Post"
    assert best["metrics"]["scene_penetration_mm"] < 10
    assert best["metrics"]["floor_mm"] < 10
    assert "Scene" in report["cpu_seconds"]


def test_a_bug_leaves_its_traceback_in_the_jobs_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sentence that the panel shows asks to report it with the job's folder."""

    def broken(*_: object) -> None:
        raise IndexError("the bug")

    monkeypatch.setattr(planned, "plan_of_sentence", broken)
    with pytest.raises(IndexError):
        solve(write_job(tmp_path / "job"), lambda stage, fraction: None)
    log = (tmp_path / "job" / "log.txt").read_text(encoding="utf-8")
    assert "Traceback" in log and "the bug" in log


def test_a_given_plan_takes_the_place_of_the_rules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rules are not asked; the folder and the report say whose plan it is."""
    plan = json.loads(plan_to_json(make_plan("a woman stands beside the chair", "Chair")))
    monkeypatch.setattr(planned, "plan_of_sentence", lambda *_: pytest.fail("it was asked for"))
    folder = write_job(tmp_path / "job", prompt="a woman sits on the chair", plan=plan)
    solve(folder, lambda stage, fraction: None)
    kept = json.loads((folder / "plan.json").read_text())["value"]
    assert kept["posture"] == "stand" and kept["prompt"] == "a woman sits on the chair"
    report = json.loads((folder / "report.json").read_text())
    assert report["providers"]["plan"] == "given"


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"posture": "fly"}, "fly"),
        ({"contacts": [{"part": "left_wing", "region": "seat", "role": "touch"}]}, "left_wing"),
        (
            {"contacts": [{"part": "head", "region": "seat", "role": "touch", "weight": -1}]},
            "weigh",
        ),
        ({"contacts": 3}, "not a plan"),
        ({"movable": "no"}, "movable"),
        ({"subject": {"age": 4000}}, "age"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_given_plan_is_a_sentence(
    tmp_path: Path, change: dict[str, object], word: str
) -> None:
    plan = json.loads(plan_to_json(make_plan("a woman sits on the chair", "Chair"))) | change
    folder = write_job(tmp_path / "job", plan=plan)
    with pytest.raises(SolverError, match=word):
        planned.plan_of(read_request(folder), (0.5, 0.9, 0.5))


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    folder = write_job(tmp_path / "job")
    (folder / "log.txt").mkdir()
    with pytest.raises(SolverError, match="cannot be written"):
        solve(folder, lambda stage, fraction: None)


def test_another_file_of_the_same_name_is_another_body(tmp_path: Path) -> None:
    body = tmp_path / "body.npz"
    body.write_bytes(b"one")
    first = person.stamp(str(body))
    body.write_bytes(b"another")
    assert person.stamp(str(body)) != first


def test_a_vertex_that_is_no_number_has_no_contact() -> None:
    """Up to one in a hundred is dropped by the intake, but the map lies on all of them."""
    item = item_of(box((0.5, 0.5, 0.5), (0, 0.25, 0)), count=500)
    even = torch.full((len(item.points),), 1 / len(item.points))
    target = Target(Contact("left_hand", "anywhere", "touch"), even, 1.0)
    bad = torch.tensor([[float("nan"), 0.0, 0.0], [1e12, 1e12, 1e12]])
    arrays = contact_arrays(item, Affordance((target,)), torch.cat([item.points[:3], bad]))
    assert arrays["contact_maps"].tolist() == [[1.0, 1.0, 1.0, 0.0, 0.0]]


@pytest.mark.parametrize("away", [0.0, 300.0, 5000.0])
def test_a_fixed_object_far_from_the_origin_is_not_moved(away: float) -> None:
    """The two frames are kept in single precision: their product is the identity only nearly."""
    turn = matrix_from_rotvec(torch.tensor([0.0, 0.7, 0.0]))
    T_scene_world = rigid(turn, torch.tensor([away, 1.0, -away]))
    item = replace(
        item_of(box((0.5, 0.5, 0.5), (0, 0.25, 0)), count=500),
        T_scene_world=T_scene_world,
        T_object_source=torch.linalg.inv(T_scene_world.double()).float(),
    )
    stays = Solution(torch.zeros(52, 3), torch.zeros(3), torch.zeros(10), torch.eye(4), "any")
    assert torch.equal(object_motion(item, stays), torch.eye(4, dtype=torch.float64))
    up = rigid(torch.eye(3), torch.tensor([0.0, 0.5, 0.0]))
    wanted = torch.eye(4, dtype=torch.float64)
    wanted[1, 3] = 0.5
    moved = object_motion(item, replace(stays, T_world_object=up))
    torch.testing.assert_close(moved, wanted, atol=1e-9 + 1e-6 * away, rtol=0)


def test_a_cancelled_job_leaves_no_result(tmp_path: Path) -> None:
    folder = write_job(tmp_path / "job")

    def stop(stage: str, fraction: float) -> None:
        if stage == "Contact" and fraction > 0.5:
            raise Cancelled

    with pytest.raises(Cancelled):
        solve(folder, stop)
    assert not (folder / "solution.npz").exists()


def test_a_device_that_cannot_be_used_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(SolverError, match="cuda"):
        solve(write_job(tmp_path / "job", device="cuda"), lambda stage, fraction: None)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**16))
def test_a_pose_seen_from_the_scene_is_the_moved_body(seed: int) -> None:
    """Posing in the scene equals posing in the world and moving the vertices."""
    generator = torch.Generator().manual_seed(seed)
    body = shape_body(load_body())
    pose, trans = torch.randn(52, 3, generator=generator), torch.randn(3, generator=generator)
    turn = matrix_from_rotvec(torch.randn(3, generator=generator))
    T = rigid(turn, torch.randn(3, generator=generator))
    seen, placed = to_scene(T, pose, trans, body.joints[0])
    moved = transform(T, pose_body(body, matrix_from_rotvec(pose)[None], trans[None]).verts[0])
    direct = pose_body(body, matrix_from_rotvec(seen)[None], placed[None]).verts[0]
    torch.testing.assert_close(direct, moved, atol=1e-4, rtol=0)


def test_a_job_that_only_reads_leaves_the_plan_and_nobody(tmp_path: Path) -> None:
    folder = write_job(tmp_path / "job")
    request = json.loads((folder / "request.json").read_text())
    (folder / "request.json").write_text(json.dumps(request | {"only": "plan"}))
    solve(folder, lambda *_: None)
    plan = plan_from_json((folder / READING).read_text())
    assert plan == planned.plan_of(read_request(folder), planned_size(folder))
    assert not (folder / "solution.npz").exists() and not (folder / "affordance.json").exists()


def planned_size(folder: Path) -> tuple[float, float, float]:
    """Of the object as it was handed over: upright, in metres."""
    with np.load(folder / "object.npz") as file:
        width, height, depth = np.ptp(file["verts"], axis=0)
    return float(width), float(height), float(depth)
