"""A plan as a table for people, and as JSON for files, validated on the way back."""

import json
from dataclasses import asdict
from typing import Any

from ..artefacts import Contact, Plan, Subject
from ..errors import SolverError
from ..sense import check_sense, validate

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
        check_sense(fields)
        contacts = tuple(Contact(**row) for row in fields.pop("contacts"))
        subject = Subject(**fields.pop("subject"))
        fields |= {name: tuple(fields[name]) for name in _LISTS if name in fields}
        return Plan(**fields, contacts=contacts, subject=subject)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SolverError(
            f"This is not a plan: {error}", remedy="Make the plan again from the sentence."
        ) from error
