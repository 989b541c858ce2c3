"""What one looks at: a posed person, an object, what else stands there. No plan and no loss.

World frame: metres, Y up. A person may be any mesh; numbers that need parts want a `ShapedBody`.
"""

from dataclasses import dataclass
from functools import cached_property

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from ..body import ShapedBody
from ..body.parts import part_vertices
from ..geometry.mesh import Mesh, area_vectors, vertex_areas, vertex_normals
from ..geometry.rotations import transform
from ..geometry.sides import told
from ..geometry.surface import Surface
from .twoway import depths

SOFT = ("torso", "buttocks", "hips", "thighs")
"""Trunk and thighs: flesh that gives."""
TOUCHING = 0.005
"""Skin nearer to the object than this, metres, touches it."""
MILLIMETRES, SQUARE_CENTIMETRES = 1e3, 1e4


@dataclass(frozen=True)
class Solid:
    """A rigid thing: a surface in a frame of its own, and where that frame is."""

    surface: Surface
    T_world_object: Float[Tensor, "4 4"]
    """Rigid."""

    @cached_property
    def mesh(self) -> Mesh:
        """World frame."""
        own = self.surface.mesh
        return Mesh(transform(self.T_world_object, own.verts), own.faces)

    def local(self, points: Float[Tensor, "points 3"]) -> Float[Tensor, "points 3"]:
        """Points of the world in the object's own frame."""
        return transform(torch.linalg.inv(self.T_world_object), points)

    def distance(self, points: Float[Tensor, "points 3"]) -> Float[Tensor, " points"]:
        """Signed, metres, negative inside."""
        return told(self.surface, self.local(points))[0]


def standing_still(surface: Surface) -> Solid:
    """A surface whose frame is the world's."""
    return Solid(surface, torch.eye(4))


@dataclass(frozen=True)
class Shown:
    """A posed person and an object, with what all measures of the two share."""

    verts: Float[Tensor, "verts 3"]
    faces: Int[Tensor, "faces 3"]
    """Outward."""
    solid: Solid
    floor: float
    """Height, metres."""
    body: ShapedBody | None = None
    """Whose parts the vertices are; None for a mesh of unknown parts."""
    pose: Float[Tensor, "52 3"] | None = None
    """Axis-angle, local."""
    obstacles: tuple[Solid, ...] = ()
    """Everything else that the person must not enter."""
    under: Float[Tensor, " verts"] | None = None
    """Height of the floor under each vertex, where it is not level."""

    @property
    def height(self) -> Float[Tensor, " verts"]:
        """Of each vertex over the floor, metres."""
        return self.verts[:, 1] - (self.floor if self.under is None else self.under)

    @cached_property
    def skin(self) -> Surface:
        """The person, for queries from the object's side."""
        return Surface(Mesh(self.verts, self.faces))

    @cached_property
    def areas(self) -> Float[Tensor, " verts"]:
        """What each vertex stands for, square metres."""
        return vertex_areas(self.verts, self.faces)

    @cached_property
    def normals(self) -> Float[Tensor, "verts 3"]:
        """Outward, unit."""
        return vertex_normals(self.verts, self.faces)

    @cached_property
    def nearest(self) -> tuple[Tensor, Tensor, Tensor]:
        """Of each vertex to the object: signed distance, closest point, outward unit normal."""
        distance, point, face = told(self.solid.surface, self.solid.local(self.verts))
        mesh, T = self.solid.surface.mesh, self.solid.T_world_object
        normal = torch.nn.functional.normalize(area_vectors(mesh.verts, mesh.faces), dim=-1)[face]
        return distance, transform(T, point), normal @ T[:3, :3].T

    @property
    def distance(self) -> Float[Tensor, " verts"]:
        """Exact, signed, to the object."""
        return self.nearest[0]

    @cached_property
    def depth(self) -> Float[Tensor, " verts"]:
        """Two-way depth at each vertex, metres; 0 where nothing overlaps."""
        return depths(self.skin, self.solid.mesh, self.distance)

    @cached_property
    def parts(self) -> dict[str, Int[Tensor, " part"]]:
        """Vertices of every part by name; empty where they are not known."""
        return part_vertices(self.body) if self.body else {}

    @cached_property
    def soft(self) -> Bool[Tensor, " verts"]:
        """Which vertices are trunk or thigh."""
        mask = torch.zeros(len(self.verts), dtype=torch.bool)
        for name in SOFT if self.body else ():
            mask[self.parts[name]] = True
        return mask
