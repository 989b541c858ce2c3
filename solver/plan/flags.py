"""What is wrong with a sentence as a whole: two things that exclude each other, or no deed."""

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations

from ..vocabulary import SIDES, Flag
from .action import Action
from .possible import a_or_an
from .posture import body_posture
from .scene import Scene
from .tagging import Token

_APART = ("sit", "stand", "lie", "kneel", "squat", "hang")
"""Postures that nobody has two of at once; walking is standing, straddling is sitting."""
_SAME = {"walk": "stand", "straddle": "sit"}
_ENDURING = ("sit", "sit_in", "stand", "stand_on", "lie", "kneel", "squat", "hang", "straddle")
"""Frames of verbs that say nothing but the posture."""
_AT_ONCE = frozenset({"while", "whilst", "simultaneously"})
_PRONOUNS = ("he", "she", "they")
UNSURE = 0.5
"""Confidence below which the plan calls itself a guess."""
_CARRIED = ("carry", "carry_shoulder", "carry_overhead", "lift", "throw")
_OPPOSED = (
    {"on", "under"}, {"in", "under"}, {"front", "behind"}, {"in", "beside"}, {"left", "right"},
    {"in", "behind"}, {"in", "front"},
)  # fmt: skip
"""Prepositions that cannot both join one person and one thing."""


def flag_of(scene: Scene, impossible: str) -> tuple[Flag, str]:
    """What is wrong with the sentence, and a sentence about it for the artist.

    Args:
        scene: As understood.
        impossible: Why no body can do what is said, from `possible`; empty where one can.
    """
    excluded = impossible or contradiction(scene)
    if excluded:
        return "contradiction", excluded
    if scene.reading.target is None:
        return "no_object", "Neither the sentence nor the object's name says what the object is."
    if _nothing_done(scene):
        noun = scene.reading.mention.text if scene.reading.mention else scene.noun.name
        return "no_interaction", (
            f"The sentence does not say what anybody does with the {noun}: the plan is what people "
            "mostly do. Say it: 'a man sits on ...', 'a woman holds ...'."
        )
    return "ok", ""


def contradiction(scene: Scene) -> str:
    """The two things that the sentence says and that exclude each other, in a sentence."""
    for check in _CHECKS:
        if found := check(scene):
            return f"The sentence contradicts itself: {found}. The plan is the nearest that can be."
    return ""


def _two_postures(scene: Scene) -> str:
    """`sitting on the chair while standing behind it`."""
    tokens = scene.reading.tokens
    said = [a for a in scene.actions if a.frame in _ENDURING]
    for one, two in combinations(said, 2):
        first, second = (_kind(a, scene) for a in (one, two))
        between = tokens[one.index + 1 : two.index]
        at_once = any(t.text in _AT_ONCE for t in between) or _both(tokens, one.index, two.index)
        if at_once and first != second and {first, second} <= set(_APART) and not _other(between):
            return f"nobody can {first} and {second} at once"
    return ""


def _kind(action: Action, scene: Scene) -> str:
    posture = body_posture(action, scene.noun)
    return _SAME.get(posture, posture)


def _both(tokens: Sequence[Token], first: int, second: int) -> bool:
    """`standing and lying on the bed`, `both sitting and standing`."""
    joined = [t.text for t in tokens[first + 1 : second]]
    return joined in (["and"], []) or (first > 0 and tokens[first - 1].text == "both")


def _other(between: Sequence[Token]) -> bool:
    """Whether somebody else does what follows: `while a man stands behind her`."""
    return any(t.kind == "subject" and t.text not in _PRONOUNS for t in between)


def _borne_and_carried(scene: Scene) -> str:
    """`carrying the chair that he sits on`."""
    on_it = [a for a in scene.actions if a.on == "target" and a.prep in ("on", "in")]
    bears = any(a.frame in _ENDURING for a in on_it)
    taken = any(a.on == "target" and a.frame in _CARRIED and not a.prep for a in scene.actions)
    return "nobody can carry what he is on" if bears and taken else ""


def _two_places(scene: Scene) -> str:
    """`lying under the bed on top of it`."""
    tokens, mention = scene.reading.tokens, scene.reading.mention
    if mention is None:
        return ""
    bodies = [a for a in scene.actions if a.is_body and a.on == "target"]
    preps = {a.prep for a in bodies if a.prep}
    for action in bodies:
        ends = [a.index for a in scene.actions if a.index > action.index]
        preps |= _preps(scene, action.index, min([*ends, len(tokens)]))
    found = next((pair for pair in _OPPOSED if pair <= preps), set())
    return f"nobody can be both {' and '.join(sorted(found))} one thing" if found else ""


def _preps(scene: Scene, start: int, end: int) -> set[str]:
    """The prepositions right before the object or its pronoun, limbs' own left out."""
    tokens, mention = scene.reading.tokens, scene.reading.mention
    found: set[str] = set()
    for at in range(start + 1, end - 1):
        of_limb = any(limb.first <= at <= limb.last for limb in scene.limbs)
        following = tokens[at + 1]
        named = following.kind == "pronoun" or (mention is not None and mention.index == at + 1)
        if tokens[at].kind == "prep" and named and not of_limb:
            found.add(tokens[at].value)
    return found


def _forbidden_and_asked(scene: Scene) -> str:
    """`without using his hands, holding it with both hands`."""
    for limb in scene.limbs:
        parts = {f"{side}_{limb.base}" for side in limb.sides or SIDES}
        if limb.how in ("place", "use") and parts <= scene.off_limits:
            return f"the {limb.base} is to touch it and is not to"
    return ""


_CHECKS: tuple[Callable[[Scene], str], ...] = (
    _two_postures, _borne_and_carried, _two_places, _forbidden_and_asked,
)  # fmt: skip


def _nothing_done(scene: Scene) -> bool:
    """Whether no deed joins a person and the object: `a red chair`, `a man and a chair`."""
    reading = scene.reading
    if scene.told or reading.unread:
        return False
    somebody = any(token.kind == "subject" for token in reading.tokens)
    joined = reading.mention is not None and reading.mention.prep not in ("", "of", "for", "like")
    return not (somebody and joined)


def confidence_of(scene: Scene, flag: Flag) -> tuple[float, list[str]]:
    """How sure the plan is, in [0, 1], and what it is unsure of."""
    reading = scene.reading
    confidence = _TRUST[flag]
    doubts = [f"The word '{word}' is not known: it was left out." for word in reading.unread]
    if not scene.told:
        confidence *= 0.4
        if flag != "no_interaction":
            doubts.append(
                "No known action in the sentence: guessed what one does with "
                f"{a_or_an(scene.noun.name)}."
            )
    elif not scene.actions or all(a.on == "other" for a in scene.actions):
        confidence *= 0.6
    if scene.noun.category == "unknown" and reading.target is not None:
        confidence *= 0.6
        doubts.append(
            f"The word '{scene.noun.name}' is not known: how large it is and what it is for are "
            "guessed from the sentence."
        )
    if reading.from_name and reading.mention is None and reading.mentions:
        confidence *= 0.8
    if confidence < UNSURE and not doubts and flag == "ok":
        doubts.append("The sentence was hard to read: the plan is a guess.")
    return round(confidence, 3), doubts


_TRUST: Mapping[Flag, float] = {
    "ok": 1.0, "no_object": 0.5, "contradiction": 0.5, "no_interaction": 0.8,
}  # fmt: skip
"""How sure a plan can be at most."""
