"""Plans from rules alone: no model, no network, the same answer every time."""

from collections.abc import Sequence
from dataclasses import replace

from ..artefacts import Contact, Plan, Subject
from ..bounds import LONGEST_PROMPT
from ..errors import SolverError
from ..vocabulary import (
    OFF_OBJECT,
    REGIONS,
    SIDES,
    BodyPart,
    Facing,
    Flag,
    Posture,
    ScaleClass,
    Style,
)
from .actions import actions_of, usual_deed
from .carrying import carried
from .flags import confidence_of, flag_of
from .hands import manipulate
from .keepable import is_held
from .keeping import kept_at
from .languages import foreign_language
from .leaning import lean_on
from .limbs import Limb, limbs_of
from .negation import forbidden
from .nouns import UNKNOWN
from .placing import said_places
from .possible import possible
from .posture import posture_of
from .reading import Reading, read
from .relation import is_supported, relation_of
from .resting import rest
from .scene import Draft, Scene, Size
from .sitting import stands_beside
from .styles import styles_of
from .support import support

_TYPICAL: Size = (0.5, 0.7, 0.5)
"""Of an object about which nothing is known, metres."""


def make_plan(prompt: str, object_name: str, size: Size | None = None) -> Plan:
    """What the person does with the object, from the sentence, the name and the size alone.

    Args:
        prompt: One English sentence.
        object_name: Name of the object in the scene; may say nothing (`Cube.001`).
        size: Width, height, depth, metres, where measured.

    Raises:
        SolverError: If the sentence is empty or longer than 1,000 characters.
    """
    check_sentence(prompt)
    foreign = foreign_language(prompt)
    understood = understand("" if foreign else prompt, object_name, size)
    scene, impossible = possible(understood, measured=size is not None)
    flag, wrong = flag_of(understood, impossible)
    draft = Draft(scene)
    draft.warnings.extend(each for each in (_not_english(foreign), wrong) if each)
    said_places(draft)
    kept_at(draft)
    leans = any(a.frame == "lean" and a.on == "target" for a in scene.actions)
    if scene.posture in ("lean", "bend") or (scene.posture in ("kneel", "squat") and leans):
        lean_on(draft)
    manipulate(draft)
    support(draft)
    rest(draft)
    plan = _plan(prompt, draft, flag)
    near = plan.relation in ("front", "beside")
    nothing = flag == "no_object" and near and not object_name.strip()
    return replace(plan, relation="none") if nothing else plan


def _not_english(foreign: str) -> str:
    if not foreign:
        return ""
    return (
        f"The sentence seems to be {foreign}; the rules read English only. Say it in English, or "
        "let a language model read it (Preferences > Add-ons > Interact Anything)."
    )


def check_sentence(prompt: str) -> None:
    """Refuse what nobody can read.

    Raises:
        SolverError: If the sentence is empty or longer than 1,000 characters.
    """
    if not prompt.strip():
        raise SolverError("The sentence is empty.", remedy="Type what the person does.")
    if len(prompt) > LONGEST_PROMPT:
        raise SolverError(
            f"The sentence has {len(prompt)} characters; {LONGEST_PROMPT} is the most.",
            remedy="Say in one or two sentences what the person does with the object.",
        )


def understand(prompt: str, object_name: str, measured: Size | None) -> Scene:
    """Read the sentence and decide what the whole body does."""
    reading = read(prompt, object_name)
    noun = reading.target or UNKNOWN
    size = measured or noun.size or _TYPICAL
    limbs = limbs_of(reading)
    reading = _aside(reading, limbs)
    actions = actions_of(reading, limbs)
    posture = posture_of(actions, reading, limbs, size[1])
    supported = is_supported(posture, actions, limbs, noun, reading)
    held = not supported and is_held(actions, limbs, size, reading)
    relation = relation_of(posture, supported, actions, limbs, reading, held)
    told = bool(actions) or any(limb.how != "state" for limb in limbs)
    deeds = [a for a in actions if not a.is_body and a.on != "other"]
    if not deeds and posture != "lean" and (held or not (actions or supported)):
        usual = usual_deed(reading, limbs, held=held, worn=relation == "wearing")
        actions = (*actions, usual) if usual else actions
    return Scene(
        reading,
        noun,
        size,
        limbs,
        actions,
        posture,
        relation,
        supported,
        styles_of(actions, limbs, reading, posture),
        stature(reading.subject),
        told,
        forbidden(reading),
    )


def _aside(reading: Reading, limbs: Sequence[Limb]) -> Reading:
    """`his feet on the ottoman`: that the feet are there does not mean that he sits on it."""
    mention = reading.mention
    legs = [limb for limb in limbs if limb.base in ("foot", "leg", "calf") and limb.how == "place"]
    if mention and any(limb.first <= mention.index <= limb.last for limb in legs):
        return replace(reading, mention=replace(mention, prep="limb"))
    return reading


def stature(subject: Subject) -> float:
    """Height of the person, metres, where the sentence gives none: by age and sex."""
    if subject.height is not None:
        return subject.height
    age = subject.age if subject.age is not None else 30.0
    grown = 1.62 if subject.sex == 0.0 else 1.72
    return grown if age >= 16 else min(grown, 0.8 + 0.06 * age)


