"""What a verb means with this object: `pull` of a door, of a cart, of a band."""

from .action import Action
from .frames import BODY, FITTING, FRAMES, REFINED, TOOLS
from .nouns import FIXED, Noun

PORTABLE = frozenset({
    "small_rod", "flag", "box", "bag", "cup", "bottle", "bowl", "plate", "book", "jar", "long_tool",
    "striker", "umbrella", "tool", "pen", "jug", "thing", "ball", "small_ball", "staff", "pistol",
})  # fmt: skip
_PLACES = ("from", "on", "in", "to", "under", "at", "off")


def meant(action: Action, target: Noun, others: bool) -> str:
    """The frame that the verb has with this object.

    Args:
        action: The verb with its own frame, what it acts on, and the preposition.
        target: The object.
        others: The verb also has another object: `hanging a coat on the rack`.
    """
    frame = action.frame
    if action.on == "target":
        frame = _in_hand(_on_target(action, target, others), action, target)
        if frame == "reach" and others and action.frame in ("put", "hang"):
            return frame  # It is where something else is put: it stays there.
    elif action.on == "other" and FRAMES[frame].held and action.prep != "with":
        return frame
    frame = REFINED.get((frame, target.category), frame)
    categories, instead = FITTING.get(frame, ((target.category,), frame))
    return frame if action.on == "other" or target.category in categories else instead


def _in_hand(frame: str, action: Action, target: Noun) -> str:
    """What a verb means that acts on, or with, a thing that is made to be held or worn."""
    refined = REFINED.get((frame, target.category), frame)
    categories, instead = FITTING.get(refined, ((target.category,), refined))
    fits = target.category in categories
    meant = refined if fits else instead
    worn = target.category.startswith("worn") and meant not in _TAKING
    worn = worn and not action.verb.lemma.startswith("reach")
    untouched = meant in NOT_HELD or (meant in BODY and meant != "bend")
    if worn and meant in ("idle", "bend", "tie", "touch", "watch", "repair"):
        return "wear"
    if meant == "tie" and target.category != "worn_feet":
        return "touch"
    portable = FRAMES[target.action].held and target.category not in ("seat", "bed")
    if FRAMES[meant].held or not portable or action.prep not in ("", "with"):
        return frame
    if action.prep == "with" and target.category in TOOLS and meant not in _AT_REST:
        return target.action
    if action.prep == "with" and meant not in BODY:
        return "hold"
    return frame if untouched or not fits else "hold"


NOT_HELD = frozenset({
    "kick", "point_at", "watch", "throw_into", "push", "touch", "punch", "write_on", "write_at",
    "paint_on",
    "stroke", "type", "play_drum", "play_keys", "play_cello", "push_cart", "repair", "pull",
    "greet", "hug", "open", "none",
})  # fmt: skip
"""Frames in which even a portable thing stays where it is."""
_AT_REST = ("sit", "lie", "stand", "kneel", "squat", "walk", "bend", "sit_lie")
_TAKING = ("hold", "carry", "lift", "put", "throw", "show", "wear", "read")


_THROUGH = ("squeeze", "wriggle", "slip", "squeeze through", "wriggle through", "slip through")
_PINNED = ("trap", "pin", "bury", "crush", "squash", "wedge")
_BOUND = ("tie", "tie to", "strap", "strap in", "bind", "chain", "buckle", "buckle up", "belt",
          "handcuff")  # fmt: skip
_RUN = ("operate", "run", "control", "work")
"""Verbs for using a tool that runs by itself."""


def _drawn(noun: Noun) -> bool:
    """What is pulled along, not apart."""
    return noun.category in ("bag", "cart", "sled", "worn_back")


_DRAGGED = ("drag", "tow", "trail", "haul in", "pull along", "pull behind", "drag along")


_HANDY = 0.3
"""What is shorter is looked into in the hand, metres."""
_TRAINING = ("exercise", "work out", "train")


def _on_target(action: Action, target: Noun, others: bool) -> str:
    """The frame of a verb that acts on the object, by the preposition between them."""
    frame, prep = action.frame, action.prep
    portable = target.category in PORTABLE
    handled = FRAMES[frame].hands != "none"
    small = target.size is not None and max(target.size) < _HANDY
    used = action.verb.lemma in ("use", "try out", "test out", "demonstrate")
    used = used or (target.category == "machine" and action.verb.lemma in _TRAINING)
    rules = (
        ("throw_into", frame == "throw" and prep == "in"),
        ("hold", portable and (frame == "wipe" or (frame in ("stand_on", "wave") and not prep))),
        (
            "reach",
            prep in _PLACES
            and (frame in ("put", "lift") or (frame == "hang" and others and prep != "from")),
        ),
        ("hold", portable and small and frame == "bend" and prep == "in"),
        ("idle", prep in ("front", "behind") and frame not in BODY and handled),
        ("use", frame == "point_at" and not prep and target.category in TOOLS),
        (target.action, frame == "point_at" and not prep and target.action == "aim"),
        ("hold", portable and frame == "dance" and not prep),
        ("hang", target.action == "hang" and action.verb.lemma in ("hang on", "hang onto")),
        ("use", action.verb.lemma in _RUN and not prep and target.category in TOOLS),
        ("use", frame == "drive" and not prep and target.category in TOOLS),
        ("pull_along", action.verb.lemma in _DRAGGED and target.category not in FIXED),
        ("hold", action.verb.lemma == "pull" and not prep and portable and not _drawn(target)),
        ("swing", action.verb.lemma == "serve" and target.category in ("striker", "small_ball")),
        ("raise", frame == "hide_under" and prep == "under" and portable),
        ("climb", action.verb.lemma in _THROUGH and prep == "in" and target.category == "window"),
        ("hold", frame == "watch" and prep == "in" and portable),
        ("sit_in", frame == "idle" and prep == "in" and target.category == "vehicle"),
        ("lie_under", action.verb.lemma in _PINNED and prep == "under"),
        ("lie", action.verb.lemma in ("float", "drift", "paddle", "paddle out") and prep == "on"),
        ("sit", action.verb.lemma in _BOUND and target.category == "seat"),
        ("sit", action.verb.lemma == "slide down" and target.category == "wall"),
        ("lie_under", frame == "push" and prep == "under" and not others),
        ("push_bike", frame == "walk" and not prep and target.category == "cycle"),
        (target.action, used),
    )
    return next((meant for meant, holds in rules if holds), frame)
