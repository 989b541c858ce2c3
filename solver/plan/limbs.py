"""What the sentence says about single limbs: `elbows on knees`, `with the right hand`."""

from collections.abc import Sequence
from dataclasses import replace

from ..vocabulary import HandShape
from . import grammar
from .limb import Limb, resolve_sides, shared
from .nouns import NOT_OBJECTS, Noun
from .reading import Reading, family
from .tagging import Token

_PASSED = ("other", "adverb", "side", "count")
_ACTING = frozenset({"with", "by", "using"})


def limbs_of(reading: Reading) -> tuple[Limb, ...]:
    """Every limb phrase, in the order of the sentence."""
    tokens = reading.tokens
    found: list[Limb] = []
    for index, token in enumerate(tokens):
        if any(limb.first <= index <= limb.last for limb in found):
            continue
        if token.kind == "part":
            found.append(_limb_at(reading, index))
        elif _unnamed_hand(tokens, index):
            found.append(_limb_of_side(tokens, index))
        elif found and token.value == "other" and _alone(tokens, index):
            other = Limb(found[-1].base, ("other",), "use", first=index, last=index)
            found.append(_acting(reading, other, None))
    return resolve_sides(shared(tokens, found))


def _unnamed_hand(tokens: Sequence[Token], index: int) -> bool:
    """`painting with his right`, `the other in her left`."""
    token, following = tokens[index], tokens[index + 1 : index + 2]
    led = index > 0 and tokens[index - 1].kind == "prep" and tokens[index - 1].value in _HOLDING
    alone = not following or following[0].kind in ("verb", "prep", "neg")
    return token.kind == "side" and led and (alone or following[0].text in ("and", "while"))


_HOLDING = ("with", "in")


def _limb_of_side(tokens: Sequence[Token], index: int) -> Limb:
    prep = tokens[index - 1].value
    sides = (tokens[index].value,)
    if prep == "with":
        return Limb("hand", sides, "use", first=index, last=index)
    return Limb("hand", sides, "at", prep=prep, first=index - 1, last=index)


def _alone(tokens: Sequence[Token], index: int) -> bool:
    """`one foot on the board, the other on the ground`: the part is not said again."""
    following = tokens[index + 1] if index + 1 < len(tokens) else None
    return tokens[index].kind == "count" and following is not None and following.kind == "prep"


def _limb_at(reading: Reading, index: int) -> Limb:
    tokens = reading.tokens
    start = index
    while start > 0 and tokens[start - 1].kind in ("side", "count", "other"):
        start -= 1
    limb = Limb(
        _base(tokens[index].value),
        _sides(tokens[index], tokens[start:index]),
        "use",
        shape=_shape(tokens[max(0, start - 1) : index + 2]),
        first=start,
        last=index,
    )
    if tokens[index].text.endswith("handed"):  # `two-handed lifting`
        return limb
    before = tokens[start - 1] if start > 0 else None
    prep = before.value if before and before.kind == "prep" else ""
    if prep and prep not in _ACTING:
        return replace(limb, how="at", prep=prep, first=start - 1)
    return _acting(reading, limb, before)


def _acting(reading: Reading, limb: Limb, before: Token | None) -> Limb:
    """A limb that is not the place of something: by what follows it."""
    tokens = reading.tokens
    follow = _skip(tokens, limb.last + 1)
    following = tokens[follow] if follow < len(tokens) else None
    lead = before.verb if before else None
    if following and following.kind == "state":
        put_up = _put_up(reading, limb, follow) if following.value == "raised" else None
        return put_up or replace(limb, how="state", state=following.value, last=follow)
    if lead and lead.frame in _OWN_CARE and tokens[limb.last].before:
        return replace(limb, how="state", state="busy")
    if following and following.kind == "verb" and following.verb:
        return _with_verb(reading, limb, follow)
    told = limb.first > 1 and tokens[limb.first - 2].value == "with"  # `with folded arms`
    by_verb = lead is not None and lead.lemma in grammar.STATE_VERBS
    if lead and by_verb and (told or not _placed(reading, limb, follow)):
        return replace(limb, how="state", state=_state_of(lead.lemma), first=limb.first - 1)
    placed = _placed(reading, limb, follow)
    if placed is None or (before and before.kind == "prep" and _only_before(placed)):
        return replace(limb, verb=lead)
    moved = lead is not None and lead.lemma in (grammar.STATE_VERBS | _MOVING_VERBS)
    moved = moved or (lead is not None and lead.frame == "hold" and limb.base == "head")
    return replace(placed, first=placed.first - 1) if moved else placed


def _put_up(reading: Reading, limb: Limb, at: int) -> Limb | None:
    """`one foot up on the bench`: raised, and put there; `arms up in the air` are only raised."""
    placed = _placed(reading, replace(limb, last=at), _skip(reading.tokens, at + 1))
    if placed is None or placed.prep not in ("on", "against", "over"):
        return None
    return placed if placed.place not in ("other", "floor") else None


def _only_before(limb: Limb) -> bool:
    """`with both hands in front of the chest`: the deed is done there; nothing is touched."""
    return limb.prep in ("front", "over") and limb.place.startswith("own:")


_MOVING_VERBS = frozenset({"rest", "put", "place", "lay", "prop", "set", "plant", "position"})
"""Verbs that say nothing but that the limb goes there: `putting her feet on the table`."""


_OWN_CARE = ("wipe", "use", "cut", "smell")
"""Frames whose direct object may be one's own body: `washing her hands`."""


