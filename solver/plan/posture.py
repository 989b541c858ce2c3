"""What the whole body does: posture, relation, support, styles."""

from collections.abc import Sequence

from ..vocabulary import Posture, Relation
from .actions import Action
from .frames import FRAMES, RANK
from .limbs import Limb
from .nouns import UNKNOWN, Noun
from .reading import Mention, Reading

_WHERE: dict[str, Relation] = {
    "behind": "behind", "beside": "beside", "front": "front", "left": "left", "right": "right",
    "under": "under",
}  # fmt: skip
_ENCLOSING = frozenset({"bath", "vehicle", "boat", "house", "box", "cart", "storage", "bin"})
_LIE_ON = frozenset({"bed", "mat", "table", "counter", "vehicle", "board", "rock", "bath", "pole"})
_SIT_ON = frozenset({
    "seat", "bed", "mat", "table", "counter", "vehicle", "stairs", "wall", "rock", "box", "soft",
    "big_ball", "bath", "cycle", "mount", "atv", "boat", "sled", "slide", "machine", "house",
    "storage", "board", "window", "ladder", "post", "appliance", "animal", "plank", "ring", "cart",
    "ball", "bin", "bag", "fountain", "sink", "drum", "treadmill", "shield",
})  # fmt: skip


def posture_of(
    actions: Sequence[Action], reading: Reading, limbs: Sequence[Limb], height: float
) -> Posture:
    """The strongest posture said; else what the manipulations suggest; else what the noun does."""
    noun = reading.target or UNKNOWN
    if _rides_along(noun, reading):
        actions = [a for a in actions if _posture(a, noun) != "walk"]
    clear = [a for a in actions if a.is_body and a.frame != "sit_lie"]
    said = [_posture(a, noun) for a in clear or actions if a.is_body]
    trunk = any(
        x.how == "place" and x.base in _TRUNK for x in limbs if not x.place.startswith("own")
    )
    if not said and trunk and noun.action not in ("sit", "lie"):
        return "lean"
    if not actions and any(limb.how == "place" and limb.place == "target" for limb in limbs):
        return "stand"
    if said:
        return max(said, key=lambda posture: RANK[posture])
    if any(a.frame == "push" for a in actions) and _with_trunk(limbs):
        return "lean"
    votes = [a for a in actions if FRAMES[a.frame].posture != "none"]
    on_target = [a for a in votes if a.on == "target"] or [a for a in votes if a.on == "nothing"]
    if all(a.frame == "idle" for a in on_target) and _stays_on(noun, reading):
        on_target = []
    if not on_target and not (votes and FRAMES[noun.action].held):
        aside = reading.mention is not None and reading.mention.prep in _WHERE
        return "stand" if aside else FRAMES[noun.action].posture
    action = (on_target or votes)[-1]
    seated_at = action.frame in _SEATED_WORK or action.verb.frame in _SEATED_WORK
    if seated_at and action.prep == "at" and noun.category in ("table", "counter"):
        return "sit"
    return "bend" if _low_work(action, height, noun) else FRAMES[action.frame].posture


_TRUNK = ("back", "upper_back", "lower_back", "shoulder", "hip", "buttocks")
_SEATED_WORK = ("eat", "drink", "write", "write_on", "read", "type", "text", "play")


def _stays_on(noun: Noun, reading: Reading) -> bool:
    """Whether one who does nothing in particular would be on this seat or bed."""
    there = reading.mention is None or reading.mention.prep in ("on", "in", "")
    return noun.action in ("sit", "lie") and there


def _rides_along(noun: Noun, reading: Reading) -> bool:
    """`a kid on a sled going downhill`: what goes is the sled."""
    on_it = reading.mention is not None and reading.mention.prep in ("on", "in")
    return on_it and noun.has("ride", "deck") and noun.category != "machine"


def _with_trunk(limbs: Sequence[Limb]) -> bool:
    return any(x.how == "use" and x.base in ("shoulder", "back", "hip", "buttocks") for x in limbs)


def _low_work(action: Action, height: float, noun: Noun) -> bool:
    """Whether the hands work below the hips on something that is not taken up."""
    frame = FRAMES[action.frame]
    works = action.frame in ("wipe", "touch", "stroke", "open", "reach")
    flat = noun.category in ON_FLOOR
    low = height < (0.95 if action.frame == "wipe" and flat else 0.75)
    return works and not frame.held and low and flat


ON_FLOOR = frozenset({
    "table", "counter", "seat", "vehicle", "bed", "mat", "stairs", "box", "storage", "bin", "rock",
    "plant", "animal", "cart", "sled", "machine", "post",
})  # fmt: skip


def _posture(action: Action, noun: Noun) -> Posture:
    posture = FRAMES[action.frame].posture
    if action.frame == "sit_lie":
        return _resting(action, noun)
    if action.frame == "lean" and action.adverbs and action.on == "nothing":
        return "bend" if "forward" in action.adverbs else "stand"
    if action.frame == "ride" and noun.category in ("seat", "sled", "big_ball", "vehicle"):
        return "sit"
    on_it = action.on != "other" and action.prep != "beside"
    if action.frame == "sit" and noun.category in ("cycle", "mount", "atv") and on_it:
        return "sit" if "sideways" in action.adverbs else "straddle"
    astride = "astride" in action.adverbs or "reversed" in action.adverbs
    if action.frame in ("sit", "straddle") and astride:
        return "straddle"
    return posture


