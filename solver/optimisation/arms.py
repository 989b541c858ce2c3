"""An arm's three joints: forward kinematics and a cross-entropy search over their angles."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..body import Posed, ShapedBody
from ..body.joints import INDEX, PARENTS
from ..body.limits import angle_range, joint_angles, rotvec_of_angles
from ..geometry.rotations import matrix_from_rotvec, rigid
from .chance import Chance
from .losses.prior import strain
from .variables import Start

ARM = ("shoulder", "elbow", "wrist")
ELITES = 8
FEWEST, MOST = 64, 512
"""Samples of one row, at least and at most."""
MARGIN = 0.05
"""How far inside the joint limits the search stays, radians."""
USUAL = torch.tensor([45.0, 45.0, 30.0]).deg2rad()[:, None]
"""How far shoulder, elbow and wrist may be from the library's pose, radians."""
STRAIGHT = torch.tensor([[1e3] * 3, [1e3] * 3, [20.0, 15.0, 25.0]]).deg2rad()
"""How far a wrist is at ease twisted, bent to a side and bent back or forth, radians, whatever the
library says."""
LOW_ELBOW, RAISED = 0.12, 0.07
"""How far below the shoulder an elbow is at ease, metres, unless the library has it higher; sigma
of how much higher it is than that, metres."""

Rows = Int[Tensor, " rows"]
Cost = Callable[["Arms", Rows], Float[Tensor, "rows samples"]]
"""Of sampled arms of some rows of a batch."""


@dataclass(frozen=True)
class Arms:
    """Arms posed by forward kinematics, world frame."""

    angles: Float[Tensor, "rows samples 3 3"]
    """Twist and swings of shoulder, elbow and wrist, radians."""
    joints: Float[Tensor, "rows samples 3 3"]
    T_world_wrist: Float[Tensor, "rows samples 4 4"]
    collar: Float[Tensor, "rows 3 3"]
    """World rotation of the bone that the arm hangs from."""


@dataclass(frozen=True)
class Shoulder:
    """Where the arm of each row is attached, and how the library holds it."""

    side: str
    offsets: Float[Tensor, "3 3"]
    """From the collar to the shoulder, from there to the elbow, from there to the wrist, T-pose."""
    rotation: Float[Tensor, "rows 3 3"]
    """Of the collar, world frame."""
    origin: Float[Tensor, "rows 3"]
    """The collar joint, world frame."""
    usual: Float[Tensor, "rows 3 3"]
    """The library's angles."""

    def take(self, rows: Rows) -> "Shoulder":
        """Some of the rows."""
        kept = self.rotation[rows], self.origin[rows], self.usual[rows]
        return Shoulder(self.side, self.offsets, *kept)

    @property
    def index(self) -> list[int]:
        """The three joints."""
        return arm_joints(self.side)


@dataclass(frozen=True)
class Found:
    """The best arm of each row."""

    angles: Float[Tensor, "rows 3 3"]
    cost: Float[Tensor, " rows"]
    """All of it: plan, collisions and effort."""
    effort: Float[Tensor, " rows"]


def arm_joints(side: str) -> list[int]:
    """Shoulder, elbow and wrist."""
    return [INDEX[f"{side}_{name}"] for name in ARM]


def search(shoulder: Shoulder, cost: Cost, chance: Chance) -> Found:
    """The cheapest angles of each row's arm inside the joint limits.

    Half-way, only the most promising rows go on.
    """
    low, high = (each.to(shoulder.usual) for each in angle_range(shoulder.index, MARGIN))
    rows = len(shoulder.origin)
    best = shoulder.usual.clamp(low, high)
    mean, sigma = best.clone(), ((high - low) / 4).expand(rows, 3, 3).clone()
    least = torch.full((rows,), torch.inf)
    alive = torch.arange(rows)
    for turn in range(chance.knobs.arm_rounds):
        chance.tick()
        if turn == chance.knobs.arm_rounds // 2:
            alive = least.argsort()[: chance.knobs.arm_rows]
        tried = _draw(mean[alive], sigma[alive], (low, high), chance, widely=turn == 0)
        tried[:, 0] = best[alive]
        here = shoulder.take(alive)
        value = cost(posed_arms(here, tried), alive) + effort(here, tried)
        top = value.topk(ELITES, dim=1, largest=False)
        elites = tried.gather(1, top.indices[..., None, None].expand(-1, -1, 3, 3))
        best[alive], least[alive] = elites[:, 0], top.values[:, 0]
        mean[alive], sigma[alive] = elites.mean(dim=1), elites.std(dim=1) + 0.02
    return Found(best, least, effort(shoulder, best[:, None])[:, 0])


