"""Optional packages and folders of weights, refused in words when they are missing or unsafe."""

import importlib
import json
from pathlib import Path
from types import ModuleType
from typing import Any

from ..errors import SolverError

UNSAFE = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".msgpack", ".h5")
"""Weights in formats that can hold a program, or that nothing here reads."""


def package(name: str) -> ModuleType:
    """A package that is loaded only when it is needed.

    Raises:
        SolverError: When it is not installed, or does not start.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise SolverError(
            f"This needs the package '{name}', which cannot be imported: {error}",
            remedy="In Blender, set up the solver again in the extension's preferences; elsewhere: "
            "pip install 'interact-anything[models]'.",
        ) from error


def check_weights(folder: Path, kind: str) -> None:
    """Refuse a folder that is not a model of a kind with weights in safetensors.

    Raises:
        SolverError: When there is no `config.json`, it is of another kind, or the weights are
            missing or of an unsafe format.
    """
    found = config(folder).get("model_type")
    if found != kind:
        raise SolverError(
            f"{folder} holds a model of the type '{found}', not '{kind}'.",
            remedy=f"Give the folder of a {kind} model, as save_pretrained writes it.",
        )
    if not any(folder.glob("*.safetensors")):
        unsafe = sorted(p.name for p in folder.iterdir() if p.suffix in UNSAFE)
        held = f"only {', '.join(unsafe)}, which can run any code" if unsafe else "none"
        raise SolverError(
            f"{folder} has no weights in the safetensors format; it has {held}.",
            remedy="Use a copy of the model with model.safetensors, or convert it where you "
            "trust it: save_pretrained(folder, safe_serialization=True).",
        )


def config(folder: Path) -> dict[str, Any]:
    """A model's `config.json`.

    Raises:
        SolverError: When there is none that can be read.
    """
    try:
        content = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        if not isinstance(content, dict):
            raise ValueError("it holds no JSON object")
    except (OSError, ValueError) as error:
        raise SolverError(
            f"No model can be read from {folder}: {error}",
            remedy="Give a folder with config.json and model.safetensors.",
        ) from error
    return content
