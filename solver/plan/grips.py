"""Where and how hands take an object: regions, number of hands, shape of the fingers."""

from ..vocabulary import HandShape
from .action import Action
from .frames import FRAMES, Frame
from .grammar import HEAVY
from .keepable import attitude
from .placing import region_of_part
from .scene import Draft, Scene

_SHAPES: dict[str, HandShape] = {
    "handle": "power", "grip": "power", "handlebar": "power", "rail": "power", "rung": "hook",
    "rim": "hook", "keys": "type", "sides": "cradle", "underside": "cradle", "top": "flat",
    "front": "flat", "back": "flat", "neck": "power", "hand": "power", "top_edge": "flat",
    "roof": "flat", "hood": "flat", "flank": "flat", "screen": "point", "armrest": "relaxed",
    "backrest": "flat", "saddle": "flat", "seat": "flat",
}  # fmt: skip
_BY_CATEGORY: dict[str, HandShape] = {
    "pen": "tripod", "tiny": "pinch", "small_rod": "power", "cup": "power", "bottle": "power",
    "bag": "power", "food": "pinch", "weight": "power", "worn_back": "hook", "umbrella": "power",
    "pistol": "power", "pole": "power", "bar": "power", "wind": "pinch",
}  # fmt: skip
_BY_VERB: dict[str, HandShape] = {
    "knock": "fist", "knock on": "fist", "press": "point", "tap": "point", "poke": "point",
    "push button": "point", "ring": "point", "feed": "cradle", "pinch": "pinch", "twist": "power",
    "turn": "power", "switch on": "point", "switch off": "point", "turn on": "point",
}  # fmt: skip
_HEAVY_SIZE = 0.5
"""Largest side, metres, from which a thing without a handle is carried from below."""
_BOXY = ("box", "storage", "appliance", "table", "plant", "rock", "unknown")


def hand_shape(scene: Scene, place: str, deed: Action | None = None) -> HandShape:
    """How the fingers are shaped for a place on this object."""
    if deed and deed.verb.lemma in _BY_VERB:
        return _BY_VERB[deed.verb.lemma]
    if deed and FRAMES[deed.frame].shape:
        return _of_frame(FRAMES[deed.frame], place)
    if place in ("sides", "handle", "anywhere") and scene.noun.category in _BY_CATEGORY:
        return _BY_CATEGORY[scene.noun.category]
    if place == "top" and scene.noun.has("rails"):
        return "power"
    return _SHAPES.get(place, "relaxed")


def _of_frame(frame: Frame, place: str) -> HandShape:
    shape = frame.shape or "relaxed"
    touched_surface = shape == "point" and place not in ("screen", "keys", "front")
    return "flat" if touched_surface else shape


def named_region(scene: Scene, deed: Action) -> str:
    """The place on the object that the sentence gives this action, or empty."""
    if deed.region == "sides" and deed.frame == "lean":
        return "front"
    if not deed.region and deed.on == "target":
        return _place_on_body(scene, deed)
    if deed.region.startswith("part:"):
        return region_of_part(scene, deed.region[5:])
    if deed.frame in ("type", "play_keys") and deed.region == "screen":
        return ""
    if deed.region == "screen" and FRAMES[deed.frame].shape == "flat":
        return "front"  # A palm wipes it; only a finger goes to a place on the screen.
    return deed.region


def _place_on_body(scene: Scene, deed: Action) -> str:
    """`pats the robot on the shoulder`: a part of the object's own body."""
    if scene.noun.category not in ("humanoid", "mount", "animal"):
        return ""
    tokens = scene.reading.tokens
    for limb in scene.limbs:
        its = tokens[limb.last].before in ("the", "its")
        if limb.how == "at" and limb.prep == "on" and its and limb.first > deed.index:
            return region_of_part(scene, limb.base)
    return ""


def places(scene: Scene, frame: Frame, region: str) -> tuple[str, ...]:
    """Where the right hand goes, and the left one if that differs."""
    if region:
        return (region,)
    if frame.held and scene.relation not in ("holding", "wearing"):
        return _fixed_places(scene)
    if frame.held and not frame.regions:
        return held_regions(scene)
    regions: tuple[str, ...] = frame.regions or scene.noun.grip
    return tuple(existing(scene, place) for place in regions)


def _fixed_places(scene: Scene) -> tuple[str, ...]:
    """Where one holds on to a thing that stays where it is."""
    table = {"table": "top", "counter": "top", "bed": "lying", "storage": "front", "mount": "neck"}
    return (table.get(scene.noun.category, scene.noun.grip[0]),)


_ELSEWHERE: tuple[tuple[tuple[str, ...], tuple[str, ...], str], ...] = (
    (("top",), ("door", "window", "wall", "screen", "picture", "storage", "appliance", "humanoid",
                "pole"), "front"),
    (("top",), ("vehicle",), "hood"),
    (("front",), ("table", "counter", "sink", "bath", "machine", "mat", "bed"), "top_edge"),
    (("front",), ("screen", "laptop", "tablet"), "screen"),
    (("front",), ("cart",), "handle"),
    (("sides", "rail"), ("machine",), "handle"),
)  # fmt: skip
"""(regions of a frame, categories that lack them, the region that serves instead)."""


