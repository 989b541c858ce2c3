"""Where a palm may lie: wrists seen from what it lies on, near to where the hand is."""

import math
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..body import ShapedBody, facing
from ..body.capsules import in_crease
from ..geometry.mesh import Mesh, vertex_normals
from ..geometry.rotations import matrix_from_rotvec, rigid, transform
from ..geometry.surface import Surface
from ..task import OwnTouch, Task, Touch
from ..task.patches import contact_patch
from ..task.shell import Shell, distance_by_normal
from ..vocabulary import side_of
from .arms import arm_joints
from .edges import rims_around
from .folds import Fold, distances, fold_of
from .grasp.flat import FAR, palm_down
from .grasp.hand import Hand, finger_joints, spread
from .grasp.polish import arm_of, overlaps
from .variables import State

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
NEAR = 0.006
"""Skin this far off, metres, lies a third as well as skin that touches."""
LIKELY = 32
"""Wrists that are looked at closely: the nearest."""
OVER = 12
"""Wrists of hands over an edge that are looked at closely."""
AWAY = -0.2
"""Cosine of the way over an edge and the person's front: nobody reaches across to hook it."""
PROUD = 0.006
"""How far past an edge knuckles are, metres: flesh below them is in the way of bending."""
STEEP = 0.3
"""Sine of a thumb's way down up to which nothing is odd about it."""
TURNED, MOVED = math.radians(30), 0.06
"""What counts alike, radians and metres, in saying which are near."""


@dataclass(frozen=True)
class Ground:
    """What a hand lies on: a region of the object, or a part of the person's own body."""

    points: Float[Tensor, "region 3"]
    """Own frame, as all of these."""
    normals: Float[Tensor, "region 3"]
    around: tuple[Float[Tensor, "points 3"], Float[Tensor, "points 3"]]
    """Points of the whole surface, and its normals there."""
    surface: Surface
    T_world: Float[Tensor, "4 4"]

    @cached_property
    def _verts_normals(self) -> Float[Tensor, "verts 3"]:
        return vertex_normals(self.surface.mesh.verts, self.surface.mesh.faces)

    def distance(self, points: Float[Tensor, "*batch 3"]) -> Float[Tensor, "*batch"]:
        """Signed; the nearest normal tells the side: cheap, and near enough."""
        flat = points.reshape(-1, 3)
        found = distance_by_normal(self.surface, flat, self._verts_normals)[0]
        return found.view(points.shape[:-1])

    def local(self, points: Float[Tensor, "*batch 3"]) -> Float[Tensor, "*batch 3"]:
        """Points of the world, seen from here."""
        return (points - self.T_world[:3, 3]) @ self.T_world[:3, :3]


def ground_of(task: Task, touch: Touch | OwnTouch, state: State) -> Ground:
    """What the hand of one row is to lie on."""
    if isinstance(touch, Touch):
        around = (task.item.points, task.item.normals)
        T = state.T_world_object[0]
        return Ground(touch.points, touch.normals, around, task.item.surface, T)
    verts, side = state.posed.verts[0], side_of(touch.contact.part)
    points, normals = verts[touch.onto], facing(task.body, state.posed, touch.onto)[0]
    surface = Surface(Mesh(verts, _arm_fold(task.body, side).faces), solid=False)
    return Ground(points, normals, (points, normals), surface, torch.eye(4))


class Person:
    """Somebody without one arm, for asking whether that arm is in them however it is posed."""

    def __init__(self, body: ShapedBody, side: str, verts: Float[Tensor, "verts 3"]) -> None:
        self._fold = _arm_fold(body, side)
        self._skin = Shell(verts, self._fold.faces, opened=True)
        self._verts, self._side = verts, side

    def depth(self, verts: Float[Tensor, "verts 3"]) -> float:
        """How deep, metres, the arm of a posed body is in the rest of it."""
        at = verts[self._fold.verts]
        return max(-float(distances(self._skin, self._fold, at, self._verts)[0].min()), 0.0)

    def depths(self, task: Task, state: State, k: int) -> tuple[float, float]:
        """How deep, metres, hand and forearm of a row are in the object, the arm in the person."""
        arm = arm_of(task.body, self._side)
        there = overlaps(replace(task, body=arm.body), state.local[k : k + 1, arm.verts])[0]
        return there, self.depth(state.posed.verts[k])

    def around(self, points: Float[Tensor, "tried points 3"]) -> Float[Tensor, " tried"]:
        """How deep, metres, the deepest of each row's points is in the person."""
        distance = self._skin.distance(points.flatten(0, 1)).view(points.shape[:2])
        return (-distance).clamp(min=0.0).amax(dim=1)


@lru_cache(maxsize=4)
def _arm_fold(body: ShapedBody, side: str) -> Fold:
    """An arm outside the armpit, and all that is not the arm."""
    owner = body.model.weights.argmax(dim=1)
    mine = torch.isin(owner, torch.tensor([*arm_joints(side), *finger_joints(side)]))
    return fold_of(body, mine & ~in_crease(body, owner, body.verts), ~mine)


