"""Hands that take hold: one may carry the object, the others go to where their grasp wants them."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..body import ShapedBody, pose_body
from ..body.joints import INDEX
from ..geometry.mesh import Mesh
from ..geometry.rotations import matrix_from_rotvec, rigid, transform
from ..settings import OptimisationSettings
from ..statics import hold_closure
from ..task import Task, object_in_body
from ..task.overlap import dense_points, signed_distance
from ..vocabulary import HandShape
from .chance import Chance
from .grasp import Grasp, hold
from .grasp.hand import at_wrist, finger_joints
from .losses.contact import huber
from .variables import State

TURN = 0.17
"""Sigma of a wrist's turn away from its grasp, radians (10 degrees)."""
HARMLESS = 0.005
"""Grasps that overlap more than this, metres, are left out where there are better ones."""
WORSE, HARM = 0.004, 0.002
"""A hand that must come to the object needs choice: its grasps may be so much deeper, metres, than
the best; each `HARM` beyond what is harmless weighs as a finger: the polish mends only some."""
REMAINS, STAYS = 0.0025, 0.0005
"""What is harmless in grasps that are exact already, and each step beyond it that weighs as a
finger, metres: no polish mends what they still overlap."""
BETTER = 1.0
"""How much better than what is harmless, in fingers, a grasp must hold to be mended."""
EASE = 0.6
"""What a finger less costs a hand, in the units of an arm's effort."""
SPAN = 0.24
"""No part of a hand is farther from its wrist, metres."""
CLOSE_ENOUGH = (0.03, 0.5)
"""Within these, metres and radians, of its goal a hand closes as its grasp says."""


STEADY = 4.0
"""What a grasp that does not hold at all loses, in fingers that touch."""


Mend = Callable[[Task, list[Grasp]], list[Grasp]]
"""The same grasps with nothing pierced."""


@dataclass(frozen=True)
class Options:
    """Grasps of one hand on one grip, best first."""

    side: str
    shape: HandShape
    T_wrist_object: Float[Tensor, "grasps 4 4"]
    fingers: Float[Tensor, "grasps 15 3"]
    worse: Float[Tensor, " grasps"]
    """How much less each scores than the best."""

    @property
    def joint(self) -> int:
        """The wrist."""
        return INDEX[f"{self.side}_wrist"]


@dataclass(frozen=True)
class Taking:
    """Who holds what how."""

    carrier: Options | None
    """The hand on which the object rides."""
    goals: tuple[Options, ...]
    """Hands that grasp something that does not ride on them."""

    @property
    def sides(self) -> set[str]:
        """The hands that are busy."""
        first = {self.carrier.side} if self.carrier else set[str]()
        return first | {goal.side for goal in self.goals}


def taking_of(
    task: Task, chance: Chance, settings: OptimisationSettings, mend: Mend | None = None
) -> Taking:
    """Find the grasps of every hand that the plan closes around something.

    Args:
        task: The job.
        chance: Randomness.
        settings: Whether grasps are searched for at all, and by what they are chosen.
        mend: Makes those of the carrying hand exact that hold best but pierce.
    """
    if settings.object_moves:
        return Taking(None, ())
    steady = settings.steady and task.plan.movable
    found: list[Options | None] = []
    for k, grip in enumerate(task.main_grips):
        # The carrier's grasp turns the object, so it needs the most choice.
        carries = task.plan.movable and k == 0
        times = chance.knobs.grasp_searches if carries else 1
        grasps: list[Grasp] = []
        for _ in range(times):
            chance.tick()
            leads = carries or not task.plan.movable
            grasps += hold(task.item, task.plan, grip, task.body, chance, leads=leads)
        grasps = _mended(task, grasps, mend) if carries and mend else grasps
        found.append(options_of(task, grasps, carries=carries, steady=steady))
    options = [each for each in found if each is not None]
    if not task.plan.movable or not options:
        return Taking(None, tuple(options))
    return Taking(options[0], tuple(options[1:]))


