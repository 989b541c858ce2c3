"""Who the person of a sentence is."""

import re

from ..artefacts import Subject
from ..body.growth import ADULT, typical_height, typical_index
from . import grammar
from .words import Word

_OLD = frozenset({"old", "elderly", "aged", "senior"})
_SMALL = frozenset({"little", "small", "young", "tiny"})
_NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
            "eleven", "twelve")  # fmt: skip


def is_person(word: str) -> bool:
    """Whether a word names a person."""
    trade = re.search("(ist|ian|[^h]woman|[^uo]man|women|men|keeper|worker|maker)$", word)
    known = word in grammar.PEOPLE or (word.endswith("s") and word[:-1] in grammar.PEOPLE)
    return known or (trade is not None and len(word) > 5)


def subject_of(words: list[Word]) -> Subject:
    """Sex, age, height and weight as far as the words say."""
    sentence = " ".join(word.text for word in words)
    described = _adjectives(words)
    sex = _sex(words)
    age = next((grammar.AGES[word.text] for word in words if word.text in grammar.AGES), None)
    number = re.search(rf"(\d+|{'|'.join(_NUMBERS)}) (?:year|yr)s? old|aged? (\d+)", sentence)
    if number:
        said = number.group(1) or number.group(2)
        age = float(said) if said.isdigit() else float(_NUMBERS.index(said))
    else:
        age = _described(described, age)
    height, weight = _measured(sentence)
    tall = next((grammar.STATURES[word] for word in described if word in grammar.STATURES), None)
    build = next((grammar.BUILDS[word] for word in described if word in grammar.BUILDS), None)
    if tall or build:
        age = ADULT if age is None else age  # Else who is short would be taken for a child.
        usual = typical_height(age, 0.5 if sex is None else sex)
        height = height or (round(tall * usual, 2) if tall else None)
        if build and not weight:
            index = build * typical_index(age, 0.5 if sex is None else sex)
            weight = round(index * (height or usual) ** 2, 1)
    return Subject(sex=sex, age=age, height=height, weight=weight)


def _adjectives(words: list[Word]) -> list[str]:
    """What stands right before a word for a person, back to its article."""
    found: list[str] = []
    chain: list[str] = []
    for word in words:
        if word.before:
            chain = []
        if is_person(word.text):
            found += chain
        chain = [*chain, word.text] if _describes(word.text) else []
    return found


def _describes(word: str) -> bool:
    known = (grammar.PASSED, grammar.STATURES, grammar.BUILDS)
    return word in _OLD or word in _SMALL or any(word in table for table in known)


def _sex(words: list[Word]) -> float | None:
    """Of the first word that tells: a noun, a pronoun, a name, a possessive."""
    for word in words:
        for text in (word.before, word.text):
            sex = grammar.PEOPLE.get(text, "any")
            if sex == "female" or text.endswith("woman") or text == "her":
                return 0.0
            if sex == "male" or re.search("[^u]man$", text):
                return 1.0
    return None


def _described(adjectives: list[str], age: float | None) -> float | None:
    """The age of the noun, as its adjectives have it: an old man, a little girl, no old boy."""
    said = set(adjectives)
    if "aged" in said and "middle" in said:
        return 50.0
    if age is None or age >= 20:
        return 72.0 if said & _OLD else 20.0 if "young" in said else age
    return min(age, 6.0) if age < 12 and said & _SMALL else age


def _measured(sentence: str) -> tuple[float | None, float | None]:
    """Metres and kilograms that are given as numbers."""
    metres = re.search(r"(\d) (\d\d) ?m(?:etres?|eters?)?\b", sentence)
    centimetres = re.search(r"(\d{3}) ?cm", sentence)
    height = float(f"{metres.group(1)}.{metres.group(2)}") if metres else None
    if centimetres and height is None:
        height = float(centimetres.group(1)) / 100
    kilograms = re.search(r"(\d{2,3}) ?(?:kg|kilos?)\b", sentence)
    weighed = kilograms and re.search(r"\bweigh", sentence)
    return height, float(kilograms.group(1)) if kilograms and weighed else None
