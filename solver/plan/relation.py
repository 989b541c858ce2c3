"""Whether the object bears the body, and where the person is beside it."""

from collections.abc import Sequence

from ..vocabulary import Posture, Relation
from .action import Action
from .frames import FRAMES
from .limbs import Limb
from .nouns import UNKNOWN, Noun
from .posture import WHERE, body_posture, rides_along
from .reading import Mention, Reading

_ENCLOSING = frozenset({"bath", "vehicle", "boat", "house", "box", "cart", "storage", "bin"})
_SIT_ON = frozenset({
    "seat", "bed", "mat", "table", "counter", "vehicle", "stairs", "wall", "rock", "box", "soft",
    "big_ball", "bath", "cycle", "mount", "atv", "boat", "sled", "slide", "machine", "house",
    "storage", "board", "window", "ladder", "post", "appliance", "animal", "plank", "ring", "cart",
    "ball", "bin", "bag", "fountain", "sink", "drum", "treadmill", "shield",
})  # fmt: skip


def is_supported(
    posture: Posture,
    actions: Sequence[Action],
    limbs: Sequence[Limb],
    noun: Noun,
    reading: Reading,
) -> bool:
    """Whether the object bears the body in this posture."""
    if posture in ("lean", "bend", "walk", "hang", "climb"):
        carried = any(FRAMES[a.frame].held and a.on == "target" for a in actions)
        run = noun.category == "machine" and not carried
        upon = run or any(_walked_on(a, noun, reading) for a in actions)
        return posture == "walk" and upon
    deciding = [a for a in actions if a.is_body and body_posture(a, noun) == posture]
    if not deciding:
        return rides_along(noun, reading) or _by_noun(posture, noun, reading)
    action = deciding[-1] if deciding[-1].on != "nothing" else deciding[0]
    if action.frame in _MOUNTING:
        return action.on != "other" or action.frame in ("ride", "drive", "row")
    if action.on == "nothing":
        return _made_for(posture, noun, reading) or _lain_over(posture, reading, limbs)
    if action.on == "target":
        return _on_target(posture, action, noun)
    near = action.prep in ("at", "front", "beside", "")
    return posture == "sit" and noun.category == "seat" and near


_STOOD_ON = ("box", "rock", "stairs", "ladder", "board", "plank", "mat", "house", "storage")
"""Things on which somebody is of whom no more is said: `a boy on a rock`."""


def _walked_on(action: Action, noun: Noun, reading: Reading) -> bool:
    """`walks on the wall`, `along the top of the wall`; along a wall one walks beside it."""
    long = noun.category in ("mat", "plank") and bool({"up", "down"} & {*action.adverbs})
    if action.frame == "walk" and action.on == "target" and not action.prep and long:
        return True
    on = action.frame == "walk" and action.on == "target" and action.prep == "on"
    told = [t.text for t in reading.tokens if t.kind == "prep" and t.value == "on"]
    upon = noun.category in _WALKED_ON and bool({"on", "onto", "across"} & {*told})
    return on and (action.region == "top" or upon)


_WALKED_ON = ("wall", "plank", "mat", "bed", "table", "rock", "board", "bar", "seat", "stairs")


def _lain_over(posture: Posture, reading: Reading, limbs: Sequence[Limb]) -> bool:
    """`lying with her back over the ball`: the trunk is on it."""
    trunk = [x for x in limbs if x.base in _TRUNK and x.how in ("place", "at", "use")]
    mention = reading.mention
    lain = mention is not None and mention.verb is not None and mention.verb.frame == "lie"
    over = mention is not None and mention.prep in ("on", "over")
    return posture == "lie" and lain and over and bool(trunk)


_TRUNK = ("back", "lower_back", "upper_back", "belly", "chest")
_MOUNTING = frozenset({"ride", "ride_standing", "stand_on", "sit_in", "stand_in", "drive", "row"})


def _by_noun(posture: Posture, noun: Noun, reading: Reading) -> bool:
    carried = FRAMES[noun.action].held
    mention = reading.mention
    alone = mention is not None and mention.verb is None and not mention.of_limb
    if alone and mention is not None and posture in ("stand", "squat", "kneel") and not carried:
        upon = mention.prep == "on" and noun.category in _STOOD_ON
        return upon or (mention.prep == "in" and noun.category in _ENCLOSING)
    if posture in ("kneel", "squat") and noun.category in ("mat", "bed"):
        return mention is not None and mention.prep == "on" and not mention.of_limb
    if posture == "stand" and noun.category in ("ladder", "stairs"):
        return mention is not None and mention.prep == "on" and mention.verb is None
    if posture in ("stand", "squat") and noun.category == "house" and noun.has("inside"):
        return mention is not None and mention.prep == "in"
    named = mention is None or mention.prep in ("on", "in", "at", "from", "over", "")
    return posture in ("sit", "lie", "straddle") and noun.seat > 0 and not carried and named


def _made_for(posture: Posture, noun: Noun, reading: Reading) -> bool:
    """`hands behind his head, sitting`: on what is made for it, if it is not said elsewhere."""
    prep = reading.mention.prep if reading.mention else ""
    within = prep == "in" and (noun.has("inside") or noun.category in _ENCLOSING)
    if within and posture in ("stand", "squat", "kneel", "sit", "lie"):
        return True  # `is in the crib, standing`
    table = {
        "sit": ("seat", "bed", "mat", "big_ball"), "lie": ("bed", "mat", "seat"),
        "straddle": ("cycle", "mount", "atv", "seat"),
        "stand": ("board", "stairs", "mat") if prep == "on" else ("board",),
    }  # fmt: skip
    return prep in ("on", "in", "") and noun.category in table.get(posture, ())


