"""Mesh intake: any triangle soup becomes an object in metres that answers distance queries."""

from .around import take_in_scene
from .hints import Hints
from .take import take_in

__all__ = ["Hints", "take_in", "take_in_scene"]
