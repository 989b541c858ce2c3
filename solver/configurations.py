"""Settings by name: the whole solver, and what an ablation compares it with."""

from dataclasses import replace
from typing import Any

from .bounds import Configuration
from .settings import OptimisationSettings, Phase, Settings


def configured(settings: Settings, name: Configuration) -> Settings:
    """The settings with one part left out, or done as the paper does.

    `no_plan` is not a matter of settings: the sentence is not read, see `pipeline`.
    """
    knobs = settings.optimisation
    changed = {
        "full": knobs,
        "no_plan": knobs,
        "no_refinement": unrefined(knobs),
        "no_polish": replace(knobs, polish=replace(knobs.polish, rounds=0)),
        "no_hands": replace(knobs, hands=False),
        "no_prior": weighed(knobs, prior=0.0),
        "support": weighed(knobs, support=4.0),
        "closure": weighed(knobs, closure=4.0),
        "steady": replace(knobs, steady=True),
        "literal": weighed(replace(knobs, closure="literal"), support=0.0, closure=1.0),
        "paper": as_in_the_paper(knobs),
    }
    return replace(settings, optimisation=changed[name])


def unrefined(knobs: OptimisationSettings) -> OptimisationSettings:
    """The global stage's result as it is."""
    still = {name: replace(getattr(knobs, name), steps=0) for name in ("settle", "finish")}
    return replace(knobs, hands=False, polish=replace(knobs.polish, rounds=0), **still)


def as_in_the_paper(knobs: OptimisationSettings) -> OptimisationSettings:
    """The object is brought to the person and scaled (Eq. 6, 7); then poses are refined beside it.

    The refinement has the closure of Eq. 9. Schedules, sigmas and what the paper does not give
    (limits, prior, floor) are ours.
    """
    changed = replace(
        knobs, object_moves=True, rescale=True, steady=False, closure="literal",
        approach=replace(knobs.approach, steps=0),
    )  # fmt: skip
    return weighed(changed, support=0.0, closure=1.0)


def weighed(knobs: OptimisationSettings, **weights: float) -> OptimisationSettings:
    """Every phase and the polish with these weights."""

    def phase(given: Phase) -> Phase:
        return replace(
            given, first=replace(given.first, **weights), last=replace(given.last, **weights)
        )

    phases: dict[str, Any] = {n: phase(getattr(knobs, n)) for n in ("approach", "settle", "finish")}
    last = replace(knobs.polish, weights=replace(knobs.polish.weights, **weights))
    return replace(knobs, polish=last, **phases)
