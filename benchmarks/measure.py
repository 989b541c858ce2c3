"""What a result is worth, measured on posed meshes alone: it knows nothing of the plan or the loss.

Deliberately not the solver's own ranking: the expected contacts come from the manifest, object
samples are dense, and both directions of penetration are exact.
"""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from solver.body import BodyModel
from solver.body.limits import violation
from solver.body.parts import part_vertices, plan_part
from solver.geometry.mesh import Mesh, sample_surface
from solver.geometry.surface import Surface
from solver.intake.clean import clean
from solver.intake.outside import face_viewers
from solver.intake.winding import consistent, outward

SPACING = 0.005
"""Metres between object samples near the body."""
MOST = 400_000
SOFT = ("torso", "buttocks", "hips", "thighs")
"""Trunk and thighs: flesh that gives."""


@dataclass(frozen=True)
class Shown:
    """What one looks at: a posed person and an object, metres, Y up, floor at `floor`."""

    verts: Float[Tensor, "verts 3"]
    object: Mesh
    floor: float


def measure(
    model: BodyModel, shown: Shown, pose: NDArray[np.float32], expected: tuple[str, ...]
) -> dict[str, float]:
    """Metrics by name; millimetres, degrees and shares.

    Args:
        model: Gives the body's parts and faces.
        shown: The evaluated meshes.
        pose: Axis-angle of the 52 joints.
        expected: Body parts that should touch; `a|b`: one of them is enough.
    """
    surface = Surface(shown.object)
    distance = surface.query(shown.verts)[0]
    soft = soft_vertices(model)
    inner, inner_soft = object_in_body(model, shown, soft)
    depth = (-distance).clamp(min=0)
    gaps = [expected_gap(model, distance, name) for name in expected]
    soles = [shown.verts[part_vertices(model)[f"{s}_sole"], 1].min() for s in ("left", "right")]
    floor = float(shown.verts[:, 1].min()) - shown.floor
    limit = violation(torch.from_numpy(pose)[None], 0.0)
    return {
        "non_collision": float((distance >= 0).float().mean()),
        "contact": float(bool((distance <= 0.002).any())),
        "hard_mm": 1e3 * max(float(depth[~soft].max()), inner),
        "soft_mm": 1e3 * max(float(depth[soft].max()), inner_soft),
        "expected_mm": 1e3 * max(gaps, default=0.0),
        "expected_within_10": sum(gap <= 0.010 for gap in gaps),
        "expected_within_20": sum(gap <= 0.020 for gap in gaps),
        "expected": len(gaps),
        "lowest_mm": 1e3 * floor,
        "left_sole_mm": 1e3 * (float(soles[0]) - shown.floor),
        "right_sole_mm": 1e3 * (float(soles[1]) - shown.floor),
        "limit_deg": float(torch.rad2deg(limit.max())),
    }


def soft_vertices(model: BodyModel) -> Tensor:
    """Which vertices are trunk or thigh."""
    parts = part_vertices(model)
    mask = torch.zeros(len(model.template), dtype=torch.bool)
    for name in SOFT:
        mask[parts[name]] = True
    return mask


def object_in_body(model: BodyModel, shown: Shown, soft: Tensor) -> tuple[float, float]:
    """Deepest object point in the body: in its hard parts, in its soft ones; metres."""
    low, high = shown.verts.amin(dim=0), shown.verts.amax(dim=0)
    corners = shown.object.verts[shown.object.faces]
    meets = (corners.amin(dim=1) <= high).all(-1) & (corners.amax(dim=1) >= low).all(-1)
    if not bool(meets.any()):
        return 0.0, 0.0
    near = Mesh(shown.object.verts, shown.object.faces[meets])
    area = float(torch.linalg.cross(*_edges(near)).norm(dim=-1).double().sum() / 2)
    count = int(min(MOST, area / SPACING**2 + 1000))
    points = sample_surface(near, count, torch.Generator().manual_seed(1))[0]
    points = points[((points >= low) & (points <= high)).all(-1)]
    if len(points) == 0:
        return 0.0, 0.0
    distance, _, face = Surface(Mesh(shown.verts, model.faces)).query(points)
    depth = (-distance).clamp(min=0)
    in_soft = soft[model.faces[face]].float().mean(dim=1) > 0.5
    hard = float(depth[~in_soft].max()) if bool((~in_soft).any()) else 0.0
    return hard, float(depth[in_soft].max()) if bool(in_soft.any()) else 0.0


def expected_gap(model: BodyModel, distance: Float[Tensor, " verts"], name: str) -> float:
    """Gap, metres, between the object and what the manifest says should touch it."""
    name = name.replace("either_hand", "left_hand|right_hand")
    return min(_part_gap(model, distance, one) for one in name.split("|"))


def _part_gap(model: BodyModel, distance: Float[Tensor, " verts"], name: str) -> float:
    """Plurals of limbs mean both of them."""
    both = {"elbows": "elbow", "forearms": "forearm", "feet": "foot", "thighs": "thigh"}
    names = [f"{s}_{both[name]}" for s in ("left", "right")] if name in both else [name]
    parts = part_vertices(model)
    return max(
        float(distance[parts[plan_part(each)]].min().clamp(min=0))
        for each in names  # pyright: ignore[reportArgumentType]
    )


def object_mesh(verts: NDArray[np.float32], faces: NDArray[np.int32]) -> Mesh:
    """The object as the measure sees it: welded and oriented, otherwise as shown."""
    soup = clean(verts, faces, "object")
    patches = outward(soup.verts, consistent(soup.faces))
    rough = Mesh(torch.tensor(soup.verts, dtype=torch.float32), torch.tensor(patches.faces.copy()))
    patches = face_viewers(rough, Surface(rough), patches)
    return Mesh(rough.verts, torch.tensor(patches.faces.copy()))


def _edges(mesh: Mesh) -> tuple[Tensor, Tensor]:
    a, b, c = (mesh.verts[mesh.faces[:, k]] for k in range(3))
    return b - a, c - a
