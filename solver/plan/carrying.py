"""How a thing is carried once it is known which parts hold it: at the side, under an arm."""

from ..vocabulary import HeldAttitude, HoldHeight, Style
from .keepable import LONG, at_ceiling, attitude, hangs, has_shaft, hold_height
from .scene import Draft, Scene

_HUNG = ("handle", "rim", "top_edge", "backrest", "top")
"""Regions from which a thing hangs."""
_LEAST = 0.25
"""Smaller things are held before the body, not at the side, metres."""
_SLENDER = 1.4
"""What is that many times as tall as wide lies under an arm."""


def carried(draft: Draft) -> tuple[tuple[Style, ...], HoldHeight, HeldAttitude]:
    """Styles, height and attitude of a held thing; one hand carries at the side."""
    scene = draft.scene
    kept = scene.styles, hold_height(scene), attitude(scene)
    if hangs(scene):
        return _styled(scene, "carry_side"), *kept[1:]
    if kept[1:] == ("overhead", "aimed_up") and at_ceiling(scene):
        return _styled(scene, "reach_up"), *kept[1:]
    lifted = _lifted(draft, kept[1], kept[2])
    if lifted is not None:
        return lifted
    if not scene.styled("carry_front") or scene.posture not in ("walk", "stand"):
        return kept
    styles: tuple[Style, ...] = tuple(
        "carry_side" if style == "carry_front" else style for style in scene.styles
    )
    if under_arm(scene):
        slender = scene.size[1] > _SLENDER * max(scene.size[0], scene.size[2])
        return styles, "free", "lying" if slender else kept[2]
    hands = [region for part, (region, _, _) in draft.contacts.items() if part.endswith("_hand")]
    hung = len(hands) == 1 and hands[0] in _HUNG and max(scene.size) > _LEAST
    return (styles, "free" if kept[1] == "belly" else kept[1], kept[2]) if hung else kept


def _lifted(
    draft: Draft, height: HoldHeight, turned: HeldAttitude
) -> tuple[tuple[Style, ...], HoldHeight, HeldAttitude] | None:
    """What is carried above the head or on a shoulder; None where it is neither."""
    scene = draft.scene
    both = all(f"{side}_hand" in draft.contacts for side in ("left", "right"))
    if height == "overhead" and both and not scene.styled("swing", "drill", "aim"):
        return _styled(scene, "carry_overhead"), "overhead", turned
    if any(part.endswith("shoulder") for part in draft.contacts):
        if has_shaft(scene):
            return _styled(scene, "carry_shoulder"), "free", "shouldered"
        along = scene.noun.category in LONG and scene.noun.category != "weight"
        return _styled(scene, "carry_shoulder"), "free", "aimed_forward" if along else turned
    return None


def _styled(scene: Scene, style: Style) -> tuple[Style, ...]:
    """The styles with one of carrying before all."""
    rest = tuple(s for s in scene.styles if s not in ("carry_front", "lift", "neutral", style))
    return (style, *rest)  # pyright: ignore[reportReturnType]


def under_arm(scene: Scene) -> bool:
    """Whether the sentence puts the thing under an arm."""
    return any(x.how == "at" and x.prep == "under" and x.base == "arm" for x in scene.limbs)
