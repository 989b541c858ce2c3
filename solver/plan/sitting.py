"""Contacts of those who sit: the seat, thighs, back and feet."""

from collections.abc import Mapping

from ..vocabulary import SIDES, Region
from .frames import BODY
from .scene import Draft, Scene

_REACH_OF_FEET = 0.335
"""Highest seat, in statures, from which the feet still reach the floor: 0.57 m for 1.70 m."""
_STEP = 0.5
"""Stairs from this height on have a lower step for the feet, metres."""
_STEP_LADDER = 1.0
"""Ladders lower than this are sat on at their top, metres."""


def seat_region(scene: Scene) -> Region:
    """Where one sits on this object."""
    for action in scene.actions:
        named = action.frame in _SEATING and action.region in (
            "roof", "hood", "top", "rail", "rung", "top_edge", "armrest", "lying", "back", "front",
            "seat", "saddle", "backrest", "pillow", "rim",
        )  # fmt: skip
        if named and not (action.region == "top_edge" and scene.noun.category == "seat"):
            ridge = scene.noun.has("back")  # One sits on the upper edge of a bench's back.
            return action.region if action.region != "backrest" or ridge else "top"  # pyright: ignore[reportReturnType]
    category = scene.noun.category
    if scene.relation == "inside":
        inner: dict[str, Region] = {"vehicle": "seat", "bath": "lying", "boat": "seat"}
        return inner.get(category, "anywhere")
    if category == "bed":
        tied = scene.styled("legs_crossed", "legs_stretched") or _in_bed(scene)
        return "lying" if tied or scene.noun.name == "hammock" else "top_edge"
    by_category: Mapping[str, Region] = {
        "seat": "seat", "cycle": "saddle", "mount": "saddle", "atv": "seat", "boat": "seat",
        "bath": "lying", "machine": "seat", "vehicle": "hood", "stairs": "seat", "sled": "top",
        "long_tool": "handle",
        "ladder": "rung" if scene.size[1] > _STEP_LADDER else "top",
    }  # fmt: skip
    return by_category.get(category, "top")


_SEATING = BODY - {"lean", "bend"}
"""Frames whose place is what one is on."""


def _in_bed(scene: Scene) -> bool:
    """Sitting up in bed, the legs along it."""
    return any(a.is_body and a.on == "target" and a.prep == "in" for a in scene.actions)


def seat_height(scene: Scene) -> float:
    """Height of the seat above the floor, metres."""
    share = scene.noun.seat or 1.0
    return share * scene.size[1]


def sit(draft: Draft) -> None:
    """Contacts of somebody who sits on the object."""
    scene = draft.scene
    region = seat_region(scene)
    draft.put("buttocks", region, "support", 2.0)
    ridge = region in ("backrest", "armrest")
    if scene.sideways and not ridge and _turned_legs(draft, region):
        return
    if ridge:  # The thighs point away from it.
        for side in SIDES:
            draft.put(f"{side}_foot", "seat" if region == "backrest" else "floor", "support", 1.0)
        if region == "backrest" and all(draft.free(f"{side}_hand") for side in SIDES):
            _propped_forward(draft)
        return
    _thighs(draft, region)
    _backrest(draft, region)
    driven: Mapping[str, Region] = {"atv": "handlebar", "machine": "handle"}
    if scene.noun.category in driven:
        for side in SIDES:
            draft.put(f"{side}_hand", driven[scene.noun.category], "grasp", 1.5)
    seated_feet(draft, seat_height(scene))


def _turned_legs(draft: Draft, region: Region) -> bool:
    """Sideways in an armchair legs hang over one armrest, on a mount down one flank.

    Along a sofa or a bench they lie on it. Elsewhere one sits as ever, only turned.
    """
    scene = draft.scene
    mount, feet = scene.noun.category == "mount", [f"{side}_foot" for side in SIDES]
    free = all(draft.free(foot) for foot in feet)
    long = scene.noun.has("long") and scene.size[0] > scene.size[2]  # Along what one looks.
    if scene.noun.has("arms") and free and not long:
        draft.put("knees", "armrest", "support", 1.0)
    hang = mount or "knees" in draft.contacts
    if not hang and not (long and free):
        return False
    for side in SIDES:
        if mount or not hang:
            draft.put(f"{side}_thigh", "flank" if mount else region, "support", 0.6)
            draft.put(f"{side}_calf", "flank" if mount else region, "touch", 0.3)
        draft.busy.add(f"{side}_foot")
    return True


