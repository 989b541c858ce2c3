"""Whether an object is held, where it is carried, and how it is turned."""

from collections.abc import Sequence

from ..vocabulary import HeldAttitude, HoldHeight
from .action import Action
from .frames import FRAMES, TOOLS
from .limbs import Limb
from .nouns import FIXED, UNKNOWN, Noun
from .reading import Reading
from .scene import Scene, Size

LONG = frozenset(
    {"long_tool", "plank", "board", "mat", "striker", "weight", "bow", "staff", "umbrella"}
)
_TAKING = ("carry", "carry_shoulder", "carry_overhead", "lift", "wear")
_SMALL = 0.3
_LONGEST_HELD = 1.8
"""Metres."""
_LAP = 0.6
"""Longer animals are not held in the arms, metres."""
_MODEST = 0.6
"""Longest side, metres, of what usually stays where it is and can be held all the same."""
_SHAFT = 0.5
"""Shorter tools have a handle, no shaft, metres."""


def has_shaft(scene: Scene) -> bool:
    """Whether it lies on a shoulder by its shaft, a hand before it: a spade, an axe, a bat."""
    noun = scene.noun
    long = noun.category in LONG or (noun.category == "tool" and max(scene.size) > _SHAFT)
    return long and "handle" in noun.grip


def is_held(actions: Sequence[Action], limbs: Sequence[Limb], size: Size, reading: Reading) -> bool:
    """Whether the object goes where the person takes it."""
    noun = reading.target or UNKNOWN
    mended = any(a.frame == "repair" and a.on == "target" for a in actions)
    in_hands = any(x.how == "at" and x.base == "hand" and x.prep == "in" for x in limbs)
    if (mended and max(size) > _SMALL) or (in_hands and not actions):
        return not mended and noun.category not in FIXED  # `a stick in his right hand`
    kept = FRAMES[noun.action].held and _in_own_hands(limbs, reading)
    in_hand = any(x.how == "place" and x.base == "hand" and x.place == "target" for x in limbs)
    if kept or (in_hand and FRAMES[noun.action].held and max(size) < _SMALL):
        return True
    deeds = [a for a in actions if not a.is_body and a.on != "other"]
    on_target = [a for a in deeds if a.on == "target"] or deeds
    if on_target:
        return any(FRAMES[a.frame].held and _takes(a, noun, size) for a in on_target)
    if noun.category in ("phone", "staff") and reading.mention and reading.mention.prep == "on":
        return True  # `is on the phone`, `walks on crutches`
    leaning = any(a.frame in ("lean", "sit_lie") for a in actions)
    if noun.category in ("staff", "long_tool") and leaning:
        return True
    portable = FRAMES[noun.action].held or noun.category in ("small_ball", "ball", "bag")
    mention = reading.mention
    said_away = mention is not None and mention.prep not in ("", "with", "in", "of", "by", "for")
    return portable and not said_away and max(size) < 2.5


def _in_own_hands(limbs: Sequence[Limb], reading: Reading) -> bool:
    """`waiting for the pitch, bat over the shoulder`, `fishing rod in both hands`."""
    mention = reading.mention
    if mention is None or (mention.verb and not reading.tokens[mention.index].apart):
        return False
    return any(
        x.how == "at" and x.base in _KEEPING and 0 < x.first - mention.index <= _NEAR for x in limbs
    )


_KEEPING = ("hand", "arm", "shoulder", "head", "chest", "lap", "forearm", "mouth", "back", "hip")
_NEAR = 3
"""Tokens between a thing and the limb that keeps it."""


def _takes(action: Action, noun: Noun, size: Size) -> bool:
    """Whether this action takes the object along: nobody holds a staircase, one holds on to it."""
    if action.frame in _TAKING:
        return True
    if action.verb.lemma in ("hold on", "hold onto", "cling") and action.prep in ("to", "on"):
        return False
    massive = noun.has("heavy") and max(size) > 0.6 and noun.category != "power_tool"
    fixed = noun.category in FIXED and not (noun.category == "animal" and max(size) < _LAP)
    small = action.frame == "hold" and not (action.prep or action.region) and max(size) < _MODEST
    light = (small or not fixed) and not massive
    return light and (max(size) < _LONGEST_HELD or noun.category in LONG)


_HEIGHT_PREPS = ("front", "at", "over", "on", "against", "to", "in", "beside")
_HEIGHTS: dict[str, HoldHeight] = {
    "head": "head", "face": "head", "mouth": "mouth", "chest": "chest", "belly": "belly",
    "hip": "hip", "knee": "knee", "shoulder": "head", "lap": "hip", "nape": "head", "thigh": "hip",
}  # fmt: skip


