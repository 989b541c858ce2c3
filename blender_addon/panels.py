"""The tab `Interact` of the 3D view's sidebar. Draws what Python knows: no files, no processes."""

import textwrap

import bpy

from . import results
from .jobs import Job, State
from .planner import where_it_goes
from .plans import CHOICES, IMPLIED, InteractPlan, is_edited, same
from .plans import remarks as plan_remarks
from .properties import chosen_target
from .service import session

UNITS = {"mm": "mm", "cm2": "cm²", "cm3": "cm³", "deg": "°", "m": "m", "s": "s"}
"""Last word of a metric's name -> its unit."""
CHARACTER = 7.0
"""Width of a letter, pixels at interface scale 1."""


class InteractPanel:
    """Where the panels live."""

    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Interact"


class INTERACT_PT_main(InteractPanel, bpy.types.Panel):
    """Prompt, button, progress"""

    bl_idname = "INTERACT_PT_main"
    bl_label = "Interact Anything"

    def draw(self, context: bpy.types.Context) -> None:
        layout, settings = self.layout, context.scene.interact
        button = layout.row()
        button.scale_y = 1.8
        button.operator("interact.generate", icon="ARMATURE_DATA")
        layout.prop(settings, "prompt", text="", placeholder="a woman sits on the chair, reading")
        target = chosen_target(context)
        layout.prop(settings, "target", text="Object")
        if settings.target is None:
            layout.label(text=f"Active: {target.name}" if target else "No object", icon="INFO")
        for job in session.pending:
            draw_job(layout, job)
        if session.jobs and session.jobs[-1].state is State.FAILED:
            draw_failure(layout, session.jobs[-1], context)


class INTERACT_PT_plan(InteractPanel, bpy.types.Panel):
    """What touches what, before anybody is posed"""

    bl_label = "Plan"
    bl_parent_id = "INTERACT_PT_main"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        layout, settings = self.layout, context.scene.interact
        layout.operator("interact.read_sentence", icon="VIEWZOOM")
        if told := where_it_goes():
            draw_text(layout, told, context, "URL")
        if settings.plan.source:
            draw_plan(layout, settings.plan, "", settings.prompt, context)


class INTERACT_PT_options(InteractPanel, bpy.types.Panel):
    """How it is solved"""

    bl_label = "Options"
    bl_parent_id = "INTERACT_PT_main"

    def draw(self, context: bpy.types.Context) -> None:
        layout, settings = self.layout, context.scene.interact
        layout.use_property_split = True
        layout.use_property_decorate = False
        layout.prop(settings, "keep_object")
        row = layout.row()
        row.enabled = not settings.keep_object
        row.prop(settings, "scale_object")
        layout.prop(settings, "variants")
        row = layout.row(align=True)
        row.prop(settings, "seed")
        row.operator("interact.new_seed", text="", icon="FILE_REFRESH")
        layout.prop(settings, "quality")
        layout.prop(settings, "placement")
        layout.prop(settings, "front")
        layout.prop(settings, "floor")
        layout.prop(settings, "obstacles")
        if settings.obstacles == "COLLECTION":
            layout.prop(settings, "obstacle_collection")


class INTERACT_PT_person(InteractPanel, bpy.types.Panel):
    """Who the person is"""

    bl_label = "Person"
    bl_parent_id = "INTERACT_PT_main"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        layout, settings = self.layout, context.scene.interact
        layout.use_property_split = True
        layout.use_property_decorate = False
        for name in ("sex", "age", "height", "weight"):
            layout.prop(settings, name)


class INTERACT_PT_results(InteractPanel, bpy.types.Panel):
    """What was made in this scene"""

    bl_label = "Results"
    bl_parent_id = "INTERACT_PT_main"

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        made = results.results(context.scene)
        if not made:
            layout.label(text="Nothing yet")
        for result in reversed(made):
            draw_result(layout.box(), result, context)
        layout.operator("interact.free_memory", icon="TRASH")


def draw_job(layout: bpy.types.UILayout, job: Job) -> None:
    """One job that is not over: progress and Cancel, or Add to Scene."""
    box = layout.box()
    if job.state is State.READY:
        box.label(text=job.stage or "Ready", icon="CHECKMARK")
        row = box.row(align=True)
        row.operator("interact.apply").job_id = job.id
    else:
        left = f", {job.eta:.0f} s left" if job.eta else ""
        text = f"{job.stage or job.state.capitalize()} {job.fraction:.0%}{left}"
        box.label(text=job.request.prompt, icon="SORTTIME")
        row = box.split(factor=0.7, align=True)
        row.progress(factor=job.fraction, text=text)
    row.operator("interact.cancel", text="Cancel", icon="X").job_id = job.id


def draw_failure(layout: bpy.types.UILayout, job: Job, context: bpy.types.Context) -> None:
    """Why the last job failed and what to do."""
    box = layout.box()
    draw_text(box, job.what, context, "ERROR")
    draw_text(box, job.remedy, context, "INFO")
    box.operator("interact.open_folder", icon="FILE_FOLDER").folder = str(job.folder)


