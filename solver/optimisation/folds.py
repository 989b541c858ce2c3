"""The body against itself, exactly: first-order models as in `exact`.

Capsules steer the body away from itself; what they are too thin for is asked here, piece by piece:
hands, legs and upper arms against what they may come to lie on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from ..body import ShapedBody
from ..body.capsules import in_crease
from ..body.joints import JOINTS
from ..body.overlap import least_gap
from ..task.shell import Shell
from .losses.penetration import deepest, penetration
from .variables import State

GIVE = 0.002
"""Overlap that skin takes, metres."""
APART = 0.06
"""Pieces that are farther from one another than this, metres, when the finish begins are left."""
CLEAR = 0.03
"""Vertices that are farther than this, metres, from what they must not enter are left until they
may have come nearer."""
CUT_OPEN = 0.05
"""Farther than this, metres, from where a body was cut open nothing is in doubt."""
EVERY = 6
"""One in so many of a piece's vertices says how near it is."""

_FINGERS = ("thumb", "index", "middle", "ring", "pinky")
_TRUNK = ("spine", "neck", "head")
_LEG = ("hip", "knee", "ankle", "foot")


@dataclass(frozen=True)
class Fold:
    """A piece of the body and what it must not enter."""

    verts: Int[Tensor, " piece"]
    faces: Int[Tensor, "rest 3"]
    brim: Bool[Tensor, " verts"]
    """Where the rest has been cut open."""


@dataclass(frozen=True)
class Folds:
    """Signed distances of all pieces' vertices at one state."""

    verts: Int[Tensor, " pieces"]
    percent: Float[Tensor, " pieces"]
    """Share of the body's surface."""
    sdf: Float[Tensor, "batch pieces"]
    away: Float[Tensor, "batch pieces 3"]
    """Its gradient, world frame."""
    at: Float[Tensor, "batch pieces 3"]
    corners: Int[Tensor, "batch pieces 3"]
    """The nearest triangle of the rest of the body."""
    skin: Float[Tensor, "batch pieces 3"]
    """Its middle at the query."""


Rests = tuple[Shell | None, ...]
"""Of one body: what each fold must not enter, None where the two are far apart."""


@dataclass(frozen=True)
class Spared:
    """What earlier queries leave to be asked."""

    room: Float[Tensor, "batch pieces"]
    """How far each vertex of the pieces is at least from what it must not enter, metres."""
    seen: Float[Tensor, "batch verts 3"]
    """The bodies when that was known."""


def ask_folds(
    body: ShapedBody, state: State, rests: Sequence[Rests], before: Spared | None = None
) -> tuple[Folds, Spared]:
    """Measure the body against itself, sparing vertices that had room enough.

    Args:
        body: The shape.
        state: A batch of bodies.
        rests: Of each row, as `rests_of` made them.
        before: What the last query of these bodies knew.
    """
    posed, pieces = state.posed.verts.detach(), [fold.verts for fold in folds_of(body)]
    if before is None:
        before = Spared(posed.new_zeros(len(posed), sum(map(len, pieces))), posed)
    # Both sides may have moved toward one another.
    room = before.room - 2 * (posed - before.seen).norm(dim=-1).amax(dim=1)[:, None]
    rows = zip(rests, posed, room, strict=True)
    found = [_of_row(body, row, shells, left) for shells, row, left in rows]
    sdf, away, at, corners, skin = (torch.stack(values) for values in zip(*found, strict=True))
    # Most of hands and legs is far from everything, in every row: that need not be followed.
    least = sdf.amin(dim=0)
    near = (least <= least.min().clamp(min=CLEAR)).nonzero()[:, 0]
    verts = torch.cat(pieces)[near]
    percent = 100 * body.areas[verts] / body.areas.sum()
    folds = Folds(verts, percent, *(each[:, near] for each in (sdf, away, at, corners, skin)))
    return folds, Spared(sdf, posed)


def rests_of(body: ShapedBody, verts: Float[Tensor, "verts 3"]) -> Rests:
    """What each piece of one posed body must not enter, where it comes near."""
    shells: list[Shell | None] = []
    for fold in folds_of(body):
        points, shell = verts[fold.verts[::EVERY]], None
        # A tree is built for what may be near only.
        if least_gap(verts, fold.verts, fold.faces) < APART:
            shell = Shell(verts, fold.faces, opened=True)
        near = shell is not None and float(shell.distance(points).min()) < APART
        shells.append(shell if near else None)
    return tuple(shells)


