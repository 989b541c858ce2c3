"""Boxes as objects, and a hand-made chair: for tests that need an `Item` with known answers."""

import torch
from torch import Tensor

from solver.artefacts import Affordance, Contact, Item, Plan, Target
from solver.geometry.grid import build_grid
from solver.geometry.mesh import Mesh, sample_surface
from solver.geometry.surface import Surface

CORNERS = torch.tensor([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)]).float()
SIDES = torch.tensor(
    [
        [0, 1, 3], [0, 3, 2], [4, 6, 7], [4, 7, 5], [0, 4, 5], [0, 5, 1],
        [2, 3, 7], [2, 7, 6], [0, 2, 6], [0, 6, 4], [1, 5, 7], [1, 7, 3],
    ]
)  # fmt: skip


def box(low: tuple[float, float, float], high: tuple[float, float, float]) -> Mesh:
    """A closed box with outward faces."""
    a, b = torch.tensor(low), torch.tensor(high)
    return Mesh(a + CORNERS * (b - a), SIDES)


def joined(*meshes: Mesh) -> Mesh:
    """Several meshes as one."""
    verts, faces, count = [], [], 0
    for mesh in meshes:
        verts.append(mesh.verts)
        faces.append(mesh.faces + count)
        count += len(mesh.verts)
    return Mesh(torch.cat(verts), torch.cat(faces))


def item_of(mesh: Mesh, samples: int = 4000, floor: float = 0.0) -> Item:
    """The mesh as an object that stands where it is."""
    surface = Surface(mesh)
    points, normals, _ = sample_surface(mesh, samples, torch.Generator().manual_seed(0))
    return Item(
        name="test object", mesh=mesh, surface=surface,
        grid=build_grid(surface, mesh.low, mesh.high), points=points, normals=normals,
        floor=floor, T_object_source=torch.eye(4), T_scene_world=torch.eye(4),
        front_confidence=1.0,
    )  # fmt: skip


def chair() -> Item:
    """Seat at 45 cm, a backrest behind it, front +Z."""
    seat = box((-0.23, 0.40, -0.22), (0.23, 0.45, 0.22))
    back = box((-0.23, 0.45, -0.27), (0.23, 0.95, -0.22))
    legs = [
        box((x - 0.02, 0.0, z - 0.02), (x + 0.02, 0.40, z + 0.02))
        for x in (-0.2, 0.2)
        for z in (-0.19, 0.19)
    ]
    return item_of(joined(seat, back, *legs))


def target(contact: Contact, chosen: Tensor) -> Target:
    """All of the chosen points alike."""
    return Target(contact, chosen.float() / chosen.sum(), 1.0)


def sitting(item: Item) -> tuple[Plan, Affordance]:
    """Sitting on the chair with the back against its rest and the hands on the thighs."""
    seat = Contact("buttocks", "seat", "support")
    back = Contact("back", "backrest", "support", 0.7)
    rest = [
        Contact(f"{side}_{part}", region, role)  # pyright: ignore[reportArgumentType]
        for side in ("left", "right")
        for part, region, role in (("hand", "own_thigh", "touch"), ("foot", "floor", "support"))
    ]
    plan = Plan(
        prompt="sitting on a chair", object="chair", posture="sit", relation="on_top",
        facing="front", movable=False, scale="furniture", contacts=(seat, back, *rest),
    )  # fmt: skip
    height, up, ahead = item.points[:, 1], item.normals[:, 1] > 0.9, item.normals[:, 2] > 0.9
    on_seat = up & ((height - 0.45).abs() < 1e-3)
    on_back = ahead & (height > 0.5) & ((item.points[:, 2] + 0.22).abs() < 1e-3)
    return plan, Affordance((target(seat, on_seat), target(back, on_back)))
