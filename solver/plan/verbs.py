"""What verbs say: the frame of the action, and a style."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from .grammar import rows_of
from .words import verb_forms


@dataclass(frozen=True)
class Verb:
    """One verb, with its particle."""

    lemma: str
    frame: str
    """A name of `frames.FRAMES`."""
    style: str
    """A tag of the vocabulary, or neutral."""


@cache
def verbs() -> Mapping[str, Verb]:
    """Every inflected form, as a phrase of lower-case words."""
    table: dict[str, Verb] = {}
    for frame, style, lemmas in rows_of("verbs.tsv"):
        for lemma in lemmas.split(","):
            verb = Verb(lemma.replace("_", " "), frame, style)
            for form in verb_forms(lemma):
                table.setdefault(form, verb)
            table[verb.lemma] = verb
    return table