def lain_wrists(
    ground: Ground, hand: Hand, T_ground_wrist: Float[Tensor, "4 4"]
) -> Float[Tensor, "tried 4 4"]:
    """Wrists of hands that lie, seen from the ground, the one nearest to what is given first."""
    palm = transform(T_ground_wrist[None], hand.palm[None])[0].mean(dim=0)
    spots, normals = _spots(ground, palm)
    ahead = T_ground_wrist[:3, :3] @ hand.frame[:, 0]
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
    return _lowered(ground, hand, _nearest(wrists, T_ground_wrist, LIKELY))


def wrists_over(
    ground: Ground,
    hand: Hand,
    T_ground_wrist: Float[Tensor, "4 4"],
    front: Float[Tensor, "3"],
) -> Float[Tensor, "tried 4 4"]:
    """Wrists of hands whose palm ends at an edge, so that fingers go down behind it, nearest first.

    Seen from the ground, as the wrist and the person's front are; fingers point to no one's back.
    """
    palm = transform(T_ground_wrist[None], hand.palm[None])[0].mean(dim=0)
    spots, normals = _spots(ground, palm)
    of, rims, outward = rims_around(ground.distance, spots, normals)
    away = outward @ front > AWAY
    of, rims, outward = of[away], rims[away], outward[away]
    rotation = palm_down(hand, outward, normals[of])
    middle, ahead = hand.palm.mean(dim=0), hand.frame[:, 0]
    over = middle + ((hand.knuckles - middle) @ ahead - PROUD) * ahead
    wrists = rigid(rotation, rims - rotation @ over)
    return _lowered(ground, hand, _nearest(wrists, T_ground_wrist, OVER))


def _nearest(
    wrists: Float[Tensor, "tried 4 4"], T_ground_wrist: Float[Tensor, "4 4"], most: int
) -> Float[Tensor, "near 4 4"]:
    """Those that are turned and moved least from what is given."""
    turn = (wrists[:, :3, :3] - T_ground_wrist[:3, :3]).square().sum(dim=(1, 2)) / 2
    away = (wrists[:, :3, 3] - T_ground_wrist[:3, 3]).square().sum(dim=-1)
    return wrists[(turn / TURNED**2 + away / MOVED**2).argsort()[:most]]


def _spots(
    ground: Ground, palm: Float[Tensor, "3"]
) -> tuple[Float[Tensor, "spots 3"], Float[Tensor, "spots 3"]]:
    """Places of the region near the palm, and the surface's normal there or around there."""
    away = (ground.points - palm).norm(dim=-1)
    near = (away < away.min() + AROUND).nonzero()[:, 0]
    near = near[away[near].argsort()]
    kept = near[spread(ground.points[near], min(SPOTS, len(near)))]
    spots, own = ground.points[kept], ground.normals[kept]
    points, turned = ground.around
    agreeing = (own @ turned.T).clamp(min=0.0) * (torch.cdist(spots, points) < PATCH)
    mean = torch.nn.functional.normalize(own + agreeing @ turned, dim=-1)
    return torch.cat([spots, spots]), torch.cat([own, mean])


def _lowered(
    ground: Ground, hand: Hand, wrists: Float[Tensor, "tried 4 4"]
) -> Float[Tensor, "tried 4 4"]:
    """Wrists moved along their palms' normals until the palm's lowest skin lies on something."""
    out = wrists[:, :3, :3] @ hand.frame[:, 2]
    palm = hand.palm.expand(len(wrists), -1, 3)
    for _ in range(3):
        gap = ground.distance(transform(wrists, palm)).amin(dim=1)
        wrists[:, :3, 3] += (gap + SINK).clamp(-FAR, FAR)[:, None] * out
    return wrists


def thumbs_down(hand: Hand, up: Float[Tensor, "tried 3"]) -> Float[Tensor, " tried"]:
    """How far thumbs point down, in [0, 1]: nobody pushes a wall like that.

    Args:
        hand: Gives the thumb's side.
        up: Unit, seen from each wrist.
    """
    down = (-(up @ hand.frame[:, 1]) - STEEP) / (1.0 - STEEP)
    return down.clamp(min=0.0).square()


def whole_hand(task: Task, touch: Touch | OwnTouch) -> Int[Tensor, " hand"]:
    """The inner side of the hand that a contact names."""
    own = isinstance(touch, OwnTouch)
    return contact_patch(task.body, touch.contact, whole=True) if own else touch.whole


def lying(
    body: ShapedBody,
    ground: Ground,
    whole: Int[Tensor, " hand"],
    verts: Float[Tensor, "rows verts 3"],
) -> Float[Tensor, " rows"]:
    """The share of a hand's inner side, by area, that lies on the ground.

    Args:
        body: The person.
        ground: What it lies on.
        whole: Vertices of the inner side.
        verts: Posed bodies, world frame.
    """
    gap, area = ground.distance(ground.local(verts[:, whole])).abs(), body.areas[whole]
    return (torch.exp(-(gap - SINK).clamp(min=0.0) / NEAR) * area).sum(dim=1) / area.sum()
