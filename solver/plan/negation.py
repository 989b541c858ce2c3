"""What a sentence forbids: `without touching the armrests`, `not leaning back`."""

from collections.abc import Sequence

from ..vocabulary import SIDES
from . import grammar
from .reading import Reading
from .tagging import Token

_SCOPE = 6
"""Tokens after a negation that it reaches at most."""
_MEETING = {
    "armrest": {"left_forearm", "right_forearm", "left_elbow", "right_elbow"},
    "backrest": {"back", "upper_back", "lower_back"},
}
"""Region -> the parts that meet it and nothing else."""


def forbidden(reading: Reading) -> frozenset[str]:
    """Regions and body parts after a negation."""
    tokens = reading.tokens
    found: set[str] = set()
    for index, token in enumerate(tokens):
        if token.kind == "neg" or token.text == "without":
            found |= _reached(tokens[index + 1 : index + 1 + _SCOPE])
    return frozenset(found)


def _reached(tokens: Sequence[Token]) -> set[str]:
    found: set[str] = set()
    for index, token in enumerate(tokens):
        if token.kind == "region":
            found |= {token.value} | _MEETING.get(token.value, set())
        elif token.kind == "part":
            found |= _parts(token.value, tokens[index - 1].value if index else "")
        elif token.kind == "adverb" and token.value == "backward":
            found |= {"backrest"} | _MEETING["backrest"]
        elif token.kind == "verb" and index > 0:
            break
    return found


def _parts(value: str, side: str) -> set[str]:
    base = grammar.PAIRS.get(value, value)
    if base == "back":
        return _MEETING["backrest"]
    if base not in grammar.SIDED:
        return {base}
    sides = (side,) if side in SIDES else SIDES
    bases = {"arm": ("forearm", "hand", "elbow"), "leg": ("calf", "thigh")}.get(base, (base,))
    return {f"{one}_{name}" for one in sides for name in bases}
