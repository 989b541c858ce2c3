"""Questions with closed answers: as words for a model, as a JSON schema for a server, and back."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["one", "many", "text", "texts"]
Answers = dict[str, Any]
"""Field -> a word, a tuple of words, a text, or a tuple of texts."""


@dataclass(frozen=True)
class Field:
    """One thing that is asked for."""

    name: str
    ask: str
    """What is to be chosen or written, in a few words."""
    kind: Kind = "one"
    options: Mapping[Any, str] | None = None
    """Word -> its meaning, for `one` and `many`."""
    least: int = 0
    most: int = 99
    """Number of words of `many` and texts of `texts`; characters of `text`."""
    length: tuple[int, int] = (1, 400)
    """Fewest and most characters of each of `texts`."""


@dataclass(frozen=True)
class Form:
    """What is asked in one go: several fields, each closed."""

    name: str
    text: str
    fields: tuple[Field, ...]
    check: Callable[[Answers], str] = lambda _: ""
    """What is wrong with answers that are each valid, in a sentence; empty where nothing is."""


class Unfit(ValueError):
    """An answer that does not fit its form; says how, in words that a model can mend it by."""


def question(form: Form) -> str:
    """The form in words: each field, its options with their meanings, how to answer."""
    lines = [form.text]
    for field in form.fields:
        lines.append(f"- {field.name}: {field.ask}")
        for word, meaning in (field.options or {}).items():
            lines.append(f"    {word}: {meaning}")
    lines.append(f"Answer with one JSON object and nothing else: {_example(form)}")
    return "\n".join(lines)


def _example(form: Form) -> str:
    shapes = {
        "one": '"<option>"', "many": '["<option>", ...]', "text": '"<text>"', "texts": '["<text>"]',
    }  # fmt: skip
    return "{" + ", ".join(f'"{f.name}": {shapes[f.kind]}' for f in form.fields) + "}"


def schema(form: Form) -> dict[str, Any]:
    """The form as a strict JSON schema."""
    return {
        "type": "object", "additionalProperties": False,
        "required": [field.name for field in form.fields],
        "properties": {field.name: _typed(field) for field in form.fields},
    }  # fmt: skip


def _typed(field: Field) -> dict[str, Any]:
    word: dict[str, Any] = {"type": "string"}
    if field.options is not None:
        word["enum"] = list(field.options)
    return word if field.kind in ("one", "text") else {"type": "array", "items": word}


def read(form: Form, words: str) -> Answers:
    """The answers in what a model said.

    What it thought aloud and code fences are left out. A form of one choice may also be answered
    with the bare option, or in words that mention one option only.

    Raises:
        Unfit: Naming every field that is missing or wrong, and what it may be.
    """
    said = re.sub(r"<think>.*?(</think>|$)", "", words, flags=re.DOTALL).strip()
    content = _object_in(said)
    if content is None and len(form.fields) == 1 and form.fields[0].kind == "one":
        content = {form.fields[0].name: said}
    if content is None:
        raise Unfit("The answer holds no JSON object.")
    found: Answers = {}
    faults: list[str] = []
    for field in form.fields:
        try:
            found[field.name] = _value(field, content.get(field.name))
        except Unfit as fault:
            faults.append(str(fault))
    if not faults and (wrong := form.check(found)):
        faults.append(wrong)
    if faults:
        raise Unfit(" ".join(faults))
    return found


def _object_in(said: str) -> dict[str, Any] | None:
    """The first JSON object in a text."""
    decoder = json.JSONDecoder()
    for match in re.finditer(r"\{", said):
        try:
            content, _ = decoder.raw_decode(said, match.start())
        except ValueError:
            continue
        return content if isinstance(content, dict) else None
    return None


def _value(field: Field, given: object) -> Any:
    if field.kind == "text":
        text = " ".join(str(given or "").split())
        if not field.least <= len(text) <= field.most:
            raise Unfit(f"'{field.name}' is a text of {field.least} to {field.most} characters.")
        return text
    if field.kind == "one":
        return _option(field, given)
    rows = given if isinstance(given, list) else [given] if isinstance(given, str) else None
    if field.kind == "texts":
        return _texts(field, rows)
    if rows is None or not field.least <= len(rows) <= field.most:
        count = f"{field.least} to {field.most}"
        raise Unfit(f"'{field.name}' is a list of {count} strings.")
    return tuple(dict.fromkeys(_option(field, row) for row in rows))


def _texts(field: Field, rows: list[Any] | None) -> tuple[str, ...]:
    """Texts that differ, each of a length that makes sense."""
    low, high = field.length
    texts = tuple(dict.fromkeys(" ".join(str(row).split()) for row in rows or ()))
    fits = all(low <= len(text) <= high for text in texts)
    if rows is None or not fits or not field.least <= len(texts) <= field.most:
        raise Unfit(
            f"'{field.name}' is a list of {field.least} to {field.most} strings, each another one, "
            f"of {low} to {high} characters."
        )
    return texts


def _option(field: Field, given: object) -> str:
    """The option that is meant: itself whatever its case and blanks, else its only mention."""
    options = field.options or {}
    said = re.sub(r"[\s\-]+", "_", str(given).strip(" \n.,:;!()[]*\"'`").lower())
    if said in options:
        return said
    mentioned = [word for word in options if re.search(rf"(^|[^a-z]){word}([^a-z]|$)", said)]
    longest = [w for w in mentioned if not any(w != o and w in o for o in mentioned)]
    if len(longest) == 1:
        return longest[0]
    raise Unfit(f"'{field.name}' is {given!r}, not one of: {', '.join(options)}.")
