"""Where a person may be and which way they may face: random placements that obey the plan."""

import math

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..artefacts import Contact
from ..geometry.rotations import yaw_matrix
from ..task import Task, Touch
from ..wishes import side_toward
from .held import object_places
from .search import Candidates, Figures, flanked

UPRIGHT = ("stand", "lean", "bend", "walk", "squat", "kneel")
"""Postures whose height comes from the floor."""
FEET = ("feet", "left_foot", "right_foot")
AROUND = ("front", "behind", "left", "right", "beside")
SIDEWAYS: dict[str, float] = {"left": math.pi / 2, "right": -math.pi / 2}
"""Yaw of somebody who looks to the object's own left or right."""
SIDES = SIDEWAYS | {"front": 0.0, "back": math.pi}
"""Directions, seen from the object, in which the person stands: yaw of +Z turned toward +X."""
LAIN = 0.5
"""Least distance from the hips of someone who lies to what the hands reach, metres."""
ASLANT = 0.2
"""Who lies less far across a bed, radians, lies along it."""
BETWEEN = 0.06
"""How far, metres, whoever has both hands at the object is from straight before their middle."""
NARROW = 0.6
"""Regions narrower than this, metres, are sat on in the middle."""


def draw(task: Task, figures: Figures, count: int, generator: torch.Generator) -> Candidates:
    """Placements to score."""
    figure = torch.randint(len(figures.pose), (count,), generator=generator)
    figure[: len(figures.pose)] = torch.arange(len(figures.pose))[:count]
    if task.plan.movable:
        yaw, pelvis = torch.zeros(count), torch.zeros(count, 3)
        pelvis[:, 1] = task.item.floor - figures.verts[figure][..., 1].amin(dim=1)
        T, oddness = object_places(task, figures, figure, pelvis, generator)
        return Candidates(figure, yaw, pelvis, T, oddness)
    bearing = _bearing(task)
    if bearing:
        yaw, pelvis, oddness = _upon(task, figures, figure, bearing, generator)
    elif task.anchor is not None:
        yaw, pelvis, oddness = _on(task, figures, figure, task.anchor, generator)
    elif task.plan.posture in ("climb", "hang"):
        yaw, pelvis, oddness = _climbing(task, figures, figure, generator)
    else:
        yaw, pelvis, oddness = _around(task, figures, figure, generator)
    if not bearing and from_floor(task):
        pelvis[:, 1] = stood_on(task) - figures.verts[figure][..., 1].amin(dim=1)
    at_rest = torch.eye(4).expand(count, 4, 4)
    return Candidates(figure, yaw, pelvis, at_rest, oddness)


def from_floor(task: Task) -> bool:
    """Whether the floor, not the object, says how high the person is."""
    carried = task.anchor is not None or task.plan.posture in ("climb", "hang")
    return not carried or task.plan.posture in UPRIGHT


def stood_on(task: Task) -> float:
    """Height of what the feet are on: the object where both go there, else the floor."""
    feet = {t.contact.part: float(t.centre[1]) for t in task.touches if t.contact.part in FEET}
    both = "feet" in feet or len(feet) == 2
    return min(feet.values()) if both else task.item.floor


def _on(
    task: Task,
    figures: Figures,
    figure: Int[Tensor, " candidates"],
    anchor: Touch,
    generator: torch.Generator,
) -> tuple[Tensor, Tensor, Tensor]:
    """The anchor's patch on its region: in the middle of a seat, anywhere along a sofa."""
    count = len(figure)
    spot = _spots(anchor, count, generator)
    yaw, odd = _facing(task, spot, generator)
    across = torch.stack([yaw.cos(), torch.zeros(count), -yaw.sin()], dim=-1)
    ahead = torch.stack([yaw.sin(), torch.zeros(count), yaw.cos()], dim=-1)
    # A little to the side where the seat is narrow, farther to the front and back.
    off = torch.randn(count, 2, generator=generator)
    spot = spot + 0.015 * off[:, :1] * across + 0.06 * off[:, 1:] * ahead
    patch = figures.verts[figure][:, anchor.verts] @ yaw_matrix(yaw).mT
    lowest = patch[..., 1].amin(dim=1)
    middle = patch.mean(dim=1)
    low_spot = torch.stack([middle[:, 0], lowest, middle[:, 2]], dim=-1)
    return yaw, spot - low_spot, odd + 0.5 * off.square().sum(dim=-1)


def _spots(anchor: Touch, count: int, generator: torch.Generator) -> Float[Tensor, "count 3"]:
    """Half of them the middle of the region where it is narrow, else its points by their weight."""
    drawn = torch.multinomial(anchor.weight, count, replacement=True, generator=generator)
    spots = anchor.points[drawn].clone()
    flat = anchor.points[:, [0, 2]]
    width = (flat.quantile(0.95, dim=0) - flat.quantile(0.05, dim=0)).max()
    if float(width) < NARROW:
        spots[:, [0, 2]] = anchor.centre[[0, 2]]
    return spots


