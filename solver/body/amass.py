"""Poses as AMASS files, for tools that animate SMPL-H.

AMASS is Z up: the whole person is turned by a quarter about X. Because the root turns about the
pelvis and not about the origin, the translation changes with it.
"""

from pathlib import Path
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from ..geometry.rotations import matrix_from_rotvec, rotvec_from_matrix
from .skinning import ShapedBody

Layout = Literal["classic", "smplx", "split"]
"""`classic`: poses (frames, 156). `smplx`: the same and nine zeros (jaw, eyes) after the body, 165.
`split`: root_orient, pose_body, pose_hand."""

_Z_UP = torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])


def to_z_up(
    pose: Float[Tensor, "frames 52 3"], trans: Float[Tensor, "frames 3"], pelvis: Float[Tensor, "3"]
) -> tuple[Float[Tensor, "frames 52 3"], Float[Tensor, "frames 3"]]:
    """Pose and translation in a Z-up world; `pelvis` is joint 0 of the T-pose, metres."""
    return _turned(_Z_UP, pose, trans, pelvis)


def to_y_up(
    pose: Float[Tensor, "frames 52 3"], trans: Float[Tensor, "frames 3"], pelvis: Float[Tensor, "3"]
) -> tuple[Float[Tensor, "frames 52 3"], Float[Tensor, "frames 3"]]:
    """The inverse of `to_z_up`."""
    return _turned(_Z_UP.T, pose, trans, pelvis)


def save_amass(
    path: Path,
    body: ShapedBody,
    pose: Float[Tensor, "frames 52 3"],
    trans: Float[Tensor, "frames 3"],
    layout: Layout = "classic",
) -> None:
    """Write frames as an AMASS `.npz`.

    Betas of the open body mean nothing to SMPL-H, so it writes zeros and keeps its own as
    `open_betas`.

    Args:
        path: Where to.
        body: Its pelvis and betas.
        pose: Axis-angle, Y up, metres.
        trans: Metres, Y up.
        layout: Which names and widths.
    """
    pose, trans = to_z_up(pose, trans, body.joints[0])
    flat, frames = pose.reshape(len(pose), 156).numpy(), len(pose)
    free = body.model.phenotype is not None
    betas = np.zeros(16)
    count = min(16, len(body.betas))
    betas[:count] = 0.0 if free else body.betas[:count].numpy()
    content: dict[str, np.ndarray] = {
        "trans": trans.numpy(),
        "betas": betas,
        "gender": np.array("neutral"),
        "mocap_framerate": np.array(30.0),
        "mocap_frame_rate": np.array(30.0),
        "body_model": np.array(body.model.name),
    }
    if free:
        content["open_betas"] = body.betas.numpy()
    if layout == "split":
        names = {"root_orient": (0, 3), "pose_body": (3, 66), "pose_hand": (66, 156)}
        content |= {name: flat[:, start:end] for name, (start, end) in names.items()}
    else:
        face = np.zeros((frames, 9 if layout == "smplx" else 0), flat.dtype)
        content["poses"] = np.concatenate([flat[:, :66], face, flat[:, 66:]], axis=1)
        content["dmpls"] = np.zeros((frames, 8))
    np.savez_compressed(path, **content)  # pyright: ignore[reportArgumentType]


def load_amass(
    path: Path, body: ShapedBody
) -> tuple[Float[Tensor, "frames 52 3"], Float[Tensor, "frames 3"]]:
    """Frames of an AMASS `.npz` in any of the layouts, as Y-up pose and translation."""
    with np.load(path, allow_pickle=False) as file:
        if "poses" in file.files:
            flat = file["poses"]
            if flat.shape[1] == 165:
                flat = np.concatenate([flat[:, :66], flat[:, 75:]], axis=1)
        else:
            names = ("root_orient", "pose_body", "pose_hand")
            flat = np.concatenate([file[name] for name in names], axis=1)
        trans = torch.as_tensor(file["trans"], dtype=torch.float32)
    pose = torch.as_tensor(flat, dtype=torch.float32).reshape(len(flat), 52, 3)
    return to_y_up(pose, trans, body.joints[0])


def _turned(
    turn: Tensor, pose: Tensor, trans: Tensor, pelvis: Tensor
) -> tuple[Float[Tensor, "frames 52 3"], Float[Tensor, "frames 3"]]:
    root = rotvec_from_matrix(turn @ matrix_from_rotvec(pose[:, :1]))
    return torch.cat([root, pose[:, 1:]], dim=1), (trans + pelvis) @ turn.T - pelvis
