"""How often a planner says what a careful reader expects, field by field.

    python benchmarks/plan_accuracy.py [--failures] [--files FILE...]
    python benchmarks/plan_accuracy.py --planner llm --url URL --model NAME [--timeout S]

The sentences stand in `benchmarks/plans/`, labelled before any planner had read them: those of
`tuned.tsv` were looked at while the rules were made better, those of `held_out.tsv` never. A
language model that fails counts as wrong in everything.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from intervals import wilson  # noqa: E402
from plan_labels import FIELDS, Label, Verdict, compare, labels, missed  # noqa: E402

from solver.artefacts import Plan  # noqa: E402
from solver.errors import SolverError  # noqa: E402
from solver.plan import make_plan, plan_of_sentence  # noqa: E402
from solver.wishes import PlannerChoice  # noqa: E402

FILES = tuple(ROOT / "benchmarks" / "plans" / f"{name}.tsv" for name in ("tuned", "held_out"))
Planner = Callable[[str], Plan | None]


def judged(rows: Sequence[Label], planner: Planner) -> tuple[list[Verdict], list[float]]:
    """A verdict and the CPU's seconds for each sentence."""
    verdicts, seconds = [], []
    for row in rows:
        begun = time.process_time()
        plan = planner(row.sentence)
        seconds.append(time.process_time() - begun)
        verdicts.append(compare(row, plan) if plan else missed(row))
    return verdicts, seconds


def figures(verdicts: Sequence[Verdict]) -> dict[str, tuple[int, int]]:
    """Name of a figure -> how many right, of how many."""
    found = {
        field: (sum(field not in v.wrong for v in verdicts), len(verdicts)) for field in FIELDS
    }
    made, asked = sum(v.made for v in verdicts), sum(v.asked for v in verdicts)
    found["contact precision"] = (made - sum(len(v.unwanted) for v in verdicts), made)
    found["contact recall"] = (asked - sum(len(v.missing) for v in verdicts), asked)
    right, placed = (sum(v.regions[k] for v in verdicts) for k in (0, 1))
    found["region"] = (right, placed)
    return found


def report(title: str, rows: Sequence[Label], planner: Planner, *, failures: bool) -> None:
    """Print the figures of one file."""
    verdicts, seconds = judged(rows, planner)
    if failures:
        for row, verdict in zip(rows, verdicts, strict=True):
            show(row, verdict)
    print(f"{title}: {len(rows)} sentences, {1000 * statistics.mean(seconds):.1f} ms each,"
          f" {1000 * max(seconds):.1f} at most")  # fmt: skip
    for name, (right, count) in figures(verdicts).items():
        low, high = wilson(right, count)
        share = right / count if count else 0.0
        print(f"  {name:<18} {100 * share:5.1f} %  [{100 * low:.0f}, {100 * high:.0f}]"
              f"  {right}/{count}")  # fmt: skip


def show(row: Label, verdict: Verdict) -> None:
    """What is wrong with one plan, on a line."""
    faults = [
        f"{name} {got}, not {'|'.join(row.fields[name])}" for name, got in verdict.wrong.items()
    ]
    faults += [f"missing {each}" for each in verdict.missing]
    faults += [f"unwanted {each}" for each in verdict.unwanted]
    if faults:
        print(f"- {row.sentence}: {'; '.join(faults)}")


def planner_of(options: argparse.Namespace) -> Planner:
    """What makes the plans; a language model's failure is no plan."""
    if options.planner == "rules":
        return lambda said: make_plan(said, "", None)
    choice = PlannerChoice("llm", options.url, options.model, options.timeout)

    def ask(said: str) -> Plan | None:
        try:
            return plan_of_sentence(said, "", None, choice, strict=True)
        except SolverError as error:
            print(f"! {said}: {error}")
            return None

    return ask


def main() -> None:
    """Score the files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--planner", choices=("rules", "llm"), default="rules")
    parser.add_argument("--url", default="http://localhost:11434/v1")
    parser.add_argument("--model", default="")
    parser.add_argument("--timeout", type=float, default=120.0)
    parser.add_argument("--files", nargs="+", type=Path, default=FILES)
    parser.add_argument("--failures", action="store_true", help="list every fault")
    options = parser.parse_args()
    make_plan("a man sits on the chair", "", None)  # The tables are read once.
    for path in options.files:
        rows = list(labels(path))
        report(path.stem, rows, planner_of(options), failures=options.failures)


if __name__ == "__main__":
    main()
