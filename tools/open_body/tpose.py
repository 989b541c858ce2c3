"""Step 2: bring every sampled person from anny's relaxed rest into SMPL-H's T-pose.

The T-pose is baked by *inverse* skinning: vertices are chosen so that our linear blend skinning,
turned back into anny's rest, gives anny's surface exactly. Arrays are (people, ...), Y up, metres.
"""

from dataclasses import dataclass

import numpy as np
from skeleton import FINGERS, INDEX, JOINTS, PARENTS, bone_map

THUMB = np.array([0.68, -0.22, 0.70])
"""Direction of the left thumb in the T-pose."""

ABDUCTED, TOES_OUT = np.radians(4.0), np.radians(5.0)


@dataclass(frozen=True)
class People:
    """Everybody in one pose."""

    verts: np.ndarray
    joints: np.ndarray
    weights: np.ndarray
    """(verts, 52), at most four each."""


def y_up(points: np.ndarray) -> np.ndarray:
    """From anny's frame (Z up, facing -Y)."""
    return np.stack([points[..., 0], points[..., 2], -points[..., 1]], axis=-1)


def read(raw: dict[str, np.ndarray]) -> People:
    """Anny's rest with SMPL-H's joints."""
    bones, names = list(raw["bones"]), bone_map()
    owner = np.full(len(bones), -1)
    for joint, (_, owned) in names.items():
        owner[[bones.index(bone) for bone in owned]] = INDEX[joint]
    if (owner < 0).any():
        raise ValueError(
            f"Bones without a joint: {[b for b, o in zip(bones, owner, strict=True) if o < 0]}"
        )
    heads = y_up(raw["heads"].astype(np.float64))
    joints = np.stack(
        [heads[:, [bones.index(b) for b in names[j][0]]].mean(axis=1) for j in JOINTS], axis=1
    )
    weights = np.zeros((raw["verts"].shape[1], len(JOINTS)))
    rows = np.repeat(np.arange(len(weights)), raw["weights"].shape[1])
    np.add.at(weights, (rows, owner[raw["weight_bones"].ravel()]), raw["weights"].ravel())
    return People(y_up(raw["verts"].astype(np.float64)), joints, top_four(weights))


def top_four(weights: np.ndarray) -> np.ndarray:
    """The four greatest weights of each vertex, summing to one."""
    best = np.argsort(-weights, axis=1, kind="stable")[:, :4]
    kept = np.zeros_like(weights)
    np.put_along_axis(kept, best, np.take_along_axis(weights, best, axis=1), axis=1)
    kept[kept < 1e-3] = 0.0
    return kept / kept.sum(axis=1, keepdims=True)


def to_tpose(people: People, chunk: int = 32) -> People:
    """Everybody in the T-pose, pelvis at the origin."""
    turn = _turns(people)
    placed = np.zeros_like(people.joints)
    for joint in range(1, len(JOINTS)):
        bone = people.joints[:, joint] - people.joints[:, PARENTS[joint]]
        placed[:, joint] = placed[:, PARENTS[joint]] + _turned(turn[:, PARENTS[joint]], bone)
    back = turn.transpose(0, 1, 3, 2)
    shift = people.joints - _turned(back, placed)
    verts = np.empty_like(people.verts)
    for start in range(0, len(verts), chunk):
        part = slice(start, start + chunk)
        skin = np.tensordot(back[part], people.weights, axes=(1, 1)).transpose(0, 3, 1, 2)
        moved = np.tensordot(shift[part], people.weights, axes=(1, 1)).transpose(0, 2, 1)
        verts[part] = np.linalg.solve(skin, (people.verts[part] - moved)[..., None])[..., 0]
    return People(verts, placed, people.weights)


def _turns(people: People) -> np.ndarray:
    """World rotations of the joints from rest to T-pose."""
    turn = np.tile(np.eye(3), (len(people.joints), len(JOINTS), 1, 1))
    for side, sign in (("left", 1.0), ("right", -1.0)):
        hand = _turn_arm(people, side, sign, turn)
        _turn_fingers(people, side, sign, hand, turn)
        _turn_leg(people, side, sign, turn)
    return turn


