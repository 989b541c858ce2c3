"""What each kind of action does to posture, relation and hands: one table."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ..vocabulary import HandShape, HeldAttitude, HoldHeight, Posture, Region, Relation, Role, Style


@dataclass(frozen=True)
class Frame:
    """One kind of action."""

    posture: Posture = "none"
    """The posture it asks for, or suggests when no posture is said."""
    relation: Relation = "front"
    hands: Literal["none", "one", "left", "two", "by_size"] = "none"
    regions: tuple[Region, ...] = ()
    """Of the right hand, then of the left if that differs; empty: where the noun is gripped."""
    role: Role = "grasp"
    shape: HandShape | None = None
    held: bool = False
    """The object goes where the hands take it."""
    height: HoldHeight = "free"
    attitude: HeldAttitude = "free"
    style: Style = "neutral"


BODY = frozenset({
    "sit", "sit_lie", "lie", "straddle", "ride", "drive", "ride_standing", "stand", "stand_on",
    "stand_at", "stand_in", "sit_in", "kneel", "squat", "lean", "bend", "climb", "climb_stairs",
    "hang", "walk", "dance", "run_on", "row", "inside", "hide_under", "step_over", "repair",
    "crawl", "lie_under",
})  # fmt: skip
"""Frames that say what the whole body does."""

FRAMES: Mapping[str, Frame] = {
    "sit": Frame("sit", "on_top"),
    "sit_in": Frame("sit", "inside"),
    "sit_lie": Frame("lie", "on_top"),
    "lie": Frame("lie", "on_top"),
    "straddle": Frame("straddle", "on_top"),
    "ride": Frame("straddle", "on_top"),
    "drive": Frame("sit", "inside", "two", ("handlebar",), shape="power"),
    "ride_standing": Frame("stand", "on_top"),
    "row": Frame("sit", "inside", "two", ("rim",), shape="power"),
    "stand": Frame("stand"),
    "stand_at": Frame("stand"),
    "idle": Frame("stand"),
    "stand_on": Frame("stand", "on_top"),
    "stand_in": Frame("stand", "inside"),
    "run_on": Frame("walk", "on_top", "two", ("rail",), "grasp", "power", style="run"),
    "inside": Frame("stand", "inside"),
    "kneel": Frame("kneel"),
    "squat": Frame("squat"),
    "lean": Frame("lean"),
    "bend": Frame("bend", "front", "two", ("top",), "support", "flat"),
    "repair": Frame("bend", "front", "two", ("anywhere",), "touch", "pinch"),
    "climb": Frame("climb", "on_top", "two", shape="power"),
    "climb_stairs": Frame("climb", "on_top", "one", ("rail",), shape="power"),
    "hang": Frame("hang", "under", "two", shape="power"),
    "walk": Frame("walk"),
    "dance": Frame("stand", "beside"),
    "hide_under": Frame("squat", "under"),
    "step_over": Frame("walk", "front"),
    "crawl": Frame("kneel"),
    "raise": Frame("stand", "holding", "by_size", held=True, height="overhead"),
    "lie_under": Frame("lie", "under"),
    "hold": Frame("stand", "holding", "by_size", held=True),
    "hold_both": Frame("stand", "holding", "two", ("underside",), "grasp", "cradle", True, "chest"),
    "show": Frame("stand", "holding", "by_size", held=True, height="chest", style="show"),
    "carry": Frame("walk", "holding", "by_size", held=True),
    "carry_shoulder": Frame("walk", "holding", "by_size", held=True, height="head"),
    "carry_overhead": Frame("walk", "holding", "two", held=True, height="overhead"),
    "lift": Frame("stand", "holding", "by_size", held=True, style="lift"),
    "put": Frame("stand", "holding", "by_size", held=True),
    "push": Frame("stand", "front", "two", ("front",), "support", "flat", style="push"),
    "push_cart": Frame("walk", "behind", "two", ("handle",), "grasp", "power", style="push"),
    "push_bike": Frame("walk", "beside", "two", ("handlebar",), "grasp", "power", style="push"),
    "pull": Frame("stand", "front", "two", role="grasp", shape="hook", style="pull"),
    "pull_along": Frame("walk", "holding", "one", ("handle",), "grasp", "hook", True, "floor"),
    "open": Frame("stand", "front", "one", ("handle",), "grasp", "hook"),
    "open_jar": Frame("stand", "holding", "two", ("top", "sides"), held=True, height="belly"),
    "lay_hands": Frame("stand", "front", "two", ("front",), "touch", "flat"),
    "touch": Frame("stand", "front", "one", ("front",), "touch", "point"),
    "point_at": Frame("stand", "front", style="point"),
    "stroke": Frame("stand", "beside", "one", role="touch", shape="flat", style="stroke"),
    "wipe": Frame("stand", "front", "one", ("top",), "touch", "flat", style="wipe"),
    "type": Frame("sit", "front", "two", ("keys",), "touch", "type", style="typing"),
    "text": Frame("stand", "holding", "two", ("sides",), "grasp", "cradle", True, "chest"),
    "play": Frame("stand", "holding", "two", held=True, height="chest"),
    "play_guitar": Frame("stand", "holding", "two", ("front", "neck"), held=True, height="belly",
                         attitude="across"),
    "play_violin": Frame("stand", "holding", "left", ("neck",), "grasp", "cradle", True, "head"),
    "play_cello": Frame("sit", "behind", "two", ("front", "neck"), "grasp", "power"),
    "play_wind": Frame("stand", "holding", "two", ("sides",), "grasp", "pinch", True, "mouth"),
    "play_drum": Frame("sit", "front", "two", ("top",), "touch", "flat"),
    "play_keys": Frame("sit", "front", "two", ("keys",), "touch", "type", style="typing"),
    "play_table": Frame("stand", "front", "two", ("sides",), "grasp", "power"),
    "drink": Frame("stand", "holding", "one", held=True, height="mouth", attitude="upright"),
    "eat": Frame("stand", "holding", "one", held=True, height="mouth", style="eating"),
    "smell": Frame("stand", "holding", "one", held=True, height="mouth"),
    "pour": Frame("stand", "holding", "one", held=True, height="belly", attitude="pouring"),
    "squeeze": Frame("stand", "holding", "one", ("sides",), "grasp", "power", True, "chest"),
    "stir": Frame("stand", "holding", "one", held=True, height="belly", attitude="upright"),
    "shake": Frame("stand", "holding", "by_size", held=True, height="chest"),
    "cut": Frame("stand", "holding", "one", held=True, height="belly", attitude="aimed_forward"),
    "greet": Frame("stand", "front", "one", ("hand",), "grasp", "power", style="greet"),
    "swing": Frame("stand", "holding", "by_size", held=True, height="head", attitude="aimed_up",
                   style="swing"),
    "punch": Frame("stand", "front", "one", ("front",), "touch", "fist", style="strike"),
    "throw": Frame("stand", "holding", "one", held=True, height="head", style="throw"),
    "dribble": Frame("stand", "holding", "one", ("top",), "touch", "flat", True, "hip"),
    "throw_into": Frame("stand", "beside", style="throw"),
    "kick": Frame("stand", "front", style="kick"),
    "dig": Frame("stand", "holding", "two", held=True, height="floor", attitude="aimed_down",
                 style="dig"),
    "scoop": Frame("stand", "holding", "two", held=True, height="floor", attitude="scooping",
                   style="dig"),
    "sweep": Frame("stand", "holding", "two", held=True, height="floor", attitude="aimed_down",
                   style="sweep"),
    "drill": Frame("stand", "holding", "by_size", held=True, height="chest",
                   attitude="aimed_forward"),
    "use": Frame("stand", "holding", "by_size", held=True, height="chest",
                 attitude="aimed_forward"),
    "aim": Frame("stand", "holding", "two", held=True, height="head", attitude="aimed_forward"),
    "photograph": Frame("stand", "holding", "two", ("sides",), "grasp", "cradle", True, "head",
                        "aimed_forward"),
    "look_into": Frame("bend", "behind", "one", ("sides",), "touch", style="leaning_forward"),
    "phone": Frame("stand", "holding", "one", held=True, height="head", style="phoning"),
    "read": Frame("stand", "holding", "two", ("sides",), "grasp", "cradle", True, "chest",
                  style="reading"),
    "write": Frame("sit", "holding", "one", held=True, height="belly", attitude="aimed_down"),
    "write_on": Frame("stand", "front", "one", ("front",), "touch", "tripod", style="writing"),
    "write_at": Frame("stand", "front", "one", ("top",), "touch", "tripod", style="writing"),
    "paint_on": Frame("stand", "front", "one", ("front",), "touch", "tripod", style="writing"),
    "watch": Frame("stand", "front", style="watching"),
    "hug": Frame("stand", "front", "two", ("back",), "touch", "flat", style="hug"),
    "hug_held": Frame("stand", "holding", "two", ("front",), "grasp", "flat", True, "chest",
                      style="hug"),
    "wear": Frame("stand", "wearing", held=True),
    "wave": Frame("stand", "front", style="wave"),
    "reach": Frame("stand", "front", "one", ("front",), "touch", "relaxed", style="reach_up"),
    "reach_held": Frame("stand", "holding", "one", held=True, height="overhead", style="reach_up"),
    "tie": Frame("sit", "on_top", style="tying_shoes"),
    "none": Frame(),
}  # fmt: skip

RANK: Mapping[str, int] = {
    "lie": 10, "straddle": 9, "hang": 9, "climb": 8, "sit": 8, "kneel": 7, "squat": 7, "lean": 5,
    "bend": 4, "walk": 3, "stand": 2, "none": 0,
}  # fmt: skip
"""Which posture wins when a sentence says several."""

_INSTRUMENTS = {
    "guitar": "play_guitar", "violin": "play_violin", "cello": "play_cello", "wind": "play_wind",
    "drum": "play_drum", "keys": "play_keys", "phone": "text", "tablet": "text", "paddle2": "text",
    "laptop": "type", "keyboard": "type", "striker": "swing", "ball": "throw",
    "table": "play_table", "small_ball": "throw", "big_ball": "hug_held",
    "appliance": "touch", "animal": "stroke",
}  # fmt: skip

REFINED: Mapping[tuple[str, str], str] = {
    **{("play", category): frame for category, frame in _INSTRUMENTS.items()},
    **{("ride", c): "ride_standing" for c in ("board", "stairs")},
    **{("ride", c): "sit" for c in ("seat", "sled", "bed")},
    **{("ride", c): "sit_in" for c in ("vehicle", "boat", "cart", "bath", "box")},
    **{("drive", c): "ride" for c in ("cycle", "mount", "atv")},
    **{("drive", c): "push_cart" for c in ("cart",)},
    **{("push", c): "push_cart" for c in ("cart", "seat")},
    ("write", "bow"): "aim", ("write", "pistol"): "hold", ("write", "rifle"): "hold",
    ("pull", "weight"): "lift",
    ("put", "striker"): "swing", ("pull", "striker"): "hold", ("write", "striker"): "hold",
    ("swing", "ball"): "throw",
    ("swing", "small_ball"): "throw", ("swing", "drum"): "play_drum",
    ("punch", "drum"): "play_drum",
    ("push", "slide"): "sit", ("climb", "slide"): "sit", ("shake", "humanoid"): "greet",
    **{(push, "cycle"): "push_bike" for push in ("push", "push_cart")},
    ("push_cart", "atv"): "ride", ("push_cart", "bag"): "pull_along",
    **{("pull", c): "pull_along" for c in ("bag", "cart", "sled")},
    **{("open", c): "open_jar" for c in ("jar", "bottle", "tiny", "pen")},
    **{("open", c): "hold" for c in ("umbrella", "cup", "thing", "bag", "food", "book")},
    **{("open", c): "touch" for c in ("laptop", "box", "screen", "bin", "keys")},
    **{("hug", c): "hug_held" for c in ("soft", "big_ball", "ball", "thing", "box", "mat", "jar",
                                        "bag")},
    **{("write", c): "write_on" for c in ("book", "picture", "tablet", "wall", "stand")},
    **{("write", c): "write_at" for c in ("table", "counter")},
    ("swing", "seat"): "sit", ("swing", "bar"): "hang",
    **{("sweep", c): "wipe" for c in ("table", "counter", "mat", "stairs", "wall")},
    **{("hang", c): "sit" for c in ("seat",)}, ("hang", "bed"): "lie",
    **{("row", c): "row" for c in ("boat", "machine")}, ("row", "long_tool"): "dig",
    **{("climb", c): "climb_stairs" for c in ("stairs",)},
    **{("walk", c): "run_on" for c in ("machine",)},
    **{(dig, "cart"): "push_cart" for dig in ("dig", "scoop")},
    **{("type", c): "touch" for c in ("machine", "appliance", "stand")},
    ("type", "phone"): "text", ("type", "tablet"): "text",
    **{("read", c): "watch" for c in ("screen", "picture", "laptop", "humanoid", "wall")},
    **{("drill", c): "bend" for c in ("table", "wall", "box", "plank")},
    **{("phone", c): "watch" for c in ("screen",)},
    ("photograph", "stand"): "look_into", ("look_into", "camera"): "photograph",
    **{("watch", c): "hold" for c in ("phone", "tablet", "camera", "book")},
    ("throw_into", "pan"): "hold",
    **{("throw", c): "throw_into" for c in ("bin",)}, ("put", "worn_head"): "wear",
    **{("put", c): "throw_into" for c in ("bin",)},
    **{("reach", c): "reach_held" for c in ("bottle", "jar", "cup", "box", "book", "bowl", "thing",
                                            "plate", "small_ball", "ball", "food", "bag")},
    **{("punch", c): "hold" for c in ("worn_hand",)}, ("aim", "camera"): "photograph",
}  # fmt: skip
"""(frame, category of the object) -> the frame that is meant."""

_VESSELS = ("cup", "bottle", "jug", "bowl", "pan", "jar", "bag", "box", "plate")
TOOLS = (
    "tool",
    "small_rod",
    "long_tool",
    "power_tool",
    "striker",
    "pistol",
    "staff",
    "pen",
    "stuff",
)
FITTING: Mapping[str, tuple[tuple[str, ...], str]] = {
    "drink": (_VESSELS, "idle"),
    "eat": (("food", "small_rod", "small_ball", "ball", *_VESSELS), "idle"),
    "read": (("book", "tablet", "phone", "plate", "box"), "idle"),
    "write": (("pen", "small_rod"), "idle"),
    "phone": (("phone",), "idle"),
    "photograph": (("camera", "phone", "tablet"), "watch"),
    "aim": (("bow", "pistol", "rifle", "camera", "small_rod", "bottle", "power_tool"), "watch"),
    "dig": (TOOLS, "idle"),
    "scoop": (TOOLS, "idle"),
    "sweep": (TOOLS, "idle"),
    "drill": (("pistol", "power_tool", "tool"), "bend"),
    "swing": (TOOLS, "punch"),
    "pour": ((*_VESSELS, "bin"), "idle"),
    "stir": (("small_rod", *_VESSELS), "idle"),
    "cut": ((*TOOLS, "plank"), "touch"),
    "use": (TOOLS, "touch"),
    "smell": (("small_rod", "food", "small_ball", "ball", "plant", *_VESSELS), "bend"),
}  # fmt: skip
"""Frame -> the categories it can be done with, and what is meant with any other."""