def _resting(action: Action, noun: Noun) -> Posture:
    """Resting or sleeping: lying where one can lie, sitting on seats, else leaning."""
    asleep = action.verb.style == "asleep"
    if noun.category == "bed" or (asleep and noun.has("lie")):
        return "lie"
    if noun.category == "seat" or (noun.seat and action.prep in ("on", "in")):
        return "sit"
    if action.prep == "at":
        return "sit"
    if noun.category in _LIE_ON and action.on == "target" and action.prep in ("on", "in"):
        return "lie" if asleep or noun.category != "table" else "lean"
    return "lean" if action.on == "target" else "stand"


def is_supported(posture: Posture, actions: Sequence[Action], noun: Noun, reading: Reading) -> bool:
    """Whether the object bears the body in this posture."""
    if posture in ("lean", "bend", "walk", "hang", "climb"):
        return posture == "walk" and noun.category == "machine"
    deciding = [a for a in actions if a.is_body and _posture(a, noun) == posture]
    if _rides_along(noun, reading) and not deciding:
        return True
    if not deciding:
        return _by_noun(posture, noun, reading)
    action = deciding[-1] if deciding[-1].on != "nothing" else deciding[0]
    if action.frame in ("ride", "ride_standing", "stand_on", "sit_in", "stand_in", "drive", "row"):
        return action.on != "other" or action.frame in ("ride", "drive", "row")
    if action.on == "nothing":
        return _free_posture_on_target(posture, noun, reading, action)
    if action.on == "target":
        return _on_target(posture, action, noun)
    return (
        posture == "sit"
        and noun.category == "seat"
        and action.prep in ("at", "front", "beside", "")
    )


def _by_noun(posture: Posture, noun: Noun, reading: Reading) -> bool:
    carried = FRAMES[noun.action].held
    named = reading.mention is None or reading.mention.prep in ("on", "in", "at", "")
    return posture in ("sit", "lie", "straddle") and noun.seat > 0 and not carried and named


def _free_posture_on_target(posture: Posture, noun: Noun, reading: Reading, action: Action) -> bool:
    """`hands behind his head, sitting`: on the object if it is made for it and not said elsewhere."""
    mention = reading.mention
    if mention is not None and mention.prep not in ("on", "in", ""):
        return False
    if posture == "stand":
        return noun.category in ("board",) or (
            mention is not None
            and mention.prep == "on"
            and noun.category in ("stairs", "mat", "board")
        )
    made_for = {"sit": ("seat", "bed", "mat", "big_ball"), "lie": ("bed", "mat", "seat"),
                "straddle": ("cycle", "mount", "atv", "seat")}  # fmt: skip
    return noun.category in made_for.get(posture, ())


def _on_target(posture: Posture, action: Action, noun: Noun) -> bool:
    if posture == "sit":
        if action.prep in ("on", "in", "over", ""):
            return noun.category in _SIT_ON or action.prep == "on"
        return action.prep == "at" and noun.category == "seat"
    if posture in ("lie", "straddle"):
        return action.prep in ("on", "in", "over", "", "from")
    return action.prep in ("on", "in")


def relation_of(
    posture: Posture, supported: bool, actions: Sequence[Action], reading: Reading, held: bool
) -> Relation:
    """Where the person is, or how the object is kept."""
    noun, mention = reading.target or UNKNOWN, reading.mention
    inside = noun.has("inside") or noun.category in _ENCLOSING
    for action in actions:
        if supported and action.is_body and action.on == "target":
            if action.prep == "in" and inside:
                return "inside"
            if FRAMES[action.frame].relation == "inside":
                return "inside"
    if supported:
        return "inside" if noun.category == "bath" and noun.has("inside") else "on_top"
    if held and _is_worn(actions, noun):
        return "wearing"
    if held:
        return "holding"
    if posture == "climb":
        return "on_top"
    return _beside(actions, noun, mention)


def _is_worn(actions: Sequence[Action], noun: Noun) -> bool:
    deeds = [a.frame for a in actions if not a.is_body and a.on != "other"]
    return "wear" in deeds or (noun.category.startswith("worn") and not deeds)


def _beside(actions: Sequence[Action], noun: Noun, mention: Mention | None) -> Relation:
    """Relation of a person who stands near the object."""
    for action in actions:
        if action.on == "target" and action.prep in _WHERE:
            return _WHERE[action.prep]
    if not actions and mention is not None and mention.prep in _WHERE:
        return _WHERE[mention.prep]
    on_target = [a for a in actions if a.on != "other"]
    manipulating = [a for a in on_target if not a.is_body]
    chosen = manipulating or on_target
    frame = FRAMES[chosen[-1].frame] if chosen else FRAMES[noun.action]
    relation = frame.relation
    return relation if relation not in ("on_top", "holding", "wearing", "inside") else "front"
