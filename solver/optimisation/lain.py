"""Where on a region a palm may lie: wrists seen from the object, near to where the hand is."""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from ..geometry.rotations import matrix_from_rotvec, rigid, transform
from ..task import Task, Touch
from ..task.shell import distance_by_normal
from .grasp.closing import Distance
from .grasp.flat import FAR, palm_down
from .grasp.hand import Hand, spread

SPOTS, AROUND = 8, 0.12
"""Places of the region that are tried, and how far, metres, from the hand they are."""
PATCH = 0.05
"""Surface within this, metres, of a spot says which way a palm faces there."""
YAWS = tuple(math.radians(k) for k in (-40, -20, 0, 20, 40))
"""Turns of the fingers, about the surface's normal, from where they point."""
AHEAD = (0.0, 0.035, 0.07)
"""What is over the spot: the palm's middle, its knuckles, or the fingers; metres from the first."""
SINK = 0.002
"""How deep, metres, a palm's lowest skin lies in the surface."""
LIKELY = 32
"""Wrists that are looked at closely: the nearest."""
TURNED, MOVED = math.radians(30), 0.06
"""What counts alike, radians and metres, in saying which are near."""


def lain_wrists(
    task: Task, touch: Touch, hand: Hand, T_object_wrist: Float[Tensor, "4 4"]
) -> Float[Tensor, "tried 4 4"]:
    """Wrists of hands that lie, seen from the object, the one nearest to what is given first."""
    palm = transform(T_object_wrist[None], hand.palm[None])[0].mean(dim=0)
    spots, normals = _spots(task, touch, palm)
    ahead = T_object_wrist[:3, :3] @ hand.frame[:, 0]
    along = ahead - (normals @ ahead)[:, None] * normals
    points = along.norm(dim=-1) > 0.2
    spots, normals, along = spots[points], normals[points], along[points]
    frames, places = [], []
    for yaw in YAWS:
        turned = (matrix_from_rotvec(yaw * normals) @ along[..., None])[..., 0]
        rotation = palm_down(hand, turned, normals)
        for beyond in AHEAD:
            over = hand.palm.mean(dim=0) + beyond * hand.frame[:, 0]
            frames.append(rotation)
            places.append(spots - rotation @ over)
    wrists = rigid(torch.cat(frames), torch.cat(places))
    turn = (wrists[:, :3, :3] - T_object_wrist[:3, :3]).square().sum(dim=(1, 2)) / 2
    away = (wrists[:, :3, 3] - T_object_wrist[:3, 3]).square().sum(dim=-1)
    near = (turn / TURNED**2 + away / MOVED**2).argsort()[:LIKELY]
    return _lowered(task, hand, wrists[near])


def _spots(
    task: Task, touch: Touch, palm: Float[Tensor, "3"]
) -> tuple[Float[Tensor, "spots 3"], Float[Tensor, "spots 3"]]:
    """Places of the region near the palm, and the surface's normal there or around there."""
    away = (touch.points - palm).norm(dim=-1)
    near = (away < away.min() + AROUND).nonzero()[:, 0]
    near = near[away[near].argsort()]
    kept = near[spread(touch.points[near], min(SPOTS, len(near)))]
    spots, own = touch.points[kept], touch.normals[kept]
    around = torch.cdist(spots, task.item.points) < PATCH
    agreeing = (own @ task.item.normals.T).clamp(min=0.0) * around
    mean = torch.nn.functional.normalize(own + agreeing @ task.item.normals, dim=-1)
    return torch.cat([spots, spots]), torch.cat([own, mean])


def _lowered(
    task: Task, hand: Hand, wrists: Float[Tensor, "tried 4 4"]
) -> Float[Tensor, "tried 4 4"]:
    """Wrists moved along their palms' normals until the palm's lowest skin lies on something."""
    distance, out = distance_to(task), wrists[:, :3, :3] @ hand.frame[:, 2]
    palm = hand.palm.expand(len(wrists), -1, 3)
    for _ in range(3):
        gap = distance(transform(wrists, palm)).amin(dim=1)
        wrists[:, :3, 3] += (gap + SINK).clamp(-FAR, FAR)[:, None] * out
    return wrists


def distance_to(task: Task) -> Distance:
    """Signed distance to the object; the nearest normal tells the side: cheap, near enough."""

    def distance(points: Float[Tensor, "*batch 3"]) -> Float[Tensor, "*batch"]:
        flat = distance_by_normal(task.item.surface, points.reshape(-1, 3))[0]
        return flat.view(points.shape[:-1])

    return distance
