"""Which actions a sentence names, and whether each is done to the object."""

from collections.abc import Sequence

from . import grammar
from .action import Action, On
from .frames import BODY, FRAMES
from .laid import as_said
from .limbs import Limb, place_at
from .meaning import meant
from .nouns import NOT_OBJECTS, Noun
from .reading import Reading
from .tagging import Token
from .verbs import Verb


def actions_of(reading: Reading, limbs: Sequence[Limb]) -> tuple[Action, ...]:
    """The actions in the order of the sentence; negated ones and those of single limbs left out."""
    tokens = reading.tokens
    found: list[Action] = []
    for index, token in enumerate(tokens):
        if token.verb is None or token.verb.frame == "none" or _negated(tokens, index):
            continue
        if any(limb.first <= index <= limb.last for limb in limbs if limb.how != "use"):
            continue
        if _thing_hangs(token.verb, index, limbs):
            continue
        found.append(_action(reading, index, token.verb, limbs))
    return tuple(_without_adjectives(found))


def _thing_hangs(verb: Verb, index: int, limbs: Sequence[Limb]) -> bool:
    """`the hammer hanging from his left hand`: it is not the person who hangs."""
    own = [x for x in limbs if x.how == "at" and x.prep != "by" and x.first > index]
    return verb.frame == "hang" and any(x.first - index <= 2 for x in own)


def usual_deed(reading: Reading, limbs: Sequence[Limb], *, held: bool, worn: bool) -> Action | None:
    """What one does with the object when the sentence says nothing that is done to it."""
    noun, mention = reading.target, reading.mention
    if noun is None:
        return None
    kept = any(x.how == "at" and x.base in ("hand", "arm", "shoulder", "elbow") for x in limbs)
    kept = kept or any(x.how == "place" and x.place == "target" for x in limbs)
    merely_with = (mention is not None and mention.prep == "with") or kept
    near = mention is None or mention.prep in ("", "with", "at", "from")
    frame = noun.action
    if worn:
        frame = "wear"
    elif held and (merely_with or not FRAMES[frame].held):
        frame = "hold"
    elif not held and (not near or frame in BODY or limbs):
        return None
    return Action(Verb("use", frame, FRAMES[frame].style), frame, "target")


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
    span = range(index + 1, end)
    verb = as_said(tokens[:end], index, verb, reading.target)
    adverbs = tuple(tokens[at].value for at in span if tokens[at].kind == "adverb")
    on, prep, region = _objects(reading, span, limbs, verb)
    if on == "nothing" and index and _suffers(reading, index):
        on = "target"
    named = reading.mention.index if reading.mention else -1
    others = any(_is_object(tokens[at]) and at != named for at in span)
    frame = verb.frame
    if reading.target:
        frame = meant(Action(verb, frame, on, prep), reading.target, others)
        there = on == "target" and _merely_there(frame, prep, reading.target, others)
        if there or (on == "nothing" and _done_elsewhere(verb.frame, frame, reading.target)):
            on = "other"
    if "astride" in adverbs and on == "target" and frame not in BODY:
        frame = "straddle"
    if frame == "hold" and any(_to_the_trunk(limb) for limb in limbs):
        frame = "hug_held"
    return Action(verb, frame, on, prep, region, adverbs, index)


def _suffers(reading: Reading, index: int) -> bool:
    """`the tube held up`, `a box carried by two men`: it is done to what stands before it."""
    verb = reading.tokens[index].verb
    mention, nobody = reading.mention, not any(t.kind == "subject" for t in reading.tokens[:index])
    done = reading.tokens[index].text.split()[0].endswith(("ed", "held", "rn", "wn"))
    taken = verb is not None and FRAMES[verb.frame].held
    return mention is not None and mention.index == index - 1 and done and taken and nobody


def _to_the_trunk(limb: Limb) -> bool:
    """`clutching it to her chest`, `against his body`."""
    pressed = limb.how == "at" and limb.prep in ("to", "against")
    return pressed and limb.base in ("chest", "belly")


def _objects(
    reading: Reading, span: range, limbs: Sequence[Limb], verb: Verb
) -> tuple[On, str, str]:
    """What the verb acts on, the preposition before it, and the place on it that is named."""
    tokens = reading.tokens
    on: On = "nothing"
    prep = region = ""
    for at in span:
        place = _place_of_action(reading, at, limbs)
        if place == "pillow" and verb.frame not in BODY:
            on = "other"
        elif place == "target" or place in _REGIONS or place.startswith("part:"):
            if on != "target" and (tokens[at].kind != "region" or on != "other"):
                on, prep = "target", _prep(tokens, span.start, at)
            named = place if place != "target" else ""
            narrower = bool(named) and tokens[at - 1].kind == "region"
            region = named if narrower else region or named
        elif place and on == "nothing" and _is_object(tokens[at]):
            on, prep = "other", _prep(tokens, span.start, at)
    return on, prep, region


def _place_of_action(reading: Reading, at: int, limbs: Sequence[Limb]) -> str:
    """What the token at `at` names, unless it is negated or belongs to a limb."""
    of_limb = reading.tokens[at].kind == "part" or any(x.first <= at <= x.last for x in limbs)
    return "" if of_limb or _negated(reading.tokens, at) else place_at(reading, at)[0]


def _merely_there(frame: str, prep: str, noun: Noun, others: bool) -> bool:
    """`reading the newspaper on a bench`: the bench is where, not what.

    So it is where something is done to another thing: `milks the cow on a stool`.
    """
    passive = ("idle", "read", "eat", "drink", "phone", "text", "write", "smell", "hug_held",
               "watch", "photograph", "play", "type", "hug")  # fmt: skip
    working = ("stroke", "cut", "use", "stir", "repair", "pour")
    seat = noun.action in ("sit", "lie") or noun.has("ride")
    done = frame in passive or (others and frame in working)
    away = prep == "from" and (done or (others and frame in ("touch", "throw")))
    return seat and (away or (done and prep in ("on", "in")))


def _done_elsewhere(said: str, frame: str, noun: Noun) -> bool:
    """`reading` on a sofa: what is read is not the sofa."""
    if frame == "idle" and said != "idle":
        return noun.action in BODY
    taking = ("hold", "carry", "lift", "put", "carry_shoulder", "carry_overhead", "show")
    return noun.action in BODY and FRAMES[frame].held and frame not in taking


_REGIONS = frozenset(grammar.REGIONS.values())


def _is_object(token: Token) -> bool:
    return token.noun is not None and token.noun.category not in NOT_OBJECTS


def _prep(tokens: Sequence[Token], start: int, at: int) -> str:
    """The last preposition between verb and place; `on the edge of the bed` gives on."""
    lead = tokens[start - 1]
    own = lead.verb is not None and lead.verb.frame == "lift" and lead.text.endswith(" off")
    first = start + own  # `takes off his hat`: the particle is the verb's.
    preps = [t.value for t in tokens[first:at] if t.kind == "prep" and t.text != "of"]
    return preps[-1] if preps else ""
