"""What the quality report says of a solution: the quick suite, and the plan's own contacts."""

import torch
from jaxtyping import Float
from torch import Tensor

from ..artefacts import Affordance, Item, Plan, Solution
from ..body import ShapedBody, pose_body
from ..geometry.rotations import matrix_from_rotvec
from ..task import Task, resolve
from ..task.scene import floor_under, foot_floor, lowest_under
from .balance import bearing, overhang
from .shown import MILLIMETRES, Shown, Solid
from .suite import quick


def measure(
    item: Item, body: ShapedBody, plan: Plan, affordance: Affordance, solution: Solution
) -> dict[str, float]:
    """Everything that the report says about one solution, by name with the unit at its end."""
    task = resolve(item, plan, affordance, body)
    shown = show(item, body, solution)
    numbers = quick(shown) | {
        "floor_mm": MILLIMETRES * floor_error(task, shown),
        "overhang_mm": MILLIMETRES * overhang(shown, bearing(shown, plan.movable)),
    }
    return numbers | {
        f"gap_{name}_mm": MILLIMETRES * gap for name, gap in gaps(task, shown).items()
    }


def show(item: Item, body: ShapedBody, solution: Solution) -> Shown:
    """Pose the body beside the object, world frame."""
    verts = pose_body(body, matrix_from_rotvec(solution.pose[None]), solution.trans[None]).verts[0]
    solid = Solid(item.surface, solution.T_world_object)
    under = None if item.surroundings is None else torch.as_tensor(floor_under(item, verts))
    return Shown(verts, body.faces, solid, item.floor, body, solution.pose, under=under)


def gaps(task: Task, shown: Shown) -> dict[str, float]:
    """Gap of each requested contact, metres.

    On the object: from any vertex of the part to the object; the same to its region, as
    `part>region`. On the floor and the own body: between the patches.
    """
    found: dict[str, float] = {}
    for touch in task.touches:
        distance = shown.distance[touch.whole].clamp(min=0.0)
        found[touch.contact.part] = float(distance.min())
        local = shown.solid.local(shown.verts[touch.whole])
        found[touch.name] = float(touch.region.nearest(local)[1].min())
    for footing in task.footings:
        height = off_floor(task.item, shown.verts[footing.verts])
        found[f"{footing.name}>floor"] = float(height.abs())
    for own in task.owns:
        between = torch.cdist(shown.verts[own.verts], shown.verts[own.onto])
        found[f"{own.contact.part}>{own.contact.region}"] = float(between.min())
    return found


def floor_error(task: Task, shown: Shown) -> float:
    """Worst of: the body below the floor, a planted part off it; metres."""
    below = (lowest_under(task.item, shown.verts) - shown.verts[:, 1]).max().clamp(min=0.0)
    planted = [float(off_floor(task.item, shown.verts[f.whole]).abs()) for f in task.footings]
    return max([float(below), *planted])


def off_floor(item: Item, sole: Float[Tensor, "points 3"]) -> Float[Tensor, ""]:
    """How far, metres, the lowest point of a foot is above what is under it."""
    return (sole[:, 1] - foot_floor(item, sole)).min()
