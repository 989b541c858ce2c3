"""The nouns of the pipeline; those that a sentence alone gives stand in `wishes.py`.

Units are metres and radians, tensors float32 on the CPU unless a function says otherwise.
`world` is the solver's working frame: right-handed, Y up, the object as it stands at first at the
identity, its footprint's centre at the origin, its front toward +Z. `scene` is the user's scene
(Y up), `source` the object's vertices as they were handed over. `T_a_b` maps coordinates in frame
b to frame a.
"""

from dataclasses import dataclass, field

from jaxtyping import Float
from torch import Tensor

from .geometry.grid import Grid
from .geometry.mesh import Mesh
from .geometry.surface import Surface
from .surroundings import Surroundings
from .vocabulary import BodyPart
from .wishes import Contact, ObjectPrior, Plan, Subject

__all__ = [
    "Affordance", "Contact", "Grip", "Hypotheses", "Item", "ObjectPrior", "Plan", "Solution",
    "Subject", "Surroundings", "Target",
]  # fmt: skip


@dataclass(frozen=True)
class Item:
    """The object, taken in: repaired, in metres, upright, ready for distance queries."""

    name: str
    mesh: Mesh
    """Object frame; equals the world frame until a stage moves the object."""
    surface: Surface
    grid: Grid
    points: Float[Tensor, "points 3"]
    """Area-uniform samples of the surface that is reachable from outside."""
    normals: Float[Tensor, "points 3"]
    """Outward, unit."""
    floor: float
    """Height of the floor in the world frame: 0 where the object stands on it, negative under a
    mug on a table."""
    T_object_source: Float[Tensor, "4 4"]
    """A similarity: unit, up axis and front."""
    T_scene_world: Float[Tensor, "4 4"]
    """Rigid: where the object stands in the user's scene."""
    front_confidence: float
    """In [0, 1]; 0 where the object looks alike from all sides."""
    warnings: tuple[str, ...] = ()
    surroundings: Surroundings | None = None
    """What else stands in the user's scene; None where the job brings none."""


@dataclass(frozen=True)
class Target:
    """Where on the object one contact of the plan belongs."""

    contact: Contact
    probability: Float[Tensor, " points"]
    """Over `Item.points`; sums to one, all zero where the region was not found."""
    confidence: float
    """In [0, 1]."""


@dataclass(frozen=True)
class Grip:
    """A graspable rod-like piece, object frame."""

    centre: Float[Tensor, "3"]
    axis: Float[Tensor, "3"]
    """Unit, toward the working end (a hammer's head) where there is one."""
    outward: Float[Tensor, "3"]
    """Unit, perpendicular to the axis, away from the rest of the object."""
    radius: float
    length: float
    part: BodyPart
    """The hand that it is for."""


@dataclass(frozen=True)
class Affordance:
    """Where on the object each body part of the plan should touch."""

    targets: tuple[Target, ...]
    """One per contact of the plan that is on the object, in the plan's order."""
    grips: tuple[Grip, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Hypotheses:
    """A batch of starting points for the optimisation, best first; SMPL-H poses, world frame."""

    pose: Float[Tensor, "batch 52 3"]
    """Axis-angle, local; joint 0 is the root orientation."""
    trans: Float[Tensor, "batch 3"]
    betas: Float[Tensor, " betas"]
    T_world_object: Float[Tensor, "batch 4 4"]
    """Identity where the object is fixed."""
    names: tuple[str, ...]
    """The library poses they came from."""
    oddness: Float[Tensor, " batch"]
    """How far each is from what the plan says before any contact counts; 0 is as planned."""


@dataclass(frozen=True)
class Solution:
    """A posed person, world frame, and where the object ends up."""

    pose: Float[Tensor, "52 3"]
    """Axis-angle, local; joint 0 is the root orientation."""
    trans: Float[Tensor, "3"]
    betas: Float[Tensor, " betas"]
    T_world_object: Float[Tensor, "4 4"]
    """Rigid, or a similarity where the object may be scaled; the identity where it is fixed."""
    name: str
    """The library pose it came from."""
    terms: dict[str, float] = field(default_factory=dict)
    """The weighted terms of the objective at the end."""
    metrics: dict[str, float] = field(default_factory=dict)
    """What the ranking went by; `evaluation` measures more."""
    obstacle: str = ""
    """The nearest other thing of the scene, or the one that the person reaches into deepest."""
    warnings: tuple[str, ...] = ()
