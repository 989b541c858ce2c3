"""Mesh intake: any triangle soup becomes an object in metres that answers distance queries."""

from .cache import default_cache
from .hints import Hints
from .take import take_in

__all__ = ["Hints", "default_cache", "take_in"]
