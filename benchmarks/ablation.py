"""What each part of the solver is worth: the same jobs with one part left out, side by side.

    python benchmarks/ablation.py --objects DIR [--output DIR] [--only chair ...] [--prompts FILE]

Solves every job once per configuration, then prints what `compare.py` says of the tables: the
figures beside their goals, and every difference with its number of jobs and its interval.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import compare
import run
import tyro

from solver.bounds import Configuration

STANDARD: tuple[Configuration, ...] = (
    "full", "no_refinement", "no_polish", "no_hands", "no_prior", "no_plan", "support", "closure",
    "steady", "literal", "paper",
)  # fmt: skip


@dataclass(frozen=True)
class Options(run.Options):
    """What to compare."""

    output: Path = Path("build/ablation")
    configurations: tuple[Configuration, ...] = STANDARD
    """The first is what the others are compared with."""


def main(options: Options) -> None:
    """Run every configuration, one after another, and compare them."""
    tables: list[str] = []
    for name in options.configurations:
        folder = options.output / name
        print(f"\n{name}", flush=True)
        try:
            run.main(replace(options, output=folder, configuration=name))
        except SystemExit:
            print("Some jobs failed: they are missing in the comparison.", flush=True)
        tables.append(f"{name}={folder / 'results.csv'}")
    print()
    compare.main(compare.Options(tuple(tables), options.seed))


if __name__ == "__main__":
    main(tyro.cli(Options))
