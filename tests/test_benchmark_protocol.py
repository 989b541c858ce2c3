"""The paper's protocol: its list, whose mesh is missing, what the solver is handed."""

import json
import shutil
import sys
from pathlib import Path

import made_systems
import numpy as np
import pytest
import trimesh
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "benchmarks"))

import protocol
from systems import FORMATS, is_result

from solver.errors import SolverError
from solver.job import read_object, read_request

PAPER = {
    "BEHAVE": ["backpack", "basketball", "chairwood", "keyboard", "suitcase"],
    "generated from text": ["motorcycle", "car", "television", "baby_doll", "humanoid_robot"],
}


@pytest.fixture
def meshes(tmp_path: Path) -> Path:
    """A car in centimetres, Z up, and a keyboard in a folder of its own."""
    folder = tmp_path / "meshes"
    (folder / "keyboard").mkdir(parents=True)
    trimesh.creation.box((400, 180, 150)).export(folder / "car.ply")
    trimesh.creation.box((0.45, 0.03, 0.15)).export(folder / "keyboard" / "scan.obj")
    (folder / "keyboard" / "notes.txt").write_text("no mesh")
    return folder


def solved(folder: Path, report: object) -> None:
    """A solver that answers with boxes, and fails where one wipes."""
    prompt = read_request(folder).prompt
    if "wipes the side" in prompt:
        raise SolverError("Too dirty.", remedy="Wash it.")
    made_systems.ours(folder / "made", prompt)
    shutil.move(folder / "made" / "solution.npz", folder / "solution.npz")
    shutil.move(folder / "made" / "object.npz", folder / "object.npz")
    words = {"variants": [{"metrics": {"hard_penetration_mm": 1.0}}], "warnings": ["a", "b"]}
    (folder / "report.json").write_text(json.dumps(words))


def test_the_list_is_the_papers(meshes: Path) -> None:
    categories = protocol.read_categories(protocol.MANIFEST, meshes)
    by_origin = {origin: [c.id for c in categories if c.origin == origin] for origin in PAPER}
    assert by_origin == PAPER and len(categories) == 10
    sentences = [words for category in categories for words in category.prompts]
    assert all(len(category.prompts) == 5 for category in categories)
    assert len(set(sentences)) == 50


def test_meshes_are_found_by_name_and_missing_ones_named(meshes: Path) -> None:
    found = {c.id: c.mesh for c in protocol.read_categories(protocol.MANIFEST, meshes)}
    assert found["car"] == meshes / "car.ply"
    assert found["keyboard"] == meshes / "keyboard" / "scan.obj"
    assert {name for name, mesh in found.items() if mesh} == {"car", "keyboard"}
    words = protocol.wanted("baby_doll")
    assert "baby_doll.glb" in words and all(suffix in words for suffix in FORMATS)


def test_results_failures_and_what_was_left_out(
    meshes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    options = protocol.Options(meshes, out, size=24, views=3)
    with pytest.raises(SystemExit) as ended:
        protocol.main(options, solved)
    assert ended.value.code == 1
    told = capsys.readouterr().out
    assert "Left out: humanoid robot (generated from text): no humanoid_robot.glb" in told
    report = json.loads(told[told.index("{\n") :])
    assert (report["jobs"], report["results"], report["categories"]) == (10, 9, 2)
    assert report["failures"] == ["car-5: Too dirty. Wash it."]
    rows = (out / "results.csv").read_text().splitlines()
    assert len(rows) == 11 and "hard_penetration_mm" in rows[0]
    assert is_result(out / "jobs" / "keyboard-3")
    assert Image.open(out / "pictures" / "keyboard-3.png").size == (72, 24)
    protocol.main(protocol.Options(meshes, out, size=24, views=1, only=("car-1",)), solved)
    assert len((out / "results.csv").read_text().splitlines()) == 2


def test_without_any_mesh_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(SolverError, match="no mesh of any category"):
        protocol.main(protocol.Options(tmp_path, tmp_path / "out"), solved)


def job_of(meshes: Path, tmp_path: Path) -> Path:
    (car,) = [c for c in protocol.read_categories(protocol.MANIFEST, meshes) if c.id == "car"]
    protocol.write_job(car, "pushes the car", tmp_path / "job", protocol.Options(meshes))
    return tmp_path / "job"


def test_without_frames_the_solver_estimates(meshes: Path, tmp_path: Path) -> None:
    request = read_request(job_of(meshes, tmp_path))
    assert (request.placement, request.front) == ("estimate", "auto")


def test_frames_turn_and_scale(meshes: Path, tmp_path: Path) -> None:
    frames = {"car": {"up": "+z", "metres": 0.01, "front": "-y"}}
    (meshes / "frames.json").write_text(json.dumps(frames))
    folder = job_of(meshes, tmp_path)
    request = read_request(folder)
    assert (request.placement, request.front) == ("keep", "+z")
    assert np.ptp(read_object(folder)[0], axis=0) == pytest.approx([4.0, 1.5, 1.8], abs=1e-5)


@pytest.mark.parametrize(
    "content",
    ["{", "[]", '{"cart": {}}', '{"car": {"top": "+z"}}', '{"car": {"up": "z"}}',
     '{"car": {"metres": 0}}', '{"car": {"metres": "m"}}', '{"car": {"front": "north"}}'],
)  # fmt: skip
def test_frames_that_cannot_be_understood(meshes: Path, content: str) -> None:
    (meshes / "frames.json").write_text(content)
    with pytest.raises(SolverError, match=r"frames\.json"):
        protocol.read_categories(protocol.MANIFEST, meshes)


def test_a_broken_mesh_is_a_failure_of_its_jobs(meshes: Path, tmp_path: Path) -> None:
    (meshes / "car.ply").write_bytes(b"ply\nnonsense")
    with pytest.raises(SolverError, match=r"car\.ply"):
        job_of(meshes, tmp_path)
