"""A hand as rigid phalanges in its wrist's frame: all that closing and searching need.

The fingers' paths do not depend on the object, so their rotations are tabled once per closure and a
candidate costs only distance look-ups.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import torch
from jaxtyping import Float
from torch import Tensor

from ...body import ShapedBody
from ...body.joints import INDEX, JOINTS
from ...body.poses import finger_path
from ...geometry.rotations import matrix_from_rotvec
from ...vocabulary import HandShape

FINGERS = ("index", "middle", "pinky", "ring", "thumb")
"""In the order of the SMPL-H joints."""
THUMB = FINGERS.index("thumb")
BESIDE = [FINGERS.index(name) for name in ("index", "middle", "ring", "pinky")]
"""Fingers in the order in which they lie beside one another."""
LEVELS = 25
"""Closures in [0, 1] that are tried, from open to closed."""
POINTS = 20
"""Skin samples per phalanx."""
PALM_POINTS = 60
FOREARM = 0.024
"""Radius of the forearm above the wrist, metres."""
OPEN_WRIST = math.radians(25)
"""How far back an open palm's wrist is bent."""


@dataclass(frozen=True)
class Hand:
    """One hand in the frame of its wrist joint (axes of the T-pose), metres."""

    side: str
    shape: HandShape
    joints: Float[Tensor, "5 3 3"]
    """Per finger: the first joint from the wrist, then each from the one before it."""
    skin: Float[Tensor, "5 3 points 3"]
    """Samples of each phalanx, from its own joint, T-pose axes."""
    skin_normals: Float[Tensor, "5 3 points 3"]
    radii: Float[Tensor, "5 3"]
    """Median half thickness of each phalanx."""
    lengths: Float[Tensor, "5 3 3"]
    """From each joint to the end of its phalanx."""
    bones: Float[Tensor, "5 3 3 3"]
    """Three points along each phalanx's bone, from its own joint."""
    turns: Float[Tensor, "levels 5 3 3 3"]
    """Local rotation of each joint at each closure."""
    poses: Float[Tensor, "levels 5 3 3"]
    """The same as axis-angle."""
    palm: Float[Tensor, "palm 3"]
    palm_normals: Float[Tensor, "palm 3"]
    frame: Float[Tensor, "3 3"]
    """Columns: along the fingers, from the pinky to the index finger, out of the palm."""
    knuckles: Float[Tensor, "3"]
    """Middle of the four knuckles."""
    thickness: float
    """From the knuckles to the palm's skin."""
    rods: Float[Tensor, "rods 2 3"]
    """Ends of the metacarpals and of the forearm: what does not bend."""
    rod_radii: Float[Tensor, " rods"]

    @cached_property
    def balls(self) -> tuple[Float[Tensor, "5 3 3"], Float[Tensor, "5 3"]]:
        """Middles, from each phalanx's joint, and radii of balls about all samples of its skin."""
        middles = (self.skin.amin(dim=2) + self.skin.amax(dim=2)) / 2
        return middles, (self.skin - middles[:, :, None]).norm(dim=-1).amax(dim=-1)


def make_hand(body: ShapedBody, side: str, shape: HandShape = "power") -> Hand:
    """The hand of a shaped body.

    Args:
        body: The person.
        side: 'left' or 'right'.
        shape: The hand shape whose closing path the fingers follow.
    """
    wrist = INDEX[f"{side}_wrist"]
    names = [[INDEX[f"{side}_{finger}{k}"] for k in (1, 2, 3)] for finger in FINGERS]
    joints = body.joints[torch.tensor(names)]
    origin = body.joints[wrist]
    steps = torch.cat([joints[:, :1] - origin, joints[:, 1:] - joints[:, :-1]], dim=1)
    ends = torch.cat([steps[:, 1:], 0.85 * steps[:, 2:]], dim=1)
    skin, normals, radii = _phalanges(body, names, joints, ends)
    frame, knuckles = _palm_frame(joints - origin)
    palm = _palm_samples(body, wrist, frame)
    closures = torch.linspace(0, 1, LEVELS)[:, None, None].expand(LEVELS, 5, 3)
    poses = finger_path(shape, side)(closures).view(LEVELS, 5, 3, 3)
    palm_verts = body.verts[palm] - origin
    depth = ((palm_verts - knuckles) @ frame[:, 2]).quantile(0.9)
    return Hand(
        side=side, shape=shape, joints=steps, skin=skin, skin_normals=normals, radii=radii,
        lengths=ends, bones=torch.tensor([0.35, 0.65, 0.95])[:, None] * ends[:, :, None],
        turns=matrix_from_rotvec(poses), poses=poses, palm=palm_verts,
        palm_normals=body.normals[palm], frame=frame, knuckles=knuckles, thickness=float(depth),
        rods=_rods(body, side, steps[:, 0]), rod_radii=torch.tensor([*[float(depth)] * 4, FOREARM]),
    )  # fmt: skip


