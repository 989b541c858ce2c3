"""From the source frame to the object's own: upright, metres, front toward +Z, on its ground."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..artefacts import ObjectPrior
from ..bounds import LARGEST, SMALLEST
from ..errors import SolverError
from .front import about_y, guess_front
from .hints import Hints
from .shape import Shape
from .upright import UNITS, UPS, guess_upright, size_ratio

Matrix = NDArray[np.float64]

PEOPLE_SIZED = frozenset({"seat", "bed", "table", "counter", "door", "cycle", "cart", "laptop"})
"""Categories that people's bodies set the size of: four times too large or small is a mistake."""
DOUBTFUL = 0.8
"""A guess with less confidence than this is mentioned."""
ODD = 1.35
"""An object this many times larger or smaller than usual is mentioned."""


@dataclass(frozen=True)
class Settled:
    """Where the object's own frame is."""

    T_object_source: Matrix
    """A similarity."""
    T_scene_world: Matrix
    """Rigid."""
    floor: float
    """Height of the floor in the object's frame, metres."""
    front_confidence: float
    warnings: tuple[str, ...]


def settle(shape: Shape, name: str, prior: ObjectPrior, hints: Hints) -> Settled:
    """Choose the object's frame.

    Args:
        shape: The object as it came, the source's Y taken as up.
        name: For messages.
        prior: What its noun says.
        hints: What the user says.

    Raises:
        SolverError: If its size is impossible, or the given front points up.
    """
    if hints.placement == "estimate":
        return _estimate(shape, name, prior, hints)
    return _keep(shape, name, prior, hints)


def _keep(shape: Shape, name: str, prior: ObjectPrior, hints: Hints) -> Settled:
    if hints.front in ("+y", "-y"):
        raise SolverError(
            f"The front of '{name}' was given as {hints.front}, which is up or down.",
            remedy="Give a horizontal front: +x, -x, +z or -z (Y is up, as in glTF).",
        )
    warnings = [*_check_size(shape.extent, name, prior), *_lying(shape, name, prior)]
    turn, confidence, doubts = _face(shape, 1.0, prior, hints, name)
    T = turn @ shape.T_upright_source
    scene = np.linalg.inv(T)
    floor = 0.0 if hints.floor is None else hints.floor - float(scene[1, 3])
    if floor > 0.05:
        warnings.append(f"'{name}' reaches {floor * 100:.0f} cm below the floor.")
    return Settled(T, scene, floor, confidence, (*warnings, *doubts))


def _estimate(shape: Shape, name: str, prior: ObjectPrior, hints: Hints) -> Settled:
    guess = guess_upright(shape, prior, sideways=hints.front)
    extent = guess.shape.extent * guess.scale
    warnings = [*_unit_words(guess.scale, extent, name, prior), *_check_size(extent, name, prior)]
    if guess.confidence < DOUBTFUL:
        warnings.append(
            f"It is doubtful which way up '{name}' belongs: the file's {guess.up} axis was taken "
            f"({guess.confidence:.0%} sure)."
        )
    turn, confidence, doubts = _face(guess.shape, guess.scale, prior, hints, name)
    size = np.diag([guess.scale, guess.scale, guess.scale, 1.0])
    T = size @ turn @ guess.shape.T_upright_source
    # It stands where a right import would have put it.
    middle = np.linalg.inv(shape.T_upright_source)[:3, 3] + [0.0, shape.extent[1] / 2, 0.0]
    scene = np.eye(4)
    scene[:3, 3] = guess.scale * (UPS[guess.up][0] @ middle)
    scene[1, 3] = hints.floor or 0.0
    return Settled(T, scene, 0.0, confidence, (*warnings, *doubts))


