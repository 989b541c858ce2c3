"""What a solution is worth, in numbers that an artist can read."""

from .contact import PartContact, expected_contact
from .diversity import diversity
from .metrics import measure
from .remarks import remarks
from .scene import among_others
from .shown import Shown, Solid, standing_still
from .suite import quick, simulated, success, thorough

__all__ = [
    "PartContact",
    "Shown",
    "Solid",
    "among_others",
    "diversity",
    "expected_contact",
    "measure",
    "quick",
    "remarks",
    "simulated",
    "standing_still",
    "success",
    "thorough",
]
