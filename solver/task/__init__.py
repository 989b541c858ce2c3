"""A plan made concrete: what synthesis, optimisation and evaluation share.

`resolve` turns the plan's words into vertices of the body and points of the object; `overlap`
measures the two against each other exactly, both ways.
"""

from .overlap import body_in_object, object_in_body
from .resolve import Footing, OwnTouch, Task, Touch, resolve

__all__ = [
    "Footing", "OwnTouch", "Task", "Touch", "body_in_object", "object_in_body", "resolve",
]  # fmt: skip
