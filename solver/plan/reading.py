"""Understanding a sentence: who does what with which object, and where each limb goes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ..artefacts import Subject
from . import grammar
from .light_verbs import spelled_out
from .mentions import Mention, most_acted_on
from .nouns import NOT_OBJECTS, Noun, nouns_of_name
from .people import subject_of
from .strangers import strange_things
from .tagging import Token, tag
from .verbs import Verb
from .words import words_of


@dataclass(frozen=True)
class Reading:
    """What was understood before any decision about contacts."""

    tokens: tuple[Token, ...]
    mentions: tuple[Mention, ...]
    target: Noun | None
    """What the plan is about."""
    mention: Mention | None
    """Where the sentence names the target; None if it does not."""
    subject: Subject
    from_name: bool
    """The object's name in the scene told the noun."""
    notes: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    """Words that stand where a verb stands and are in no table."""

    def others(self) -> tuple[Mention, ...]:
        """The objects that the sentence names besides the target."""
        return tuple(m for m in self.mentions if m is not self.mention)


def read(prompt: str, object_name: str) -> Reading:
    """Tag the sentence and find the object in it."""
    words = words_of(prompt)
    tokens, notes = tag(spelled_out(words))
    tokens = _merge_compounds(strange_things(tokens))
    mentions = _mentions(tokens)
    names = nouns_of_name(object_name)
    said = [noun for noun in names if any(m.noun == noun for m in mentions)]
    named = (said or names or [None])[0]
    mention = _same(mentions, named) if named else most_acted_on(mentions) or _of_doer(tokens)
    target = named if named else (mention.noun if mention else None)
    tokens = _resolve_places(tokens, target)
    return Reading(
        tuple(tokens),
        tuple(mentions),
        target,
        mention,
        subject_of(words),
        named is not None,
        tuple(notes),
        tuple(_unread(tokens)),
    )


def _of_doer(tokens: Sequence[Token]) -> Mention | None:
    """`javelin thrower, arm back`: what the person is named after, where nothing else is named."""
    for index, token in enumerate(tokens):
        if token.kind == "subject" and token.noun and token.noun.category not in NOT_OBJECTS:
            return Mention(token.noun, token.noun.name, index, "with", None)
    return None


def _unread(tokens: Sequence[Token]) -> Iterator[str]:
    """Unknown words that look like verbs: their meaning is lost."""
    neighbours = zip([None, *tokens], tokens, [*tokens[1:], None], strict=False)
    for before, token, after in neighbours:
        if token.kind != "other" or token.text in grammar.PASSED or token.before:
            continue
        gerund = token.text.endswith("ing") and len(token.text) > _SHORT_GERUND
        described = after is not None and after.kind in ("noun", "subject") and not after.before
        finite = token.text.endswith(("s", "ed")) and before is not None
        if (gerund and not described) or (finite and before and before.kind == "subject"):
            yield token.text


_SHORT_GERUND = 5
"""`king`, `thing`, `bring`: no verbs in -ing."""


_PRONOUNS = ("he", "she", "they", "someone", "somebody")


def _merge_compounds(tokens: list[Token]) -> list[Token]:
    """Two nouns in a row are one thing named by the last; a noun before a person only describes."""
    merged: list[Token] = []
    for token in tokens:
        last = merged[-1] if merged else None
        joins = token.kind == "noun" or (token.kind == "subject" and token.text not in _PRONOUNS)
        if last and last.kind == "noun" and joins and not (token.before or token.apart):
            if token.kind == "noun" and token.value:
                merged.append(token)
                continue
            named = last if token.noun and token.noun.category == "pronoun" else token
            text = f"{last.text} {token.text}"
            merged[-1] = replace(named, text=text, noun=named.noun or last.noun, before=last.before)
        else:
            merged.append(token)
    return merged


def _mentions(tokens: list[Token]) -> list[Mention]:
    return [
        Mention(
            token.noun, token.text, index, _prep_before(tokens, index), verb_before(tokens, index),
            _of_limb(tokens, index),
        )
        for index, token in enumerate(tokens) if token.kind == "noun" and token.noun
    ]  # fmt: skip