def _on_target(posture: Posture, action: Action, noun: Noun) -> bool:
    if posture == "sit":
        if action.prep == "over" and noun.category in ("table", "counter"):
            return False  # One slumps over it.
        if action.prep in ("on", "in", "over", "") or action.verb.frame == "tie":
            return noun.category in _SIT_ON or action.prep == "on"
        return action.prep == "at" and noun.category == "seat"
    if posture in ("lie", "straddle"):
        return action.prep in ("on", "in", "over", "", "from")
    return action.prep in ("on", "in") or (action.frame == "crawl" and action.prep == "over")


def relation_of(
    posture: Posture,
    supported: bool,
    actions: Sequence[Action],
    limbs: Sequence[Limb],
    reading: Reading,
    held: bool,
) -> Relation:
    """Where the person is, or how the object is kept.

    Args:
        posture: Of the person.
        supported: The object bears the person.
        actions: Of the sentence.
        limbs: Of the sentence.
        reading: For the object and where it is named.
        held: The object goes where the person takes it.
    """
    noun = reading.target or UNKNOWN
    if supported:
        return "inside" if _is_inside(actions, noun, reading.mention) else "on_top"
    if held:
        return "wearing" if _is_worn(actions, noun) else "holding"
    if posture == "climb":
        return "on_top"
    near = _beside(actions, limbs, noun, reading.mention)
    asleep = posture == "lie" and any(a.verb.style == "asleep" for a in actions)
    return "beside" if asleep and near == "front" else near


def _is_inside(actions: Sequence[Action], noun: Noun, mention: Mention | None) -> bool:
    hollow = noun.has("inside") or noun.category in _ENCLOSING
    into = [a for a in actions if a.is_body and a.on == "target"]
    said = any(a.prep == "in" and hollow for a in into)
    meant = any(FRAMES[a.frame].relation == "inside" for a in into) and noun.category != "machine"
    room = noun.category == "bath" or (
        noun.category == "house" and all(a.prep != "on" for a in into)
    )
    named = mention is not None and mention.verb is None and mention.prep == "in" and hollow
    return said or meant or named or (room and noun.has("inside"))


def _is_worn(actions: Sequence[Action], noun: Noun) -> bool:
    deeds = [a.frame for a in actions if not a.is_body and a.on != "other"]
    return "wear" in deeds or (noun.category.startswith("worn") and not deeds)


_PLACES: dict[str, Relation] = {
    "back": "behind", "sides": "beside", "flank": "beside", "hood": "front", "front": "front",
    "neck": "beside", "part:face": "front", "part:head": "front", "part:mouth": "front",
}  # fmt: skip
_FLANKED = ("vehicle", "mount", "animal", "humanoid", "cycle", "boat")
"""Things with a front, sides and a rear that one goes to for different reasons."""


def _behind_back(actions: Sequence[Action]) -> bool:
    """A chair is leaned on, held by its back and drawn back from behind, where its backrest is."""
    deeds = [a for a in actions if a.on != "other"]
    leans = [a for a in deeds if a.frame == "lean"]
    held = [a for a in deeds if a.frame in ("hold", "touch") and a.on == "target"]
    leant = bool(leans) and leans[-1].region in ("", "part:back", "backrest")
    kept = bool(held) and held[-1].region in ("part:back", "backrest")
    return leant or kept or any(a.frame == "pull" and a.on == "target" for a in deeds)


def _by_place(actions: Sequence[Action], limbs: Sequence[Limb], noun: Noun) -> Relation | None:
    """`hands on the rear` are laid there from behind; one leans on a horse from its side.

    On a chair one leans from behind, where its backrest is.
    """
    leaning = [a for a in actions if a.frame == "lean" and a.on != "other"]
    if noun.category == "seat" and noun.has("back"):
        return "behind" if _behind_back(actions) else None
    if noun.category not in _FLANKED:
        return None
    on_target = [a for a in actions if a.on == "target"]
    named = [a.region for a in on_target] + [x.place for x in limbs if x.how == "place"]
    for place in named:
        if place in _PLACES:
            return _PLACES[place]
    if any(a.frame == "push" for a in on_target) and noun.category == "vehicle":
        return "behind"
    embraced = noun.category == "humanoid" and any(x.prep == "around" for x in limbs)
    return "beside" if leaning or embraced else None


def _beside(
    actions: Sequence[Action], limbs: Sequence[Limb], noun: Noun, mention: Mention | None
) -> Relation:
    """Relation of a person who stands near the object."""
    for action in actions:
        under = action.prep == "under" and not action.is_body
        if action.on == "target" and action.prep in WHERE and not under:
            return WHERE[action.prep]
    trailing = [a for a in actions if "from_behind" in a.adverbs]
    if trailing:
        return "behind"
    alone = mention is not None and not any(
        x.how == "place" and x.first <= mention.index <= x.last for x in limbs
    )  # `his hands behind the pole` is not he.
    if not actions and alone and mention is not None and mention.prep in WHERE:
        return WHERE[mention.prep]
    by_place = _by_place(actions, limbs, noun)
    if by_place is not None:
        return by_place
    on_target = [a for a in actions if a.on != "other"]
    manipulating = [a for a in on_target if not a.is_body]
    chosen = manipulating or on_target
    frame = FRAMES[chosen[-1].frame] if chosen else FRAMES[noun.action]
    relation = frame.relation
    return relation if relation not in ("on_top", "holding", "wearing", "inside") else "front"
