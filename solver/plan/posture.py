"""What the whole body does: posture, relation, support, styles."""

from collections.abc import Mapping, Sequence

from ..vocabulary import Posture, Relation
from .action import Action
from .frames import FRAMES, RANK
from .limbs import Limb
from .nouns import UNKNOWN, Noun
from .reading import Reading
from .stance import borne_by, feet_up, foot_up, legs_hang, lies, seated_by

WHERE: Mapping[str, Relation] = {
    "behind": "behind", "beside": "beside", "front": "front", "left": "left", "right": "right",
    "under": "under",
}  # fmt: skip
"""Preposition -> relation of a person who is near the object."""
_LIE_ON = frozenset({
    "bed", "mat", "table", "counter", "vehicle", "board", "rock", "bath", "pole",
})  # fmt: skip


def posture_of(
    actions: Sequence[Action], reading: Reading, limbs: Sequence[Limb], height: float
) -> Posture:
    """The strongest posture said; else what the manipulations suggest; else what the noun does.

    Args:
        actions: Of the sentence.
        reading: For the object and where it is named.
        limbs: Of the sentence.
        height: Of the object, metres.
    """
    noun = reading.target or UNKNOWN
    if rides_along(noun, reading):
        actions = [a for a in actions if body_posture(a, noun) != "walk"]
    if lies(actions, limbs, reading):
        return "lie"
    clear = [a for a in actions if a.is_body and a.frame not in ("sit_lie", "repair")]
    said: list[Posture] = [body_posture(a, noun) for a in clear or actions if a.is_body]
    borne = borne_by(limbs, reading)
    if borne is not None and not {"sit", "lie", "straddle"} & {*said}:
        return borne
    if _propped(clear, said):
        said = [posture for posture in said if posture != "lean"]
    if said:
        return max(said, key=lambda posture: RANK[posture])
    if feet_up(limbs, height) or seated_by(reading) or legs_hang(limbs, reading):
        return "sit"
    return _by_limbs(actions, limbs, reading) or _by_deeds(actions, reading, limbs, height)


def _sat_on(noun: Noun, reading: Reading) -> bool:
    """`in a hammock, one leg over its side`: that limb is not all that is there."""
    there = reading.mention is not None and reading.mention.prep in ("on", "in")
    return noun.action in ("sit", "lie") and there


def _propped(actions: Sequence[Action], said: Sequence[Posture]) -> bool:
    """`bent over the desk, propped on his hand`: the hand bears what the bent back weighs."""
    leans = [a for a in actions if a.frame == "lean"]
    return "bend" in said and "lean" in said and all(a.on != "target" for a in leans)


def _by_limbs(actions: Sequence[Action], limbs: Sequence[Limb], reading: Reading) -> Posture | None:
    """What is said of limbs: a back against the wall leans, knees bent to lift squat."""
    noun = reading.target or UNKNOWN
    bent = any(x.base == "knee" and x.state == "bent" for x in limbs)
    if bent and any(a.frame == "lift" for a in actions):
        return "squat"
    placed = "stand" if foot_up(limbs, actions) else _by_places(actions, limbs, noun)
    return None if placed == "stand" and _sat_on(noun, reading) else placed


def _by_places(actions: Sequence[Action], limbs: Sequence[Limb], noun: Noun) -> Posture | None:
    """What the placing of limbs says: a back against the wall leans, a foot on the chair stands."""
    on_object = [x for x in limbs if x.how == "place" and not x.place.startswith("own")]
    working = [x.base for x in limbs if x.how == "use"]
    pushing = any(a.frame == "push" for a in actions)
    idle = all(a.frame in ("idle", "watch") for a in actions)
    propped = idle and any(x.base in ("elbow", "forearm") for x in on_object)
    leans = any(x.base in _TRUNK for x in on_object) and noun.action not in ("sit", "lie")
    leans = leans or (propped and noun.action not in ("sit", "lie", "straddle"))
    if leans or (pushing and any(base in _TRUNK for base in working)):
        return "lean"
    feet_up = any(x.base == "foot" and len(x.sides) == 2 and x.place == "target" for x in on_object)
    if not actions and feet_up:
        return "sit"
    return "stand" if not actions and any(x.place == "target" for x in on_object) else None


def _by_deeds(
    actions: Sequence[Action], reading: Reading, limbs: Sequence[Limb], height: float
) -> Posture:
    """What the last thing done to the object asks for; without one, what the noun is made for."""
    noun = reading.target or UNKNOWN
    votes = [a for a in actions if FRAMES[a.frame].posture != "none"]
    on_target = [a for a in votes if a.on == "target"] or [a for a in votes if a.on == "nothing"]
    if all(a.frame == "idle" for a in on_target) and _stays_on(noun, reading):
        on_target = []
    if not on_target and not (votes and FRAMES[noun.action].held):
        prep = reading.mention.prep if reading.mention is not None else ""
        if prep == "under" and height < _HEADROOM:
            return "lie" if noun.category in ("bed", "vehicle") else "squat"
        kept = any(x.how == "at" and x.base == "hand" for x in limbs) and noun.action == "lean"
        return "stand" if prep in WHERE or kept else FRAMES[noun.action].posture
    if noun.has("ride") and reading.mention is not None and reading.mention.prep == "on":
        return FRAMES[noun.action].posture  # `on the mule, hanging on to its tail`
    told = [a for a in on_target or votes if a.frame != "hold"]
    action = (told or on_target or votes)[-1]
    seated_work = {action.frame, action.verb.frame} & {*_SEATED_WORK}
    if seated_work and action.prep == "at" and noun.category in ("table", "counter"):
        return "sit"
    if _low_work(action, height, noun):
        return "bend"
    asked = FRAMES[action.frame].posture
    high = height > _STANDING.get(action.frame, height)
    on_wall = action.frame == "write" and any(m.noun.category in _WALLS for m in reading.others())
    return "stand" if high or on_wall else asked


