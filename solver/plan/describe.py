"""A plan as a table for people, and as JSON for files, validated on the way back."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, get_args

from ..artefacts import Contact, Plan, Subject
from ..bounds import PEOPLE
from ..errors import SolverError
from ..vocabulary import (
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
)  # fmt: skip

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


_LISTS = ("styles", "avoid", "warnings", "image_prompts", "negative_prompts")


def describe(plan: Plan) -> str:
    """The plan as lines of text, contacts as a table."""
    person = ", ".join(f"{k} {v:g}" for k, v in asdict(plan.subject).items() if v is not None)
    rows = [
        f"object     {plan.object} ({plan.scale}{', movable' if plan.movable else ''})",
        f"posture    {plan.posture}, {plan.relation}, facing {plan.facing}",
        f"styles     {', '.join(plan.styles)}",
        f"person     {person or 'not said'}",
    ]
    if plan.movable:
        rows.append(f"held       at {plan.hold_height}, {plan.attitude}")
    rows.append(f"hands      left {plan.hands['left']}, right {plan.hands['right']}")
    rows.append(f"{'part':<16} {'region':<12} {'role':<8} weight")
    rows.extend(f"{c.part:<16} {c.region:<12} {c.role:<8} {c.weight:g}" for c in plan.contacts)
    if plan.avoid:
        rows.append(f"avoid      {', '.join(plan.avoid)}")
    rows.append(f"confidence {plan.confidence:.2f} ({plan.provider}, {plan.flag})")
    rows.extend(f"warning    {warning}" for warning in plan.warnings)
    return "\n".join(rows)


def plan_to_json(plan: Plan) -> str:
    """The plan as a JSON object, fields in the order of the class."""
    return json.dumps(asdict(plan), indent=1)


def plan_in_brief(plan: Plan) -> dict[str, Any]:
    """What matters most, for tables and for other programs.

    `contacts` are those with the object and the floor; where a hand rests on the person's own body
    stands in `self_contacts`.
    """
    rows = [{"part": c.part, "region": c.region, "role": c.role} for c in plan.contacts]
    return {
        "object": plan.object, "posture": plan.posture, "relation": plan.relation,
        "movable": plan.movable, "scale": plan.scale,
        "contacts": [row for row in rows if not row["region"].startswith("own_")],
        "avoid": list(plan.avoid), "flag": plan.flag, "confidence": plan.confidence,
        "provider": plan.provider, "side": plan.side, "facing": plan.facing,
        "self_contacts": [row for row in rows if row["region"].startswith("own_")],
        "warnings": list(plan.warnings),
    }  # fmt: skip


def plan_from_json(text: str) -> Plan:
    """The plan that `plan_to_json` wrote, or that a person edited.

    Raises:
        SolverError: If the text is no JSON, a field is missing or unknown, or a word is not in its
            vocabulary.
    """
    try:
        fields: dict[str, Any] = json.loads(text)
        validate(fields)
        _check_sense(fields)
        contacts = tuple(Contact(**row) for row in fields.pop("contacts"))
        subject = Subject(**fields.pop("subject"))
        fields |= {name: tuple(fields[name]) for name in _LISTS if name in fields}
        return Plan(**fields, contacts=contacts, subject=subject)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SolverError(
            f"This is not a plan: {error}", remedy="Make the plan again from the sentence."
        ) from error


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


def _check_sense(fields: Mapping[str, Any]) -> None:
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
    if not isinstance(fields["movable"], bool):
        raise ValueError(f"movable is {fields['movable']!r}, neither true nor false")
    for name, (low, high) in PEOPLE.items():
        value = fields["subject"].get(name)
        if value is not None and not low <= float(value) <= high:
            raise ValueError(f"the person's {name} is {value!r}, not from {low:g} to {high:g}")


_HEAVIEST = 10.0


def _check(name: str, word: str, allowed: tuple[str, ...]) -> None:
    if word not in allowed:
        raise SolverError(f"'{word}' is no {name}.", remedy=f"Choose one of: {', '.join(allowed)}.")
