"""Start a table of verdicts, or count one: the share of plausible pictures with its interval.

    python benchmarks/tally.py start --systems ours=DIR --table verdicts.csv [--key sheet.json]
    python benchmarks/tally.py count --table verdicts.csv [--key sheet.json]

The verdicts are those of `benchmarks/verdicts/criteria.md`; jobs without a picture are in the table
from the start, as `none`. With the key of a blind sheet (`sheet.py --blind`) a row stands for one
letter of one job (`chair-1/B`), and the counts are given by the systems' names.
"""

import csv
import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import tyro
from intervals import wilson
from systems import jobs_of, read_systems

from solver.errors import SolverError
from solver.pretrained.chooser import LETTERS

VERDICTS = ("plausible", "flawed", "laughable", "none")
COLUMNS = ["job", "prompt", "verdict", "because"]

app = tyro.extras.SubcommandApp()


@app.command
def start(
    systems: tuple[str, ...], table: Path, key: Path | None = None, only: tuple[str, ...] = ()
) -> None:
    """Write a table with a row per picture and no verdicts yet; never over an old one.

    Args:
        systems: NAME=DIR; one, unless there is a key.
        table: The CSV file to write.
        key: The JSON file beside a blind sheet.
        only: Job ids, or their beginnings.
    """
    found = read_systems(systems)
    if table.exists() or (len(found) > 1 and key is None):
        raise SolverError(
            f"{table} is there already." if table.exists() else "Several systems need a key.",
            remedy="Give another file, or the .json that sheet.py --blind wrote.",
        )
    letters = _letters(key)
    rows: list[list[str]] = []
    for job, prompt in jobs_of(found, only).items():
        names = letters.get(job, [found[0].name])
        for place, name in enumerate(names):
            seen = any(system.name == name and system.has(job) for system in found)
            row = f"{job}/{LETTERS[place]}" if key else job
            rows.append([row, prompt, "" if seen else "none", "" if seen else "no result"])
    table.parent.mkdir(parents=True, exist_ok=True)
    with table.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([COLUMNS, *rows])
    print(f"{len(rows)} rows to fill in: {table}")


@app.command
def count(table: Path, key: Path | None = None) -> None:
    """Print the shares as JSON; refuse a table that is not filled in by the rules.

    Args:
        table: The CSV file.
        key: The JSON file beside a blind sheet.
    """
    with table.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    if wrong := faults(rows):
        raise SolverError(
            f"{table}: {'; '.join(wrong[:8])}" + ("; ..." if len(wrong) > 8 else ""),
            remedy="Fill it in as benchmarks/verdicts/criteria.md says.",
        )
    print(json.dumps(shares(rows, _letters(key)), indent=1))


def faults(rows: Sequence[dict[str, str]]) -> list[str]:
    """What is against the rules: unknown verdicts, verdicts without a reason, jobs twice."""
    found: list[str] = []
    for job, times in Counter(row["job"] for row in rows).items():
        if times > 1:
            found.append(f"{job} is there {times} times")
    for row in rows:
        if row["verdict"] not in VERDICTS:
            found.append(f"{row['job']}: '{row['verdict']}' is none of {', '.join(VERDICTS)}")
        elif row["verdict"] != "plausible" and not row["because"].strip():
            found.append(f"{row['job']}: {row['verdict']} without a reason")
    return found


def shares(rows: Sequence[dict[str, str]], letters: dict[str, list[str]]) -> dict[str, Any]:
    """By system; one without a key is called `all`."""
    by_name: dict[str, Counter[str]] = {}
    for row in rows:
        by_name.setdefault(_name(row["job"], letters), Counter())[row["verdict"]] += 1
    return {
        name: {
            "plausible": round(verdicts["plausible"] / verdicts.total(), 3),
            "ci95": [round(x, 3) for x in wilson(verdicts["plausible"], verdicts.total())],
            "n": verdicts.total(),
            "verdicts": {verdict: verdicts[verdict] for verdict in VERDICTS},
        }
        for name, verdicts in sorted(by_name.items())
    }


def _name(job: str, letters: dict[str, list[str]]) -> str:
    """Which system a row is about."""
    if not letters:
        return "all"
    job, _, letter = job.rpartition("/")
    if job not in letters or letter not in LETTERS[: len(letters[job])]:
        raise SolverError(
            f"The key does not know '{job}/{letter}'.", remedy="Give the key of the same sheet."
        )
    return letters[job][LETTERS.index(letter)]


def _letters(key: Path | None) -> dict[str, list[str]]:
    """Job -> systems in the order of the letters; nothing without a key."""
    return json.loads(key.read_text(encoding="utf-8")) if key else {}


if __name__ == "__main__":
    try:
        app.cli()
    except SolverError as error:
        sys.exit(f"{error} {error.remedy}")
