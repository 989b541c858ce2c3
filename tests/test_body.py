"""Skinning: against a slow reference, against smplx where it is installed, and against itself."""

from pathlib import Path

import numpy as np
import pytest
import torch

from solver.body import BodyModel, facing, load_body, pose_body, shape_body
from solver.body.joints import JOINTS, PARENTS, mirrored
from solver.geometry.rotations import matrix_from_rotvec

OPEN = load_body()


def random_pose(batch: int, seed: int, scale: float = 0.5) -> torch.Tensor:
    return torch.randn(batch, 52, 3, generator=torch.Generator().manual_seed(seed)) * scale


def synthetic(verts: int = 200, betas: int = 10, seed: int = 0) -> dict[str, np.ndarray]:
    """A model that looks like nobody, in SMPL-H's layout."""
    rng = np.random.default_rng(seed)
    regressor = rng.random((52, verts)) ** 8
    weights = rng.random((verts, 52)) ** 12
    return {
        "v_template": rng.normal(size=(verts, 3)),
        "shapedirs": rng.normal(size=(verts, 3, betas)) * 0.03,
        "posedirs": rng.normal(size=(verts, 3, 459)) * 0.01,
        "J_regressor": regressor / regressor.sum(axis=1, keepdims=True),
        "weights": weights / weights.sum(axis=1, keepdims=True),
        "kintree_table": np.stack([np.where(np.array(PARENTS) < 0, 2**32 - 1, PARENTS), range(52)]),
        "f": rng.integers(0, verts, (300, 3)).astype(np.uint32),
        "hands_meanl": np.zeros(45), "hands_meanr": np.zeros(45),
        "hands_componentsl": np.eye(45), "hands_componentsr": np.eye(45),
    }  # fmt: skip


def reference(
    model: BodyModel, betas, rotations, trans, chosen: range
) -> tuple[np.ndarray, np.ndarray]:
    """SMPL by the book: one 4x4 matrix per joint, one vertex at a time, float64."""
    array = lambda tensor: tensor.double().numpy()  # noqa: E731
    shaped = array(model.template) + array(model.shape_dirs) @ array(betas)
    joints = array(model.joint_regressor) @ shaped
    rotations = array(rotations)
    if model.pose_dirs is not None:
        feature = (rotations[1:] - np.eye(3)).ravel()
        shaped = shaped + array(model.pose_dirs) @ feature
    world = []
    for joint, parent in enumerate(PARENTS):
        local = np.eye(4)
        local[:3, :3] = rotations[joint]
        local[:3, 3] = joints[joint] - (joints[parent] if parent >= 0 else 0)
        world.append(local if parent < 0 else world[parent] @ local)
    relative = [w @ np.block([[np.eye(3), -j[:, None]], [np.zeros((1, 3)), np.ones((1, 1))]])
                for w, j in zip(world, joints, strict=True)]  # fmt: skip
    verts = np.empty((len(chosen), 3))
    for row, index in enumerate(chosen):
        blend = sum(w * m for w, m in zip(array(model.weights[index]), relative, strict=True))
        verts[row] = (blend @ np.append(shaped[index], 1.0))[:3]
    shift = array(trans)
    return verts + shift, np.stack([w[:3, 3] for w in world]) + shift


def model_of(arrays: dict[str, np.ndarray]) -> BodyModel:
    tensor = lambda key: torch.as_tensor(arrays[key], dtype=torch.float32)  # noqa: E731
    return BodyModel(
        "synthetic", tensor("v_template"), tensor("shapedirs"), tensor("posedirs"),
        tensor("J_regressor"), tensor("weights"), torch.as_tensor(arrays["f"].astype(np.int64)),
    )  # fmt: skip


