"""Room 1: from a sentence to a plan in closed vocabularies."""

from .describe import describe, plan_from_json, plan_in_brief, plan_to_json
from .lexicon import expected_object
from .planner import Seen, plan_of_sentence
from .rules import make_plan

__all__ = [
    "Seen", "describe", "expected_object", "make_plan", "plan_from_json", "plan_in_brief",
    "plan_of_sentence", "plan_to_json",
]  # fmt: skip
