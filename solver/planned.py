"""The plan of a job: given with it, or made from its sentence by whom the request names."""

import json
from collections.abc import Callable
from dataclasses import replace

from .affordance import shape_facts
from .artefacts import Item, Plan
from .cache import cache_folder
from .job import Request
from .plan import Seen, plan_from_json, plan_of_sentence
from .pretrained.chooser import png
from .render.shade import draw


def plan_of(
    request: Request,
    size: tuple[float, float, float],
    see: Callable[[int], Seen] = lambda _: Seen(),
    tick: Callable[[], None] = lambda: None,
) -> Plan:
    """The plan that the request brings, else what its planner makes of the sentence.

    Args:
        request: For the plan, or the sentence and who reads it.
        size: Of the object: width, height, depth, metres.
        see: Looks at the object, for a model that is shown so many pictures.
        tick: Called while waiting; may raise `Cancelled`.

    Raises:
        SolverError: When the request's plan is none.
    """
    if request.plan is not None:
        given = plan_from_json(json.dumps(request.plan))
        return replace(given, prompt=request.prompt, provider="given")
    sentence, cache = sentence_of(request), cache_folder() / "answers"
    return plan_of_sentence(
        sentence, request.object_name, size, request.planner, see, cache, tick
    )  # fmt: skip


def seen_of(item: Item, views: int) -> Seen:
    """What a language model may know of an object's shape, and pictures of it from around."""
    sides = [draw([(item.mesh, _GREY)], [(yaw, 20)], size=512) for yaw in _AROUND[:views]]
    return Seen(shape_facts(item), [png(side) for side in sides])


_GREY = (0.7, 0.7, 0.7)
_AROUND = (30, 150, 270, 210)
"""Degrees from the object's front of the pictures that a model is shown."""


def sentence_of(request: Request) -> str:
    """What the planner reads: without a plan only what the object is."""
    if request.configuration == "no_plan":
        return f"a person and {request.object_name.replace('_', ' ')}"
    return request.prompt
