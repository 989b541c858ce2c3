"""Stub."""

from pathlib import Path


def test(root: Path, blender: str | None) -> int:
    return 1
