"""Closed hands made exact: Eq. 8 restricted to θ_h and to where the object lies in the hand.

The search closes fingers on sampled skin and a grid; here every vertex of hand and forearm and
dense points of the object are asked, both ways, and fingers and object give a little until neither
is in the other and the fingers that closed still touch.
"""

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ...body import ShapedBody, pose_by_angles
from ...body.joints import INDEX
from ...body.limits import violation
from ...geometry.rotations import matrix_from_rotvec, rigid
from ...settings import Phase, Weights
from ...task import Task, object_in_body
from ...task.overlap import dense_points, signed_distance
from ...task.patches import named_verts
from ...vocabulary import HandShape
from ..descent import Terms, descend
from ..exact import Crowd, Exact, ask, crowd_of, exact_inclusion, exact_sdf
from ..losses.penetration import deepest, penetration
from ..losses.prior import limits, nearness
from ..variables import State
from .closing import TOUCH
from .hand import FINGERS, at_wrist, finger_joints
from .search import Grasp

SPACING = 0.002
"""Metres between the object's points that are asked whether they are in the hand."""
MOST = 12_000
AROUND = 0.012
"""Points farther than this, metres, from the box around all hands are left out."""
GIVE = 0.0005
"""Depth that costs nothing, metres."""
NEAR = 0.012
"""A finger nearer than this, metres, to the object is to touch it."""
KNEE = 4.0
"""Millimetres off the object from which a finger is drawn no harder."""
AROUND_IT, PALM_NEAR = ("power", "cradle", "bear"), 0.025
"""Shapes whose palm lies on what they hold, where it is nearer than this, metres."""
PADS = 6
"""Vertices of a finger, or of the palm, that are to touch."""
FINGER, TURN, SHIFT = math.radians(14), math.radians(8), 0.010
"""How far, one sigma, fingers turn, and the object turns and moves in the hand, radians, metres."""
PENETRATION, TOUCHING = 8.0, 0.15
REFRESH = 8
PHASE = Phase(
    steps=40,
    rate=0.01,
    first=Weights(penetration=PENETRATION, contact=TOUCHING),
    last=Weights(penetration=4 * PENETRATION, contact=TOUCHING),
)

BRIEF = 24
"""Steps that bring a hand to within a millimetre of where all of them do."""


@dataclass(frozen=True)
class Arm:
    """The hand and forearm of a body, as a body of their own."""

    body: ShapedBody
    verts: Int[Tensor, " verts"]
    """Which of the whole body's they are."""
    fingers: tuple[Int[Tensor, " _"], ...]
    """Vertices of the outer two phalanges of each finger, in the order of `FINGERS`."""
    palm: Int[Tensor, " palm"]
    """Vertices of the palm's skin."""
    side: str
    joints: list[int]
    """Of the fingers."""


@lru_cache(maxsize=4)
def arm_of(body: ShapedBody, side: str) -> Arm:
    """Cut one hand and forearm out of a body."""
    owner = body.model.weights.argmax(dim=1)
    joints = finger_joints(side)
    wrist = INDEX[f"{side}_wrist"]
    mine = torch.isin(owner, torch.tensor([wrist, INDEX[f"{side}_elbow"], *joints]))
    verts = torch.nonzero(mine)[:, 0]
    place = torch.full((len(owner),), -1).index_put((verts,), torch.arange(len(verts)))
    faces = place[body.faces]
    model = replace(
        body.model,
        template=body.model.template[verts],
        shape_dirs=body.model.shape_dirs[verts],
        joint_regressor=body.model.joint_regressor[:, verts],
        weights=body.model.weights[verts],
        faces=faces[(faces >= 0).all(dim=1)],
        pose_dirs=None if body.model.pose_dirs is None else body.model.pose_dirs[verts],
        uvs=None,
        materials=None,
    )
    cut = replace(
        body, model=model, verts=body.verts[verts], normals=body.normals[verts],
        areas=body.areas[verts],
    )  # fmt: skip
    outer = [[INDEX[f"{side}_{finger}{k}"] for k in (2, 3)] for finger in FINGERS]
    fingers = tuple(torch.nonzero(torch.isin(owner[verts], torch.tensor(o)))[:, 0] for o in outer)
    palm = torch.nonzero(torch.isin(verts, named_verts(body, f"{side}_palm")))[:, 0]
    return Arm(cut, verts, fingers, palm, side, joints)


