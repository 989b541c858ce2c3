"""Forearms and hands against the rest of the body, exactly: first-order models as in `exact`."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from ..body import ShapedBody
from ..body.joints import JOINTS
from ..task.shell import Shell
from .losses.penetration import deepest, penetration
from .variables import State

GIVE = 0.002
"""Overlap that skin takes, metres."""


@dataclass(frozen=True)
class Folds:
    """Signed distances of the hands' vertices to the rest of the body at one state."""

    verts: Int[Tensor, " hands"]
    """Vertices of both hands and wrists."""
    percent: Float[Tensor, " hands"]
    """Share of the body's surface."""
    sdf: Float[Tensor, "batch hands"]
    away: Float[Tensor, "batch hands 3"]
    """Its gradient, world frame."""
    at: Float[Tensor, "batch hands 3"]
    corners: Int[Tensor, "batch hands 3"]
    """The nearest triangle of the rest of the body."""
    skin: Float[Tensor, "batch hands 3"]
    """Its middle at the query."""


def ask_folds(body: ShapedBody, state: State, shells: Sequence[Shell]) -> Folds:
    """Measure the hands against the rest of the body.

    Args:
        body: The shape.
        state: A batch of bodies.
        shells: Of each row, as `rest_shell` made it.
    """
    verts, faces, brim = _parts(body)
    posed = state.posed.verts.detach()
    found = []
    for shell, row in zip(shells, posed, strict=True):
        shell.follow(row)
        found.append(_of_row(shell, row, verts, faces, brim))
    sdf, away, at, corners, skin = (torch.stack(values) for values in zip(*found, strict=True))
    percent = 100 * body.areas[verts] / body.areas.sum()
    return Folds(verts, percent, sdf, away, at, corners, skin)


def rest_shell(body: ShapedBody, verts: Float[Tensor, "verts 3"]) -> Shell:
    """Everything but forearms and hands."""
    return Shell(verts, _parts(body)[1])


def folds_cost(folds: Folds, state: State) -> Float[Tensor, " batch"]:
    """Cost of hands inside the body, first order around the query."""
    batch = torch.arange(len(folds.sdf))[:, None, None]
    skin = state.posed.verts[batch, folds.corners].mean(dim=2)
    change = (state.posed.verts[:, folds.verts] - folds.at) - (skin - folds.skin)
    sdf = folds.sdf + (change * folds.away).sum(dim=-1)
    give = torch.tensor([GIVE])
    return 3 * penetration(sdf, folds.percent, give) + 0.3 * deepest(sdf, give)


def _of_row(
    shell: Shell,
    posed: Float[Tensor, "verts 3"],
    verts: Int[Tensor, " hands"],
    faces: Int[Tensor, "rest 3"],
    brim: Bool[Tensor, " verts"],
) -> tuple[Tensor, ...]:
    at = posed[verts]
    sdf, nearest, face = shell.query(at)
    # Past the brim of the open sleeve there is no inside: it is where the forearm goes on.
    sdf = torch.where(brim[faces[face.clamp(min=0)]].any(dim=1), sdf.abs(), sdf)
    away = torch.nn.functional.normalize(at - nearest, dim=-1) * torch.sign(sdf)[:, None]
    corners = faces[face.clamp(min=0)]
    return sdf, away, at, corners, posed[corners].mean(dim=1)


@lru_cache(maxsize=4)
def _split(weights: Tensor, faces: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    owner = weights.argmax(dim=1)
    hand = torch.tensor([j >= 22 or name.endswith("wrist") for j, name in enumerate(JOINTS)])
    arm = hand | torch.tensor([name.endswith("elbow") for name in JOINTS])
    verts = torch.nonzero(hand[owner])[:, 0]
    cut = arm[owner[faces]].any(dim=1)
    brim = torch.zeros(len(weights), dtype=torch.bool)
    brim[faces[~cut]] = True
    beyond = torch.zeros_like(brim)
    beyond[faces[cut]] = True
    return verts, faces[~cut], brim & beyond


def _parts(
    body: ShapedBody,
) -> tuple[Int[Tensor, " hands"], Int[Tensor, "rest 3"], Bool[Tensor, " verts"]]:
    """Vertices of hands, the faces of everything but forearms and hands, and where it is cut."""
    return _split(body.model.weights, body.faces)
