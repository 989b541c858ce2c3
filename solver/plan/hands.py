"""What the hands (or other working limbs) do to the object."""

from collections.abc import Sequence

from ..vocabulary import HandShape, Region
from .actions import Action
from .frames import FRAMES, Frame
from .limbs import Limb
from .placing import body_parts, place_region, region_of_part
from .scene import Draft, Scene

SIDES = ("left", "right")
_WORKING = ("hand", "foot", "elbow", "forearm", "arm", "shoulder", "back", "hip", "knee", "head",
            "chest", "mouth", "buttocks", "upper_arm", "finger")  # fmt: skip
_SHAPES: dict[str, HandShape] = {
    "handle": "power", "grip": "power", "handlebar": "power", "rail": "power", "rung": "hook",
    "rim": "hook", "keys": "type", "sides": "cradle", "underside": "cradle", "top": "flat",
    "front": "flat", "back": "flat", "neck": "power", "hand": "lateral", "top_edge": "flat",
    "roof": "flat", "hood": "flat", "flank": "flat", "screen": "point", "armrest": "relaxed",
    "backrest": "flat", "saddle": "flat", "seat": "flat",
}  # fmt: skip
_BY_CATEGORY: dict[str, HandShape] = {
    "pen": "tripod", "tiny": "pinch", "small_rod": "power", "book": "cradle", "phone": "cradle",
    "ball": "cradle", "small_ball": "cradle", "cup": "power", "bottle": "power", "bag": "hook",
    "plate": "cradle", "food": "pinch", "weight": "power", "worn_back": "hook", "umbrella": "power",
    "paddle2": "cradle", "pistol": "power", "jar": "cradle",
}  # fmt: skip
_HEAVY_SIZE = 0.5
"""Largest side, metres, from which a thing without a handle is carried from below."""


def manipulate(draft: Draft) -> None:
    """Contacts of everything that is done to the object by limbs."""
    scene = draft.scene
    deeds = list(scene.manipulations)
    if scene.posture in ("bend", "kneel", "squat"):
        deeds += [a for a in scene.actions if a.frame == "repair"]
    if scene.posture == "bend":
        deeds += [a for a in scene.actions if a.on == "target" and a.verb.lemma.startswith("lean")]
    if not deeds and not scene.supported and scene.posture not in ("lean", "climb", "hang"):
        deeds = _default_deeds(scene)
    handed = _hands_named(draft)
    for deed in deeds:
        tools = _tools(scene, deed, deeds)
        if tools or not handed:
            _one_deed(draft, deed, tools)
            handed = handed or FRAMES[deed.frame].held


def _hands_named(draft: Draft) -> bool:
    """Whether the sentence itself says which hands are on the object."""
    placed = any(part.endswith("_hand") and not region.startswith("own_")
                 for part, (region, _, _) in draft.contacts.items())  # fmt: skip
    used = any(limb.how == "use" and limb.base == "hand" for limb in draft.scene.limbs)
    return (placed or used) and not draft.scene.supported


def _default_deeds(scene: Scene) -> list[Action]:
    """A held thing is held although the sentence does not say so."""
    if scene.relation != "holding":
        return []
    from .verbs import Verb

    frame = scene.noun.action if FRAMES[scene.noun.action].held else "hold"
    return [Action(Verb("hold", frame, "neutral"), frame, "target")]


def _tools(scene: Scene, deed: Action, deeds: Sequence[Action]) -> list[Limb]:
    """The limbs that the sentence lets do this deed: `with the right hand`."""
    used = [limb for limb in scene.limbs if limb.how == "use" and limb.base in _WORKING]
    mine = [limb for limb in used if _nearest(limb, deeds) is deed]
    return mine or (used if len(deeds) == 1 else [])


def _nearest(limb: Limb, deeds: Sequence[Action]) -> Action | None:
    before = [deed for deed in deeds if deed.index <= limb.last]
    return before[-1] if before else (deeds[0] if deeds else None)


def _one_deed(draft: Draft, deed: Action, tools: list[Limb]) -> None:
    scene = draft.scene
    frame = FRAMES[deed.frame]
    region = _named_region(scene, deed)
    if deed.frame == "wear":
        wear(draft)
        return
    if frame.hands == "none" and not (deed.frame == "kick" or tools):
        return
    if tools:
        for limb in tools:
            _with_tool(draft, deed, limb, region)
        return
    if deed.frame == "kick":
        draft.contacts.pop("right_foot", None)
        draft.put("right_foot", region or "front", "touch", 1.5)
        return
    for side, place in _default_hands(draft, deed, frame, region):
        draft.put(f"{side}_hand", place, frame.role, 1.5 if frame.role == "grasp" else 1.2)
        draft.hands.setdefault(side, frame.shape or hand_shape(scene, place))
    extras(draft, deed)


