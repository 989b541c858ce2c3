"""One object studied for one plan, and the small tools that all region scorers share."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Float

from ..artefacts import Contact, Item, Plan
from .features import Mask, Scores, Shape, Vector, measure_finely
from .stance import Stance

UP = np.array([0.0, 1.0, 0.0])
ADULT = 1.7
"""Stature to which all heights in this room refer, metres."""
SHOULDER = 0.19
"""Half the distance between the hands of a person at ease, metres, at that stature."""
BREADTH = 0.25
"""Half the width of a wall that all of a standing person is before, metres, at that stature."""


SHOULDER_HEIGHT = 1.4
"""Of the shoulders, metres, at that stature."""
LOWERED: dict[str, float] = {"kneel": 0.42, "sit": 0.42, "squat": 0.5, "bend": 0.15, "lie": 0.9}
"""How much lower shoulders and hands are in other postures, metres."""
ALIKE: dict[str, tuple[str, ...]] = {"handle": ("handle", "grip"), "grip": ("handle", "grip")}


@dataclass(frozen=True)
class Study:
    """What the scorers work on."""

    item: Item
    shape: Shape
    plan: Plan
    stance: Stance
    scale: float
    """The person's stature over `ADULT`."""
    known: dict[str, Any] = field(default_factory=dict)
    """What was found before, by name: a backrest is sought behind the seat that was chosen."""

    def lateral(self, contact: Contact) -> float:
        """+1 left, -1 right, 0 neither."""
        return self.stance.lateral(contact.part)

    @cached_property
    def fine(self) -> Shape:
        """More samples, for handles."""
        return measure_finely(self.item, self.shape)

    @property
    def sitting(self) -> Vector:
        """Where somebody who sits looks; the object's front for those who stand beside it."""
        standing = self.plan.posture in ("stand", "walk", "bend", "lean", "squat", "kneel")
        return np.array([0.0, 0.0, 1.0]) if standing else self.stance.forward

    @property
    def side(self) -> Vector:
        """Left of `sitting`."""
        return np.cross(UP, self.sitting)

    def along(self, direction: Vector) -> Scores:
        """Coordinate of every sample along a direction, from the footprint's centre."""
        return self.shape.points @ direction

    def says(self, *words: str) -> bool:
        """Whether the prompt contains one of these words."""
        text = f" {self.plan.prompt.lower()} ".replace(",", " ").replace(".", " ")
        return any(f" {word} " in text for word in words)

    def beside(self, contact: Contact) -> bool:
        """Whether the other hand (foot, ...) of a pair wants the same region."""
        return self.twin(contact) is not None

    def twin(self, contact: Contact) -> Contact | None:
        """The other one of a pair, where it wants the same region (a grip is a handle's end)."""
        name, alike = _twin(contact.part), ALIKE.get(contact.region, (contact.region,))
        for other in self.plan.contacts:
            if other.part == name and other.region in alike:
                return other
        return None

    @property
    def shoulders(self) -> Vector:
        """Between the shoulders of someone who stands on the planned side, object's frame."""
        height = SHOULDER_HEIGHT - LOWERED.get(self.plan.posture, 0.0)
        toward = self.stance.toward
        reachable = self.shape.height < 1.6 * self.scale
        edge = float(np.percentile(self.along(toward)[reachable], 97)) if reachable.any() else 0.0
        return (edge + 0.12) * toward + (height * self.scale + self.shape.floor) * UP

    def reach(self, contact: Contact) -> Scores:
        """1 where the arm comes to from beside the object, 0 beyond it; 1 for what is held."""
        if self.plan.movable or self.plan.relation in ("on_top", "inside", "under"):
            return np.ones(len(self.shape.points))
        side = self.lateral(contact) * SHOULDER * self.scale * self.stance.left
        way = np.linalg.norm(self.shape.points - self.shoulders - side, axis=1)
        return ramp(way, 0.85 * self.scale, 0.6 * self.scale)


@dataclass(frozen=True)
class Place:
    """A spot that was chosen on the object."""

    centre: Vector
    confidence: float


