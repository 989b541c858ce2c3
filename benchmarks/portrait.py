"""A solved job for a judge's eyes: three sides, and every hand that is at the object from close."""

from pathlib import Path

from PIL import Image
from torch import Tensor
from views import EVERYDAY, OBJECT, SIDES

from solver.evaluation import Shown
from solver.geometry.mesh import Mesh
from solver.render.shade import Colour, draw

CLOSE = ((30.0, 15.0), (120.0, 10.0), (210.0, 15.0), (300.0, 10.0), (0.0, 75.0))
"""Sides from which a hand is seen."""
AT = 0.02
"""A hand nearer to the object than this, metres, is shown."""
HALF = 0.13
"""Half width of a close view, metres; what is twice as far from the hand is cut away."""


def portray(shown: Shown, materials: Tensor, folder: Path, size: int) -> None:
    """Draw person and object: `picture.png`, and `hands.png` where a hand is at the object.

    Args:
        shown: What is looked at.
        materials: (faces,) which cloth each face of the person has.
        folder: Where the pictures go.
        size: Pixels of one square view of the three.
    """
    person = Mesh(shown.verts, shown.faces)
    parts = [*_dressed(person, materials), (shown.solid.mesh, OBJECT)]
    draw(parts, SIDES, size=size, floor=shown.floor).save(folder / "picture.png")
    (folder / "hands.png").unlink(missing_ok=True)
    rows = [_hand(shown, materials, side, size * 3 // 5) for side in ("left", "right")]
    rows = [row for row in rows if row is not None]
    if rows:
        stacked(rows).save(folder / "hands.png")


def stacked(rows: list[Image.Image]) -> Image.Image:
    """Pictures one below the other."""
    width, height = max(row.width for row in rows), sum(row.height for row in rows)
    page, y = Image.new("RGB", (width, height), "white"), 0
    for row in rows:
        page.paste(row, (0, y))
        y += row.height
    return page


def _dressed(person: Mesh, materials: Tensor) -> list[tuple[Mesh, Colour]]:
    return [
        (Mesh(person.verts, person.faces[materials == k]), colour)
        for k, colour in enumerate(EVERYDAY.colours)
        if bool((materials == k).any())
    ]


def _hand(shown: Shown, materials: Tensor, side: str, size: int) -> Image.Image | None:
    """One hand from five sides; None where it is not at the object, or parts are not known."""
    verts = shown.parts.get(f"{side}_hand")
    if verts is None or shown.body is None or float(shown.distance[verts].min()) > AT:
        return None
    centre = shown.verts[verts].mean(dim=0)
    near = [
        (_around(mesh, centre), colour)
        for mesh, colour in [
            *_dressed(Mesh(shown.verts, shown.faces), materials), (shown.solid.mesh, OBJECT)
        ]
    ]  # fmt: skip
    parts = [(mesh, colour) for mesh, colour in near if len(mesh.faces)]
    return draw(parts, CLOSE, size=size, focus=(centre, HALF))


def _around(mesh: Mesh, centre: Tensor) -> Mesh:
    """The faces that come near a point: what is farther would hide it."""
    low, high = centre - 2 * HALF, centre + 2 * HALF
    corners = mesh.verts[mesh.faces]
    meets = (corners.amin(dim=1) < high).all(dim=-1) & (corners.amax(dim=1) > low).all(dim=-1)
    return Mesh(mesh.verts, mesh.faces[meets])
