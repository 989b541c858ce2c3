"""Things that no table knows: they are known by where their name stands."""

from collections.abc import Sequence
from dataclasses import replace

from . import grammar
from .frames import FRAMES
from .nouns import UNKNOWN, named_inside
from .tagging import Token

_DETERMINED = ("prep", "count", "side")
"""Kinds of words right after which a thing may be named without an article."""


def strange_things(tokens: Sequence[Token]) -> list[Token]:
    """The tokens, unknown words that stand where a thing stands made nouns of no known kind.

    `the lathe`, `under barbed wire`: after an article, a preposition or a verb, and before no noun
    that they would describe. Several in a row are one thing, named by the last. One that ends in a
    known thing is of that kind: `a minecart`.
    """
    found: list[Token] = []
    start = 0
    while start < len(tokens):
        end = _end(tokens, start)
        following = tokens[end] if end < len(tokens) else None
        if end > start and _named(tokens, start, following):
            text = " ".join(token.text for token in tokens[start:end])
            last = tokens[end - 1].text
            noun = named_inside(last) or replace(UNKNOWN, name=last)
            found.append(Token("noun", text, before=tokens[start].before, noun=noun))
        else:
            end = max(end, start + 1)
            found.extend(tokens[start:end])
        start = end
    return found


def _end(tokens: Sequence[Token], start: int) -> int:
    """Behind the last unknown word of the phrase that begins at `start`, which is a name."""
    end = start
    while end < len(tokens) and _strange(tokens[end]) and (end == start or not tokens[end].before):
        end += 1
    while end > start and tokens[end - 1].text.endswith(_NO_NAMES):
        end -= 1
    return end


_NO_NAMES = ("ing", "ly", "ed")
"""Endings of words that describe, or say what is done; no names of things."""


def _strange(token: Token) -> bool:
    """Whether a word is in no table."""
    return token.kind == "other" and token.text not in grammar.PASSED and len(token.text) > 2


def _named(tokens: Sequence[Token], start: int, following: Token | None) -> bool:
    """Whether the unknown words from `start` on name a thing."""
    if following is not None and not following.before and _describable(following):
        return False
    first = start  # `the heavy zorblax`: the article stands before words that merely describe.
    while first and not tokens[first].before and tokens[first - 1].kind == "other":
        first -= 1
    before = tokens[first - 1] if first else None
    return bool(tokens[first].before) or (before is not None and _leads(before))


def _leads(token: Token) -> bool:
    """Whether a thing may be named right after a word without an article."""
    taking = token.verb is not None and FRAMES[token.verb.frame].hands != "none"
    return token.kind in _DETERMINED or taking


def _describable(token: Token) -> bool:
    """A person, or a thing that has a name: what stands before it only describes it."""
    named = token.noun is not None and token.noun.category != "pronoun"
    return token.kind == "subject" or named
