"""What a body can do with a thing of this size and weight, and the nearest it can do instead.

The rules go by measured lengths against the person and by rough mass, never by the noun alone: a
toy horse is not ridden, a giant mug may be sat on.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ..vocabulary import Posture
from .action import Action
from .frames import FRAMES
from .keepable import LONG
from .scene import Scene
from .styles import styles_of
from .verbs import Verb

_SEAT = 0.18
"""Longer side of the smallest thing that bears a person, metres."""
_TOOL = 0.15
"""What is narrower than this and shorter than `_HANDY` is a tool, not a seat, metres."""
_HANDY = 0.45
_SLAB = 0.12
"""Depth of what stands but bears nobody on top: a door, a pane, metres."""
_THIN = 0.1
"""Height under which a short thing on the floor is lain beside, not on, metres."""
_CLIMBED = 0.35
"""Lowest thing to climb, in statures."""
_HUNG_FROM = 0.5
"""Longest side of what is too small to hang from, metres."""
_ROOM = (0.22, 0.11)
"""Of the smallest thing to get into: shorter side, in statures, and floor, in statures squared."""
_BULK = 1.1
"""Box volume of what a person of 1.70 m can take up, cubic metres."""
_GARMENT = 0.75
"""Longest worn thing, in statures."""
_WHOLE_BODY = ("worn_body", "worn_back", "worn_legs")
_LONG_GARMENT = 1.2
"""The same for what covers the body: a dress, a suit, wings."""
_HEAD = 0.14
"""Inner width of what fits over a head, metres."""
_HATS = ("cup", "bowl", "pan", "bin", "box", "bag", "jug", "plant", "plate")
_ON_EDGES = ("wall", "ladder", "bar", "stairs", "board", "plank", "long_tool", "pole")
"""Thin things that are climbed, straddled or sat on all the same."""
_TAKEN = ("carry", "carry_shoulder", "carry_overhead", "lift", "throw", "swing", "hold", "show")


@dataclass(frozen=True)
class Impossible:
    """What cannot be done, why, and what is done instead."""

    deed: str
    """After `Nobody can`."""
    why: str
    """After `it is`."""
    instead: str
    """`hold`, `sit_on`, `lean`, `hands`."""


def possible(scene: Scene, *, measured: bool) -> tuple[Scene, str]:
    """The scene as far as a body can do it, and a sentence where it cannot.

    Args:
        scene: As understood.
        measured: Its size is; a box of which nothing is known may well hold a person.
    """
    found = _impossible(scene, _RULES if measured else _RULES[1:])
    if found is None:
        return scene, ""
    thing = scene.noun.name if scene.noun.category != "unknown" else "thing"
    size = " x ".join(f"{side:.2f}" for side in scene.size)
    said = {
        "hold": "it is held in the hand", "lean": "the person leans against it",
        "sit_on": "the person sits on it", "hands": "the person lays both hands on it",
    }[found.instead]  # fmt: skip
    return (
        _INSTEAD[found.instead](scene),
        f"Nobody can {found.deed} {a_or_an(thing)} of {size} m: it is {found.why}. Instead {said}.",
    )


def a_or_an(noun: str) -> str:
    """The noun with its article."""
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _impossible(
    scene: Scene, rules: Sequence[Callable[[Scene], Impossible | None]]
) -> Impossible | None:
    for rule in rules:
        found = rule(scene)
        if found is not None:
            return found
    return None


def _into(scene: Scene) -> Impossible | None:
    """Getting into something without room for a body."""
    said = any(a.is_body and a.on == "target" and a.prep == "in" for a in scene.actions)
    if scene.relation != "inside" and not (said and scene.noun.category in _CLOSED):
        return None
    width, height, depth = scene.size
    narrow, floor = _ROOM[0] * scene.stature, _ROOM[1] * scene.stature**2
    if min(width, depth) >= narrow and width * depth >= floor:
        return None
    bears = _bears(scene) and height < 0.7 * scene.stature and scene.noun.category not in _CLOSED
    return Impossible("get into", "too small", "sit_on" if bears else _nearest(scene))


_CLOSED = ("laptop", "screen", "keyboard", "phone", "tablet", "cup", "bottle", "jar", "jug", "tool",
           "pistol", "book", "bag", "camera", "appliance")  # fmt: skip


def _onto(scene: Scene) -> Impossible | None:
    """Sitting, lying, standing or riding on something that bears nobody."""
    if not scene.supported or scene.noun.category in _ON_EDGES:
        return None
    thin = scene.posture == "lie" and scene.size[1] < _THIN and scene.noun.category != "mat"
    if not _bears(scene) or (thin and max(scene.size) < 0.5 * scene.stature):
        return Impossible(_verb_of(scene), "too small", "hold")
    width, height, depth = scene.size
    slab = min(width, depth) < _SLAB and height > max(1.0, width, depth)
    return Impossible(_verb_of(scene), "too thin", "lean") if slab else None


def _bears(scene: Scene) -> bool:
    width, height, depth = scene.size
    if scene.noun.category in ("board", "mat", "long_tool"):
        return max(scene.size) > _HANDY
    tool = max(scene.size) < _HANDY and sorted((width, height, depth))[1] < _TOOL
    return max(width, depth) >= _SEAT and not tool


def _verb_of(scene: Scene) -> str:
    deeds = [a for a in scene.actions if a.is_body and a.on != "other"]
    if any(a.frame in ("ride", "ride_standing", "drive", "row") for a in deeds):
        return "ride"
    words: dict[Posture, str] = {
        "sit": "sit on", "lie": "lie on", "straddle": "ride", "kneel": "kneel on",
        "squat": "squat on",
    }  # fmt: skip
    return words.get(scene.posture, "stand on")


def _up(scene: Scene) -> Impossible | None:
    """Climbing what is no higher than a step, hanging from what hangs itself."""
    longest, height = max(scene.size), scene.size[1]
    if scene.posture == "climb" and max(height, 0.8 * longest) < _CLIMBED * scene.stature:
        return Impossible("climb", "too small", _nearest(scene))
    if scene.posture == "hang" and longest < _HUNG_FROM:
        return Impossible("hang from", "too small", "hold")
    return None


def _taken(scene: Scene) -> Impossible | None:
    """Carrying, lifting or throwing what one person cannot take up."""
    deeds = [a for a in scene.actions if a.on != "other" and a.frame in _TAKEN]
    if scene.relation != "holding":
        deeds = [a for a in deeds if a.on == "target" and a.frame not in ("hold", "swing", "show")]
    if scene.supported or not deeds or not _too_heavy(scene):
        return None
    return Impossible(_strongest(deeds), "too heavy", "hands")


def _too_heavy(scene: Scene) -> bool:
    if scene.noun.category in LONG or scene.several:
        return False
    width, height, depth = scene.size
    return width * height * depth > _BULK * (scene.stature / 1.7) ** 2


def _strongest(deeds: Sequence[Action]) -> str:
    frames = {a.frame for a in deeds}
    words = (("throw", "throw"), ("lift", "lift"), ("carry_overhead", "lift"), ("swing", "swing"))
    return next((word for frame, word in words if frame in frames), "carry")


def _worn(scene: Scene) -> Impossible | None:
    """Wearing what no body part fits into."""
    if scene.relation != "wearing":
        return None
    longest = max(scene.size)
    if scene.noun.category.startswith("worn"):
        most = _LONG_GARMENT if scene.noun.category in _WHOLE_BODY else _GARMENT
        big = longest > most * scene.stature
        return Impossible("wear", "too big", _nearest(scene)) if big else None
    hat = min(scene.size[0], scene.size[2]) >= _HEAD and longest < 0.7
    if hat and scene.noun.category in _HATS:
        return None
    why = "no garment" if longest < 0.7 else "too big"
    return Impossible("wear", why, _nearest(scene))


_RULES = (_into, _onto, _up, _taken, _worn)


def _nearest(scene: Scene) -> str:
    """What is done with a thing that is not entered, climbed or worn: by size."""
    return "hands" if _too_heavy(scene) or max(scene.size) > 1.0 else "hold"


def _instead(scene: Scene, frame: str, posture: Posture, *, held: bool) -> Scene:
    """The scene with one deed in place of what was asked; what limbs were to do is dropped."""
    deed = Action(Verb(frame, frame, FRAMES[frame].style), frame, "target")
    relation = "holding" if held else "front"
    return replace(
        scene, actions=(deed,), limbs=(), posture=posture, relation=relation, supported=False,
        styles=styles_of((deed,), (), scene.reading, posture),
    )  # fmt: skip


def _hold(scene: Scene) -> Scene:
    low: tuple[Posture, ...] = ("sit", "kneel", "squat")
    posture = scene.posture if scene.posture in low else "stand"
    return _instead(scene, "hold", posture, held=True)


def _lean(scene: Scene) -> Scene:
    return _instead(scene, "lean", "lean", held=False)


def _hands(scene: Scene) -> Scene:
    return _instead(scene, "lay_hands", "stand", held=False)


def _sit_on(scene: Scene) -> Scene:
    sat = replace(_instead(scene, "sit", "sit", held=False), relation="on_top")
    return replace(sat, supported=True)


_INSTEAD = {"hold": _hold, "lean": _lean, "hands": _hands, "sit_on": _sit_on}
