"""Words: splitting, inflecting, and forgiving small typing mistakes."""

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache

ARTICLES = frozenset({"a", "an", "the", "some", "this", "that", "these", "those"})
POSSESSIVES = frozenset({"his", "her", "their", "my", "your", "our", "its", "own"})
_IRREGULAR = {
    "sit": "sat", "stand": "stood", "lie": "lay lain lying lieing", "lay": "laid", "hold": "held",
    "ride": "rode ridden", "drive": "drove driven", "hang": "hung", "swing": "swung",
    "throw": "threw thrown", "catch": "caught", "strike": "struck", "write": "wrote written",
    "read": "read", "wear": "wore worn", "sleep": "slept", "kneel": "knelt", "lean": "leant",
    "bend": "bent", "sweep": "swept", "drink": "drank drunk", "eat": "ate eaten", "cut": "cut",
    "dig": "dug", "feel": "felt", "fight": "fought", "fly": "flew flown", "go": "went gone",
    "come": "came", "run": "ran", "take": "took taken", "bring": "brought", "give": "gave given",
    "put": "put", "set": "set", "shake": "shook shaken", "shoot": "shot", "draw": "drew drawn",
    "tear": "tore torn", "cling": "clung", "fling": "flung", "sling": "slung", "see": "saw seen",
    "keep": "kept", "have": "has had having", "get": "got gotten", "creep": "crept",
    "hit": "hit", "feed": "fed", "hide": "hid hidden", "rise": "rose risen", "tie": "tying",
    "blow": "blew blown", "teach": "taught", "think": "thought", "speak": "spoke spoken",
    "be": "is are was were being been am", "do": "does did done", "ski": "skiing skied",
    "climb": "climbing", "leave": "leaving", "make": "made", "leap": "leapt", "spin": "spun",
    "weld": "welding", "wring": "wrung", "sew": "sewn", "knit": "knit", "snowboard": "snowboarding",
    "serve": "serving", "steal": "stole stolen", "ring": "rang", "swim": "swam", "sing": "sang",
    "seat": "seated", "hew": "hewn", "slay": "slew slain", "thrust": "thrust", "shut": "shut",
    "bite": "bit bitten", "squat": "squat", "park": "parked", "die": "dying", "shoe": "shod",
    "bear": "bore borne", "beat": "beaten", "begin": "began begun", "bet": "bet",
    "break": "broke broken", "build": "built", "burst": "burst", "buy": "bought", "cast": "cast",
    "choose": "chose chosen",
    "deal": "dealt", "dive": "dove", "dream": "dreamt", "fall": "fell fallen", "find": "found",
    "forget": "forgot forgotten", "freeze": "froze frozen", "grow": "grew grown", "hear": "heard",
    "know": "knew known", "lead": "led", "learn": "learnt", "lend": "lent", "let": "let",
    "light": "lit", "lose": "lost", "meet": "met", "mow": "mown", "overtake": "overtook overtaken",
    "pay": "paid", "saw": "sawn", "say": "said", "send": "sent", "shear": "shorn", "shine": "shone",
    "show": "shown", "shrink": "shrank shrunk", "sink": "sank sunk", "slide": "slid",
    "slink": "slunk", "slit": "slit", "smell": "smelt", "sneak": "snuck", "sow": "sown",
    "speed": "sped", "spend": "spent", "spill": "spilt", "spit": "spat", "split": "split",
    "spread": "spread", "spring": "sprang sprung", "stick": "stuck", "stride": "strode stridden",
    "swear": "swore sworn", "tell": "told", "tread": "trod trodden", "undo": "undid undone",
    "weave": "wove woven", "weep": "wept", "win": "won", "withdraw": "withdrew withdrawn",
    "bestride": "bestrode", "unwind": "unwound", "wind": "wound",
}  # fmt: skip


@dataclass(frozen=True)
class Word:
    """One word of the sentence, articles and possessives taken off."""

    text: str
    before: str = ""
    """The article or possessive that stood before it."""
    apart: bool = False
    """A comma or the like stood before it."""