def _turn_arm(people: People, side: str, sign: float, turn: np.ndarray) -> np.ndarray:
    """Arm along X with its flexion in XZ, hand flat, half of the forearm's twist in the elbow."""
    at = lambda name: people.joints[:, INDEX[f"{side}_{name}"]]  # noqa: E731
    x = np.tile([sign, 0.0, 0.0], (len(turn), 1))
    z = np.tile([0.0, 0.0, 1.0], (len(turn), 1))
    flat = _frame(x, z)
    forearm = at("wrist") - at("elbow")
    upper = flat @ _frame(at("elbow") - at("shoulder"), forearm).transpose(0, 2, 1)
    lower = _between(_turned(upper, forearm), x) @ upper
    along = (at("middle1") + at("ring1")) / 2 - at("wrist")
    hand = flat @ _frame(along, at("index1") - at("pinky1")).transpose(0, 2, 1)
    rest = hand @ lower.transpose(0, 2, 1)
    twist = np.arctan2(rest[:, 2, 1] - rest[:, 1, 2], rest[:, 1, 1] + rest[:, 2, 2])
    turn[:, INDEX[f"{side}_shoulder"]] = upper
    turn[:, INDEX[f"{side}_elbow"]] = _about(0, twist / 2) @ lower
    turn[:, INDEX[f"{side}_wrist"]] = hand
    return hand


def _turn_fingers(
    people: People, side: str, sign: float, hand: np.ndarray, turn: np.ndarray
) -> None:
    """Fingers straight with half of their splay; the thumb along `THUMB`."""
    for finger in FINGERS:
        joints = [INDEX[f"{side}_{finger}{k}"] for k in (1, 2, 3)]
        points = [people.joints[:, j] for j in joints] + [_tip(people, joints[2])]
        first = _turned(hand, points[1] - points[0])
        splay = np.arctan2(first[:, 2], first[:, 0] * sign) / 2
        target = np.stack([sign * np.cos(splay), 0 * splay, np.sin(splay)], axis=-1)
        if finger == "thumb":
            target = np.tile(THUMB * [sign, 1, 1], (len(turn), 1))
        above = hand
        for joint, start, end in zip(joints, points, points[1:], strict=False):
            above = _between(_turned(above, end - start), target) @ above
            turn[:, joint] = above


def _turn_leg(people: People, side: str, sign: float, turn: np.ndarray) -> None:
    """Thighs slightly apart, shins upright, toes slightly out."""
    at = lambda name: people.joints[:, INDEX[f"{side}_{name}"]]  # noqa: E731
    down = np.tile([sign * np.sin(ABDUCTED), -np.cos(ABDUCTED), 0.0], (len(turn), 1))
    thigh = _between(at("knee") - at("hip"), down)
    upright = np.tile([0.0, -1.0, -0.03], (len(turn), 1))
    shin = _between(_turned(thigh, at("ankle") - at("knee")), upright) @ thigh
    foot = at("foot") - at("ankle")
    yaw = _about(1, sign * TOES_OUT - np.arctan2(foot[:, 0], foot[:, 2]))
    for name, rotation in (("hip", thigh), ("knee", shin), ("ankle", yaw), ("foot", yaw)):
        turn[:, INDEX[f"{side}_{name}"]] = rotation


def _tip(people: People, last: int) -> np.ndarray:
    """A fingertip: the mean of the five vertices farthest along the last phalanx."""
    skin = np.flatnonzero(people.weights[:, last] > 0.6)
    bone = people.joints[:, last] - people.joints[:, PARENTS[last]]
    reach = (people.verts[0, skin] - people.joints[0, last]) @ bone[0]
    return people.verts[:, skin[np.argsort(-reach)[:5]]].mean(axis=1)


def _turned(rotation: np.ndarray, vector: np.ndarray) -> np.ndarray:
    return (rotation @ vector[..., None])[..., 0]


def _unit(vector: np.ndarray) -> np.ndarray:
    return vector / np.linalg.norm(vector, axis=-1, keepdims=True)


def _frame(along: np.ndarray, side: np.ndarray) -> np.ndarray:
    """Columns: `along`, their normal, and the part of `side` across `along`."""
    x = _unit(along)
    z = _unit(side - (side * x).sum(axis=-1, keepdims=True) * x)
    return np.stack([x, np.cross(z, x), z], axis=-1)


def _between(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """The shortest rotation from one direction to another."""
    start, end = _unit(start), _unit(end)
    axis, cosine = np.cross(start, end), (start * end).sum(axis=-1)
    skew = np.zeros((*axis.shape, 3))
    for a, b, c in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        skew[..., a, b], skew[..., b, a] = -axis[..., c], axis[..., c]
    return np.eye(3) + skew + skew @ skew / (1 + cosine)[..., None, None]


def _about(axis: int, angle: np.ndarray) -> np.ndarray:
    """Rotation about X (0) or Y (1)."""
    a, b = (1, 2) if axis == 0 else (2, 0)
    rotation = np.tile(np.eye(3), (len(angle), 1, 1))
    rotation[:, a, a] = rotation[:, b, b] = np.cos(angle)
    rotation[:, a, b], rotation[:, b, a] = -np.sin(angle), np.sin(angle)
    return rotation
