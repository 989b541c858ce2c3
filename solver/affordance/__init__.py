"""Room 2: where on the object each body part of a plan should touch."""

from .find import find_affordance

__all__ = ["find_affordance"]
