"""Contacts that carry the body: seat, back, feet, knees, trunk."""

from collections.abc import Callable, Mapping

from ..vocabulary import SIDES, Posture, Region
from .frames import FRAMES
from .reclining import lie, lie_on_floor
from .scene import Draft, Scene
from .sitting import seat_height, seat_region, seated_feet, sit
from .stance import on_all_fours

_TALL_MOUNT = 1.2
"""Height, metres, from which the calves of a rider reach the animal's sides."""


def support(draft: Draft) -> None:
    """Contacts that bear the weight, by posture."""
    scene = draft.scene
    if scene.supported:
        _SUPPORTED.get(scene.posture, _stand_on)(draft)
    else:
        _UNSUPPORTED.get(scene.posture, _nothing)(draft)


def _straddle(draft: Draft) -> None:
    scene = draft.scene
    noun = scene.noun
    region = seat_region(scene)
    if any(a.frame == "stand" for a in scene.actions):
        _stand_astride(draft)
        return
    draft.put("buttocks", region, "support", 2.0)
    for side in SIDES:
        _straddling_leg(draft, side, region)
        _straddling_arm(draft, side)
    if noun.category not in ("cycle", "mount"):
        seated_feet(draft, seat_height(scene))


def _stand_astride(draft: Draft) -> None:
    """`stands astride the bike`: the feet bear, not the saddle."""
    for side in SIDES:
        draft.put(f"{side}_foot", "floor", "support", 1.5)
        _straddling_arm(draft, side)


def _straddling_leg(draft: Draft, side: str, region: Region) -> None:
    scene = draft.scene
    noun = scene.noun
    if noun.has("pedals"):
        draft.put(f"{side}_foot", "pedal", "support", 1.5)
    elif noun.has("footpeg"):
        draft.put(f"{side}_foot", "footrest", "support", 1.0)
    elif noun.category == "mount":
        draft.put(f"{side}_thigh", "flank", "touch", 0.6)
        if scene.size[1] > _TALL_MOUNT:
            draft.put(f"{side}_calf", "flank", "touch", 0.3)
    else:
        draft.put(f"{side}_thigh", region, "touch", 0.6)


def _straddling_arm(draft: Draft, side: str) -> None:
    noun = draft.scene.noun
    if noun.category == "seat" and noun.has("back"):
        draft.put(f"{side}_forearm", "backrest", "touch", 0.8)
        draft.engage(f"{side}_hand")
    elif noun.category in ("cycle", "atv") and noun.grip[0] == "handlebar":
        draft.put(f"{side}_hand", "handlebar", "grasp", 1.5)
    elif noun.category == "long_tool":
        draft.put(f"{side}_hand", "handle", "grasp", 1.5)
    elif noun.category == "mount":
        draft.put(f"{side}_hand", noun.grip[0], "touch", 0.5)  # pyright: ignore[reportArgumentType]


def _kneel_on(draft: Draft) -> None:
    region = "seat" if draft.scene.noun.category == "seat" else "top"
    for side in SIDES:
        draft.put(f"{side}_knee", region, "support", 1.5)
        draft.put(f"{side}_shin", region, "support", 0.7)
    _on_all_fours(draft, region)


def _stand_on(draft: Draft) -> None:
    scene = draft.scene
    steps: Region = "rung" if scene.size[1] > 0.6 else "top"
    table: Mapping[str, Region] = {
        "seat": "seat",
        "bed": "lying",
        "ladder": "rung",
        "stairs": steps,
    }
    region: Region = table.get(scene.noun.category, "top")
    if scene.noun.has("deck"):
        region = "footrest" if scene.noun.category == "board" and scene.noun.has("bars") else "top"
    if scene.relation == "inside":
        region = "lying" if scene.noun.category == "bath" else "anywhere"
    for action in scene.actions:
        if action.is_body and action.region in ("roof", "hood", "rung", "seat", "footrest", "top"):
            region = action.region  # pyright: ignore[reportAssignmentType]
    for side in SIDES:
        draft.put(f"{side}_foot", region, "support", 1.5)
    _hold_on(draft)
    if scene.noun.has("bars"):
        for side in SIDES:
            draft.put(f"{side}_hand", "handlebar", "grasp", 1.5)


