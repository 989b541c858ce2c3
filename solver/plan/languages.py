"""Whether a sentence is English, which is all that the rules read."""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache

from . import grammar
from .people import is_person
from .tagging import is_known
from .words import ARTICLES, POSSESSIVES

_SURE = 2
"""Foreign words that make a sentence foreign, if no more words are English."""
_LATIN = 0.5
"""Share of Latin letters below which a sentence cannot be English."""


@cache
def _small_words() -> Mapping[str, frozenset[str]]:
    rows = grammar.rows_of("languages.tsv")
    return {language: frozenset(words.split(",")) for language, words in rows}


def foreign_language(sentence: str) -> str:
    """The language that a sentence is written in, in words; empty for English.

    Goes by the small words that each language has and English has not; of a sentence in other
    letters only that is said.
    """
    letters = [letter for letter in sentence if letter.isalpha()]
    latin = sum(unicodedata.name(letter, "").startswith("LATIN") for letter in letters)
    if letters and latin < _LATIN * len(letters):
        return "another language than English"
    words = re.findall(r"\w+", sentence.lower())
    english = sum(_is_english(word) for word in words)
    counts = {name: sum(w in own for w in words) for name, own in _small_words().items()}
    likeliest = max(counts, key=lambda name: counts[name])
    found = counts[likeliest]
    return likeliest if found >= _SURE and found >= english else ""


def _is_english(word: str) -> bool:
    """Whether English knows a word and no other language has it among its commonest."""
    elsewhere = any(word in own for own in _small_words().values())
    known = word in ARTICLES or word in POSSESSIVES or is_person(word) or is_known(word)
    return known and (not elsewhere or word in ARTICLES)
