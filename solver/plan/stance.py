"""Postures that a sentence says without a verb: `on her knees`, `one foot up on the bench`."""

from collections.abc import Sequence

from ..vocabulary import Posture
from .action import Action
from .limbs import Limb
from .mentions import Mention
from .reading import Reading

_BORNE_BY: dict[str, Posture] = {"knee": "kneel", "belly": "lie", "buttocks": "sit"}
"""Part of the own body -> the posture of somebody who is `on` it."""
_LYING = frozenset({"belly", "chest", "back", "face"})
_RESTING = ("sit_lie", "lie")
_CURLED = ("curl", "curl up", "snuggle", "cuddle", "stretch out", "stretch")
_GOING = ("walk", "push", "pull", "none", "reach", "watch", "wipe", "idle", "sweep", "type", "read")
"""Frames of verbs that may be done in any posture."""


def borne_by(limbs: Sequence[Limb], reading: Reading) -> Posture | None:
    """`a girl on her knees`, `crawls on hands and knees`: the posture that the own limbs say."""
    if on_all_fours(reading):
        return "kneel"
    for limb in limbs:
        if limb.base == "knee" and limb.how == "place" and limb.place == "floor":
            return "kneel"  # `one knee on the ground`
        own = limb.how == "at" and limb.prep == "on" and limb.base in _BORNE_BY
        if own and _of_the_person(limb, reading):
            return _BORNE_BY[limb.base]
    return None


def _of_the_person(limb: Limb, reading: Reading) -> bool:
    """Whether it is the person who is on that limb, not a thing that is kept there."""
    before = [t for t in reading.tokens[: limb.first] if t.kind not in ("other", "adverb", "count")]
    last = before[-1] if before else None
    apart = any(t.apart for t in reading.tokens[limb.first - 1 : limb.first + 1])
    if last is None or last.kind == "subject" or apart:
        return True
    return last.kind == "verb" and last.verb is not None and last.verb.frame in _GOING


def lies(actions: Sequence[Action], limbs: Sequence[Limb], reading: Reading) -> bool:
    """Whether someone asleep or curled up lies: on a side, on the belly, or curled up asleep."""
    asleep = any(a.frame == "sit_lie" and a.verb.style == "asleep" for a in actions)
    curled = any(a.verb.lemma in _CURLED for a in actions)
    if not (asleep or curled or any(a.frame in _RESTING for a in actions)):
        return False
    told = any(x.how == "at" and x.prep == "on" and x.base in _LYING for x in limbs)
    named = {token.text.split()[-1] for token in reading.tokens}
    told = told or (asleep and bool({"grass", "ground", "floor", "sand"} & named))
    return (asleep and curled) or told or on_a_side(reading)


def on_a_side(reading: Reading) -> bool:
    """`on his side`, `on her left side`; not the side of a thing, nor a leg over it."""
    tokens = [*reading.tokens]
    for at, token in enumerate(tokens):
        before = [t for t in tokens[:at] if t.kind != "side"]
        after = tokens[at + 1] if at + 1 < len(tokens) else None
        on = bool(before) and before[-1].kind == "prep" and before[-1].value == "on"
        if token.text == "side" and on and not (after and after.text == "of"):
            return True
        if token.text == "side" and after and after.verb and after.verb.frame == "lie":
            return True  # `side-lying on the couch`
    return False


def legs_hang(limbs: Sequence[Limb], reading: Reading) -> bool:
    """`dangles his legs from the pier`: who sits there."""
    down = any(x.base in ("leg", "foot") and x.state in ("hanging", "swinging") for x in limbs)
    return down and reading.mention is not None and reading.mention.prep in ("from", "over")


def foot_up(limbs: Sequence[Limb], actions: Sequence[Action]) -> bool:
    """One foot on the object while nothing is said that the rest of the body does."""
    feet = [x for x in limbs if x.how == "place" and x.base in ("foot", "leg") and x.place != "own"]
    one = any(len(x.sides) == 1 and not x.place.startswith(("own", "floor")) for x in feet)
    return one and len(feet) == 1 and not any(a.is_body and a.frame != "tie" for a in actions)


def feet_up(limbs: Sequence[Limb], height: float) -> bool:
    """`her feet up on the coffee table`: both are on something low, so that she sits elsewhere."""
    both = [
        x for x in limbs if x.how == "place" and x.base in ("foot", "leg") and len(x.sides) == 2
    ]
    return height < _STOOL and any(x.place in ("target", "top") for x in both)


_STOOL = 0.65
"""Height, metres, of the highest thing on which one who sits lays the feet."""


def seated_by(reading: Reading) -> bool:
    """`playing the guitar on the edge of his bed`: a seat that is not the object says it."""
    return any(
        mention.prep in ("on", "in") and mention.noun.action in ("sit", "lie") and _idle(mention)
        for mention in reading.others()
        if mention.noun.category in ("seat", "bed", "soft")
    )


def _idle(mention: Mention) -> bool:
    """Whether the verb before it leaves the person where he is, and nothing is put there."""
    return not mention.of_limb and (mention.verb is None or mention.verb.frame in _SEATED_DEEDS)


_SEATED_DEEDS = (
    "idle", "read", "eat", "drink", "play", "phone", "text", "write", "type", "hold", "watch",
    "hold_both", "play_guitar", "smell", "stroke", "hug", "none",
)  # fmt: skip
"""Frames of what is done sitting where one can."""


def on_all_fours(reading: Reading) -> bool:
    """`get down on all fours`, `on hands and knees`."""
    texts = [token.text for token in reading.tokens]
    both = any(texts[k : k + 3] == ["hands", "and", "knees"] for k in range(len(texts)))
    return both or "all fours" in texts