def draw_result(
    box: bpy.types.UILayout, result: bpy.types.Collection, context: bpy.types.Context
) -> None:
    """One result: its variants, its numbers, its folder."""
    people = results.people(result)
    head = box.row(align=True)
    head.label(text=result.name, icon="OUTLINER_COLLECTION")
    if people:
        again = head.operator("interact.generate", text="", icon="FILE_REFRESH")
        again.replace = result.name
        folder = people[0].get("interact_folder", "")
        head.operator("interact.open_folder", text="", icon="FILE_FOLDER").folder = folder
    if len(people) > 1:
        row = box.row(align=True)
        for number, child in enumerate(result.children, start=1):
            pressed = not child.hide_render
            one = row.operator("interact.show_variant", text=str(number), depress=pressed)
            one.result, one.variant = result.name, number
    shown = results.shown_person(result)
    if shown is not None:
        box.prop(shown, '["interact_prompt"]', text="")
        draw_plan_of(box, result, str(shown["interact_prompt"]), context)
        row = box.row(align=True)
        row.operator("interact.refine", icon="MOD_SMOOTH").result = result.name
        row.operator("interact.close_fingers", icon="HAND").result = result.name
        draw_numbers(box, shown, context)


def draw_plan_of(
    box: bpy.types.UILayout, result: bpy.types.Collection, prompt: str, context: bpy.types.Context
) -> None:
    """The plan of a result, folded away until it is wanted."""
    rows = result.interact_plan
    if not rows.source:
        return
    icon = "DISCLOSURE_TRI_DOWN" if rows.shown else "DISCLOSURE_TRI_RIGHT"
    box.prop(rows, "shown", text="Plan (edited)" if is_edited(rows) else "Plan", icon=icon)
    if rows.shown:
        draw_plan(box, rows, result.name, prompt, context)


def draw_plan(
    layout: bpy.types.UILayout, rows: InteractPlan, result: str, prompt: str,
    context: bpy.types.Context,
) -> None:  # fmt: skip
    """The rows of a plan, and what was said of it.

    Args:
        layout: Where.
        rows: Of the plan.
        result: Name of the result that it belongs to; empty: that of the next job.
        prompt: The sentence that it is to be for.
        context: The window's.
    """
    words = layout.column()
    words.use_property_split, words.use_property_decorate = True, False
    for name in CHOICES:
        row = words.row()
        row.enabled = name != "side" or rows.relation not in IMPLIED
        row.prop(rows, name)
    words.prop(rows, "movable")
    table = layout.column(align=True)
    for index, contact in enumerate(rows.contacts):
        row = table.row(align=True)
        part = row.split(factor=0.42, align=True)  # "Right shoulder" needs more than "Grasp".
        part.prop(contact, "part", text="")
        rest = part.split(factor=0.54, align=True)
        rest.prop(contact, "region", text="")
        rest.prop(contact, "role", text="")
        gone = row.operator("interact.remove_contact", text="", icon="X")
        gone.result, gone.index = result, index
    row = layout.row(align=True)
    row.operator("interact.add_contact", icon="ADD").result = result
    if is_edited(rows):
        row.operator("interact.drop_edits", icon="LOOP_BACK").result = result
        if same(rows, prompt):
            layout.label(text="Edited: used when solving again", icon="GREASEPENCIL")
    for number, said in enumerate(plan_remarks(rows, prompt)):
        draw_text(layout, said, context, "INFO" if number == 0 else "ERROR")


def draw_numbers(
    box: bpy.types.UILayout, rig: bpy.types.Object, context: bpy.types.Context
) -> None:
    """The quality report of one person."""
    if plan := str(rig.get("interact_plan", "")):
        draw_text(box, plan, context, "OUTLINER_OB_ARMATURE")
    column = box.column(align=True)
    for key in rig.keys():  # noqa: SIM118 - an ID is no dictionary
        if key.startswith("metric_"):
            label, value = spoken_metric(key.removeprefix("metric_"), rig[key])
            split = column.split(factor=0.66)
            split.label(text=label)
            split.label(text=value)
    for warning in str(rig.get("interact_warnings", "")).splitlines():
        draw_text(box, warning, context, "ERROR")


def spoken_metric(name: str, value: float) -> tuple[str, str]:
    """A number of the report as the panel says it: ('Hard penetration', '8.5 mm')."""
    words = name.split("_")
    unit = UNITS.get(words[-1], "")
    if unit:
        words.pop()
    digits = f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return " ".join(words).capitalize(), f"{digits} {unit}".rstrip()


def draw_text(layout: bpy.types.UILayout, text: str, context: bpy.types.Context, icon: str) -> None:
    """A sentence on as many lines as the sidebar's width needs."""
    scale = context.preferences.system.ui_scale or 1.0
    width = context.region.width if context.region else 280
    column = layout.column(align=True)
    for index, line in enumerate(textwrap.wrap(text, max(20, int(width / scale / CHARACTER) - 6))):
        column.label(text=line, icon=icon if index == 0 else "BLANK1")


CLASSES = (
    INTERACT_PT_main,
    INTERACT_PT_plan,
    INTERACT_PT_options,
    INTERACT_PT_person,
    INTERACT_PT_results,
)
