"""The verb of the room."""

from collections.abc import Callable

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..artefacts import Affordance, Hypotheses, Item, Plan
from ..body import ShapedBody
from ..geometry.rotations import matrix_from_rotvec, rotvec_from_matrix, yaw_matrix
from ..settings import Settings
from ..task import resolve
from .choice import choose_poses
from .places import draw
from .room import crowding, elsewhere
from .search import Candidates, figures_of, score


def synthesise(
    item: Item,
    plan: Plan,
    affordance: Affordance,
    body: ShapedBody,
    settings: Settings,
    progress: Callable[[float], None] = lambda _: None,
) -> Hypotheses:
    """Starting points for the optimisation: library poses, placed where the plan can come true.

    Args:
        item: The object.
        plan: What is to happen.
        affordance: Where on the object.
        body: The person.
        settings: How many candidates and hypotheses, and the seed.
        progress: Told the fraction done; may raise `Cancelled`.
    """
    knobs = settings.synthesis
    task = resolve(item, plan, affordance, body, settings.neighbours)
    progress(0.1)
    choice = choose_poses(task, knobs.poses)
    figures = figures_of(body, choice.names, choice.pose)
    progress(0.3)
    generator = torch.Generator().manual_seed(settings.seed)
    candidates = draw(task, figures, knobs.candidates, generator)
    candidates = elsewhere(task, figures, candidates, generator)
    odd = choice.oddness[candidates.figure]
    cost = score(task, figures, candidates) + crowding(task, figures, candidates) + odd
    progress(0.8)
    best = diverse(candidates, cost, knobs.keep)
    figure, yaw = candidates.figure[best], candidates.yaw[best]
    pose = figures.pose[figure].clone()
    root = yaw_matrix(yaw) @ matrix_from_rotvec(pose[:, 0])
    pose[:, 0] = rotvec_from_matrix(root)
    return Hypotheses(
        pose=pose,
        trans=candidates.pelvis[best] - body.joints[0],
        betas=body.betas,
        T_world_object=candidates.T_world_object[best].clone(),
        names=tuple(figures.names[int(k)] for k in figure),
        oddness=odd[best],
    )


def diverse(
    candidates: Candidates, cost: Float[Tensor, " candidates"], keep: int
) -> Int[Tensor, " kept"]:
    """The cheapest ones that differ: by pose, 3 cm or 3 degrees; at most a third are one pose."""
    order = cost.argsort().tolist()
    # The pose that fits the plan best gets its chance, wherever it collides at first.
    chosen = [k for k in order if int(candidates.figure[k]) == 0][:2]
    most = max(2, keep // 3)
    for k in order:
        if len(chosen) == keep:
            break
        if k in chosen:
            continue
        same = [j for j in chosen if int(candidates.figure[j]) == int(candidates.figure[k])]
        if len(same) < most and all(_differ(candidates, j, k) for j in same):
            chosen.append(k)
    rest = [k for k in order if k not in set(chosen)]
    return torch.tensor((chosen + rest)[:keep])


def _differ(candidates: Candidates, a: int, b: int) -> bool:
    T = candidates.T_world_object
    moved = (candidates.pelvis[a] - candidates.pelvis[b]).norm() + (T[a] - T[b]).norm()
    return float(moved) > 0.03 or abs(float(candidates.yaw[a] - candidates.yaw[b])) > 0.05
