"""Results made measurable: a job's folder, and meshes of other systems."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
import trimesh
from rooms import scene
from solid import box
from test_pipeline import write_job

from solver.body import load_body, shape_body
from solver.commands import UNKNOWN_PARTS, measured, measured_meshes
from solver.errors import SolverError
from solver.evaluation import quick
from solver.intake.standing import as_it_stands
from solver.job import read_object
from solver.solved import shown_files, shown_job


def solved(folder: Path) -> Path:
    """A job whose one variant is the T-pose 2 m beside the object, which was lifted by 10 cm."""
    write_job(folder)
    body = shape_body(load_body())
    motion = torch.eye(4, dtype=torch.float64)
    motion[1, 3] = 0.1
    np.savez(
        folder / "solution.npz", posed=(body.verts + torch.tensor([2.0, 0.9, 0.0]))[None],
        pose=np.zeros((1, 52, 3), np.float32), T_scene_source=motion[None], betas=body.betas,
    )  # fmt: skip
    return folder


def test_a_solved_job_is_measured_where_it_stands(tmp_path: Path) -> None:
    folder = solved(tmp_path / "job")
    shown = shown_job(folder)
    verts = read_object(folder)[0]
    moved = verts + np.array([0, 0.1, 0], np.float32)
    torch.testing.assert_close(shown.solid.mesh.low, torch.from_numpy(moved.min(axis=0)))
    assert shown.floor == pytest.approx(float(verts[:, 1].min()))
    plan = {"contacts": [{"part": "left_hand", "region": "seat"}], "posture": "stand",
            "movable": False}  # fmt: skip
    (numbers,) = measured(folder, {"plan": plan, "variants": [{}]})
    assert numbers["contact"] == 0.0 and numbers["expected_within_10"] == 0.0
    assert numbers["limit_deg"] == 0.0 and numbers["expected_mm"] > 500
    with pytest.raises(SolverError, match="no variant 2"):
        shown_job(folder, 2)


def test_the_floor_is_the_one_that_the_report_found(tmp_path: Path) -> None:
    """A mug on a table: who holds it stands on the floor of the room."""
    folder = solved(tmp_path / "job")
    (folder / "report.json").write_text('{"floor": -0.75}')
    assert shown_job(folder).floor == -0.75
    (folder / "report.json").write_text("{")
    with pytest.raises(SolverError, match="report"):
        shown_job(folder)


def test_who_stands_on_a_step_of_the_scene_stands(tmp_path: Path) -> None:
    """The T-pose over a step of 15 cm: each sole is as high over it as the step is below."""
    folder = solved(tmp_path / "job")
    flat = shown_job(folder)
    low = float(flat.verts[:, 1].min())
    (folder / "report.json").write_text(f'{{"floor": {low - 0.15}}}')
    step = box((1.0, low - 0.3, -2.0), (4.0, low, 2.0))
    room = box((-9.0, low - 0.5, -9.0), (9.0, low - 0.15, 9.0))
    for thing, height in (((room,), 150.0), ((room, step), 0.0)):
        arrays = scene(**{str(k): mesh for k, mesh in enumerate(thing)})
        names = np.array(arrays.names)
        np.savez(folder / "scene.npz", **{**vars(arrays), "names": names})
        numbers = quick(shown_job(folder))
        assert numbers["lowest_mm"] == pytest.approx(height, abs=0.1)
        assert numbers["left_heel_mm"] == pytest.approx(height, abs=5.0)


def test_a_job_that_is_not_solved_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SolverError, match="No result"):
        shown_job(write_job(tmp_path / "job"))


def test_meshes_of_another_system_are_measured_without_parts(tmp_path: Path) -> None:
    """A ball 3 cm deep in a box, in the place of a person."""
    ball = trimesh.creation.icosphere(subdivisions=4, radius=0.2)
    ball.apply_translation([0, 0.67, 0])
    ball.export(tmp_path / "person.obj")
    crate = box((-0.5, 0, -0.5), (0.5, 0.5, 0.5))
    trimesh.Trimesh(crate.verts.numpy(), crate.faces.numpy()).export(tmp_path / "object.ply")
    files = tmp_path / "person.obj", tmp_path / "object.ply"
    numbers, left_out = measured_meshes(*files, None, ("left_hand",))
    assert left_out == UNKNOWN_PARTS
    assert numbers["penetration_mm"] == pytest.approx(30.0, abs=0.5)
    assert numbers["lowest_mm"] == pytest.approx(470.0, abs=0.5)
    assert not [name for name in numbers if "hand" in name or "expected" in name]
    assert shown_files(*files, floor=-0.2).floor == -0.2


def test_a_body_in_the_known_layout_keeps_its_parts(tmp_path: Path) -> None:
    body = shape_body(load_body())
    person = trimesh.Trimesh(body.verts.numpy(), body.faces.numpy(), process=False)
    person.export(tmp_path / "person.ply")
    trimesh.creation.box((0.1, 0.1, 0.1)).export(tmp_path / "object.stl")
    numbers, left_out = measured_meshes(
        tmp_path / "person.ply", tmp_path / "object.stl", None, ("left_hand",)
    )
    assert "joint limits" in left_out and "limit_deg" not in numbers
    assert numbers["expected"] == 1.0 and "hard_penetration_mm" in numbers


@pytest.mark.parametrize("content", [None, b"", b"no mesh"])
def test_a_file_that_is_no_mesh_is_a_sentence(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "thing.obj"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SolverError, match="cannot be read as a mesh") as caught:
        shown_files(path, path, None)
    assert ".obj" in caught.value.remedy


def test_the_command_measures_meshes_or_a_job_and_says_when_it_has_neither(tmp_path: Path) -> None:
    trimesh.creation.icosphere(radius=0.2).export(tmp_path / "a.ply")
    trimesh.creation.box((0.1, 0.1, 0.1)).export(tmp_path / "b.ply")
    command = [sys.executable, "-m", "solver", "evaluate"]
    files = ["--body", str(tmp_path / "a.ply"), "--object", str(tmp_path / "b.ply")]
    done = subprocess.run([*command, *files], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "penetration_mm" in done.stdout
    assert "left out" in " ".join(done.stderr.split())
    done = subprocess.run([*command, *files[:2]], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "both --body and --object" in done.stderr


def test_an_object_as_it_stands_is_turned_outward_and_filled() -> None:
    """A cupboard of six boards, one of them inside out: its cavity is solid, its place its own."""
    wide, thick = 0.6, 0.02
    low = thick, wide - thick
    sides = ((0.0, thick), (wide - thick, wide))
    boards = [box((5, y0, 0), (5.6, y1, wide)) for y0, y1 in sides]
    boards += [box((5 + x0, low[0], 0), (5 + x1, low[1], wide)) for x0, x1 in sides]
    boards += [box((5.02, low[0], z0), (5.58, low[1], z1)) for z0, z1 in sides]
    verts = np.concatenate([board.verts.numpy() for board in boards])
    faces = np.concatenate([board.faces.numpy() + 8 * k for k, board in enumerate(boards)])
    faces[:12] = faces[:12, ::-1]
    surface = as_it_stands(verts, faces, "cupboard")
    places = torch.tensor([[5.3, 0.3, 0.3], [5.3, 0.01, 0.3], [5.3, 0.7, 0.3]])
    inside = surface.query(places)[0] < 0
    assert inside.tolist() == [True, True, False]
    torch.testing.assert_close(surface.mesh.low, torch.tensor([5.0, 0.0, 0.0]))