def split(text: str, marks: str = "") -> list[str]:
    """Lower-case words; accents, punctuation and a possessive s are dropped.

    Args:
        text: Any.
        marks: What of the punctuation is kept, each mark a word.
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    plain = re.sub(r"n['`]t\b", " not", plain)
    plain = re.sub(r"['`]s?\b", "", plain)
    return re.findall(r"[a-z]+|\d+" + (f"|[{re.escape(marks)}]" if marks else ""), plain)


_MARKS = ",;:.!?()"
"""What keeps two parts of a sentence apart."""


def words_of(text: str) -> list[Word]:
    """The words that carry meaning, each knowing the article that was taken off."""
    found: list[Word] = []
    before, apart = "", False
    for text_ in split(text, _MARKS):
        if text_ in _MARKS:
            apart = True
        elif text_ in ARTICLES or text_ in POSSESSIVES:
            before = text_
        else:
            found.append(Word(text_, before, apart and bool(found)))
            before, apart = "", False
    return found


def split_name(name: str) -> list[str]:
    """The words of an object's name: `ChairA_01.003` gives chair."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])", " ", name)
    return [word for word in split(spaced.replace("_", " ")) if len(word) > 1 and word.isalpha()]


def verb_forms(verb: str) -> Iterator[str]:
    """Every inflected form of a verb's first word, the rest kept (`put_on`: `putting on`)."""
    first, *rest = verb.split("_")
    for form in _inflect(first):
        yield " ".join([form, *rest])


def _inflect(verb: str) -> set[str]:
    third = verb[:-1] + "ies" if re.search("[^aeiou]y$", verb) else verb + "s"
    if re.search("(s|x|z|ch|sh|o)$", verb):
        third = verb + "es"
    stem = verb[:-1] if verb.endswith("e") and not verb.endswith(("ee", "ye", "oe")) else verb
    past = verb[:-1] + "ied" if re.search("[^aeiou]y$", verb) else stem + "ed"
    forms = {verb[:-2] + "ying" if verb.endswith("ie") else stem + "ing", past}
    if re.search("([^aeiou]|qu)[aeiou][bcdfgklmnprtvz]$", verb):
        doubled = {verb + verb[-1] + "ing", verb + verb[-1] + "ed"}
        short = re.fullmatch("(qu|[^aeiou])*[aeiouy][a-z]", verb) is not None
        forms = doubled if short else forms | doubled
    return {verb, third} | forms | set(_IRREGULAR.get(verb, "").split())


def plural_forms(noun: str) -> set[str]:
    """The noun and its plural; the last word of a phrase is the one that changes."""
    if re.search("[^aeiou]y$", noun):
        return {noun, noun[:-1] + "ies"}
    if re.search("(s|x|z|ch|sh)$", noun):
        return {noun, noun + "es"}
    if re.search("[^aeiou]o$", noun):
        return {noun, noun + "s", noun + "es"}
    if re.search("(lf|ife|eaf)$", noun):
        return {noun, noun + "s", re.sub("fe?$", "ves", noun)}
    return {noun, noun + "s"}


def mistyped(word: str, known: Collection[str]) -> str | None:
    """The one known word that `word` most likely was meant to be, or None.

    One letter too many, one too few, or two swapped from five letters on; one wrong letter only
    inside words of nine and more, because shorter ones are mostly other words (house, horse).
    """
    if len(word) < 5:
        return None
    candidates = [
        other
        for other in known
        if other[:1] == word[:1] and abs(len(other) - len(word)) <= 1 and _one_slip(word, other)
    ]
    return min(candidates, key=lambda other: (-len(other), other)) if candidates else None


@lru_cache(maxsize=4096)
def _one_slip(word: str, other: str) -> bool:
    if len(word) == len(other):
        wrong = [i for i, (a, b) in enumerate(zip(word, other, strict=True)) if a != b]
        if len(wrong) == 1:
            return len(word) >= 9 and 0 < wrong[0] < len(word) - 2
        return (
            len(wrong) == 2
            and wrong[1] == wrong[0] + 1
            and word[wrong[0]] == other[wrong[1]]
            and word[wrong[1]] == other[wrong[0]]
        )
    longer, shorter = (word, other) if len(word) > len(other) else (other, word)
    return len(shorter) >= 5 and any(
        longer[:i] + longer[i + 1 :] == shorter for i in range(1, len(longer))
    )
