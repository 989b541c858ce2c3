"""Bounded least squares for forces: min |W z - b|^2 + ridge |z|^2 over least <= z <= most, batched.

W has six rows and hundreds of columns, so the problem is solved in its dual, which has six
unknowns: the wrench r = b - W z that is left over. Then z = clip(W' r / ridge, least, most). The
dual is strongly convex and its gradient piecewise linear, so that Newton's method with a line
search ends exactly after a few steps (20 from nothing, 3 from the solution of a similar problem).
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

RIDGE = 1e-4
"""What a squared unit push costs: it decides among equals, and biases the rest by about itself."""
STEPS = 60
FAR = 1e3
"""How many Newton steps the line search looks ahead."""
TOLERANCE = 1e-7
"""Of the dual's gradient, in the unit of `wanted`."""


@dataclass(frozen=True)
class Forces:
    """The best pushes, and what they leave over."""

    value: Float[Tensor, "*batch"]
    """|W z - b|^2 + ridge |z|^2 at the optimum, with its exact gradient."""
    left: Float[Tensor, "*batch 6"]
    """b - W z, force then torque, without gradient; hand it on as a start."""
    pushes: Float[Tensor, "*batch generators"]
    """z, without gradient."""
    share: Float[Tensor, "*batch generators"]
    """Where each push lies between its bounds, in [0, 1]."""


@dataclass(frozen=True)
class Problem:
    """The arguments of `least_residual`, in double precision."""

    W: Float[Tensor, "*batch 6 generators"]
    wanted: Float[Tensor, "*batch 6"]
    least: Float[Tensor, "*batch generators"]
    most: Float[Tensor, "*batch generators"]
    ridge: float


def least_residual(
    W: Float[Tensor, "*batch 6 generators"],
    wanted: Float[Tensor, "*batch 6"],
    least: Float[Tensor, "*batch generators"],
    most: Float[Tensor, "*batch generators"],
    ridge: float = RIDGE,
    start: Float[Tensor, "*batch 6"] | None = None,
) -> Forces:
    """The pushes that come nearest to the wanted wrench.

    By the envelope theorem the gradient of the optimal value is that of the objective at fixed
    optimal pushes, each held at its share of the way between its bounds. This is exact, also with
    respect to the bounds, and the derivative of the pushes is never needed.

    Args:
        W: Wrench of a unit push along each generator.
        wanted: The wrench that the pushes should add up to.
        least: Lower bounds of the pushes.
        most: Upper bounds; a generator whose bounds are both zero is absent.
        ridge: See above.
        start: `left` of a similar problem.
    """
    with torch.no_grad():
        problem = Problem(W.double(), wanted.double(), least.double(), most.double(), ridge)
        left = _newton(problem, problem.wanted if start is None else start.double())
        asked = _across(left, problem.W) / ridge - problem.least
        share = (asked / (problem.most - problem.least).clamp(min=1e-12)).clamp(0.0, 1.0).to(W)
    pushes = least + share * (most - least)
    missing = wanted - (W @ pushes[..., None])[..., 0]
    value = missing.square().sum(dim=-1) + ridge * pushes.square().sum(dim=-1)
    return Forces(value, missing.detach(), pushes.detach(), share)


def value_at(
    W: Float[Tensor, "*batch 6 generators"],
    wanted: Float[Tensor, "*batch 6"],
    most: Float[Tensor, "*batch generators"],
    share: Float[Tensor, "*batch generators"],
    ridge: float = RIDGE,
) -> Float[Tensor, "*batch"]:
    """The value of pushes, from zero to `most`, whose shares were found a few steps before.

    Where they were found, value and gradient are those of the optimum.
    """
    pushes = share * most
    missing = wanted - (W @ pushes[..., None])[..., 0]
    return missing.square().sum(dim=-1) + ridge * pushes.square().sum(dim=-1)


def _newton(problem: Problem, left: Float[Tensor, "*batch 6"]) -> Float[Tensor, "*batch 6"]:
    """The minimum of the dual, |r|^2 / 2 - b r + sum of the largest r W z - ridge z^2 / 2."""
    eye = torch.eye(6, dtype=left.dtype)
    for _ in range(STEPS):
        slope = _across(left, problem.W)
        pushes = (slope / problem.ridge).clamp(problem.least, problem.most)
        gradient = left - problem.wanted + (problem.W @ pushes[..., None])[..., 0]
        if bool((gradient.abs() < TOLERANCE).all()):
            break
        free = ((pushes > problem.least) & (pushes < problem.most)).to(left)
        curvature = eye + (problem.W * free[..., None, :]) @ problem.W.mT / problem.ridge
        step = -torch.linalg.solve(curvature, gradient)
        left = left + _stride(problem, left, step)[..., None] * step
    return left


def _stride(
    problem: Problem, left: Float[Tensor, "*batch 6"], step: Float[Tensor, "*batch 6"]
) -> Float[Tensor, "*batch"]:
    """How many steps lead to the dual's minimum along their line.

    Its slope there rises in straight pieces; a piece ends where a push meets or leaves a bound.
    """
    at, along = _across(left, problem.W), _across(step, problem.W)
    inverse = 1 / torch.where(along.abs() > 1e-30, along, 1e-30)
    ends = (problem.ridge * torch.stack([problem.least, problem.most]) - at) * inverse
    rise = along.square() / problem.ridge
    rise = torch.where(problem.most > problem.least, rise, 0.0)
    enter, leave = ends.amin(dim=0), ends.amax(dim=0)
    events, order = torch.cat([enter, leave], dim=-1).clamp(0.0, FAR).sort(dim=-1)
    change = torch.cat([rise, -rise], dim=-1).gather(-1, order)
    bend = step.square().sum(dim=-1, keepdim=True).clamp(min=1e-60)
    steepness = (bend + change.cumsum(dim=-1)).maximum(bend)
    pushes = (at / problem.ridge).clamp(problem.least, problem.most)
    slope = (pushes * along).sum(dim=-1) + (step * (left - problem.wanted)).sum(dim=-1)
    rises = steepness[..., :-1] * events.diff(dim=-1)
    first = slope[..., None] + bend * events[..., :1]
    slopes = torch.cat([first, first + rises.cumsum(dim=-1)], dim=-1)
    piece = ((slopes < 0).sum(dim=-1, keepdim=True) - 1).clamp(min=0)
    found = (events - slopes / steepness).gather(-1, piece)[..., 0]
    return found.clamp(min=0.0)


def _across(
    left: Float[Tensor, "*batch 6"], W: Float[Tensor, "*batch 6 generators"]
) -> Float[Tensor, "*batch generators"]:
    return (left[..., None, :] @ W)[..., 0, :]
