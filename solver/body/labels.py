"""Where the parts of the body are: masks from skinning weights, joints and normals of the T-pose.

No file of indices: the same rules label the open body and a user's SMPL-H. Masks overlap, from
coarse (`left_foot`) to fine (`left_heel`). Left is the person's own left, +X.
"""

import torch

from .limb_labels import (
    FINGERS,
    SIDES,
    Masks,
    Rest,
    arm_labels,
    crotch_height,
    foot_labels,
    hand_labels,
    leg_labels,
    union,
)


def label(rest: Rest) -> Masks:
    """All masks by name."""
    masks: Masks = {}
    for side, sign in SIDES:
        masks |= arm_labels(rest, side, sign) | hand_labels(rest, side)
        masks |= leg_labels(rest, side, sign) | foot_labels(rest, side)
    masks |= _head(rest)
    masks |= _trunk(rest, masks)
    masks |= _pelvis(rest, masks)
    return masks | _pairs(masks)


def _head(rest: Rest) -> Masks:
    verts, normals, centre = rest.verts, rest.normals, rest.joint("head")
    of_head, of_neck = rest.owned("head"), rest.owned("neck")
    in_front = of_head & (verts[:, 2] > centre[2] + 0.03)
    head = (of_head | of_neck) & ((verts[:, 1] > centre[1] - 0.005) | in_front)
    top = verts[head][:, 1].max()
    face = head & (normals[:, 2] > 0.1) & (verts[:, 2] > centre[2] + 0.04)
    nose = verts[torch.where(face & (verts[:, 0].abs() < 0.012), verts[:, 2], -9.0).argmax()]
    neck = (of_head | of_neck) & ~head
    ear_band = head & ((verts[:, 1] - nose[1] - 0.01).abs() < 0.04)
    mouth_at = nose - torch.tensor([0.0, 0.042, 0.012])
    masks = {
        "head": head,
        "neck": neck,
        "face": face,
        "head_top": head & (verts[:, 1] > top - 0.05) & (normals[:, 1] > 0.3),
        "head_back": head & (normals[:, 2] < -0.2),
        "nape": (neck | of_neck) & (normals[:, 2] < -0.2),
        "throat": neck & (normals[:, 2] > 0.2),
        "mouth": face & ((verts - mouth_at).norm(dim=-1) < 0.022),
        "nose": face & ((verts - nose).norm(dim=-1) < 0.018),
        "forehead": face & (verts[:, 1] > nose[1] + 0.055) & (verts[:, 1] < top - 0.03),
        "chin": face & (verts[:, 1] < nose[1] - 0.062),
    }
    for side, sign in SIDES:
        out = verts[:, 0] * sign
        widest = torch.where(ear_band, out, -9.0).max()
        masks[f"{side}_ear"] = ear_band & (out > widest - 0.02) & (verts[:, 2] < centre[2] + 0.06)
        masks[f"{side}_cheek"] = face & (out > 0.02) & ((verts[:, 1] - nose[1]).abs() < 0.04)
    return masks


def _trunk(rest: Rest, masks: Masks) -> Masks:
    normals = rest.normals
    limbs = union(
        masks, "left", ["upper_arm", "forearm", "hand", "thigh", "lower_leg", "foot", "knee"]
    )
    limbs |= union(
        masks, "right", ["upper_arm", "forearm", "hand", "thigh", "lower_leg", "foot", "knee"]
    )
    trunk = rest.owned(
        "pelvis",
        "spine1",
        "spine2",
        "spine3",
        "left_collar",
        "right_collar",
        "left_hip",
        "right_hip",
    )
    trunk = trunk & ~limbs & ~masks["head"]
    low, high = rest.joint("left_hip")[1], rest.joint("neck")[1]
    up = (rest.verts[:, 1] - low) / (high - low)
    back, front = trunk & (normals[:, 2] < -0.2), trunk & (normals[:, 2] > 0.1)
    buttocks = masks["left_buttock"] | masks["right_buttock"]
    return {
        "torso": trunk,
        "back": back & (up > 0.2),
        "upper_back": back & (up >= 0.62),
        "mid_back": back & (up >= 0.40) & (up < 0.62),
        "lower_back": back & (up >= 0.20) & (up < 0.40),
        "chest": front & (up >= 0.55),
        "belly": front & (up >= 0.12) & (up < 0.55),
        "waist": trunk & (up > 0.2) & (up < 0.36),
        "pelvis": trunk & (up < 0.2) & ~buttocks,
        "left_side": trunk & (normals[:, 0] > 0.75) & (up > 0.2),
        "right_side": trunk & (normals[:, 0] < -0.75) & (up > 0.2),
    }


def _pelvis(rest: Rest, masks: Masks) -> Masks:
    """The patches one sits on."""
    verts, down = rest.verts, rest.normals[:, 1]
    crotch = crotch_height(rest)
    masks = dict(masks)
    basin = rest.owned("pelvis", "left_hip", "right_hip") & (verts[:, 1] > crotch - 0.06)
    sit = basin & (down < -0.25)
    middle = verts[:, 0].abs() < 0.06
    found: Masks = {
        "sit_bones": sit,
        "crotch": basin & middle & (down < -0.2),
        "saddle": basin & (verts[:, 0].abs() < 0.09) & (down < -0.2),
    }
    for side, sign in SIDES:
        on_side = verts[:, 0] * sign >= 0
        upper = rest.along(f"{side}_hip", f"{side}_knee") < 0.5
        found[f"{side}_sit_bone"] = sit & on_side
        found[f"{side}_seat"] = (
            (sit & on_side)
            | (masks[f"{side}_buttock"] & (down < 0.1))
            | (masks[f"{side}_thigh_back"] & upper)
        )
    return found


def _pairs(masks: Masks) -> Masks:
    """Both sides together, under the plural or the bare name."""
    bare = sorted({name[5:] for name in masks if name.startswith("left_")})
    bare = [name for name in bare if name.split("_")[0] not in FINGERS]
    plural = {"foot": "feet", "calf": "calves", "foot_top": "feet_tops", "foot_under": "feet_under"}
    pairs: Masks = {}
    for name in bare:
        both = masks[f"left_{name}"] | masks[f"right_{name}"]
        pairs.setdefault(plural.get(name, name if name.endswith("s") else name + "s"), both)
    pairs["seat"], pairs["lap"] = pairs.pop("seats"), pairs.pop("laps")
    pairs["inner_thighs"] = pairs.pop("thigh_inners")
    return {name: mask for name, mask in pairs.items() if name not in masks}