def folds_cost(folds: Folds, state: State) -> Float[Tensor, " batch"]:
    """Cost of the body inside itself, first order around the query."""
    batch = torch.arange(len(folds.sdf))[:, None, None]
    skin = state.posed.verts[batch, folds.corners].mean(dim=2)
    change = (state.posed.verts[:, folds.verts] - folds.at) - (skin - folds.skin)
    sdf = folds.sdf + (change * folds.away).sum(dim=-1)
    give = torch.tensor([GIVE])
    return 3 * penetration(sdf, folds.percent, give) + 2 * deepest(sdf, give, count=2)


def _of_row(
    body: ShapedBody,
    posed: Float[Tensor, "verts 3"],
    rests: Rests,
    room: Float[Tensor, " pieces"],
) -> tuple[Tensor, ...]:
    folds = folds_of(body)
    rooms = room.split([len(fold.verts) for fold in folds])
    parts = [_of_fold(*each, posed) for each in zip(rests, folds, rooms, strict=True)]
    return tuple(torch.cat(values) for values in zip(*parts, strict=True))


def _of_fold(
    shell: Shell | None,
    fold: Fold,
    room: Float[Tensor, " piece"],
    posed: Float[Tensor, "verts 3"],
) -> tuple[Tensor, ...]:
    """Distance, its gradient, place, nearest triangle and its middle, of each vertex of a piece."""
    at = posed[fold.verts]
    nothing, corners = torch.zeros_like(at), torch.zeros_like(at, dtype=torch.long)
    if shell is None:
        return torch.ones_like(at[:, 0]), nothing, at, corners, nothing
    asked = (room < CLEAR).nonzero()[:, 0]
    if len(asked) == 0:
        return room, nothing, at, corners, nothing
    shell.follow(posed)
    found = distances(shell, fold, at[asked], posed)
    whole = (room, nothing, corners, nothing)
    room, away, corners, skin = (
        all_.index_put((asked,), part) for all_, part in zip(whole, found, strict=True)
    )
    return room, away, at, corners, skin


def distances(
    shell: Shell, fold: Fold, at: Float[Tensor, "asked 3"], posed: Float[Tensor, "verts 3"]
) -> tuple[Tensor, ...]:
    """Distance of points to what a fold must not enter, its gradient, triangles, their middles.

    Args:
        shell: Of the rest of a body.
        fold: Whose rest it is.
        at: Any points, world frame.
        posed: The body.
    """
    sdf, nearest, face = shell.query(at)
    corners = fold.faces[face.clamp(min=0)]
    # A normal says nothing at the brim; how far the rest goes around a point does.
    brim = fold.brim[corners].any(dim=1)
    sdf = torch.where(brim, sdf.abs(), sdf)
    doubtful = (brim & (sdf < CUT_OPEN)).nonzero()[:, 0]
    if len(doubtful):
        inside = shell.surrounds(at[doubtful])
        sdf[doubtful] = torch.where(inside, -sdf[doubtful], sdf[doubtful])
    away = torch.nn.functional.normalize(at - nearest, dim=-1) * torch.sign(sdf)[:, None]
    return sdf, away, corners, posed[corners].mean(dim=1)


@lru_cache(maxsize=4)
def folds_of(body: ShapedBody) -> tuple[Fold, ...]:
    """The pieces of one shape.

    Hands against all but arms, forearms against legs, each hand against the other arm, each leg
    against the trunk and the whole other leg, upper arms against the trunk. Their own roots, where
    flesh folds, are left out.
    """
    owner = body.model.weights.argmax(dim=1)
    root = in_crease(body, owner, body.verts)

    def part(names: Sequence[str], *sides: str) -> Bool[Tensor, " verts"]:
        whole = tuple(f"{s}_{n}" for s in sides for n in names) if sides else tuple(names)
        return torch.tensor([name.startswith(whole) for name in JOINTS])[owner]

    hand, trunk, both = ("wrist", *_FINGERS), part(_TRUNK), ("left", "right")
    arms = part(("elbow", *hand), *both)
    bare = part((*_LEG, "shoulder"), *both) & ~root
    pieces = [(part(hand, *both), ~arms), (part(("elbow",), *both), part(_LEG, *both))]
    pieces.append((bare, trunk))
    for side, other in (both, both[::-1]):
        pieces.append((part(hand, side), part(("elbow", "shoulder", *hand), other)))
        pieces.append((part(_LEG, side) & ~root, part(_LEG, other)))
    return tuple(fold_of(body, piece, rest) for piece, rest in pieces)


def fold_of(body: ShapedBody, piece: Bool[Tensor, " verts"], rest: Bool[Tensor, " verts"]) -> Fold:
    """A piece of one shape, and the skin that it must not enter, by their vertices."""
    kept = rest[body.faces].all(dim=1)
    inner, outer = torch.zeros_like(rest), torch.zeros_like(rest)
    inner[body.faces[kept]] = True
    outer[body.faces[~kept]] = True
    return Fold(torch.nonzero(piece)[:, 0], body.faces[kept], inner & outer)
