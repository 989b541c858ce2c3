"""Machine-wide settings: the solver's environment, the cache, the body."""

import bpy
from bpy.props import IntProperty, StringProperty

from . import environment
from .service import session
from .setup_operators import under_way
from .wire import errors


def solver_state() -> str:
    """One line about the solver's Python; looks at the disk, so never call it from `draw`."""
    try:
        return f"Solver: {environment.solver_python()}"
    except errors.SolverError as error:
        return str(error)


def refresh_state(_self: object = None, _context: object = None) -> None:
    """Look again after a setting changed; a running solver would still be the old one."""
    InteractPreferences.state = solver_state()
    if not session.pending:
        session.shutdown()


class InteractPreferences(bpy.types.AddonPreferences):
    """The extension's preferences."""

    bl_idname = __package__
    state = ""

    python: StringProperty(
        name="Use this Python",
        description="A Python that has the solver's packages. Empty: the environment below",
        subtype="FILE_PATH",
        update=refresh_state,
    )
    environment: StringProperty(
        name="Environment",
        description="Folder of the solver's environment, about 1 GB. "
        "Empty: in the extension's user folder",
        subtype="DIR_PATH",
        update=refresh_state,
    )
    wheels: StringProperty(
        name="Wheels",
        description="Folder of packages for a set-up without network. Empty: the package index",
        subtype="DIR_PATH",
    )
    cache: StringProperty(
        name="Cache",
        description="Folder of the newest 200 jobs and of what the solver computes once. "
        "Empty: in the extension's user folder",
        subtype="DIR_PATH",
    )
    body: StringProperty(
        name="SMPL-H File",
        description="Your own licensed body model. Empty: the open body",
        subtype="FILE_PATH",
    )
    idle_minutes: IntProperty(
        name="End Idle Solver After (min)",
        description="Minutes after which an idle solver gives its memory back; 0 never",
        default=15, min=0, max=600,
    )  # fmt: skip

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.label(text=InteractPreferences.state or "Solver: not looked for yet", icon="INFO")
        draw_setup(layout.box(), self)
        layout.use_property_split = True
        for name in ("python", "body", "cache", "idle_minutes"):
            layout.prop(self, name)


def draw_setup(box: bpy.types.UILayout, preferences: InteractPreferences) -> None:
    """The set-up: where from, where to, the button or its progress."""
    box.use_property_split = True
    for name in ("environment", "wheels"):
        box.prop(preferences, name)
    setup = under_way()
    if setup is None or setup.done:
        box.operator("interact.setup_solver", icon="IMPORT")
    else:
        row = box.row(align=True)
        row.progress(factor=setup.fraction, text=setup.stage)
        row.operator("interact.cancel_setup", text="Cancel", icon="X")
        if setup.lines:
            box.label(text=setup.lines[-1][-90:])
    if setup is not None and setup.failure is not None:
        box.label(text=str(setup.failure)[:120], icon="ERROR")
        box.label(text=setup.failure.remedy, icon="INFO")


CLASSES = (InteractPreferences,)
