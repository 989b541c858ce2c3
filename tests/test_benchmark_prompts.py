"""The benchmarks' own prompts: well formed, in the vocabulary, and read beside a manifest."""

import json
import sys
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "benchmarks"))

from manifest import read_jobs, read_prompts, with_plans  # noqa: E402

from solver.plan import plan_from_json  # noqa: E402
from solver.vocabulary import POSTURES, RELATIONS, BodyPart  # noqa: E402

PROMPTS = ROOT / "benchmarks" / "prompts.json"
PARTS = {*get_args(BodyPart), "either_hand", "elbows", "forearms"}
"""What the measure of expected contacts understands."""


def test_every_prompt_is_in_the_vocabulary() -> None:
    rows = read_prompts(PROMPTS)
    assert len({row["prompt"] for row in rows}) == len(rows) >= 45
    for row in rows:
        assert set(row["posture"].split("|")) <= set(POSTURES), row
        assert set(row["relation"].split("|")) <= set(RELATIONS), row
        assert row["expected"], row
        for name in row["expected"]:
            assert set(name.split("|")) <= PARTS, row


def test_the_given_plans_are_plans_for_prompts_that_there_are() -> None:
    plans = json.loads((ROOT / "benchmarks" / "plans.json").read_text(encoding="utf-8"))["plans"]
    own = {row["prompt"] for row in read_prompts(PROMPTS)}
    for name, plan in plans.items():
        assert plan_from_json(json.dumps(plan)).prompt == plan["prompt"], name
        number = int(name.rsplit("-", 1)[1])
        assert number <= 2 or plan["prompt"] in own, name


def test_plans_are_found_by_job_and_refused_for_another_prompt(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    jobs = read_jobs(manifest_of(tmp_path, ["chair", "mug"]))
    path = tmp_path / "plans.json"
    path.write_text(json.dumps({"plans": {"mug-1": {"prompt": "uses the mug"}}}))
    assert [job.plan for job in with_plans(jobs, path)] == [None, {"prompt": "uses the mug"}]
    path.write_text(json.dumps({"plans": {"mug-1": {"prompt": "drops the mug"}}}))
    with pytest.raises(SystemExit):
        with_plans(jobs, path)
    assert "drops the mug" in capsys.readouterr().out


def test_a_list_takes_the_place_of_the_manifests_prompts(tmp_path: Path) -> None:
    folder = manifest_of(tmp_path, ["chair", "mug"])
    path = listed(tmp_path, [("mug", "a toast"), ("chair", "kneels on it"), ("mug", "a sip")])
    assert [job.prompt for job in read_jobs(folder)] == ["uses the chair", "uses the mug"]
    jobs = read_jobs(folder, (), path)
    assert [(job.id, job.prompt) for job in jobs] == [
        ("chair-2", "kneels on it"), ("mug-2", "a toast"), ("mug-3", "a sip"),
    ]  # fmt: skip
    assert jobs[0].contacts == ("left_knee",)
    assert [job.id for job in read_jobs(folder, ("mug-3",), path)] == ["mug-3"]


def test_a_prompt_for_an_unknown_object_is_not_left_out_in_silence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = listed(tmp_path, [("piano", "plays")])
    with pytest.raises(SystemExit) as ended:
        read_jobs(manifest_of(tmp_path, ["chair"]), (), path)
    assert ended.value.code == 2
    assert "piano" in capsys.readouterr().out


def test_our_prompts_are_for_these_objects_and_not_theirs(objects_folder: Path) -> None:
    theirs = {job.prompt for job in read_jobs(objects_folder)}
    ours = read_jobs(objects_folder, (), PROMPTS)
    assert len(ours) == len(read_prompts(PROMPTS))
    assert not theirs & {job.prompt for job in ours}


def manifest_of(folder: Path, names: list[str]) -> Path:
    objects = [
        {
            "id": name, "file": f"{name}.obj", "file_to_canonical": np.eye(4).tolist(),
            "prompts": [f"uses the {name}"], "expected_posture": ["sit"],
            "expected_relation": ["on_top"], "expected_contacts": [["buttocks"]],
        }
        for name in names
    ]  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps({"objects": objects}))
    return folder


def listed(folder: Path, rows: list[tuple[str, str]]) -> Path:
    common = {"posture": "kneel", "relation": "on_top", "expected": ["left_knee"]}
    path = folder / "prompts.json"
    path.write_text(
        json.dumps({"prompts": [{"object": o, "prompt": p, **common} for o, p in rows]})
    )
    return path
