"""Hands that have arrived: they close where they are, and exactly (Eq. 8 with δ choosing θ_h)."""

from dataclasses import replace

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from ..body.joints import INDEX
from ..body.limits import joint_angles, rotvec_of_angles
from ..task import Task
from ..task.overlap import signed_distance
from ..vocabulary import OPEN_HANDS, HandShape, side_of
from .arms import shoulder_of
from .grasp import Grasp, close_fingers, make_hand
from .grasp.hand import finger_joints
from .grasp.polish import arm_of, overlaps, polish
from .lain import Person
from .reach import reach
from .taking import (
    CLOSE_ENOUGH,
    Options,
    Taking,
    choose,
    miss_cost,
    wrist_in_object,
    wrist_miss,
)  # fmt: skip
from .variables import Start, State, state_of, variables_at

ALL = 6.0
"""Fingers and palm."""
DEEP, ENOUGH = 0.0025, 5
"""A hand deeper in the object than this, metres, or with fewer fingers on it, the palm counted as
one, tries once more."""
IN_SELF = 0.003
"""No hand closes deeper than this, metres, into the person, the other hand too, unless it was."""
TRIES = 3
"""How often an arm moves for a hand that is too deep."""
LOST = 2.5
"""What each finger, or the palm, that is off what is held costs a row."""
MISSED = 5.0
"""What a hand costs a row at most that closes otherwise than its search found best."""
CLOSING_GIVE = 0.001
"""How deep, metres, a finger sinks in before it stops; the polish has the last word."""


def close_hands(
    task: Task, taking: Taking, start: Start, *, exact: bool = True
) -> tuple[Taking, Start]:
    """Close the hands that have reached their grasps, exactly as deep as skin gives.

    The object in a carrying hand moves a little with it; of the other hands each goal becomes what
    is right where that hand is now.

    Args:
        task: The job.
        taking: Who holds what how.
        start: Rows whose hands have arrived.
        exact: Else hands close as their search found, wherever they are.
    """
    if exact and taking.carrier is not None and start.T_wrist_object is not None:
        start = _carried(task, taking.carrier, start)
    goals: list[Options] = []
    for goal in taking.goals:
        with torch.no_grad():
            state = state_of(task.body, start, variables_at(start, fingers=False))
        here, start = _arrived(task, goal, start, state, exact=exact)
        goals.append(here)
    return replace(taking, goals=tuple(goals)), start


def last_grip(task: Task, taking: Taking, start: Start) -> Start:
    """Close the fingers of every hand that holds what does not ride on it, where it came to rest.

    The descent bends fingers as it moves arms; here only fingers move. Where that leaves a hand in
    the object, arm and fingers move together.
    """
    for goal in (*taking.goals, *_unguided(task, taking, start)):
        before, start = start, _regripped(task, goal, start)
        kept = _kept_apart(task, goal, before, start)
        start = replace(start, pose=torch.where(kept[:, None, None], start.pose, before.pose))
    return start


def _regripped(task: Task, goal: Options, start: Start) -> Start:
    """One hand of all rows closed where it is; where that is no good, its arm moves, and again."""
    best, held = _at_rest(task, goal, start, still=True)
    enough = ALL if goal.shape == "bear" else ENOUGH  # What lies on a palm is on all of it.
    for _ in range(TRIES):
        if all(grasp.depth <= DEEP and grasp.touching >= enough for grasp in held):
            break
        wanted = torch.stack([grasp.T_wrist_object for grasp in _at_rest(task, goal, start)[1]])
        start, other = _at_rest(task, goal, _moved_arm(task, goal, start, wanted), still=True)
        deeper = _arm_in(task, goal, _seen(task, start)) > _arm_in(
            task, goal, _seen(task, best)
        ).clamp(min=DEEP)
        gains = [worth(b) > worth(a) and not deep
                 for a, b, deep in zip(held, other, deeper.tolist(), strict=True)]  # fmt: skip
        mask = torch.tensor(gains)[:, None, None]
        best = replace(best, pose=torch.where(mask, start.pose, best.pose))
        held = [b if gain else a for a, b, gain in zip(held, other, gains, strict=True)]
    return best


