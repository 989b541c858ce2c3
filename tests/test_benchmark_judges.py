"""What stands between results and judges: reading, drawing, counting."""

import csv
import json
import math
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import made_systems
import numpy as np
import pytest
import torch
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "benchmarks"))

import clip_score
import sheet
import tally
from intervals import bootstrap, sign_test, wilson
from systems import UPS, jobs_of, missing, read_scene, read_systems
from views import (
    EVERYDAY,
    GREY,
    PITCHES,
    dressed,
    generator_of,
    random_look,
    random_pictures,
    random_sides,
)

from solver.errors import SolverError
from solver.pretrained.clip import ImageText


@pytest.fixture
def two(tmp_path: Path) -> list[str]:
    """Ours with two jobs, theirs with one of them; the words that name them."""
    made_systems.ours(tmp_path / "a" / "crate-1", "stands beside the crate")
    made_systems.ours(tmp_path / "a" / "crate-2", "sits on the crate", shift=0.4)
    made_systems.theirs(tmp_path / "b" / "crate-1", "stands beside the crate")
    return [f"ours={tmp_path / 'a'}", f"theirs={tmp_path / 'b'}"]


def test_units_and_axes_of_a_system_do_not_show(two: list[str]) -> None:
    ours, theirs = (read_scene(s.folder / "crate-1") for s in read_systems(two))
    assert torch.allclose(ours.person.verts, theirs.person.verts, atol=1e-5)
    assert torch.allclose(ours.object.verts, theirs.object.verts, atol=1e-5)
    assert ours.floor == pytest.approx(theirs.floor, abs=1e-6)
    seen = [random_pictures(each, "crate-1", size=64, plain=True) for each in (ours, theirs)]
    for mine, other in zip(*seen, strict=True):
        apart = np.abs(np.asarray(mine, int) - np.asarray(other, int)).max(axis=-1)
        assert (apart > 8).mean() < 0.01, "the same pictures, but for a pixel at an edge"
        assert np.asarray(mine).std() > 5


def test_every_up_axis_becomes_y() -> None:
    for name, turn in UPS.items():
        axis = np.zeros(3)
        axis["xyz".index(name[1])] = 1.0 if name[0] == "+" else -1.0
        assert np.array_equal(turn @ axis, [0, 1, 0])
        assert np.linalg.det(turn) == pytest.approx(1.0)


def test_systems_say_what_they_lack(two: list[str], tmp_path: Path) -> None:
    systems = read_systems(two)
    jobs = jobs_of(systems)
    assert jobs == {"crate-1": "stands beside the crate", "crate-2": "sits on the crate"}
    assert missing(systems, list(jobs)) == ["theirs has no result for crate-2"]
    assert list(jobs_of(systems, ["crate-2"])) == ["crate-2"]
    (tmp_path / "b" / "crate-1" / "prompt.txt").write_text("lies on the crate")
    with pytest.raises(SolverError, match=r"not the same everywhere.*lies on the crate"):
        jobs_of(systems)
    (tmp_path / "b" / "crate-3").mkdir()
    with pytest.raises(SolverError, match="'crate-3' is not known"):
        jobs_of(systems, ["crate-3"])


@pytest.mark.parametrize("words", ["ours", "=x", "ours=nowhere"])
def test_a_system_needs_name_and_folder(words: str) -> None:
    with pytest.raises(SolverError, match="names no system"):
        read_systems([words])


def test_what_cannot_be_read_is_said(two: list[str], tmp_path: Path) -> None:
    with pytest.raises(SolverError, match="Two systems"):
        read_systems([two[0], two[0]])
    folder = tmp_path / "b" / "crate-1"
    for content in ('{"up": "y"}', '{"metres": 0}', '{"scale": 1}', "[1]", "{"):
        (folder / "frame.json").write_text(content)
        with pytest.raises(SolverError):
            read_scene(folder)
    (folder / "frame.json").unlink()
    (folder / "object.ply").write_bytes(b"ply\nnonsense")
    with pytest.raises(SolverError, match=r"object\.ply"):
        read_scene(folder)
    (folder / "object.ply").unlink()
    with pytest.raises(SolverError, match="neither a solution nor a mesh 'object'"):
        read_scene(folder)


