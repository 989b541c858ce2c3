"""Plans from a language model that chooses, step by step, from closed options (section 3.2)."""

import base64
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..pretrained.forms import Answers
from ..pretrained.language import Language, Message
from ..wishes import Plan
from .describe import plan_from_json
from .people import subject_of
from .scene import Size
from .steps import AGES, SEXES, contact_rows, steps
from .words import words_of

_TASK = (
    "You plan how one person touches one 3D object, so that a program can pose a body. You are "
    "told a sentence and what is known of the object, and answer questions, one after the other, "
    "choosing only from the options given. Left and right of the person are the person's own; "
    "left, right, front and back of the object are the object's own. Think of a real person: what "
    "bears the weight, what the hands do, where the feet are."
)
_SURE, _UNSURE = 0.9, 0.4
"""Confidence of a plan whose sentence can be followed, and of one whose cannot."""


def ask_plan(
    language: Language,
    sentence: str,
    object_name: str,
    size: Size | None = None,
    facts: Sequence[str] = (),
    pictures: Sequence[bytes] = (),
) -> Plan:
    """What the person does with the object, as a language model understands it.

    Nothing but the arguments is told to the model.

    Args:
        language: Answers the questions.
        sentence: In any language that the model reads.
        object_name: Name of the object in the scene; may say nothing.
        size: Width, height, depth, metres, where measured.
        facts: What is known of its shape, a sentence each.
        pictures: Of the object, PNG files, for models that see.

    Raises:
        SolverError: When no valid answer comes back.
    """
    told = _told(sentence, object_name, size, facts)
    dialogue: list[Message] = [
        {"role": "system", "content": _TASK},
        {"role": "user", "content": _with_pictures(told, pictures)},
        {"role": "assistant", "content": "I see. What is the first question?"},
    ]
    answers: Answers = {}
    for step in steps():
        form = step(answers)
        given = language.fill(dialogue, form)
        answers |= given
        dialogue += [
            {"role": "user", "content": form.text},
            {"role": "assistant", "content": json.dumps(given)},
        ]
    return _plan(sentence, answers)


def _told(sentence: str, object_name: str, size: Size | None, facts: Sequence[str]) -> str:
    lines = [f"Sentence: {sentence}"]
    if object_name:
        lines.append(f"Name of the object: {object_name}")
    if size is not None:
        width, height, depth = size
        lines.append(f"Its size: {width:.2f} m wide, {height:.2f} m high, {depth:.2f} m deep")
    return "\n".join([*lines, *(f"Its shape: {fact}" for fact in facts)])


def _with_pictures(told: str, pictures: Sequence[bytes]) -> Any:
    if not pictures:
        return told
    images = [
        {
            "type": "image_url",
            "image_url": {"url": f"data:image/png;base64,{base64.b64encode(each).decode()}"},
        }
        for each in pictures
    ]
    return [{"type": "text", "text": told}, *images]


def _plan(sentence: str, answers: Answers) -> Plan:
    """The answers as a plan, checked like one made by hand."""
    said = subject_of(words_of(sentence))
    subject = replace(
        said,
        sex=said.sex if said.sex is not None else SEXES[answers["sex"]],
        age=said.age if said.age is not None else AGES[answers["age"]],
    )
    movable = answers["movable"] == "yes"
    fields = {
        "prompt": sentence,
        "movable": movable,
        "contacts": contact_rows(answers),
        "hands": {side: answers[f"{side}_fingers"] for side in ("left", "right")},
        "hold_height": answers.get("hold_height", "free"),
        "attitude": answers.get("attitude", "free"),
        "subject": vars(subject),
        "confidence": _SURE if answers["flag"] == "ok" else _UNSURE,
        "provider": "llm",
        "warnings": [],
    }
    same = ("object", "posture", "relation", "side", "facing", "scale", "styles", "avoid", "flag",
            "image_prompts", "negative_prompts")  # fmt: skip
    return plan_from_json(json.dumps(fields | {name: answers[name] for name in same}))