def _arm_in(task: Task, goal: Options, state: State) -> Float[Tensor, " rows"]:
    """How deep, metres, hand and forearm of each row are in the object."""
    arm = arm_of(task.body, goal.side)
    return torch.tensor(overlaps(replace(task, body=arm.body), state.local[:, arm.verts]))


def _kept_apart(task: Task, goal: Options, before: Start, after: Start) -> Bool[Tensor, " rows"]:
    """Where a grip is no deeper in the person than it was, or less deep all in all."""
    states = _seen(task, after), _seen(task, before)
    own, others = (_in_person(task, goal, each) for each in states)
    there, then = (_arm_in(task, goal, each) for each in states)
    return (own <= others.clamp(min=IN_SELF)) | (own.maximum(there) < others.maximum(then))


def _seen(task: Task, start: Start) -> State:
    """The whole bodies, as they are."""
    with torch.no_grad():
        return state_of(task.body, start, variables_at(start, fingers=True))


def _in_person(task: Task, goal: Options, state: State) -> Float[Tensor, " rows"]:
    """How deep, metres, arm and hand of each row are in the rest of the person."""
    verts = state.posed.verts
    return torch.tensor([Person(task.body, goal.side, row).depth(row) for row in verts])


def _unguided(task: Task, taking: Taking, start: Start) -> list[Options]:
    """Hands that close around what no grasp was found for, and are too deep in it."""
    state = _seen(task, start)
    goals: list[Options] = []
    for touch in task.touches:
        side = side_of(touch.contact.part)
        shape = task.plan.hands.get(side, "relaxed")
        closes = touch.contact.role == "grasp" and shape not in OPEN_HANDS
        if not closes or not touch.contact.part.endswith("_hand") or side in taking.sides:
            continue
        arm = arm_of(task.body, side)
        if max(overlaps(replace(task, body=arm.body), state.local[:, arm.verts])) > DEEP:
            joint = INDEX[f"{side}_wrist"]
            seen = torch.linalg.inv(wrist_in_object(joint, state))
            fingers = start.pose[:, finger_joints(side)]
            goals.append(Options(side, shape, seen, fingers, torch.zeros(len(seen))))
    return goals


def _at_rest(
    task: Task, goal: Options, start: Start, *, still: bool = False
) -> tuple[Start, list[Grasp]]:
    """One hand of all rows closed where its wrist is; the fingers, and the grasps."""
    state = _seen(task, start)
    joints, pose = finger_joints(goal.side), start.pose.clone()
    seen = torch.linalg.inv(wrist_in_object(goal.joint, state))
    done = grasp_here(task, goal.side, goal.shape, seen, pose[:, joints], still=still)
    pose[:, joints] = torch.stack([grasp.pose for grasp in done])
    return replace(start, pose=pose), done


def _moved_arm(
    task: Task, goal: Options, start: Start, T_wrist_object: Float[Tensor, "rows 4 4"]
) -> Start:
    """The arm brings its hand to where the object is seen like that."""
    state = _seen(task, start)
    shoulder = shoulder_of(task.body, goal.side, start, state.posed)
    wanted = state.T_world_object @ torch.linalg.inv(T_wrist_object)
    index = shoulder.index
    angles = reach(shoulder, joint_angles(start.pose)[:, index], wanted)
    pose = start.pose.clone()
    pose[:, index] = rotvec_of_angles(angles, index)
    return replace(start, pose=pose)


def grasp_here(
    task: Task,
    side: str,
    shape: HandShape,
    T_wrist_object: Float[Tensor, "rows 4 4"],
    fingers: Float[Tensor, "rows 15 3"],
    *,
    still: bool = False,
) -> list[Grasp]:
    """The best closed hand around what lies before each wrist.

    Two are compared: the fingers as they are, and closed anew from open.

    Args:
        task: Gives the object and the person.
        side: 'left' or 'right'.
        shape: Whose path the fingers close along.
        T_wrist_object: Where the object is, seen from each wrist.
        fingers: The hand's joints as they are, axis-angle.
        still: The object stays where it is in the hand, and the hand does not close again.
    """
    hand = make_hand(task.body, side, shape)

    def distance(points: Float[Tensor, "*batch 3"]) -> Float[Tensor, "*batch"]:
        return signed_distance(task.item.surface, task.item.grid, points)

    anew = close_fingers(hand, distance, T_wrist_object, CLOSING_GIVE).pose
    tried = [
        Grasp(side, shape, pose, T, 0.0, 0, 0.0)
        for poses in (fingers, anew)
        for pose, T in zip(poses, T_wrist_object, strict=True)
    ]
    done, rows = polish(task, tried, still=still, brief=not still), len(fingers)
    return [max(done[k], done[k + rows], key=worth) for k in range(rows)]


