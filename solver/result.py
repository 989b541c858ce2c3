"""What a solved job hands back: `solution.npz` for the rig, `report.json` for people."""

from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from scipy.spatial import KDTree
from torch import Tensor

from .artefacts import Affordance, Item, Plan, Solution
from .body import ShapedBody, pose_body
from .body.joints import JOINTS, PARENTS
from .body.looks import texture_coordinates, worn
from .geometry.rotations import matrix_from_rotvec, rotvec_from_matrix, transform
from .store import write_arrays, write_words

VERSION = 1
SPREAD = 0.02
"""Metres over which a contact map fades on the object's vertices."""
PACKAGES = ("torch", "warp-lang", "numpy", "scipy", "trimesh")


def write_result(
    folder: Path,
    item: Item,
    source_verts: Float[Tensor, "verts 3"],
    plan: Plan,
    affordance: Affordance,
    body: ShapedBody,
    solutions: list[Solution],
    details: dict[str, Any],
) -> None:
    """Write the job's result; `details` joins the report, whose `floor` is a height in the scene.

    Args:
        folder: Of the job.
        item: The object.
        source_verts: (V, 3) as handed over: the contact map lies on them.
        plan: What was understood.
        affordance: Where on the object.
        body: The person.
        solutions: Best first.
        details: CPU seconds, device, providers, versions.
    """
    arrays = {**rig_arrays(body), **pose_arrays(item, body, solutions)}
    arrays |= contact_arrays(item, affordance, source_verts)
    write_arrays(folder / "solution.npz", arrays)
    warnings = [*item.warnings, *plan.warnings, *affordance.warnings]
    variants = [
        {"name": s.name, "metrics": s.metrics, "warnings": s.warnings, "obstacle": s.obstacle}
        for s in solutions
    ]
    write_words(
        folder / "report.json",
        {
            "version": VERSION,
            "prompt": plan.prompt,
            "object": item.name,
            "body": body.model.name,
            "plan": asdict(plan),
            "floor": float(item.T_scene_world[1, 3]) + item.floor,
            "variants": variants,
            "warnings": list(dict.fromkeys(warnings)),
            **details,
        },
    )


def rig_arrays(body: ShapedBody) -> dict[str, NDArray[Any]]:
    """The T-posed body and its skinning: all that a rig needs."""
    model = body.model
    return {
        "verts": body.verts.numpy(),
        "joints": body.joints.numpy(),
        "faces": model.faces.numpy().astype(np.int32),
        "weights": model.weights.numpy(),
        "uvs": texture_coordinates(model).numpy().astype(np.float32),
        "materials": worn(body).numpy().astype(np.int32),
        "betas": body.betas.numpy(),
        "joint_names": np.array(JOINTS),
        "parents": np.array(PARENTS, np.int32),
    }


def pose_arrays(item: Item, body: ShapedBody, solutions: list[Solution]) -> dict[str, NDArray[Any]]:
    """Pose, translation and object motion of each variant, scene frame."""
    poses, translations, motions, posed = [], [], [], []
    for solution in solutions:
        pose, trans = to_scene(item.T_scene_world, solution.pose, solution.trans, body.joints[0])
        shown = pose_body(body, matrix_from_rotvec(pose)[None], trans[None])
        poses.append(pose)
        translations.append(trans)
        motions.append(object_motion(item, solution))
        posed.append(shown.verts[0])
    pose = torch.stack(poses)
    return {
        "pose": pose.numpy(),
        "rotations": matrix_from_rotvec(pose).numpy(),
        "trans": torch.stack(translations).numpy(),
        "T_scene_source": torch.stack(motions).double().numpy(),
        "posed": torch.stack(posed).numpy(),
    }


def to_scene(
    T_scene_world: Float[Tensor, "4 4"],
    pose: Float[Tensor, "52 3"],
    trans: Float[Tensor, "3"],
    pelvis: Float[Tensor, "3"],
) -> tuple[Float[Tensor, "52 3"], Float[Tensor, "3"]]:
    """A pose of the world frame, seen from the scene; the root turns about the pelvis joint."""
    turn = T_scene_world[:3, :3]
    root = rotvec_from_matrix(turn @ matrix_from_rotvec(pose[0]))
    placed = transform(T_scene_world, (trans + pelvis)[None])[0] - pelvis
    return torch.cat([root[None], pose[1:]]), placed


def object_motion(item: Item, solution: Solution) -> Float[Tensor, "4 4"]:
    """The similarity that takes the object's vertices as handed over to their new place.

    Exactly the identity where nothing moved, so that a fixed object keeps its last bit, also far
    from the scene's origin: the product of the two frames is the identity only up to rounding.
    """
    T_scene_world, T_object_source = item.T_scene_world.double(), item.T_object_source.double()
    unmoved = torch.eye(4, dtype=torch.float64)
    rounding = 1e-6 * (1.0 + float(T_scene_world[:3, 3].abs().max()))
    if torch.allclose(T_scene_world @ T_object_source, unmoved, atol=rounding):
        T_object_source = torch.linalg.inv(T_scene_world)
    T = T_scene_world @ solution.T_world_object.double() @ T_object_source
    return unmoved if torch.allclose(T, unmoved, atol=1e-5) else T


def contact_arrays(
    item: Item, affordance: Affordance, source_verts: Float[Tensor, "verts 3"]
) -> dict[str, NDArray[Any]]:
    """The contact map on the object's own vertices, one row per body part, in [0, 1].

    A vertex whose place is not a number has no contact.
    """
    verts = transform(item.T_object_source.double(), source_verts.double())
    finite = torch.isfinite(verts).all(dim=-1)
    verts = torch.where(finite[:, None], verts, 0.0)
    distance, nearest = KDTree(item.points.numpy()).query(verts.numpy())
    fade = np.exp(-((distance / SPREAD) ** 2)) * finite.numpy()
    maps: dict[str, NDArray[Any]] = {}
    for target in affordance.targets:
        peak = float(target.probability.max()) or 1.0
        values = target.probability.numpy()[nearest] / peak * fade
        name = target.contact.part
        maps[name] = np.maximum(maps.get(name, np.zeros(len(verts))), values)
    return {
        "contact_names": np.array(list(maps), dtype=np.str_),
        "contact_maps": np.stack(list(maps.values())).astype(np.float16)
        if maps
        else np.zeros((0, len(verts)), np.float16),
    }


def package_versions() -> dict[str, str]:
    """Versions of what a result depends on."""
    found: dict[str, str] = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "missing"
    return found
