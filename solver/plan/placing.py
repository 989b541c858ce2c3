"""Contacts that the sentence asks for limb by limb: `elbows on knees`, `right foot on the blade`."""

from dataclasses import replace
from typing import get_args

from ..vocabulary import BodyPart, Region, Role
from . import grammar
from .limbs import Limb
from .scene import Draft, Scene
from .support import seat_region

_PARTS = frozenset(get_args(BodyPart))
_REGIONS = frozenset(get_args(Region))
_AXIAL = frozenset({
    "head", "face", "mouth", "nape", "chest", "belly", "back", "upper_back", "lower_back", "buttocks",
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
    region = place_region(draft.scene, limb)
    if (
        limb.base == "arm"
        and limb.place.startswith("own:")
        and region not in ("own_knee", "own_thigh")
    ):
        limb = replace(limb, base="hand")
    for part in body_parts(limb):
        side = part.split("_", 1)[0]
        if limb.shape and limb.base == "hand":
            draft.hands[side] = limb.shape
        if limb.place == "other":
            draft.busy.add(part)
            draft.warnings.append(
                f"The {part.replace('_', ' ')} goes to another object: left free."
            )
        elif region == "own_head" and limb.base in ("face", "head"):
            pass
        elif region:
            draft.put(part, region, _role(draft.scene, limb, region), _weight(limb))
        if limb.base in ("elbow", "forearm", "arm", "shoulder", "upper_arm"):
            _hand_of_arm(draft, limb, side, region)
        if limb.base in ("leg", "knee", "shin", "calf", "thigh") and region not in ("floor", ""):
            draft.busy.add(f"{side}_foot")
    if limb.place in ("own:head", "own:nape", "own:face", "own:hand", "own:elbow"):
        draft.busy.update(f"{side}_hand" for side in limb.sides or ("right",))
        if limb.base in ("face", "head"):
            draft.put("right_hand", "own_head", "touch", 1.0)
    if limb.base in ("hand",) and limb.verb and limb.verb.frame == "hold":
        for side in limb.sides:
            draft.hands.setdefault(side, "power")


def _hand_of_arm(draft: Draft, limb: Limb, side: str, region: str) -> None:
    """The hand of a placed arm rests with it."""
    if side in ("left", "right") and not region.startswith("own_") and limb.base != "shoulder":
        draft.hands.setdefault(side, "relaxed")
        draft.busy.add(f"{side}_hand") if draft.free(f"{side}_hand") else None


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
        return {"hand": "hand", "arm": "sides", "shoulder": "top", "head": "top", "back": "back",
                "face": "front", "chest": "front"}.get(base, "anywhere")  # fmt: skip
    if category in ("mount", "animal"):
        return {"nape": "neck", "back": "top", "head": "front", "belly": "flank"}.get(
            base, "anywhere"
        )
    if base == "back" and category not in ("seat",):
        return "back"
    if base == "head" and category == "bed":
        return "pillow"
    if base == "foot" and category == "bed":
        return "top_edge"
    return grammar.PART_REGIONS.get(base, "anywhere")


def _on_target(scene: Scene, limb: Limb) -> str:
    """`both palms flat on it`: the place that this part meets when nothing nearer is said."""
    category = scene.noun.category
    if limb.prep in ("under",):
        return "underside"
    if limb.base == "foot":
        if scene.noun.category == "seat":
            return "seat"
        return "blade" if scene.noun.has("blade") else "top"
    if limb.base in ("hand",) and (
        scene.relation == "holding" or (limb.verb and limb.verb.frame == "hold")
    ):
        return scene.noun.grip[0]
    if scene.supported and limb.base not in ("back", "upper_back"):
        return seat_region(scene) if scene.posture != "lie" else "lying"
    if limb.base in ("back", "upper_back") and scene.noun.has("back"):
        return "backrest"
    if category in ("mount", "animal"):
        return "neck"
    flat_front = ("door", "wall", "window", "storage", "appliance", "screen", "vehicle", "pole",
                  "humanoid", "picture")  # fmt: skip
    low = category == "wall" and scene.size[1] < 0.75 * scene.stature
    return "front" if category in flat_front and not low else "top"


def _role(scene: Scene, limb: Limb, region: str) -> Role:
    if region.startswith("own_"):
        return "touch"
    grips = ("handle", "grip", "handlebar", "rail", "rung", "neck")
    if limb.base == "hand" and region in grips and scene.noun.category not in ("mount", "animal"):
        return "grasp"
    if limb.base == "hand" and (
        scene.relation == "holding" or (limb.verb and limb.verb.frame == "hold")
    ):
        return "grasp"
    bears = ("foot", "back", "upper_back", "lower_back", "head", "buttocks", "elbow", "knee")
    return "support" if limb.base in bears or region == "floor" else "touch"


def _weight(limb: Limb) -> float:
    return 1.0 if limb.base != "head" else 1.5


_ARM_STATES = frozenset({"spread", "stretched", "raised", "crossed", "folded", "hanging", "clasped",
                         "swinging", "together", "straight", "bent", "busy"})  # fmt: skip


def _state(draft: Draft, limb: Limb) -> None:
    if limb.base in ("leg", "foot", "knee", "thigh"):
        if limb.state in ("hanging", "swinging", "raised", "stretched_up"):
            draft.busy.update(f"{side}_foot" for side in limb.sides)
    elif limb.base in ("arm", "hand", "elbow", "forearm") and limb.state in _ARM_STATES:
        draft.busy.update(f"{side}_hand" for side in limb.sides)