def polish(
    task: Task, grasps: list[Grasp], *, still: bool = False, brief: bool = False
) -> list[Grasp]:
    """The same grasps of one hand with nothing pierced, each with its exact depth.

    Args:
        task: Gives the object and the person.
        grasps: Of one hand.
        still: The object stays where it is in the hand: only the fingers give.
        brief: Fewer steps, for a hand that is to close again later.
    """
    arm, shape = arm_of(task.body, grasps[0].side), grasps[0].shape
    start = torch.stack([g.pose for g in grasps])
    T_start = torch.stack([g.T_wrist_object for g in grasps])
    leaves = [torch.zeros_like(start, requires_grad=True)]
    leaves += [torch.zeros(len(grasps), 3, requires_grad=True) for _ in range(2)]
    # The world is the wrist's frame here: what stands around the object is somewhere else.
    held = replace(task, body=arm.body, item=replace(task.item, surroundings=None))
    crowd: Crowd | None = None
    exact: Exact | None = None
    wanted = ()

    def state() -> State:
        return _state(arm, shape, start + leaves[0], moved(T_start, leaves[1], leaves[2]))

    def evaluate(step: int, weights: Weights) -> Terms:
        nonlocal crowd, exact, wanted
        now = state()
        if crowd is None or step % REFRESH == 0:
            crowd = _crowd(held, now) if crowd is None else crowd
            exact, crowd = ask(held, now, crowd, whole=False)
            wanted = _wanted(arm, exact, grasps[0].shape) if step == 0 else wanted
        assert exact is not None
        return _terms(arm, exact, now, wanted, leaves, weights)

    ride = 0.0 if still else 1.0
    rates = [(leaves[0], 1.0), (leaves[1], 0.5 * ride), (leaves[2], 0.06 * ride)]
    for _ in descend(rates, evaluate, replace(PHASE, steps=BRIEF) if brief else PHASE):
        pass
    with torch.no_grad():
        pose, T_wrist_object = start + leaves[0], moved(T_start, leaves[1], leaves[2])
        end = _state(arm, shape, pose, T_wrist_object)
        sdf = skin_distance(held, end.local)
        depths, touching = overlaps(held, end.local, sdf), touches(arm, sdf)
    return [
        replace(
            grasp, pose=pose[k], T_wrist_object=T_wrist_object[k], depth=depths[k],
            touching=touching[k],
        )
        for k, grasp in enumerate(grasps)
    ]  # fmt: skip


def moved(
    T: Float[Tensor, "batch 4 4"], turn: Float[Tensor, "batch 3"], shift: Float[Tensor, "batch 3"]
) -> Float[Tensor, "batch 4 4"]:
    """The object turned about the wrist frame's axes where it is, and shifted."""
    return rigid(matrix_from_rotvec(turn) @ T[:, :3, :3], T[:, :3, 3] + shift)


def skin_distance(task: Task, local: Float[Tensor, "rows hand 3"]) -> Float[Tensor, "rows hand"]:
    """Signed distance of each vertex of the hands to the object, exactly, metres."""
    return signed_distance(task.item.surface, task.item.grid, local)


def overlaps(
    task: Task,
    local: Float[Tensor, "rows hand 3"],
    sdf: Float[Tensor, "rows hand"] | None = None,
) -> list[float]:
    """How deep, metres, each closed hand and the object are in each other, exactly.

    Args:
        task: With the hand alone as its body.
        local: The hands' skin, object frame.
        sdf: Its `skin_distance`, where that is known.
    """
    points = _near_points(task, local)
    deep = -(skin_distance(task, local) if sdf is None else sdf).amin(dim=1).clamp(max=0.0)
    if len(points):
        inner = [object_in_body(row, task.body.faces, points)[0] for row in local]
        deep = torch.maximum(deep, torch.stack(inner).amax(dim=1))
    return deep.tolist()


