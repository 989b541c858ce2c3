"""What nouns say about objects: size, category, front, what people do with them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from .grammar import MATERIALS, rows_of
from .words import mistyped, plural_forms, split_name

NOT_OBJECTS = frozenset({"place", "stuff", "pronoun"})
"""Categories of nouns that are never the object of a job: they only set the scene."""
FIXED = frozenset({
    "door", "window", "wall", "stairs", "ladder", "table", "vehicle", "house", "pole", "bath",
    "sink", "counter", "cycle", "mount", "atv", "bed", "storage", "appliance", "machine", "bar",
    "boat", "keys", "stand", "animal", "humanoid",
})  # fmt: skip
"""Categories of things one holds on to rather than holds."""
_LONGEST = 4
_PRIMITIVES = frozenset({"plane", "cone", "circle", "grid", "curve", "text", "figure", "character"})
"""Names that modelling programs give by themselves."""


@dataclass(frozen=True)
class Noun:
    """One row of the noun table."""

    name: str
    category: str
    size: tuple[float, float, float] | None
    """Typical width, height, depth, metres."""
    front: str
    """What shows it: backrest, headboard, screen, travel, handle, drawers, door, keys, face."""
    action: str
    """What people mostly do with it: a name of `frames.FRAMES`."""
    grip: tuple[str, ...]
    """Region that the hands take it by; two when the two hands differ."""
    traits: frozenset[str] = frozenset()
    seat: float = 0.0
    """Height of the seat as a share of the object's height; 0 where nobody sits."""

    def has(self, *traits: str) -> bool:
        """Whether it has any of the traits."""
        return not self.traits.isdisjoint(traits)


UNKNOWN = Noun("object", "unknown", None, "none", "touch", ("sides",))


@cache
def nouns() -> Mapping[str, Noun]:
    """Every name and plural in the noun table, as a phrase of lower-case words."""
    table: dict[str, Noun] = {}
    for row in rows_of("nouns.tsv"):
        noun, others = _parse(row)
        for name in (noun.name, *others):
            for form in plural_forms(name):
                table.setdefault(form, noun)
    return {**_small_copies(table), **table}


def _small_copies(table: Mapping[str, Noun]) -> Mapping[str, Noun]:
    """`toy plane`, `model ship`, `stuffed rabbit`: what is too large for a hand, made small."""
    live, other = ("mount", "animal"), ("vehicle", "cycle", "atv", "boat", "humanoid", "house")
    return {
        f"{made} {name}": table["teddy bear" if made in ("stuffed", "plush") else "toy"]
        for made in ("toy", "model", "miniature", "stuffed", "plush")
        for name, noun in table.items()
        if noun.category in live or (noun.category in other and made not in ("stuffed", "plush"))
    }


def _parse(row: list[str]) -> tuple[Noun, list[str]]:
    name, others, category, size, front, action, grip, traits = row
    width, height, depth = (float(value) for value in size.split())
    tags = traits.split()
    seat = next((float(tag[5:]) for tag in tags if tag.startswith("seat=")), 0.0)
    noun = Noun(
        name,
        category,
        (width, height, depth) if width > 0 else None,
        front,
        action,
        tuple(grip.split("+")),
        frozenset(tags),
        seat,
    )
    return noun, [other.strip() for other in others.split(",") if other.strip()]


def noun_at(words: Sequence[str], start: int) -> tuple[Noun, int] | None:
    """The longest noun phrase that starts at a word, and its length in words."""
    table = nouns()
    for length in range(min(_LONGEST, len(words) - start), 0, -1):
        noun = table.get(" ".join(words[start : start + length]))
        if noun is not None:
            return noun, length
    return None


def nouns_of_name(object_name: str) -> list[Noun]:
    """The nouns that an object's name in the scene contains, likeliest first; `Cube.001` has none.

    English puts the head last (`desk_lamp`), so the last noun wins unless it is a material
    (`table_oak`); a glued name (`officechair`) is known by its ending.
    """
    words = split_name(object_name)
    joined = nouns().get("".join(words))
    if joined and joined.category not in NOT_OBJECTS:
        return [] if words[0] in _PRIMITIVES else [joined]
    found: list[Noun] = []
    material: list[Noun] = []
    start = 0
    while start < len(words):
        match = noun_at(words, start)
        if match and match[0].category not in NOT_OBJECTS:
            (material if words[start] in MATERIALS else found).append(match[0])
        start += match[1] if match else 1
    if found or material:
        return [*reversed(found), *reversed(material)]
    return [noun for noun in map(_noun_inside, reversed(words)) if noun]


def _noun_inside(word: str) -> Noun | None:
    noun = named_inside(word)
    if noun is None:
        meant = mistyped(word, nouns().keys())
        noun = nouns()[meant] if meant else None
    return noun if noun and noun.category not in NOT_OBJECTS else None


def named_inside(word: str) -> Noun | None:
    """The thing that a glued name ends in: `officechair`, `minecart`."""
    endings = (word[i:] for i in range(2, len(word) - 3))
    noun = next((nouns()[end] for end in endings if end in nouns()), None)
    return noun if noun and noun.category not in NOT_OBJECTS else None
