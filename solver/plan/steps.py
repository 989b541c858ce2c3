"""The questions of the paper's section 3.2, one after the other, each answered from options.

In its order: where the person is, which side of the object is toward them, its size beside them,
whether it stays where it is, which parts of the body touch what; and what section 3.4 asks for, the
prompts for models that paint. Which question comes next may depend on earlier answers.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .. import meanings
from ..pretrained.forms import Answers, Field, Form
from ..vocabulary import SIDES, side_of

_YES_NO = {"yes": "Yes.", "no": "No."}
AGES: Mapping[str, float | None] = {
    "unknown": None, "toddler": 3.0, "child": 8.0, "teenager": 15.0, "adult": 30.0, "old": 72.0,
}  # fmt: skip
"""Words for the person's age -> years."""
SEXES: Mapping[str, float | None] = {"unknown": None, "female": 0.0, "male": 1.0}
_BEARING = ("on_top", "inside")
_KEPT = ("holding", "wearing")
_MOST_PARTS = 14


def steps() -> Iterator[Callable[[Answers], Form]]:
    """The questions in order: each is made from all earlier answers."""
    yield from (_who, _where, _size, _parts, _contacts, _manner, _pictures)


def _who(_: Answers) -> Form:
    return Form(
        "action", "What does the person do?",
        (
            Field("flag", "whether the sentence can be followed", options=meanings.FLAGS),
            Field("object", "the object, in one or two English words", "text", least=2, most=40),
            Field("posture", "what the whole body does", options=meanings.POSTURES),
            Field("sex", "of the person", options={w: f"The person is {w}." for w in SEXES}),
            Field("age", "of the person", options={w: f"The person is {w}." for w in AGES}),
        ),
    )  # fmt: skip


def _where(_: Answers) -> Form:
    return Form(
        "position", "Where is the person, and how is the object turned to them?",
        (
            Field("relation", "where the person is, or how the object is kept",
                  options=meanings.RELATIONS),
            Field("side", "which side of the object is toward the person",
                  options=meanings.SIDES_OF_OBJECT),
            Field("facing", "where the person looks", options=meanings.FACINGS),
        ),
    )  # fmt: skip


def _size(answers: Answers) -> Form:
    def check(given: Answers) -> str:
        kept, moved = answers["relation"] in _KEPT, given["movable"] == "yes"
        if kept and not moved:
            return f"Who is {answers['relation']} the object takes it along: 'movable' is yes."
        if moved and answers["relation"] in _BEARING:
            return "Nobody takes along what bears or encloses the body: 'movable' is no."
        return ""

    return Form(
        "state", "How large is the object beside the person, and does it stay where it is?",
        (
            Field("scale", "its size beside a person", options=meanings.SCALES),
            Field("movable", "whether the person takes it along: held, worn, carried or pulled",
                  options=_YES_NO),
        ),
        check,
    )  # fmt: skip


def _parts(_: Answers) -> Form:
    return Form(
        "parts",
        "Which parts of the body touch the object, the floor, or the person's own body? Name what "
        "bears the weight, what holds or works, and where idle hands rest.",
        (
            Field("parts", "all that touch something", "many", meanings.PARTS, 1, _MOST_PARTS),
            Field("avoid", "those that the sentence says must not touch the object", "many",
                  meanings.PARTS, 0, _MOST_PARTS),
        ),
        lambda given: " ".join(
            f"'{part}' cannot both touch and avoid." for part in given["parts"]
            if part in given["avoid"]
        ),
    )  # fmt: skip


def _contacts(answers: Answers) -> Form:
    """A place and a role for each part; on the object, the floor, or the own body."""
    fields: list[Field] = []
    for part in answers["parts"]:
        spoken = part.replace("_", " ")
        fields.append(Field(f"{part}_on", f"what the {spoken} touches", options=meanings.REGIONS))
        fields.append(Field(f"{part}_role", f"what the {spoken} does", options=meanings.ROLES))
    return Form(
        "contacts", "What does each part touch, and how?", tuple(fields),
        lambda given: _unlikely(given, answers),
    )  # fmt: skip


def _unlikely(given: Answers, answers: Answers) -> str:
    """What no body does, in words that a model can mend its answer by."""
    faults: list[str] = []
    for part in answers["parts"]:
        place, role = given[f"{part}_on"], given[f"{part}_role"]
        if role == "grasp" and not part.endswith(("_hand", "arm", "elbow")):
            faults.append(f"Only hands and arms can grasp, not {part}.")
        if role == "grasp" and place == "floor":
            faults.append(f"The floor cannot be grasped: {part}.")
    places = {given[f"{part}_on"] for part in answers["parts"]}
    touched = any(place != "floor" and not place.startswith("own_") for place in places)
    if not touched and answers["relation"] in (*_BEARING, *_KEPT):
        faults.append(f"Something must touch the object: the person is {answers['relation']} it.")
    return " ".join(faults)


def _manner(answers: Answers) -> Form:
    fields = [
        Field(f"{side}_fingers", f"the shape of the {side} hand", options=meanings.HAND_SHAPES)
        for side in SIDES
    ]
    fields.append(
        Field("styles", "at most three words for how it is done", "many", meanings.STYLES, 1, 3)
    )
    if answers["movable"] == "yes":
        fields += [
            Field("hold_height", "how high it is held", options=meanings.HOLD_HEIGHTS),
            Field("attitude", "how it is turned", options=meanings.ATTITUDES),
        ]
    return Form("manner", "How is it done?", tuple(fields))


def _pictures(_: Answers) -> Form:
    return Form(
        "pictures",
        "For models that paint: say what a photograph of this shows, the whole body in view, who "
        "it is, what touches what and how, in several different ways; and what it must not show.",
        (
            Field("image_prompts", "3 to 5 sentences of 10 to 40 words", "texts", None, 3, 5,
                  (10, 400)),
            Field("negative_prompts", "3 to 8 things that must not be seen", "texts", None, 3, 8,
                  (2, 80)),
        ),
    )  # fmt: skip


def contact_rows(answers: Answers) -> list[dict[str, Any]]:
    """The contacts of a plan, what bears most first."""
    weights = {"support": 1.5, "grasp": 1.5, "touch": 0.7}
    rows = [
        {
            "part": part, "region": answers[f"{part}_on"], "role": answers[f"{part}_role"],
            "weight": 2.0 if part == "buttocks" else weights[answers[f"{part}_role"]],
        }
        for part in answers["parts"]
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (side_of(row["part"]) != "both", -row["weight"]))
