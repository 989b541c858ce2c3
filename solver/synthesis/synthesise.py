"""The verb of the room."""

from collections.abc import Callable

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..artefacts import Affordance, Hypotheses, Item, Plan
from ..body import ShapedBody
from ..body.joints import BODY_JOINTS, JOINTS
from ..body.poses import LibraryPose, hand_shape, poses_for
from ..body.skinning import forward_kinematics
from ..geometry.rotations import matrix_from_rotvec, rotvec_from_matrix, yaw_matrix
from ..settings import Settings
from ..task import Task, resolve
from ..vocabulary import side_of
from .places import draw
from .search import Candidates, figures_of, score

BODY = len(BODY_JOINTS)
LOW = 0.25
"""Hips of someone who sits on the floor are lower than this over the lowest joint, metres."""
LIMBS = ("hand", "foot", "elbow", "forearm", "shoulder")


def synthesise(
    item: Item,
    plan: Plan,
    affordance: Affordance,
    body: ShapedBody,
    settings: Settings,
    generator: torch.Generator,
    progress: Callable[[float], None] = lambda _: None,
) -> Hypotheses:
    """Starting points for the optimisation: library poses, placed where the plan can come true.

    Args:
        item: The object.
        plan: What is to happen.
        affordance: Where on the object.
        body: The person.
        settings: How many candidates and hypotheses.
        generator: Source of all randomness.
        progress: Told the fraction done; may raise `Cancelled`.
    """
    knobs = settings.synthesis
    task = resolve(item, plan, affordance, body)
    progress(0.1)
    library = fitting(task, poses_for(plan.posture, plan.styles, _sides(plan), 3 * knobs.poses))
    library = library[: knobs.poses]
    poses = torch.stack([with_hands(p.pose, plan) for p in library])
    figures = figures_of(body, tuple(p.name for p in library), poses)
    progress(0.3)
    candidates = draw(task, figures, knobs.candidates, generator)
    # The library lists the best pose first; a worse one must earn its place.
    rank = candidates.figure.float()
    cost = score(task, figures, candidates) + rank
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
    )


def fitting(task: Task, library: list[LibraryPose]) -> list[LibraryPose]:
    """Without a seat one sits on the floor; on a seat not as on the floor, where there is a choice."""
    if task.plan.posture != "sit":
        return library
    pose = torch.stack([p.pose for p in library])
    _, joints = forward_kinematics(matrix_from_rotvec(pose), task.body.joints)
    height = joints[:, 0, 1] - joints[..., 1].amin(dim=1)
    wanted = height < LOW if task.seatless else height >= LOW
    return [p for p, fits in zip(library, wanted.tolist(), strict=True) if fits] or library


def with_hands(pose: Float[Tensor, "52 3"], plan: Plan) -> Float[Tensor, "52 3"]:
    """The pose with the plan's hand shapes: open where something will be grasped, flat on a top."""
    pose = pose.clone()
    for side in ("left", "right"):
        contact = next((c for c in plan.contacts if c.part == f"{side}_hand"), None)
        shape = plan.hands.get(side)
        if contact is not None and contact.role == "grasp":
            shape, closure = shape or "power", 0.15
        elif shape is not None:
            closure = 0.3
        elif contact is not None and _own_free(contact.region):
            shape, closure = "flat", 0.3
        else:
            continue
        joints = [j for j, name in enumerate(JOINTS) if j >= BODY and name.startswith(side)]
        pose[joints] = hand_shape(shape, closure, side)
    return pose


def _sides(plan: Plan) -> set[str]:
    """Which hands and feet the plan uses on the object."""
    used = {side_of(c.part) for c in plan.contacts if c.part.endswith(LIMBS) and _own_free(c.region)}
    return used - {"both"}


def _own_free(region: str) -> bool:
    return region != "floor" and not region.startswith("own_")


def diverse(
    candidates: Candidates, cost: Float[Tensor, " candidates"], keep: int
) -> Int[Tensor, " kept"]:
    """The cheapest ones that differ: by pose, by 3 cm or by 3 degrees, not half of them one pose."""
    order = cost.argsort().tolist()
    chosen: list[int] = []
    most = max(2, keep // 3)
    for k in order:
        if len(chosen) == keep:
            break
        same = [j for j in chosen if int(candidates.figure[j]) == int(candidates.figure[k])]
        if len(same) < most and all(_differ(candidates, j, k) for j in same):
            chosen.append(k)
    rest = [k for k in order if k not in set(chosen)]
    return torch.tensor((chosen + rest)[:keep])


def _differ(candidates: Candidates, a: int, b: int) -> bool:
    T = candidates.T_world_object
    moved = (candidates.pelvis[a] - candidates.pelvis[b]).norm() + (T[a] - T[b]).norm()
    return float(moved) > 0.03 or abs(float(candidates.yaw[a] - candidates.yaw[b])) > 0.05
