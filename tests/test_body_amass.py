"""AMASS files: the same person in the same place, Z up."""

from pathlib import Path

import numpy as np
import pytest
import torch

from solver.artefacts import Subject
from solver.body import betas_for, load_body, pose_body, shape_body
from solver.body.amass import load_amass, save_amass, to_y_up, to_z_up
from solver.geometry.rotations import matrix_from_rotvec

MODEL = load_body()
BODY = shape_body(MODEL, betas_for(MODEL, Subject(sex=1, age=40)))
GENERATOR = torch.Generator().manual_seed(0)
POSE = torch.randn(3, 52, 3, generator=GENERATOR) * 0.6
TRANS = torch.randn(3, 3, generator=GENERATOR)


def test_the_person_stands_where_it_stood_but_z_up() -> None:
    """Skinning the turned pose is turning the skinned pose: (x, y, z) -> (x, -z, y)."""
    pose, trans = to_z_up(POSE, TRANS, BODY.joints[0])
    here = pose_body(BODY, matrix_from_rotvec(POSE), TRANS).verts
    there = pose_body(BODY, matrix_from_rotvec(pose), trans).verts
    wanted = torch.stack([here[..., 0], -here[..., 2], here[..., 1]], dim=-1)
    torch.testing.assert_close(there, wanted, atol=2e-5, rtol=0)


def test_there_and_back() -> None:
    pose, trans = to_y_up(*to_z_up(POSE, TRANS, BODY.joints[0]), BODY.joints[0])
    torch.testing.assert_close(
        matrix_from_rotvec(pose), matrix_from_rotvec(POSE), atol=1e-5, rtol=0
    )
    torch.testing.assert_close(trans, TRANS, atol=1e-6, rtol=0)


@pytest.mark.parametrize(
    ("layout", "keys"),
    [
        ("classic", {"poses": (3, 156), "dmpls": (3, 8)}),
        ("smplx", {"poses": (3, 165), "dmpls": (3, 8)}),
        ("split", {"root_orient": (3, 3), "pose_body": (3, 63), "pose_hand": (3, 90)}),
    ],
)
def test_layouts_and_round_trip(tmp_path: Path, layout, keys: dict[str, tuple[int, int]]) -> None:
    path = tmp_path / "motion.npz"
    save_amass(path, BODY, POSE, TRANS, layout)
    with np.load(path, allow_pickle=False) as file:
        assert {key: file[key].shape for key in keys} == keys
        assert file["trans"].shape == (3, 3)
        assert file["betas"].shape == (16,)
        assert str(file["gender"]) == "neutral"
        assert "mocap_framerate" in file.files
        assert "mocap_frame_rate" in file.files
        if layout == "smplx":
            assert not file["poses"][:, 66:75].any()
    pose, trans = load_amass(path, BODY)
    torch.testing.assert_close(
        matrix_from_rotvec(pose), matrix_from_rotvec(POSE), atol=1e-5, rtol=0
    )
    torch.testing.assert_close(trans, TRANS, atol=1e-5, rtol=0)


def test_open_betas_are_never_passed_off_as_those_of_smpl(tmp_path: Path) -> None:
    save_amass(tmp_path / "open.npz", BODY, POSE, TRANS)
    with np.load(tmp_path / "open.npz", allow_pickle=False) as file:
        assert not file["betas"].any()
        np.testing.assert_allclose(file["open_betas"], BODY.betas.numpy())
        assert str(file["body_model"]) == "open-smplh"
    from dataclasses import replace

    licensed = shape_body(replace(MODEL, phenotype=None, name="SMPLH_male"), torch.ones(10))
    save_amass(tmp_path / "own.npz", licensed, POSE, TRANS)
    with np.load(tmp_path / "own.npz", allow_pickle=False) as file:
        np.testing.assert_allclose(file["betas"], [1.0] * 10 + [0.0] * 6)
