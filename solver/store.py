"""A job's folder: every stage's artefact lies in it, and no stage runs twice on the same inputs.

JSON for words, npz for arrays, never pickle.
"""

import functools
import hashlib
import json
import os
import types
import zipfile
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import numpy as np
import torch
from torch import Tensor

from .errors import SolverError

KEY = "key"
"""Of the digest among the arrays; those of an artefact begin with its name and a dot."""

Artefact = TypeVar("Artefact")


class Store:
    """The artefacts of one job, by name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def once(
        self, name: str, kind: type[Artefact], key: object, make: Callable[[], Artefact]
    ) -> Artefact:
        """The stored artefact when it was made from the same `key`, else a new one, stored.

        Args:
            name: Names the files: `name.json` and `name.npz`.
            kind: The dataclass to read back.
            key: Everything the artefact depends on, as plain data.
            make: Makes it.
        """
        words = json.dumps([code_digest(), key], sort_keys=True, default=str)
        digest = hashlib.sha256(words.encode()).hexdigest()
        stored = self._read(name, kind, digest)
        if stored is not None:
            return stored
        made = make()
        self._write(name, made, digest)
        return made

    def _read(self, name: str, kind: type[Artefact], digest: str) -> Artefact | None:
        words, arrays = self.folder / f"{name}.json", self.folder / f"{name}.npz"
        try:
            content = json.loads(words.read_text(encoding="utf-8"))
            if content.get("key") != digest:
                return None
            with np.load(arrays, allow_pickle=False) as file:
                if str(file[KEY]) != digest:  # Killed between two writes: words and arrays differ.
                    return None
                tensors = {k: torch.from_numpy(file[k]) for k in file.files if k != KEY}
            return _build(kind, content["value"], tensors)
        except (
            OSError, EOFError, ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile
        ):  # fmt: skip
            # A missing, truncated or outdated artefact is made again.
            return None

    def _write(self, name: str, value: object, digest: str) -> None:
        tensors: dict[str, Tensor] = {}
        tree = _flatten(value, name, tensors)
        arrays = {KEY: np.array(digest), **{k: t.numpy() for k, t in tensors.items()}}
        write_arrays(self.folder / f"{name}.npz", arrays)
        write_words(self.folder / f"{name}.json", {"key": digest, "value": tree})


@functools.cache
def code_digest() -> str:
    """A name for the solver's code and tables: what another version made is made again."""
    home = Path(__file__).parent
    state = hashlib.sha256()
    for path in sorted([*home.rglob("*.py"), *home.rglob("*.tsv")]):
        state.update(str(path.relative_to(home)).encode())
        state.update(path.read_bytes())
    return state.hexdigest()[:16]


def write_words(path: Path, content: object) -> None:
    """Write JSON so that a reader sees the old file or the whole new one."""
    _replace(path, json.dumps(content, indent=1, ensure_ascii=False).encode())


def write_arrays(path: Path, arrays: dict[str, np.ndarray]) -> None:
    """Write an npz so that a reader sees the old file or the whole new one."""
    part = path.with_name(path.name + ".part")
    try:
        with part.open("wb") as file:
            np.savez(file, **arrays)  # pyright: ignore[reportArgumentType]
        part.replace(path)
    except OSError as error:
        raise cannot_write(path, error) from error


def _replace(path: Path, content: bytes) -> None:
    part = path.with_name(path.name + ".part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        raise cannot_write(path, error) from error


def cannot_write(path: Path, error: OSError) -> SolverError:
    """The sentence for a job's folder that is full, missing or not ours."""
    return SolverError(
        f"The job's folder cannot be written: {path}: {os.strerror(error.errno or 0)}",
        remedy="Look whether it exists and may be written, free some disk space, or choose another "
        "cache folder in the preferences.",
    )


def _flatten(value: Any, path: str, tensors: dict[str, Tensor]) -> Any:
    if isinstance(value, Tensor):
        tensors[path] = value.detach().cpu().contiguous()
        return {"tensor": path}
    if is_dataclass(value):
        return {
            f.name: _flatten(getattr(value, f.name), f"{path}.{f.name}", tensors)
            for f in fields(value)
        }
    if isinstance(value, (tuple, list)):
        return [_flatten(item, f"{path}.{k}", tensors) for k, item in enumerate(value)]
    if isinstance(value, dict):
        return {k: _flatten(item, f"{path}.{k}", tensors) for k, item in value.items()}
    return value


def _build(kind: Any, tree: Any, tensors: dict[str, Tensor]) -> Any:
    """The value of type `kind` that `tree` describes; the inverse of `_flatten`."""
    inner = get_args(kind)
    if get_origin(kind) in (Union, types.UnionType) and tree is not None:
        return _build(next(k for k in inner if k is not type(None)), tree, tensors)
    if isinstance(tree, dict) and set(cast(Any, tree)) == {"tensor"}:
        return tensors[tree["tensor"]]
    if isinstance(tree, dict) and is_dataclass(kind):
        hints = get_type_hints(kind)
        made = {k: _build(hints[k], v, tensors) for k, v in cast(Any, tree).items()}
        return cast(Any, kind)(**made)
    return _build_container(get_origin(kind), inner, tree, tensors)


def _build_container(origin: Any, inner: Any, tree: Any, tensors: dict[str, Tensor]) -> Any:
    if tree is None or origin is Literal:
        return tree
    if origin is tuple:
        each = inner[0] if len(inner) == 2 and inner[1] is Ellipsis else None
        kinds = [each] * len(tree) if each is not None else list(inner)
        return tuple(_build(k, v, tensors) for k, v in zip(kinds, tree, strict=True))
    if origin is list:
        return [_build(inner[0], item, tensors) for item in tree]
    if origin is dict:
        return {k: _build(inner[1], v, tensors) for k, v in tree.items()}
    return tree
