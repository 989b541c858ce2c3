"""The commands beside `run`: a sheet of contacts, a table of numbers, a pose for other tools."""

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image
from test_pipeline import write_job

from solver import doctor
from solver.artefacts import Affordance
from solver.body import load_body, shape_body
from solver.body.amass import load_amass
from solver.commands import draw_affordance, export_amass, metric_rows, read_report
from solver.errors import SolverError
from solver.geometry.rotations import matrix_from_rotvec
from solver.render.maps import LINE


@pytest.mark.slow
def test_the_sheet_has_a_row_for_every_contact(tmp_path: Path) -> None:
    folder, picture = write_job(tmp_path / "job"), tmp_path / "deep" / "sheet.png"
    stages: list[str] = []
    found = draw_affordance(folder, picture, lambda stage, _: stages.append(stage))
    assert {one.contact.part for one in found.targets} >= {"buttocks", "back"}
    assert set(stages) == {"Object", "Plan", "Contacts"}
    with Image.open(picture) as image:
        assert image.size == (4 * 240, len(found.targets) * (240 + LINE))
        seat = np.asarray(image)[LINE : LINE + 240].astype(int)
    assert ((seat[..., 0] - seat[..., 1]) > 60).sum() > 100, "the seat is red"
    assert (folder / "affordance.json").exists(), "a run goes on from here"


def test_a_job_without_contact_has_no_sheet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, nothing = write_job(tmp_path / "job"), SimpleNamespace(affordance=Affordance(()))
    monkeypatch.setattr("solver.commands.understand", lambda *_: nothing)
    with pytest.raises(SolverError, match="No contact"):
        draw_affordance(folder, tmp_path / "sheet.png", lambda *_: None)


def test_numbers_stand_in_columns_by_variant(tmp_path: Path) -> None:
    variants = [{"metrics": {"gap_mm": 1.25, "floor_mm": 0.0}}, {"metrics": {"gap_mm": 3}}]
    (tmp_path / "report.json").write_text(json.dumps({"variants": variants}))
    report = read_report(tmp_path)
    rows = metric_rows([one["metrics"] for one in report["variants"]])
    assert rows == [("gap_mm", "1.25", "3"), ("floor_mm", "0", "-")]


@pytest.mark.parametrize("content", [None, "[]", "{}", '{"variants": []}', "x"])
def test_a_job_without_a_report_is_a_sentence(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "report.json").write_text(content)
    with pytest.raises(SolverError, match="No result") as caught:
        read_report(tmp_path)
    assert "run JOB" in caught.value.remedy


def test_an_exported_pose_is_the_solved_one(tmp_path: Path) -> None:
    folder = write_job(tmp_path / "job")
    pose, trans = torch.randn(2, 52, 3) * 0.3, torch.randn(2, 3)
    np.savez(folder / "solution.npz", pose=pose, trans=trans, betas=np.zeros(10, np.float32))
    export_amass(folder, tmp_path / "pose.npz", 2, "smplx")
    read, moved = load_amass(tmp_path / "pose.npz", shape_body(load_body()))
    torch.testing.assert_close(
        matrix_from_rotvec(read[0]), matrix_from_rotvec(pose[1]), atol=1e-5, rtol=0
    )
    torch.testing.assert_close(moved[0], trans[1], atol=1e-5, rtol=0)
    with pytest.raises(SolverError, match="no variant 3"):
        export_amass(folder, tmp_path / "pose.npz", 3, "classic")


def test_the_doctor_finds_what_is_installed_and_does_not_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken() -> None:
        raise OSError("libwarp.so: cannot open shared object file")

    assert doctor.healthy()
    monkeypatch.setattr(doctor, "warm_up", broken)
    assert not doctor.healthy()
    assert "libwarp.so" in doctor.diagnose()[-1][1]


@pytest.mark.slow
def test_brackets_in_a_path_are_no_markup(tmp_path: Path) -> None:
    folder = tmp_path / "jobs [/x]" / "one [bold]"
    folder.mkdir(parents=True)
    (folder / "request.json").write_text("[]")
    command = [sys.executable, "-m", "solver", "batch", str(folder.parent)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "MarkupError" not in done.stderr
    assert "[bold]" in done.stdout


def test_a_plan_as_json_keeps_a_long_sentence_in_one_line() -> None:
    sentence = "a tall old man with a hat sits on the chair, reading the paper, " * 4
    command = [sys.executable, "-m", "solver", "plan", sentence.strip(" ,"), "--json"]
    made = subprocess.run(command, check=True, capture_output=True, text=True)
    assert json.loads(made.stdout)["prompt"] == sentence.strip(" ,")
