"""What the hands (or other working limbs) do to the object."""

from collections.abc import Sequence
from dataclasses import replace

from ..vocabulary import SIDES, Region
from .action import Action
from .frames import FRAMES, Frame
from .grips import free_hands, hand_shape, named_region, places, two_handed_regions
from .keeping import instruments
from .limbs import Limb
from .placing import body_parts
from .scene import Draft, Scene

WORKING = frozenset({
    "hand", "foot", "elbow", "forearm", "arm", "shoulder", "back", "hip", "knee", "head", "chest",
    "mouth", "buttocks", "upper_arm",
})  # fmt: skip
"""Bases of limbs that can do something to an object."""


def manipulate(draft: Draft) -> None:
    """Contacts of everything that is done to the object by limbs."""
    deeds = _deeds(draft.scene)
    handed = _hands_named(draft)
    for limb in _elsewhere(draft.scene, deeds):
        draft.busy.update(body_parts(limb))
    for deed in deeds:
        tools = _tools(draft.scene, deed, deeds) or instruments(draft.scene)
        if deed.frame == "wear":
            wear(draft, deed)
        elif tools:
            for limb in tools:
                _with_tool(draft, deed, limb)
            extras(draft, deed)
        elif not handed:
            _by_default(draft, deed)
            handed = FRAMES[deed.frame].held


def _deeds(scene: Scene) -> list[Action]:
    """The actions that bring limbs to the object; a held thing is held even if that is not said."""
    deeds = list(scene.manipulations)
    deeds += [a for a in scene.actions if a.frame == "repair" and a.on != "other"]
    if scene.posture == "bend":
        deeds += [a for a in scene.actions if a.on == "target" and a.verb.lemma.startswith("lean")]
    if scene.supported:  # Who stands on a thing and paints or reaches up does it to another.
        deeds = [a for a in deeds if _to_the_object(a)]
    if any(a.frame not in _REACHING for a in deeds):  # `reaches up to pat it` is one deed.
        deeds = [a for a in deeds if a.frame not in _REACHING]
    if scene.relation == "holding":
        deeds.sort(key=lambda deed: not FRAMES[deed.frame].held)
    return deeds


_REACHING = ("reach", "reach_held")


def _to_the_object(deed: Action) -> bool:
    """Whether somebody who is on the object does this to it, as holding on to it is."""
    meant = deed.on == "target" or deed.frame == "hold"
    return bool(deed.region) or (meant and deed.verb.style != "reach_up")


def _hands_named(draft: Draft) -> bool:
    """Whether the sentence itself says which hands are on the object."""
    placed = any(
        part.endswith("_hand") and not region.startswith("own_")
        for part, (region, _, _) in draft.contacts.items()
    )
    used = any(x.how == "use" and x.base in ("hand", "arm") for x in draft.scene.limbs)
    return (placed or used) and not draft.scene.supported


def _tools(scene: Scene, deed: Action, deeds: Sequence[Action]) -> list[Limb]:
    """The limbs that the sentence lets do this deed: `with the right hand`."""
    used = [limb for limb in scene.limbs if limb.how == "use" and limb.base in WORKING]
    mine = [limb for limb in used if _nearest(limb, deeds) is deed]
    return mine or (used if len(deeds) == 1 else [])


def _elsewhere(scene: Scene, deeds: Sequence[Action]) -> list[Limb]:
    """Hands that do something to another thing: `painting with his right` on a ladder."""
    used = [limb for limb in scene.limbs if limb.how == "use" and limb.base in ("hand", "arm")]
    others = [a for a in scene.manipulations if a not in deeds and scene.supported]
    every = sorted([*deeds, *others], key=lambda a: a.index)
    return [limb for limb in used if _nearest(limb, every) in others]


def _nearest(limb: Limb, deeds: Sequence[Action]) -> Action | None:
    before = [deed for deed in deeds if deed.index <= limb.last]
    return before[-1] if before else (deeds[0] if deeds else None)


def _by_default(draft: Draft, deed: Action) -> None:
    """The hands that the action takes, or the foot that kicks."""
    frame = FRAMES[deed.frame]
    region = named_region(draft.scene, deed)
    if deed.frame == "kick":
        draft.put("right_foot", region or "front", "touch", 1.5)
    else:
        for side, place in free_hands(draft, frame, region):
            role = frame.role if not _resting_on(draft.scene, frame, place) else "touch"
            draft.put(f"{side}_hand", place, role, 1.5 if role == "grasp" else 1.2)
            draft.hands.setdefault(side, hand_shape(draft.scene, place, deed))
    extras(draft, deed)


def _resting_on(scene: Scene, frame: Frame, place: str) -> bool:
    """Hands that would take what stays where it is merely touch it, unless it is a rail."""
    level = place in ("top", "front", "lying") and not scene.noun.has("rails")
    return frame.held and scene.relation != "holding" and level


def _with_tool(draft: Draft, deed: Action, limb: Limb) -> None:
    """The named limb does it: palms push, a shoulder pushes, a foot kicks."""
    scene = draft.scene
    frame = FRAMES[deed.frame]
    if limb.base == "arm" and frame.hands != "none":
        limb = replace(limb, base="hand")
    hand = limb.base == "hand"
    parts = sorted(body_parts(limb), reverse=True)
    if frame.hands == "none" and deed.frame not in ("kick", "watch", "repair", "greet") and hand:
        draft.busy.update(parts)
        return
    regions = places(scene, frame, named_region(scene, deed))
    if len(parts) == 2:
        regions = two_handed_regions(scene, regions)
    for part, place in zip(parts, [*regions] + [regions[-1]] * len(parts), strict=False):
        _work(draft, deed, limb, part, place)


