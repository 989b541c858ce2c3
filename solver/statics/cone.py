"""Contacts with friction, as the wrenches that they can exert.

A contact pushes along its normal and, by Coulomb's law, up to `friction` times as much sideways.
The cone is replaced by a pyramid inside it: a non-negative sum of `edges` directions per contact.
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

CENTRAL = 0.05
"""Sine of the angle between arm and normal below which a contact aims at the centre."""


@dataclass(frozen=True)
class Contacts:
    """Where something is touched, and which way it is pushed there."""

    points: Float[Tensor, "*batch contacts 3"]
    """Metres, any frame."""
    normals: Float[Tensor, "*batch contacts 3"]
    """Unit, into what is carried: the direction of the push."""
    most: Float[Tensor, "*batch contacts"]
    """The largest push straight along the normal, in weights. 0 is no contact; between, a contact
    fades in and out, so that nothing jumps when it is made or lost."""
    across: Float[Tensor, "*batch contacts 3"]
    """Any direction beside the normal: toward it goes the pyramid's first edge. Constant for the
    gradient."""


def contacts_at(
    points: Float[Tensor, "*batch contacts 3"],
    normals: Float[Tensor, "*batch contacts 3"],
    most: Float[Tensor, "*batch contacts"],
    centre: Float[Tensor, "*batch 3"],
) -> Contacts:
    """Contacts whose pyramids turn with everything else: the first edge lies across the arm.

    A contact that aims straight at the centre has no such direction and takes one of the frame's.
    """
    arm = points.detach() - centre.detach()[..., None, :]
    across = torch.linalg.cross(arm, normals.detach())
    central = across.norm(dim=-1) < CENTRAL * arm.norm(dim=-1)
    across = torch.where(central[..., None], beside(normals.detach()), across)
    return Contacts(points, normals, most, across)


def beside(normals: Float[Tensor, "*batch 3"]) -> Float[Tensor, "*batch 3"]:
    """The axis of the frame that is least along each normal."""
    return torch.nn.functional.one_hot(normals.abs().argmin(dim=-1), 3).to(normals)


def cone_edges(
    contacts: Contacts, friction: float, edges: int
) -> Float[Tensor, "*batch contacts edges 3"]:
    """Directions that span each friction pyramid: one along the normal, `friction` sideways."""
    normals, across = contacts.normals, contacts.across
    side = across - (across * normals).sum(dim=-1, keepdim=True) * normals
    side = torch.nn.functional.normalize(side, dim=-1)
    other = torch.linalg.cross(normals, side)
    angle = torch.arange(edges, dtype=normals.dtype) * (2 * math.pi / edges)
    around = angle.cos()[:, None] * side[..., None, :] + angle.sin()[:, None] * other[..., None, :]
    return normals[..., None, :] + friction * around


def wrenches(
    contacts: Contacts,
    centre: Float[Tensor, "*batch 3"],
    radius: Float[Tensor, "*batch"],
    friction: float,
    edges: int = 4,
) -> tuple[Float[Tensor, "*batch 6 generators"], Float[Tensor, "*batch generators"]]:
    """Force and torque of a unit push along every edge, and the largest push.

    Torques are about `centre` and divided by `radius`, so that they count like forces and nothing
    depends on the unit of length or on where the origin is. All edges of a contact together may
    push as much as it bears.

    Args:
        contacts: Where and which way.
        centre: The centre of mass of what is carried.
        radius: A length that is typical of it, metres.
        friction: Coulomb's coefficient.
        edges: Directions per contact.
    """
    force = cone_edges(contacts, friction, edges)
    arm = (contacts.points - centre[..., None, :]) / radius[..., None, None]
    torque = torch.linalg.cross(arm[..., None, :].expand_as(force), force)
    most = (contacts.most / edges)[..., None].expand(force.shape[:-1]).flatten(-2)
    return torch.cat([force, torque], dim=-1).flatten(-3, -2).mT, most
