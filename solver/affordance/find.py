"""From an object and a plan to a place on the object for every contact."""

from collections.abc import Callable

import numpy as np
import torch

from ..artefacts import Affordance, Contact, Grip, Item, Plan, Target
from ..vocabulary import OFF_OBJECT, Region
from .embrace import TRUNK, clasp, embrace, embraces
from .features import measure_shape
from .holding import girth_grip, grasp_anything, grip_of
from .regions import INSTEAD, INSTEAD_FIXED, SCORERS
from .stance import stance_of
from .study import ADULT, Found, Study, nothing

Progress = Callable[[float], None]

FAINT = 0.12
"""Scores below this share of the best are dropped."""
GIRTH: tuple[Region, ...] = ("sides", "left_side", "right_side", "front", "back", "anywhere")
"""Where a hand that grasps a slim thing closes around all of it."""
DOUBTFUL = 0.4
"""Confidence below which a warning says so."""


def find_affordance(
    item: Item, plan: Plan, height: float, progress: Progress = lambda _: None
) -> Affordance:
    """Where on the object each body part of the plan should touch.

    Args:
        item: The object.
        plan: What is to happen; contacts off the object (floor, own body) are left out.
        height: The person's stature, metres: seats and hands are sought at its proportion.
        progress: Told the fraction done; may raise `Cancelled`.
    """
    study = Study(item, measure_shape(item), plan, stance_of(plan), height / ADULT)
    targets: list[Target] = []
    grips: list[Grip] = []
    warnings: list[str] = []
    for number, contact in enumerate(plan.contacts):
        progress(number / len(plan.contacts))
        if contact.region in OFF_OBJECT:
            continue
        found, notes = seek(study, contact)
        targets.append(_target(contact, found))
        warnings += notes
        grip = _grip(study, contact)
        grips += [grip] if grip else []
    return Affordance(tuple(targets), tuple(grips), tuple(dict.fromkeys(warnings)))


def seek(study: Study, contact: Contact) -> tuple[Found, list[str]]:
    """The contact's region, or the first of its substitutes that exists, and what to say of it."""
    name = f"{contact.part.replace('_', ' ')} on {contact.region.replace('_', ' ')}"
    others = INSTEAD.get(contact.region, ("anywhere",))
    if not study.plan.movable:
        others = INSTEAD_FIXED.get(contact.region, others)
    around = _embraced(study, contact)
    if around.score.max(initial=0.0) > 0:
        return around, []
    for region in (contact.region, *others):
        slim = region in GIRTH and girth_grip(study, contact)
        found = SCORERS["grip" if slim else region](study, contact)
        if region != contact.region and region == "anywhere" and contact.role == "grasp":
            found = grasp_anything(study, contact)
        if found.score.max(initial=0.0) <= 0:
            continue
        notes = [f"{name}: {found.note}"] if found.note else []
        if region != contact.region:
            notes.append(f"{name}: not found, {region.replace('_', ' ')} used instead.")
        elif found.confidence < DOUBTFUL:
            notes.append(f"{name}: found with little confidence.")
        return found, notes
    return Found(np.zeros(len(study.shape.points)), 0.0), [f"{name}: not found on this object."]


def _embraced(study: Study, contact: Contact) -> Found:
    """Where an arm comes to around what is hugged; nothing where nothing is."""
    if not embraces(study, contact):
        return nothing(study)
    trunk = next(c for c in study.plan.contacts if c.part in TRUNK)
    return embrace(study, contact, SCORERS[trunk.region](study, trunk))


def _target(contact: Contact, found: Found) -> Target:
    score = np.where(found.score < FAINT * found.score.max(initial=0.0), 0.0, found.score)
    total = score.sum()
    probability = torch.tensor(score / total if total > 0 else score, dtype=torch.float32)
    return Target(contact, probability, found.confidence if total > 0 else 0.0)


def _grip(study: Study, contact: Contact) -> Grip | None:
    """What the hand closes around, for grasped handles."""
    if contact.role != "grasp" or not contact.part.endswith("hand"):
        return None
    if contact.region in GIRTH and not girth_grip(study, contact):
        return clasp(study, contact)
    held_neck = contact.region == "neck" and study.plan.movable
    handled = contact.region in ("handle", "grip") or contact.region in GIRTH or held_neck
    return grip_of(study, contact) if handled else None