def _named_region(scene: Scene, deed: Action) -> str:
    if deed.region == "sides" and deed.frame in ("lean",):
        return "front"
    if deed.region.startswith("part:"):
        return region_of_part(scene, deed.region[5:])
    if deed.frame in ("type", "play_keys") and deed.region == "screen":
        return ""
    return deed.region


def _with_tool(draft: Draft, deed: Action, limb: Limb, region: str) -> None:
    """The named limb does it: palms push, a shoulder pushes, a foot kicks."""
    scene = draft.scene
    frame = FRAMES[deed.frame]
    places = _places(scene, frame, region)
    for order, part in enumerate(body_parts(limb)):
        place = places[min(order, len(places) - 1)]
        hand = limb.base == "hand"
        if not hand and place in ("keys", "handle", "grip"):
            place = "anywhere"
        role = frame.role if hand or frame.role != "grasp" else "touch"
        draft.put(part, place, role, 1.5)
        side = part.split("_", 1)[0]
        if hand:
            draft.hands[side] = limb.shape or frame.shape or hand_shape(scene, place)
        elif side in SIDES and limb.base in ("shoulder", "elbow", "forearm", "arm", "upper_arm"):
            draft.busy.add(f"{side}_hand")


def _places(scene: Scene, frame: Frame, region: str) -> tuple[str, ...]:
    """Where the first and the second hand go."""
    if region:
        return (region,)
    if frame.held and not frame.regions:
        return held_regions(scene)
    regions: tuple[str, ...] = frame.regions or scene.noun.grip
    return tuple(_existing(scene, place) for place in regions)


def _existing(scene: Scene, place: str) -> str:
    """The region of a frame, in the words that fit the object's shape."""
    noun = scene.noun
    flat_top = ("table", "counter", "seat", "sink", "bath", "machine", "mat", "bed")
    if place == "top" and noun.category in ("door", "window", "wall", "screen", "picture", "vehicle",
                                            "storage", "appliance", "humanoid", "pole"):  # fmt: skip
        return "front" if noun.category != "vehicle" else "hood"
    if place == "front" and noun.category in flat_top:
        return "backrest" if noun.has("wheels") and noun.has("back") else "top_edge"
    if place == "front" and noun.category in ("screen", "laptop", "tablet"):
        return "screen"
    if place == "front" and noun.category == "cart":
        return "handle"
    if place == "handle" and noun.grip[0] != "handle" and noun.category not in ("door", "storage"):
        return noun.grip[0]
    if place in ("sides", "rail") and noun.has("pedals"):
        return "handle"
    return place


def held_regions(scene: Scene) -> tuple[str, ...]:
    """Where a held thing is taken: its grip; big or heavy ones from below."""
    noun = scene.noun
    heavy = _said_heavy(scene) or noun.has("heavy") or max(scene.size) > _HEAVY_SIZE
    boxy = noun.category in ("box", "storage", "appliance", "table", "pot", "plant", "rock", "unknown")
    if noun.grip[0] == "sides" and boxy and heavy:
        return ("underside", "underside")
    if noun.grip[0] in ("top_edge", "front"):
        return ("sides",)
    return noun.grip


def _said_heavy(scene: Scene) -> bool:
    from .grammar import HEAVY

    return any(token.text in HEAVY for token in scene.reading.tokens if token.kind == "other")


def hand_count(scene: Scene, frame: Frame) -> int:
    """How many hands an action takes on an object of this size."""
    if frame.hands == "by_size":
        noun = scene.noun
        one_handed = noun.grip[0] in ("handle", "rim") and max(scene.size) < 1.0
        if noun.has("two", "pair"):
            return 2
        if one_handed and not _said_heavy(scene):
            return 1
        return 1 if max(scene.size) < 0.3 and noun.category not in ("book", "tablet", "bowl") else 2
    return {"none": 0, "one": 1, "left": 1, "two": 2}[frame.hands]


def _default_hands(
    draft: Draft, deed: Action, frame: Frame, region: str
) -> list[tuple[str, str]]:
    """(side, region) for hands that the sentence does not name."""
    count = hand_count(draft.scene, frame)
    order = ("left",) if frame.hands == "left" else ("right", "left")
    free = [side for side in order if draft.free(f"{side}_hand")]
    places = _places(draft.scene, frame, region)
    if count == 2 and len(places) == 1:
        places = places * 2
    if _carried_elsewhere(draft):
        count = min(count, max(0, 2 - len(_carried_elsewhere(draft))))
    return list(zip(free[:count], places, strict=False))