def touches(arm: Arm, sdf: Float[Tensor, "batch verts"]) -> list[int]:
    """How many fingers of each hand touch the object, the palm counted as one."""
    gaps = [sdf[:, verts].amin(dim=1) for verts in (*arm.fingers, arm.palm)]
    return (torch.stack(gaps) < TOUCH).sum(dim=0).tolist()


def _state(
    arm: Arm,
    shape: HandShape,
    fingers: Float[Tensor, "batch 15 3"],
    T_wrist_object: Float[Tensor, "batch 4 4"],
) -> State:
    """The hand around its wrist: the world is the wrist's frame."""
    bare, origin = at_wrist(arm.body, arm.side, shape)
    pose = bare.expand(len(fingers), 52, 3).index_copy(1, torch.tensor(arm.joints), fingers)
    trans = origin.expand(len(fingers), 3)
    posed = pose_by_angles(arm.body, pose, torch.zeros(len(fingers), 3), trans)
    rotation, at = T_wrist_object[:, :3, :3], T_wrist_object[:, None, :3, 3]
    return State(pose, trans, posed, T_wrist_object, (posed.verts - at) @ rotation)


def _terms(
    arm: Arm,
    exact: Exact,
    state: State,
    wanted: tuple[Tensor, ...],
    leaves: list[Tensor],
    weights: Weights,
) -> Terms:
    give = torch.full((len(arm.body.verts),), GIVE)
    sdf = exact_sdf(exact, state)
    percent = 100 * arm.body.areas / arm.body.areas.sum()
    gaps = [
        sdf[:, verts].abs().topk(PADS, dim=-1, largest=False).values.mean(dim=-1) * near
        for verts, near in zip((*arm.fingers, arm.palm), wanted, strict=True)
    ]
    sigmas = torch.tensor([[FINGER]]).expand(15, 3)
    return {
        "penetration": weights.penetration
        * (penetration(sdf, percent, give) + 4 * deepest(sdf, give)),
        "inclusion": weights.penetration * 4 * exact_inclusion(exact, state, give - 0.001),
        "contact": weights.contact * _pull(torch.stack(gaps) / 0.001).sum(dim=0),
        "prior": nearness(leaves[0], sigmas)
        + (leaves[1] / TURN).square().sum(dim=-1)
        + (leaves[2] / SHIFT).square().sum(dim=-1),
        "limits": limits(violation(state.pose, 0.02)),
    }


def _pull(gap: Float[Tensor, "*batch"]) -> Float[Tensor, "*batch"]:
    """Squares of what is `KNEE` millimetres off or less, beyond it straight on: none is let go."""
    return torch.where(gap < KNEE, gap.square(), KNEE * (2 * gap - KNEE))


def _wanted(arm: Arm, exact: Exact, shape: HandShape) -> tuple[Tensor, ...]:
    """1 for each finger, and for the palm of a hand that closes around things, that is to touch."""
    fingers = [(exact.sdf[:, v].amin(dim=1) < NEAR).float() for v in arm.fingers]
    palm = (exact.sdf[:, arm.palm].amin(dim=1) < PALM_NEAR).float()
    return (*fingers, palm * (shape in AROUND_IT))


def _crowd(task: Task, state: State) -> Crowd:
    points = _near_points(task, state.local)
    percent = 100 * SPACING**2 / float(task.body.areas.sum())
    return crowd_of(task.body, state, points, percent)


def _near_points(task: Task, local: Float[Tensor, "rows hand 3"]) -> Float[Tensor, "points 3"]:
    hand = local.detach()
    points, _ = dense_points(
        task.item.mesh, hand.amin(dim=(0, 1)) - AROUND, hand.amax(dim=(0, 1)) + AROUND,
        spacing=SPACING, most=4 * MOST,
    )  # fmt: skip
    return points
