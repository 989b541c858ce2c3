"""The 52 joints of SMPL-H in anny's bones."""

import numpy as np

FINGERS = ("index", "middle", "pinky", "ring", "thumb")
_ANNY_FINGER = {"thumb": 1, "index": 2, "middle": 3, "ring": 4, "pinky": 5}

JOINTS = [
    "pelvis", "left_hip", "right_hip", "spine1", "left_knee", "right_knee", "spine2",
    "left_ankle", "right_ankle", "spine3", "left_foot", "right_foot", "neck", "left_collar",
    "right_collar", "head", "left_shoulder", "right_shoulder", "left_elbow", "right_elbow",
    "left_wrist", "right_wrist",
    *(f"{side}_{f}{k}" for side in ("left", "right") for f in FINGERS for k in (1, 2, 3)),
]  # fmt: skip

INDEX = {name: index for index, name in enumerate(JOINTS)}

PARENTS = np.array([
    -1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19,
    20, 22, 23, 20, 25, 26, 20, 28, 29, 20, 31, 32, 20, 34, 35,
    21, 37, 38, 21, 40, 41, 21, 43, 44, 21, 46, 47, 21, 49, 50,
])  # fmt: skip

Bones = dict[str, tuple[list[str], list[str]]]
"""Joint -> bones whose heads' mean is its pivot, and all bones that it takes over."""


def bone_map() -> Bones:
    """Every anny bone has one owner, and the first bone of a merged chain is the pivot."""
    bones: Bones = {
        "pelvis": (["root"], ["root", "pelvis.L", "pelvis.R", "spine05"]),
        "spine1": (["spine04"], ["spine04"]),
        "spine2": (["spine03"], ["spine03"]),
        "spine3": (["spine02"], ["spine02", "spine01"]),
        "neck": (["neck01"], ["neck01", "neck02", "neck03"]),
        "head": (["head"], ["head", "eye.L", "eye.R"]),
    }
    for side, letter in (("left", "L"), ("right", "R")):
        named = {**_limb_bones(), **_finger_bones()}
        for joint, (pivot, owned) in named.items():
            bones[f"{side}_{joint}"] = (
                [f"{bone}.{letter}" for bone in pivot],
                [f"{bone}.{letter}" for bone in owned],
            )
    return bones


def _limb_bones() -> Bones:
    toes = [f"toe{t}-{k}" for t in range(1, 6) for k in ((1, 2) if t == 1 else (1, 2, 3))]
    return {
        "hip": (["upperleg01"], ["upperleg01", "upperleg02"]),
        "knee": (["lowerleg01"], ["lowerleg01", "lowerleg02"]),
        "ankle": (["foot"], ["foot"]),
        "foot": ([f"toe{t}-1" for t in range(1, 6)], toes),
        "collar": (["clavicle"], ["clavicle", "shoulder01"]),
        "shoulder": (["upperarm01"], ["upperarm01", "upperarm02"]),
        "elbow": (["lowerarm01"], ["lowerarm01", "lowerarm02"]),
        "wrist": (["wrist"], ["wrist", *(f"metacarpal{k}" for k in (1, 2, 3, 4))]),
    }


def _finger_bones() -> Bones:
    return {
        f"{finger}{k}": ([f"finger{n}-{k}"], [f"finger{n}-{k}"])
        for finger, n in _ANNY_FINGER.items()
        for k in (1, 2, 3)
    }
