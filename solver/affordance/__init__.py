"""Room 2: where on the object each body part of a plan should touch."""

from .described import shape_facts
from .find import find_affordance

__all__ = ["find_affordance", "shape_facts"]
