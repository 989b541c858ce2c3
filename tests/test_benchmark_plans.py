"""How plans are compared with what a careful reader expects."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from solver.plan import make_plan

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "benchmarks"))

from plan_accuracy import figures, judged  # noqa: E402
from plan_labels import FAMILIES, FIELDS, Label, compare, labels, missed  # noqa: E402

from solver.vocabulary import PARTS, POSTURES, REGIONS, RELATIONS  # noqa: E402

PLAN = make_plan("a woman sits on the chair", "")
"""Sits on a chair: buttocks, back and thighs on it, feet on the floor."""


def label(contacts: str, also: str = "-", **fields: str) -> Label:
    said = {"object": "chair", "posture": "sit", "relation": "on_top", "movable": "no",
            "scale": "carryable", "flag": "ok"} | fields  # fmt: skip
    rows = [() if each == "-" else tuple(each.split()) for each in (contacts, also)]
    return Label("...", {name: tuple(said[name].split("|")) for name in FIELDS}, rows[0], rows[1])


def test_a_plan_as_expected_is_right_in_everything() -> None:
    verdict = compare(label("buttocks>seat left_foot>floor right_foot>floor", "back thighs"), PLAN)
    assert not verdict.wrong and not verdict.missing and not verdict.unwanted
    assert (verdict.asked, verdict.made, verdict.regions) == (3, 6, (3, 3))


def test_what_is_missing_and_what_is_too_much_is_named() -> None:
    verdict = compare(label("buttocks head|face left_hand|left_forearm", "thighs foot>floor"), PLAN)
    assert verdict.missing == ("head|face", "left_hand|left_forearm")
    assert verdict.unwanted == ("back>backrest",)


def test_a_foot_on_the_floor_is_no_foot_on_the_object() -> None:
    verdict = compare(label("left_foot buttocks", "*"), PLAN)
    assert verdict.missing == ("left_foot",) and verdict.unwanted == ()


def test_hands_on_the_own_body_are_nobodys_business() -> None:
    """The plan rests idle hands on the thighs; a label never says so."""
    assert any(c.region == "own_thigh" for c in PLAN.contacts)
    assert compare(label("-", "*"), PLAN).made == 6


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"posture": "stand"}, {"posture": "sit"}),
        ({"posture": "stand|sit"}, {}),
        ({"posture": "*"}, {}),
        ({"object": "kitchen chair"}, {}),
        ({"object": "table"}, {"object": "chair"}),
        ({"movable": "yes"}, {"movable": "no"}),
    ],
)
def test_fields_may_have_alternatives(fields: dict[str, str], wrong: dict[str, str]) -> None:
    assert compare(label("-", "*", **fields), PLAN).wrong == wrong


def test_figures_count_over_all_sentences() -> None:
    rows = [label("buttocks head", "*"), label("buttocks back", "*", posture="lie")]
    verdicts, _ = judged(rows, lambda _: PLAN)
    found = figures(verdicts)
    assert found["posture"] == (1, 2) and found["relation"] == (2, 2)
    assert found["contact recall"] == (3, 4) and found["contact precision"] == (12, 12)
    none, _ = judged(rows, lambda _: None)
    assert figures(none)["posture"] == (0, 2) and figures(none)["contact recall"] == (0, 4)
    assert missed(rows[0]).missing == ("buttocks", "head")


def test_an_object_may_be_no_object() -> None:
    plan = replace(PLAN, object="object")
    assert compare(label("-", "*", object="none"), plan).wrong == {}


@pytest.mark.parametrize("name", ["tuned", "held_out"])
def test_labels_are_written_in_the_vocabulary(name: str) -> None:
    rows = list(labels(ROOT / "benchmarks" / "plans" / f"{name}.tsv"))
    assert len(rows) >= 125
    assert len({row.sentence for row in rows}) == len(rows)
    for row in rows:
        assert set(row.fields["posture"]) <= {*POSTURES, "*"}, row.sentence
        assert set(row.fields["relation"]) <= {*RELATIONS, "*"}, row.sentence
        for option in "|".join((*row.contacts, *row.also)).split("|"):
            part, _, place = option.partition(">")
            assert part in (*PARTS, *FAMILIES, "*", ""), row.sentence
            assert place in (*REGIONS, ""), row.sentence


def test_no_sentence_is_in_both_halves() -> None:
    tuned, held = (
        {row.sentence for row in labels(ROOT / "benchmarks" / "plans" / f"{name}.tsv")}
        for name in ("tuned", "held_out")
    )
    assert not tuned & held
