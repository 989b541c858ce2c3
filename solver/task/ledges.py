"""What a foot stands on that is narrower than the foot: rungs, pedals, a spade's shoulder."""

from dataclasses import replace
from typing import TYPE_CHECKING

import torch
from jaxtyping import Float
from torch import Tensor

from ..artefacts import Contact, Item
from ..vocabulary import Region
from .tools import shaft_direction

if TYPE_CHECKING:
    from .resolve import Touch

LEDGES: tuple[Region, ...] = ("rung", "pedal", "footrest", "blade")
"""Regions that bear the ball of a foot."""


def on_ledge(contact: Contact) -> bool:
    """Whether a foot stands on something narrower than it."""
    foot = contact.part.endswith(("foot", "feet"))
    return foot and contact.role == "support" and contact.region in LEDGES


def edge_of(points: Float[Tensor, "points 3"]) -> Float[Tensor, "3"]:
    """Along what is narrow, unit: the way in which its points spread most."""
    off = points - points.mean(dim=0)
    return torch.linalg.eigh(off.T @ off)[1][:, 2]


def levelled(item: Item, touches: "list[Touch]") -> "list[Touch]":
    """The touches, the sole of a foot on a ledge flat on it, whichever way its rim looks."""
    hands = [t.centre for t in touches if t.contact.part.endswith("_hand")]
    held = torch.stack(hands).mean(dim=0) if hands else None
    found: list[Touch] = []
    for touch in touches:
        way = _way(item, touch.contact, held) if on_ledge(touch.contact) else None
        normals = touch.normals if way is None else way.expand_as(touch.normals)
        found.append(replace(touch, normals=normals))
    return found


def _way(
    item: Item, contact: Contact, held: Float[Tensor, "3"] | None
) -> Float[Tensor, "3"] | None:
    """Up; on a blade along its shaft, toward the hands."""
    if contact.region != "blade":
        return torch.tensor([0.0, 1.0, 0.0])
    shaft = None if held is None else shaft_direction(item, held)
    return None if shaft is None else -shaft