def test_sides_and_looks_depend_on_seed_and_job_alone() -> None:
    sides = random_sides(500, generator_of(0, "chair-1"))
    assert sides == random_sides(500, generator_of(0, "chair-1"))
    assert sides != random_sides(500, generator_of(1, "chair-1"))
    assert sides != random_sides(500, generator_of(0, "chair-2"))
    yaws, pitches = np.array(sides).T
    assert PITCHES[0] <= pitches.min() and pitches.max() <= PITCHES[1]
    quarters = np.histogram(yaws, bins=4, range=(0, 360))[0]
    assert quarters.min() > 90, "no side is favoured"
    looks = {random_look(generator_of(k, "chair-1")) for k in range(20)}
    assert len(looks) > 15 and {look.stripe > 0 for look in looks} == {True, False}


def test_clothes_cover_every_triangle_once(two: list[str]) -> None:
    ours, theirs = (read_scene(s.folder / "crate-1") for s in read_systems(two))
    for look in (EVERYDAY, replace(EVERYDAY, trims=EVERYDAY.colours, stripe=0.3)):
        pieces = torch.cat([mesh.faces for mesh, _ in dressed(ours, look)])
        assert torch.equal(
            torch.unique(pieces, dim=0), torch.unique(ours.person.faces, dim=0)
        ) and len(pieces) == len(ours.person.faces)
    assert [colour for _, colour in dressed(theirs, EVERYDAY)] == [EVERYDAY.colours[1]]
    assert {colour for _, colour in dressed(ours, GREY)} == {GREY.colours[0]}


def test_a_blind_sheet_names_nobody(two: list[str], tmp_path: Path) -> None:
    out = tmp_path / "sheet.png"
    options = sheet.Options(tuple(two), out, size=48, rows=1, blind=True)
    sheet.main(options)
    assert out.exists() and out.with_stem("sheet-2").exists()
    orders = json.loads(out.with_suffix(".json").read_text())
    assert all(sorted(names) == ["ours", "theirs"] for names in orders.values())
    systems = read_systems([f"s{k}={tmp_path}" for k in range(3)])
    seen = {tuple(s.name for s in sheet.order(systems, f"j-{k}", options)) for k in range(60)}
    assert len(seen) == 6, "every order comes up"


def test_a_system_without_a_result_stays_white(two: list[str]) -> None:
    options = sheet.Options(tuple(two), size=48)
    image = sheet.row("crate-2", "", read_systems(two), options)
    pixels = np.asarray(image)[2 * sheet.LINE :]
    assert (pixels[:, 144:] == 255).all() and not (pixels[:, :144] == 255).all()


class Brightness:
    """An oracle: a picture fits the sentence `0.3` the better, the nearer its grey is to 0.3."""

    name = "oracle"

    def cosines(self, pictures: Sequence[Image.Image], sentences: Sequence[str]) -> torch.Tensor:
        """See `ImageText`."""
        grey = torch.tensor([float(np.asarray(p.convert("L")).mean()) / 255 for p in pictures])
        return 1 - (grey[:, None] - torch.tensor([float(s) for s in sentences])).abs()


def test_a_score_is_the_cosine_of_the_jobs_own_sentence(two: list[str], tmp_path: Path) -> None:
    assert isinstance(Brightness(), ImageText)
    (ours,) = read_systems(two[:1])
    options = clip_score.Options("", tuple(two), tmp_path / "out", views=3, size=32)
    jobs = {"crate-1": "0.9", "crate-2": "0.1", "mug-1": "0.9"}
    scores = clip_score.scored(ours, "crate-1", jobs, Brightness(), options)
    assert [one.view for one in scores] == [0, 1, 2]
    for one in scores:
        path = tmp_path / "out" / "pictures" / "ours" / f"crate-1-{one.view}.png"
        wanted = Brightness().cosines([Image.open(path)], ["0.9"])
        assert one.cosine == pytest.approx(float(wanted), abs=1e-6)
        assert one.own_first is True, "the pictures are light; the other sentence wants them dark"
    alone = clip_score.scored(ours, "crate-1", {"crate-1": "0.5"}, Brightness(), options)
    assert [one.own_first for one in alone] == [None] * 3


