"""Exact measures of a solution: millimetres, degrees, square centimetres."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from ..artefacts import Affordance, Item, Plan, Solution
from ..body import ShapedBody, pose_body
from ..body.limits import violation
from ..body.overlap import self_depth
from ..body.parts import part_vertices
from ..geometry.mesh import Mesh, centre_of_mass, vertex_areas
from ..geometry.rotations import matrix_from_rotvec, transform
from ..task import Task, body_in_object, object_in_body, resolve
from ..task.overlap import dense_points, near_body

SOFT = ("torso", "buttocks", "hips", "thighs")
"""Trunk and thighs: flesh that gives."""
TOUCHING = 0.005
"""Skin nearer to the object than this, metres, touches it."""
MILLIMETRES = 1e3


@dataclass(frozen=True)
class Shown:
    """A solution as meshes."""

    verts: Float[Tensor, "verts 3"]
    """World frame, metres."""
    local: Float[Tensor, "verts 3"]
    """Object frame."""
    distance: Float[Tensor, " verts"]
    """Exact, signed, to the object."""


def measure(
    item: Item, body: ShapedBody, plan: Plan, affordance: Affordance, solution: Solution
) -> dict[str, float]:
    """Everything that the report says about one solution, by name with the unit at its end."""
    task = resolve(item, plan, affordance, body)
    shown = show(item, body, solution)
    hard, soft = penetration_both_ways(item, body, shown, solution.T_world_object)
    touching = vertex_areas(shown.verts, body.faces)[shown.distance < TOUCHING].sum()
    numbers = {
        "hard_penetration_mm": MILLIMETRES * hard,
        "soft_penetration_mm": MILLIMETRES * soft,
        "non_collision": float((shown.distance >= 0).float().mean()),
        "touching_cm2": 1e4 * float(touching),
        "limit_deg": float(torch.rad2deg(violation(solution.pose[None]).max())),
        "self_penetration_mm": MILLIMETRES * float(self_depth(body, shown.verts).max()),
        "lowest_mm": MILLIMETRES * (float(shown.verts[:, 1].min()) - item.floor),
        "floor_mm": MILLIMETRES * floor_error(task, shown),
        "overhang_mm": MILLIMETRES * overhang_of(task, shown),
    }
    return numbers | {
        f"gap_{name}_mm": MILLIMETRES * gap for name, gap in gaps(task, shown).items()
    }


def show(item: Item, body: ShapedBody, solution: Solution) -> Shown:
    """Pose the body and measure every vertex against the object."""
    rotations = matrix_from_rotvec(solution.pose[None])
    verts = pose_body(body, rotations, solution.trans[None]).verts[0]
    T_object_world = torch.linalg.inv(solution.T_world_object)
    local = transform(T_object_world, verts)
    return Shown(verts, local, item.surface.query(local)[0])


def soft_vertices(body: ShapedBody) -> Bool[Tensor, " verts"]:
    """Which vertices are trunk or thigh."""
    parts = part_vertices(body)
    mask = torch.zeros(len(body.verts), dtype=torch.bool)
    for name in SOFT:
        mask[parts[name]] = True
    return mask


def penetration_both_ways(
    item: Item, body: ShapedBody, shown: Shown, T_world_object: Float[Tensor, "4 4"]
) -> tuple[float, float]:
    """Deepest overlap of body and object, metres: of hard parts, and of trunk and thighs.

    The depth of body vertices in the object, and of dense object points in the body.
    """
    is_soft = soft_vertices(body)
    depth = body_in_object(item.surface, shown.local)
    margin = 0.02
    points, _ = dense_points(
        item.mesh, shown.local.amin(dim=0) - margin, shown.local.amax(dim=0) + margin
    )
    points = transform(T_world_object, points[near_body(points, shown.local)])
    inner, face = object_in_body(shown.verts, body.faces, points)
    inner_soft = is_soft[body.faces[face]].float().mean(dim=1) > 0.5

    def worst(soft: bool) -> float:
        chosen = torch.cat([depth[is_soft == soft], inner[inner_soft == soft], torch.zeros(1)])
        return float(chosen.max())

    return worst(False), worst(True)


def gaps(task: Task, shown: Shown) -> dict[str, float]:
    """Gap of each requested contact, metres.

    On the object: from any vertex of the part to the object; the same to its region, as
    `part>region`. On the floor and the own body: between the patches.
    """
    found: dict[str, float] = {}
    for touch in task.touches:
        distance = shown.distance[touch.whole].clamp(min=0.0)
        found[touch.contact.part] = float(distance.min())
        found[touch.name] = float(touch.region.nearest(shown.local[touch.whole])[1].min())
    for footing in task.footings:
        height = shown.verts[footing.verts, 1].min() - task.item.floor
        found[f"{footing.name}>floor"] = float(height.abs())
    for own in task.owns:
        between = torch.cdist(shown.verts[own.verts], shown.verts[own.onto])
        found[f"{own.contact.part}>{own.contact.region}"] = float(between.min())
    return found


def floor_error(task: Task, shown: Shown) -> float:
    """Worst of: the body below the floor, a planted part off it; metres."""
    below = (task.item.floor - shown.verts[:, 1]).max().clamp(min=0.0)
    planted = [
        float((shown.verts[f.whole, 1].min() - task.item.floor).abs()) for f in task.footings
    ]
    return max([float(below), *planted])


def overhang_of(task: Task, shown: Shown) -> float:
    """How far, metres, the centre of mass lies outside what carries it; 0 over the support.

    What carries it is every vertex within 5 mm of the floor or, fixed, of the object.
    """
    height = shown.verts[:, 1] - task.item.floor
    bearing = height < TOUCHING
    if not task.plan.movable:
        bearing = bearing | (shown.distance < TOUCHING)
    if not bool(bearing.any()):
        return 1.0
    centre = centre_of_mass(Mesh(shown.verts, task.body.faces))[[0, 2]]
    return hull_distance(centre, shown.verts[bearing][:, [0, 2]])


def hull_distance(centre: Float[Tensor, "2"], support: Float[Tensor, "points 2"]) -> float:
    """Distance from a point to the convex hull of others, metres; 0 inside.

    The largest gap over 360 directions to the hull's support function.
    """
    angle = torch.arange(360) * (torch.pi / 180)
    along = torch.stack([angle.cos(), angle.sin()], dim=-1)
    gap = along @ centre - (support @ along.T).amax(dim=0)
    return float(gap.max().clamp(min=0.0))