def _plan(prompt: str, draft: Draft, flag: Flag) -> Plan:
    scene = draft.scene
    reading = scene.reading
    movable = scene.relation in ("holding", "wearing")
    confidence, doubts = confidence_of(scene, flag)
    styles, height, turned = carried(draft) if movable else (scene.styles, "free", "free")
    spoken = reading.mention.text if reading.mention else scene.noun.name
    return Plan(
        prompt=prompt,
        object=spoken,
        posture=_posture(scene),
        relation=scene.relation,
        facing=_facing(draft),
        movable=movable,
        scale=scale_of(scene.size),
        contacts=_contacts(draft),
        hands={side: draft.hands[side] for side in ("left", "right")},
        styles=_risen(draft, styles),
        avoid=_avoid(draft),
        hold_height=height,
        attitude=turned,
        subject=reading.subject,
        flag=flag,
        confidence=confidence,
        warnings=(*reading.notes, *draft.warnings, *doubts),
    )


def _posture(scene: Scene) -> Posture:
    """Standing on a ladder is the body's posture of climbing it: a foot to a rung, a hand holds."""
    if on_rungs(scene):
        return "climb"
    return scene.posture if scene.posture != "none" else "stand"


def on_rungs(scene: Scene) -> bool:
    """Standing on a ladder."""
    return scene.supported and scene.posture == "stand" and scene.noun.category == "ladder"


def _contacts(draft: Draft) -> tuple[Contact, ...]:
    """On the object first, heaviest first."""
    rows = sorted(
        draft.contacts.items(), key=lambda item: (item[1][0] in OFF_OBJECT, -item[1][2], item[0])
    )
    return tuple(
        Contact(part, region, role, weight)  # pyright: ignore[reportArgumentType]
        for part, (region, role, weight) in rows
    )


def scale_of(size: Size) -> ScaleClass:
    """Size class beside a person."""
    longest = max(size)
    if longest < 0.3:
        return "handheld"
    if longest <= 1.0:
        return "carryable"
    return "furniture" if longest <= 2.3 else "large"


def _avoid(draft: Draft) -> tuple[BodyPart, ...]:
    """Forbidden parts that touch nothing of the object."""
    parts = draft.scene.off_limits - set(REGIONS) - set(draft.contacts)
    return tuple(sorted(parts))  # pyright: ignore[reportReturnType]


def _risen(draft: Draft, styles: tuple[Style, ...]) -> tuple[Style, ...]:
    """What the contacts say of the whole body.

    Who kneels on a thing and holds its back does not sit on the heels; who stands on a ladder
    reaches for something with the hand that does not hold; elbows on the knees bend the trunk;
    legs of who sits sideways hang; one that stands beside a high seat is straight; who lies over
    a thing arches; who leans with the back on one leans back.
    """
    scene = draft.scene
    holds = any(draft.contacts.get(f"{side}_hand", ("",))[0] == "backrest" for side in SIDES)
    propped = draft.contacts.get("left_elbow", ("",))[0] == "own_knee"
    over = scene.posture == "lie" and {"lower_back", "left_foot"} <= set(draft.contacts)
    backs = {draft.contacts[part][0] for part in ("back", "upper_back") if part in draft.contacts}
    rules: tuple[tuple[bool, tuple[Style, ...]], ...] = (
        (on_rungs(scene), ("reach_up",)),
        (propped, ("elbows_on_knees", "leaning_forward")),
        (scene.sideways and "knees" in draft.contacts, ("swinging_legs", "leaning_back")),
        (scene.sideways and _along_seat(draft), ("legs_stretched", "leaning_back")),
        (scene.sideways and "left_foot" in draft.busy, ("swinging_legs", "upright")),
        (bool(stands_beside(draft)), ("legs_stretched",)),
        (over or (scene.posture == "lean" and bool(backs)), ("leaning_back",)),
        (scene.supported and scene.posture == "kneel" and holds, ("upright",)),
    )
    more = next((risen for true, risen in rules if true), ())
    told: tuple[Style, ...] = tuple(s for s in styles if s != "neutral" and s not in more)
    return (*more, *told) or styles


def _along_seat(draft: Draft) -> bool:
    """Whether the legs lie on what is sat on."""
    return draft.contacts.get("left_calf", ("",))[0] == "seat"


def _facing(draft: Draft) -> Facing:
    scene = draft.scene
    if scene.supported:
        return _facing_on(draft)
    if scene.posture == "walk" and scene.relation in ("beside", "behind"):
        return "front"
    behind = [p for p in ("upper_back", "back", "buttocks") if p in draft.contacts]
    on_object = any(draft.contacts[part][0] not in OFF_OBJECT for part in behind)
    return "away" if on_object and scene.relation != "wearing" else "object"


def _facing_on(draft: Draft) -> Facing:
    """Where somebody looks who is on the object."""
    scene = draft.scene
    adverbs = {token.value for token in scene.reading.tokens if token.kind == "adverb"}
    held_back = any(draft.contacts.get(f"{side}_hand", ("",))[0] == "backrest" for side in SIDES)
    if "reversed" in adverbs or on_rungs(scene) or (scene.posture == "kneel" and held_back):
        return "object"
    if scene.sideways:
        return _side_faced(draft)
    if draft.contacts.get("buttocks", ("",))[0] == "armrest":
        return "left"
    return "along" if scene.posture == "lie" else "front"


def _side_faced(draft: Draft) -> Facing:
    """`both legs to the left`; the left where no side is said, nor the right arm over the back."""
    tokens = draft.scene.reading.tokens
    legs = next((k for k, t in enumerate(tokens) if t.kind == "part" and t.value == "legs"), 0)
    arms = [part for part, row in draft.contacts.items() if row[0] == "backrest"]
    behind = "right" if any(part.startswith("right_") for part in arms) else "left"
    said = next((t.value for t in tokens[legs:] if t.kind == "side"), behind)
    return "right" if said == "right" else "left"
