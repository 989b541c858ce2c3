"""Prompts for models that paint, made from a plan by templates (section 3.4)."""

from ..meanings import POSTURES
from ..vocabulary import OFF_OBJECT
from ..wishes import Contact, Plan, Subject

_DOING = {
    "stand": "standing", "sit": "sitting", "lie": "lying", "squat": "squatting",
    "kneel": "kneeling", "straddle": "sitting astride", "lean": "leaning", "bend": "bending over",
    "climb": "climbing", "hang": "hanging", "walk": "walking", "none": "being",
}  # fmt: skip
_WHERE = {
    "front": "in front of", "behind": "behind", "left": "to the left of",
    "right": "to the right of", "beside": "beside", "on_top": "on", "inside": "in",
    "under": "under", "holding": "with", "wearing": "wearing", "none": "near",
}  # fmt: skip
_ROLES = {"support": "resting on", "grasp": "holding", "touch": "touching"}
_ALWAYS = (
    "cropped body", "head out of frame", "several people", "extra limbs", "missing hands",
    "floating object", "deformed body",
)  # fmt: skip
_FAR = {"sit": "standing", "lie": "standing", "stand": "sitting", "walk": "sitting"}
"""Posture -> what a painting model shows most often in its place."""


def imagined(plan: Plan) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What a photograph of the plan shows, said in several ways, and what it must not show."""
    who, thing = _person(plan.subject), plan.object
    deed = f"{_DOING[plan.posture]} {_WHERE[plan.relation]} a {thing}"
    touching = ", ".join(_touch(c, thing) for c in _on_object(plan)[:3])
    detail = f", {touching}" if touching else ""
    positive = (
        f"a full-body photo of {who} {deed}{detail}",
        f"{who}, {plan.prompt}, whole body in view from head to feet, plain background",
        f"a photograph of {who} {deed}, {POSTURES[plan.posture].lower().rstrip('.')}, studio light",
    )
    wrong = _FAR.get(plan.posture, "lying")
    untouched = tuple(f"{part.replace('_', ' ')} on the {thing}" for part in plan.avoid[:2])
    return positive, (*_ALWAYS, f"person {wrong}", *untouched)


def _person(subject: Subject) -> str:
    age = subject.age
    woman = subject.sex is not None and subject.sex < 0.5
    man = subject.sex is not None and not woman
    if age is not None and age < 18:
        return "a girl" if woman else "a boy" if man else "a child"
    old = "an old " if age is not None and age >= 65 else "a "
    return old + ("woman" if woman else "man" if man else "person")


def _on_object(plan: Plan) -> list[Contact]:
    return [c for c in plan.contacts if c.region not in OFF_OBJECT]


def _touch(contact: Contact, thing: str) -> str:
    place = "" if contact.region == "anywhere" else f"{contact.region.replace('_', ' ')} of the "
    return f"{contact.part.replace('_', ' ')} {_ROLES[contact.role]} the {place}{thing}"
