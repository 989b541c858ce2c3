"""Who the person of a sentence is."""

import re
from itertools import pairwise

from ..artefacts import Subject
from . import grammar
from .words import Word


def is_person(word: str) -> bool:
    """Whether a word names a person."""
    trade = re.search("(ist|ian|[^h]woman|[^uo]man|women|men|keeper|worker|maker)$", word)
    return word in grammar.PEOPLE or (trade is not None and len(word) > 5)


def subject_of(words: list[Word]) -> Subject:
    """Sex, age, height and weight as far as the words say."""
    sentence = " ".join(word.text for word in words)
    sex = _sex(words)
    age = next((grammar.AGES[word.text] for word in words if word.text in grammar.AGES), None)
    number = re.search(r"(\d+) (?:year|yr)s? old|aged? (\d+)", sentence)
    age = float(number.group(1) or number.group(2)) if number else _described(words, age)
    height = _height(sentence)
    return Subject(sex=sex, age=age, height=height, weight=_weight(sentence))


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


def _described(words: list[Word], age: float | None) -> float | None:
    """The age of the noun, as its adjective has it: an old man, a little girl, no old boy."""
    grown = age is None or age >= 20
    for word, follower in pairwise(words):
        if is_person(follower.text):
            if grown and word.text in ("old", "elderly", "aged", "senior"):
                return 72.0
            if grown and word.text == "young":
                return 20.0
            if age is not None and age < 12 and word.text in ("little", "small", "young"):
                return min(age, 6.0)
    return age


def _height(sentence: str) -> float | None:
    metres = re.search(r"(\d) (\d\d) ?m(?:etres?|eters?)?\b", sentence)
    centimetres = re.search(r"(\d{3}) ?cm", sentence)
    if metres:
        return float(f"{metres.group(1)}.{metres.group(2)}")
    if centimetres:
        return float(centimetres.group(1)) / 100
    described = re.search(r"\b(tall|short) (\w+)", sentence)
    if described and is_person(described.group(2)):
        return 1.90 if described.group(1) == "tall" else 1.58
    return None


def _weight(sentence: str) -> float | None:
    kilograms = re.search(r"(\d{2,3}) ?(?:kg|kilos?)\b", sentence)
    if kilograms and re.search(r"\bweigh", sentence):
        return float(kilograms.group(1))
    described = re.search(r"\b(fat|obese|overweight|skinny|thin|slim)\b (\w+)", sentence)
    if described and is_person(described.group(2)):
        return 110.0 if described.group(1) in ("fat", "obese", "overweight") else 52.0
    return None