def _with_verb(reading: Reading, limb: Limb, at: int) -> Limb:
    """`legs dangling`, `hands resting on the armrests`, `left hand holds the pan by the handle`."""
    verb = reading.tokens[at].verb
    assert verb is not None
    if verb.lemma in grammar.PLACING_VERBS or verb.frame in ("hold", "touch", "lean"):
        placed = _placed(reading, replace(limb, last=at), _skip(reading.tokens, at + 1))
        if placed:
            return replace(placed, verb=verb)
        held = _held_after(reading, at)
        if held:
            return replace(limb, how="use", verb=verb, last=at)
    follow = _skip(reading.tokens, at + 1, ("other",))
    if follow < len(reading.tokens) and reading.tokens[follow].value == "together":
        return replace(limb, how="state", state="together", last=follow)
    if verb.lemma in grammar.STATE_VERBS:
        return replace(limb, how="state", state=_state_of(verb.lemma), last=at)
    return replace(limb, how="use", verb=verb)


def _held_after(reading: Reading, at: int) -> bool:
    follow = _skip(reading.tokens, at + 1)
    return follow < len(reading.tokens) and reading.tokens[follow].kind in ("noun", "pronoun")


def _placed(reading: Reading, limb: Limb, follow: int) -> Limb | None:
    """`on the armrest`, `behind his head`, `underneath`, if that is what follows."""
    tokens = reading.tokens
    if follow >= len(tokens):
        adverb = tokens[-1]
        if adverb.kind == "adverb" and adverb.value == "underneath":
            return replace(limb, how="place", prep="under", place="underside", last=follow - 1)
        return None
    token = tokens[follow]
    if token.kind == "region" and token.value == "underside":
        return replace(limb, how="place", prep="under", place="underside", last=follow)
    lead = limb.first > 0 and tokens[limb.first - 1].verb
    direct = token.kind == "region" and (not lead or tokens[limb.last].kind == "verb")
    if token.kind != "prep" and not direct:
        return None
    at = follow if direct else _skip(tokens, follow + 1)
    place, last = place_at(reading, at)
    if not place or (
        token.kind == "prep" and token.value in ("with", "for", "of", "by", "like", "at", "from")
    ):
        return None
    if token.text in ("on top of", "atop") and place == "target":
        place = "top"
    sides = [t.value for t in tokens[follow:at] if t.kind == "side"]
    return replace(
        limb,
        how="place",
        prep=token.value if token.kind == "prep" else "on",
        place=place,
        place_side=sides[0] if sides else "",
        last=last,
    )


def place_at(reading: Reading, at: int) -> tuple[str, int]:
    """What place the token names (see `Limb.place`), and the last token of the phrase."""
    if at >= len(reading.tokens):
        return "", at
    token = reading.tokens[at]
    if token.kind == "region":
        return _region_of(reading, token, at)
    if token.kind == "noun" and token.noun:
        return _thing_at(reading, token.noun, at)
    plain = {"part": f"own:{_base(token.value)}", "pronoun": "target"}
    return plain.get(token.kind, ""), at


def _thing_at(reading: Reading, noun: Noun, at: int) -> tuple[str, int]:
    """A place on a thing (`car roof`), the floor, the object itself, or another thing."""
    tokens = reading.tokens
    follower = tokens[at + 1] if at + 1 < len(tokens) else None
    if follower and follower.kind == "region" and not follower.before:
        return follower.value, at + 1
    if tokens[at].text in _GROUND:
        return "floor", at
    target = reading.target
    mentioned = reading.mention is not None and reading.mention.index == at
    # Beside a named stool a chair is another thing; a desk may also be called a table.
    synonym = reading.mention is None or noun.category != "seat"
    alike = synonym and target is not None and family(noun) == family(target)
    same = target is not None and (noun == target or alike)
    return ("target" if mentioned or same else "other"), at


_GROUND = ("floor", "ground", "grass", "sand", "lawn", "snow")


def _region_of(reading: Reading, token: Token, at: int) -> tuple[str, int]:
    """A region, unless it is said to be of another object."""
    tokens = reading.tokens
    end = _skip(tokens, at + 2, ("other",))
    if end < len(tokens) and tokens[at + 1].text == "of" and tokens[end].kind == "noun":
        owner = tokens[end].noun
        mentioned = reading.mention and reading.mention.index == end
        if owner and not mentioned and owner.category not in NOT_OBJECTS:
            return "other", end
        return token.value, end
    return token.value, at


def _skip(tokens: Sequence[Token], start: int, passed: Sequence[str] = _PASSED) -> int:
    while start < len(tokens) and tokens[start].kind in passed:
        start += 1
    return start


def _base(value: str) -> str:
    return grammar.PAIRS.get(value, value)


def _sides(part: Token, words: Sequence[Token]) -> tuple[str, ...]:
    named = tuple(dict.fromkeys(t.value for t in words if t.kind == "side"))
    if named:
        return named
    counts = {t.value for t in words if t.kind == "count"}
    if "other" in counts:
        return ("other",)
    if "one" in counts or _base(part.value) not in grammar.SIDED:
        return ()
    return ("left", "right") if "both" in counts or part.value in grammar.PAIRS else ()


def _shape(words: Sequence[Token]) -> HandShape | None:
    shapes: list[HandShape] = [
        grammar.HAND_WORDS[t.text] for t in words if t.text in grammar.HAND_WORDS
    ]
    if any(t.text == "flat" for t in words):
        return "flat"
    return shapes[0] if shapes else None


def _state_of(lemma: str) -> str:
    table = {
        "cross": "crossed", "spread": "spread", "stretch": "stretched", "fold": "folded",
        "swing": "swinging", "kick": "swinging", "dangle": "hanging", "hang": "hanging",
        "tuck": "tucked", "raise": "raised", "lift": "raised", "extend": "stretched",
        "bend": "bent", "straighten": "straight", "stretch out": "stretched", "open": "spread",
        "clasp": "clasped", "pull up": "tucked", "draw up": "tucked",
    }  # fmt: skip
    return table[lemma]
