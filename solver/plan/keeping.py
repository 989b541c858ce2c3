"""Body parts that keep the object: under one arm, on the shoulder, against the belly."""

from ..vocabulary import SIDES
from .grips import hand_shape, held_regions
from .keepable import has_shaft
from .limbs import Limb
from .placing import body_parts
from .scene import Draft, Scene

_WHEREABOUTS = frozenset({"front", "at", "beside", "over", "behind", "to", "from"})
"""Prepositions that say where the object is carried but let nothing touch."""


_HUNG_ON = ("over", "from")
"""Of a shoulder they mean that it carries."""
_LAIN_ON = ("belly", "chest", "back", "face")

_LAIN_UPON = ("box", "storage", "appliance", "bin", "jar", "screen", "unknown")
"""Categories of things that lie on a shoulder, a hand flat against their side."""


def kept_at(draft: Draft) -> None:
    """Contacts of every part that the object, or another thing, is kept at."""
    scene = draft.scene
    for limb in scene.limbs:
        if limb.how != "at":
            continue
        if limb.base in ("hand", "arm") and _of_another(scene, limb):
            if not _instrument(scene):
                draft.busy.update(f"{side}_hand" for side in limb.sides)
        elif scene.posture == "lie" and limb.prep == "on" and limb.base in _LAIN_ON:
            continue
        elif scene.relation == "holding" or (scene.relation == "wearing" and limb.base == "nape"):
            _keep_at(draft, limb)


def _keep_at(draft: Draft, limb: Limb) -> None:
    if limb.base == "hand":
        _in_hand(draft, limb)
    elif limb.base == "arm" and limb.prep == "in":
        for side in SIDES:
            draft.put(f"{side}_forearm", "underside", "support", 1.0)
            draft.put(f"{side}_hand", "sides", "grasp", 1.0)
    elif limb.prep not in _WHEREABOUTS or (limb.base == "shoulder" and limb.prep in _HUNG_ON):
        for part in body_parts(limb):
            _keep(draft, limb, part)


def _of_another(scene: Scene, limb: Limb) -> bool:
    """`with a bucket in his left hand`: what is kept there is not the object."""
    if scene.supported:
        return True
    before = scene.reading.tokens[: limb.first]
    kept = next((t for t in reversed(before) if t.kind in ("noun", "pronoun", "verb")), None)
    mention = scene.reading.mention
    target = mention is not None and kept is scene.reading.tokens[mention.index]
    return kept is not None and kept.kind == "noun" and not target


def _instrument(scene: Scene) -> bool:
    """`cleaning the window with a cloth in her right hand`: that hand does the work."""
    return any(a.frame in _WORK and a.on == "target" for a in scene.actions)


_WORK = ("wipe", "paint_on", "write_on", "write_at", "touch", "repair")


def instruments(scene: Scene) -> list[Limb]:
    """Limbs that work on the object with another thing in the hand."""
    return [
        limb
        for limb in scene.limbs
        if limb.how == "at" and limb.base == "hand" and _works(scene, limb)
    ]


def _works(scene: Scene, limb: Limb) -> bool:
    if _of_another(scene, limb):
        return _instrument(scene)
    return limb.prep == "from" and scene.relation not in ("holding", "wearing")


def _in_hand(draft: Draft, limb: Limb) -> None:
    """`holding a cup in the left hand`."""
    places = held_regions(draft.scene)
    for order, side in enumerate(s for s in ("right", "left") if s in limb.sides):
        place = places[min(order, len(places) - 1)] if limb.prep != "on" else "underside"
        named = [a.region for a in draft.scene.manipulations if a.region and a.region != "sides"]
        if named and not named[0].startswith("part:"):
            place = named[0]
        draft.put(f"{side}_hand", place, "grasp", 1.5)
        draft.hands.setdefault(side, limb.shape or hand_shape(draft.scene, place))
    for side in SIDES:
        if side not in limb.sides and draft.free(f"{side}_hand") and not _other_use(draft, side):
            draft.busy.add(f"{side}_hand")


def _other_use(draft: Draft, side: str) -> bool:
    return any(
        side in limb.sides and limb.base == "hand" and limb.how == "use"
        for limb in draft.scene.limbs
    )


def _keep(draft: Draft, limb: Limb, part: str) -> None:
    side = part.split("_", 1)[0]
    other = "left" if side == "right" else "right"
    if limb.prep == "under" and limb.base in ("arm", "shoulder"):
        draft.put(f"{side}_forearm", "sides", "grasp", 1.5)
        draft.put(f"{side}_hand", "sides", "grasp", 1.0)
        draft.put(f"{side}_hip", f"{other}_side", "touch", 0.7)
        draft.hands.setdefault(side, "cradle")
        draft.busy.add(f"{other}_hand")
    elif limb.prep == "between":
        for each in SIDES:
            draft.put(f"{each}_{limb.base}", "sides", "grasp", 1.0)
    elif limb.prep in ("against", "around") or limb.base == "back":
        draft.put(part, "back" if limb.prep != "around" else "anywhere", "touch", 1.0)
    else:
        long = has_shaft(draft.scene)
        if long and limb.base == "shoulder":  # The hand holds it there.
            draft.put(part, "handle", "support", 1.0)
            draft.put(f"{side}_hand", "handle", "grasp", 1.5)
            draft.hands.setdefault(side, "power")
        else:
            draft.put(part, "handle" if long else "underside", "support", 1.5)
            if limb.base == "shoulder" and draft.scene.noun.category in _LAIN_UPON:
                draft.put(f"{side}_hand", "sides", "grasp", 1.5)
                draft.hands.setdefault(side, "flat")
        if limb.base in ("forearm", "arm"):
            draft.busy.add(f"{side}_hand")
            draft.hands.setdefault(side, "cradle")
