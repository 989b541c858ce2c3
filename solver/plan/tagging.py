"""From words to tagged tokens: which word is a verb, an object, a body part, a place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from . import grammar
from .nouns import Noun, nouns
from .people import is_person
from .verbs import Verb, verbs
from .words import ARTICLES, POSSESSIVES, Word, mistyped

Kind = Literal[
    "verb", "noun", "part", "region", "prep", "state", "side", "count", "neg", "adverb",
    "subject", "pronoun", "other",
]  # fmt: skip
_LONGEST = 5
_PRONOUNS = frozenset({"it", "them", "itself"})


@dataclass(frozen=True)
class Token:
    """One unit of meaning: a word or a phrase."""

    kind: Kind
    text: str
    value: str = ""
    """Base of a part, name of a region, meaning of a preposition, ..."""
    before: str = ""
    """The article or possessive that stood before it."""
    noun: Noun | None = None
    verb: Verb | None = None
    apart: bool = False
    """A comma or the like stood before it."""


@cache
def _phrases() -> Mapping[str, tuple[Kind, str]]:
    """The closed classes by phrase, articles left out; earlier classes win."""
    table: dict[str, tuple[Kind, str]] = {}
    classes: tuple[tuple[Kind, Mapping[str, str]], ...] = (
        ("part", grammar.PARTS), ("region", grammar.REGIONS), ("prep", grammar.PREPOSITIONS),
        ("adverb", grammar.ADVERBS), ("count", grammar.COUNTS), ("state", grammar.STATES),
    )  # fmt: skip
    for kind, words in classes:
        for phrase, value in words.items():
            table.setdefault(_bare(phrase), (kind, value))
    return table


@cache
def _states() -> Mapping[str, str]:
    return {_bare(phrase): value for phrase, value in grammar.STATES.items()}


def _bare(phrase: str) -> str:
    return " ".join(word for word in phrase.split() if word not in ARTICLES)


@cache
def _by_initial() -> Mapping[str, tuple[str, ...]]:
    known = [
        word for word in (*nouns(), *verbs(), *_phrases()) if " " not in word and len(word) > 3
    ]
    initials = {word[0] for word in known}
    return {first: tuple(sorted({w for w in known if w[0] == first})) for first in initials}


def tag(words: Sequence[Word]) -> tuple[list[Token], list[str]]:
    """The tokens of a sentence, and what had to be guessed about its spelling."""
    tokens: list[Token] = []
    notes: list[str] = []
    start = 0
    while start < len(words):
        found, length = _phrase(words, start, tokens)
        if not found:
            found, length = [_word(words, start, tokens, notes)], 1
        if words[start].apart:
            found[0] = replace(found[0], apart=True)
        tokens.extend(found)
        start += length
    return tokens, notes


def _word(words: Sequence[Word], start: int, tokens: list[Token], notes: list[str]) -> Token:
    """One word by itself; what had to be guessed about its spelling is noted."""
    word = words[start]
    if _is_doer(word.text) or _opens(words, start, tokens):
        return Token("subject", word.text, before=word.before)
    if not is_known(word.text):
        candidates = _by_initial().get(word.text[0], ())
        if tokens and tokens[-1].kind == "subject" and not word.before:
            candidates = tuple(each for each in candidates if each in verbs())
        meant = mistyped(word.text, candidates)
        if meant:
            notes.append(f"'{word.text}' was read as '{meant}'.")
            word = replace(word, text=meant)
    following = words[start + 1] if start + 1 < len(words) else None
    return _shod_foot(word, following, tokens) or _single(word, following, tokens)


def _shod_foot(word: Word, following: Word | None, tokens: Sequence[Token]) -> Token | None:
    """`one boot on the chest`, `..., boots on the seat`: the foot in it is meant."""
    if word.text.rstrip("s") not in _SHOES or following is None or following.text not in _UPON:
        return None
    counted = bool(tokens) and tokens[-1].kind in ("count", "side")
    if not counted and not word.apart:
        return None
    return Token("part", word.text, "feet" if word.text.endswith("s") else "foot")


_SHOES = ("boot", "shoe", "heel", "sneaker", "sandal", "slipper")
_UPON = ("on", "up", "against", "upon")


def _is_doer(text: str) -> bool:
    """`gambler`, `runner`: an unknown word that is a known verb and -er."""
    stems = (text[:-1], text[:-2], text[:-3])
    return not is_known(text) and text.endswith("er") and any(stem in verbs() for stem in stems)


def _opens(words: Sequence[Word], start: int, tokens: Sequence[Token]) -> bool:
    """`a goalie blocks the ball`: an unknown word before the first verb is who does it."""
    following = words[start + 1] if start + 1 < len(words) else None
    first = not any(token.kind in ("verb", "subject", "prep") for token in tokens)
    acts = following is not None and following.text in verbs() and not following.before
    return first and acts and not is_known(words[start].text)


def is_known(text: str) -> bool:
    """Whether a word is in any table."""
    return (
        text in nouns() or text in verbs() or text in _phrases() or is_person(text)
        or text in grammar.PASSED or text in grammar.NEGATIONS or text in POSSESSIVES
        or text in grammar.ORDINARY or text in ("left", "right", *_PRONOUNS)
    )  # fmt: skip


def _phrase(words: Sequence[Word], start: int, tokens: list[Token]) -> tuple[list[Token], int]:
    for length in range(min(_LONGEST, len(words) - start), 1, -1):
        if any(word.apart for word in words[start + 1 : start + length]):
            continue
        text = " ".join(word.text for word in words[start : start + length])
        before = words[start].before
        after_part = bool(tokens) and tokens[-1].kind == "part"
        kind, value = _phrases().get(text, ("other", ""))
        if after_part and text in _states():
            return [Token("state", text, _states()[text])], length
        rest = words[start + 1 : start + length]
        whole = not any(word.before for word in rest)
        if text in nouns() and whole and not _is_deed(words, start, length, tokens):
            place = value if kind == "region" else ""
            return [Token("noun", text, place, before, nouns()[text])], length
        if kind not in ("other", "state") and (whole or kind == "prep"):
            return _with_owner(kind, text, value, before), length
        thing = before in ARTICLES and words[start].text in nouns()  # `the hammer in ...`
        if text in verbs() and not (thing or any(w.before and w.text == "back" for w in rest)):
            return _verb_with_particle(text), length
    return [], 0


def _is_deed(words: Sequence[Word], start: int, length: int, tokens: list[Token]) -> bool:
    """Whether a phrase that is noun and verb is done here: `two men playing cards`."""
    text = " ".join(word.text for word in words[start : start + length])
    if text not in verbs() or words[start].before:
        return False
    end = start + length
    following = words[end] if end < len(words) else None
    acts = _acts(following, tokens[-1] if tokens else None)
    return acts or words[start].text.endswith("ing")


def _with_owner(kind: Kind, text: str, value: str, before: str) -> list[Token]:
    """`table top`: a place whose name says what it is a place of."""
    owner, _, part = text.partition(" ")
    if kind == "region" and part and owner in nouns() and part in grammar.REGIONS:
        return [Token("noun", owner, "", before, nouns()[owner]), Token(kind, part, value)]
    return [Token(kind, text, value, before)]


def _verb_with_particle(text: str) -> list[Token]:
    particle = text.rsplit(" ", 1)[-1]
    tokens = [Token("verb", text, verb=verbs()[text])]
    if particle in grammar.PREPOSITIONS:
        tokens.append(Token("prep", particle, grammar.PREPOSITIONS[particle]))
    elif particle in grammar.ADVERBS:
        tokens.append(Token("adverb", particle, grammar.ADVERBS[particle]))
    elif particle in nouns():  # `drawing a bow`: what it is done to.
        tokens.append(Token("noun", particle, noun=nouns()[particle]))
    return tokens


def _single(word: Word, following: Word | None, tokens: list[Token]) -> Token:
    text = word.text
    previous = tokens[-1] if tokens else None
    fixed: dict[str, Kind] = {
        **dict.fromkeys(grammar.NEGATIONS, "neg"), **dict.fromkeys(_PRONOUNS, "pronoun"),
        "left": "side", "right": "side",
    }  # fmt: skip
    if text == "one" and (following is None or following.text in ("and", "while")):
        return Token("pronoun", text, text)
    if text in fixed:
        return Token(fixed[text], text, text, word.before)
    if previous and previous.kind == "part" and text in grammar.STATES:
        return Token("state", text, grammar.STATES[text])
    figure = _is_figure(text, following, tokens)
    if figure or (is_person(text) and _is_subject(word, tokens)):
        return Token("subject", text, before=word.before)
    if text in verbs() and (
        _is_verb(word, following, previous) or _is_predicate(word, following, tokens)
    ):
        return Token("verb", text, verb=verbs()[text])
    return _nominal(word, previous)


def _is_figure(text: str, following: Word | None, tokens: Sequence[Token]) -> bool:
    """`a troll swings a club`: a figure that acts like a person is who acts."""
    noun = nouns().get(text)
    alive = noun is not None and (noun.category, noun.action) == ("humanoid", "greet")
    acts = following is not None and not following.before and following.text in verbs()
    return alive and acts and all(token.kind in ("other", "count") for token in tokens)


def _is_subject(word: Word, tokens: list[Token]) -> bool:
    """Whether a word for a person is the one who acts (else it may be a verb or the object)."""
    acted = any(token.kind in ("verb", "subject") for token in tokens)
    return not acted or (word.text not in verbs() and word.text not in nouns())


def _is_verb(word: Word, following: Word | None, previous: Token | None) -> bool:
    """Whether a word that can be a verb is one here."""
    text = word.text
    kind, _ = _phrases().get(text, ("other", ""))
    done = previous is not None and previous.text in ("doing", "does", "do", "did")
    acting = previous is not None and previous.verb is not None and previous.verb.frame != "none"
    done = done or (acting and verbs()[text].lemma == text)  # `drizzles oil`: what is poured.
    gerund = text.endswith("ing")
    within = previous is not None and previous.text == "mid"
    if done or within or (word.before and not gerund):
        return False
    if text not in nouns() and kind not in ("part", "region"):
        return kind not in ("prep", "adverb", "count")
    if word.before or gerund:
        return not word.before
    return _acts(following, previous)


def _is_predicate(word: Word, following: Word | None, tokens: Sequence[Token]) -> bool:
    """`a man in a suit hammers a nail`: the verb that the sentence still lacks."""
    if word.before or not word.text.endswith("s") or not tokens:
        return False
    kinds = {token.kind for token in tokens}
    last = tokens[-1]
    behind = last.kind == "noun" or last.text.endswith("ly")
    lacks = "subject" in kinds and "verb" not in kinds
    return lacks and behind and (following is None or _opens_object(following))


def _acts(following: Word | None, previous: Token | None) -> bool:
    """Whether a word that is both noun and verb stands where a verb stands."""
    if previous and previous.text == "to":
        return not (following and following.text in verbs() and not following.before)
    if previous and previous.kind == "subject":
        return True
    opens = previous is None or previous.text in ("and", "then", "who", "while")
    return opens and following is not None and _opens_object(following)


def _opens_object(word: Word) -> bool:
    """Whether a word can begin what a verb acts on."""
    kind, _ = _phrases().get(word.text, ("other", ""))
    return bool(word.before) or kind == "prep" or word.text in _PRONOUNS or word.text in nouns()


def _nominal(word: Word, previous: Token | None) -> Token:
    text = word.text
    kind, value = _phrases().get(text, ("other", ""))
    if text == "back" and previous and previous.kind == "verb" and not word.before:
        return Token("adverb", text, "backward")
    if kind == "part":
        return Token("part", text, value, word.before)
    if text in nouns():
        return Token("noun", text, value if kind == "region" else "", word.before, nouns()[text])
    if kind in ("region", "prep", "adverb", "count"):
        return Token(kind, text, value, word.before)
    return Token("other", text, before=word.before)