def hold_height(scene: Scene) -> HoldHeight:
    """Where a held object is carried."""
    if scene.relation == "wearing":
        return "free"
    for limb in scene.limbs:
        if limb.how == "at" and limb.prep in _HEIGHT_PREPS and limb.base in _HEIGHTS:
            above = limb.base in ("head", "nape") and limb.prep == "over"
            return (
                "overhead" if above and scene.noun.category != "umbrella" else _HEIGHTS[limb.base]
            )
    adverbs = {t.value for t in scene.reading.tokens if t.kind == "adverb"}
    drilled = at_ceiling(scene) and scene.styled("drill")
    if "overhead" in adverbs or scene.styled("carry_overhead") or drilled:
        return "overhead"
    if hangs(scene):
        return "free" if max(scene.size) < _HIP else "knee"
    return _low(scene) or _height_of_action(scene, "high" in adverbs)


def _low(scene: Scene) -> HoldHeight | None:
    """On the floor, or just above it; None where it is higher."""
    on_floor = scene.posture == "lean" or scene.noun.category == "staff"
    if scene.posture in ("squat", "kneel") and attitude(scene) == "face_down":
        return "knee"
    low = scene.posture == "squat" or (scene.posture == "kneel" and _downward(scene))
    if low or (on_floor and scene.noun.category in ("staff", "long_tool", "umbrella")):
        return "floor"
    return None


def _height_of_action(scene: Scene, high: bool) -> HoldHeight:
    if any(a.verb.lemma in _RAISING for a in scene.manipulations) and max(scene.size) < _SMALL:
        return "head"
    heights: list[HoldHeight] = [FRAMES[a.frame].height for a in reversed(scene.manipulations)]
    if any(a.verb.lemma in _SHINING for a in scene.manipulations):
        # A fist closes across the forearm: a raised one would shine sideways.
        heights.insert(0, "hip")
    for height in heights:
        if height != "free":
            return height
    if high:
        return "head"
    if scene.noun.category in ("umbrella", "bow"):
        return "chest"
    if scene.noun.category in ("staff", "bag", "cart") or scene.noun.name == "bucket":
        return "hip" if scene.noun.category == "staff" else "knee"
    upright = scene.posture in ("walk", "stand")
    return (
        "belly" if upright and max(scene.size) < 1.6 and scene.noun.category not in LONG else "free"
    )


_HIP = 0.5
"""Longer things hang as low as the knee, metres; shorter ones from an arm that hangs."""


def hangs(scene: Scene) -> bool:
    """`the hammer hanging from his hand`."""
    said = any(t.verb and t.verb.frame == "hang" for t in scene.reading.tokens)
    return said and scene.relation == "holding" and scene.posture != "hang"


_SHINING = ("shine", "flash", "illuminate", "light up", "point")
_RAISING = ("raise", "hold up", "lift up", "elevate", "toast")


def _downward(scene: Scene) -> bool:
    """Whether a tool is aimed at the floor."""
    return any(token.text in ("floor", "ground") for token in scene.reading.tokens)


def at_ceiling(scene: Scene) -> bool:
    """Whether a tool is aimed at the ceiling."""
    return any(token.text == "ceiling" for token in scene.reading.tokens)


_UPRIGHT = frozenset({
    "long_tool",
    "cup", "bowl", "plate", "pan", "jug", "box", "bag", "plant", "umbrella", "bin", "jar", "bottle",
    "laptop", "screen", "seat", "staff", "weight", "bow", "camera", "pistol", "appliance", "table",
})  # fmt: skip


def attitude(scene: Scene) -> HeldAttitude:
    """How a held object is turned."""
    adverbs = {t.value for t in scene.reading.tokens if t.kind == "adverb"}
    worn_vessel = scene.relation == "wearing" and not scene.noun.category.startswith("worn")
    if "upside_down" in adverbs or worn_vessel:
        return "upside_down"
    hung = hangs(scene) and scene.noun.category in TOOLS
    if hung or "horizontal" in adverbs:
        return "hanging" if hung else "lying"
    for action in reversed(scene.manipulations):
        turn = FRAMES[action.frame].attitude
        if turn in ("aimed_forward", "aimed_up") and _downward(scene):
            return "aimed_down" if turn == "aimed_forward" else "face_down"
        if turn == "aimed_forward" and at_ceiling(scene):
            return "aimed_up"
        if turn != "free" and scene.noun.category != "weight":
            return turn
    return "upright" if scene.noun.category in _UPRIGHT else "free"