@dataclass(frozen=True)
class Found:
    """A region's answer: scores in [0, 1], all zero where there is none."""

    score: Scores
    confidence: float
    note: str = ""


def nothing(study: Study) -> Found:
    """The region does not exist on this object."""
    return Found(np.zeros(len(study.shape.points)), 0.0)


def bump(value: Scores, middle: float, width: float) -> Scores:
    """A Gaussian: 1 at `middle`, 0.61 at `width` from it."""
    return np.exp(-(((value - middle) / width) ** 2) / 2)


def ramp(value: Scores, low: float, high: float) -> Scores:
    """0 at `low`, 1 at `high`, straight between; `low` may be the larger."""
    return np.clip((value - low) / (high - low), 0, 1)


def disc(study: Study, centre: Vector, radius: float) -> Scores:
    """A Gaussian around a spot, nearly zero beyond twice its radius."""
    square = ((study.shape.points - centre) ** 2).sum(axis=1)
    return np.exp(-square / radius**2) * (square < (2.2 * radius) ** 2)


def densest(study: Study, score: Scores, radius: float) -> Vector | None:
    """The sample with the most score around it; None where there is no score."""
    chosen = np.flatnonzero(score > 0.2 * score.max()) if score.max() > 0 else np.array([], int)
    if not len(chosen):
        return None
    points, weight = study.shape.points[chosen], score[chosen]
    step = max(1, len(chosen) // 600)
    seeds = points[::step]
    square = ((seeds[:, None] - points[None]) ** 2).sum(axis=-1) if len(points) < 6000 else None
    if square is None:
        some = slice(None, None, len(points) // 3000)
        points, weight = points[some], weight[some]
        square = ((seeds[:, None] - points[None]) ** 2).sum(axis=-1)
    mass = (np.exp(-square / radius**2) * weight).sum(axis=1) * score[chosen][::step]
    seed = seeds[mass.argmax()]
    near = np.exp(-((points - seed) ** 2).sum(axis=1) / radius**2) * weight
    return (points * near[:, None]).sum(axis=0) / near.sum()


def compact(study: Study, score: Scores, radius: float) -> Scores:
    """Only the densest patch of a score, one hand wide."""
    centre = densest(study, score, radius)
    if centre is None:
        return score
    index = study.shape.tree.query(centre)[1]
    return score * disc(study, study.shape.points[index], radius)


def spread(study: Study, allowed: Mask, direction: Vector) -> tuple[float, float]:
    """Where the allowed samples begin and end along a direction, outliers left out."""
    values = study.along(direction)[allowed]
    low, high = np.percentile(values, [1, 99]) if len(values) else (0.0, 0.0)
    return float(low), float(high)


def hand_lateral(study: Study, contact: Contact, allowed: Mask, *, turned: bool = False) -> float:
    """Where a hand meets a wide thing: before its own shoulder, nearer on a narrow one.

    The side of somebody who is turned to it meets its middle, or where all of them is before it.
    """
    side = study.lateral(contact)
    low, high = spread(study, allowed, study.stance.left)
    middle = float(np.clip(0.0, low, high)) if low < 0 < high else (low + high) / 2
    room = (high - low) / 2 - BREADTH * study.scale if turned else 0.36 * (high - low)
    apart = float(np.clip(room, 0.0, SHOULDER * study.scale))
    return middle + side * apart


def smooth_count(
    values: Scores, allowed: Mask, step: float
) -> tuple[Float[np.ndarray, " bins"], Float[np.ndarray, " bins"]]:
    """A histogram of the allowed values, each bin with half of its neighbours; bin middles."""
    low = values.min() - 1.5 * step
    index = np.floor((values - low) / step).astype(int)
    count = np.bincount(index[allowed], minlength=index.max() + 3).astype(float)
    smooth = count + 0.5 * (np.roll(count, 1) + np.roll(count, -1))
    return smooth, low + (np.arange(len(count)) + 0.5) * step


def _twin(part: str) -> str:
    if part.startswith("left_"):
        return part.replace("left_", "right_", 1)
    return part.replace("right_", "left_", 1) if part.startswith("right_") else ""
