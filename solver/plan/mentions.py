"""The objects that a sentence names, and which of them the plan is about."""

from collections.abc import Sequence
from dataclasses import dataclass

from .frames import BODY, FRAMES, TOOLS
from .nouns import FIXED, NOT_OBJECTS, Noun
from .verbs import Verb

_PASSIVE = ("idle", "read", "eat", "drink", "phone", "text", "write", "smell", "photograph")
"""Frames of what is done with something small while the body rests on something else."""
_IN_PASSING = ("feed", "count", "watch", "check", "sort", "fold")
"""Verbs that are done to something near, wherever the body is."""
_SMALL = ("tiny", "food")
"""Categories of what is rarely what a plan is about."""
_MOVING = ("put", "lift", "throw", "wipe", "reach", "touch")
"""Frames of what is done to something small at something that stays."""
_HANDHELD = 0.3
"""Metres."""
_VESSELS = ("pan", "bowl", "cup", "jug")
_ON = ("on", "in", "over", "against", "under")


@dataclass(frozen=True)
class Mention:
    """An object that the sentence names."""

    noun: Noun
    text: str
    index: int
    """Of its token."""
    prep: str
    """The preposition before it, or empty for a direct object."""
    verb: Verb | None
    """The verb that governs it."""
    of_limb: bool = False
    """A single limb is there: `her hand on the saddle`."""


def most_acted_on(mentions: Sequence[Mention]) -> Mention | None:
    """What the sentence is about where no object's name says it.

    What bears the body says most, then what hands act on, then the place where something small is
    done (`reading a book on the sofa`), then what is merely near.
    """
    objects = [m for m in mentions if m.noun.category not in NOT_OBJECTS]
    return max(objects, key=_score, default=None)


def _score(mention: Mention) -> float:
    noun = mention.noun
    score = -0.01 * mention.index - 1.5 * (noun.category == "unknown")
    if noun.category.startswith("worn") and mention.verb is None:
        return score - 1.5  # `a man in a suit`
    if mention.prep == "":
        return score + _direct(mention)
    if mention.prep in _ON:
        return score + _on(mention)
    return score + _near(mention)


def _direct(mention: Mention) -> float:
    """Of what a verb acts on without a preposition."""
    verb = mention.verb
    if verb is None or verb.frame in ("watch", "none"):
        return 0.0
    if verb.frame in BODY and verb.frame not in ("bend", "repair", "walk"):
        return 3.0  # `climbs a scaffold`
    if verb.frame == "wear":
        return 1.4
    small = mention.noun.category in _SMALL
    if small or verb.frame in _PASSIVE or verb.lemma in _IN_PASSING:
        return 1.4
    size = mention.noun.size
    moved = verb.frame in _MOVING and size is not None and max(size) < _HANDHELD
    return 2.1 if moved else 2.5


def _on(mention: Mention) -> float:
    """Of what somebody is on, in, over or under, or something is put there."""
    frame = mention.verb.frame if mention.verb else "none"
    if mention.of_limb:
        return 1.2
    if frame in BODY:
        return 3.0
    fixed = mention.noun.category in FIXED
    if fixed and frame in _MOVING:
        return 2.2  # `washing dishes in the sink`, `putting a letter in the mailbox`
    if _bears(mention.noun) and _at_rest(mention):
        return 2.6 if frame == "idle" else 2.0
    return 1.5 if fixed or mention.noun.category in _VESSELS else 1.0


def _near(mention: Mention) -> float:
    """Of what is named after any other preposition."""
    frame = mention.verb.frame if mention.verb else "none"
    if mention.prep == "with":
        tool = mention.noun.category in TOOLS and FRAMES[frame].held
        return 2.6 if tool else 1.2
    if mention.prep == "from" and frame == "hang":
        return 3.0
    if mention.prep == "from":
        taken = mention.noun.category in FIXED and frame in _MOVING
        return 2.2 if taken else 1.6 if _bears(mention.noun) and _at_rest(mention) else -0.5
    if mention.prep in ("of", "for", "like"):
        return -0.5
    return 2.6 if frame in BODY else 0.5


def _bears(noun: Noun) -> bool:
    return noun.seat > 0 or noun.category in ("bed", "seat", "vehicle")


def _at_rest(mention: Mention) -> bool:
    """Whether what is done leaves the body where it is."""
    verb = mention.verb
    return verb is None or verb.frame in (*_PASSIVE, "watch", "none") or verb.lemma in _IN_PASSING
