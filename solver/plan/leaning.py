"""What a leaning person leans with, and on what."""

from ..vocabulary import SIDES
from .action import Action
from .grips import hand_shape, named_region
from .hands import WORKING
from .limbs import Limb
from .placing import body_parts, place_region, stretched
from .scene import Draft, Scene

_UPRIGHT = frozenset({
    "door", "storage", "appliance", "window", "pole", "humanoid", "screen", "house", "mount",
    "picture", "ladder",
})  # fmt: skip
_REACH = 0.66
"""Height of the forearms of a leaning person, in statures: 1.12 m for 1.70 m."""
_COUNTER = 0.50
"""Height, in statures, from which one leans on the forearms rather than on the hands."""


def lean_on(draft: Draft) -> None:
    """Contacts of a leaning or bent person: the limbs named, else what the height suggests."""
    scene = draft.scene
    leaning = [
        a for a in scene.actions if a.frame in ("lean", "push", "sit_lie") and a.on != "other"
    ]
    if scene.posture != "lean" and not leaning:
        return
    region = lean_region(scene, leaning[-1] if leaning else None)
    tools = [limb for limb in scene.limbs if _bears(limb)]
    for limb in tools:
        _with_limb(draft, limb, region)
    if scene.posture != "lean":
        return
    if _backward(scene) or (not tools and not _placed_on_object(scene)):
        _by_height(draft, region)
    flat = draft.contacts.get("back", ("", "", 0.0))[0]
    if flat in ("front", "sides"):  # The back alone would need the feet far out.
        draft.put("buttocks", flat, "support", 0.7)


def _bears(limb: Limb) -> bool:
    """`with her elbows`, `propped on one hand`."""
    own = limb.how == "at" and limb.prep == "on" and limb.base in _PROPS
    return (limb.how == "use" and limb.base in WORKING) or own


_PROPS = ("hand", "elbow", "forearm", "arm")


def _backward(scene: Scene) -> bool:
    """`leans back against the desk`."""
    leans = [a for a in scene.actions if a.frame == "lean" and a.on != "other"]
    return any({"backward", "reversed"} & {*a.adverbs} for a in leans)


def lean_region(scene: Scene, action: Action | None) -> str:
    """Where one leans: the place named, else by what the object is."""
    if action and action.region:
        return named_region(scene, action)
    noun = scene.noun
    if noun.category in ("staff", "long_tool"):
        return "grip" if "grip" in noun.grip else "handle"
    if noun.category == "seat" and noun.has("back"):
        return "backrest"
    if noun.category in ("vehicle", "cycle"):
        return "sides" if noun.category == "vehicle" else "saddle"
    tall = scene.size[1] > _REACH * 1.1 * scene.stature or noun.category in _UPRIGHT
    return "front" if tall else "top"


def _placed_on_object(scene: Scene) -> bool:
    """Whether the sentence puts a limb other than a foot on the object."""
    placed = [limb for limb in scene.limbs if limb.how == "place" and limb.base != "foot"]
    regions = [place_region(scene, limb) for limb in placed]
    return any(region and not region.startswith("own_") for region in regions)


def _with_limb(draft: Draft, limb: Limb, region: str) -> None:
    limb = stretched(draft.scene, limb, region)
    closes = limb.base == "hand" and region in ("handle", "grip")
    for part in body_parts(limb):
        draft.put(part, region, "grasp" if closes else "support", 1.5)
        side = part.split("_", 1)[0]
        if limb.base == "hand":
            draft.hands[side] = limb.shape or hand_shape(draft.scene, region)
        elif side in SIDES and limb.base in ("elbow", "forearm", "arm"):
            draft.put(f"{side}_forearm", region, "support", 0.7)
            _hand_before(draft, side, region)


def _hand_before(draft: Draft, side: str, region: str) -> None:
    """The hand at the end of a forearm that leans: on something level it lies before it."""
    if region in ("top", "hood", "roof"):
        draft.put(f"{side}_hand", region, "touch", 0.3)
    draft.engage(f"{side}_hand")


def _by_height(draft: Draft, region: str) -> None:
    """What leans when nothing is said: back, shoulder, forearms or hands."""
    scene = draft.scene
    deeds = [a for a in scene.actions if a.frame in ("lean", "sit_lie")]
    against = any(a.prep == "against" for a in deeds) or _backward(scene)
    sideways = any("sideways" in a.adverbs for a in deeds)
    if region in ("handle", "grip"):
        _on_shaft(draft, region)
    elif sideways and region in ("front", "sides", "back"):
        region = "sides" if scene.relation == "beside" else region
        draft.put("right_upper_arm", region, "support", 1.5)
        draft.put("right_shoulder", region, "support", 0.7)
    elif region in ("front", "sides", "back"):
        draft.put("upper_back" if against else "right_shoulder", region, "support", 1.5)
        if against:
            draft.put("buttocks", region, "support", 0.7)
    elif against:
        draft.put("buttocks", "top_edge", "support", 1.5)
        _hands(draft, "top_edge", "support")
    elif region == "top" and scene.size[1] > _COUNTER * scene.stature:
        for side in SIDES:
            draft.put(f"{side}_forearm", region, "support", 1.5)
            draft.put(f"{side}_elbow", region, "support", 0.7)
            _hand_before(draft, side, region)
    else:
        _hands(draft, region, "support")


def _hands(draft: Draft, region: str, role: str) -> None:
    for side in SIDES:
        draft.put(f"{side}_hand", region, role, 1.5)  # pyright: ignore[reportArgumentType]
        draft.hands.setdefault(side, hand_shape(draft.scene, region))


def _on_shaft(draft: Draft, region: str) -> None:
    """Both hands along a shaft; below the grip of a low one no hand can be: one lies on the other.

    Low is what ends below the forearms.
    """
    scene = draft.scene
    low = region == "grip" and max(scene.size) < _REACH * scene.stature
    if low and draft.free("right_hand"):
        draft.put("left_hand", "own_hand", "touch", 1.0)
        draft.hands.setdefault("left", "relaxed")
    _hands(draft, region, "grasp")
