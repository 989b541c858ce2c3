"""Contacts of those who lie."""

from ..vocabulary import SIDES, Region
from .scene import Draft, Scene

_BRIDGED = 0.5
"""What is shorter, in statures, bears the trunk alone: feet or hands are on the floor."""
_LONG = 1.05
"""Length of a bed, in statures, from which the heels lie on it too."""
_WALLS = 0.3
"""What the ends of a bathtub take of its length, metres."""
_SHORT = 0.9
"""Length under which one bends the knees to have the feet on it."""


def _lying_region(scene: Scene) -> Region:
    """Where one lies on this object."""
    for action in scene.actions:
        if action.is_body and action.region in ("roof", "hood"):
            return action.region  # pyright: ignore[reportReturnType]
    if scene.relation == "inside" and scene.noun.category == "vehicle":
        return "seat"
    return "lying" if scene.noun.category in ("bed", "seat", "mat", "bath") else "top"


def lie(draft: Draft) -> None:
    """Contacts of somebody who lies on the object."""
    scene = draft.scene
    region = _lying_region(scene)
    if max(scene.size) < _BRIDGED * scene.stature:
        _lie_over(draft, region)
    elif scene.styled("on_belly"):
        propped = _propped(scene)
        for part, weight in (
            *([("left_elbow", 1.0), ("right_elbow", 1.0)] if propped else [("chest", 1.0)]),
            ("belly", 1.5),
            ("left_thigh", 0.7),
            ("right_thigh", 0.7),
            ("left_shin", 0.5),
            ("right_shin", 0.5),
        ):
            draft.put(part, region, "support", weight)
        if not propped:
            # The side of the head: nobody sleeps on the nose.
            draft.put("head", "pillow" if scene.noun.name == "bed" else region, "touch", 0.5)
    elif scene.styled("on_side"):
        _on_side(draft, region)
    else:
        draft.put("head", "pillow" if scene.noun.name == "bed" else region, "support", 1.0)
        for part in ("upper_back", "back", "buttocks"):
            draft.put(part, region, "support", 1.0)
        _legs(draft, region)


def _on_side(draft: Draft, region: Region) -> None:
    """The lower side's shoulder, hip and leg bear; its arm lies before the face."""
    scene = draft.scene
    lower = next((t.value for t in scene.reading.tokens if t.kind == "side"), "left")
    for part, weight in (
        (f"{lower}_shoulder", 1.5),
        (f"{lower}_hip", 1.5),
        (f"{lower}_thigh", 0.7),
        (f"{lower}_shin", 0.5),
    ):
        draft.put(part, region, "support", weight)
    _upper_leg(draft, region, "right" if lower == "left" else "left")
    pillow = scene.noun.name == "bed"
    draft.put("head", "pillow" if pillow else region, "support", 1.0 if pillow else 0.8)
    if draft.free(f"{lower}_hand") and region == "lying":  # Before the face.
        draft.put(f"{lower}_forearm", region, "touch", 0.3)
        draft.put(f"{lower}_hand", region, "touch", 0.3)


def _upper_leg(draft: Draft, region: Region, side: str) -> None:
    """The upper leg of who lies on a side: drawn up on the other one, else before it on the bed."""
    if draft.scene.styled("one_leg_tucked"):
        draft.put(f"{side}_knee", "own_knee", "touch", 1.0)
    else:
        draft.put(f"{side}_knee", region, "support", 0.5)
        draft.put(f"{side}_foot", region, "support", 0.5)


def _lie_over(draft: Draft, region: Region) -> None:
    """Over a ball or a stool: the trunk on it, the feet on the floor; prone, the hands too."""
    prone = draft.scene.styled("on_belly")
    draft.put("belly" if prone else "lower_back", region, "support", 2.0)
    if not prone:
        draft.put("back", region, "support", 1.0)
    for side in SIDES:
        draft.put(f"{side}_foot", "floor", "support", 1.0)
        if prone:
            draft.put(f"{side}_hand", "floor", "support", 0.7)
        else:
            draft.busy.add(f"{side}_hand")


def _legs(draft: Draft, region: Region) -> None:
    """Calves and heels lie on a long bed; the feet stand on a short one, the knees bent."""
    scene = draft.scene
    if "knees" in draft.contacts:  # Over an armrest.
        return
    length = (max(scene.size) - _WALLS * (scene.relation == "inside")) / scene.stature
    stretched = scene.styled("legs_stretched", "legs_crossed")
    short = scene.noun.category != "bed" and length < _SHORT and not stretched
    short = short or any(x.base == "knee" and x.state == "bent" for x in scene.limbs)
    for side in SIDES:
        if not short:
            draft.put(f"{side}_thigh", region, "support", 0.4)
            draft.put(f"{side}_calf", region, "support", 0.4)
        if short or length > _LONG:
            draft.put(f"{side}_foot", region, "support", 0.6 if short else 0.4)


def _propped(scene: Scene) -> bool:
    """On the elbows: whoever reads, types or looks while lying on the belly."""
    return scene.styled("typing", "reading", "writing", "watching", "phoning")


def lie_on_floor(draft: Draft) -> None:
    """Contacts of somebody who lies on the floor."""
    if draft.scene.styled("on_belly"):
        chest = ("left_elbow", "right_elbow") if _propped(draft.scene) else ("chest",)
        for part in (*chest, "belly", "left_thigh", "right_thigh", "left_shin", "right_shin"):
            draft.put(part, "floor", "support", 1.0)
        return
    for part in ("head", "upper_back", "buttocks", "left_calf", "right_calf"):
        draft.put(part, "floor", "support", 1.0)
