"""Tags that choose among the poses of one posture."""

from collections.abc import Sequence

from ..vocabulary import STYLES, Posture, Style
from .action import Action
from .frames import FRAMES
from .limb import ear
from .limbs import Limb
from .reading import Reading
from .stance import on_a_side

_ADVERB_STYLES = {
    "upright": "upright", "asleep": "asleep", "cross_legged": "legs_crossed", "perched": "perched",
}  # fmt: skip
_STATE_STYLES = {
    ("leg", "crossed"): "legs_crossed", ("foot", "crossed"): "legs_crossed",
    ("leg", "folded"): "legs_crossed", ("knee", "crossed"): "legs_crossed",
    ("leg", "stretched"): "legs_stretched", ("foot", "stretched"): "legs_stretched",
    ("leg", "straight"): "legs_stretched", ("foot", "raised"): "legs_stretched",
    ("leg", "raised"): "legs_stretched", ("knee", "spread"): "legs_apart",
    ("leg", "spread"): "legs_apart", ("foot", "spread"): "legs_apart",
    ("leg", "swinging"): "swinging_legs", ("foot", "swinging"): "swinging_legs",
    ("leg", "hanging"): "swinging_legs", ("foot", "hanging"): "swinging_legs",
    ("leg", "tucked"): "one_leg_tucked", ("foot", "tucked"): "one_leg_tucked",
    ("arm", "crossed"): "arms_crossed", ("arm", "folded"): "arms_crossed",
    ("hand", "folded"): "pray", ("hand", "clasped"): "pray", ("hand", "together"): "pray",
    ("arm", "spread"): "arms_spread", ("arm", "stretched"): "arms_spread",
    ("leg", "aloft"): "swinging_legs", ("foot", "aloft"): "swinging_legs",
    ("arm", "aloft"): "reach_up", ("hand", "aloft"): "reach_up", ("arm", "raised"): "reach_up",
    ("hand", "raised"): "wave", ("back", "straight"): "upright",
}  # fmt: skip


def styles_of(
    actions: Sequence[Action], limbs: Sequence[Limb], reading: Reading, posture: Posture
) -> tuple[Style, ...]:
    """Tags, most telling first; `neutral` alone where nothing is told."""
    found: list[str] = []
    for limb in limbs:
        found.extend(_limb_styles(limb, posture))
        found.extend(["listening"] if ear(limb, reading.tokens, limbs) else [])
    for action in actions:
        found.extend(_action_styles(action, posture))
    if posture == "lie":
        found = [*_lying_styles(limbs, reading), *found]
    adverbs = [t.value for t in reading.tokens if t.kind == "adverb"]
    found.extend(_ADVERB_STYLES[a] for a in adverbs if a in _ADVERB_STYLES)
    known = [style for style in dict.fromkeys(found) if style in STYLES and style != "neutral"]
    if "leaning_forward" in known and "leaning_back" in known:
        known.remove("leaning_back" if known.index("leaning_forward") == 0 else "leaning_forward")
    if "reach_up" in known:
        known = [style for style in known if style not in ("reach_down", "leaning_forward")]
    return tuple(known) or ("neutral",)  # pyright: ignore[reportReturnType]


def _state_styles(limb: Limb) -> list[str]:
    style = _STATE_STYLES.get((limb.base, limb.state), "neutral")
    cheering = limb.base == "arm" and style == "reach_up" and len(limb.sides) == 2
    return [style, "arms_spread"] if cheering else [style]


def _limb_styles(limb: Limb, posture: Posture) -> list[str]:
    if limb.how == "state":
        return _state_styles(limb)
    if limb.how == "place" and limb.base == "back" and posture == "sit":
        return ["leaning_back"]
    if limb.how != "place" or not limb.place.startswith("own:"):
        return []
    own = limb.place[4:]
    if limb.base in ("elbow", "forearm", "arm") and own in ("knee", "thigh", "leg"):
        return ["elbows_on_knees", "leaning_forward"]
    if limb.base in ("hand", "arm") and own in ("head", "nape") and limb.prep in ("behind", "on"):
        return ["hands_behind_head"]
    chin = limb.base in ("face", "head") and own == "hand"
    return ["rest_chin", *(["leaning_forward"] if posture == "sit" else [])] if chin else []


def _action_styles(action: Action, posture: Posture) -> list[str]:
    if not action.is_body and action.on == "other":
        return [action.verb.style]
    if action.frame == "lean" and posture in ("sit", "kneel", "straddle"):
        back = "backward" in action.adverbs or action.region == "backrest"
        return ["leaning_back" if back else "leaning_forward"]
    if action.frame == "lean":
        back = "backward" in action.adverbs or action.prep == "against"
        return ["leaning_back"] if back and "sideways" not in action.adverbs else []
    styles = [FRAMES[action.frame].style]
    refined = action.frame != action.verb.frame
    resting = action.verb.frame == "sit_lie" and action.verb.style != "asleep"
    if not refined and (not resting or posture in ("sit", "lie")):
        styles.append(action.verb.style)
    if action.frame == "sit" and "backward" in action.adverbs:
        styles.append("leaning_back")
    if action.frame in ("climb", "climb_stairs") and "down" in action.adverbs:
        styles.append("climb_down")
    if action.is_body and action.region == "top_edge" and posture == "sit":
        styles.append("perched")
    return styles


def _lying_styles(limbs: Sequence[Limb], reading: Reading) -> list[str]:
    """On which side of the body one lies."""
    if on_a_side(reading):
        return ["on_side"]
    propped = any(x.base in ("face", "head") and x.place == "own:hand" for x in limbs)
    prone = propped or any(
        limb.how == "at" and limb.prep == "on" and limb.base in ("belly", "chest", "face")
        for limb in limbs
    )
    prone = prone or any(t.kind == "adverb" and t.value == "face_down" for t in reading.tokens)
    return ["on_belly"] if prone else []
