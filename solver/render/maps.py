"""Values on an object's surface as colours: where a body part should touch."""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float
from PIL import Image, ImageDraw
from scipy.spatial import KDTree
from torch import Tensor

from ..geometry.mesh import Mesh
from ..geometry.surface import Surface
from .raycast import View, frame, trace
from .shade import Colour, shade

VIEWS = ((30.0, 20.0), (120.0, 20.0), (210.0, -20.0), (0.0, 75.0))
"""Yaw and pitch, degrees: front and side from above, back from below, top."""
GREY = (0.74, 0.74, 0.78)
LINE = 16
"""Pixels of a line of text."""


def paint(
    mesh: Mesh,
    surface: Surface,
    points: Float[Tensor, "points 3"],
    normals: Float[Tensor, "points 3"],
    layers: Sequence[tuple[Float[Tensor, " points"], Colour]],
    view: View,
    size: int,
) -> Image.Image:
    """A grey object with every layer in its colour.

    Args:
        mesh: The object.
        surface: Of it.
        points: Samples of its surface, its frame, metres.
        normals: Of the samples, outward.
        layers: A value per sample, in any unit, and the colour of the largest.
        view: From where.
        size: Pixels of the square picture.
    """
    picture = trace(surface, mesh, view, size)
    near = torch.cdist(points[::97], points).topk(2, largest=False).values[:, 1].mean()
    distance, index = KDTree(points.numpy()).query(picture.position.reshape(-1, 3).numpy())
    index = torch.from_numpy(np.minimum(index, len(points) - 1))
    close = torch.from_numpy(distance < 8 * float(near))
    close &= (normals[index] * picture.normal.reshape(-1, 3)).sum(dim=-1) > 0.2
    colour = torch.tensor(GREY).expand(size * size, 3).clone()
    for values, ink in layers:
        strength = values / values.max().clamp(min=1e-12)
        share = (strength[index].sqrt() * close)[:, None]
        colour = colour * (1 - 0.9 * share) + 0.9 * share * torch.tensor(ink)
    lit = shade(picture, surface, colour.view(size, size, 3), view.radius)
    return Image.fromarray(lit.numpy())


def sheet(
    mesh: Mesh,
    surface: Surface,
    points: Float[Tensor, "points 3"],
    normals: Float[Tensor, "points 3"],
    rows: Sequence[tuple[str, Float[Tensor, " points"]]],
    size: int = 240,
) -> Image.Image:
    """One row per value map, four views of it under its title."""
    image = Image.new("RGB", (size * len(VIEWS), (size + LINE) * len(rows)), "white")
    pen = ImageDraw.Draw(image)
    for number, (title, values) in enumerate(rows):
        top = number * (size + LINE)
        pen.text((4, top + 2), title, fill="black")
        for column, (yaw, pitch) in enumerate(VIEWS):
            view = frame(mesh, yaw, pitch, 1.0)
            layer = [(values, (0.9, 0.15, 0.15))]
            seen = paint(mesh, surface, points, normals, layer, view, size)
            image.paste(seen, (column * size, top + LINE))
    return image