def mended(task: Task, grasps: list[Grasp]) -> list[Grasp]:
    """Grasps of one hand with nothing pierced; each finger that lets go is one less."""
    done = polish(task, grasps, brief=True)
    lost = (min(new.touching - old.touching, 0) for new, old in zip(done, grasps, strict=True))
    return [
        replace(grasp, score=grasp.score + less) for grasp, less in zip(done, lost, strict=True)
    ]


def exactly(task: Task, grasps: list[Grasp]) -> list[Grasp]:
    """Grasps with nothing pierced, each as good as it then holds."""
    done = polish(task, grasps, brief=True) if grasps else []
    return [replace(grasp, score=min(grasp.score / 2, 0.0) + worth(grasp)) for grasp in done]


def worth(grasp: Grasp) -> float:
    """Fingers that touch count, less a finger per three millimetres of depth."""
    return grasp.touching - max(grasp.depth - 0.001, 0.0) / 0.003


def _carried(task: Task, carrier: Options, start: Start) -> Start:
    """The carrying hands of all rows, made exact: rows often share a grasp."""
    assert start.T_wrist_object is not None
    joints = finger_joints(carrier.side)
    keys = start.T_wrist_object.flatten(1)
    _, which = keys.unique(dim=0, return_inverse=True)
    firsts = [int((which == k).nonzero()[0, 0]) for k in range(int(which.max()) + 1)]
    T, fingers = start.T_wrist_object[firsts], start.pose[firsts][:, joints]
    done = polish(
        task, [Grasp(carrier.side, carrier.shape, f, t, 0.0, 0, 0.0)
               for f, t in zip(fingers, T, strict=True)],
    )  # fmt: skip
    pose, library = start.pose.clone(), start.library.clone()
    closed = torch.stack([g.pose for g in done])[which]
    pose[:, joints], library[:, joints] = closed, closed
    ride = torch.stack([g.T_wrist_object for g in done])[which]
    return replace(start, pose=pose, library=library, T_wrist_object=ride)


def _arrived(
    task: Task, goal: Options, start: Start, state: State, *, exact: bool
) -> tuple[Options, Start]:
    """One hand of all rows: a goal per row, and the fingers closed where the wrist is near."""
    choice = choose(goal, state)
    away, turn = wrist_miss(goal, state, choice)
    near = (away < CLOSE_ENOUGH[0]) & (turn < CLOSE_ENOUGH[1])
    T, fingers = goal.T_wrist_object[choice].clone(), goal.fingers[choice].clone()
    rows = near.nonzero()[:, 0]
    odd = start.oddness + miss_cost(away, turn).clamp(max=MISSED)  # The goal is forgotten below.
    if exact and len(rows):
        seen = torch.linalg.inv(wrist_in_object(goal.joint, state))[rows]
        done = grasp_here(task, goal.side, goal.shape, seen, fingers[rows])
        T[rows] = torch.stack([g.T_wrist_object for g in done])
        fingers[rows] = torch.stack([g.pose for g in done])
        odd += LOST * ALL
        odd[rows] -= LOST * odd.new_tensor([worth(g) for g in done])
    joints = finger_joints(goal.side)
    pose, library = start.pose.clone(), start.library.clone()
    pose[:, joints] = torch.where(near[:, None, None], fingers, pose[:, joints])
    library[:, joints] = pose[:, joints]
    here = Options(goal.side, goal.shape, T, fingers, torch.zeros(len(T)))
    return here, replace(start, pose=pose, library=library, oddness=odd)