def _carried_elsewhere(draft: Draft) -> list[str]:
    """Parts other than hands that already keep the object: under one arm, on a shoulder."""
    return [part for part, (region, role, _) in draft.contacts.items()
            if role in ("grasp", "support") and not region.startswith("own_") and region != "floor"
            and part.split("_")[-1] in ("forearm", "shoulder", "hand", "head")]  # fmt: skip


def hand_shape(scene: Scene, place: str) -> HandShape:
    """How the fingers are shaped for a place on this object."""
    if place in ("sides", "handle", "anywhere") and scene.noun.category in _BY_CATEGORY:
        return _BY_CATEGORY[scene.noun.category]
    return _SHAPES.get(place, "relaxed")


def wear(draft: Draft) -> None:
    """What a worn thing touches."""
    table: dict[str, tuple[tuple[str, Region], ...]] = {
        "worn_head": (("head", "underside"),), "worn_face": (("face", "back"),),
        "worn_neck": (("nape", "back"),), "worn_back": (("back", "back"), ("left_shoulder", "anywhere"),
                                                        ("right_shoulder", "anywhere")),
        "worn_body": (("chest", "anywhere"), ("back", "anywhere")),
        "worn_feet": (("left_foot", "anywhere"), ("right_foot", "anywhere")),
        "worn_hand": (("right_hand", "anywhere"),),
    }  # fmt: skip
    if draft.scene.noun.category == "worn_feet":
        draft.contacts = {part: c for part, c in draft.contacts.items() if not part.endswith("foot")}
    for part, region in table.get(draft.scene.noun.category, (("head", "underside"),)):
        draft.put(part, region, "support", 1.5)


def extras(draft: Draft, deed: Action) -> None:
    """Parts besides the hands that the action brings to the object."""
    scene = draft.scene
    size = max(scene.size)
    if deed.frame == "hug":
        for side in SIDES:
            draft.put(f"{side}_forearm", "sides", "touch", 0.8)
        draft.put("chest", "front", "touch", 1.0)
    elif deed.frame == "hug_held":
        draft.put("belly" if size > 0.4 else "chest", "back", "touch", 1.0)
        for side in SIDES:
            draft.put(f"{side}_forearm", "sides", "touch", 0.5)
    elif deed.frame in ("carry", "lift", "hold") and _carried_in_front(draft):
        draft.put("belly", "back", "touch", 0.5)
        draft.put("left_forearm", "sides", "touch", 0.3)
        draft.put("right_forearm", "sides", "touch", 0.3)
    elif deed.frame == "drink" and scene.noun.category in ("cup", "bottle", "bowl", "jug"):
        draft.put("mouth", "rim", "touch", 0.5)
    elif deed.frame == "play_violin":
        draft.put("left_shoulder", "back", "support", 0.8)
    elif deed.frame == "play_guitar":
        draft.put("right_thigh" if scene.posture == "sit" else "belly", "underside"
                  if scene.posture == "sit" else "back", "support", 0.8)  # fmt: skip
    elif deed.frame == "carry_shoulder":
        draft.put("right_shoulder", "underside", "support", 1.5)


def _carried_in_front(draft: Draft) -> bool:
    scene = draft.scene
    both = all(draft.contacts.get(f"{side}_hand", ("", "", 0))[1] == "grasp" for side in SIDES)
    boxy = scene.noun.category in ("box", "ball", "big_ball", "storage", "appliance", "plant", "unknown")
    return both and boxy and 0.25 < max(scene.size) < 1.0 and scene.posture in ("walk", "stand")


def kept_at(draft: Draft) -> None:
    """Body parts that the object is kept at: under one arm, on the forearm, against the belly."""
    scene = draft.scene
    for limb in scene.limbs:
        if limb.how != "at":
            continue
        if limb.base in ("hand", "arm") and _of_another(scene, limb):
            draft.busy.update(f"{side}_hand" for side in limb.sides)
            continue
        if scene.relation not in ("holding", "wearing"):
            continue
        if limb.prep in ("front", "at", "beside", "over", "behind", "to", "from") or limb.base == "hand":
            if limb.base == "hand":
                _in_hand(draft, limb)
            continue
        for part in body_parts(limb):
            _keep(draft, limb, part)


def _of_another(scene: Scene, limb: Limb) -> bool:
    """`with a bucket in his left hand`: what is kept there is not the object."""
    before = scene.reading.tokens[: limb.first]
    kept = next((t for t in reversed(before) if t.kind in ("noun", "pronoun", "verb")), None)
    mention = scene.reading.mention
    target = mention is not None and kept is scene.reading.tokens[mention.index]
    return kept is not None and kept.kind == "noun" and not target


