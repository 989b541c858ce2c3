"""Everything that the decisions about contacts need, gathered once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from ..vocabulary import BodyPart, HandShape, Posture, Region, Relation, Role, Style
from .action import Action
from .limbs import Limb
from .nouns import Noun
from .reading import Reading

Size = tuple[float, float, float]


@dataclass(frozen=True)
class Scene:
    """The sentence understood, and what it means for the whole body."""

    reading: Reading
    noun: Noun
    size: Size
    """Width, height, depth of the object, metres: measured, else typical."""
    limbs: tuple[Limb, ...]
    actions: tuple[Action, ...]
    posture: Posture
    relation: Relation
    supported: bool
    """The object bears the body: it is sat, lain, stood or knelt on."""
    styles: tuple[Style, ...]
    stature: float
    """Of the person, metres."""
    told: bool
    """The sentence itself says what is done, in words that we know."""
    off_limits: frozenset[str] = frozenset()
    """Regions and parts that the sentence forbids."""

    @property
    def manipulations(self) -> Sequence[Action]:
        """What is done to the object by limbs."""
        return [a for a in self.actions if not a.is_body and a.on != "other"]

    @property
    def several(self) -> bool:
        """`two men carrying a sofa`: the one who is shown has help."""
        pairs = pairwise(self.reading.tokens)
        return any(a.value == "both" and b.kind == "subject" for a, b in pairs)

    @property
    def sideways(self) -> bool:
        """Sitting turned to a side: legs over an armrest, down a flank, along the seat, below."""
        adverbs = {token.value for token in self.reading.tokens if token.kind == "adverb"}
        return self.supported and self.posture == "sit" and "sideways" in adverbs

    def styled(self, *styles: str) -> bool:
        """Whether any of the styles is set."""
        return any(style in styles for style in self.styles)


@dataclass
class Draft:
    """Contacts as they are collected: the first word about a body part stands."""

    scene: Scene
    contacts: dict[str, tuple[Region, Role, float]] = field(default_factory=dict)
    hands: dict[str, HandShape] = field(default_factory=dict)
    busy: set[str] = field(default_factory=set)
    """Body parts that have something to do that is no contact (hands behind the head)."""
    warnings: list[str] = field(default_factory=list)

    def put(
        self, part: BodyPart | str, region: Region | str, role: Role, weight: float = 1.0
    ) -> None:
        """Ask for a contact, unless the part has one already or the sentence forbids it."""
        forbidden = self.scene.off_limits
        if part not in self.contacts and part not in self.busy and not forbidden & {part, region}:
            self.contacts[part] = (region, role, weight)  # pyright: ignore[reportArgumentType]

    def engage(self, part: str) -> None:
        """Say that a part is occupied with something that is no contact."""
        if part not in self.contacts:
            self.busy.add(part)

    def free(self, part: str) -> bool:
        """Whether a part has nothing to do yet."""
        return part not in self.contacts and part not in self.busy
