"""The last millimetres of what is shown: a step-capped quasi-Newton descent with hard weights.

Adam with many rows finds the place; what is still too deep in the object, in the scene, in itself
or below the floor is brought out here, one row at a time, and only where there is such a thing.
"""

from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from scipy.optimize import minimize
from torch import Tensor

from ..settings import PolishSettings
from ..task.scene import lowest_under
from .descent import Terms
from .exact import Crowd, Exact, ask, gather_crowd
from .layout import layout_of
from .matching import Matches
from .objective import Objective
from .phases import Bar, Scene, leaves_of, objective_of, variables_of
from .variables import Start, State, Variables, settled, state_of

LEFT, SUNK = 0.004, 0.002
"""Depths, metres, beyond what skin gives and below the floor, that are worth a polish."""
GAIN = 0.02
"""A round that betters less than this share is the last."""
SHARE = 1.0 / 3.0
"""Metres that a translation may go in a round for each radian that a joint may turn."""

Point = NDArray[np.float64]


def polish(scene: Scene, start: Start, terms: Terms, bar: Bar) -> tuple[Start, Terms]:
    """Bring each row out of what it is in; rows that are in nothing stay as they are.

    Args:
        scene: What the phases share.
        start: The rows that are shown, finished.
        terms: Of these rows at the end of the finish.
        bar: Told of every evaluation.
    """
    poses, trans, objects = start.pose.clone(), start.trans.clone(), start.T_world_object.clone()
    terms = {name: value.clone() for name, value in terms.items()}
    for k in range(len(poses)):
        found = _Row(scene, start.take(torch.tensor([k])), bar).polished()
        if found is None:
            continue
        row, energies = found
        poses[k], trans[k], objects[k] = row.pose[0], row.trans[0], row.T_world_object[0]
        for name, value in energies.items():
            terms[name][k] = value[0]
    return replace(start, pose=poses, trans=trans, T_world_object=objects), terms


@dataclass(frozen=True)
class _Look:
    """What is known at one point."""

    at: Point
    exact: Exact
    crowd: Crowd
    matches: Matches
    merit: float


class _Row:
    """One row, its variables as one vector."""

    def __init__(self, scene: Scene, start: Start, bar: Bar) -> None:
        self._scene, self._start, self._bar = scene, start, bar
        self._knobs: PolishSettings = scene.settings.polish
        self._variables: Variables = variables_of(scene, start, fingers=True)
        leaves = leaves_of(self._variables)
        self._leaves = [leaf for leaf, _ in leaves]
        layout = layout_of(scene.task, scene.taking, None, scene.settings.closure)
        self._objective: Objective = objective_of(scene, layout, start)
        moves = (self._variables.shift, self._variables.object_shift)
        self._reach = np.concatenate([
            np.full(leaf.numel(), SHARE if any(leaf is each for each in moves) else 1.0)
            for leaf in self._leaves
        ])  # fmt: skip

    def polished(self) -> tuple[Start, Terms] | None:
        """Where the row went, and its energies there; None where nothing is to be done."""
        if self._knobs.rounds == 0:
            return None
        best = self._look(np.zeros(len(self._reach)), None)
        if not self._left(best):
            return None
        cap = self._knobs.cap
        for _ in range(self._knobs.rounds):
            new, old = self._look(self._down(best, cap), best), best
            best, cap = (new, cap) if new.merit < old.merit else (old, cap / 2)
            if new.merit < old.merit and (_little(old, new) or not self._left(new)):
                break
        state = self._state(best.at)
        with torch.no_grad():
            weights = self._scene.settings.finish.last
            terms = self._objective(state, best.matches, weights, best.exact)
        return settled(self._scene.task.body, self._start, self._variables), terms

    def _look(self, at: Point, before: _Look | None) -> _Look:
        """Ask for the exact distances and the contacts at a point."""
        task, state = self._scene.task, self._state(at)
        # Within the caps nothing comes near that was not around at first.
        crowd = before.crowd if before else gather_crowd(task, state)
        exact, crowd = ask(task, state, crowd)
        matches = self._objective.match(state, before.matches if before else None)
        with torch.no_grad():
            terms = self._objective(state, matches, self._knobs.weights, exact)
        return _Look(at, exact, crowd, matches, float(torch.stack(list(terms.values())).sum()))

    def _down(self, look: _Look, cap: float) -> Point:
        """The best point within the cap, by L-BFGS-B on what is known at a look."""

        def evaluate(at: Point) -> tuple[float, Point]:
            self._bar.step(4.0)
            state = self._state(at)
            terms = self._objective(state, look.matches, self._knobs.weights, look.exact)
            total = torch.stack(list(terms.values())).sum()
            slopes = torch.autograd.grad(
                total, self._leaves, allow_unused=True, materialize_grads=True
            )
            slope = torch.cat([each.flatten() for each in slopes])
            return total.item(), slope.double().cpu().numpy()

        reach = cap * self._reach
        bounds = np.stack([look.at - reach, look.at + reach], axis=1)
        limits = {"maxiter": self._knobs.iterations, "maxfun": self._knobs.iterations + 6}
        return minimize(
            evaluate, look.at, jac=True, method="L-BFGS-B", bounds=bounds, options=limits
        ).x

    def _left(self, look: _Look) -> bool:
        """Whether something is too deep in something."""
        verts = self._state(look.at).posed.verts.detach()
        sunk = (lowest_under(self._scene.task.item, verts) - verts[..., 1]).amax()
        return float(sunk) > SUNK or faults(look.exact, self._objective.layout.give) > LEFT

    def _state(self, at: Point) -> State:
        self._put(at)
        return state_of(self._scene.task.body, self._start, self._variables)

    def _put(self, at: Point) -> None:
        values = (
            torch.from_numpy(at).to(self._leaves[0]).split([leaf.numel() for leaf in self._leaves])
        )
        with torch.no_grad():
            for leaf, value in zip(self._leaves, values, strict=True):
                leaf.copy_(value.view(leaf.shape))


def _little(old: _Look, new: _Look) -> bool:
    return old.merit - new.merit < GAIN * old.merit


def faults(exact: Exact, give: Float[Tensor, " verts"]) -> float:
    """The greatest depth, metres, beyond what is given: in the object, in itself, in the scene."""
    depths = [-exact.sdf - give, exact.depth - give[exact.corners[..., 0]]]
    if exact.folds is not None:
        depths.append(-exact.folds.sdf)
    if exact.nearby is not None:
        depths += [-exact.nearby.sdf, exact.nearby.depth]
    return max(float(each.max()) for each in depths if each.numel())
