"""The nouns that a sentence alone gives: closed vocabularies, no geometry. Lengths are metres."""

from dataclasses import dataclass, field

from .bounds import Planner
from .vocabulary import (
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


@dataclass(frozen=True)
class ObjectPrior:
    """What a noun says about an object before it is measured."""

    noun: str
    size: tuple[float, float, float] | None
    """Typical width, height, depth, metres; None when the noun is unknown."""
    category: str
    """Category of the lexicon: seat, bed, table, tool, vessel, vehicle, ..."""
    front: str
    """What shows its front: backrest, screen, travel, handle, drawers, none, ..."""


@dataclass(frozen=True)
class Subject:
    """The person. None means: not said."""

    sex: float | None = None
    """0 female, 1 male."""
    age: float | None = None
    """Years, 6 and up."""
    height: float | None = None
    """Metres."""
    weight: float | None = None
    """Kilograms."""


@dataclass(frozen=True)
class PlannerChoice:
    """Who reads the sentence; the key of a server is in the environment, never here."""

    provider: Planner = "rules"
    base_url: str = ""
    """Of an OpenAI-compatible server, mostly ending with /v1."""
    model: str = ""
    timeout: float = 60.0
    """Seconds for the whole plan."""
    views: int = 0
    """Pictures of the object that a model is shown."""


@dataclass(frozen=True)
class Contact:
    """One patch of the body on one place."""

    part: BodyPart
    region: Region
    role: Role
    weight: float = 1.0


@dataclass(frozen=True)
class Plan:
    """What is to happen, in closed vocabularies."""

    prompt: str
    object: str
    """The noun the prompt uses for the object, or its category."""
    posture: Posture
    relation: Relation
    facing: Facing
    movable: bool
    """The object is placed after the person: held, worn, carried, pulled."""
    scale: ScaleClass
    contacts: tuple[Contact, ...]
    hands: dict[str, HandShape] = field(default_factory=dict)
    """'left' and 'right'."""
    styles: tuple[Style, ...] = ("neutral",)
    avoid: tuple[BodyPart, ...] = ()
    hold_height: HoldHeight = "free"
    attitude: HeldAttitude = "free"
    subject: Subject = Subject()
    side: Side = "any"
    """Of the object, toward the person, where `relation` does not say it."""
    image_prompts: tuple[str, ...] = ()
    """What a picture of it shows, in several ways, for models that paint (section 3.4)."""
    negative_prompts: tuple[str, ...] = ()
    """What such a picture must not show."""
    flag: Flag = "ok"
    confidence: float = 1.0
    provider: str = "rules"
    warnings: tuple[str, ...] = ()


def side_toward(plan: Plan) -> Side:
    """The object's own side that is toward the person."""
    said: dict[str, Side] = {"front": "front", "behind": "back", "left": "left", "right": "right"}
    return said.get(plan.relation, plan.side)


def knees_up(plan: Plan) -> bool:
    """Lying on something short: the feet stand on it, no shank lies."""
    shanks = ("calf", "calves", "shin", "knee", "knees")
    return plan.posture == "lie" and not any(c.part.endswith(shanks) for c in plan.contacts)


def driven(plan: Plan) -> bool:
    """Digging: a blade is pushed down into the ground, its shaft stands."""
    return plan.attitude == "aimed_down" and "dig" in plan.styles