def _facing(
    task: Task, spot: Float[Tensor, "candidates 3"], generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Yaw of someone on the object, and how odd it is."""
    count = len(spot)
    jitter = torch.randn(count, generator=generator)
    wide = 0.03 if task.plan.facing == "front" else 0.12
    if task.plan.posture == "lie" or task.plan.facing == "along":
        base = _along(task, count, generator)
    elif task.plan.facing in SIDEWAYS:
        base = torch.full((count,), SIDEWAYS[task.plan.facing])
    elif task.plan.facing == "away":
        middle = (task.item.mesh.low + task.item.mesh.high) / 2
        out = spot - middle
        quarter = math.pi / 2
        base = (torch.atan2(out[:, 0], out[:, 2]) / quarter).round() * quarter
        base = torch.where(
            torch.rand(count, generator=generator) < 0.5,
            base, torch.randint(4, (count,), generator=generator) * quarter,
        )  # fmt: skip
    elif task.item.front_confidence < 0.2 and not _backed(task):
        base = torch.randint(8, (count,), generator=generator) * (math.pi / 4)
        # Half of them where the thighs were given a place.
        base = torch.where(
            torch.rand(count, generator=generator) < 0.5, base, torch.full((count,), _ahead(task))
        )
    else:
        base = torch.full((count,), math.pi if task.plan.facing == "object" else _ahead(task))
    return base + wide * jitter, 0.5 * jitter.square()


def _ahead(task: Task) -> float:
    """Yaw of somebody whose thighs lie where they should: ahead of the buttocks."""
    centres = {t.contact.part: t.centre for t in task.touches}
    sides = [centres[part] for part in ("left_thigh", "right_thigh") if part in centres]
    if "buttocks" not in centres or len(sides) < 2:
        return 0.0
    ahead = torch.stack(sides).mean(dim=0) - centres["buttocks"]
    yaw = math.atan2(float(ahead[0]), float(ahead[2]))
    near = float(ahead[[0, 2]].norm()) < 0.08
    return 0.0 if near else round(yaw / (math.pi / 2)) * math.pi / 2


def _backed(task: Task) -> bool:
    """Whether the object has a front for who is on it, however alike its sides look."""
    sided = ("backrest", "armrest", "handlebar", "rung")
    return any(t.contact.region in sided for t in task.touches)


def _along(task: Task, count: int, generator: torch.Generator) -> Float[Tensor, " candidates"]:
    """Lying: head toward what the head lies on, else along the longer side, either way."""
    heads = [t for t in task.touches if t.contact.part in ("head", "face", "nape")]
    anchor = task.anchor
    if heads and anchor is not None:
        lying = heads[0].centre - (task.item.mesh.low + task.item.mesh.high) / 2
        if float(lying[[0, 2]].norm()) > 0.15:
            # The feet point where the head does not; to the nearest quarter.
            yaw = math.atan2(-float(lying[0]), -float(lying[2]))
            yaw = round(yaw / (math.pi / 2)) * math.pi / 2
            return torch.full((count,), yaw + _across(task, heads[0], yaw))
    extent = task.item.mesh.extent
    base = 0.0 if float(extent[2]) >= float(extent[0]) else math.pi / 2
    flip = torch.randint(2, (count,), generator=generator) * math.pi
    return base + flip


def _across(task: Task, head: Touch, yaw: float) -> float:
    """By how much the shins say that one lies across a bed, radians; little is nothing."""
    shins = [t.centre for t in task.touches if t.contact.part.endswith("_shin")]
    if len(shins) < 2:
        return 0.0
    way = torch.stack(shins).mean(dim=0) - head.centre
    across = math.remainder(math.atan2(float(way[0]), float(way[2])) - yaw, 2 * math.pi)
    return across if ASLANT < abs(across) < math.pi / 4 else 0.0


def _around(
    task: Task, figures: Figures, figure: Int[Tensor, " candidates"], generator: torch.Generator
) -> tuple[Tensor, Tensor, Tensor]:
    """On the floor beside the object, on the planned side, within reach of what is touched."""
    count = len(figure)
    middle = _aim(task)
    side, lying = _sides(task, count, generator), task.plan.posture == "lie"
    near = 0.1 if any(_trunk(t.contact) for t in task.touches) else 0.25
    away = (LAIN if lying else near) + 0.75 * torch.rand(count, generator=generator)
    out = torch.stack([side.sin(), torch.zeros(count), side.cos()], dim=-1)
    across = torch.stack([side.cos(), torch.zeros(count), -side.sin()], dim=-1)
    square = _square(task)
    wide = 0.03 if square else BETWEEN if _two_handed(task) else 0.2
    aside = wide * torch.randn(count, 1, generator=generator)
    pelvis = middle + out * away[:, None] + across * aside
    if task.plan.relation in ("inside", "under", "on_top"):
        pelvis = middle + 0.15 * torch.randn(count, 3, generator=generator)
    toward = -out if flanked(task) else middle - pelvis
    # Who lies reaches over the head: lying poses have it toward -Z.
    yaw = torch.atan2(toward[:, 0], toward[:, 2]) + lying * math.pi
    yaw = {
        "object": yaw, "away": yaw + math.pi, "front": torch.zeros(count),
        "along": torch.zeros(count),
        **{side: torch.full((count,), turn) for side, turn in SIDEWAYS.items()},
    }[task.plan.facing]  # fmt: skip
    spread = _spread(task)
    jitter = torch.randn(count, generator=generator)
    odd = 0.5 * jitter.square() + 0.5 * (aside[:, 0] / wide).square()
    return yaw + spread * jitter, pelvis, odd


def _two_handed(task: Task) -> bool:
    """Whether both hands alone are at what one faces: one stands between them."""
    parts = sorted(t.contact.part for t in task.touches if t.contact.part not in FEET)
    return parts == ["left_hand", "right_hand"] and task.plan.facing == "object"


def _spread(task: Task) -> float:
    """How far, radians, they may be turned from where the pose has them face."""
    if flanked(task):
        return 0.08  # Which side leads is the pose's.
    turned = any(_trunk(t.contact) for t in task.touches)
    return 0.6 if turned else 0.05 if _square(task) else 0.15


def _trunk(contact: Contact) -> bool:
    """Touched with the shoulder, chest, hip: the person is close and may be turned."""
    return contact.part.endswith(("shoulder", "chest", "belly", "hip", "back", "upper_arm"))


def _aim(task: Task) -> Float[Tensor, "3"]:
    """The middle of what is touched, or of the object."""
    if task.touches:
        return torch.stack([t.centre for t in task.touches]).mean(dim=0)
    return (task.item.mesh.low + task.item.mesh.high) / 2


def _sides(task: Task, count: int, generator: torch.Generator) -> Float[Tensor, " candidates"]:
    """Direction from the object to the person."""
    plan, side = task.plan, side_toward(task.plan)
    choices = [SIDES[side]] if side != "any" else list(SIDEWAYS.values())
    turned = task.item.front_confidence < 0.1 and not task.touches  # No region chose a side.
    if plan.relation not in AROUND or turned:
        return 2 * math.pi * torch.rand(count, generator=generator)
    picked = torch.randint(len(choices), (count,), generator=generator)
    wide = 0.05 if _square(task) else 0.08 if _two_handed(task) else 0.25
    return torch.tensor(choices)[picked] + wide * torch.randn(count, generator=generator)


def _square(task: Task) -> bool:
    """Keys and screens are used from straight before them."""
    return any(t.contact.region in ("keys", "screen") for t in task.touches)


def _bearing(task: Task) -> list[Touch]:
    """Feet or knees that stand on the object: they say where the person is, and how high."""
    if task.plan.posture not in UPRIGHT or task.plan.relation not in ("on_top", "inside"):
        return []
    limbs = ("foot", "feet", "knee", "knees")
    touches = [t for t in task.touches if t.contact.part.endswith(limbs)]
    # On a ladder each foot has a rung of its own.
    return [t for t in touches if t.contact.role == "support" and t.contact.region != "rung"]


def _upon(
    task: Task,
    figures: Figures,
    figure: Int[Tensor, " candidates"],
    bearing: list[Touch],
    generator: torch.Generator,
) -> tuple[Tensor, Tensor, Tensor]:
    """Standing or kneeling on the object: what bears, in the middle of where it belongs."""
    count = len(figure)
    middle = torch.stack([t.centre for t in bearing]).mean(dim=0)
    yaw, odd = _facing(task, middle.expand(count, 3), generator)
    patches = torch.cat([figures.verts[:, t.verts] for t in bearing], dim=1)[figure]
    patches = patches @ yaw_matrix(yaw).mT
    lowest = patches[..., 1].amin(dim=1)
    under = torch.stack([patches[..., 0].mean(dim=1), lowest, patches[..., 2].mean(dim=1)], dim=-1)
    off = torch.randn(count, 3, generator=generator) * torch.tensor([0.06, 0.01, 0.06])
    return yaw, middle - under + off, odd + 0.1 * (off / 0.06).square().sum(dim=-1)


def _climbing(
    task: Task, figures: Figures, figure: Int[Tensor, " candidates"], generator: torch.Generator
) -> tuple[Tensor, Tensor, Tensor]:
    """Hands and feet about where their targets are."""
    count = len(figure)
    base = {"object": math.pi, **SIDEWAYS}.get(task.plan.facing, 0.0)
    jitter = torch.randn(count, generator=generator)
    yaw = base + 0.06 * jitter
    turn = yaw_matrix(yaw).mT
    shifts = [
        t.centre - (figures.verts[figure][:, t.verts].mean(dim=1, keepdim=True) @ turn)[:, 0]
        for t in task.touches
    ]
    pelvis = torch.stack(shifts).mean(dim=0) if shifts else torch.zeros(count, 3)
    return yaw, pelvis + 0.12 * torch.randn(count, 3, generator=generator), 0.5 * jitter.square()
