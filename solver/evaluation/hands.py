"""How a hand holds: which fingers and whether the palm touch, how deep, how much skin."""

from jaxtyping import Int
from torch import Tensor

from ..body.limb_labels import FINGERS
from .shown import MILLIMETRES, SQUARE_CENTIMETRES, TOUCHING, Shown

SIDES = ("left", "right")
_SKIP = 1e-4
"""Metres below the surface at which a ray to its other side begins."""


def hand_numbers(shown: Shown) -> dict[str, float]:
    """Per hand: fingers in contact without the thumb, thumb and palm, area, depth, nearest skin.

    A finger is in contact when some of it is nearer than 5 mm. "A power grasp: at least three
    fingers and the thumb" reads off `left_fingers` and `left_thumb`; the contact ratio of the
    grasping papers is the share of hands with `left_contact` 1.
    """
    numbers: dict[str, float] = {}
    for side in SIDES:
        hand = shown.parts[f"{side}_hand"]
        touching = hand[shown.distance[hand] < TOUCHING]
        numbers |= {
            f"{side}_fingers": float(sum(_touches(shown, f"{side}_{f}") for f in FINGERS[1:])),
            f"{side}_thumb": float(_touches(shown, f"{side}_{FINGERS[0]}")),
            f"{side}_palm": float(_touches(shown, f"{side}_palm")),
            f"{side}_contact": float(len(touching) > 0),
            f"{side}_hand_cm2": SQUARE_CENTIMETRES * float(shown.areas[touching].sum()),
            f"{side}_hand_mm": MILLIMETRES * max(0.0, float(shown.distance[hand].min())),
            f"{side}_thickness_mm": MILLIMETRES * thickness(shown, touching),
            f"{side}_hand_depth_mm": MILLIMETRES * float(shown.depth[hand].max()),
        }
    return numbers


def thickness(shown: Shown, verts: Int[Tensor, " verts"]) -> float:
    """How thick, metres, the object is where some vertices touch it; 0 where nothing touches.

    The median way through it, straight inward.
    """
    if len(verts) == 0:
        return 0.0
    surface = shown.solid.surface
    _, _, normal = shown.nearest
    inward = -normal[verts] @ shown.solid.T_world_object[:3, :3]
    start = surface.nearest(shown.solid.local(shown.verts[verts]))[1] + _SKIP * inward
    way = surface.cast(start, inward)[0]
    return _SKIP + float(way.median())


def _touches(shown: Shown, part: str) -> bool:
    return float(shown.distance[shown.parts[part]].min()) < TOUCHING
