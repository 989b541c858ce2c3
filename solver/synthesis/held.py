"""Where a movable object may be, beside a person who is already placed."""

import math

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..geometry.rotations import matrix_from_rotvec, rigid, yaw_matrix
from ..task import Task, Touch
from ..task.aims import AIMS
from .search import Figures

POURED = math.radians(117.0)
"""How far something is tipped, ahead or to a side, that pours."""


def object_places(
    task: Task,
    figures: Figures,
    figure: Int[Tensor, " candidates"],
    pelvis: Float[Tensor, "candidates 3"],
    generator: torch.Generator,
) -> tuple[Float[Tensor, "candidates 4 4"], Float[Tensor, " candidates"]]:
    """Object poses that bring its regions to the patches that touch them, and how odd they are.

    The turn is the planned attitude with some choice of yaw; the place then follows from the
    middles of patches and regions.
    """
    count = len(figure)
    turns, odd = _turns(task)
    picked = torch.randint(len(turns), (count,), generator=generator)
    tilt = 0.1 * torch.randn(count, 3, generator=generator)
    rotation = matrix_from_rotvec(tilt) @ turns[picked]
    bearing = [touch for touch in task.touches if _bears(touch)]
    gaps = [
        pelvis
        + figures.verts[figure][:, touch.verts].mean(dim=1)
        - (rotation @ _spots(touch, count, generator)[..., None])[..., 0]
        for touch in bearing or task.touches
    ]
    if gaps:
        origin = torch.stack(gaps).mean(dim=0)
    else:
        origin = pelvis + torch.tensor([0.0, 0.1, 0.4]) - task.item.mesh.extent / 2
    ahead = 0.35 * torch.rand(count, generator=generator).square()
    origin = origin + 0.03 * torch.randn(count, 3, generator=generator)
    origin[:, 2] += ahead
    if task.grounded:
        low = (task.item.mesh.verts @ rotation.mT)[..., 1].amin(dim=1)
        origin[:, 1] = task.item.floor - low
    return rigid(rotation, origin), odd[picked] + 0.2 * (tilt / 0.1).square().sum(dim=-1)


def _bears(touch: Touch) -> bool:
    """Whether the held thing rests on that part: a shoulder says where it is, not the hand."""
    return touch.contact.role == "support" and not touch.contact.part.endswith("_hand")


def _spots(touch: Touch, count: int, generator: torch.Generator) -> Float[Tensor, "candidates 3"]:
    """Where on the object each candidate is touched: what is borne, anywhere of its region."""
    if not _bears(touch) or touch.contact.part == "head":
        return touch.centre.expand(count, 3)
    drawn = torch.multinomial(touch.weight, count, replacement=True, generator=generator)
    return touch.points[drawn]


def _turns(task: Task) -> tuple[Float[Tensor, "turns 3 3"], Float[Tensor, " turns"]]:
    """Rotations that show the planned attitude, and what each costs beside the likeliest."""
    quarter = torch.arange(4) * (math.pi / 2)
    yaws = yaw_matrix(quarter)
    # As it stands, front away from the person; turned around; sideways.
    odd = torch.tensor([0.0, 3.0, 1.0, 3.0])
    attitude = task.attitude
    if attitude == "upside_down":
        flip = matrix_from_rotvec(torch.tensor([0.0, 0.0, math.pi]))
        return yaws @ flip, odd
    if attitude == "lying":
        tips = [[math.pi / 2, 0.0, 0.0], [-math.pi / 2, 0.0, 0.0], [0.0, 0.0, math.pi / 2]]
        tipped = matrix_from_rotvec(torch.tensor(tips))
        return (yaws[:, None] @ tipped[None]).flatten(0, 1), odd.repeat_interleave(3)
    if attitude == "pouring":
        tips = [[POURED, 0.0, 0.0], [0.0, 0.0, POURED], [0.0, 0.0, -POURED]]
        tipped = matrix_from_rotvec(torch.tensor(tips))
        return (tipped[:, None] @ yaws[None]).flatten(0, 1), torch.zeros(12)
    if attitude in AIMS:
        aim = AIMS[attitude].seen(torch.tensor([0.0, 0.0, 1.0]))
        base = rotation_between(task.pointer, aim)
        spin = matrix_from_rotvec(quarter[:, None] * aim)
        return spin @ base, torch.zeros(4)
    return yaws, odd


def rotation_between(a: Float[Tensor, "3"], b: Float[Tensor, "3"]) -> Float[Tensor, "3 3"]:
    """The smallest rotation that turns unit vector `a` to `b`."""
    axis, cosine = torch.linalg.cross(a, b), float(a @ b)
    if float(axis.norm()) < 1e-6:
        if cosine > 0:
            return torch.eye(3)
        side = torch.linalg.cross(a, torch.tensor([1.0, 0.0, 0.0]))
        if float(side.norm()) < 1e-3:
            side = torch.linalg.cross(a, torch.tensor([0.0, 1.0, 0.0]))
        return matrix_from_rotvec(math.pi * side / side.norm())
    return matrix_from_rotvec(axis / axis.norm() * math.acos(max(-1.0, min(1.0, cosine))))
