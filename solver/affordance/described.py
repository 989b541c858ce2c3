"""What an object's shape shows, in sentences: all that a language model may know of it."""

from collections.abc import Iterator

import numpy as np
import torch

from ..artefacts import Item
from .features import Mask, Shape, measure_finely, measure_shape
from .rods import Rod, connected, find_rods

_LEVEL = 0.9
"""Vertical part of the normal of what is level."""
_AREA = 0.02
"""Square metres of the smallest level place that is worth telling."""
_MOST = 4
"""Places, and handles, that are told."""
_DEEP = 0.04
"""Metres of the shallowest hollow."""
_FILLED, _BROAD = 0.3, 0.35
"""Least share of a hollow's rectangle that its bottom fills, and of the object's width and depth
that it takes."""


def shape_facts(item: Item) -> tuple[str, ...]:
    """Level places with their heights, what a hand closes around, hollows, room below.

    Heights are above the floor, in metres; sides are the object's own.
    """
    shape = measure_shape(item)
    rods = find_rods(measure_finely(item, shape))
    return (*_levels(shape), *_bars(shape, rods), *_hollow(item, shape), *_below(shape))


def _levels(shape: Shape) -> Iterator[str]:
    facing = (shape.normals[:, 1] > _LEVEL) & (shape.clear_up > 0.15)
    pieces = sorted(connected(shape, facing), key=len, reverse=True)
    for piece in pieces[:_MOST]:
        area = len(piece) * shape.spacing**2
        if area < _AREA:
            return
        points = shape.points[piece]
        width, _, depth = np.ptp(points, axis=0)
        room = float(np.median(shape.clear_up[piece]))
        above = "nothing above it" if room > 1.9 else f"{room:.2f} m of room above it"
        yield (
            f"a level place {_height(shape, points):.2f} m high, about {width:.2f} x {depth:.2f} m"
            f"{_where(shape, points)}, {above}"
        )


def _bars(shape: Shape, rods: list[Rod]) -> Iterator[str]:
    for rod in rods[:_MOST]:
        lies = (
            "upright" if abs(rod.axis[1]) > 0.8 else "level" if abs(rod.axis[1]) < 0.4 else "slant"
        )
        centre = rod.centre[None]
        size = f"{rod.length:.2f} m long and {2000 * rod.radius:.0f} mm thick"
        place = f"{_height(shape, centre):.2f} m high{_where(shape, centre)}"
        yield f"a bar or handle {size}, {lies}, {place}"


def _hollow(item: Item, shape: Shape) -> Iterator[str]:
    """An opening at the top with walls around, as of a box, a bath or a cup."""
    top = float(shape.points[:, 1].max())
    inside = (shape.normals[:, 1] > 0.5) & (shape.clear_up > 1.0) & _walled(item, shape)
    inside &= shape.points[:, 1] < top - _DEEP
    if not inside.any():
        return
    points = shape.points[inside]
    width, _, depth = np.ptp(points, axis=0) + shape.spacing
    narrow = width < _BROAD * shape.extent[0] or depth < _BROAD * shape.extent[2]
    if narrow or len(points) * shape.spacing**2 < _FILLED * width * depth:
        return
    deep = top - float(np.median(points[:, 1]))
    yield f"open at the top: a hollow {deep:.2f} m deep, about {width:.2f} x {depth:.2f} m"


def _walled(item: Item, shape: Shape) -> Mask:
    """Whether all level ways from just above a sample end on the object."""
    seeds = torch.from_numpy(shape.points).float() + torch.tensor([0.0, 0.3 * _DEEP, 0.0])
    reach, walls = float(item.mesh.extent.max()), np.zeros(len(shape.points), int)
    for angle in np.arange(8) * np.pi / 4:
        way = torch.tensor([float(np.cos(angle)), 0.0, float(np.sin(angle))])
        walls += item.surface.cast(seeds, way.expand_as(seeds), reach)[0].numpy() < reach
    return walls == 8


def _below(shape: Shape) -> Iterator[str]:
    """Room between an underside and the floor, as below a table."""
    under = (shape.normals[:, 1] < -_LEVEL) & (shape.clear_out > 0.15)
    if np.count_nonzero(under) * shape.spacing**2 < 5 * _AREA:
        return
    height = float(np.median(shape.points[under, 1])) - shape.floor
    if height > 0.2:
        yield f"room below it, {height:.2f} m high"


def _height(shape: Shape, points: np.ndarray) -> float:
    return float(np.median(points[:, 1])) - shape.floor


def _where(shape: Shape, points: np.ndarray) -> str:
    """The side of the object that points are at, in words; empty for its middle."""
    centre = 0.5 * (shape.low + shape.high)
    off = (points.mean(axis=0) - centre) / np.maximum(0.5 * shape.extent, 1e-6)
    words = [
        name
        for name, value in (
            ("front", off[2]),
            ("back", -off[2]),
            ("left", off[0]),
            ("right", -off[0]),
        )
        if value > 0.5
    ]
    return f" at its {' '.join(words)}" if words else ""
