"""Contacts that the sentence asks for limb by limb: `elbows on knees`, `foot on the blade`."""

from dataclasses import replace
from typing import get_args

from ..vocabulary import SIDES, BodyPart, Region, Role
from . import grammar
from .limb import ear
from .limbs import Limb
from .scene import Draft, Scene
from .sitting import seat_region

_PARTS = frozenset(get_args(BodyPart))
_REGIONS = frozenset(get_args(Region))
_AXIAL = frozenset({
    "head", "face", "mouth", "nape", "chest", "belly", "back", "upper_back", "lower_back",
    "buttocks",
})  # fmt: skip
_MEANS = {"arm": "forearm", "leg": "calf", "lap": "thigh"}
"""Words for whole limbs -> the patch that touches."""


def body_parts(limb: Limb) -> list[str]:
    """The names of the vocabulary that a limb phrase speaks of."""
    base = _MEANS.get(limb.base, limb.base)
    if base in _AXIAL:
        return [base]
    return [f"{side}_{base}" for side in limb.sides if f"{side}_{base}" in _PARTS]


def said_places(draft: Draft) -> None:
    """Every limb that the sentence puts somewhere, or that does something by itself."""
    for limb in draft.scene.limbs:
        if limb.how == "place":
            _place(draft, limb)
        elif limb.how == "state":
            _state(draft, limb)


def _place(draft: Draft, limb: Limb) -> None:
    scene = draft.scene
    region = place_region(scene, limb)
    knees = ("own_knee", "own_thigh")
    if limb.base == "arm" and limb.place.startswith("own:") and region not in knees:
        limb = replace(limb, base="hand")
    limb = stretched(scene, limb, region)
    resting_face = region == "own_head" and limb.base in ("face", "head")
    over = limb.base in ("leg", "calf", "knee") and region == "armrest"
    if over and len(limb.sides) == 2:  # Over one armrest, from the knees down.
        draft.put("knees", region, "support", 1.0)
        draft.busy.update(f"{side}_foot" for side in SIDES)
    heard = ear(limb, scene.reading.tokens, scene.limbs)
    for part in () if "knees" in draft.contacts else [heard] if heard else body_parts(limb):
        if limb.place == "other":
            draft.busy.add(part)
            name = part.replace("_", " ")
            draft.warnings.append(f"The {name} goes to another object: left free.")
        elif region and not resting_face:
            draft.put(part, region, _role(scene, limb, region), 1.5 if limb.base == "head" else 1.0)
        _rest_of_limb(draft, limb, part.split("_", 1)[0], region)
    if limb.place in ("own:head", "own:nape", "own:face", "own:hand", "own:elbow"):
        if limb.base in ("face", "head"):
            _rest_head(draft, limb)
        draft.busy.update(f"{side}_hand" for side in limb.sides or ("right",))


def _rest_head(draft: Draft, limb: Limb) -> None:
    """`chin on his hand`, `face in her hands`."""
    tokens = draft.scene.reading.tokens
    said = [t.value for t in tokens[limb.first : limb.last + 1] if t.kind == "side"]
    two = tokens[limb.last].value == "hands"
    for side in SIDES if two else (said or ["right"])[-1:]:
        draft.put(f"{side}_hand", "own_head", "touch", 1.0)
        if draft.scene.noun.category in ("table", "counter") and not draft.scene.supported:
            draft.put(f"{side}_elbow", "top", "support", 1.0)


def stretched(scene: Scene, limb: Limb, region: str) -> Limb:
    """`leaning with one arm against the wall`: it is stretched out, and its palm bears."""
    against = scene.posture == "lean" and region in ("front", "back", "sides", "flank")
    return replace(limb, base="hand", shape="flat") if limb.base == "arm" and against else limb


def _rest_of_limb(draft: Draft, limb: Limb, side: str, region: str) -> None:
    """The hand at the end of a placed arm, the foot of a placed leg, the shape of a placed hand."""
    if limb.base == "hand":
        holds = limb.verb is not None and limb.verb.frame == "hold"
        pushes = _pushing(draft.scene) and not region.startswith("own_")
        shape = limb.shape or ("power" if holds else "flat" if pushes else None)
        if shape:
            draft.hands.setdefault(side, shape)
    elif limb.base in ("elbow", "forearm", "arm", "upper_arm"):
        if not region.startswith("own_"):
            draft.hands.setdefault(side, "relaxed")
            draft.engage(f"{side}_hand")
    elif limb.base in ("leg", "knee", "shin", "calf", "thigh") and region not in ("floor", ""):
        draft.engage(f"{side}_foot")


