"""A request is checked before anything runs; every refusal names the field and the remedy."""

import json
from pathlib import Path

import numpy as np
import pytest

from solver.errors import SolverError
from solver.job import parse_request, read_object, read_request

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
        ({"version": 99}, "version"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_request_is_named(change: dict[str, object], word: str) -> None:
    with pytest.raises(SolverError, match=word) as caught:
        parse_request({**GOOD, **change})
    assert caught.value.remedy


def test_a_folder_without_a_request(tmp_path: Path) -> None:
    with pytest.raises(SolverError, match="No request"):
        read_request(tmp_path)


def test_pickled_arrays_are_refused(tmp_path: Path) -> None:
    """An object array would need pickle, which can carry code."""
    np.savez(tmp_path / "object.npz", verts=np.array([{}], dtype=object), faces=np.zeros((1, 3)))
    with pytest.raises(SolverError, match="No mesh"):
        read_object(tmp_path)


def test_the_subject_is_read(tmp_path: Path) -> None:
    content = {**GOOD, "subject": {"age": 7, "sex": None, "height": None, "weight": None}}
    (tmp_path / "request.json").write_text(json.dumps(content))
    assert read_request(tmp_path).subject.age == 7
