"""Who reads the sentence: rules, or a language model with the rules behind it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..errors import SolverError
from ..pretrained.endpoint import Endpoint
from ..pretrained.language import Tick, connect
from ..wishes import Plan, PlannerChoice
from .asked import ask_plan
from .imagined import imagined
from .rules import check_sentence, make_plan
from .scene import Size


@dataclass(frozen=True)
class Seen:
    """What is known of an object's shape; nothing else of it is told to a language model."""

    facts: Sequence[str] = ()
    pictures: Sequence[bytes] = ()
    """PNG files."""


def plan_of_sentence(
    sentence: str,
    object_name: str,
    size: Size | None = None,
    choice: PlannerChoice | None = None,
    see: Callable[[int], Seen] = lambda _: Seen(),
    cache: Path | None = None,
    tick: Tick = lambda: None,
    *,
    strict: bool = False,
) -> Plan:
    """What the person does with the object, with prompts for models that paint.

    Where a language model was chosen and gives no valid plan, the rules read the sentence, and the
    plan's first warning says why.

    Args:
        sentence: What the person does.
        object_name: Name of the object in the scene; may say nothing.
        size: Width, height, depth, metres, where measured.
        choice: Who reads it; None: the rules.
        see: Looks at the object, for a model that is shown so many pictures.
        cache: Folder of a language model's earlier answers; None: ask anew.
        tick: Called while waiting; may raise `Cancelled`.
        strict: A language model's failure is raised, not mended by the rules.

    Raises:
        SolverError: If the sentence is empty or too long; with `strict`, if the model fails.
    """
    check_sentence(sentence)
    trouble = ""
    if choice is not None and choice.provider == "llm":
        try:
            return _asked(sentence, object_name, size, choice, see, cache, tick)
        except SolverError as error:
            if strict:
                raise
            trouble = f"{error} The rules read the sentence instead. {error.remedy}"
    plan = make_plan(sentence, object_name, size)
    positive, negative = imagined(plan)
    warnings = (trouble, *plan.warnings) if trouble else plan.warnings
    return replace(plan, image_prompts=positive, negative_prompts=negative, warnings=warnings)


def _asked(
    sentence: str, object_name: str, size: Size | None, choice: PlannerChoice,
    see: Callable[[int], Seen], cache: Path | None, tick: Tick,
) -> Plan:  # fmt: skip
    endpoint = Endpoint(choice.base_url, choice.model, choice.timeout)
    language = connect(endpoint, cache, tick)
    seen = see(choice.views)
    return ask_plan(language, sentence, object_name, size, seen.facts, seen.pictures)