def _propped_forward(draft: Draft) -> None:
    """Behind a ridge is nothing: the weight comes over the feet, elbows on the knees."""
    for side in SIDES:
        draft.put(f"{side}_elbow", "own_knee", "touch", 0.5)
        draft.engage(f"{side}_hand")


def _thighs(draft: Draft, region: Region) -> None:
    """Thighs lie on the seat: not the one that is crossed over, nor that of a leg that stands."""
    scene = draft.scene
    drawn_up = _feet_drawn_up(scene, seat_height(scene))
    crossed = _crossed_over(scene)
    for side in SIDES:
        if side == "right" and crossed and not drawn_up:
            draft.put(f"{side}_calf", "own_knee", "touch", 1.0)
        elif side not in stands_beside(draft):
            draft.put(f"{side}_thigh", region, "support", 0.5 if region != "top_edge" else 0.3)
        if drawn_up and scene.styled("legs_stretched"):
            draft.put(f"{side}_calf", region, "support", 0.3)


def stands_beside(draft: Draft) -> list[str]:
    """The sides of legs that stand on the floor beside a seat too high for that."""
    scene = draft.scene
    high = scene.supported and scene.posture == "sit"
    high = high and seat_height(scene) > _reach_of_feet(scene)
    floor = [s for s in SIDES if draft.contacts.get(f"{s}_foot", ("",))[0] == "floor"]
    return floor if high and "buttocks" in draft.contacts else []


def _backrest(draft: Draft, region: Region) -> None:
    scene = draft.scene
    if scene.sideways:
        return
    forward = scene.styled(
        "perched",
        "leaning_forward",
        "elbows_on_knees",
        "typing",
        "writing",
        "eating",
        "tying_shoes",
    )
    leant = any(a.frame == "lean" and a.region == "backrest" for a in scene.actions)
    if leant or (scene.noun.has("back") and region == "seat" and not forward):
        part = "upper_back" if scene.styled("slumped", "leaning_back") else "back"
        draft.put(part, "backrest", "support", 0.7)


def seated_feet(draft: Draft, height: float) -> None:
    """Where the feet go below a seat, `height` metres over the floor."""
    scene = draft.scene
    alone = _one_on_rung(draft)
    for side in SIDES:
        foot = f"{side}_foot"
        if (
            scene.styled("swinging_legs")
            or alone
            or _feet_drawn_up(scene, height)
            or ((_crossed_over(scene) or scene.styled("one_leg_tucked")) and side == "right")
        ):
            draft.busy.add(foot)
        elif scene.noun.has("footrest", "rung") and (
            scene.noun.has("footrest") or height > _REACH_OF_FEET * scene.stature
        ):
            draft.put(foot, "footrest" if scene.noun.has("footrest") else "rung", "support", 1.0)
        elif scene.noun.category in ("stairs", "ladder") and height > _STEP:
            draft.put(foot, "rung", "support", 1.0)
        elif scene.relation == "inside" and scene.noun.category in _FLOORED:
            draft.put(foot, seat_region(scene), "support", 1.0)
        elif height <= _reach_of_feet(scene):
            draft.put(foot, "floor", "support", 1.0)


_FLOORED = ("box", "bin", "cart", "bath", "boat", "storage", "vehicle")
"""What has a floor of its own."""


def _one_on_rung(draft: Draft) -> bool:
    """`one foot on the rung`: of the other one nothing is said, it hangs."""
    said = [draft.contacts.get(f"{side}_foot", ("",))[0] for side in SIDES]
    return sorted(region in ("rung", "footrest") for region in said) == [False, True] and "" in said


def _crossed_over(scene: Scene) -> bool:
    """One leg lies over the other; of stretched legs only the ankles are crossed, on the floor."""
    return scene.styled("legs_crossed") and not scene.styled("legs_stretched")


def _reach_of_feet(scene: Scene) -> float:
    """Highest seat, metres, from which this person's feet reach the floor; higher on an edge."""
    at_the_edge = scene.styled("perched", "tying_shoes") or seat_region(scene) == "top_edge"
    return (_REACH_OF_FEET + 0.04 * at_the_edge) * scene.stature


def _feet_drawn_up(scene: Scene, height: float) -> bool:
    """Sitting cross-legged on the seat itself."""
    adverbs = {t.value for t in scene.reading.tokens if t.kind == "adverb"}
    if scene.noun.category == "bed" and _in_bed(scene):
        return True
    flat = height < 0.25 or scene.noun.category in ("bed", "mat", "soft")
    return "cross_legged" in adverbs or (flat and scene.styled("legs_crossed"))