def _mended(task: Task, grasps: list[Grasp], mend: Mend) -> list[Grasp]:
    """The grasps, those made exact that hold best but pierce: around what is thin few steps do."""
    depths = _overlaps(task, grasps) if grasps else []
    deep = worth_mending([grasp.score for grasp in grasps], depths)
    chosen = [grasp for grasp, wanted in zip(grasps, deep, strict=True) if wanted]
    rest = [grasp for grasp, wanted in zip(grasps, deep, strict=True) if not wanted]
    return rest + (mend(task, chosen) if chosen else [])


def worth_mending(scores: list[float], depths: list[float]) -> list[bool]:
    """Which grasps pierce, deeper than is harmless, but hold much better than all that do not."""
    good = [score for score, depth in zip(scores, depths, strict=True) if depth <= HARMLESS]
    least = max(good, default=-math.inf) + BETTER
    return [depth > HARMLESS and score > least for score, depth in zip(scores, depths, strict=True)]


def wrist_miss(
    goal: Options, state: State, choice: Int[Tensor, " batch"]
) -> tuple[Float[Tensor, " batch"], Float[Tensor, " batch"]]:
    """Distance, metres, and turn, radians, of each wrist from its chosen grasp."""
    wanted = torch.linalg.inv(goal.T_wrist_object)[choice]
    return _apart(wrist_in_object(goal.joint, state), wanted)


def _apart(
    a: Float[Tensor, "*#batch 4 4"], b: Float[Tensor, "*#batch 4 4"]
) -> tuple[Tensor, Tensor]:
    away = (a[..., :3, 3] - b[..., :3, 3]).square().sum(dim=-1)
    turn = (a[..., :3, :3] - b[..., :3, :3]).square().sum(dim=(-1, -2)) / 2
    return (away + 1e-10).sqrt(), (turn + 1e-10).sqrt()


def choose(goal: Options, state: State) -> Int[Tensor, " batch"]:
    """The grasp that each hand is nearest to, without gradient."""
    with torch.no_grad():
        seen = wrist_in_object(goal.joint, state)[:, None]
        missed = _apart(seen, torch.linalg.inv(goal.T_wrist_object))
        return (miss_cost(*missed) + goal.worse).argmin(dim=-1)


def goal_cost(
    goals: tuple[Options, ...], state: State, choices: tuple[Int[Tensor, " batch"], ...]
) -> Float[Tensor, " batch"]:
    """How far the wrists are from their grasps."""
    total = state.local.new_zeros(len(state.local))
    for goal, choice in zip(goals, choices, strict=True):
        total = total + miss_cost(*wrist_miss(goal, state, choice))
    return total


def miss_cost(
    away: Float[Tensor, "*batch"], turn: Float[Tensor, "*batch"]
) -> Float[Tensor, "*batch"]:
    """What a wrist costs that is `away`, metres, and `turn`, radians, from its grasp."""
    bent = torch.where(turn < 0.6, turn.square(), 1.2 * turn - 0.36)
    return 2 * huber(away) + bent / TURN**2


def wrist_in_object(joint: int, state: State) -> Float[Tensor, "batch 4 4"]:
    """The frame of a wrist joint, seen from the object."""
    T_world_wrist = rigid(state.posed.rotations[:, joint], state.posed.joints[:, joint])
    rotation = state.T_world_object[:, :3, :3].mT
    origin = -(rotation @ state.T_world_object[:, :3, 3:])[..., 0]
    return rigid(rotation, origin) @ T_world_wrist


def _closed(task: Task, grasp: Grasp) -> Float[Tensor, "verts 3"]:
    """The body, else in its T-pose, with the hand closed, seen from that hand's wrist."""
    pose, trans = at_wrist(task.body, grasp.side, grasp.shape)
    pose[finger_joints(grasp.side)] = grasp.pose
    return pose_body(task.body, matrix_from_rotvec(pose[None]), trans[None]).verts[0]


