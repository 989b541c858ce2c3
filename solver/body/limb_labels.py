"""Parts of arms, hands, legs and feet: one side at a time."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from .joints import INDEX

FINGERS = ("thumb", "index", "middle", "ring", "pinky")
SIDES = (("left", 1.0), ("right", -1.0))

Masks = dict[str, Bool[Tensor, " verts"]]


@dataclass(frozen=True)
class Rest:
    """What the rules look at: the T-posed body."""

    verts: Float[Tensor, "verts 3"]
    normals: Float[Tensor, "verts 3"]
    joints: Float[Tensor, "52 3"]
    owner: Int[Tensor, " verts"]
    """The joint with the greatest skinning weight."""

    def joint(self, name: str) -> Float[Tensor, "3"]:
        """Where a joint is."""
        return self.joints[INDEX[name]]

    def owned(self, *names: str) -> Bool[Tensor, " verts"]:
        """The vertices that follow one of these joints most."""
        return torch.isin(self.owner, torch.tensor([INDEX[name] for name in names]))

    def along(self, start: str, end: str) -> Float[Tensor, " verts"]:
        """Place along a bone: 0 at its start, 1 at its end."""
        a, bone = self.joint(start), self.joint(end) - self.joint(start)
        return (self.verts - a) @ bone / bone.dot(bone)


def arm_labels(rest: Rest, side: str, sign: float) -> Masks:
    """Upper arm to wrist."""
    own, x = rest.owned, rest.verts[:, 0] * sign
    down = rest.normals[:, 1]
    shoulder, elbow = rest.joint(f"{side}_shoulder"), rest.joint(f"{side}_elbow")
    away = (rest.verts - shoulder).norm(dim=-1)
    upper, lower = (
        rest.along(f"{side}_shoulder", f"{side}_elbow"),
        rest.along(f"{side}_elbow", f"{side}_wrist"),
    )
    limb = own(f"{side}_shoulder", f"{side}_elbow")
    girdle = own(f"{side}_shoulder", f"{side}_collar", "spine3")
    forearm = limb & (upper >= 1) & (lower < 1.02)
    return {
        f"{side}_upper_arm": limb & (upper < 1),
        f"{side}_forearm": forearm,
        f"{side}_forearm_under": forearm & (down < 0.1),
        f"{side}_forearm_inner": forearm & (rest.normals[:, 2] > 0.2),
        f"{side}_elbow": limb & ((upper - 1).abs() < 0.16),
        f"{side}_elbow_point": limb & ((upper - 1).abs() < 0.16) & (rest.normals[:, 2] < -0.2),
        f"{side}_wrist": own(f"{side}_wrist", f"{side}_elbow") & ((lower - 1).abs() < 0.09),
        f"{side}_shoulder": girdle
        & (away < 0.4 * (elbow - shoulder).norm())
        & (down > -0.35)
        & (x > shoulder[0] * sign * 0.72),
        f"{side}_shoulder_top": girdle
        & (down > 0.5)
        & (x > shoulder[0] * sign * 0.45)
        & (x < shoulder[0] * sign * 1.05),
        f"{side}_armpit": (girdle | own("spine2")) & (down < -0.3) & (away < 0.13),
    }


def hand_labels(rest: Rest, side: str) -> Masks:
    """Palm, pads, fingers."""
    own = rest.owned
    joint = {f: rest.joint(f"{side}_{f}1") for f in FINGERS}
    wrist = rest.joint(f"{side}_wrist")
    along = torch.nn.functional.normalize(joint["middle"] - wrist, dim=0)
    out = torch.linalg.cross(joint["index"] - joint["pinky"], along)
    out = torch.nn.functional.normalize(out, dim=0)
    out = out if out[1] < 0 else -out  # Palms face down in the T-pose.
    facing = rest.normals @ out
    back = own(f"{side}_wrist")
    reach = (rest.verts - wrist) @ along / (joint["middle"] - wrist).norm()
    palm = back & (facing > 0.15)
    masks = {
        f"{side}_hand": own(
            f"{side}_wrist", *(f"{side}_{f}{k}" for f in FINGERS for k in (1, 2, 3))
        ),
        f"{side}_palm": palm,
        f"{side}_hand_back": back & (facing < -0.15),
        f"{side}_hand_heel": palm & (reach > 0.05) & (reach < 0.45),
        f"{side}_hand_edge": back & (rest.normals[:, 2] < -0.5) & (reach > 0.05),
    }
    for finger in FINGERS:
        masks |= _finger(rest, side, finger, out)
    any_of = union(masks, side, FINGERS)
    pads = union(masks, side, [f"{f}_pad" for f in FINGERS])
    web = (own(f"{side}_thumb1", f"{side}_wrist", f"{side}_index1")) & (
        (rest.verts - (joint["index"] + rest.joint(f"{side}_thumb2")) / 2).norm(dim=-1) < 0.024
    )
    return masks | {
        f"{side}_fingers": any_of,
        f"{side}_fingertips": union(masks, side, [f"{f}_tip" for f in FINGERS]),
        f"{side}_pads": pads,
        f"{side}_web": web,
        f"{side}_grip": palm | pads,
    }


def _finger(rest: Rest, side: str, finger: str, palm: Float[Tensor, "3"]) -> Masks:
    names = [f"{side}_{finger}{k}" for k in (1, 2, 3)]
    mask, last = rest.owned(*names), rest.owned(names[2])
    end = rest.joint(names[2])
    bone = torch.nn.functional.normalize(end - rest.joint(names[1]), dim=0)
    reach = (rest.verts - end) @ bone
    tip = last & (reach > 0.35 * reach[last].max()) if last.any() else last
    facing = palm
    if finger == "thumb":  # Its pad looks at the fingers' bases as much as the palm does.
        toward = rest.joint(f"{side}_middle1") - rest.joint(names[1])
        facing = 0.6 * palm + 0.8 * torch.nn.functional.normalize(toward, dim=0)
        facing = torch.nn.functional.normalize(facing, dim=0)
    pad = mask & (rest.normals @ facing > 0.25)
    return {
        f"{side}_{finger}": mask,
        f"{side}_{finger}_tip": tip,
        f"{side}_{finger}_pad": pad,
        f"{side}_{finger}_tip_pad": pad & last,
    }


def leg_labels(rest: Rest, side: str, sign: float) -> Masks:
    """Buttock to calf."""
    own, verts, normals = rest.owned, rest.verts, rest.normals
    hip = rest.joint(f"{side}_hip")
    thigh_at, shin_at = (
        rest.along(f"{side}_hip", f"{side}_knee"),
        rest.along(f"{side}_knee", f"{side}_ankle"),
    )
    leg = own(f"{side}_hip", f"{side}_knee")
    crotch = crotch_height(rest)
    own_side = verts[:, 0] * sign >= 0
    buttock = (
        own("pelvis", f"{side}_hip", "spine1") & own_side
        & (normals[:, 2] < 0.05) & (verts[:, 2] < hip[2] - 0.03)
        & (verts[:, 1] < hip[1] + 0.13) & (verts[:, 1] > crotch - 0.05)
    )  # fmt: skip
    thigh = leg & (thigh_at < 0.93) & ~buttock & (verts[:, 1] < crotch + 0.10)
    front, outward = normals[:, 2], normals[:, 0] * sign
    lower = leg & (shin_at > 0.04)
    knee = leg & (thigh_at > 0.88) & (shin_at < 0.12)
    # Who kneels rests on the top of the shin too.
    kneecap = leg & (thigh_at > 0.88) & (shin_at < 0.16)
    return {
        f"{side}_buttock": buttock,
        f"{side}_thigh": thigh,
        f"{side}_thigh_back": thigh & (front < -0.25),
        f"{side}_thigh_front": thigh & (front > 0.25),
        f"{side}_thigh_inner": thigh & (outward < -0.4),
        f"{side}_thigh_outer": thigh & (outward > 0.4),
        f"{side}_lap": thigh & (front > 0.25) & (thigh_at < 0.8),
        f"{side}_knee": kneecap & (front > -0.1),
        f"{side}_knee_top": leg & (thigh_at > 0.66) & (thigh_at < 1.04) & (front > 0.25),
        f"{side}_knee_back": knee & (front < -0.25),
        f"{side}_knee_hollow": leg & (thigh_at > 0.6) & (shin_at < 0.15) & (front < -0.25),
        f"{side}_knee_inner": knee & (outward < -0.4),
        f"{side}_lower_leg": lower,
        f"{side}_shin": lower & (front >= -0.1),
        f"{side}_calf": lower & (front < -0.1),
        f"{side}_calf_inner": lower & (outward < -0.4),
        f"{side}_hip": own("pelvis", f"{side}_hip", "spine1")
        & (verts[:, 0] * sign > hip[0] * sign * 0.75)
        & ((verts[:, 1] - hip[1]).abs() < 0.10)
        & ~buttock,
    }


def foot_labels(rest: Rest, side: str) -> Masks:
    """Sole to ankle."""
    verts, normals = rest.verts, rest.normals
    ankle, ball = rest.joint(f"{side}_ankle"), rest.joint(f"{side}_foot")
    foot = rest.owned(f"{side}_ankle", f"{side}_foot")
    near_ground = verts[:, 1] < verts[foot][:, 1].min() + 0.035
    sole = foot & (normals[:, 1] < -0.5) & near_ground
    under = foot & (normals[:, 1] < -0.3) & (verts[:, 1] < verts[foot][:, 1].min() + 0.045)
    toes = rest.owned(f"{side}_foot") & (verts[:, 2] > ball[2] + 0.005)
    heel = foot & (verts[:, 2] < ankle[2] + 0.005) & (verts[:, 1] < ankle[1] - 0.01)
    lower_leg = rest.owned(f"{side}_knee")
    return {
        f"{side}_foot": foot,
        f"{side}_sole": sole,
        f"{side}_foot_under": under,
        f"{side}_toes": toes,
        f"{side}_heel": heel,
        f"{side}_ball": sole & ((verts[:, 2] - ball[2]).abs() < 0.03),
        f"{side}_foot_top": foot & (normals[:, 1] > 0.3),
        f"{side}_instep": foot & (normals[:, 1] > 0.3) & (verts[:, 2] < ball[2]),
        f"{side}_ankle": (foot | lower_leg) & ((verts[:, 1] - ankle[1]).abs() < 0.04),
    }


def crotch_height(rest: Rest) -> float:
    """The lowest point between the legs, metres."""
    middle = rest.verts[:, 0].abs() < 0.015
    basin = rest.owned("pelvis", "left_hip", "right_hip")
    low = middle & basin & (rest.verts[:, 1] < rest.joint("left_hip")[1] + 0.1)
    return float(rest.verts[low][:, 1].min())


def union(masks: Masks, side: str, names: "list[str] | tuple[str, ...]") -> Bool[Tensor, " verts"]:
    """One side's masks together."""
    first = next(iter(masks.values()))
    both = torch.zeros_like(first)
    for name in names:
        both = both | masks[f"{side}_{name}"]
    return both
