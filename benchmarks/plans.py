"""How often the rule planner says what a careful reader would expect.

    python benchmarks/plans.py [--objects DIR] [--failures]

Two sets: sentences of our own (`tests/data/plans.tsv`), and the prompts of an object folder that
has a `manifest.json` with `expected_posture`, `expected_relation`, `expected_contacts` per prompt.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from solver.artefacts import Plan  # noqa: E402
from solver.plan.rules import make_plan  # noqa: E402

SENTENCES = ROOT / "tests" / "data" / "plans.tsv"
_FAMILIES = {
    "hand": ("left_hand", "right_hand"), "either_hand": ("left_hand", "right_hand"),
    "forearm": ("left_forearm", "right_forearm"), "forearms": ("left_forearm", "right_forearm"),
    "elbow": ("left_elbow", "right_elbow"), "elbows": ("left_elbow", "right_elbow"),
    "shoulder": ("left_shoulder", "right_shoulder"), "foot": ("left_foot", "right_foot"),
    "shoulders": ("left_shoulder", "right_shoulder", "upper_back"),
    "feet": ("left_foot", "right_foot"), "knees": ("left_knee", "right_knee", "knees"),
    "thighs": ("left_thigh", "right_thigh", "inner_thighs", "thighs"),
    "calf": ("left_calf", "right_calf", "calves"), "calves": ("left_calf", "right_calf", "calves"),
    "hip": ("left_hip", "right_hip"),
    "arm": ("left_forearm", "right_forearm", "left_hand", "right_hand"),
    "back": ("back", "upper_back", "lower_back"), "head": ("head", "face"),
    "face": ("face", "head"),
}  # fmt: skip


@dataclass(frozen=True)
class Expectation:
    """What one sentence should give; alternatives in the tuples."""

    prompt: str
    object_name: str
    size: tuple[float, float, float] | None
    posture: tuple[str, ...]
    relation: tuple[str, ...]
    movable: tuple[str, ...]
    contacts: tuple[str, ...]
    """`part>region`, `a|b` either, `!x` must not be."""


def sentences(path: Path = SENTENCES) -> Iterator[Expectation]:
    """Our own sentences."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            prompt, name, posture, relation, movable, contacts = line.split("\t")
            yield Expectation(
                prompt,
                name,
                None,
                tuple(posture.split("|")),
                tuple(relation.split("|")),
                tuple(movable.split("|")),
                tuple(contacts.split()),
            )


def prompts(folder: Path) -> Iterator[Expectation]:
    """The prompts of an object folder."""
    for row in json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["objects"]:
        size = tuple(row["real_size_m"])
        for prompt, posture, relation, contacts in zip(
            row["prompts"],
            row["expected_posture"],
            row["expected_relation"],
            row["expected_contacts"],
            strict=True,
        ):
            yield Expectation(
                prompt, row["id"], size, (posture,), (relation,), ("yes", "no"), tuple(contacts)
            )


def faults(expected: Expectation, plan: Plan) -> list[str]:
    """What the plan got wrong, in words; empty when all is as expected."""
    found: list[str] = []
    if plan.posture not in expected.posture:
        found.append(f"posture {plan.posture}, not {'|'.join(expected.posture)}")
    if plan.relation not in expected.relation:
        found.append(f"relation {plan.relation}, not {'|'.join(expected.relation)}")
    if ("yes" if plan.movable else "no") not in expected.movable:
        found.append(f"movable {plan.movable}")
    for wanted in expected.contacts:
        if wanted.startswith("!"):
            if any(_meets(plan, option, anywhere=False) for option in wanted[1:].split("|")):
                found.append(f"unwanted {wanted[1:]}")
        elif not any(_meets(plan, option, anywhere=True) for option in wanted.split("|")):
            found.append(f"missing {wanted}")
    return found


def _meets(plan: Plan, wanted: str, *, anywhere: bool) -> bool:
    """Whether a contact is in the plan; without a region it must be on the object."""
    name, _, region = wanted.partition(">")
    parts = _FAMILIES.get(name, (name,))
    on_object = [
        c for c in plan.contacts if c.region != "floor" and not c.region.startswith("own_")
    ]
    hits = [
        c.part
        for c in (plan.contacts if region else on_object)
        if c.part in parts and (not region or c.region == region)
    ]
    needed = parts if name == "feet" else ()
    return bool(hits) and (not needed or not anywhere or set(needed) <= set(hits))


def report(title: str, rows: list[Expectation], show: bool) -> float:
    """Print accuracy of one set; the share of sentences without any fault."""
    kinds = {"posture": 0, "relation": 0, "movable": 0, "contacts": 0, "all": 0}
    for row in rows:
        wrong = faults(row, make_plan(row.prompt, row.object_name, row.size))
        for kind in ("posture", "relation", "movable"):
            kinds[kind] += not any(fault.startswith(kind) for fault in wrong)
        kinds["contacts"] += not any(fault.startswith(("missing", "unwanted")) for fault in wrong)
        kinds["all"] += not wrong
        if wrong and show:
            print(f"  {row.prompt} [{row.object_name}]: {'; '.join(wrong)}")
    shares = ", ".join(f"{kind} {100 * count / len(rows):.1f} %" for kind, count in kinds.items())
    print(f"{title}: {len(rows)} sentences: {shares}")
    return kinds["all"] / len(rows)


def main() -> None:
    """Score both sets."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--objects", default=os.environ.get("INTERACT_OBJECTS"))
    parser.add_argument("--sentences", type=Path, default=SENTENCES)
    parser.add_argument("--failures", action="store_true", help="list every fault")
    options = parser.parse_args()
    report("own sentences", list(sentences(options.sentences)), options.failures)
    if options.objects:
        report("objects", list(prompts(Path(options.objects))), options.failures)
    else:
        print("Object folder not given (--objects or INTERACT_OBJECTS): its prompts were skipped.")


if __name__ == "__main__":
    main()
