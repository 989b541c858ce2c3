"""The user's own file: every layout in the wild, and nothing that is not data."""

import os
import pickle
import sys
import types
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse
import torch
from test_body import synthetic

from solver.body import load_body
from solver.errors import SolverError


def as_npz(folder: Path, **changes: np.ndarray | None) -> Path:
    arrays = {k: v for k, v in (synthetic() | changes).items() if v is not None}
    np.savez(folder / "model.npz", **arrays)
    return folder / "model.npz"


def as_pickle(folder: Path, content: object, protocol: int = 2) -> Path:
    (folder / "SMPLH_male.pkl").write_bytes(pickle.dumps(content, protocol=protocol))
    return folder / "SMPLH_male.pkl"


def test_amass_file_of_sixteen_betas_without_hand_components(tmp_path: Path) -> None:
    hands = {f"hands_{kind}{side}": None for kind in ("mean", "components") for side in "lr"}
    arrays = synthetic(betas=16)
    model = load_body(as_npz(tmp_path, shapedirs=arrays["shapedirs"], **hands))
    assert model.shape_dirs.shape == (200, 3, 16)
    np.testing.assert_allclose(model.template.numpy(), arrays["v_template"], rtol=1e-6)
    assert model.pose_dirs is not None
    assert model.pose_dirs.shape == (200, 3, 459)


def test_zero_correctives_are_left_out(tmp_path: Path) -> None:
    assert load_body(as_npz(tmp_path, posedirs=np.zeros((200, 3, 459)))).pose_dirs is None


@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_pickle_with_a_sparse_regressor(tmp_path: Path, protocol: int) -> None:
    content = synthetic() | {"bs_type": "lrotmin", "bs_style": "lbs"}
    content["J_regressor"] = scipy.sparse.csc_matrix(content["J_regressor"])
    model = load_body(as_pickle(tmp_path, content, protocol))
    np.testing.assert_allclose(
        model.joint_regressor.numpy(), synthetic()["J_regressor"], rtol=1e-5, atol=1e-8
    )


def test_chumpy_arrays_and_selections(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Chumpy's classes are only names in a pickle: stand-ins here, shells in the reader."""
    module = types.ModuleType("chumpy.ch")
    for name in ("Ch", "Select"):
        kind = type(name, (), {"__module__": "chumpy.ch"})
        setattr(module, name, kind)
    monkeypatch.setitem(sys.modules, "chumpy", types.ModuleType("chumpy"))
    monkeypatch.setitem(sys.modules, "chumpy.ch", module)
    content = synthetic()
    plain, picked = module.Ch(), module.Select()
    plain.__dict__.update(x=content["v_template"])
    order = np.arange(content["shapedirs"].size)[::-1]
    whole = module.Ch()
    whole.__dict__.update(x=content["shapedirs"].ravel()[::-1].copy())
    picked.__dict__.update(a=whole, idxs=order, preferred_shape=content["shapedirs"].shape)
    path = as_pickle(tmp_path, content | {"v_template": plain, "shapedirs": picked})
    monkeypatch.delitem(sys.modules, "chumpy.ch")
    model = load_body(path)
    np.testing.assert_allclose(model.template.numpy(), content["v_template"], rtol=1e-6)
    np.testing.assert_allclose(model.shape_dirs.numpy(), content["shapedirs"], rtol=1e-5)


class Bomb:
    """Runs a call when it is unpickled."""

    def __init__(self, call: object, *args: object) -> None:
        self.call, self.args = call, args

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return self.call, self.args


@pytest.mark.parametrize("where", ["whole file", "one array", "inside an object array"])
def test_a_pickle_that_runs_code_is_refused(tmp_path: Path, where: str) -> None:
    sign = tmp_path / "ran"
    bomb = Bomb(os.system, f"touch {sign}")
    if where == "whole file":
        content: object = bomb
    elif where == "one array":
        content = synthetic() | {"v_template": bomb}
    else:
        content = synthetic() | {"weights": np.array([bomb], dtype=object)}
    with pytest.raises(SolverError, match="refused") as caught:
        load_body(as_pickle(tmp_path, content))
    assert caught.value.remedy
    assert not sign.exists()


@pytest.mark.parametrize("call", [eval, exec, getattr, __import__, open])
def test_builtins_are_refused(tmp_path: Path, call: object) -> None:
    with pytest.raises(SolverError, match="refused"):
        load_body(as_pickle(tmp_path, {"f": Bomb(call, "1")}))


def test_an_npz_with_a_pickle_inside_is_refused(tmp_path: Path) -> None:
    sign = tmp_path / "ran"
    bomb = np.array([Bomb(os.system, f"touch {sign}")], dtype=object)
    np.savez(tmp_path / "model.npz", **(synthetic() | {"weights": bomb}))
    with pytest.raises(SolverError, match="cannot be read"):
        load_body(tmp_path / "model.npz")
    assert not sign.exists()


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ({"v_template": np.zeros((4, 3))}, "has no shapedirs"),
        ([1, 2], "list"),
        (synthetic() | {"weights": np.zeros((200, 24))}, "weights is"),
        (synthetic() | {"v_template": np.full((200, 3), np.nan)}, "not numbers"),
        (synthetic() | {"kintree_table": np.zeros((2, 52))}, "order"),
        (synthetic() | {"f": "text"}, "not of numbers"),
    ],
)
def test_what_is_not_smplh_gets_a_sentence_and_a_remedy(
    tmp_path: Path, content: object, what: str
) -> None:
    with pytest.raises(SolverError, match=what) as caught:
        load_body(as_pickle(tmp_path, content))
    assert "SMPL-H" in caught.value.remedy


@pytest.mark.parametrize("name", ["model.npz", "model.pkl"])
@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 half a zip", b"\x80\x04.", b"hello"])
def test_a_broken_file_gets_a_sentence(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SolverError, match="cannot be read"):
        load_body(tmp_path / name)


def test_a_missing_file_gets_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SolverError, match="no body model"):
        load_body(tmp_path / "nowhere.npz")


def test_the_open_body_reads_like_a_users_file() -> None:
    """It has the layout that it says it has."""
    from solver.body.model import OPEN_BODY

    again, known = load_body(OPEN_BODY), load_body()
    for key in ("template", "shape_dirs", "joint_regressor", "weights", "faces"):
        assert torch.equal(getattr(again, key), getattr(known, key)), key
    assert again.pose_dirs is None