_WALLS = ("wall", "window", "picture", "stand", "door")
"""What is written on standing."""
_STANDING: Mapping[str, float] = {"play_drum": 0.7, "play_cello": 1.8}
"""Height, metres, from which an instrument is played standing: a conga, a double bass."""
_TRUNK = ("back", "upper_back", "lower_back", "shoulder", "hip", "buttocks")
_SEATED_WORK = ("eat", "drink", "write", "write_on", "write_at", "read", "type", "text", "play")


def _stays_on(noun: Noun, reading: Reading) -> bool:
    """Whether one who does nothing in particular would be on this seat or bed."""
    there = reading.mention is None or reading.mention.prep in ("on", "in", "")
    return noun.action in ("sit", "lie") and there


def rides_along(noun: Noun, reading: Reading) -> bool:
    """`a kid on a sled going downhill`: what goes is the sled."""
    on_it = reading.mention is not None and reading.mention.prep in ("on", "in")
    return on_it and noun.has("ride", "deck") and noun.category != "machine"


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


_SLEPT_IN = ("boat", "bath", "cart", "box", "sled")
_HEADROOM = 1.7
"""Height, metres, of the lowest thing that one stands under."""
_HIDES_STANDING = 1.3
"""Height, metres, of what hides a standing person well enough."""


def body_posture(action: Action, noun: Noun) -> Posture:
    """What an action of the whole body means with this object: sitting on a horse is straddling."""
    posture = FRAMES[action.frame].posture
    if posture == "squat" and action.prep == "behind" and action.verb.lemma in ("hide", "shelter"):
        posture = "stand" if noun.size and noun.size[1] > _HIDES_STANDING else "squat"
    if noun.size and noun.size[1] < _HEADROOM and _crouched(action, noun, posture):
        return "squat"
    if action.frame == "sit_lie":
        return _resting(action, noun)
    if action.frame == "lean":
        return _leaning(action, noun)
    if action.frame == "bend" and "from_behind" in action.adverbs:
        posture = "stand"  # `peeks out from behind the tree`
    seated = noun.category in ("seat", "sled", "big_ball", "vehicle")
    if action.frame == "ride" and (seated or (noun.category == "atv" and not noun.has("ride"))):
        return "sit"
    on_it = action.on != "other" and action.prep != "beside"
    if action.frame == "sit" and noun.has("ride") and on_it and not seated:
        return "sit" if "sideways" in action.adverbs else "straddle"
    turned = {"astride", "reversed"} & {*action.adverbs} and action.frame == "sit"
    standing = "astride" in action.adverbs and action.frame == "stand"
    return "straddle" if turned or standing else posture


def _crouched(action: Action, noun: Noun, posture: Posture) -> bool:
    """`building a fort under the table`, `hides in the hollow log`: there is no room to stand."""
    below = action.prep == "under" and posture in ("bend", "stand") and action.on == "target"
    hidden = action.frame == "inside" and action.verb.lemma.startswith("hide")
    return below or (hidden and noun.category not in ("vehicle", "storage"))


def _leaning(action: Action, noun: Noun) -> Posture:
    """Leaning in a chair is sitting, out of a window bending, forward without a prop too."""
    if noun.category == "seat" and action.prep == "in":
        return "sit"
    if action.prep == "from":
        return "bend"
    if action.on == "nothing" and (action.adverbs or FRAMES[noun.action].held):
        return "bend" if "forward" in action.adverbs else "stand"
    return "lean"


def _resting(action: Action, noun: Noun) -> Posture:
    """Resting or sleeping: lying where one can lie, sitting on seats, else leaning."""
    asleep = action.verb.style == "asleep"
    if asleep and action.prep == "under":
        return "lie"
    sprawled = action.verb.style == "slumped" and noun.category == "mat"
    if (
        noun.category == "bed"
        or (asleep and noun.category in _SLEPT_IN)
        or ((asleep or sprawled) and noun.has("lie"))
    ):
        return "lie"
    sat_on = noun.seat or noun.category in ("bag", "worn_back", "soft")
    if noun.category == "seat" or (sat_on and action.prep in ("on", "in")):
        return "sit"
    if action.prep == "at":
        return "sit"
    if noun.category in _LIE_ON and action.on == "target" and action.prep in ("on", "in"):
        return "lie" if asleep or noun.category != "table" else "lean"
    return "lean" if action.on == "target" else "stand"