def _loose(task: Task, grasp: Grasp) -> float:
    """How much of the object's weight the hand alone cannot hold, over all directions."""
    verts = transform(torch.linalg.inv(grasp.T_wrist_object), _closed(task, grasp))
    hand, faces = task.hands[grasp.side], task.body.faces
    place = torch.full((len(verts),), -1)
    place[hand] = torch.arange(len(hand))
    faces = place[faces]
    skin = Mesh(verts[hand], faces[(faces >= 0).all(dim=-1)])
    return hold_closure(task.item.surface, task.heart, skin)


def _overlaps(task: Task, grasps: list[Grasp]) -> list[float]:
    points = _around(task, grasps)
    return [_overlap(task, grasp, points) for grasp in grasps]


def _overlap(task: Task, grasp: Grasp, points: Float[Tensor, "points 3"]) -> float:
    """How deep, metres, the closed hand and the object are in each other, exactly.

    Args:
        task: The job.
        grasp: The closed hand.
        points: Dense samples of the object around it, object frame.
    """
    verts = _closed(task, grasp)
    hand, faces = task.hands[grasp.side], hand_faces(task.body, grasp.side)
    inner, _ = object_in_body(verts, faces, transform(grasp.T_wrist_object, points))
    local = transform(torch.linalg.inv(grasp.T_wrist_object), verts[hand])
    depth = -signed_distance(task.item.surface, task.item.grid, local)
    return max(0.0, float(torch.cat([inner, depth]).max()))


def _around(task: Task, grasps: list[Grasp]) -> Float[Tensor, "points 3"]:
    """Dense samples of the object wherever the wrists may hold it, object frame."""
    wrists = torch.stack([torch.linalg.inv(g.T_wrist_object)[:3, 3] for g in grasps])
    low, high = wrists.amin(dim=0) - SPAN, wrists.amax(dim=0) + SPAN
    points, _ = dense_points(task.item.mesh, low, high, spacing=0.003, most=40_000)
    return points[((points[:, None] - wrists).norm(dim=-1) < SPAN).any(dim=1)]


@lru_cache(maxsize=8)
def hand_faces(body: ShapedBody, side: str) -> Int[Tensor, "faces 3"]:
    """The hand with its wrist and the forearm's end: a closed surface but for the cut."""
    joints = [INDEX[f"{side}_wrist"], INDEX[f"{side}_elbow"], *finger_joints(side)]
    mine = torch.isin(body.model.weights.argmax(dim=1), torch.tensor(joints))
    return body.faces[mine[body.faces].all(dim=1)]


def options_of(
    task: Task,
    grasps: list[Grasp],
    *,
    carries: bool = False,
    steady: bool = False,
    exact: bool = False,
) -> Options | None:
    """The grasps of one hand that pierce neither hand nor object more than need be.

    Args:
        task: The job.
        grasps: Of one hand.
        carries: The object comes to that hand, so any grasp will do, and only good ones are kept.
        steady: What holds the object's weight is preferred.
        exact: Their depths are of all of the hand; else they are measured.
    """
    if not grasps:
        return None
    depths = [grasp.depth for grasp in grasps] if exact else _overlaps(task, grasps)
    limit = max(HARMLESS, min(depths) + (0.001 if carries else WORSE))
    kept = [(g, depth) for g, depth in zip(grasps, depths, strict=True) if depth <= limit]
    grasps = [g for g, _ in kept]
    free, harm = (REMAINS, STAYS) if exact else (HARMLESS, HARM)
    score = torch.tensor([g.score - max(depth - free, 0.0) / harm for g, depth in kept])
    if steady:
        score = score - STEADY * torch.tensor([_loose(task, g) for g in grasps])
    return Options(
        side=grasps[0].side,
        shape=grasps[0].shape,
        T_wrist_object=torch.stack([g.T_wrist_object for g in grasps]),
        fingers=torch.stack([g.pose for g in grasps]),
        worse=EASE * (score.max() - score),
    )