def _prep_before(tokens: list[Token], index: int) -> str:
    """The preposition that governs the nominal at `index`; `on the edge of the bed` gives on."""
    for at in range(index - 1, -1, -1):
        if tokens[at + 1].apart:  # `waiting for the pitch, bat over the shoulder`
            return ""
        token = tokens[at]
        part = at > 0 and tokens[at - 1].kind == "region" and token.value == "of"
        if token.kind == "prep" and not part:
            return token.value
        if token.kind not in (*_BETWEEN, "prep"):
            return ""
    return ""


_BETWEEN = ("other", "side", "count", "region", "adverb", "neg")
"""Kinds of words that may stand between a preposition and its thing."""


def _of_limb(tokens: list[Token], index: int) -> bool:
    """`her hand on the saddle`: where a limb is, not the person."""
    before = [t for t in tokens[:index] if t.kind not in (*_BETWEEN, "state")]
    return len(before) > 1 and before[-1].kind == "prep" and before[-2].kind == "part"


def verb_before(tokens: list[Token] | tuple[Token, ...], index: int) -> Verb | None:
    """The nearest verb before a token."""
    return next((t.verb for t in reversed(tokens[:index]) if t.verb), None)


def _same(mentions: list[Mention], noun: Noun) -> Mention | None:
    """The mention that means the named object: same word, else same family."""
    objects = [m for m in mentions if m.noun.category not in NOT_OBJECTS]
    for mention in objects:
        if mention.noun == noun:
            return mention
    words = set(noun.name.split())
    for mention in objects:
        if set(mention.noun.name.split()) & words:
            return mention
    for mention in objects:
        if noun.name.endswith(mention.text):
            return mention
    alike = [m for m in objects if family(m.noun) == family(noun)]
    return alike[0] if alike else None


def family(noun: Noun) -> str:
    """Categories whose nouns may name the same thing: a laptop is also called a computer."""
    return next((members[0] for members in _FAMILIES if noun.category in members), noun.category)


_FAMILIES = (
    ("screen", "laptop", "keyboard"), ("table", "counter"), ("ladder", "stairs"), ("bed", "mat"),
    ("vehicle", "atv"), ("ball", "small_ball", "big_ball"), ("pistol", "rifle", "bow"),
    ("cup", "bowl", "jug", "jar", "bottle"), ("mount", "animal"), ("box", "bin", "storage"),
    ("phone", "tablet"), ("humanoid", "thing"), ("bag", "worn_back"), ("striker", "long_tool"),
    ("tool", "small_rod"),
)  # fmt: skip


def _resolve_places(tokens: list[Token], target: Noun | None) -> list[Token]:
    """Decide between body part, place and object for words that can be either."""
    resolved: list[Token] = []
    for index, token in enumerate(tokens):
        following = tokens[index + 1] if index + 1 < len(tokens) else None
        if token.kind == "part" and _belongs_to_object(resolved, token, following, target):
            resolved.append(replace(token, kind="region", value=f"part:{token.value}"))
        elif token.kind == "noun" and token.value and token.noun is not target:
            resolved.append(replace(token, kind="region"))
        elif target and (part := _PART_OF.get((target.category, token.text))):
            resolved.append(replace(token, kind="region", value=part))
        else:
            resolved.append(token)
    return resolved


_PART_OF = {
    ("pole", "trunk"): "sides", ("pole", "branch"): "top", ("pole", "bark"): "sides",
    ("vehicle", "trunk"): "back", ("mount", "tail"): "back", ("animal", "tail"): "back",
    ("vehicle", "door"): "left_side", ("vehicle", "wheel"): "left_side",
}  # fmt: skip
"""(category of the object, word) -> the place on it that is meant."""


def _belongs_to_object(
    before: list[Token], token: Token, following: Token | None, target: Noun | None
) -> bool:
    if following and following.kind == "state":
        return False
    if following and following.kind == "prep" and following.text == "of":
        return True
    last = before[-1] if before else None
    if last and last.text == "by" and token.value not in ("hand", "hands"):
        return True
    if token.before == "its" and not (target and target.category == "worn_head"):
        return True
    owner = last.noun if last and last.kind == "noun" and not token.before else None
    if owner is None or owner is not target or owner.category in NOT_OBJECTS:
        return False
    return token.value in (_OF_BODIES if owner.category in _BODIES else _OF_OBJECTS)


_OF_OBJECTS = frozenset({"arm", "back", "nape", "leg", "hand", "head"})
_OF_BODIES = _OF_OBJECTS | {"face", "mouth", "belly", "shoulder", "chest"}
_BODIES = ("mount", "animal", "humanoid")
