"""Room 1: from a sentence to a plan in closed vocabularies."""

from .describe import describe, plan_from_json, plan_in_brief, plan_to_json
from .lexicon import expected_object
from .rules import make_plan

__all__ = [
    "describe",
    "expected_object",
    "make_plan",
    "plan_from_json",
    "plan_in_brief",
    "plan_to_json",
]
