"""The planner's words and nouns: inflection, slips of the keyboard, tables."""

from typing import get_args

import pytest

from solver.meanings import MEANINGS
from solver.plan import expected_object
from solver.plan.frames import FRAMES, REFINED
from solver.plan.grammar import rows_of
from solver.plan.nouns import nouns, nouns_of_name
from solver.plan.tagging import tag
from solver.plan.verbs import verbs
from solver.plan.words import mistyped, plural_forms, split, split_name, verb_forms, words_of
from solver.vocabulary import (
    REGIONS,
    STYLES,
    BodyPart,
    Facing,
    Flag,
    HandShape,
    HeldAttitude,
    HoldHeight,
    Posture,
    Region,
    Relation,
    Role,
    ScaleClass,
    Side,
    Style,
)

# Words


@pytest.mark.parametrize(
    ("verb", "forms"),
    [
        ("sit", {"sit", "sits", "sitting", "sat"}),
        ("carry", {"carry", "carries", "carrying", "carried"}),
        ("ride", {"ride", "rides", "riding", "rode"}),
        ("push", {"push", "pushes", "pushing", "pushed"}),
        ("put_on", {"put on", "puts on", "putting on"}),
        ("tie", {"tie", "ties", "tying", "tied"}),
    ],
)
def test_verbs_inflect(verb: str, forms: set[str]) -> None:
    assert forms <= set(verb_forms(verb))


def test_nouns_have_plurals() -> None:
    assert {"knife", "knives"} <= plural_forms("knife")
    assert "boxes" in plural_forms("box")
    assert "trolleys" in plural_forms("trolley")
    assert "babies" in plural_forms("baby")


def test_punctuation_accents_and_possessives_fall_off() -> None:
    assert split("The man's CAFÉ-table, isn't it?!") == [
        "the",
        "man",
        "cafe",
        "table",
        "is",
        "not",
        "it",
    ]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("bicylce", "bicycle"), ("matress", "mattress"), ("chiar", "chair"), ("armchiar", "armchair")],
)
def test_slips_of_the_keyboard(typed: str, meant: str) -> None:
    assert mistyped(typed, nouns().keys()) == meant


@pytest.mark.parametrize("word", ["house", "chain", "bred", "moose", "tabl"])
def test_other_words_are_not_slips(word: str) -> None:
    """Short words one letter off are other words: a house is no horse."""
    assert mistyped(word, ["horse", "chair", "bread", "mouse", "table"]) is None


# Nouns


@pytest.mark.parametrize(
    ("name", "noun"),
    [
        ("ChairA_01.003", "chair"),
        ("office_chair", "office chair"),
        ("OfficeChair", "office chair"),
        ("barstool", "bar stool"),
        ("SM_Desk_Lamp_02", "table lamp"),
        ("table_oak", "table"),
        ("Statue_Marble", "statue"),
        ("Refrigerator_01_001", "fridge"),
        ("suv", "suv"),
        ("sedan", "car"),
    ],
)
def test_object_names(name: str, noun: str) -> None:
    assert nouns_of_name(name)[0].name == noun


@pytest.mark.parametrize("name", ["Cube.001", "Mesh", "xyz", "", "___", "123", "Sphere"])
def test_names_that_say_nothing(name: str) -> None:
    assert nouns_of_name(name) == []
    assert expected_object("", name).size is None
    assert expected_object("a girl sits on the sofa", name).noun == "sofa"


def test_sizes_are_plausible() -> None:
    """Everything is between a coin and a house, in metres."""
    for noun in set(nouns().values()):
        if noun.size is not None:
            assert 0.03 <= max(noun.size) <= 12.0, noun
            assert min(noun.size) >= 0.003, noun
        assert 0.0 <= noun.seat <= 1.0


def test_every_name_is_in_one_row() -> None:
    """Else one of its meanings is silently lost; the same holds for plurals."""
    names = [name.strip() for row in rows_of("nouns.tsv") for name in (row[0], *row[1].split(","))]
    twice = {name for name in names if name and names.count(name) > 1}
    assert not twice


def test_every_verb_is_in_one_row() -> None:
    """Else its forms would have two meanings by turns."""
    lemmas = [lemma for row in rows_of("verbs.tsv") for lemma in row[2].split(",")]
    assert not {lemma for lemma in lemmas if lemmas.count(lemma) > 1}


def test_the_tables_are_broad_and_closed() -> None:
    assert len({noun.name for noun in nouns().values()}) >= 800
    assert len(nouns()) >= 4000
    lemmas = {verb.lemma for verb in verbs().values()}
    assert len(lemmas) >= 2500
    for verb in verbs().values():
        assert verb.frame in FRAMES, verb
        assert verb.style in STYLES, verb
    for noun in set(nouns().values()):
        assert noun.action in FRAMES, noun
        assert set(noun.grip) <= set(REGIONS), noun
    categories = {noun.category for noun in nouns().values()}
    for (frame, category), meant in REFINED.items():
        assert frame in FRAMES and meant in FRAMES, (frame, meant)
        assert category in categories, category


def test_frames_use_the_vocabulary() -> None:
    for frame in FRAMES.values():
        assert set(frame.regions) <= set(REGIONS)
        assert frame.style in STYLES


def test_split_name_drops_numbers_and_glue() -> None:
    assert split_name("ReadingDesk_01_001") == ["reading", "desk"]


@pytest.mark.parametrize("field", sorted(MEANINGS))
def test_every_word_has_one_sentence_of_meaning(field: str) -> None:
    """In the order of the vocabulary, so that lists of both agree."""
    vocabulary = {
        "posture": Posture, "relation": Relation, "side": Side, "facing": Facing,
        "scale": ScaleClass, "role": Role, "part": BodyPart, "region": Region, "hand": HandShape,
        "hold_height": HoldHeight, "attitude": HeldAttitude, "style": Style, "flag": Flag,
    }[field]  # fmt: skip
    assert tuple(MEANINGS[field]) == get_args(vocabulary)
    meanings = list(MEANINGS[field].values())
    assert all(each.endswith(".") and len(each) > 8 for each in meanings)
    assert len(set(meanings)) == len(meanings)


@pytest.mark.parametrize(
    "word", ["bearded", "widow", "garbage", "scattered", "besides", "beard", "suited", "palace"]
)
def test_ordinary_words_are_left_as_they_are(word: str) -> None:
    """Other English words stand one letter away from those of the tables: no slips."""
    _, notes = tag(words_of(f"a {word} man sits"))
    assert not notes


@pytest.mark.parametrize(
    ("noun", "plural"), [("potato", "potatoes"), ("piano", "pianos"), ("torpedo", "torpedoes")]
)
def test_nouns_in_o_take_either_plural(noun: str, plural: str) -> None:
    assert plural in plural_forms(noun)


@pytest.mark.parametrize(
    ("one", "other"), [("hop", "hope"), ("plan", "plane"), ("mop", "mope"), ("snip", "snipe")]
)
def test_short_verbs_double_their_last_letter(one: str, other: str) -> None:
    """Else `hoping` would be hopping."""
    assert not set(verb_forms(one)) & set(verb_forms(other))
