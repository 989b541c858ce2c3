"""What the rules say of sentences that are no plain English deed with one object."""

import io
import json
from pathlib import Path

import pytest

from solver.commands import item_of_file, plans_of_lines
from solver.plan import make_plan
from solver.plan.languages import foreign_language
from solver.vocabulary import PARTS, POSTURES, REGIONS, RELATIONS

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("German", "ein Mann sitzt auf dem Stuhl"),
        ("German", "Frau sitzt am Tisch"),
        ("French", "une femme assise sur la chaise"),
        ("Spanish", "un hombre sentado en la silla"),
        ("Italian", "una donna seduta sulla sedia"),
        ("Portuguese", "um homem sentado na cadeira"),
        ("Dutch", "een man zit op de stoel"),
        ("Polish", "kobieta siedzi na krześle"),
        ("Swedish", "en kvinna sitter på en stol"),
        ("Turkish", "bir adam sandalyede oturuyor"),
        ("another", "мужчина сидит на стуле"),
        ("another", "他坐在椅子上"),
        ("", "a man rides the mule"),
        ("", "la la la, she sings on the sofa"),
        ("", "hand on hand on the kind lion"),
        ("", "42"),
    ],
)
def test_a_sentence_in_another_language_is_known(language: str, sentence: str) -> None:
    assert foreign_language(sentence).split(" ")[0] == language


def test_no_english_sentence_is_taken_for_another_language() -> None:
    rows = (ROOT / "tests" / "data" / "plans.tsv").read_text(encoding="utf-8").splitlines()
    assert [row for row in rows if foreign_language(row.split("\t")[0])] == []


def test_what_is_not_english_says_so_and_guesses_by_the_object() -> None:
    plan = make_plan("ein Mann steht neben dem Stuhl", "Chair")
    assert any("German" in each and "language model" in each for each in plan.warnings)
    assert (plan.posture, plan.relation) == ("sit", "on_top"), "what one does with a chair"
    assert plan.confidence < 0.5


@pytest.mark.parametrize(
    ("sentence", "flag"),
    [
        ("a man sits", "no_object"),
        ("she is running", "no_object"),
        ("a red chair", "no_interaction"),
        ("a man and a chair", "no_interaction"),
        ("a table in a room", "no_interaction"),
        ("a chair next to a man", "no_interaction"),
        ("a girl with a guitar", "ok"),
        ("an old man at the fence", "ok"),
        ("she frobnicates the chair", "ok"),
        ("sitting on the chair while standing behind it", "contradiction"),
        ("he is standing and lying on the bed", "contradiction"),
        ("she sits on the sofa while a man stands behind her", "ok"),
        ("lying under the bed on top of it", "contradiction"),
        ("he carries the chair while sitting on it", "contradiction"),
        ("without using his hands, holding the ball with both hands", "contradiction"),
        ("a man rides the mug", "contradiction"),
        ("she kneels on the bench leaning over its back", "ok"),
        ("standing on the ladder, he reaches under the roof", "ok"),
        ("he sits on the sofa, his feet under the table", "ok"),
    ],
)
def test_what_is_wrong_with_a_sentence_is_said(sentence: str, flag: str) -> None:
    plan = make_plan(sentence, "")
    assert plan.flag == flag
    assert plan.warnings or flag == "ok", "a flag comes with a sentence for the artist"
    assert (plan.confidence <= 0.5) or flag in ("ok", "no_interaction")


def test_an_unknown_verb_is_named_and_never_silent() -> None:
    plan = make_plan("a woman defenestrates the sofa", "")
    assert any("'defenestrates' is not known" in each for each in plan.warnings)
    assert plan.confidence < 0.5
    assert plan.posture == "sit", "what one does with a sofa"


def test_lines_of_sentences_give_lines_of_plans() -> None:
    """The keys and words that other programs read."""
    lines = io.StringIO('"a woman sits on the chair"\n"he wears a hat"\nno JSON\n""\n7\n')
    first, second, *bad = plans_of_lines(lines, lambda said: make_plan(said, ""))
    wanted = {"object", "posture", "relation", "movable", "scale", "contacts", "avoid", "flag",
              "confidence", "provider"}  # fmt: skip
    for each in (first, second):
        assert wanted <= set(each)
        assert each["posture"] in POSTURES and each["relation"] in RELATIONS
        assert all(set(row) == {"part", "region", "role"} for row in each["contacts"])
        assert all(c["part"] in PARTS and c["region"] in REGIONS for c in each["contacts"])
        assert not any(c["region"].startswith("own_") for c in each["contacts"])
        json.dumps(each)
    assert (first["movable"], second["movable"]) == (False, True)
    assert len(bad) == 3 and all(each["error"] and each["remedy"] for each in bad)
    assert "Line 3" in bad[0]["error"]


def test_the_size_of_a_mesh_file_counts() -> None:
    item = item_of_file(ROOT / "examples" / "chair.glb", "a man sits on it", "")
    assert item.name == "chair"
    assert 0.6 < float(item.mesh.extent[1]) < 1.2


@pytest.mark.parametrize(
    ("sentence", "thing", "posture", "relation"),
    [
        ("a man sits on the flumph", "flumph", "sit", "on_top"),
        ("he carries a heavy zorblax", "zorblax", "walk", "holding"),
        ("an elf strokes her gryphlet", "gryphlet", "stand", "beside"),
        ("she stands next to a weird glowing orbulon thing", "weird glowing orbulon thing",
         "stand", "beside"),
    ],
)  # fmt: skip
def test_a_thing_that_no_table_knows_is_still_the_object(
    sentence: str, thing: str, posture: str, relation: str
) -> None:
    """Known by where its name stands; what is done with it comes from the verb."""
    plan = make_plan(sentence, "")
    assert (plan.object, plan.posture, plan.relation) == (thing, posture, relation)
    assert plan.flag == "ok" and plan.confidence <= 0.6
    assert any("is not known: how large" in each for each in plan.warnings)


@pytest.mark.parametrize("sentence", ["he sits quietly", "they laugh", "she is running fast"])
def test_adverbs_are_no_things(sentence: str) -> None:
    assert make_plan(sentence, "").flag == "no_object"
