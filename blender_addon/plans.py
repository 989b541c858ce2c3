"""A plan in the file, as rows that the artist edits: of the next job, and of every result."""

import json
from collections.abc import Mapping
from typing import Any

import bpy
from bpy.props import (
    BoolProperty,
    CollectionProperty,
    EnumProperty,
    PointerProperty,
    StringProperty,
)

from .wire import errors, meanings, sense

CHOICES = ("posture", "relation", "side", "facing")
"""Fields with one word, that have a row of their own."""
IMPLIED = ("front", "behind", "left", "right")
"""Relations that say which side of the object is toward the person."""
GUESS = 0.5
"""Confidence below which a plan is called a guess."""


def _items(words: Mapping[str, str]) -> list[tuple[str, str, str]]:
    return [(word, word.replace("_", " ").capitalize(), said) for word, said in words.items()]


# Blender keeps no copy of an enum's texts: they live as long as this module.
_ITEMS = {name: _items(words) for name, words in meanings.MEANINGS.items()}


class InteractContact(bpy.types.PropertyGroup):
    """One body part on one place."""

    part: EnumProperty(
        name="Body Part", description="What touches", items=_ITEMS["part"], default="right_hand"
    )
    region: EnumProperty(
        name="Place", description="What it touches", items=_ITEMS["region"], default="anywhere"
    )
    role: EnumProperty(
        name="Role", description="How it touches", items=_ITEMS["role"], default="touch"
    )


class InteractPlan(bpy.types.PropertyGroup):
    """What the person does with the object, in rows over the complete plan."""

    source: StringProperty(
        name="Plan", description="The complete plan as JSON, as it was made", options={"HIDDEN"}
    )
    posture: EnumProperty(
        name="Posture", description="What the whole body does", items=_ITEMS["posture"]
    )
    relation: EnumProperty(
        name="Relation", description="Where the person is, or how the object is kept",
        items=_ITEMS["relation"],
    )  # fmt: skip
    side: EnumProperty(
        name="Side", description="Which side of the object is toward the person",
        items=_ITEMS["side"],
    )  # fmt: skip
    facing: EnumProperty(
        name="Facing", description="Where the person looks", items=_ITEMS["facing"]
    )
    movable: BoolProperty(
        name="Taken Along",
        description="The object goes where the person takes it: held, worn, carried, pulled",
    )
    contacts: CollectionProperty(type=InteractContact)
    target: StringProperty(name="Object", description="What it was read for", options={"HIDDEN"})
    shown: BoolProperty(name="Plan", description="Show the rows of the plan", default=False)


def fill(rows: InteractPlan, plan: Mapping[str, Any], target: str) -> None:
    """Show a plan: its complete JSON, and a row for what can be edited.

    Args:
        rows: Where.
        plan: As the solver wrote it.
        target: Name of the object that it is about.
    """
    rows.source, rows.target = json.dumps(plan, ensure_ascii=False), target
    reset(rows)


def reset(rows: InteractPlan) -> None:
    """Drop the edits."""
    plan = source_of(rows)
    for name in CHOICES:
        setattr(rows, name, plan.get(name, "any"))
    rows.movable = bool(plan["movable"])
    rows.contacts.clear()
    for contact in plan["contacts"]:
        row = rows.contacts.add()
        row.part, row.region, row.role = contact["part"], contact["region"], contact["role"]


def source_of(rows: InteractPlan) -> dict[str, Any]:
    """The plan as it was made; empty where there is none yet."""
    return json.loads(rows.source) if rows.source else {}


def edited_plan(rows: InteractPlan) -> dict[str, Any]:
    """The complete plan with the rows over it. A contact that is still there keeps its weight.

    Raises:
        SolverError: When no body can do what the rows say.
    """
    plan = source_of(rows)
    weights = {one["part"]: one.get("weight", 1.0) for one in plan["contacts"]}
    plan |= {name: getattr(rows, name) for name in CHOICES} | {"movable": rows.movable}
    plan["contacts"] = [
        {
            "part": row.part, "region": row.region, "role": row.role,
            "weight": weights.get(row.part, 1.0),
        }
        for row in rows.contacts
    ]  # fmt: skip
    plan["avoid"] = [part for part in plan.get("avoid", ()) if part not in _on_object(rows)]
    try:
        sense.validate(plan)
        sense.check_sense(plan)
    except ValueError as error:
        raise errors.SolverError(
            f"The plan cannot be: {error}.", remedy="Mend its rows, or drop the edits."
        ) from error
    return plan


def _on_object(rows: InteractPlan) -> set[str]:
    return {row.part for row in rows.contacts if row.region not in ("floor",)}


def is_edited(rows: InteractPlan) -> bool:
    """Whether the rows differ from the plan as it was made."""
    plan = source_of(rows)
    if not plan:
        return False
    shown = [(row.part, row.region, row.role) for row in rows.contacts]
    made = [(one["part"], one["region"], one["role"]) for one in plan["contacts"]]
    words = any(getattr(rows, name) != plan.get(name, "any") for name in CHOICES)
    return words or shown != made or rows.movable != plan["movable"]


def chosen_plan(rows: InteractPlan, prompt: str, target: str) -> dict[str, Any] | None:
    """The edited plan for a job; None where nothing was edited, or it is of something else.

    Raises:
        SolverError: When no body can do what the rows say.
    """
    meant = same(rows, prompt) and rows.target == target
    return edited_plan(rows) if is_edited(rows) and meant else None


def kept_plan(rows: InteractPlan, prompt: str) -> dict[str, Any] | None:
    """The plan of a result that is solved again from its pose; None where rules make it anew.

    Raises:
        SolverError: When no body can do what the rows say.
    """
    again = source_of(rows).get("provider", "rules") == "rules" and not is_edited(rows)
    return None if again or not same(rows, prompt) else edited_plan(rows)


def same(rows: InteractPlan, prompt: str) -> bool:
    """Whether the rows were read from this sentence."""
    return " ".join(str(source_of(rows).get("prompt", "")).split()) == " ".join(prompt.split())


def remarks(rows: InteractPlan, prompt: str) -> list[str]:
    """What the panel says of a plan: who made it, how sure it is, what was unclear."""
    plan = source_of(rows)
    if not plan:
        return []
    maker = {"rules": "Read by rules", "llm": "Read by the language model", "given": "As edited"}
    said = maker.get(plan.get("provider", ""), "")
    sure = float(plan.get("confidence", 1.0))
    said += ", a guess" if sure < GUESS else ""
    found = [f"{said} ({sure:.0%} sure)"]
    if not same(rows, prompt):
        found.append("These rows are of another sentence: it is read anew.")
    return [*found, *plan.get("warnings", ())]


CLASSES = (InteractContact, InteractPlan)


def register() -> None:
    """Every result owns its plan."""
    bpy.types.Collection.interact_plan = PointerProperty(type=InteractPlan)


def unregister() -> None:
    """The mirror image."""
    del bpy.types.Collection.interact_plan
