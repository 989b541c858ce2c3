"""Objects whose regions are known because we built them: boxes, cylinders, rings."""

import numpy as np
import torch
import trimesh
from trimesh.transformations import rotation_matrix

from solver.artefacts import Contact, Item, Plan
from solver.geometry.grid import Grid
from solver.geometry.mesh import Mesh, sample_surface
from solver.geometry.surface import Surface

Part = trimesh.Trimesh


def box(size: tuple[float, float, float], centre: tuple[float, float, float]) -> Part:
    mesh = trimesh.creation.box(size)
    mesh.apply_translation(centre)
    return mesh


def rod(radius: float, length: float, centre: tuple[float, float, float], axis: str) -> Part:
    mesh = trimesh.creation.cylinder(radius, length, sections=32)
    if axis != "z":
        turn = [1, 0, 0] if axis == "y" else [0, 1, 0]
        mesh.apply_transform(rotation_matrix(np.pi / 2, turn))
    mesh.apply_translation(centre)
    return mesh


def item_of(*parts: Part, count: int = 12000, seed: int = 0, subdivide: int = 0) -> Item:
    """An object as the intake would hand it over, standing on its footprint's centre."""
    joined = trimesh.util.concatenate(parts)
    for _ in range(subdivide):
        joined = joined.subdivide()
    low, high = joined.bounds
    shift = np.array([(low[0] + high[0]) / 2, low[1], (low[2] + high[2]) / 2])
    verts = torch.tensor(joined.vertices - shift, dtype=torch.float32)
    mesh = Mesh(verts, torch.tensor(np.array(joined.faces)))
    surface = Surface(mesh)
    points, normals, _ = sample_surface(mesh, count, torch.Generator().manual_seed(seed))
    outside = surface.query(points + 1e-3 * normals)[0] > 5e-4
    grid = Grid(torch.zeros(1, 1, 2, 2, 2), mesh.low, mesh.high)
    return Item(
        name="object", mesh=mesh, surface=surface, grid=grid, points=points[outside],
        normals=normals[outside], floor=0.0, T_object_source=torch.eye(4),
        T_scene_world=torch.eye(4), front_confidence=1.0,
    )  # fmt: skip


def chair(**options: int) -> Item:
    """Seat at 0.45 m, backrest at the rear, armrests at 0.65 m."""
    legs = [box((0.04, 0.42, 0.04), (x, 0.21, z)) for x in (-0.2, 0.2) for z in (-0.2, 0.2)]
    arms = [box((0.05, 0.2, 0.4), (x, 0.55, 0.0)) for x in (-0.26, 0.26)]
    seat, back = box((0.48, 0.04, 0.46), (0, 0.43, 0)), box((0.48, 0.5, 0.04), (0, 0.7, -0.25))
    return item_of(seat, back, *legs, *arms, **options)


def table() -> Item:
    """A top of 1.4 m by 0.8 m at 0.75 m."""
    legs = [box((0.05, 0.7, 0.05), (x, 0.35, z)) for x in (-0.6, 0.6) for z in (-0.3, 0.3)]
    return item_of(box((1.4, 0.04, 0.8), (0, 0.73, 0)), *legs)


def mug() -> Item:
    """A cup of 8 cm with a ring of 8 mm radius at +X."""
    wall = trimesh.creation.annulus(0.036, 0.04, 0.09, sections=64)
    wall.apply_transform(rotation_matrix(np.pi / 2, [1, 0, 0]))
    wall.apply_translation((0, 0.045, 0))
    ring = trimesh.creation.torus(0.03, 0.008)
    ring.apply_translation((0.045, 0.045, 0))
    ring.update_faces(ring.triangles_center[:, 0] > 0.038)
    return item_of(wall, rod(0.038, 0.004, (0, 0.002, 0), "y"), ring, count=9000)


def hammer() -> Item:
    """A handle of 16 mm radius along Z, its head at -Z."""
    return item_of(rod(0.016, 0.28, (0, 0.02, 0.05), "z"), box((0.12, 0.03, 0.03), (0, 0.02, -0.1)))


def ladder() -> Item:
    """Upright, rungs every 0.3 m."""
    posts = [rod(0.02, 2.6, (x, 1.3, 0), "y") for x in (-0.22, 0.22)]
    return item_of(*posts, *[rod(0.015, 0.44, (0, 0.3 * k, 0), "x") for k in range(1, 9)])


def bed() -> Item:
    """Mattress at 0.5 m, headboard and two pillows at -Z."""
    pillows = [box((0.6, 0.12, 0.35), (x, 0.56, -0.75)) for x in (-0.4, 0.4)]
    return item_of(
        box((1.6, 0.5, 2.0), (0, 0.25, 0)), box((1.6, 1.0, 0.05), (0, 0.5, -1.02)), *pillows
    )


def plan(*contacts: tuple[str, str, str], **changes: object) -> Plan:
    """A plan of (part, region, role); somebody standing in front by default."""
    fields: dict[str, object] = {
        "prompt": "", "object": "object", "posture": "stand", "relation": "front",
        "facing": "object", "movable": False, "scale": "furniture",
    }  # fmt: skip
    rows = tuple(Contact(*row) for row in contacts)  # pyright: ignore[reportArgumentType]
    return Plan(contacts=rows, **(fields | changes))  # pyright: ignore[reportArgumentType]


def seated(*contacts: tuple[str, str, str]) -> Plan:
    return plan(*contacts, posture="sit", relation="on_top", facing="front")


def held(*contacts: tuple[str, str, str]) -> Plan:
    return plan(*contacts, relation="holding", movable=True, scale="handheld")
