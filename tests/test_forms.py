"""Questions with closed answers: what a model is told, and what is read in what it says."""

import pytest

from solver.pretrained.forms import Field, Form, Unfit, question, read, schema

FRUITS = {"apple": "Red.", "green_apple": "Green.", "pear": "Soft."}
FRUIT = Form("fruit", "Which fruit?", (Field("fruit", "the fruit", options=FRUITS),))
BASKET = Form(
    "basket", "What is in the basket?",
    (
        Field("fruits", "all of them", "many", {"apple": "Red.", "pear": "Soft."}, 1, 2),
        Field("name", "what it is called", "text", least=2, most=10),
        Field("notes", "remarks", "texts", None, 0, 2, (1, 3)),
    ),
    lambda given: "Apples do not go with Bob." if given["name"] == "Bob" else "",
)  # fmt: skip
FULL = '{"fruits": ["pear"], "name": "Anna", "notes": ["raw"]}'


@pytest.mark.parametrize(
    "words",
    [
        '{"fruit": "pear"}', "pear", "Pear.", "`pear`", '```json\n{"fruit": "pear"}\n```',
        "<think>an apple? no</think>\npear", "I would take the pear", 'Sure: {"fruit": " PEAR "} !',
        '<think>{"fruit": "apple"}</think>{"fruit": "pear"}', "<think>apple</think> a pear",
    ],
)  # fmt: skip
def test_an_option_is_read_however_it_is_wrapped(words: str) -> None:
    assert read(FRUIT, words) == {"fruit": "pear"}


def test_the_longest_option_that_is_mentioned_is_meant() -> None:
    assert read(FRUIT, "the green apple")["fruit"] == "green_apple"


@pytest.mark.parametrize("words", ["", "plum", "apple or pear", '{"fruit": null}', '{"fruit": 3}'])
def test_what_is_no_option_is_refused_and_the_options_are_named(words: str) -> None:
    with pytest.raises(Unfit, match="not one of: apple, green_apple, pear"):
        read(FRUIT, words)


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("nothing", "no JSON object"),
        ('{"fruits": [], "name": "Anna", "notes": []}', "list of 1 to 2"),
        ('{"fruits": ["plum"], "name": "Anna", "notes": []}', "'plum', not one of"),
        ('{"fruits": ["pear"], "name": "A", "notes": []}', "2 to 10 characters"),
        ('{"fruits": ["pear"], "name": "Anna", "notes": ["a", "b", "c"]}', "list of 0 to 2"),
        ('{"fruits": ["pear"], "name": "Anna", "notes": ["long"]}', "of 1 to 3 characters"),
        ('{"fruits": ["pear"], "name": "Anna", "notes": [" "]}', "of 1 to 3 characters"),
        ('{"fruits": ["pear"], "name": "Bob", "notes": []}', "do not go with Bob"),
        ('{"fruits": ["plum"], "name": "A"}', "2 to 10 characters. 'notes' is a list"),
    ],
)
def test_every_fault_of_an_answer_is_named(words: str, fault: str) -> None:
    with pytest.raises(Unfit, match=fault):
        read(BASKET, words)


def test_a_form_is_a_strict_schema_and_its_words_name_every_option() -> None:
    found = schema(BASKET)
    assert found["required"] == ["fruits", "name", "notes"] and not found["additionalProperties"]
    assert found["properties"]["fruits"]["items"]["enum"] == ["apple", "pear"]
    assert "pear: Soft." in question(BASKET) and '"fruits"' in question(BASKET)
    assert read(BASKET, FULL) == {"fruits": ("pear",), "name": "Anna", "notes": ("raw",)}