def _in_hand(draft: Draft, limb: Limb) -> None:
    """`holding a cup in the left hand`."""
    places = held_regions(draft.scene)
    for order, side in enumerate(s for s in ("right", "left") if s in limb.sides):
        place = places[min(order, len(places) - 1)]
        if limb.prep == "on":
            place = "underside"
        draft.put(f"{side}_hand", place, "grasp", 1.5)
        draft.hands.setdefault(side, limb.shape or hand_shape(draft.scene, place))
    others = [side for side in SIDES if side not in limb.sides]
    draft.busy.update(f"{side}_hand" for side in others if draft.free(f"{side}_hand")
                      and not _other_use(draft, side))  # fmt: skip


def _other_use(draft: Draft, side: str) -> bool:
    return any(side in limb.sides and limb.base == "hand" and limb.how == "use"
               for limb in draft.scene.limbs)  # fmt: skip


def _keep(draft: Draft, limb: Limb, part: str) -> None:
    side = part.split("_", 1)[0]
    if limb.prep == "under" and limb.base in ("arm", "shoulder"):
        draft.put(f"{side}_forearm", "sides", "grasp", 1.5)
        draft.put(f"{side}_hand", "sides", "grasp", 1.0)
        draft.hands.setdefault(side, "cradle")
        draft.busy.add("left_hand" if side == "right" else "right_hand")
    elif limb.prep == "against":
        draft.put(part, "back", "touch", 1.0)
    elif limb.prep == "around":
        draft.put(part, "anywhere", "touch", 1.0)
    else:
        draft.put(part, "underside", "support", 1.5)
        if limb.base in ("forearm", "arm"):
            draft.busy.add(f"{side}_hand")
            draft.hands.setdefault(side, "cradle")


def lean_on(draft: Draft) -> None:
    """What a leaning person leans with, and on what."""
    scene = draft.scene
    leaning = [a for a in scene.actions if a.frame in ("lean", "push", "sit_lie") and a.on != "other"]
    tools = [limb for limb in scene.limbs if limb.how == "use" and limb.base in _WORKING]
    region = lean_region(scene, leaning[-1] if leaning else None)
    if tools:
        for limb in tools:
            for part in body_parts(limb):
                draft.put(part, region, "support", 1.5)
                side = part.split("_", 1)[0]
                if limb.base == "hand":
                    draft.hands[side] = limb.shape or hand_shape(scene, region)
                elif side in SIDES and limb.base in ("elbow", "forearm", "arm"):
                    draft.put(f"{side}_forearm", region, "support", 0.7)
                    draft.busy.add(f"{side}_hand")
        return
    placed = {limb.base for limb in scene.limbs if limb.how == "place"
              and place_region(scene, limb) and not place_region(scene, limb).startswith("own_")}  # fmt: skip
    if not placed - {"foot"}:
        _lean_by_height(draft, region)


def lean_region(scene: Scene, action: Action | None) -> str:
    """Where one leans: the place named, else by what the object is."""
    if action and action.region:
        return _named_region(scene, action)
    noun = scene.noun
    if noun.category == "staff":
        return "handle"
    if noun.category == "long_tool":
        return "grip" if "grip" in noun.grip else "handle"
    if noun.category == "seat" and noun.has("back"):
        return "backrest"
    if noun.category in ("vehicle",):
        return "sides"
    upright = ("door", "storage", "appliance", "window", "pole", "humanoid", "screen", "house", "mount",
               "picture", "ladder")  # fmt: skip
    tall = scene.size[1] > 0.78 * scene.stature or noun.category in upright
    return "front" if tall else ("top" if scene.size[1] < 1.25 else "front")


def _lean_by_height(draft: Draft, region: str) -> None:
    scene = draft.scene
    against = any(a.prep == "against" or "backward" in a.adverbs for a in scene.actions if a.frame
                  in ("lean", "sit_lie"))  # fmt: skip
    if region in ("handle", "grip"):
        for side in SIDES:
            draft.put(f"{side}_hand", region, "grasp", 1.5)
            draft.hands.setdefault(side, "power")
    elif region in ("front", "sides", "back") and against:
        draft.put("upper_back", region, "support", 1.5)
        draft.put("buttocks", region, "support", 0.7)
    elif region in ("front", "sides", "back"):
        draft.put("right_shoulder", region, "support", 1.5)
    elif against:
        draft.put("buttocks", "top_edge", "support", 1.5)
        for side in SIDES:
            draft.put(f"{side}_hand", "top_edge", "support", 0.7)
    elif scene.size[1] > 0.88 and region == "top":
        for side in SIDES:
            draft.put(f"{side}_forearm", region, "support", 1.5)
            draft.put(f"{side}_elbow", region, "support", 0.7)
            draft.busy.add(f"{side}_hand")
    else:
        for side in SIDES:
            draft.put(f"{side}_hand", region, "support", 1.5)
            draft.hands.setdefault(side, hand_shape(scene, region))
