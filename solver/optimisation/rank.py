"""Which results are best, and which are the same."""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..artefacts import Solution
from ..body import ShapedBody, pose_body
from ..geometry.rotations import matrix_from_rotvec, transform
from ..task import Task, object_in_body
from ..task.overlap import dense_points, near_body, signed_distance
from ..task.patches import even_sample
from ..task.scene import scene_depth
from .descent import Terms
from .variables import Start

FINE, COARSE = 0.005, 0.01
"""Metres between the points of the object that are asked: of a result, and of what is compared."""
ALIKE = 0.06
"""Mean distance of the joints, metres, below which two results look the same."""


def distinct(
    body: ShapedBody, start: Start, energy: Float[Tensor, " batch"], keep: int
) -> Int[Tensor, " kept"]:
    """The rows of least energy that do not look alike; filled up by the next best."""
    rows = even_sample(body, 60)
    posed = pose_body(body, matrix_from_rotvec(start.pose), start.trans, rows)
    order = energy.argsort().tolist()
    chosen: list[int] = []
    for k in order:
        gaps = [(posed.verts[k] - posed.verts[j]).norm(dim=-1).mean() for j in chosen]
        if len(chosen) < keep and all(float(gap) > ALIKE / 2 for gap in gaps):
            chosen.append(k)
    rest = [k for k in order if k not in set(chosen)]
    return torch.tensor((chosen + rest)[:keep])


def judge(task: Task, start: Start, terms: Terms) -> list[Solution]:
    """Measure the finalists exactly and sort them, the best first."""
    solutions = [_solution(task, start, terms, k) for k in range(len(start.pose))]
    return sorted(solutions, key=lambda s: s.metrics["badness"])


def ranking(task: Task, start: Start, terms: Terms) -> Int[Tensor, " rows"]:
    """The rows in the order of `judge`."""
    if len(start.pose) == 1:
        return torch.zeros(1, dtype=torch.long)  # Measuring takes as long as ten steps.
    found = [_solution(task, start, terms, k, COARSE) for k in range(len(start.pose))]
    badness = [each.metrics["badness"] for each in found]
    return torch.tensor(badness).argsort(stable=True)


def _solution(task: Task, start: Start, terms: Terms, k: int, spacing: float = FINE) -> Solution:
    posed = pose_body(task.body, matrix_from_rotvec(start.pose[k : k + 1]), start.trans[k : k + 1])
    verts = posed.verts[0]
    T = start.T_world_object[k]
    local = (verts - T[:3, 3]) @ T[:3, :3]
    sdf = signed_distance(task.item.surface, task.item.grid, local)
    sunk = (-sdf).clamp(min=0.0)
    low, high = local.amin(dim=0), local.amax(dim=0)
    points, _ = dense_points(task.item.mesh, low, high, spacing=spacing)
    points = points[near_body(points, local)]
    depth, face = object_in_body(verts, task.body.faces, transform(T[None], points[None])[0])
    give = task.give
    hard = torch.cat([sunk - give, depth - give[task.body.faces[face][:, 0]]]).clamp(min=0.0)
    if (around := task.item.surroundings) is not None:
        hard = torch.cat([hard, scene_depth(around, verts, task.body.faces)[0]])
    gaps = [float(sdf[touch.verts].abs().amin()) for touch in task.touches]
    energy = {name: float(value[k]) for name, value in terms.items()}
    total = sum(energy.values()) - energy["penetration"] - energy["inclusion"]
    metrics = {
        "body_in_object": float(sunk.max()),
        "object_in_body": float(depth.max()) if len(depth) else 0.0,
        "worst_gap": max(gaps, default=0.0),
        "badness": float(hard.max()) / 0.01
        + sum(min(gap / 0.01, 10.0) for gap in gaps)
        + 0.1 * min(total + float(start.oddness[k]), 300.0),
    }
    return Solution(
        pose=start.pose[k],
        trans=start.trans[k],
        betas=task.body.betas,
        T_world_object=T,
        name=start.names[k],
        terms=energy,
        metrics=metrics,
    )
