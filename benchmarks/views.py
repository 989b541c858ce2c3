"""Pictures for judges: random sides, random clothes, the same ones for every system."""

import hashlib
from dataclasses import dataclass

import torch
from PIL import Image
from systems import Scene
from torch import Tensor

from solver.geometry.mesh import Mesh
from solver.render.shade import Colour, draw

SKIN = ((0.96, 0.80, 0.69), (0.88, 0.67, 0.52), (0.72, 0.50, 0.36), (0.52, 0.35, 0.25))
CLOTH = (
    (0.36, 0.52, 0.62), (0.70, 0.25, 0.24), (0.86, 0.80, 0.68), (0.24, 0.42, 0.30),
    (0.85, 0.62, 0.20), (0.45, 0.33, 0.52), (0.20, 0.24, 0.36), (0.90, 0.90, 0.90),
)  # fmt: skip
DARK = ((0.16, 0.14, 0.13), (0.30, 0.20, 0.14), (0.45, 0.32, 0.20), (0.55, 0.55, 0.56))
SILVER = ((0.62, 0.62, 0.61), (0.80, 0.79, 0.77))
PALETTES = (SKIN, CLOTH, CLOTH, DARK, DARK, SILVER)
"""In the order of `MATERIALS`: skin, shirt, trousers, shoes, hair, grey hair."""
STRIPED = (1, 2)
"""What may have stripes."""
OBJECT: Colour = (0.55, 0.65, 0.85)
PITCHES = (0.0, 35.0)
"""Degrees down that a random view looks, at least and at most."""
SIDES = ((30.0, 12.0), (120.0, 12.0), (210.0, 25.0))
"""The fixed views of a contact sheet: yaw and pitch, degrees."""


@dataclass(frozen=True)
class Look:
    """What a person wears in one picture."""

    colours: tuple[Colour, ...]
    """Of each material."""
    trims: tuple[Colour, ...]
    """Of every other stripe."""
    stripe: float
    """Width of a stripe on the T-pose, metres; 0 for plain cloth."""


EVERYDAY = Look(
    ((0.93, 0.74, 0.60), (0.36, 0.52, 0.62), (0.25, 0.28, 0.38), (0.16, 0.14, 0.13),
     (0.25, 0.18, 0.13), (0.72, 0.71, 0.70)), (), 0.0,
)  # fmt: skip
"""What everybody wears on a contact sheet."""
GREY = Look(((0.78, 0.76, 0.74),) * len(PALETTES), (), 0.0)
"""For bodies of which some have no clothes: nobody is known by them."""


def generator_of(seed: int, *words: str) -> torch.Generator:
    """Random numbers that depend on the words, and on no order in which jobs are done."""
    digest = hashlib.sha256("\0".join([str(seed), *words]).encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest[:7], "big"))


def random_sides(count: int, generator: torch.Generator) -> list[tuple[float, float]]:
    """Yaw anywhere, pitch from level to somewhat above; degrees."""
    yaw, pitch = torch.rand(2, count, generator=generator).tolist()
    low, high = PITCHES
    return [(360 * a, low + (high - low) * b) for a, b in zip(yaw, pitch, strict=True)]


def random_look(generator: torch.Generator) -> Look:
    """A colour for each material; shirt and trousers are striped half of the time."""

    def pick(palette: tuple[Colour, ...]) -> Colour:
        return palette[int(torch.randint(len(palette), (), generator=generator))]

    colours = tuple(pick(palette) for palette in PALETTES)
    trims = tuple(pick(CLOTH) for _ in PALETTES)
    width, striped = torch.rand(2, generator=generator).tolist()
    return Look(colours, trims, (0.05 + 0.06 * width) if striped < 0.5 else 0.0)


def dressed(scene: Scene, look: Look) -> list[tuple[Mesh, Colour]]:
    """The person in pieces of one colour each.

    A body that tells nothing of its clothes is all in the colour of the shirt.
    """
    verts, faces = scene.person.verts, scene.person.faces
    if scene.materials is None or scene.rest is None:
        return [(scene.person, look.colours[1])]
    trim = _trimmed(scene.rest[faces].mean(dim=1)[:, 1], scene.materials, look)
    return [
        (Mesh(verts, faces[chosen]), colours[material])
        for colours, side in ((look.colours, ~trim), (look.trims, trim))
        for material in range(len(PALETTES))
        if bool((chosen := side & (scene.materials == material)).any())
    ]


def _trimmed(heights: Tensor, materials: Tensor, look: Look) -> Tensor:
    """Which triangles lie on every other stripe, (faces,) bool."""
    if look.stripe == 0.0:
        return torch.zeros_like(materials, dtype=torch.bool)
    return torch.isin(materials, torch.tensor(STRIPED)) & ((heights / look.stripe).long() % 2 == 1)


def photograph(
    scene: Scene, look: Look, sides: list[tuple[float, float]], size: int
) -> list[Image.Image]:
    """One square picture per side."""
    parts = [*dressed(scene, look), (scene.object, OBJECT)]
    strip = draw(parts, sides, size=size, floor=scene.floor)
    return [strip.crop((k * size, 0, (k + 1) * size, size)) for k in range(len(sides))]


def random_pictures(
    scene: Scene, job: str, *, views: int = 4, size: int = 448, seed: int = 0, plain: bool = False
) -> list[Image.Image]:
    """The paper's random views with random clothes, which depend on seed and job alone.

    Args:
        scene: A system's result.
        job: Its id: the same sides and looks for every system.
        views: How many.
        size: Pixels of a square picture.
        seed: Another one, other sides and looks.
        plain: All in grey, for comparisons with bodies that have no clothes.
    """
    generator = generator_of(seed, job)
    sides = random_sides(views, generator)
    looks = [GREY if plain else random_look(generator) for _ in sides]
    return [
        photograph(scene, look, [side], size)[0] for look, side in zip(looks, sides, strict=True)
    ]
