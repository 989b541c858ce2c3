"""Verbs of posture that are done to a thing, and verbs of putting that are done to a person."""

from collections.abc import Sequence
from dataclasses import replace

from .frames import BODY
from .nouns import NOT_OBJECTS, Noun
from .tagging import Token
from .verbs import Verb

_PLACING = ("lay", "lean", "prop", "brace", "stand", "sit", "rest")
"""Verbs that say what is done to a thing named right behind them: `leans the ladder on the wall`"""


def as_said(tokens: Sequence[Token], index: int, verb: Verb, target: Noun | None) -> Verb:
    """The verb as it is used: who `lays the book down` does not lie.

    Args:
        tokens: Of the sentence, up to the next verb.
        index: Of the verb.
        verb: As in the table.
        target: The object.
    """
    if target and target.action in BODY and _is_put(tokens, index, verb):
        return replace(verb, frame=target.action, style="neutral")
    if verb.lemma in _PLACING and _has_object(tokens[index + 1 :]):
        return replace(verb, frame="put", style="reach_down")
    return verb


def _is_put(tokens: Sequence[Token], index: int, verb: Verb) -> bool:
    """`she is wedged into the seat`: who is put there is on it."""
    last = tokens[index - 1] if index else None
    passive = last is not None and last.verb is not None and last.verb.lemma == "be"
    there = next((t.value for t in tokens[index + 1 : index + 2] if t.kind == "prep"), "")
    into = ("in", "on", "to") if verb.frame == "tie" else ("in", "on")
    return passive and verb.frame in ("put", "open", "tie") and there in into


def _has_object(tokens: Sequence[Token]) -> bool:
    """Whether a thing follows a verb before any preposition."""
    following = next((t for t in tokens if t.kind not in ("other", "count", "side")), None)
    if following is None:
        return False
    thing = following.noun is not None and following.noun.category not in NOT_OBJECTS
    return following.text == "it" or thing