def test_means_are_over_jobs_and_differences_over_common_ones() -> None:
    rows = [("a", "mug-1", 0.2), ("a", "mug-1", 0.4), ("a", "car-1", 0.6), ("b", "mug-1", 0.1),
            ("b", "mug-1", 0.2), ("b", "box-1", 0.9)]  # fmt: skip
    scores = [clip_score.Score(s, job, k % 2, x, None) for k, (s, job, x) in enumerate(rows)]
    report = clip_score.summary(scores, ["a", "b"])
    assert report["systems"]["a"]["clip"] == pytest.approx(0.45)
    assert report["systems"]["a"]["categories"] == {"mug": 0.3, "car": 0.6}
    assert report["apart"]["a - b"]["mean"] == pytest.approx(0.15)
    assert report["apart"]["a - b"]["jobs"] == 1


def test_intervals() -> None:
    assert wilson(21, 46) == pytest.approx((0.3215, 0.5982), abs=2e-3)
    assert (
        wilson(0, 10)[0] == 0.0
        and wilson(10, 10)[1] == pytest.approx(1)
        and wilson(0, 0) == (0.0, 1.0)
    )
    low, high = wilson(30, 100)
    for edge in (low, high):  # Where the normal approximation at the edge itself just reaches.
        assert abs(0.3 - edge) / math.sqrt(edge * (1 - edge) / 100) == pytest.approx(1.96, abs=1e-3)
    assert sign_test(5, 5) == 1.0 and sign_test(10, 0) == pytest.approx(2 / 1024)
    values = np.random.default_rng(1).normal(3.0, 1.0, 400)
    low, high = bootstrap([[x] for x in values])
    assert (low + high) / 2 == pytest.approx(values.mean(), abs=0.02)
    assert high - low == pytest.approx(2 * 1.96 * values.std() / 20, rel=0.1)
    assert bootstrap([[1.0, 1.0]] * 4) == (1.0, 1.0)
    wide, alike = bootstrap([[x] for x in values[:40]]), bootstrap([[x] * 9 for x in values[:40]])
    assert wide == pytest.approx(alike), "pictures of one job are no further evidence"


def filled(path: Path, verdicts: dict[str, tuple[str, str]]) -> None:
    lines = path.read_text().splitlines()
    done = [lines[0]]
    for line in lines[1:]:
        job = line.split(",")[0]
        done.append(line[:-1] + ",".join(verdicts[job]) if line.endswith(",,") else line)
    path.write_text("\n".join(done) + "\n")


def test_a_table_of_verdicts_from_start_to_count(
    two: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table, out = tmp_path / "verdicts.csv", tmp_path / "sheet.png"
    sheet.main(sheet.Options(tuple(two), out, size=16, blind=True))
    key = out.with_suffix(".json")
    tally.start(tuple(two), table, key)
    with pytest.raises(SolverError, match="there already"):
        tally.start(tuple(two), table, key)
    with pytest.raises(SolverError, match="'' is none of"):
        tally.count(table, key)
    letters = {name: "AB"[k] for k, name in enumerate(json.loads(key.read_text())["crate-1"])}
    there = "AB"[json.loads(key.read_text())["crate-2"].index("ours")]
    filled(table, {
        f"crate-1/{letters['ours']}": ("plausible", ""), f"crate-2/{there}": ("plausible", ""),
        f"crate-1/{letters['theirs']}": ("flawed", "D: hovers"),
    })  # fmt: skip
    capsys.readouterr()
    tally.count(table, key)
    found = json.loads(capsys.readouterr().out)
    assert found["ours"]["verdicts"] == {"plausible": 2, "flawed": 0, "laughable": 0, "none": 0}
    assert found["theirs"]["verdicts"] == {"plausible": 0, "flawed": 1, "laughable": 0, "none": 1}
    assert found["ours"]["ci95"] == [round(x, 3) for x in wilson(2, 2)]


def test_verdicts_need_reasons_and_the_kept_ones_have_them() -> None:
    row = {"job": "a-1", "prompt": "", "verdict": "flawed", "because": " "}
    assert tally.faults([row]) == ["a-1: flawed without a reason"]
    assert "2 times" in tally.faults([{**row, "because": "C"}] * 2)[0]
    with pytest.raises(SolverError, match="does not know"):
        tally.shares([{**row, "job": "a-1/C"}], {"a-1": ["x", "y"]})
    kept = Path(tally.__file__).parent / "verdicts" / "pictures.csv"
    with kept.open(newline="", encoding="utf-8") as file:
        assert tally.faults(list(csv.DictReader(file))) == []
