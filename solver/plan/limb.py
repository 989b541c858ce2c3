"""One phrase about one body part, and what such phrases say of one another."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ..vocabulary import HandShape
from . import grammar
from .tagging import Token
from .verbs import Verb

How = Literal["use", "place", "state", "at"]


@dataclass(frozen=True)
class Limb:
    """One phrase about one body part."""

    base: str
    """Singular base name: hand, arm, elbow, leg, foot, back, ..."""
    sides: tuple[str, ...]
    """Of `left`, `right`; empty: not said (one of them) or the part has no side."""
    how: How
    """It does the action, it goes to a place, it is in a state, or the object is kept at it."""
    prep: str = ""
    place: str = ""
    """A region, `own:<base>`, `target`, or `other`."""
    place_side: str = ""
    state: str = ""
    verb: Verb | None = None
    """The verb whose subject or object it is: `left hand holds`."""
    shape: HandShape | None = None
    first: int = 0
    """Tokens that the phrase spans, for those who read the rest."""
    last: int = 0


def ear(limb: Limb, tokens: Sequence[Token], limbs: Sequence[Limb]) -> str:
    """`one ear and one hand against the door`: which ear it is; empty where it is none.

    Of its side nothing said, it is the one on the side of the hand that is placed with it.
    """
    named = any(t.text in ("ear", "ears") for t in tokens[limb.first : limb.last + 1])
    if limb.base != "head" or limb.how != "place" or limb.place.startswith("own:") or not named:
        return ""
    hands = [o.sides for o in limbs if o.base == "hand" and o.how == "place" and len(o.sides) == 1]
    (side,) = limb.sides[:1] or (hands[0] if hands else ("right",))
    return f"{side}_ear"


def shared(tokens: Sequence[Token], limbs: list[Limb]) -> list[Limb]:
    """`one ear and one hand against the door`: what is said of the second goes for the first."""
    given = list(limbs)
    for k in range(len(limbs) - 2, -1, -1):
        one, two = given[k], given[k + 1]
        joined = one.last + 1 < len(tokens) and tokens[one.last + 1].text == "and"
        joined = joined and two.first <= one.last + 2
        if joined and one.how == "use" and one.verb is None and two.how in ("place", "state"):
            given[k] = replace(
                two, base=one.base, sides=one.sides, shape=one.shape, first=one.first, last=one.last
            )
    return given


def resolve_sides(limbs: list[Limb]) -> tuple[Limb, ...]:
    """Give every phrase its sides: `one hand ... the other`, `on the hip with the left arm`."""
    named = {side for limb in limbs for side in limb.sides if len(limb.sides) == 1}
    resolved: list[Limb] = []
    for limb in limbs:
        resolved.append(replace(limb, sides=_sides_among(limb, resolved, named)))
    return tuple(resolved)


def _sides_among(limb: Limb, before: list[Limb], named: set[str]) -> tuple[str, ...]:
    if limb.sides == ("other",):
        said = [o.sides for o in before if o.base == limb.base and len(o.sides) == 1]
        return ("right",) if said and said[-1] == ("left",) else ("left",)
    if limb.sides or limb.base not in grammar.SIDED:
        return limb.sides
    follows = limb.base in ("hip", "shoulder", "thigh") and len(named) == 1
    return tuple(named) if follows else _unsaid(limb, before)


def _unsaid(limb: Limb, before: list[Limb]) -> tuple[str, ...]:
    """The side of `one hand`: the free one if the other was named, else the right."""
    taken = {side for other in before if other.base == limb.base for side in other.sides}
    return ("left",) if taken == {"right"} else ("right",)
