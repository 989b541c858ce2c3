"""Sentences with the plan that a careful reader expects, and how to compare a plan with it.

A line has nine columns: sentence, object, posture, relation, movable, scale, contacts, also, flag.
`|` joins what is right alike, `*` is anything. `contacts` must be there; `also` may; whatever a
plan has besides is wrong. A contact is `part` on the object or `part>region`; `>floor` is the
ground.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from solver.artefacts import Contact, Plan

FIELDS = ("object", "posture", "relation", "movable", "scale", "flag")
_BOTH = ("left_{}", "right_{}")
FAMILIES: Mapping[str, tuple[str, ...]] = {
    **{
        name: (name, *(each.format(name) for each in _BOTH))
        for name in ("hand", "forearm", "elbow", "upper_arm", "shoulder", "foot", "hip")
    },
    "thighs": ("thighs", "inner_thighs", "left_thigh", "right_thigh"),
    "thigh": ("thighs", "inner_thighs", "left_thigh", "right_thigh"),
    "knee": ("knees", "left_knee", "right_knee"),
    "shin": ("left_shin", "right_shin", "left_calf", "right_calf", "calves"),
    "calf": ("left_shin", "right_shin", "left_calf", "right_calf", "calves"),
    "back": ("back", "upper_back", "lower_back"),
    "head": ("head", "face", "mouth", "nape", "left_ear", "right_ear"),
    "left_foot": ("left_foot", "feet"),
    "right_foot": ("right_foot", "feet"),
    "left_knee": ("left_knee", "knees"),
    "right_knee": ("right_knee", "knees"),
}
"""A label's part -> the parts of a plan that are it; else only itself."""


@dataclass(frozen=True)
class Label:
    """One sentence and what is right for it; alternatives in the tuples."""

    sentence: str
    fields: Mapping[str, tuple[str, ...]]
    """Field -> its right values."""
    contacts: tuple[str, ...]
    also: tuple[str, ...]


@dataclass(frozen=True)
class Verdict:
    """How one plan compares with its label."""

    wrong: Mapping[str, str]
    """Field -> what the plan has instead."""
    missing: tuple[str, ...]
    unwanted: tuple[str, ...]
    asked: int
    """Contacts that must be there."""
    made: int
    """Contacts of the plan, without those with the person's own body."""
    regions: tuple[int, int]
    """Among met contacts whose place the label names: how many have it, of how many."""


def labels(path: Path) -> Iterator[Label]:
    """The labels in a file.

    Raises:
        ValueError: Naming the line that has not nine columns.
    """
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line or line.startswith("#"):
            continue
        columns = line.split("\t")
        if len(columns) != 9:
            raise ValueError(f"{path}:{number}: {len(columns)} columns, not 9")
        sentence, thing, posture, relation, movable, scale, contacts, also, flag = columns
        said = dict(zip(FIELDS, (thing, posture, relation, movable, scale, flag), strict=True))
        yield Label(
            sentence,
            {field: tuple(value.split("|")) for field, value in said.items()},
            _rows(contacts),
            _rows(also),
        )


def _rows(column: str) -> tuple[str, ...]:
    return () if column == "-" else tuple(column.split())


def compare(label: Label, plan: Plan) -> Verdict:
    """What the plan got wrong; contacts with the person's own body are nobody's business here."""
    made = [c for c in plan.contacts if not c.region.startswith("own_")]
    anything = "*" in (*label.contacts, *label.also)
    asked = [row for row in label.contacts if row != "*"]
    missing = tuple(row for row in asked if not any(_meets(row, c) for c in made))
    allowed = (*asked, *label.also)
    unwanted = () if anything else tuple(
        f"{c.part}>{c.region}" for c in made if not any(_meets(row, c) for row in allowed)
    )  # fmt: skip
    placed = [row for row in asked if row not in missing and ">" in row]
    right = sum(any(_meets(row, c, region=True) for c in made) for row in placed)
    return Verdict(
        {field: got for field, got in _got(plan).items() if not _fits(field, got, label)},
        missing, unwanted, len(asked), len(made), (right, len(placed)),
    )  # fmt: skip


def missed(label: Label) -> Verdict:
    """What is wrong where there is no plan: everything."""
    asked = tuple(row for row in label.contacts if row != "*")
    return Verdict(dict.fromkeys(FIELDS, "nothing"), asked, (), len(asked), 0, (0, 0))


def _got(plan: Plan) -> dict[str, str]:
    movable = "yes" if plan.movable else "no"
    values = (plan.object, plan.posture, plan.relation, movable, plan.scale, plan.flag)
    return dict(zip(FIELDS, values, strict=True))


def _fits(field: str, got: str, label: Label) -> bool:
    """Whether a value is right; an object's name when its last word is."""
    wanted = label.fields[field]
    if "*" in wanted or got in wanted:
        return True
    if field != "object":
        return False
    if "none" in wanted:
        return got == "object"
    return any(_last(each) in got.split() or _last(got) in each.split() for each in wanted)


def _last(words: str) -> str:
    return words.rsplit(maxsplit=1)[-1]


def _meets(row: str, contact: Contact, *, region: bool = False) -> bool:
    """Whether a contact is one of a row's alternatives: the part, and floor or object.

    Args:
        row: Of the label.
        contact: Of the plan.
        region: Ask for the same place on the object too.
    """
    for option in row.split("|"):
        part, _, place = option.partition(">")
        if contact.part not in FAMILIES.get(part, (part,)):
            continue
        if region and place and place != contact.region:
            continue
        if (place == "floor") == (contact.region == "floor"):
            return True
    return False
