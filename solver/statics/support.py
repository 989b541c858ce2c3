"""Is it carried? How much of its own weight a posed body, or a held object, cannot rest on.

Measured on meshes alone: what lies within millimetres of one another touches. A body counts as a
statue: its joints hold, its skin has friction, and nothing holds it but the floor and the object.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from ..geometry.mesh import (
    Mesh,
    area_vectors,
    centre_of_mass,
    is_closed,
    spread,
    vertex_areas,
    vertex_normals,
)
from ..geometry.rotations import transform
from ..geometry.surface import Surface
from .cone import cone_edges, contacts_at, wrenches
from .quadratic import Forces, least_residual

FRICTION = 0.5
"""Coulomb's coefficient: cloth and soles on wood or carpet .4 to .8, skin on steel or glass .5."""
EDGES = 8
TOUCHING = (0.003, 0.008)
"""Distances, metres, up to which skin bears fully, and from which it bears nothing."""
GRASPED = (0.001, 0.004)
"""The same for what is held."""
CONTACTS = 64
"""What touches is gathered into so many contacts at most."""
FACING = 0.3
"""Cosine between skin and surface below which they pass rather than meet: it bears less, to 0."""
TURN = 0.05
"""How far apart, metres, opposite normals count when contacts are gathered, halved."""
BEARING = 500.0
"""Most weights per square metre of skin: one on 20 cm^2, the peak pressure under a heel."""
GRIPPING = 2e4
"""The same for a held object, in its own weights: two per cm^2, as fingertips press."""


@dataclass(frozen=True)
class Carried:
    """How well something is carried. Shares of its weight; torques over its radius."""

    residual: float
    """Length of the wrench that no forces of the contacts can balance: 0 at rest, 1 in the air."""
    force: float
    """Its force part."""
    torque: float
    """Its torque part: the weight acts this many radii beside what carries it."""
    centre: Float[Tensor, "3"]
    """Centre of mass, world frame."""
    radius: float
    """Root mean square distance of the surface from the centre, metres."""
    points: Float[Tensor, "contacts 3"]
    pushes: Float[Tensor, "contacts 3"]
    """The forces that come nearest to carrying it, in weights."""


@dataclass(frozen=True)
class Patches:
    """Candidates of contacts."""

    points: Float[Tensor, "patches 3"]
    normals: Float[Tensor, "patches 3"]
    """Unit, the direction of the push."""
    area: Float[Tensor, " patches"]
    """Square metres of skin, less where it is not quite in contact."""


def body_support(
    body: Mesh,
    floor: float,
    surface: Surface | None = None,
    T_world_object: Float[Tensor, "4 4"] | None = None,
    friction: float = FRICTION,
) -> Carried:
    """How much of a posed body's weight floor and object cannot carry.

    The body's own parts do not carry one another. Give no surface where the object is held or worn
    and does not itself stand: it cannot carry who carries it.

    Args:
        body: Closed, posed, world frame.
        floor: Height of the floor, metres.
        surface: The object, in its own frame; None: the floor alone carries.
        T_world_object: Rigid or a similarity; None: the identity.
        friction: Coulomb's coefficient, the same everywhere.
    """
    patches = on_floor(body, floor)
    if surface is not None:
        patches = together(patches, skin_on(surface, T_world_object, body))
    return carried(body, patches, BEARING, friction)


def hold_support(
    surface: Surface,
    T_world_object: Float[Tensor, "4 4"] | None,
    body: Mesh,
    floor: float | None = None,
    friction: float = FRICTION,
) -> Carried:
    """How much of a held object's weight the body that touches it cannot carry.

    All skin counts, whether of a hand, a shoulder or a lap. The weight is the object's own, so its
    mass does not matter; hands press with many times of it. An object that is open is taken for a
    shell.

    Args:
        surface: The object, in its own frame.
        T_world_object: Rigid or a similarity; None: the identity.
        body: Posed, world frame.
        floor: Height of the floor where the object may also stand on it (leaned on, pushed).
        friction: Coulomb's coefficient.
    """
    held = Mesh(_placed(surface.mesh.verts, T_world_object), surface.mesh.faces)
    patches = grasping(surface, T_world_object, body)
    if floor is not None:
        patches = together(patches, on_floor(held, floor, size=1 / GRIPPING))
    return carried(held, patches, GRIPPING, friction)


def hold_closure(
    surface: Surface,
    middle: tuple[Float[Tensor, "3"], Float[Tensor, ""]],
    body: Mesh,
    friction: float = FRICTION,
) -> float:
    """The mean residual of a held object over six directions of its weight.

    0: it is kept however it is turned; 1: it is not touched.

    Args:
        surface: The object, in its own frame.
        middle: Its `heart`, known once for many hands.
        body: What holds it, in the object's frame: all of it, or a hand.
        friction: Coulomb's coefficient.
    """
    grip = Grip(middle, grasping(surface, None, body), GRIPPING, friction)
    ways = torch.cat([torch.eye(3), -torch.eye(3)])
    return float(grip.forces(ways).left.norm(dim=-1).mean())


def grasping(surface: Surface, T_world_object: Float[Tensor, "4 4"] | None, body: Mesh) -> Patches:
    """Where skin pushes a held object: nearer than furniture has to be, for hands are firm."""
    skin = skin_on(surface, T_world_object, body, GRASPED)
    return Patches(skin.points, -skin.normals, skin.area)


