"""A target for every limb that has nothing to do: idle hands look like a zombie's."""

from ..vocabulary import SIDES, Role
from .frames import FRAMES, TOOLS
from .grips import hand_shape
from .keepable import hold_height
from .scene import Draft, Scene

_ELSEWHERE = (
    "reading", "typing", "writing", "hands_behind_head", "arms_spread", "arms_crossed",
    "elbows_on_knees", "rest_chin", "pray", "reach_up",
)  # fmt: skip
"""Styles whose poses already say where both hands are."""
_ONE_ELSEWHERE = ("drinking", "eating", "phoning", "wave", "point", "greet", "show")
"""Styles whose poses say where the right hand is."""
_UPRIGHT = ("front", "back")
"""Where a hand that touches is laid flat; on what is level it rests."""
_LOW = ("floor", "knee")
"""Where a tool works that is held so low: the other hand props the trunk bent over it."""
_ARMCHAIR = 1.2
"""Widest seat, metres, whose two armrests are in reach of one person."""


def rest(draft: Draft) -> None:
    """Give idle hands a place, and every hand a shape."""
    scene = draft.scene
    _hands_at_other_things(draft)
    for side in SIDES:
        if scene.styled("tying_shoes") and draft.free(f"{side}_hand"):
            draft.put(f"{side}_hand", "own_foot", "touch", 1.0)
            draft.hands.setdefault(side, "pinch")
        if draft.free(f"{side}_hand"):
            _rest_hand(draft, side)
        region, role, _ = draft.contacts.get(f"{side}_hand", ("own_thigh", "touch", 0.0))
        resting = region.startswith("own_") or (role == "touch" and region not in _UPRIGHT)
        draft.hands.setdefault(side, "relaxed" if resting else hand_shape(scene, region))


def _hands_at_other_things(draft: Draft) -> None:
    """Hands that hold a book or a cup which is not the object."""
    scene = draft.scene
    if _bent_over(scene):  # The nail is struck, not held.
        return
    others = [FRAMES[a.frame].hands for a in scene.actions if a.on == "other" and not a.is_body]
    placed = [s for s in _ELSEWHERE if s != "arms_spread" or scene.posture != "lie"]
    two = "two" in others or "by_size" in others or scene.styled(*placed)
    one = "one" in others or scene.styled(*_ONE_ELSEWHERE)
    for side in SIDES if two else ("right",) if one else ():
        if draft.free(f"{side}_hand"):
            draft.busy.add(f"{side}_hand")


def _rest_hand(draft: Draft, side: str) -> None:
    scene = draft.scene
    hand = f"{side}_hand"
    if scene.posture == "sit":
        _rest_seated(draft, side)
    elif scene.posture == "lie":
        if scene.styled("on_side"):
            _rest_on_leg(draft, side)
        else:
            region, role, weight = _beside_the_body(scene)
            draft.put(hand, region, role, weight)
            if region == "lying":
                draft.put(f"{side}_forearm", region, role, weight)
    elif _bent_over(scene):
        draft.put(hand, "floor", "support", 0.7)
        draft.hands[side] = "flat"
    elif leg := _own_leg(draft, side):
        draft.put(hand, leg, "touch", 0.5)


def _rest_on_leg(draft: Draft, side: str) -> None:
    """The upper arm of who lies on a side lies on the flank, its hand where the leg is drawn up."""
    lower = [s for s in SIDES if f"{s}_shoulder" in draft.contacts]
    if lower and side not in lower:
        leg = "own_knee" if draft.scene.styled("one_leg_tucked") else "own_thigh"
        draft.put(f"{side}_hand", leg, "touch", 0.5)


def _bent_over(scene: Scene) -> bool:
    """On the knees over what a tool in one hand does to the floor."""
    low = scene.relation == "holding" and scene.noun.category in TOOLS
    return scene.posture == "kneel" and low and hold_height(scene) in _LOW


def _rest_seated(draft: Draft, side: str) -> None:
    scene = draft.scene
    if scene.noun.has("ropes") and scene.supported:
        draft.put(f"{side}_hand", "sides", "grasp", 1.0)
        draft.hands[side] = "power"
    elif not scene.sideways and _armrest_in_reach(scene) and draft.free(f"{side}_forearm"):
        draft.put(f"{side}_forearm", "armrest", "touch", 0.6)
    else:
        draft.put(f"{side}_hand", "own_thigh", "touch", 0.5)


def _armrest_in_reach(scene: Scene) -> bool:
    arms = scene.supported and scene.noun.has("arms") and scene.size[0] < _ARMCHAIR
    return arms and "armrest" not in scene.off_limits and scene.posture == "sit"


def _own_leg(draft: Draft, side: str) -> str:
    """Where on the leg a hand rests that has nothing to do; empty: nowhere."""
    scene = draft.scene
    if scene.posture == "stand" and _put_up(draft, side):
        return "own_knee"
    if scene.posture == "stand" and _put_up(draft, "left" if side == "right" else "right"):
        return "own_thigh"
    legs = {"kneel": "own_thigh", "squat": "own_knee"}
    return legs.get(scene.posture, "") if not scene.manipulations else ""


def _put_up(draft: Draft, side: str) -> bool:
    """One foot is up on the object: that side's hand rests on the knee, the other on its thigh."""
    here, other = (draft.contacts.get(f"{s}_foot", ("floor",))[0]
                   for s in (side, "left" if side == "right" else "right"))  # fmt: skip
    return here != "floor" and other == "floor" and draft.scene.styled("legs_stretched")


def _beside_the_body(scene: Scene) -> tuple[str, Role, float]:
    narrow = scene.supported and scene.noun.category == "seat"
    if (narrow or scene.styled("asleep")) and not scene.styled("on_side", "on_belly"):
        return "own_belly", "touch", 1.0
    if not scene.supported:
        return "floor", "touch", 0.3
    flat = scene.noun.category in ("bed", "seat", "mat")
    return ("lying" if flat else "top"), "touch", 0.3