def _hold_on(draft: Draft) -> None:
    """On a ladder one hand holds, the left one where nothing is said."""
    noun = draft.scene.noun
    held = any(draft.contacts.get(f"{side}_hand", ("", ""))[1] == "grasp" for side in SIDES)
    free = [side for side in SIDES if draft.free(f"{side}_hand")]
    if noun.category == "ladder" and free and not held:
        draft.put(f"{free[0]}_hand", "rail" if noun.has("rails") else "rung", "grasp", 1.0)
        draft.hands.setdefault(free[0], "power")


def _on_feet(draft: Draft) -> None:
    for side in SIDES:
        draft.put(f"{side}_foot", "floor", "support", 1.0)


def _kneel(draft: Draft) -> None:
    for side in SIDES:
        draft.put(f"{side}_knee", "floor", "support", 1.0)
        draft.put(f"{side}_foot", "floor", "touch", 0.3)
    _on_all_fours(draft, "floor")


def _on_all_fours(draft: Draft, region: Region) -> None:
    """Who crawls is on the hands too, as far as they have nothing else to do."""
    crawls = any(action.frame == "crawl" for action in draft.scene.actions)
    if crawls or on_all_fours(draft.scene.reading):
        for side in SIDES:
            draft.put(f"{side}_hand", region, "support", 1.0)


def _sit_elsewhere(draft: Draft) -> None:
    """Seated on something that is not the object: a seat nobody modelled, or the floor."""
    if any(limb.base == "foot" for limb in draft.scene.limbs):
        return
    named = {token.text.split()[-1] for token in draft.scene.reading.tokens}
    if {"floor", "ground", "grass"} & named or _no_chair_meant(draft.scene):
        draft.put("buttocks", "floor", "support", 2.0)
    for side in SIDES:
        draft.put(f"{side}_foot", "floor", "support", 1.0)


def _no_chair_meant(scene: Scene) -> bool:
    """`sits under the tree`: nothing that one sits at, and no seat is named."""
    seats = [m for m in scene.reading.others() if m.noun.seat > 0]
    sat = [a for a in scene.actions if a.frame == "sit" and a.on == "target"]
    below, said = any(a.prep == "under" for a in sat), bool(sat)
    near = scene.noun.category not in _SAT_AT and not FRAMES[scene.noun.action].held
    low = near or (below and scene.noun.category not in ("table", "counter"))
    return said and low and not seats


_SAT_AT = (
    "table", "counter", "keys", "laptop", "screen", "keyboard", "machine", "drum", "appliance",
    "stand", "seat", "bed", "unknown", "window", "sink", "vehicle", "cello",
)  # fmt: skip
"""Things that one sits at on a chair."""


def _climb(draft: Draft) -> None:
    scene = draft.scene
    noun = scene.noun
    stepped = noun.category in ("ladder", "stairs")
    foothold = "rung" if stepped else "top_edge" if noun.category == "window" else noun.grip[0]
    handhold = "rail" if noun.has("rails") and noun.category != "wall" else foothold
    for side in SIDES:
        draft.put(f"{side}_foot", foothold, "support", 1.5)
    if noun.category == "stairs":
        if draft.free("left_hand"):
            draft.put("right_hand", "rail", "grasp", 1.0)
        return
    for side in SIDES:
        draft.put(f"{side}_hand", handhold, "grasp", 1.5)


def _hang(draft: Draft) -> None:
    region = draft.scene.noun.grip[0]
    for side in SIDES:
        draft.put(f"{side}_hand", region, "grasp", 2.0)
        draft.busy.add(f"{side}_foot")


def _nothing(draft: Draft) -> None:
    pass


_SUPPORTED: Mapping[Posture, Callable[[Draft], None]] = {
    "sit": sit, "straddle": _straddle, "lie": lie, "kneel": _kneel_on, "squat": _stand_on,
    "stand": _stand_on, "walk": _stand_on,
}  # fmt: skip
_UNSUPPORTED: Mapping[Posture, Callable[[Draft], None]] = {
    "stand": _on_feet, "walk": _on_feet, "lean": _on_feet, "bend": _on_feet, "squat": _on_feet,
    "none": _on_feet, "lie": lie_on_floor, "kneel": _kneel,
    "sit": _sit_elsewhere, "climb": _climb, "hang": _hang,
}  # fmt: skip