def at_wrist(
    body: ShapedBody, side: str, shape: HandShape
) -> tuple[Float[Tensor, "52 3"], Float[Tensor, "3"]]:
    """The pose and the translation at which the world is the wrist's frame, fingers straight.

    The forearm is in line with the hand, but for an open palm's: that bends back, off the surface.
    """
    elbow, wrist = (body.joints[INDEX[f"{side}_{name}"]] for name in ("elbow", "wrist"))
    turn = torch.zeros(3)
    turn[2] = OPEN_WRIST * (shape == "bear") * (1.0 if side == "left" else -1.0)
    pose = torch.zeros(52, 3)
    pose[INDEX[f"{side}_elbow"]], pose[INDEX[f"{side}_wrist"]] = -turn, turn
    return pose, -(elbow + matrix_from_rotvec(-turn[None])[0] @ (wrist - elbow))


def _rods(body: ShapedBody, side: str, knuckles: Float[Tensor, "5 3"]) -> Float[Tensor, "5 2 3"]:
    """Wrist to the four knuckles, wrist to the middle of the forearm."""
    elbow = (body.joints[INDEX[f"{side}_elbow"]] - body.joints[INDEX[f"{side}_wrist"]]) / 2
    ends = torch.cat([knuckles[:THUMB], elbow[None]])
    # The bones begin beyond the joint: at the wrist itself they would be one lump.
    starts = torch.cat([0.3 * knuckles[:THUMB], 0.15 * elbow[None]])
    return torch.stack([starts, ends], dim=1)


def _phalanges(
    body: ShapedBody,
    names: list[list[int]],
    joints: Float[Tensor, "5 3 3"],
    ends: Float[Tensor, "5 3 3"],
) -> tuple[Tensor, Tensor, Tensor]:
    """Skin samples, their normals and the half thickness of each phalanx."""
    owner = body.model.weights.argmax(dim=1)
    skin, normals = torch.zeros(5, 3, POINTS, 3), torch.zeros(5, 3, POINTS, 3)
    radii = torch.zeros(5, 3)
    for f, row in enumerate(names):
        for k, joint in enumerate(row):
            mine = torch.nonzero(owner == joint)[:, 0]
            offset = body.verts[mine] - joints[f, k]
            along = torch.nn.functional.normalize(ends[f, k], dim=0)
            across = offset - (offset @ along)[:, None] * along
            radii[f, k] = across.norm(dim=-1).median()
            chosen = spread(body.verts[mine], POINTS)
            skin[f, k], normals[f, k] = offset[chosen], body.normals[mine][chosen]
    return skin, normals, radii


def _palm_frame(joints: Float[Tensor, "5 3 3"]) -> tuple[Tensor, Tensor]:
    """The hand's axes as columns, and the middle of the knuckles, wrist frame."""
    index, middle, pinky, ring = joints[:4, 0]
    knuckles = (index + middle + ring + pinky) / 4
    along = torch.nn.functional.normalize(knuckles, dim=0)
    across = index - pinky
    across = torch.nn.functional.normalize(across - (across @ along) * along, dim=0)
    out = torch.linalg.cross(along, across)
    # In the T-pose both palms look down; the cross product does so on one side only.
    out = out * -torch.sign(out[1])
    return torch.stack([along, across, out], dim=1), knuckles


def _palm_samples(body: ShapedBody, wrist: int, frame: Float[Tensor, "3 3"]) -> Tensor:
    """Vertices of the palm's skin, evenly spread."""
    mine = body.model.weights.argmax(dim=1) == wrist
    inner = mine & (body.normals @ frame[:, 2] > 0.3)
    along = (body.verts - body.joints[wrist]) @ frame[:, 0]
    candidates = torch.nonzero(inner & (along > 0.01))[:, 0]
    return candidates[spread(body.verts[candidates], PALM_POINTS)]


def spread(points: Float[Tensor, "points 3"], count: int) -> Tensor:
    """Indices of `count` points far from one another (farthest point first); repeats when few."""
    chosen = [0]
    distance = (points - points[0]).norm(dim=-1)
    for _ in range(min(count, len(points)) - 1):
        chosen.append(int(distance.argmax()))
        distance = torch.minimum(distance, (points - points[chosen[-1]]).norm(dim=-1))
    return torch.tensor([chosen[k % len(chosen)] for k in range(count)])


def finger_joints(side: str) -> list[int]:
    """Indices of the hand's 15 joints in the order of SMPL-H."""
    return [j for j, name in enumerate(JOINTS) if name.startswith(side) and j >= 22]
