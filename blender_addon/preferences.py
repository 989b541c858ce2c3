"""Machine-wide settings: the solver's environment, the cache, the body."""

import bpy
from bpy.props import EnumProperty, FloatProperty, IntProperty, StringProperty

from . import environment
from .planner import where_it_goes
from .service import session
from .setup_operators import under_way
from .wire import bounds, errors


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

    planner: EnumProperty(
        name="Sentences Are Read By",
        description="Who makes a plan of the prompt",
        items=[
            ("rules", "Rules", "English only; nothing leaves Blender"),
            ("llm", "Language Model", "A model behind an OpenAI-compatible URL, here or elsewhere"),
        ],
        default="rules",
    )
    llm_url: StringProperty(
        name="URL",
        description="Of Ollama, llama.cpp, vLLM, LM Studio or a service; mostly ends with /v1",
        default="http://localhost:11434/v1",
    )
    llm_model: StringProperty(
        name="Model", description="Its name at the server, for example llama3.1 or gpt-4o-mini"
    )
    llm_key: StringProperty(
        name="API Key",
        description="Kept with Blender's preferences, in no .blend and in no job. "
        "Empty: the environment's INTERACT_LLM_KEY; a server on this machine needs none",
        subtype="PASSWORD",
        update=refresh_state,
    )
    llm_timeout: FloatProperty(
        name="Timeout", description="Seconds that the model may take for a plan",
        default=60.0, min=bounds.PLANNING[0], max=bounds.PLANNING[1], precision=0, step=500,
    )  # fmt: skip
    llm_views: IntProperty(
        name="Pictures", description="Views of the object that are sent to a model that sees",
        default=0, min=0, max=bounds.MOST_VIEWS,
    )  # fmt: skip

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.label(text=InteractPreferences.state or "Solver: not looked for yet", icon="INFO")
        draw_setup(layout.box(), self)
        layout.use_property_split = True
        for name in ("python", "body", "cache", "idle_minutes"):
            layout.prop(self, name)
        draw_planner(layout.box(), self)


def draw_planner(box: bpy.types.UILayout, preferences: InteractPreferences) -> None:
    """Who reads sentences, and what is sent where."""
    box.use_property_split = True
    box.prop(preferences, "planner")
    if preferences.planner == "llm":
        for name in ("llm_url", "llm_model", "llm_key", "llm_timeout", "llm_views"):
            box.prop(preferences, name)
        box.label(text=where_it_goes(), icon="URL")


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