def existing(scene: Scene, place: str) -> str:
    """The region of a frame, in the words that fit the object's shape."""
    noun = scene.noun
    for regions, categories, instead in _ELSEWHERE:
        if place in regions and noun.category in categories:
            return instead if instead != "handle" or noun.grip[0] == "handle" else place
    no_handle = place == "handle" and "handle" not in noun.grip
    if no_handle and noun.category not in ("door", "storage", "window"):
        return "backrest" if noun.has("back") else noun.grip[0]
    if place == "front" and noun.category == "seat":
        return "backrest" if noun.has("back") else "sides"
    return place


def held_regions(scene: Scene) -> tuple[str, ...]:
    """Where a held thing is taken: its grip; big or heavy ones from below."""
    noun = scene.noun
    heavy = said_heavy(scene) or noun.has("heavy") or max(scene.size) > _HEAVY_SIZE
    lifted_from_floor = scene.posture == "squat"
    if noun.grip[0] == "sides" and noun.category in _BOXY and heavy and not lifted_from_floor:
        return ("underside", "underside")
    if noun.grip[0] in ("top_edge", "front"):
        return ("sides",)
    return noun.grip


def two_handed_regions(scene: Scene, regions: tuple[str, ...]) -> tuple[str, ...]:
    """For the right and the left hand, when both take the object."""
    if len(regions) > 1:
        return regions
    if scene.noun.category == "bow":
        return ("back", "handle")
    if regions == ("handle",) and scene.noun.category == "cup":
        return ("sides", "sides")
    if (scene.noun.category, *regions) in (("bottle", "sides"), ("jug", "handle")):
        return (*regions, "underside")
    if regions == ("rim",) and attitude(scene) == "upside_down":
        return ("sides", "sides")  # What falls out of it falls past the rim.
    return regions * 2


def said_heavy(scene: Scene) -> bool:
    """Whether the sentence calls something heavy or huge."""
    return any(t.text in HEAVY for t in scene.reading.tokens if t.kind == "other")


def hand_count(scene: Scene, frame: Frame) -> int:
    """How many hands an action takes on an object of this size."""
    if frame.hands != "by_size":
        return {"none": 0, "one": 1, "left": 1, "two": 2}[frame.hands]
    noun, longest = scene.noun, max(scene.size)
    pressed = any(x.how == "at" and x.prep == "against" for x in scene.limbs)
    if noun.has("two", "pair") or (pressed and longest > 0.15):
        return 2
    if noun.category in ("umbrella", "staff", "weight", "jug"):
        return 1
    if noun.grip[0] in ("handle", "rim") and longest < 1.0 and not said_heavy(scene):
        return 1
    return 1 if longest < 0.3 and noun.category not in ("book", "tablet", "bowl") else 2


def free_hands(draft: Draft, frame: Frame, region: str) -> list[tuple[str, str]]:
    """(side, region) of the hands that do an action for which the sentence names none."""
    scene = draft.scene
    count = hand_count(scene, frame)
    if count == 1 and frame.held and _two_of_them(scene):
        count = 2  # One in each hand.
    order = (
        ("left",)
        if frame.hands == "left" or _kept_by(draft)[:1] == ["left_shoulder"]
        else ("right", "left")
    )
    free = [side for side in order if draft.free(f"{side}_hand")]
    regions = places(scene, frame, region)
    if count == 2:
        regions = two_handed_regions(scene, regions)
    count = min(count, max(1, 2 - len(_kept_by(draft)))) if count else 0
    if _kept_by(draft) and not any(part.endswith("shoulder") for part in _kept_by(draft)):
        count = 0 if frame.held else count
    return list(zip(free[:count], regions, strict=False))


def _two_of_them(scene: Scene) -> bool:
    """`two suitcases`, `a pair of crutches`; of crutches there are two anyway."""
    mention, tokens = scene.reading.mention, scene.reading.tokens
    if mention is None or max(scene.size) > _ONE_HAND:
        return False
    counted = [t for t in tokens[max(0, mention.index - 2) : mention.index] if t.kind == "count"]
    return any(t.value == "both" for t in counted) or mention.text == "crutches"


_ONE_HAND = 1.4
"""Longest thing, metres, of which one is carried in each hand."""


def _kept_by(draft: Draft) -> list[str]:
    """Parts that already keep the object: under one arm, on a shoulder, on the head."""
    return [
        part
        for part, (region, role, _) in draft.contacts.items()
        if (role in ("grasp", "support") or part.endswith("shoulder"))
        and not region.startswith("own_")
        and region != "floor"
        and part.split("_")[-1] in ("forearm", "shoulder", "hand", "head", "back")
    ]
