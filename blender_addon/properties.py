"""What the artist sets per scene. Inputs only: the state of a job is never kept in the file."""

import bpy
from bpy.props import (
    BoolProperty,
    EnumProperty,
    FloatProperty,
    IntProperty,
    PointerProperty,
    StringProperty,
)

from .jobs import Person, Request
from .planner import chosen_planner
from .plans import InteractPlan
from .scene import RESULT_MARK
from .wire import bounds

SEXES = {"ANY": None, "FEMALE": 0.0, "MALE": 1.0}


def _can_be_target(_: bpy.types.PropertyGroup, obj: bpy.types.Object) -> bool:
    return obj.type in {"MESH", "EMPTY"} and RESULT_MARK not in obj


class InteractSettings(bpy.types.PropertyGroup):
    """The inputs of the Interact tab."""

    prompt: StringProperty(
        name="Prompt",
        description="What the person does, for example: a woman sits on the chair, reading",
    )
    target: PointerProperty(
        name="Object",
        description="The object that the person touches. Empty: the active object",
        type=bpy.types.Object,
        poll=_can_be_target,
    )
    keep_object: BoolProperty(
        name="Keep Object in Place",
        description="Never move the object, also if the person is to hold or carry it",
        default=False,
    )
    scale_object: BoolProperty(
        name="Object May Be Scaled",
        description="The object may grow or shrink to fit the person, near its usual size",
        default=False,
    )
    variants: IntProperty(
        name="Variants",
        description="Different results; the best is shown, the others wait in hidden collections",
        default=1, min=1, max=bounds.MOST_VARIANTS,
    )  # fmt: skip
    seed: IntProperty(
        name="Seed", description="The same seed gives the same result", default=0, min=0
    )
    quality: EnumProperty(
        name="Quality",
        description="How long the solver may try",
        items=[
            ("draft", "Draft", "Seconds: to see the idea"),
            ("standard", "Standard", "The usual choice"),
            ("fine", "Fine", "Longer, for a final result"),
        ],
        default="standard",
    )
    placement: EnumProperty(
        name="Object's Size",
        description="Whether the object has the size and the way up that it is to have",
        items=[
            ("keep", "As It Stands", "Metres, upright; the object is not changed"),
            ("estimate", "Estimate", "For raw files: the object is scaled, turned and moved"),
        ],
        default="keep",
    )
    front: EnumProperty(
        name="Object's Front",
        description="Where the object's front looks",
        items=[
            ("auto", "Automatic", "Found from the object's shape"),
            ("+z", "-Y", "Toward the viewer of the front view"),
            ("-z", "+Y", "Away from the viewer of the front view"),
            ("+x", "+X", "To the right"),
            ("-x", "-X", "To the left"),
        ],
        default="auto",
    )
    floor: EnumProperty(
        name="Floor",
        description="What the feet stand on",
        items=[
            ("object", "Under Object", "The object stands on the floor"),
            ("zero", "World Zero", "The floor is at height zero"),
            ("cursor", "3D Cursor", "The floor is at the height of the 3D cursor"),
        ],
        default="object",
    )
    obstacles: EnumProperty(
        name="Obstacles",
        description="What the person must not run into, besides the object",
        items=[
            ("all", "All Visible", "Every other visible mesh near the object"),
            ("COLLECTION", "Collection", "The visible meshes of one collection"),
            ("none", "None", "The person and the object are alone"),
        ],
        default="all",
    )
    obstacle_collection: PointerProperty(
        name="Collection",
        description="The collection whose meshes are obstacles",
        type=bpy.types.Collection,
    )
    sex: EnumProperty(
        name="Sex",
        description="Who the person is",
        items=[
            ("ANY", "As the Prompt Says", "A person of no stated sex where it says nothing"),
            ("FEMALE", "Female", "A woman or a girl"),
            ("MALE", "Male", "A man or a boy"),
        ],
        default="ANY",
    )
    age: FloatProperty(
        name="Age", description="Years from 2 up; 0 leaves it to the prompt",
        default=0.0, min=0.0, max=100.0, precision=0, step=100,
    )  # fmt: skip
    height: FloatProperty(
        name="Height", description="Standing height; 0 leaves it to the prompt",
        default=0.0, min=0.0, soft_max=2.2, subtype="DISTANCE",
    )  # fmt: skip
    weight: FloatProperty(
        name="Weight (kg)", description="Kilograms; 0 leaves it to the prompt",
        default=0.0, min=0.0, max=250.0, precision=0, step=100,
    )  # fmt: skip
    plan: PointerProperty(type=InteractPlan)


def chosen_target(context: bpy.types.Context) -> bpy.types.Object | None:
    """The object of the panel, or the active one; one of our own people never is meant."""
    settings = context.scene.interact
    if settings.target is not None:
        return settings.target
    active = context.active_object
    return None if active is None or RESULT_MARK in active else active


def chosen_obstacles(settings: InteractSettings) -> str:
    """The obstacles as a request names them; empty where a collection is still to be chosen."""
    if settings.obstacles != "COLLECTION":
        return settings.obstacles
    return settings.obstacle_collection.name if settings.obstacle_collection else ""


def request_of(scene: bpy.types.Scene, body: str | None) -> Request:
    """A snapshot of the panel's inputs, in metres and the solver's axes; the plan's rows left out.

    Raises:
        SolverError: When a language model is chosen that may not be asked.
    """
    settings, unit = scene.interact, scene.unit_settings.scale_length
    heights = {"zero": 0.0, "cursor": scene.cursor.location.z * unit}
    return Request(
        prompt=settings.prompt,
        object_name="",
        fix_object=settings.keep_object,
        scale=settings.scale_object and not settings.keep_object,
        placement=settings.placement,
        front=settings.front,
        floor=heights.get(settings.floor),
        quality=settings.quality,
        variants=settings.variants,
        seed=settings.seed,
        body=body,
        obstacles=chosen_obstacles(settings),
        planner=chosen_planner(),
        subject=Person(
            sex=SEXES[settings.sex],
            age=settings.age or None,
            height=settings.height * unit or None,
            weight=settings.weight or None,
        ),
    )


def register() -> None:
    """One pointer on the scene."""
    bpy.types.Scene.interact = PointerProperty(type=InteractSettings)


def unregister() -> None:
    """The mirror image."""
    del bpy.types.Scene.interact