def _work(draft: Draft, deed: Action, limb: Limb, part: str, place: str) -> None:
    frame = FRAMES[deed.frame]
    hand = limb.base == "hand"
    side = part.split("_", 1)[0]
    if not hand and place in ("keys", "handle", "grip"):
        place = "anywhere"
    if limb.base == "foot" and deed.frame == "kick":
        place = named_region(draft.scene, deed) or "front"
    role = frame.role if hand or frame.role != "grasp" else "touch"
    draft.put(part, place, "touch" if deed.frame == "kick" else role, 1.5)
    if hand:
        draft.hands[side] = limb.shape or hand_shape(draft.scene, place, deed)
    elif side in SIDES and limb.base in ("shoulder", "elbow", "forearm", "arm", "upper_arm"):
        if limb.base == "shoulder" and role == "support":
            _tuck(draft, side, place)
        draft.busy.add(f"{side}_hand")


def _tuck(draft: Draft, side: str, place: str) -> None:
    """Who pushes with a shoulder puts the arm below it in front of the belly, against the thing."""
    draft.put(f"{side}_upper_arm", place, "support", 0.7)
    draft.put(f"{side}_hand", "own_belly", "touch", 0.6)


_WORN: dict[str, tuple[tuple[str, Region], ...]] = {
    "worn_head": (("head", "underside"),), "worn_face": (("face", "back"),),
    "worn_neck": (("nape", "back"),),
    "worn_back": (("back", "back"), ("left_shoulder", "anywhere"), ("right_shoulder", "anywhere")),
    "worn_body": (("chest", "anywhere"), ("back", "anywhere")),
    "worn_feet": (("left_foot", "anywhere"), ("right_foot", "anywhere")),
    "worn_hand": (("right_hand", "anywhere"),),
    "worn_legs": (("left_hip", "anywhere"), ("right_hip", "anywhere")),
}  # fmt: skip
_DONNING = ("put on", "try on", "don", "slip on", "strap on", "take off")


def wear(draft: Draft, deed: Action) -> None:
    """What a worn thing touches, and the hands that put it on."""
    noun = draft.scene.noun
    kept = any(limb.how == "at" and limb.base in ("nape", "shoulder") for limb in draft.scene.limbs)
    hat: tuple[tuple[str, Region], ...] = (("head", "top"),)  # A vessel is worn upside down.
    for part, region in () if kept else _WORN.get(noun.category, hat):
        draft.put(part, region, "support", 1.5)
    for limb in _tools(draft.scene, deed, [deed]) if deed.verb.frame in _TOUCHING else ():
        for part in body_parts(limb):
            draft.put(part, "anywhere", "touch", 0.7)
    if deed.verb.lemma in _DONNING and noun.category in ("worn_head", "worn_face"):
        for side in SIDES:
            draft.put(f"{side}_hand", noun.grip[0], "grasp", 1.0)
            draft.hands.setdefault(side, "pinch")


_TOUCHING = ("touch", "hold", "tie", "repair", "lift")
"""Frames of what hands do to something that stays on: `adjusting his glasses with two fingers`."""


def extras(draft: Draft, deed: Action) -> None:
    """Parts besides the hands that the action brings to the object."""
    scene = draft.scene
    sitting = scene.posture == "sit"
    table: dict[str, tuple[tuple[str, str, float], ...]] = {
        "hug": (("left_forearm", "sides", 0.8), ("right_forearm", "sides", 0.8),
                ("chest", "front", 1.0)),
        "hug_held": (("belly" if max(scene.size) > 0.4 else "chest", "back", 1.0),
                     ("left_forearm", "sides", 0.5), ("right_forearm", "sides", 0.5)),
        "hold_both": (("left_forearm", "underside", 0.7), ("right_forearm", "underside", 0.7)),
        "play_violin": (("left_shoulder", "back", 0.8),),
        "play_guitar": (("right_thigh", "underside", 0.8) if sitting else ("belly", "back", 0.8),),
        "drink": (("mouth", "rim", 0.5),),
    }  # fmt: skip
    if deed.frame in ("carry", "lift", "hold") and _carried_in_front(draft):
        draft.put("belly", "back", "touch", 0.5)
        for side in SIDES:
            draft.put(f"{side}_forearm", "sides", "touch", 0.3)
    for part, region, weight in table.get(deed.frame, ()):
        if scene.relation == "holding" or deed.frame == "hug":
            draft.put(part, region, "touch", weight)


def _carried_in_front(draft: Draft) -> bool:
    scene = draft.scene
    both = all(draft.contacts.get(f"{side}_hand", ("", "", 0))[1] == "grasp" for side in SIDES)
    boxy = scene.noun.category in (
        "box",
        "ball",
        "big_ball",
        "storage",
        "appliance",
        "plant",
        "unknown",
    )
    behind = not draft.free("back") or scene.styled("carry_overhead", "carry_shoulder")
    upright = scene.posture in ("walk", "stand")
    return both and boxy and not behind and upright and 0.25 < max(scene.size) < 1.0
