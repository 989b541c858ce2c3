"""Step 6: landmarks at the vertex numbers that users of SMPL-H expect."""

import numpy as np
from skeleton import FINGERS, INDEX, PARENTS

NUMBERS = {
    "nose": 332, "right_eye": 6260, "left_eye": 2800, "right_ear": 4071, "left_ear": 583,
    "right_thumb": 6191, "right_index": 5782, "right_middle": 5905, "right_ring": 6016,
    "right_pinky": 6133, "left_thumb": 2746, "left_index": 2319, "left_middle": 2445,
    "left_ring": 2556, "left_pinky": 2673, "left_big_toe": 3216, "left_small_toe": 3226,
    "left_heel": 3387, "right_big_toe": 6617, "right_small_toe": 6624, "right_heel": 6787,
}  # fmt: skip


def permutation(verts: np.ndarray, joints: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """`order[new] = old`, so that each landmark stands at its number."""
    order = np.arange(len(verts))
    for name, old in find(verts, joints, weights).items():
        new, current = NUMBERS[name], int(np.flatnonzero(order == old)[0])
        order[current], order[new] = order[new], order[current]
    return order


def find(verts: np.ndarray, joints: np.ndarray, weights: np.ndarray) -> dict[str, int]:
    """The landmark vertices of the mean body."""

    def farthest(mask: np.ndarray, direction: tuple[float, float, float]) -> int:
        index = np.flatnonzero(mask)
        return int(index[(verts[index] @ np.array(direction)).argmax()])

    head, head_joint = weights[:, INDEX["head"]] > 0.9, joints[INDEX["head"]]
    above = verts[:, 1] - head_joint[1]
    nose = farthest(head & (np.abs(verts[:, 0]) < 0.01) & (above > 0) & (above < 0.09), (0, 0, 1))
    found = {"nose": nose}
    up = verts[:, 1] - verts[nose, 1]
    for side, sign in (("left", 1.0), ("right", -1.0)):
        socket = (np.abs(verts[:, 0] - sign * 0.032) < 0.01) & (np.abs(up - 0.035) < 0.01)
        found[f"{side}_eye"] = farthest(head & socket, (0, 0, 1))
        found[f"{side}_ear"] = farthest(head & (np.abs(up) < 0.03), (sign, 0, 0))
        for finger in FINGERS:
            last = INDEX[f"{side}_{finger}3"]
            bone = joints[last] - joints[PARENTS[last]]
            found[f"{side}_{finger}"] = farthest(weights[:, last] > 0.5, tuple(bone))
        ball = joints[INDEX[f"{side}_foot"]]
        foot = weights[:, [INDEX[f"{side}_foot"], INDEX[f"{side}_ankle"]]].sum(axis=1) > 0.5
        inner = foot & (verts[:, 0] * sign < ball[0] * sign)
        found[f"{side}_heel"] = farthest(foot, (0, -0.3, -1))
        found[f"{side}_big_toe"] = farthest(inner, (0, 0, 1))
        found[f"{side}_small_toe"] = farthest(foot & (verts[:, 2] > ball[2]), (sign, 0, -0.2))
    if len(set(found.values())) != len(NUMBERS):
        raise RuntimeError(f"Landmarks coincide: {found}")
    return found
