"""The nearest of fixed points: one contract, three back ends.

The kd-tree is what the solver uses; plain torch is its slow, readable twin; pytorch3d is for those
who have it, and is never installed.
"""

import importlib.util
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol, get_args, runtime_checkable

import numpy as np
import torch
from jaxtyping import Float, Int
from scipy.spatial import cKDTree  # pyright: ignore[reportAttributeAccessIssue]
from torch import Tensor

from ..errors import SolverError

Backend = Literal["kdtree", "torch", "pytorch3d"]
BACKENDS: tuple[str, ...] = get_args(Backend)

VARIABLE = "INTERACT_NEIGHBOURS"
"""The environment's variable that names the back end."""
ROWS = 1024
"""Points that plain torch compares at once."""


@runtime_checkable
class Neighbours(Protocol):
    """Fixed points, at least one, on any number of axes, in any unit."""

    def nearest(
        self, points: Float[Tensor, "*batch axes"]
    ) -> tuple[Int[Tensor, "*batch"], Float[Tensor, "*batch"]]:
        """The index of the fixed point nearest to each point, and how far it is.

        Euclidean, in the points' own unit and type, on their device, without gradient. Of points
        equally near any may be meant.
        """
        ...


@dataclass(frozen=True)
class KdTree:
    """Stays on the CPU and computes in double, wherever the question comes from."""

    tree: cKDTree

    def nearest(
        self, points: Float[Tensor, "*batch axes"]
    ) -> tuple[Int[Tensor, "*batch"], Float[Tensor, "*batch"]]:
        """See `Neighbours`."""
        flat = points.detach().reshape(-1, points.shape[-1]).double().cpu().numpy()
        distance, index = self.tree.query(flat)
        shape = points.shape[:-1]
        found = torch.from_numpy(np.asarray(index, np.int64)).view(shape)
        far = torch.from_numpy(np.asarray(distance)).to(points.dtype).view(shape)
        return found.to(points.device), far.to(points.device)


@dataclass(frozen=True)
class PlainTorch:
    """Every point against every other, in double: slow, and right."""

    targets: Float[Tensor, "targets axes"]

    def nearest(
        self, points: Float[Tensor, "*batch axes"]
    ) -> tuple[Int[Tensor, "*batch"], Float[Tensor, "*batch"]]:
        """See `Neighbours`."""
        flat = points.detach().reshape(-1, points.shape[-1]).double()
        targets = self.targets.to(flat)
        apart = [(rows[:, None] - targets).norm(dim=-1).min(dim=1) for rows in flat.split(ROWS)]
        shape = points.shape[:-1]
        found = torch.cat([each.indices for each in apart]).view(shape)
        return found, torch.cat([each.values for each in apart]).to(points.dtype).view(shape)


@dataclass(frozen=True)
class Pytorch3d:
    """pytorch3d's brute force in single precision: meant for a GPU."""

    targets: Float[Tensor, "targets axes"]

    def nearest(
        self, points: Float[Tensor, "*batch axes"]
    ) -> tuple[Int[Tensor, "*batch"], Float[Tensor, "*batch"]]:
        """See `Neighbours`."""
        from pytorch3d.ops import knn_points  # pyright: ignore[reportMissingImports]

        flat = points.detach().reshape(1, -1, points.shape[-1]).float()
        found = knn_points(flat, self.targets.to(flat)[None], K=1)
        shape = points.shape[:-1]
        return found.idx.view(shape), found.dists.sqrt().to(points.dtype).view(shape)


_MAKERS: dict[Backend, Callable[[Tensor], Neighbours]] = {
    "kdtree": lambda targets: KdTree(cKDTree(targets.double().cpu().numpy())),
    "torch": PlainTorch,
    "pytorch3d": Pytorch3d,
}


def neighbours(targets: Float[Tensor, "targets axes"], backend: Backend = "kdtree") -> Neighbours:
    """Fixed points that can be asked for the nearest; the caller has checked the back end."""
    return _MAKERS[backend](targets.detach())


def chosen_backend() -> Backend:
    """What the environment's variable INTERACT_NEIGHBOURS says; the kd-tree where it is unset.

    Raises:
        SolverError: When it says something unknown, or something that is not installed.
    """
    named = os.environ.get(VARIABLE) or "kdtree"
    if named not in BACKENDS:
        raise SolverError(
            f"{VARIABLE} is '{named}', which is no way to find nearest neighbours.",
            remedy=f"Set it to one of {', '.join(BACKENDS)}, or leave it out.",
        )
    if named == "pytorch3d" and importlib.util.find_spec("pytorch3d") is None:
        raise SolverError(
            f"{VARIABLE} is 'pytorch3d', but pytorch3d is not installed.",
            remedy=f"Install it into the solver's environment, or leave {VARIABLE} out.",
        )
    return named  # pyright: ignore[reportReturnType]
