"""The closed word classes: body parts, places, prepositions, states, counts, people.

The words themselves are in `data/closed.tsv`: class, meaning, words and phrases.
"""

from collections.abc import Mapping
from pathlib import Path

from ..vocabulary import HandShape, Region

DATA = Path(__file__).parent / "data"


def rows_of(file: str) -> list[list[str]]:
    """The rows of a table in `data/`, split at tabs; comments left out."""
    lines = (DATA / file).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


_ROWS = rows_of("closed.tsv")


def _meanings(kind: str) -> Mapping[str, str]:
    return {
        word: meaning for name, meaning, words in _ROWS if name == kind for word in words.split(",")
    }


PARTS = _meanings("part")
"""Word -> base name; a base that ends in s (or `feet`, `calves`) means both sides."""
REGIONS = _meanings("region")
"""Words for places on an object."""
PREPOSITIONS = _meanings("prep")
STATES = _meanings("state")
"""What a limb does by itself."""
ADVERBS = _meanings("adverb")
COUNTS = _meanings("count")
DEEDS = _meanings("deed")
"""Noun after `gives a`, `takes a`, `has a` -> the verb that they mean together."""
PEOPLE = _meanings("person")
"""Word for a person -> male, female or any."""
AGES = {word: float(age) for word, age in _meanings("age").items()}
"""Word for a person -> years."""
STATURES, BUILDS = (
    {word: float(share) for word, share in _meanings(kind).items()} for kind in ("stature", "build")
)
"""Words for a person -> share of the height, and of the body mass index, usual for sex and age."""
ORDINARY = frozenset(_meanings("ordinary"))
"""English words of no table that are one letter away from a word that is in one."""
PASSED = frozenset(_meanings("passed"))
"""Words that are passed over when a phrase is read."""
MATERIALS = frozenset(_meanings("material"))
"""Words that mostly describe another noun of an object's name."""

PAIRS: dict[str, str] = {
    "hands": "hand", "forearms": "forearm", "arms": "arm", "elbows": "elbow",
    "upper_arms": "upper_arm", "shoulders": "shoulder", "hips": "hip", "thighs": "thigh",
    "legs": "leg", "knees": "knee", "shins": "shin", "calves": "calf", "feet": "foot",
}  # fmt: skip
SIDED = frozenset(PAIRS.values())
HAND_WORDS: dict[str, HandShape] = {
    "palm": "flat", "palms": "flat", "fist": "fist", "fists": "fist", "finger": "point",
    "index finger": "point", "fingertip": "point", "fingertips": "flat", "fingers": "pinch",
}  # fmt: skip
OWN: dict[str, Region] = {
    "thigh": "own_thigh", "lap": "own_thigh", "leg": "own_thigh", "knee": "own_knee",
    "shin": "own_knee", "belly": "own_belly", "chest": "own_belly", "head": "own_head",
    "face": "own_head", "nape": "own_head", "mouth": "own_head", "hip": "own_hip",
    "foot": "own_foot",
}  # fmt: skip
"""Base name of a part -> the region of the person's own body it is."""
PART_REGIONS: dict[str, Region] = {
    "arm": "armrest", "back": "backrest", "head": "headrest", "nape": "neck", "hand": "hand",
    "mouth": "rim", "face": "front", "chest": "front", "belly": "flank", "leg": "sides",
    "shoulder": "top", "foot": "underside", "buttocks": "underside",
}  # fmt: skip
"""Body part words that name a place when they belong to the object: the arm of a chair."""
STATE_VERBS = frozenset({
    "cross", "spread", "stretch", "fold", "swing", "dangle", "hang", "tuck", "raise", "extend",
    "bend", "kick", "straighten", "lift", "stretch out", "open", "clasp", "pull up", "draw up",
})  # fmt: skip
PLACING_VERBS = frozenset({
    "rest", "put", "place", "lay", "prop", "press", "set", "hold", "position", "plant", "keep",
    "have", "hook", "lean", "drape", "dip", "support", "rest on", "lie", "touch", "put up",
    "grip", "grasp", "clutch", "push", "grab", "hang", "hold onto", "prop up", "wrap", "hold on",
})  # fmt: skip
NEGATIONS = frozenset({"without", "not", "no", "never", "avoiding", "avoid", "nothing", "neither"})
HEAVY = frozenset({"heavy", "massive", "huge", "giant", "loaded", "full", "bulky", "enormous"})
