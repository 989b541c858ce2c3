"""How a person stands among other things: overlap, clearance, and with what."""

from dataclasses import replace

import torch
from jaxtyping import Float
from torch import Tensor

from ..artefacts import Item, Solution
from ..body import ShapedBody, pose_body
from ..geometry.rotations import matrix_from_rotvec, transform
from ..surroundings import Surroundings
from ..task.overlap import dense_points
from ..task.scene import floor_under, scene_depth
from .shown import MILLIMETRES

COLLISION = 10.0
"""Millimetres of overlap with something else that are worth a word."""
SOLE = 0.05
"""Skin lower than this over the floor, metres, is near nothing but the floor."""
FAR = 9.999
"""Metres: nothing is near."""


def among_others(item: Item, body: ShapedBody, solution: Solution) -> Solution:
    """The solution with its numbers about the scene, and a warning where it runs into something.

    `scene_penetration_mm` is the deepest overlap of the person, either way, with anything but the
    object and the floor; `object_in_scene_mm` that of a moved object; `clearance_mm` the way to
    the nearest thing. Without a scene nothing is added.
    """
    around = item.surroundings
    if around is None:
        return solution
    rotations = matrix_from_rotvec(solution.pose[None])
    verts = pose_body(body, rotations, solution.trans[None]).verts[0]
    depth, places = scene_depth(around, verts, body.faces)
    worst = float(depth.max())
    free, nearest = _nearest(item, around, verts)
    if worst > 0:
        nearest = _name_at(around, places[depth.argmax()])
    metrics = solution.metrics | {
        "scene_penetration_mm": MILLIMETRES * worst,
        "clearance_mm": MILLIMETRES * free,
    }
    moved = _object_depth(item, around, solution)
    if moved is not None:
        metrics["object_in_scene_mm"] = MILLIMETRES * moved
    words = said(metrics, nearest, item.name)
    return replace(
        solution, metrics=metrics, obstacle=nearest, warnings=(*solution.warnings, *words)
    )


def said(metrics: dict[str, float], obstacle: str, name: str) -> tuple[str, ...]:
    """What a person should know of it before looking."""
    words: list[str] = []
    deep, moved = metrics["scene_penetration_mm"], metrics.get("object_in_scene_mm", 0.0)
    if deep > COLLISION:
        words.append(
            f"No free place was found: the person reaches {deep:.0f} mm into '{obstacle}'."
        )
    if moved > COLLISION:
        words.append(f"'{name}' reaches {moved:.0f} mm into other things where it is held.")
    return tuple(words)


def _nearest(
    item: Item, around: Surroundings, verts: Float[Tensor, "verts 3"]
) -> tuple[float, str]:
    """Distance to the nearest thing beside the person, metres, and its name."""
    raised = verts[verts[:, 1] > floor_under(item, verts) + SOLE]
    if len(raised) == 0:
        return FAR, ""
    distance, nearest, face = around.space.query(raised)
    off = nearest[:, 1] > floor_under(item, nearest) + SOLE / 5
    if not bool(off.any()):
        return FAR, ""
    row = int(torch.where(off, distance, torch.full_like(distance, FAR)).argmin())
    return max(float(distance[row]), 0.0), around.name_of(int(face[row]))


def _name_at(around: Surroundings, place: Float[Tensor, "3"]) -> str:
    return around.name_of(int(around.space.surface.nearest(place[None])[2][0]))


def _object_depth(item: Item, around: Surroundings, solution: Solution) -> float | None:
    """How deep a moved object is in the scene, metres; None for one that stayed."""
    if torch.equal(solution.T_world_object, torch.eye(4)):
        return None
    points, _ = dense_points(item.mesh, item.mesh.low, item.mesh.high, most=20_000)
    world = transform(solution.T_world_object, points)
    return max(-float(around.space.query(world)[0].min()), 0.0)