def carried(load: Mesh, patches: Patches, pressure: float, friction: float) -> Carried:
    """The forces that come nearest to carrying a load, and what is missing.

    Args:
        load: World frame.
        patches: Where it may be pushed.
        pressure: The most that they bear, weights per square metre.
        friction: Coulomb's coefficient.
    """
    grip = Grip(heart(load), patches, pressure, friction)
    found = grip.forces(torch.tensor([[0.0, 1.0, 0.0]]))
    left, share = found.left[0], found.pushes[0].unflatten(-1, (-1, EDGES))[..., None]
    return Carried(
        residual=float(left.norm()),
        force=float(left[:3].norm()),
        torque=float(left[3:].norm()),
        centre=grip.centre.float(),
        radius=float(grip.radius),
        points=grip.contacts.points.float(),
        pushes=(share * cone_edges(grip.contacts, friction, EDGES)).sum(dim=1).float(),
    )


class Grip:
    """A load and what it is pushed by, ready to be asked for forces; double precision."""

    def __init__(
        self,
        middle: tuple[Float[Tensor, "3"], Float[Tensor, ""]],
        patches: Patches,
        pressure: float,
        friction: float,
    ) -> None:
        self.centre, self.radius = (each.double() for each in middle)
        few = gathered(patches)
        points, normals, area = (each.double() for each in (few.points, few.normals, few.area))
        self.contacts = contacts_at(points, normals, pressure * area, self.centre)
        self.W, self.most = wrenches(self.contacts, self.centre, self.radius, friction, EDGES)

    def forces(self, upward: Float[Tensor, "ways 3"]) -> Forces:
        """The pushes against a unit weight, for several directions of up."""
        wanted = torch.cat([upward, torch.zeros_like(upward)], dim=-1).double()
        W, most = (each.expand(len(upward), *each.shape) for each in (self.W, self.most))
        return least_residual(W, wanted, torch.zeros_like(most), most)


def heart(mesh: Mesh) -> tuple[Float[Tensor, "3"], Float[Tensor, ""]]:
    """Centre of mass, and the root mean square distance of the surface from it.

    A closed mesh is filled evenly; an open one is a shell of even thickness. Double precision.
    """
    mesh = Mesh(mesh.verts.double(), mesh.faces)
    area = vertex_areas(mesh.verts, mesh.faces)
    centre = (mesh.verts * area[:, None]).sum(dim=0) / area.sum()
    if is_closed(mesh.faces):
        centre = centre_of_mass(mesh)
    away = (mesh.verts - centre).square().sum(dim=-1)
    return centre, ((away * area).sum() / area.sum()).sqrt()


def on_floor(load: Mesh, floor: float, size: float | None = None) -> Patches:
    """The vertices of a load that stand on the floor, each with its area or with the same one."""
    fade = bearing(load.verts[:, 1] - floor)
    touching = torch.nonzero(fade > 0)[:, 0]
    area = vertex_areas(load.verts, load.faces) if size is None else torch.full_like(fade, size)
    up = torch.tensor([0.0, 1.0, 0.0]).to(load.verts)
    return Patches(load.verts[touching], up.expand(len(touching), 3), (fade * area)[touching])


def skin_on(
    surface: Surface,
    T_world_object: Float[Tensor, "4 4"] | None,
    body: Mesh,
    near: tuple[float, float] = TOUCHING,
) -> Patches:
    """The vertices of a body that touch an object, pushed away from its surface, world frame.

    The normal is that of the object's face, on the side of it that the skin is on.
    """
    verts, faces = body.verts, body.faces
    T = torch.eye(4).to(verts) if T_world_object is None else T_world_object.to(verts)
    scale = torch.linalg.det(T[:3, :3]).pow(1 / 3)
    distance, _, face = surface.query(transform(torch.linalg.inv(T), verts))
    fade = bearing(scale * distance, near)
    touching = torch.nonzero(fade > 0)[:, 0]
    outward = area_vectors(surface.mesh.verts, surface.mesh.faces[face[touching]]).to(verts)
    outward = torch.nn.functional.normalize(outward @ T[:3, :3].T, dim=-1)
    facing = -(outward * vertex_normals(verts, faces)[touching]).sum(dim=-1)
    push = outward * torch.where(facing < 0, -1.0, 1.0)[:, None]
    area = (fade * vertex_areas(verts, faces))[touching]
    return Patches(verts[touching], push, area * (facing.abs() / FACING).clamp(max=1.0))


def bearing(
    distance: Float[Tensor, " points"], near: tuple[float, float] = TOUCHING
) -> Float[Tensor, " points"]:
    """Share of its strength with which skin at a signed distance, metres, bears."""
    first, last = near
    return ((last - distance) / (last - first)).clamp(0.0, 1.0)


def gathered(patches: Patches, most: int = CONTACTS) -> Patches:
    """At most so many, far from one another in place and direction, each with its share of area."""
    place = torch.cat([patches.points, TURN * patches.normals], dim=-1)
    kept = spread(place, most) if len(place) else torch.zeros(0, dtype=torch.long)
    if len(kept) == 0:
        return patches
    owner = torch.cdist(place, place[kept]).argmin(dim=1)
    area = patches.area.new_zeros(len(kept)).index_add(0, owner, patches.area)
    return Patches(patches.points[kept], patches.normals[kept], area)


def together(first: Patches, second: Patches) -> Patches:
    """Both."""
    return Patches(
        torch.cat([first.points, second.points]),
        torch.cat([first.normals, second.normals]),
        torch.cat([first.area, second.area]),
    )


def _placed(
    verts: Float[Tensor, "verts 3"], T: Float[Tensor, "4 4"] | None
) -> Float[Tensor, "verts 3"]:
    return verts if T is None else transform(T.to(verts), verts)