def place_region(scene: Scene, limb: Limb) -> str:
    """The region that a limb phrase names, or empty."""
    if limb.place.startswith("own:"):
        own = limb.place[4:]
        return grammar.OWN.get(own, "")
    if limb.place.startswith("part:"):
        return region_of_part(scene, limb.place[5:])
    if limb.place == "target":
        return _on_target(scene, limb)
    if limb.place == "keys" and scene.noun.category in ("guitar", "violin", "cello"):
        return "front"
    return limb.place if limb.place in _REGIONS else ""


def region_of_part(scene: Scene, base: str) -> str:
    """The place that a word for a body part names on this object: the back of a chair."""
    base = grammar.PAIRS.get(base, base)
    category = scene.noun.category
    if category == "humanoid":
        return {"hand": "hand", "arm": "sides", "shoulder": "shoulder", "head": "top",
                "back": "back",
                "face": "front", "chest": "front"}.get(base, "anywhere")  # fmt: skip
    if category in ("mount", "animal"):
        return {
            "nape": "neck",
            "back": "top",
            "head": "front",
            "face": "front",
            "mouth": "front",
            "belly": "flank",
        }.get(base, "anywhere")
    if base == "back" and category not in ("seat",):
        return "back"
    if base == "head" and category == "bed":
        return "pillow"
    if base == "foot" and category == "bed":
        return "top_edge"
    return grammar.PART_REGIONS.get(base, "anywhere")


_FLAT_FRONT = frozenset({
    "door", "wall", "window", "storage", "appliance", "screen", "vehicle", "pole", "humanoid",
    "picture",
})  # fmt: skip


def _on_target(scene: Scene, limb: Limb) -> str:
    """`both palms flat on it`: the place that this part meets when nothing nearer is said."""
    noun = scene.noun
    back = limb.base in ("back", "upper_back")
    kept = scene.relation == "holding" or (limb.verb is not None and limb.verb.frame == "hold")
    if limb.prep == "under":
        return "underside"
    if limb.base == "foot":
        return "seat" if noun.category == "seat" else "blade" if noun.has("blade") else "top"
    if limb.base == "hand" and kept:
        both = len(limb.sides) == 2 and noun.category == "cup"
        return "sides" if both else noun.grip[0]
    if back and noun.has("back"):
        return "backrest"
    if scene.supported and not back:
        return seat_region(scene) if scene.posture != "lie" else "lying"
    return _surface(scene)


def _surface(scene: Scene) -> str:
    """The face of the object that a person beside it meets first."""
    category = scene.noun.category
    if category in ("mount", "animal"):
        return "neck"
    low = category == "wall" and scene.size[1] < 0.75 * scene.stature
    if category == "vehicle" and scene.relation == "beside":
        return "sides"
    return "front" if category in _FLAT_FRONT and not low else "top"


def _role(scene: Scene, limb: Limb, region: str) -> Role:
    if region.startswith("own_"):
        return "touch"
    if limb.base == "hand" and _pushing(scene):
        return "support"
    grips = ("handle", "grip", "handlebar", "rail", "rung", "neck")
    if limb.base == "hand" and region in grips and scene.noun.category not in ("mount", "animal"):
        return "grasp"
    if limb.base == "hand" and (
        scene.relation == "holding" or (limb.verb and limb.verb.frame == "hold")
    ):
        return "grasp"
    if limb.base == "head" and not scene.supported:
        return "touch"
    bears = _ARMS if scene.posture == "lean" else ()
    bears += ("foot", "back", "upper_back", "lower_back", "head", "buttocks", "elbow", "knee")
    return "support" if limb.base in bears or region == "floor" else "touch"


_ARMS = ("hand", "arm", "forearm", "upper_arm", "shoulder")
"""What carries somebody who leans on it."""


def _pushing(scene: Scene) -> bool:
    return any(a.frame == "push" and a.on != "other" for a in scene.actions)


_ARM_STATES = frozenset({"spread", "stretched", "raised", "crossed", "folded", "hanging", "clasped",
                         "swinging", "together", "straight", "bent", "busy", "aloft"})  # fmt: skip


def _state(draft: Draft, limb: Limb) -> None:
    if limb.base in ("leg", "foot", "knee", "thigh"):
        if limb.state in ("hanging", "swinging", "raised", "aloft"):
            draft.busy.update(f"{side}_foot" for side in limb.sides)
    elif limb.state == "spread" and draft.scene.posture == "lie":
        return  # Spread arms of someone who lies lie too.
    elif limb.base == "arm" and limb.state in ("crossed", "folded"):
        for side in limb.sides:  # Each hand lies on the other arm.
            draft.put(f"{side}_hand", "own_arm", "touch", 1.0)
    elif limb.base in ("arm", "hand", "elbow", "forearm") and limb.state in _ARM_STATES:
        draft.busy.update(f"{side}_hand" for side in limb.sides)
