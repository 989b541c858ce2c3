"""The figures of a benchmark: lines against goals, hands and contacts, runs side by side."""

import sys
from pathlib import Path

import numpy as np
import pytest

from solver.errors import SolverError

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "benchmarks"))

from compare import difference_table, paired, read_table, side_by_side  # noqa: E402
from goals import (  # noqa: E402
    JOBS,
    Line,
    beyond,
    contact_rows,
    figures,
    hand_rows,
    median,
    p95,
    printed,
    within,
)  # fmt: skip
from rows import grasp_kinds  # noqa: E402


def row(job: str, **values: object) -> dict[str, object]:
    return {"job": job, "posture": "sit", "relation": "on_top", "expected": 2.0} | values


def test_a_line_is_met_or_missed_over_the_rows_it_speaks_of() -> None:
    rows = [row(str(k), depth=float(k)) for k in range(11)]
    lines = (
        Line("median", "depth", median, "<= 5"),
        Line("p95", "depth", p95, "<= 5"),
        Line("share", "depth", within(2.0), ">= 0.25"),
        Line("deep", "depth", beyond(10.0)),
        Line("lying", "depth", median, "<= 1", lambda one: one["posture"] == "lie"),
        Line("absent", "nothing", median, "<= 1"),
    )
    found = figures(lines, rows)
    assert [one.value for one in found[:4]] == pytest.approx([5.0, 9.5, 3 / 11, 1 / 11])
    assert [one.met for one in found] == [True, False, True, None, None, None]
    assert [one.count for one in found] == [11, 11, 11, 11, 0, 0]
    text = printed(found)
    assert "MISSED" in text and "lying" not in text


def test_empty_cells_are_left_out() -> None:
    rows = [row("a", slip_mm=2.0), row("b", slip_mm=""), row("c")]
    assert figures((Line("slip", "slip_mm", median),), rows)[0].count == 1


def test_every_line_of_the_summary_reads_a_table_without_its_column() -> None:
    assert all(one.count == 0 for one in figures(JOBS, [row("a")]))


def test_contacts_and_hands_become_rows_of_their_own() -> None:
    values = {
        f"{side}_{name}": value
        for side in ("left", "right")
        for name, value in {
            "hand_volume_cm3": 2.0, "hand_depth_mm": 1.0, "fingers": 3.0, "thumb": 1.0,
            "shape": "power", "kind": "rod" if side == "left" else "",
        }.items()
    }  # fmt: skip
    one = row("a", contacts="left_hand:0.50:7.25:1 buttocks:12.00:0.00:0", **values)
    hand = hand_rows([one])
    assert [each["kind"] for each in hand] == ["rod"] and hand[0]["power"] == 1.0
    touching = contact_rows([one, row("b", contacts="")])
    assert [each["gap_mm"] for each in touching] == [0.5, 12.0]
    assert [each["sunk"] for each in touching] == [1.0, 0.0]


@pytest.mark.parametrize(
    ("shape", "role", "radius", "thick", "kind"),
    [
        ("power", "grasp", 16.0, 99.0, "rod"),
        ("power", "grasp", 0.0, 25.0, "rod"),
        ("power", "grasp", 30.0, 25.0, "other"),
        ("flat", "grasp", 0.0, 25.0, "other"),
        ("power", "touch", 16.0, 25.0, ""),
    ],
)
def test_a_rod_is_thin_and_grasped(
    shape: str, role: str, radius: float, thick: float, kind: str
) -> None:
    plan = {"hands": {"left": shape}, "contacts": [{"part": "left_hand", "role": role}]}
    values = {"left_thickness_mm": thick, "right_thickness_mm": 0.0}
    radii = {"left_hand": radius} if radius else {}
    found = grasp_kinds(plan, values, radii)
    assert found["left_kind"] == kind and found["right_kind"] == ""


def test_paired_differences_cancel_what_the_jobs_have_in_common() -> None:
    """Depths differ by a metre between jobs and by 1 mm +- 0.1 between runs."""
    generator = np.random.default_rng(2)
    depth, noise = generator.uniform(0, 1000, 60), generator.normal(1.0, 0.1, 60)
    first = [row(str(k), hard_penetration_mm=d) for k, d in enumerate(depth)]
    second = [row(str(k), hard_penetration_mm=d) for k, d in enumerate(depth + noise)]
    found = paired(first, second[::-1], "hard_penetration_mm")
    assert found.mean == pytest.approx(noise.mean())
    error = noise.std() / np.sqrt(60)
    assert found.low == pytest.approx(found.mean - 1.96 * error, abs=0.3 * error)
    assert found.high == pytest.approx(found.mean + 1.96 * error, abs=0.3 * error)
    assert found.verdict(-1) == "worse" and found.verdict(1) == "better"
    assert paired(first, second, "hard_penetration_mm") == paired(
        first, second, "hard_penetration_mm"
    ), "the seed is fixed"


def test_an_interval_with_zero_in_it_says_nothing() -> None:
    first = [row(str(k), drift_mm=0.0) for k in range(20)]
    second = [row(str(k), drift_mm=float((-1) ** k)) for k in range(20)]
    assert paired(first, second, "drift_mm").verdict(-1) == ""
    assert paired(first, [row("z", drift_mm=1.0)], "drift_mm").count == 0


def test_tables_stand_side_by_side(tmp_path: Path) -> None:
    for name, depth in (("full", 2), ("bare", 9)):
        lines = ["job,posture,relation,expected,contacts,hard_penetration_mm,slip_mm,failure"]
        lines += [f"{k},sit,on_top,1,hand:1:2:0,{depth + k},," for k in range(8)]
        (tmp_path / f"{name}.csv").write_text("\n".join([*lines, "x,,,,,,,no"]))
    runs = {name: read_table(tmp_path / f"{name}.csv") for name in ("full", "bare")}
    text = side_by_side(runs)
    line = next(one for one in text.splitlines() if one.startswith("hard parts, median"))
    assert "5.500 (  8)" in line and "12.500 (  8)" in line
    table = difference_table(runs)
    assert "bare minus full" in table and "worse" in table and "slip_mm" not in table
    with pytest.raises(SolverError, match="No table"):
        read_table(tmp_path / "none.csv")
