"""A shaded picture of meshes: soft light, shadows, a floor, colours per face or per pixel."""

from collections.abc import Sequence
from pathlib import Path

import torch
from jaxtyping import Float, UInt8
from PIL import Image
from torch import Tensor

from ..geometry.mesh import Mesh
from ..geometry.surface import Surface
from .raycast import Picture, View, frame, seen, trace

LIGHT = torch.nn.functional.normalize(torch.tensor([0.45, 0.8, 0.4]), dim=0)
PAPER = 0.97
"""Grey of what no ray meets."""
SHADOW_BIAS = 1e-3
"""Share of the view's radius that a shadow ray starts above the surface."""

Colour = tuple[float, float, float]


def shade(
    picture: Picture, surface: Surface, colour: Float[Tensor, "height width 3"], radius: float
) -> UInt8[Tensor, "height width 3"]:
    """Light a traced view; `colour` is each pixel's own colour in [0, 1]."""
    start = picture.position + SHADOW_BIAS * radius * (picture.normal + LIGHT)
    lit = surface.clear(start, LIGHT, 4 * radius).float()
    facing = (picture.normal @ LIGHT).clamp(min=0)
    light = 0.5 + 0.16 * picture.normal[..., 1] + 0.42 * facing * (0.3 + 0.7 * lit)
    pixels = torch.where(seen(picture)[..., None], colour * light[..., None], torch.tensor(PAPER))
    return (pixels.clamp(0, 1) * 255).to(torch.uint8)


def join(parts: Sequence[tuple[Mesh, Colour]]) -> tuple[Mesh, Float[Tensor, "faces 3"]]:
    """Several meshes as one, with a colour per face."""
    verts, faces, colours, count = [], [], [], 0
    for mesh, colour in parts:
        verts.append(mesh.verts)
        faces.append(mesh.faces + count)
        colours.append(torch.tensor(colour).expand(len(mesh.faces), 3))
        count += len(mesh.verts)
    return Mesh(torch.cat(verts), torch.cat(faces)), torch.cat(colours)


def ground(mesh: Mesh, height: float) -> Mesh:
    """A floor below a mesh, half as wide again as its footprint."""
    reach = float(mesh.extent.norm())
    x, z = (float((mesh.low + mesh.high)[k]) / 2 for k in (0, 2))
    corners = [(-reach, -reach), (-reach, reach), (reach, reach), (reach, -reach)]
    verts = torch.tensor([[x + a, height, z + b] for a, b in corners])
    return Mesh(verts, torch.tensor([[0, 1, 2], [0, 2, 3]]))


def draw(
    parts: Sequence[tuple[Mesh, Colour]],
    angles: Sequence[tuple[float, float]] = ((30, 15), (120, 15), (0, 60)),
    *,
    size: int = 384,
    floor: float | None = None,
    focus: tuple[Float[Tensor, "3"], float] | None = None,
) -> Image.Image:
    """Meshes from several sides, next to each other.

    Args:
        parts: Meshes (world frame) and their colours in [0, 1].
        angles: Yaw and pitch of each view, degrees; yaw 0 looks at the front.
        size: Pixels of one square view.
        floor: Height of a floor to draw, metres; None draws none.
        focus: Centre and half width (metres) to look at, instead of everything.
    """
    whole, _ = join(parts)
    if floor is not None:
        parts = [*parts, (ground(whole, floor), (0.92, 0.92, 0.94))]
    mesh, colours = join(parts)
    surface = Surface(mesh)
    images: list[Tensor] = []
    for yaw, pitch in angles:
        view = View(yaw, pitch, *focus) if focus else frame(whole, yaw, pitch)
        picture = trace(surface, mesh, view, size)
        images.append(shade(picture, surface, colours[picture.face.clamp(min=0)], view.radius))
    return Image.fromarray(torch.cat(images, dim=1).numpy())


def save(image: Image.Image, path: Path) -> None:
    """Write a picture, with its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path)