def _face(
    upright: Shape, scale: float, prior: ObjectPrior, hints: Hints, name: str
) -> tuple[Matrix, float, list[str]]:
    """Rotation about Y that brings the front to +Z, its confidence, and doubts."""
    if hints.front != "auto":
        sign = 1.0 if hints.front[0] == "+" else -1.0
        source = np.eye(3)["xyz".index(hints.front[1])] * sign
        ahead = upright.T_upright_source[:3, :3] @ source
        yaw, confidence, doubts = -float(np.arctan2(ahead[0], ahead[2])), 1.0, []
    else:
        askew = hints.placement == "keep" or prior.front != "none"
        guess = guess_front(upright, prior, scale, askew=askew)
        yaw, confidence, doubts = guess.yaw, guess.confidence, []
        if confidence < DOUBTFUL and prior.front != "none":
            doubts = [f"It is doubtful where the front of '{name}' is ({confidence:.0%} sure)."]
    # The box is centred anew: its middle moves when an object that stood askew is squared.
    turn = np.eye(4)
    turn[:3, :3] = about_y(yaw)
    corners = upright.corners @ turn[:3, :3].T
    middle = (corners.max(axis=0) + corners.min(axis=0)) / 2
    turn[[0, 2], 3] = -middle[[0, 2]]
    return turn, confidence, doubts


def _lying(shape: Shape, name: str, prior: ObjectPrior) -> list[str]:
    """Furniture that seems to lie on its side where it stands."""
    if prior.category not in PEOPLE_SIZED or prior.size is None:
        return []
    guess = guess_upright(shape, prior)
    if guess.up == "+y" or guess.confidence < 0.95:
        return []
    return [f"'{name}' seems to lie on its side or head: {guess.up} looks like its up axis."]


def _check_size(extent: NDArray[np.float64], name: str, prior: ObjectPrior) -> list[str]:
    """What is odd about a size in metres.

    Raises:
        SolverError: If it cannot be the size of such an object.
    """
    longest, ratio = float(extent.max()), size_ratio(extent, prior)
    usual = max(prior.size) if prior.size else longest
    advice = f"scale it by {1 / ratio:.3g}"
    if not SMALLEST <= longest <= LARGEST:
        raise SolverError(
            f"Object '{name}' is {_metres(longest)} across; "
            f"{SMALLEST * 100:.0f} cm to {LARGEST:.0f} m can be used.",
            remedy="Apply its scale (Ctrl+A > Scale), check the scene's unit scale, or choose "
            "'Estimate' for its size." + (f" To be as usual, {advice}." if prior.size else ""),
        )
    side = "tall" if int(extent.argmax()) == 1 else "long"
    words = (
        f"The {prior.noun} '{name}' is {_metres(longest)} {side}, about {_metres(usual)} is usual"
    )
    if prior.category in PEOPLE_SIZED and not 0.25 <= ratio <= 4.0:
        raise SolverError(
            f"{words}.", remedy=f"Check the unit: {advice}, or choose 'Estimate' for its size."
        )
    if 1 / ODD <= ratio <= ODD or prior.size is None:
        return []
    sizes = (" x ".join(f"{side:.2g}" for side in box) for box in (extent, prior.size))
    odd = "large" if ratio > 1.0 else "small"
    noun = f"{'an' if prior.noun[:1] in 'aeiou' else 'a'} {prior.noun}"
    return [f"'{name}' is {odd} for {noun}: {next(sizes)} m, usual are {next(sizes)} m."]


def _unit_words(
    scale: float, extent: NDArray[np.float64], name: str, prior: ObjectPrior
) -> list[str]:
    """What was taken for the unit of a file."""
    if scale in UNITS and prior.size is not None:
        return [] if scale == 1.0 else [f"'{name}' was read as {UNITS[scale]}."]
    if prior.size is None:
        return [
            f"The size of '{name}' is a guess ({_metres(float(extent.max()))} long): "
            "what it is was not recognised."
        ]
    return [
        f"The unit of '{name}' is unknown; it was scaled by {scale:.3g} to the size of a usual "
        f"{prior.noun} ({_metres(float(extent[1]))} high). Check its size."
    ]


def _metres(length: float) -> str:
    return f"{length:.3g} m" if length >= 0.1 else f"{length * 1000:.3g} mm"
