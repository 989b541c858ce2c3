"""A request is checked before anything runs; every refusal names the field and the remedy."""

import json
from pathlib import Path

import numpy as np
import pytest

from solver.errors import SolverError
from solver.job import parse_request, read_object, read_request, read_scene

GOOD = {"prompt": "a woman sits on the chair", "object_name": "Chair"}


def test_the_smallest_request() -> None:
    request = parse_request(dict(GOOD))
    assert (request.quality, request.variants, request.placement) == ("standard", 1, "keep")


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"prompt": "  "}, "empty"),
        ({"prompt": "sit " * 1250}, "5000|4999"),
        ({"quality": "best"}, "quality"),
        ({"front": "z"}, "front"),
        ({"device": "tpu"}, "device"),
        ({"variants": 0}, "variants"),
        ({"variants": "x"}, "variants"),
        ({"variants": 2.5}, "variants"),
        ({"variants": True}, "variants"),
        ({"seed": "abc"}, "seed"),
        ({"seed": -1}, "seed"),
        ({"floor": "x"}, "floor"),
        ({"floor": float("nan")}, "floor"),
        ({"fix_object": 1}, "fix_object"),
        ({"front": ["+x"]}, "front"),
        ({"prompt": 7}, "prompt"),
        ({"object_name": None}, "object_name"),
        ({"body": 3}, "body"),
        ({"plan": "sit"}, "plan"),
        ({"plan": []}, "plan"),
        ({"subject": {"colour": 1}}, "subject"),
        ({"subject": [1]}, "subject"),
        ({"subject": {"age": "old"}}, "subject.age"),
        ({"subject": {"age": 300}}, "subject.age"),
        ({"subject": {"height": 180}}, "subject.height"),
        ({"version": 99}, "version"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_request_is_named(change: dict[str, object], word: str) -> None:
    with pytest.raises(SolverError, match=word) as caught:
        parse_request({**GOOD, **change})
    assert caught.value.remedy


@pytest.mark.parametrize("content", [[], "sit", None, 3])
def test_what_is_no_table_is_no_request(content: object) -> None:
    with pytest.raises(SolverError, match="request"):
        parse_request(content)


def test_the_objects_name_is_needed() -> None:
    with pytest.raises(SolverError, match="object_name"):
        parse_request({"prompt": "sit"})


@pytest.mark.parametrize("size", [0, 10, 200])
def test_a_truncated_mesh_is_a_sentence(tmp_path: Path, size: int) -> None:
    np.savez(tmp_path / "object.npz", verts=np.zeros((9, 3)), faces=np.zeros((4, 3), int))
    path = tmp_path / "object.npz"
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(SolverError, match="No mesh"):
        read_object(tmp_path)


def test_faces_are_integers(tmp_path: Path) -> None:
    np.savez(tmp_path / "object.npz", verts=np.zeros((9, 3)), faces=np.zeros((4, 3)))
    with pytest.raises(SolverError, match="object") as caught:
        read_object(tmp_path)
    assert "faces of integers" in caught.value.remedy


def test_a_folder_without_a_request(tmp_path: Path) -> None:
    with pytest.raises(SolverError, match="No request"):
        read_request(tmp_path)


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(SolverError, match="does not exist"):
        read_request(tmp_path / "MISSING")
    (tmp_path / "file").touch()
    with pytest.raises(SolverError, match="is a file"):
        read_request(tmp_path / "file")


def test_pickled_arrays_are_refused(tmp_path: Path) -> None:
    """An object array would need pickle, which can carry code."""
    np.savez(tmp_path / "object.npz", verts=np.array([{}], dtype=object), faces=np.zeros((1, 3)))
    with pytest.raises(SolverError, match="No mesh"):
        read_object(tmp_path)


def test_the_subject_is_read(tmp_path: Path) -> None:
    content = {**GOOD, "subject": {"age": 7, "sex": None, "height": None, "weight": None}}
    (tmp_path / "request.json").write_text(json.dumps(content))
    assert read_request(tmp_path).subject.age == 7


SCENE = {
    "verts": np.zeros((4, 3), np.float32), "faces": np.array([[0, 1, 2], [1, 2, 3]], np.int32),
    "owner": np.array([0, 1], np.int32), "names": np.array(["Wall", "Lamp"]),
}  # fmt: skip


def test_a_scene_is_read_and_a_job_may_have_none(tmp_path: Path) -> None:
    assert read_scene(tmp_path) is None
    np.savez(tmp_path / "scene.npz", **SCENE)
    scene = read_scene(tmp_path)
    assert scene is not None and scene.names == ("Wall", "Lamp")
    assert scene.verts.shape == (4, 3) and scene.owner.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("faces", np.array([[0, 1, 4], [1, 2, 3]])),
        ("faces", np.array([[0, 1, -1], [1, 2, 3]])),
        ("faces", np.zeros((2, 3))),
        ("owner", np.array([0, 2])),
        ("owner", np.array([0])),
        ("names", np.array([1, 2])),
        ("verts", np.zeros((4, 2))),
        ("verts", np.array([["a", "b", "c"]] * 4)),
    ],
)
def test_a_wrong_scene_is_a_sentence(tmp_path: Path, name: str, wrong: np.ndarray) -> None:
    np.savez(tmp_path / "scene.npz", **{**SCENE, name: wrong})
    with pytest.raises(SolverError, match="scene"):
        read_scene(tmp_path)


def test_a_truncated_or_pickled_scene_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "scene.npz"
    np.savez(path, **SCENE)
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(SolverError, match="No scene"):
        read_scene(tmp_path)
    np.savez(path, **{**SCENE, "names": np.array([object()], dtype=object)})
    with pytest.raises(SolverError, match="No scene"):
        read_scene(tmp_path)
