"""The lines of a benchmark's summary: what is measured, over which jobs, and what it should be."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Row = dict[str, Any]
Statistic = Callable[[Sequence[float]], float]


def median(values: Sequence[float]) -> float:
    """Half are below."""
    return float(np.median(values))


def p95(values: Sequence[float]) -> float:
    """One in twenty is above."""
    return float(np.percentile(values, 95))


def mean(values: Sequence[float]) -> float:
    """The average."""
    return float(np.mean(values))


def within(limit: float) -> Statistic:
    """The share of values up to a limit."""
    return lambda values: float(np.mean(np.asarray(values) <= limit))


def beyond(limit: float) -> Statistic:
    """The share of values from a limit on."""
    return lambda values: float(np.mean(np.asarray(values) >= limit))


def every(_: Row) -> bool:
    """All rows."""
    return True


def posture(*names: str) -> Callable[[Row], bool]:
    """Rows of these postures on the object."""
    return lambda row: row["posture"] in names and row["relation"] == "on_top"


@dataclass(frozen=True)
class Line:
    """One figure."""

    name: str
    column: str
    statistic: Statistic
    goal: str = ""
    """`<= 5` or `>= 0.9`; empty: it is only reported."""
    among: Callable[[Row], bool] = every


@dataclass(frozen=True)
class Figure:
    """What a line came to."""

    name: str
    value: float
    count: int
    goal: str
    met: bool | None
    """None where there is no goal or no row."""


def asks(row: Row) -> bool:
    """Something is expected to touch."""
    return row["expected"] > 0


def leans(row: Row) -> bool:
    """Trunk or thighs touch the object."""
    return float(row.get("soft_touching_cm2") or 0.0) > 10


def held(kind: str) -> Callable[[Row], bool]:
    """Hands that hold a rod, or something else."""
    return lambda row: row["kind"] == kind


JOBS = (
    Line("non-collision, mean", "non_collision", mean, ">= 0.99"),
    Line("  with everything that stands there", "scene_non_collision", mean, ">= 0.99"),
    Line("contact (2 mm), where expected", "contact", mean, ">= 1", asks),
    Line("hard parts, median mm", "hard_penetration_mm", median, "<= 5"),
    Line("hard parts, p95 mm", "hard_penetration_mm", p95, "<= 15"),
    Line("trunk and thighs, median mm", "soft_penetration_mm", median, "<= 12"),
    Line("  where they touch, median mm", "soft_penetration_mm", median, "<= 12", leans),
    Line("trunk and thighs, p95 mm", "soft_penetration_mm", p95, "<= 25"),
    Line("shared volume / body, median", "volume_share", median, "<= 0.05"),
    Line("sitting: touching, median cm2", "touching_cm2", median, ">= 300", posture("sit")),
    Line("  share of sitting >= 300 cm2", "touching_cm2", beyond(300), "", posture("sit")),
    Line("  sunk deeper than 5 mm, cm2", "sunk_cm2", median, "", posture("sit")),
    Line("lying: touching, median cm2", "touching_cm2", median, ">= 800", posture("lie")),
    Line("  share of lying >= 800 cm2", "touching_cm2", beyond(800), "", posture("lie")),
    Line("  sunk deeper than 5 mm, cm2", "sunk_cm2", median, "", posture("lie")),
    Line("below the floor, share <= 3 mm", "below_floor_mm", within(3), ">= 1"),
    Line("standing soles, share <= 3 mm", "standing_mm", within(3), ">= 1"),
    Line("  heel and ball level, share <= 10 mm", "sole_tilt_mm", within(10), ">= 0.95"),
    Line("joint limits, share <= 1 deg", "limit_deg", within(1), ">= 1"),
    Line("self-penetration, share <= 5 mm", "self_penetration_mm", within(5), ">= 1"),
    Line("self-penetration, p95 mm", "self_penetration_mm", p95),
    Line("wrong-part contact, median cm2", "wrong_contact_cm2", median),
    Line("wrong-part contact, p95 cm2", "wrong_contact_cm2", p95),
    Line("support residual, share < 10 %", "support_residual", within(0.0999), ">= 0.9"),
    Line("support residual, median", "support_residual", median),
    Line("drift of the body at rest, median mm", "drift_mm", median),
    Line("success (F1), share", "success", mean),
)
CONTACTS = (
    Line("expected contacts <= 10 mm, share", "gap_mm", within(10), ">= 0.95"),
    Line("  of which sunk in", "sunk", mean),
    Line("  depth at them, median mm", "depth_mm", median),
    Line("  depth at them, p95 mm", "depth_mm", p95),
)
HANDS = tuple(
    Line(f"{name}: {words}", column, statistic, goal, held(kind))
    for kind, name in (("rod", "rods 1-4 cm"), ("other", "other shapes"))
    for words, column, statistic, goal in (
        ("volume, median cm3", "volume_cm3", median, ""),
        ("volume <= 3.8 cm3, share", "volume_cm3", within(3.8), ">= 1" if kind == "rod" else ""),
        ("depth, median mm", "depth_mm", median, ""),
        ("depth <= 3 mm, share", "depth_mm", within(3), ">= 1" if kind == "rod" else ""),
        ("3 fingers and thumb, share", "power", mean, ">= 1" if kind == "rod" else ""),
        ("Q1 (0.5), median", "q1", median, ""),
        ("slip <= 10 mm, share", "slip_mm", within(10), ">= 0.85" if kind == "rod" else ""),
        ("slip, median mm", "slip_mm", median, ""),
        ("friction 0.5, slip <= 10 mm, share", "slip_mu05_mm", within(10), ""),
        ("shaken six ways <= 10 mm, share", "shake_mm", within(10), ""),
    )
)


def figures(lines: Iterable[Line], rows: list[Row]) -> list[Figure]:
    """Every line over the rows that it speaks of and that have its column."""
    return [_figure(line, rows) for line in lines]


def _figure(line: Line, rows: list[Row]) -> Figure:
    values = [
        float(row[line.column])
        for row in rows
        if line.among(row) and row.get(line.column) not in (None, "")
    ]
    if not values:
        return Figure(line.name, float("nan"), 0, line.goal, None)
    value = line.statistic(values)
    return Figure(line.name, value, len(values), line.goal, _meets(value, line.goal))


def _meets(value: float, goal: str) -> bool | None:
    if not goal:
        return None
    way, limit = goal.split()
    return value <= float(limit) if way == "<=" else value >= float(limit)


def printed(figures: Iterable[Figure]) -> str:
    """The figures as lines of text: name, value, goal, whether it is met, number of rows."""
    words = {None: "", True: "met", False: "MISSED"}
    lines = [f"{'':44s} {'value':>9s}  {'goal':>8s}  {'':6s} {'n':>4s}"]
    lines += [
        f"{one.name:44s} {one.value:9.3f}  {one.goal:>8s}  {words[one.met]:6s} {one.count:4d}"
        for one in figures
        if one.count
    ]
    return "\n".join(lines)


def hand_rows(rows: Iterable[Row]) -> list[Row]:
    """A row for every hand that grasps, from the rows of jobs."""
    return [
        {
            "kind": row[f"{side}_kind"],
            "volume_cm3": row[f"{side}_hand_volume_cm3"],
            "depth_mm": row[f"{side}_hand_depth_mm"],
            "power": float(row[f"{side}_fingers"] >= 3 and row[f"{side}_thumb"] > 0)
            if row[f"{side}_shape"] == "power"
            else None,
            "q1": row.get(f"{side}_q1_mu0.5", 0.0),
            **{name: row.get(name) for name in ("slip_mm", "slip_mu05_mm", "shake_mm")},
        }
        for row in rows
        for side in ("left", "right")
        if row.get(f"{side}_kind")
    ]


def contact_rows(rows: Iterable[Row]) -> list[Row]:
    """A row for every expected contact, from the rows of jobs."""
    found = [one.split(":") for row in rows for one in str(row["contacts"]).split() if one]
    return [
        {"gap_mm": float(gap), "depth_mm": float(d), "sunk": float(s)} for _, gap, d, s in found
    ]


def all_figures(rows: list[Row]) -> list[Figure]:
    """All lines over the rows of a run; failed jobs are left out, and counted by the caller."""
    done = [row for row in rows if not row.get("failure")]
    parts = ((JOBS, done), (CONTACTS, contact_rows(done)), (HANDS, hand_rows(done)))
    return [one for lines, those in parts for one in figures(lines, those)]