@pytest.mark.parametrize("model", [OPEN, model_of(synthetic())], ids=["open", "with correctives"])
def test_skinning_is_smpl_by_the_book(model: BodyModel) -> None:
    betas = torch.linspace(-1.5, 1.5, model.shape_dirs.shape[-1])
    rotations, trans = (
        matrix_from_rotvec(random_pose(2, seed=1)),
        torch.tensor([[0.1, -2, 3.0]] * 2),
    )
    posed = pose_body(shape_body(model, betas), rotations, trans)
    chosen = range(0, len(model.template), len(model.template) // 200)
    for k in range(2):
        verts, joints = reference(model, betas, rotations[k], trans[k], chosen)
        np.testing.assert_allclose(posed.verts[k, list(chosen)].numpy(), verts, atol=1e-5)
        np.testing.assert_allclose(posed.joints[k].numpy(), joints, atol=1e-5)


def test_a_subset_is_the_same_vertices() -> None:
    subset = torch.tensor([5, 0, 133, 77])
    body, rotations = shape_body(model_of(synthetic())), matrix_from_rotvec(random_pose(3, seed=2))
    whole = pose_body(body, rotations, torch.zeros(3, 3))
    part = pose_body(body, rotations, torch.zeros(3, 3), subset)
    torch.testing.assert_close(part.verts, whole.verts[:, subset])


def test_the_root_turns_about_the_pelvis() -> None:
    body, pose = shape_body(OPEN), torch.zeros(1, 52, 3)
    pose[0, 0] = torch.tensor([0.3, 1.0, -0.4])
    posed = pose_body(body, matrix_from_rotvec(pose), torch.zeros(1, 3))
    torch.testing.assert_close(posed.joints[0, 0], body.joints[0])
    wanted = (body.verts - body.joints[0]) @ matrix_from_rotvec(pose[0, 0]).T + body.joints[0]
    torch.testing.assert_close(posed.verts[0], wanted, atol=1e-5, rtol=0)


def test_skinned_normals_are_those_of_the_posed_surface() -> None:
    body, pose = shape_body(OPEN), torch.zeros(1, 52, 3)
    pose[0, 0] = torch.tensor([0.0, 2.0, 0.0])
    posed = pose_body(body, matrix_from_rotvec(pose), torch.zeros(1, 3))
    again = shape_body(OPEN).normals @ matrix_from_rotvec(pose[0, 0]).T
    found = facing(body, posed, torch.arange(len(again)))[0]
    torch.testing.assert_close(found, again, atol=1e-5, rtol=0)


def test_equal_to_smplx_on_the_same_file(tmp_path: Path) -> None:
    smplx = pytest.importorskip("smplx", reason="smplx is an oracle for development only")
    arrays = synthetic(verts=6890)
    path = tmp_path / "SMPLH_NEUTRAL.npz"
    np.savez(path, **arrays)
    theirs = smplx.SMPLH(str(path), ext="npz", use_pca=False, flat_hand_mean=True, batch_size=2)
    pose, betas, trans = random_pose(2, seed=3), torch.randn(10), torch.randn(2, 3)
    wanted = theirs(
        betas=betas.expand(2, 10), global_orient=pose[:, 0], body_pose=pose[:, 1:22].flatten(1),
        left_hand_pose=pose[:, 22:37].flatten(1), right_hand_pose=pose[:, 37:].flatten(1),
        transl=trans,
    )  # fmt: skip
    ours = pose_body(shape_body(load_body(path), betas), matrix_from_rotvec(pose), trans)
    torch.testing.assert_close(ours.verts, wanted.vertices, atol=1e-5, rtol=0)
    torch.testing.assert_close(ours.joints, wanted.joints[:, :52], atol=1e-5, rtol=0)


def test_the_open_body_is_closed_and_symmetric_in_its_bones() -> None:
    body = shape_body(OPEN)
    assert len(OPEN.template) == 6890
    edges = torch.cat([OPEN.faces[:, [0, 1]], OPEN.faces[:, [1, 2]], OPEN.faces[:, [2, 0]]])
    forward, backward = edges[:, 0] * 6890 + edges[:, 1], edges[:, 1] * 6890 + edges[:, 0]
    assert len(forward.unique()) == len(forward)
    assert torch.equal(forward.sort().values, backward.sort().values)
    swap = torch.tensor([JOINTS.index(mirrored(name)) for name in JOINTS])
    flipped = body.joints[swap] * torch.tensor([-1.0, 1.0, 1.0])
    assert (flipped - body.joints).norm(dim=-1).max() < 0.004
    torch.testing.assert_close(OPEN.weights.sum(dim=1), torch.ones(6890))
    assert ((OPEN.weights > 0).sum(dim=1) <= 4).all()


def test_every_triangle_is_dressed_and_textured() -> None:
    assert OPEN.materials is not None
    assert OPEN.uvs is not None
    assert OPEN.materials.shape == (len(OPEN.faces),)
    assert set(OPEN.materials.tolist()) == {0, 1, 2, 3, 4}
    assert OPEN.uvs.min() >= 0
    assert OPEN.uvs.max() <= 1
    across_a_seam = (OPEN.uvs.amax(dim=1) - OPEN.uvs.amin(dim=1)).amax(dim=1) > 0.1
    assert not across_a_seam.any()
