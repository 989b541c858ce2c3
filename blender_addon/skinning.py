"""Linear blend skinning backward: what is added to the T-pose to reach a pose. No bpy.

SMPL-H adds pose correctives before it skins, and Blender's armature modifier knows none. They are
found from the solver's own posed vertices, so that the rig is exact for every body.
"""

import numpy as np
from numpy.typing import NDArray

from .solution import Shape, Variant
from .wire import joints

TOLERANCE = 5e-5
"""Metres: below it a body has no correctives."""


def correctives(shape: Shape, variant: Variant) -> NDArray[np.float64] | None:
    """Offsets (N, 3) of the T-pose, metres; None where plain skinning reaches the posed body."""
    blended = blend(shape, variant)
    turn, shift = blended[:, :3, :3], blended[:, :3, 3] + variant.trans
    verts = shape.verts.astype(np.float64)
    reached = np.einsum("vab,vb->va", turn, verts) + shift
    if np.abs(reached - variant.posed).max() < TOLERANCE:
        return None
    return np.linalg.solve(turn, (variant.posed - shift)[..., None])[..., 0] - verts


def blend(shape: Shape, variant: Variant) -> NDArray[np.float64]:
    """Each vertex's own matrix (N, 4, 4), Y up, metres, before the translation of the body."""
    rest = shape.joints.astype(np.float64)
    bones = np.tile(np.eye(4), (len(joints.PARENTS), 1, 1))
    for joint, parent in enumerate(joints.PARENTS):
        local = np.eye(4)
        local[:3, :3] = variant.rotations[joint]
        local[:3, 3] = rest[joint] - (rest[parent] if parent >= 0 else 0.0)
        bones[joint] = local if parent < 0 else bones[parent] @ local
    bones[:, :3, 3] -= np.einsum("jab,jb->ja", bones[:, :3, :3], rest)
    return np.einsum("vj,jab->vab", shape.weights, bones)
