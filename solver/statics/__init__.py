"""Forces: what contacts can carry, and how far something is from rest.

Knows points, normals and weights, nothing of plans or stages. `cone` turns contacts into wrenches,
`quadratic` finds the forces, `support` asks whether a posed body or a held object is carried.
"""

from .cone import Contacts, contacts_at, wrenches
from .quadratic import Forces, least_residual, value_at
from .support import Carried, body_support, heart, hold_closure, hold_support

__all__ = [
    "Carried", "Contacts", "Forces", "body_support", "contacts_at", "heart", "hold_closure",
    "hold_support", "least_residual", "value_at", "wrenches",
]  # fmt: skip
