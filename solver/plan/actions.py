"""Which actions a sentence names, and whether each is done to the object."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from . import grammar
from .frames import BODY, FITTING, FRAMES, REFINED
from .limbs import Limb, place_at
from .nouns import NOT_OBJECTS, Noun
from .reading import Reading
from .tagging import Token
from .verbs import Verb

On = Literal["target", "other", "nothing"]


@dataclass(frozen=True)
class Action:
    """One verb of the sentence."""

    verb: Verb
    frame: str
    on: On
    prep: str = ""
    """Between the verb and the target."""
    region: str = ""
    """The place on the target that it names."""
    adverbs: tuple[str, ...] = ()
    index: int = 0

    @property
    def is_body(self) -> bool:
        """Whether it says what the whole body does."""
        return self.frame in BODY


def actions_of(reading: Reading, limbs: Sequence[Limb]) -> tuple[Action, ...]:
    """The actions in the order of the sentence; negated ones and those of single limbs left out."""
    tokens = reading.tokens
    found: list[Action] = []
    for index, token in enumerate(tokens):
        if token.verb is None or token.verb.frame == "none" or _negated(tokens, index):
            continue
        if any(limb.first <= index <= limb.last for limb in limbs if limb.how != "use"):
            continue
        found.append(_action(reading, index, token.verb, limbs))
    return tuple(_without_adjectives(found))


def _without_adjectives(actions: list[Action]) -> list[Action]:
    """`pushing the door open` is one action, not two."""
    kept: list[Action] = []
    for action in actions:
        moved = kept and kept[-1].verb.frame in ("push", "pull", "kick", "hold")
        if not (moved and action.verb.frame == "open" and action.on == "nothing"):
            kept.append(action)
    return kept


def _negated(tokens: Sequence[Token], index: int) -> bool:
    before = [t for t in tokens[max(0, index - 2) : index] if t.kind != "other"]
    return bool(before) and (before[-1].kind == "neg" or before[-1].text == "without")


def _action(reading: Reading, index: int, verb: Verb, limbs: Sequence[Limb]) -> Action:
    tokens = reading.tokens
    end = next((i for i in range(index + 1, len(tokens)) if tokens[i].verb), len(tokens))
    adverbs = tuple(t.value for t in tokens[index + 1 : end] if t.kind == "adverb")
    on: On = "nothing"
    prep = region = ""
    for at in range(index + 1, end):
        place, _ = place_at(reading, at)
        mine = not any(limb.first <= at <= limb.last for limb in limbs)
        if place == "pillow" and frame_of_body(verb) is False:
            on = "other"
            continue
        if not place or not mine or tokens[at].kind == "part" or _negated(tokens, at):
            continue
        if place == "target" or place in _regions() or place.startswith("part:"):
            if on != "target" and (tokens[at].kind != "region" or on != "other"):
                on, prep = "target", _prep(tokens, index, at)
            if place != "target" and not region:
                region = place
        elif on == "nothing" and _is_object(tokens[at]):
            on, prep = "other", _prep(tokens, index, at)
    others = [t for t in tokens[index + 1 : end] if _is_object(t) and t.noun is not reading.target]
    frame = _refined(verb, reading.target, on, prep, bool(others))
    if on == "target" and reading.target and _merely_there(frame, prep, reading.target):
        on = "other"
    if on == "nothing" and reading.target and _done_elsewhere(frame, reading.target):
        on = "other"
    return Action(verb, frame, on, prep, region, adverbs, index)


def _merely_there(frame: str, prep: str, noun: Noun) -> bool:
    """`reading the newspaper on a bench`: the bench is where, not what."""
    passive = ("idle", "read", "eat", "drink", "phone", "text", "write", "smell", "hug_held", "watch",
               "photograph", "play", "type")  # fmt: skip
    seat = noun.action in ("sit", "lie") or noun.has("ride")
    return frame in passive and prep in ("on", "in") and seat


def _done_elsewhere(frame: str, noun: Noun) -> bool:
    """`reading` on a sofa: what is read is not the sofa."""
    taking = ("hold", "carry", "lift", "put", "carry_shoulder", "carry_overhead", "show")
    return noun.action in BODY and FRAMES[frame].held and frame not in taking


PORTABLE = frozenset({
    "small_rod", "flag", "box", "bag", "cup", "bottle", "bowl", "plate", "book", "jar", "long_tool",
    "striker", "umbrella", "tool", "pen", "jug", "thing", "ball", "small_ball", "staff", "pistol",
})  # fmt: skip
_PLACES = ("from", "on", "in", "to", "under", "at", "off")


def frame_of_body(verb: Verb) -> bool:
    """Whether the verb says what the whole body does."""
    return verb.frame in BODY


def _is_object(token: Token) -> bool:
    return token.noun is not None and token.noun.category not in NOT_OBJECTS


def _regions() -> frozenset[str]:
    return frozenset(grammar.REGIONS.values())


def _prep(tokens: Sequence[Token], start: int, at: int) -> str:
    """The last preposition between verb and place; `on the edge of the bed` gives on."""
    preps = [t.value for t in tokens[start + 1 : at] if t.kind == "prep" and t.text != "of"]
    return preps[-1] if preps else ""


def _refined(verb: Verb, target: Noun | None, on: On, prep: str, others: bool) -> str:
    """The frame that the verb has with this object."""
    frame = verb.frame
    if target is None:
        return frame
    if frame == "throw" and prep == "in" and on == "target":
        return "throw_into"
    if (
        frame in ("stand_on", "wave")
        and on == "target"
        and not prep
        and target.category in PORTABLE
    ):
        return "hold"
    if frame in ("put", "lift") and on == "target" and prep in _PLACES:
        return "reach"
    if frame == "hang" and on == "target" and others and prep in _PLACES:
        return "reach"
    if frame == "wipe" and on == "target" and target.category in PORTABLE:
        return "hold"
    if on == "other" and FRAMES[frame].held and prep not in ("with",):
        return frame
    if verb.lemma in ("use", "try out", "test out", "demonstrate") and on == "target":
        return target.action
    frame = REFINED.get((frame, target.category), frame)
    categories, instead = FITTING.get(frame, ((target.category,), frame))
    return frame if on == "other" or target.category in categories else instead
