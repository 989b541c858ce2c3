"""The plan in a window: read the sentence, edit its rows, solve with them."""

import json
from collections.abc import Iterator
from types import SimpleNamespace

import bpy

PLAN = 118
"""Pixels from the middle of Generate Interaction to the title of the panel below the prompt."""
BUTTON = 31
"""From there to Read Sentence."""


def stand_on_it(rows: bpy.types.PropertyGroup) -> None:
    """What an artist would set: both feet on the seat, and nothing else."""
    rows.posture, rows.facing = "stand", "front"
    rows.contacts.clear()
    for part in ("left_foot", "right_foot"):
        row = rows.contacts.add()
        row.part, row.region, row.role = part, "seat", "support"


def read_and_edit(visit: SimpleNamespace) -> Iterator[float]:
    """Read the sentence, edit a row, generate: the person does what the rows say.

    Args:
        visit: What `drive.py` has: clicks, notes, pictures.
    """
    plan = visit.GENERATE + PLAN
    yield from visit.click_sidebar(plan, 0.3)  # Unfold it.
    yield 0.5
    yield from visit.click_sidebar(plan + BUTTON)
    rows = bpy.context.scene.interact.plan
    yield from visit.until("a click reads the sentence", lambda: rows.source, visit.PATIENCE)
    visit.note("reading poses nobody", not visit.rigs())
    visit.note("the rows say what the sentence says", rows.posture == "sit", rows.posture)
    yield 0.5
    visit.shoot("3-plan")
    stand_on_it(rows)
    yield 0.5
    visit.shoot("3-plan-edited")
    yield from visit.generate_one("edited plan")
    made = visit.session().jobs[-1]
    sent = json.loads((made.folder / "request.json").read_text(encoding="utf-8"))["plan"]
    visit.note(
        "the edited rows went to the solver", sent and sent["posture"] == "stand", str(sent)[:80]
    )
    heads = [rig.matrix_world @ rig.pose.bones["head"].head for rig in visit.rigs()]
    visit.note("who stands on the chair is higher", heads and heads[0].z > 1.8, str(heads))
    visit.frame()
    yield 1.0
    visit.shoot("3-plan-solved")
    yield from visit.key("Z", ctrl=True)
    visit.note("one undo takes the person away", not visit.rigs())
    bpy.ops.interact.drop_edits()
    yield from visit.click_sidebar(plan, 0.3)  # Fold it.
    yield 0.5