def _draw(
    mean: Float[Tensor, "rows 3 3"],
    sigma: Float[Tensor, "rows 3 3"],
    limits: tuple[Tensor, Tensor],
    chance: Chance,
    *,
    widely: bool,
) -> Float[Tensor, "rows samples 3 3"]:
    """Angles around the means; when drawn widely, half of them are anywhere in the limits."""
    low, high = limits
    generator = chance.generator
    count = min(MOST, max(FEWEST, chance.knobs.arm_samples // len(mean)))
    noise = torch.randn(len(mean), count, 3, 3, generator=generator, device="cpu").to(mean)
    tried = mean[:, None] + sigma[:, None] * noise
    if widely:
        share = torch.rand(len(mean), count // 2, 3, 3, generator=generator, device="cpu")
        tried[:, : count // 2] = low + share.to(mean) * (high - low)
    return torch.minimum(torch.maximum(tried, low), high)


def effort(
    shoulder: Shoulder, angles: Float[Tensor, "rows samples 3 3"]
) -> Float[Tensor, "rows samples"]:
    """How far arms are from what the library shows and from what is at ease."""
    unusual = ((angles - shoulder.usual[:, None]) / USUAL.to(angles)).square().sum(dim=(-1, -2))
    bent = (angles / STRAIGHT.to(angles)).square().sum(dim=(-1, -2))
    above = _rise(shoulder, angles) - _rise(shoulder, shoulder.usual[:, None]).clamp(min=-LOW_ELBOW)
    bent = bent + strain(angles[:, :, 2:, 1:])
    return unusual + bent + (above.clamp(min=0.0) / RAISED).square()


def _rise(
    shoulder: Shoulder, angles: Float[Tensor, "rows samples 3 3"]
) -> Float[Tensor, "rows samples"]:
    """How far elbows are above their shoulders, metres."""
    joints = posed_arms(shoulder, angles).joints
    return joints[:, :, 1, 1] - joints[:, :, 0, 1]


def posed_arms(shoulder: Shoulder, angles: Float[Tensor, "rows samples 3 3"]) -> Arms:
    """Forward kinematics from the collar to the wrist."""
    local = matrix_from_rotvec(rotvec_of_angles(angles, shoulder.index))
    turned = shoulder.rotation[:, None]
    at = shoulder.origin[:, None]
    joints = []
    for k in range(3):
        at = at + (turned @ shoulder.offsets[k])
        turned = turned @ local[:, :, k]
        joints.append(at.expand(*angles.shape[:2], 3))
    return Arms(angles, torch.stack(joints, dim=2), rigid(turned, joints[-1]), shoulder.rotation)


def shoulder_of(body: ShapedBody, side: str, start: Start, posed: Posed) -> Shoulder:
    """The arm's root in every row of a start."""
    index = arm_joints(side)
    collar = PARENTS[index[0]]
    chain = body.joints[[collar, *index]]
    return Shoulder(
        side=side,
        offsets=chain[1:] - chain[:-1],
        rotation=posed.rotations[:, collar],
        origin=posed.joints[:, collar],
        usual=joint_angles(start.library)[:, index],
    )


def with_arm(
    start: Start, side: str, angles: Float[Tensor, "rows 3 3"], odd: Float[Tensor, " rows"]
) -> Start:
    """The start with other arms, known to the prior as well."""
    index = arm_joints(side)
    turned = rotvec_of_angles(angles, index)
    pose, library = start.pose.clone(), start.library.clone()
    pose[:, index] = turned
    library[:, index] = turned
    return replace(start, pose=pose, library=library, oddness=start.oddness + odd)
