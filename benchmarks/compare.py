"""Tables of several runs side by side, job by job: what a part of the solver is worth.

    python benchmarks/compare.py full=DIR/results.csv no_plan=OTHER/results.csv ...

The first run is what the others are compared with. A difference is the mean over the jobs that both
solved, with its interval at 95 %; `better` and `worse` stand where the interval leaves out zero.
"""

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tyro
from goals import Row, all_figures
from intervals import bootstrap

from solver.errors import SolverError

LESS, MORE = -1, 1


@dataclass(frozen=True)
class Column:
    """A number of each job, and which way is better."""

    name: str
    better: int


COLUMNS = (
    Column("non_collision", MORE),
    Column("hard_penetration_mm", LESS),
    Column("soft_penetration_mm", LESS),
    Column("mean_penetration_mm", LESS),
    Column("volume_cm3", LESS),
    Column("touching_cm2", MORE),
    Column("sunk_cm2", LESS),
    Column("expected_mm", LESS),
    Column("expected_depth_mm", LESS),
    Column("wrong_contact_cm2", LESS),
    Column("self_penetration_mm", LESS),
    Column("below_floor_mm", LESS),
    Column("sole_tilt_mm", LESS),
    Column("support_residual", LESS),
    Column("hold_residual", LESS),
    Column("slip_mm", LESS),
    Column("shake_mm", LESS),
    Column("drift_mm", LESS),
    Column("success", MORE),
    Column("cpu_s", LESS),
)


@dataclass(frozen=True)
class Options:
    """What to compare."""

    runs: tyro.conf.Positional[tuple[str, ...]]
    """`NAME=results.csv`, the one to compare with first."""
    seed: int = 0
    """Of the bootstrap."""


@dataclass(frozen=True)
class Difference:
    """A run against another in one number, over the jobs that both have."""

    mean: float
    """The other minus the first."""
    low: float
    high: float
    """Interval at 95 %, jobs drawn again and again."""
    count: int

    def verdict(self, better: int) -> str:
        """In one word; empty where the interval holds zero."""
        if not self.count or self.low <= 0 <= self.high:
            return ""
        return "better" if self.mean * better > 0 else "worse"


def main(options: Options) -> None:
    """Print the goals of every run, and the differences to the first."""
    runs = {name: read_table(path) for name, path in map(_named, options.runs)}
    print(side_by_side(runs))
    print()
    print(difference_table(runs, options.seed))


def read_table(path: Path) -> list[Row]:
    """The rows of a results.csv; what is a number becomes one.

    Raises:
        SolverError: When there is no such table.
    """
    try:
        with path.open(newline="", encoding="utf-8") as file:
            return [{k: _value(v) for k, v in row.items()} for row in csv.DictReader(file)]
    except OSError as error:
        raise SolverError(
            f"No table can be read from {path}: {error}",
            remedy="Give NAME=FILE with the results.csv of a run of benchmarks/run.py.",
        ) from error


def _value(words: str | None) -> Any:
    try:
        return float(words or "")
    except ValueError:
        return words or ""


def _named(words: str) -> tuple[str, Path]:
    name, sign, path = words.partition("=")
    if not (name and sign and path):
        raise SolverError(
            f"'{words}' names no run.", remedy="Write NAME=FILE: full=build/benchmark/results.csv"
        )
    return name, Path(path)


def paired(first: Sequence[Row], second: Sequence[Row], column: str, seed: int = 0) -> Difference:
    """The mean difference of a number over the jobs that both have, and how sure it is."""
    before = {row["job"]: row.get(column) for row in first}
    pairs = [
        (float(value), float(row[column]))
        for row in second
        if isinstance(value := before.get(row["job"]), int | float)
        and isinstance(row.get(column), int | float)
    ]
    if not pairs:
        return Difference(math.nan, math.nan, math.nan, 0)
    gains = [b - a for a, b in pairs]
    low, high = bootstrap([[gain] for gain in gains], seed)
    return Difference(float(np.mean(gains)), low, high, len(gains))


def side_by_side(runs: dict[str, list[Row]]) -> str:
    """Every line of the summary, a column per run."""
    text = [f"{'':44s}" + "".join(f"{name:>16s}" for name in runs)]
    for cells in zip(*map(all_figures, runs.values()), strict=True):
        if any(one.count for one in cells):
            values = "".join(f"{one.value:10.3f} ({one.count:3d})" for one in cells)
            text.append(f"{cells[0].name:44s}{values}")
    return "\n".join(text)


def difference_table(runs: dict[str, list[Row]], seed: int = 0) -> str:
    """Every run but the first against the first: mean difference, interval, jobs, verdict."""
    (base, rows), *others = runs.items()
    text: list[str] = []
    for name, those in others:
        text.append(f"{name} minus {base}")
        for column in COLUMNS:
            one = paired(rows, those, column.name, seed)
            if one.count:
                interval = f"[{one.low:9.3f}, {one.high:9.3f}]"
                words = one.verdict(column.better)
                text.append(
                    f"  {column.name:24s}{one.mean:10.3f} {interval} n {one.count:3d} {words}"
                )
    return "\n".join(text)


if __name__ == "__main__":
    main(tyro.cli(Options))
