"""Verbs that say nothing by themselves: `takes a nap on the sofa`, `gives the cart a shove`."""

from collections.abc import Sequence
from dataclasses import replace

from . import grammar
from .verbs import verbs
from .words import Word, verb_forms

_LIGHT = frozenset(
    form for lemma in ("give", "take", "have", "do", "get", "make", "perform")
    for form in verb_forms(lemma)
)  # fmt: skip
_REACH = 6
"""Words between the verb and the noun that says what it means."""
_BARE = ("cover", "shelter", "refuge", "aim", "hold", "place")
"""Nouns that follow such a verb without an article."""
_ONE = ("a", "an", "another", "some", "his", "her")


def spelled_out(words: Sequence[Word]) -> list[Word]:
    """The words, each light verb and its noun replaced by the verb that they mean together."""
    found = list(words)
    for index, word in enumerate(words):
        at = _noun_after(words, index) if word.text in _LIGHT else None
        if at is not None:
            noun, length = at
            said = " ".join(each.text for each in words[noun : noun + length])
            return _joined(found, index, noun, length, grammar.DEEDS[said])
    return found


def _noun_after(words: Sequence[Word], index: int) -> tuple[int, int] | None:
    """Where the noun stands, and of how many words it is."""
    for at in range(index + 1, min(index + _REACH, len(words))):
        for length in (2, 1):
            said = " ".join(word.text for word in words[at : at + length])
            plural = said.endswith("s") and words[index].text.startswith("do")
            bare = plural or (said in _BARE and at == index + 1)
            if said in grammar.DEEDS and (words[at].before in _ONE or bare):
                return at, length
        if words[at].text in verbs() and words[at].text not in grammar.DEEDS and at > index + 1:
            return None
    return None


def _joined(words: list[Word], index: int, noun: int, length: int, lemma: str) -> list[Word]:
    rest = words[noun + length :]
    if rest and rest[0].text == "of":  # `a bite of the apple`
        rest = rest[1:]
    deed = [replace(words[index], text=text) for text in lemma.split()]
    return [*words[:index], *deed, *words[index + 1 : noun], *rest]
