"""The closed vocabularies of a plan: rules, language models, panel and tests choose from these.

What each word means is said in `meanings.py`.
Standard library only: Blender imports this file. Sides (left, right) are always the person's own.
"""

from typing import Literal, get_args

SIDES = ("left", "right")

Posture = Literal[
    "stand", "sit", "lie", "squat", "kneel", "straddle",
    "lean", "bend", "climb", "hang", "walk", "none",
]  # fmt: skip
"""What the body does as a whole."""

Relation = Literal[
    "front", "behind", "left", "right", "on_top", "inside",
    "under", "beside", "holding", "wearing", "none",
]  # fmt: skip
"""Where the person is, seen from the object's own front; or how the object is kept."""

Side = Literal["any", "front", "back", "left", "right"]
"""The object's own side that is toward the person; `front`, `behind`, `left`, `right` say it too,
and for them it is that one."""

Facing = Literal["object", "away", "front", "left", "right", "along"]
"""Where the person looks: to the object, away from it, as the object's own front does (a chair),
to the object's own left or right (sideways on it), or along the object's length (lying)."""

ScaleClass = Literal["handheld", "carryable", "furniture", "large"]
"""Size beside a person: below 0.3 m, to 1 m, up to a bed, beyond."""

Role = Literal["support", "grasp", "touch"]
"""Bears weight, closes around, or merely meets the surface."""

BodyPart = Literal[
    "head", "face", "mouth", "nape", "chest", "belly", "back", "upper_back", "lower_back",
    "buttocks", "thighs", "inner_thighs", "knees", "calves", "feet",
    "left_hand", "right_hand", "left_forearm", "right_forearm", "left_elbow", "right_elbow",
    "left_upper_arm", "right_upper_arm", "left_shoulder", "right_shoulder",
    "left_ear", "right_ear",
    "left_hip", "right_hip", "left_thigh", "right_thigh", "left_knee", "right_knee",
    "left_shin", "right_shin", "left_calf", "right_calf", "left_foot", "right_foot",
]  # fmt: skip
"""The patch of the body that meets the object. `left_hand` is palm and fingers, `left_foot` sole
and toes, `left_ear` that side of the head, `buttocks` what one sits on."""

Region = Literal[
    "seat", "backrest", "armrest", "headrest", "lying", "pillow", "saddle",
    "top", "top_edge", "underside", "left_side", "right_side", "sides", "front", "back",
    "handle", "grip", "rim", "handlebar", "pedal", "rung", "rail", "footrest", "blade",
    "screen", "keys", "hood", "roof", "neck", "flank", "hand", "shoulder",
    "anywhere",
    "floor", "own_thigh", "own_knee", "own_belly", "own_head", "own_hip",
    "own_foot", "own_arm", "own_hand",
]  # fmt: skip
"""The place on the object. A paired region (armrest, handlebar, pedal, rail, rung, flank) is the
one on the side of the touching body part. `floor` is the ground, `own_*` the person's own body
(`own_arm` the other upper arm, `own_hand` the other hand's back): every limb of a plan has a
target."""

HandShape = Literal[
    "relaxed", "flat", "power", "hook", "pinch", "tripod", "lateral", "cradle", "fist", "point",
    "type", "bear",
]  # fmt: skip
"""How the fingers are shaped before they close; `bear`: flat under or on what they carry, the
thumb beside it."""

OPEN_HANDS: tuple[HandShape, ...] = ("relaxed", "flat", "point", "type", "fist")
"""Shapes that close around nothing."""

HoldHeight = Literal[
    "free", "overhead", "head", "mouth", "chest", "belly", "hip", "knee", "floor",
]  # fmt: skip
"""Where a held object is carried; `free` leaves it to the pose."""

HeldAttitude = Literal[
    "upright", "upside_down", "lying", "aimed_forward", "aimed_down", "aimed_up", "shouldered",
    "hanging", "face_down", "across", "scooping", "pouring", "free",
]  # fmt: skip
"""How a held object is turned: as it stands, on its head, on its side, its working end
forward, down, up (a hammer cocked to strike), behind and above the shoulder that it rests on, or
forward and down as from an arm that hangs; the face of its head down (a hammer that strikes the
floor); across the body, its neck to the left and its front ahead (a guitar); ahead and low, so
that what lies on the blade stays there (a snow shovel); or its mouth below level, not toward the
person (a jug that pours)."""

Style = Literal[
    "neutral", "upright", "slumped", "perched", "leaning_forward", "leaning_back", "asleep",
    "legs_crossed", "legs_stretched", "legs_apart", "swinging_legs", "one_leg_tucked",
    "elbows_on_knees", "hands_behind_head", "arms_spread", "arms_crossed", "on_side", "on_belly",
    "reading", "typing", "writing", "eating", "drinking", "phoning", "watching", "tying_shoes",
    "push", "pull", "kick", "swing", "throw", "strike", "dig", "sweep", "stir", "drill", "aim",
    "reach_up", "reach_down", "carry_front", "carry_side", "carry_overhead", "carry_shoulder",
    "hug", "wipe", "point", "wave", "greet", "stroke", "rest_chin", "ride", "ride_racing",
    "climb_down", "run", "dance", "pray", "lift", "squeeze", "pour", "listening", "show",
]  # fmt: skip
"""Tags that choose among the poses of one posture."""

Flag = Literal["ok", "no_object", "contradiction", "no_interaction"]

POSTURES: tuple[str, ...] = get_args(Posture)
RELATIONS: tuple[str, ...] = get_args(Relation)
PARTS: tuple[str, ...] = get_args(BodyPart)
REGIONS: tuple[str, ...] = get_args(Region)
STYLES: tuple[str, ...] = get_args(Style)
HAND_SHAPES: tuple[str, ...] = get_args(HandShape)

OFF_OBJECT: tuple[Region, ...] = (
    "floor", "own_thigh", "own_knee", "own_belly", "own_head", "own_hip", "own_foot",
    "own_arm", "own_hand",
)  # fmt: skip
"""Regions that are not on the object: they are limb targets, not affordances."""


def side_of(part: str) -> Literal["left", "right", "both"]:
    """The side that a body part's name carries."""
    head = part.split("_", 1)[0]
    return head if head in ("left", "right") else "both"  # pyright: ignore[reportReturnType]
