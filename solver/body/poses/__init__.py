"""The pose library: whole-body poses and hand shapes, authored in anatomical words."""

from .age import stooped
from .anatomy import blend, mirror
from .hands import finger_path, hand_shape, laying_path
from .library import flipped, library, poses_for
from .sketch import LibraryPose

__all__ = [
    "LibraryPose",
    "blend",
    "finger_path",
    "flipped",
    "hand_shape",
    "laying_path",
    "library",
    "mirror",
    "poses_for",
    "stooped",
]
