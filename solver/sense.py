"""Whether a plan, as a dictionary of JSON, is one: every word known, and nothing that no plan says.

Standard library only: Blender imports this file and checks what an artist has edited.
"""

from collections.abc import Mapping
from typing import Any, get_args

from .bounds import PEOPLE
from .errors import SolverError
from .vocabulary import (
    OFF_OBJECT,
    BodyPart,
    Facing,
    Flag,
    HandShape,
    HeldAttitude,
    HoldHeight,
    Posture,
    Region,
    Relation,
    Role,
    ScaleClass,
    Side,
    Style,
)

_CLOSED: Mapping[str, tuple[str, ...]] = {
    "posture": get_args(Posture), "relation": get_args(Relation), "facing": get_args(Facing),
    "side": get_args(Side), "scale": get_args(ScaleClass), "hold_height": get_args(HoldHeight),
    "attitude": get_args(HeldAttitude), "flag": get_args(Flag),
}  # fmt: skip
_CLOSED_LISTS: Mapping[str, tuple[str, ...]] = {
    "styles": get_args(Style),
    "avoid": get_args(BodyPart),
}
_CONTACT: Mapping[str, tuple[str, ...]] = {
    "part": get_args(BodyPart), "region": get_args(Region), "role": get_args(Role),
}  # fmt: skip


def validate(fields: Mapping[str, Any]) -> None:
    """Check every word of a plan, as a dictionary, against its vocabulary.

    Raises:
        SolverError: Naming the word and the valid ones.
    """
    for name, allowed in _CLOSED.items():
        if name in fields:  # What may be missing has a default.
            _check(name, fields[name], allowed)
    for name, allowed in _CLOSED_LISTS.items():
        for word in fields[name]:
            _check(name, word, allowed)
    for side, shape in fields["hands"].items():
        _check("hand", side, ("left", "right"))
        _check("hand shape", shape, get_args(HandShape))
    for contact in fields["contacts"]:
        for name, allowed in _CONTACT.items():
            _check(name, contact[name], allowed)


def check_sense(fields: Mapping[str, Any]) -> None:
    """What a hand-made plan gets wrong although every word is known.

    Raises:
        ValueError: In words for people.
    """
    parts = [contact["part"] for contact in fields["contacts"]]
    if twice := sorted({part for part in parts if parts.count(part) > 1}):
        raise ValueError(f"more than one contact for {', '.join(twice)}")
    for contact in fields["contacts"]:
        weight = contact.get("weight", 1.0)
        if isinstance(weight, bool) or not 0.0 < float(weight) <= _HEAVIEST:
            raise ValueError(f"a contact's weight is {weight!r}, not from 0 to {_HEAVIEST:g}")
    on_object = [c for c in fields["contacts"] if c["region"] not in OFF_OBJECT]
    if not on_object and fields["relation"] in _TOUCHING:
        raise ValueError(f"nothing touches the object although it is '{fields['relation']}'")
    if not isinstance(fields["movable"], bool):
        raise ValueError(f"movable is {fields['movable']!r}, neither true nor false")
    for name, (low, high) in PEOPLE.items():
        value = fields["subject"].get(name)
        if value is not None and not low <= float(value) <= high:
            raise ValueError(f"the person's {name} is {value!r}, not from {low:g} to {high:g}")


_HEAVIEST = 10.0
_TOUCHING = ("on_top", "inside", "holding", "wearing")
"""Relations in which something of the body must touch the object."""


def _check(name: str, word: str, allowed: tuple[str, ...]) -> None:
    if word not in allowed:
        raise SolverError(f"'{word}' is no {name}.", remedy=f"Choose one of: {', '.join(allowed)}.")
