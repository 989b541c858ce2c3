"""The 52 joints of SMPL-H: names, parents, order. Standard library only: Blender imports it."""

_FINGERS = ("index", "middle", "pinky", "ring", "thumb")

BODY_JOINTS: tuple[str, ...] = (
    "pelvis", "left_hip", "right_hip", "spine1", "left_knee", "right_knee", "spine2",
    "left_ankle", "right_ankle", "spine3", "left_foot", "right_foot", "neck", "left_collar",
    "right_collar", "head", "left_shoulder", "right_shoulder", "left_elbow", "right_elbow",
    "left_wrist", "right_wrist",
)  # fmt: skip

JOINTS: tuple[str, ...] = BODY_JOINTS + tuple(
    f"{side}_{finger}{k}" for side in ("left", "right") for finger in _FINGERS for k in (1, 2, 3)
)

PARENTS: tuple[int, ...] = (
    -1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19,
    20, 22, 23, 20, 25, 26, 20, 28, 29, 20, 31, 32, 20, 34, 35,
    21, 37, 38, 21, 40, 41, 21, 43, 44, 21, 46, 47, 21, 49, 50,
)  # fmt: skip

INDEX: dict[str, int] = {name: index for index, name in enumerate(JOINTS)}


def mirrored(name: str) -> str:
    """The same joint on the other side; the name itself in the middle."""
    if name.startswith("left_"):
        return "right_" + name[5:]
    return "left_" + name[6:] if name.startswith("right_") else name


def levels() -> list[list[int]]:
    """Joints by depth in the tree, so that forward kinematics is one batched step per depth."""
    depth = [0] * len(PARENTS)
    for joint in range(1, len(PARENTS)):
        depth[joint] = depth[PARENTS[joint]] + 1
    return [[j for j, d in enumerate(depth) if d == k] for k in range(max(depth) + 1)]
