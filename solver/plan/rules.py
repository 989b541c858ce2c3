"""Plans from rules alone: no model, no network, the same answer every time."""

from dataclasses import replace

from ..artefacts import Contact, Plan, Subject
from ..errors import SolverError
from ..vocabulary import (
    OFF_OBJECT, BodyPart, Facing, HandShape, HeldAttitude, HoldHeight, ScaleClass, side_of,
)  # fmt: skip
from . import grammar
from .actions import Action, actions_of
from .frames import FRAMES
from .hands import hand_shape, kept_at, lean_on, manipulate
from .nouns import UNKNOWN, Noun
from .limbs import Limb, limbs_of
from .placing import said_places
from .posture import is_supported, posture_of, relation_of, styles_of
from .reading import Reading, read
from .scene import Draft, Scene, Size
from .support import seat_region, support

LONGEST_PROMPT = 1000
_TYPICAL: Size = (0.5, 0.7, 0.5)
"""Of an object about which nothing is known, metres."""
SIDES = ("left", "right")


def make_plan(prompt: str, object_name: str, size: Size | None = None) -> Plan:
    """What the person does with the object, from the sentence, the name and the size alone.

    Args:
        prompt: One English sentence.
        object_name: Name of the object in the scene; may say nothing (`Cube.001`).
        size: Width, height, depth, metres, where measured.

    Raises:
        SolverError: If the sentence is empty or longer than 1,000 characters.
    """
    _check(prompt)
    reading = read(prompt, object_name)
    noun = reading.target or UNKNOWN
    limbs = limbs_of(reading)
    actions = actions_of(reading, limbs)
    scene = _scene(reading, noun, size or noun.size or _TYPICAL, limbs, actions)
    draft = Draft(scene)
    said_places(draft)
    kept_at(draft)
    if scene.posture == "lean":
        lean_on(draft)
    manipulate(draft)
    support(draft)
    _rest_of_the_limbs(draft)
    return _plan(prompt, draft, size is not None)


def _check(prompt: str) -> None:
    if not prompt.strip():
        raise SolverError("The sentence is empty.", remedy="Type what the person does.")
    if len(prompt) > LONGEST_PROMPT:
        raise SolverError(
            f"The sentence has {len(prompt)} characters; {LONGEST_PROMPT} is the most.",
            remedy="Say in one or two sentences what the person does with the object.",
        )


def _scene(
    reading: Reading, noun: Noun, size: Size, limbs: tuple[Limb, ...], actions: tuple[Action, ...]
) -> Scene:
    posture = posture_of(actions, noun, limbs, size[1])
    supported = is_supported(posture, actions, noun, reading)
    held = not supported and _is_held(actions, noun, size, reading)
    relation = relation_of(posture, supported, actions, noun, held)
    styles = styles_of(actions, limbs, reading, posture)
    return Scene(
        reading,
        noun,
        size,
        limbs,
        actions,
        posture,
        relation,
        supported,
        styles,
        _stature(reading.subject),
        _forbidden(reading),
    )


def _is_held(actions: tuple[Action, ...], noun: Noun, size: Size, reading: Reading) -> bool:
    """Whether the object goes where the person takes it."""
    deeds = [a for a in actions if not a.is_body and a.on != "other"]
    on_target = [a for a in deeds if a.on == "target"] or deeds
    if on_target:
        return any(FRAMES[a.frame].held and _takes(a, noun, size) for a in on_target)
    portable = FRAMES[noun.action].held or noun.category in ("small_ball", "ball", "bag")
    mention = reading.mention
    said_away = mention is not None and mention.prep in (
        "at", "beside", "behind", "front", "on", "against", "under", "left", "right", "to", "over",
    )  # fmt: skip
    leaning = noun.category in ("staff", "long_tool") and any(a.frame in ("lean", "sit_lie") for a in actions)
    return leaning or (portable and not said_away and max(size) < 2.5)


def _takes(action: Action, noun: Noun, size: Size) -> bool:
    """Whether this action takes the object along: nobody holds a staircase, one holds on to it."""
    if action.frame in ("carry", "carry_shoulder", "carry_overhead", "lift", "wear"):
        return True
    return noun.category not in FIXED and not noun.has("heavy") and (
        max(size) < 1.8 or noun.category in LONG
    )


FIXED = frozenset({
    "door", "window", "wall", "stairs", "ladder", "table", "vehicle", "house", "pole", "bath", "sink",
    "counter", "cycle", "mount", "atv", "bed", "storage", "appliance", "machine", "bar", "boat",
})  # fmt: skip
LONG = frozenset({"long_tool", "plank", "board", "mat", "striker", "weight", "bow", "staff", "umbrella"})


def _forbidden(reading: Reading) -> frozenset[str]:
    """Regions and body parts after a negation."""
    found: set[str] = set()
    tokens = reading.tokens
    for index, token in enumerate(tokens):
        if token.kind != "neg":
            continue
        for follower in tokens[index + 1 : index + 6]:
            if follower.kind == "region":
                found.add(follower.value)
                found |= _MEETING.get(follower.value, set())
            elif follower.kind == "part":
                found |= _named_parts(follower.value, tokens[index + 1].value)
            elif follower.kind == "adverb" and follower.value == "backward":
                found |= {"back", "upper_back", "lower_back", "backrest"}
            elif follower.kind == "verb" and follower is not tokens[index + 1]:
                break
    return frozenset(found)


_MEETING = {
    "armrest": {"left_forearm", "right_forearm", "left_elbow", "right_elbow"},
    "backrest": {"back", "upper_back", "lower_back"},
}


def _named_parts(value: str, side: str) -> set[str]:
    base = grammar.PAIRS.get(value, value)
    if base not in grammar.SIDED:
        return {base}
    sides = (side,) if side in SIDES else SIDES
    bases = {"arm": ("forearm", "hand"), "leg": ("calf", "foot")}.get(base, (base,))
    return {f"{one}_{name}" for one in sides for name in bases}


def _stature(subject: Subject) -> float:
    if subject.height is not None:
        return subject.height
    age = subject.age if subject.age is not None else 30.0
    grown = 1.62 if subject.sex == 0.0 else 1.72
    return grown if age >= 16 else min(grown, 0.8 + 0.06 * age)


def _rest_of_the_limbs(draft: Draft) -> None:
    """A target for every limb that has nothing to do; standing arms just hang."""
    scene = draft.scene
    seated = scene.posture in ("sit",) and scene.relation != "holding"
    arms = scene.supported and scene.noun.has("arms") and scene.size[0] < 1.2
    elsewhere = scene.styled("reading", "typing", "writing", "eating", "drinking", "phoning",
                             "hands_behind_head", "arms_spread", "arms_crossed", "tying_shoes",
                             "elbows_on_knees", "rest_chin", "pray", "wave", "point", "reach_up")  # fmt: skip
    for side in SIDES:
        hand = f"{side}_hand"
        if draft.free(hand) and seated and not elsewhere:
            if scene.noun.has("ropes"):
                draft.put(hand, "sides", "grasp", 1.0)
                draft.hands[side] = "power"
            elif arms and draft.free(f"{side}_forearm") and "armrest" not in scene.off_limits:
                draft.put(f"{side}_forearm", "armrest", "touch", 0.6)
                draft.busy.add(hand)
            else:
                draft.put(hand, "own_thigh", "touch", 0.5)
        if draft.free(hand) and scene.posture == "lie" and not elsewhere:
            draft.put(hand, "own_belly" if scene.styled("asleep") else "lying", "touch", 0.3)
        region, role, _ = draft.contacts.get(hand, ("own_thigh", "touch", 0.0))
        resting = region.startswith("own_") or role == "touch"
        draft.hands.setdefault(side, "relaxed" if resting else hand_shape(scene, region))
    if scene.styled("elbows_on_knees", "tying_shoes"):
        draft.busy |= {"left_hand", "right_hand"}


def _plan(prompt: str, draft: Draft, measured: bool) -> Plan:
    scene = draft.scene
    held = scene.relation in ("holding", "wearing")
    contacts = tuple(
        Contact(part, region, role, weight)  # pyright: ignore[reportArgumentType]
        for part, (region, role, weight) in sorted(draft.contacts.items(), key=_order)
    )
    confidence, doubts = _confidence(scene)
    mention = scene.reading.mention
    return Plan(
        prompt=prompt,
        object=mention.text if mention else (scene.noun.name if scene.reading.target else "object"),
        posture=scene.posture if scene.posture != "none" else "stand",
        relation=scene.relation,
        facing=_facing(draft),
        movable=held,
        scale=scale_of(scene.size),
        contacts=contacts,
        hands={side: draft.hands[side] for side in SIDES},
        styles=scene.styles,
        avoid=_avoid(draft),
        hold_height=_hold_height(scene) if held else "free",
        attitude=_attitude(scene) if held else "free",
        subject=scene.reading.subject,
        confidence=confidence,
        warnings=(*scene.reading.notes, *draft.warnings, *doubts),
    )


def _order(item: tuple[str, tuple[str, str, float]]) -> tuple[bool, float]:
    return (item[1][0] in OFF_OBJECT, -item[1][2])


def scale_of(size: Size) -> ScaleClass:
    """Size class beside a person."""
    longest = max(size)
    if longest < 0.3:
        return "handheld"
    if longest <= 1.0:
        return "carryable"
    return "furniture" if longest <= 2.3 else "large"


def _avoid(draft: Draft) -> tuple[BodyPart, ...]:
    parts = [p for p in draft.scene.off_limits if p not in draft.contacts and p not in _REGION_WORDS]
    return tuple(sorted(parts))  # pyright: ignore[reportReturnType]


_REGION_WORDS = frozenset(grammar.REGIONS.values())


def _facing(draft: Draft) -> Facing:
    scene = draft.scene
    if scene.supported:
        along = scene.posture == "lie"
        return "along" if along else "front"
    if scene.posture == "walk" and scene.relation in ("beside", "behind"):
        return "front"
    backs = [p for p in ("upper_back", "back", "buttocks") if p in draft.contacts]
    if any(draft.contacts[p][0] not in OFF_OBJECT for p in backs) and scene.relation != "wearing":
        return "away"
    return "object"


def _hold_height(scene: Scene) -> HoldHeight:
    """Where a held object is carried."""
    for limb in scene.limbs:
        if limb.how == "at" and limb.prep in _HEIGHT_PREPS and limb.base in _HEIGHTS:
            return "overhead" if limb.base == "head" and limb.prep == "over" else _HEIGHTS[limb.base]
    adverbs = {t.value for t in scene.reading.tokens if t.kind == "adverb"}
    if "overhead" in adverbs or scene.styled("carry_overhead"):
        return "overhead"
    if scene.posture == "squat":
        return "floor"
    said = [FRAMES[a.frame].height for a in scene.manipulations if FRAMES[a.frame].height != "free"]
    if said:
        return said[-1]
    if any(t.text in ("floor", "ground") for t in scene.reading.tokens) and scene.styled("lift"):
        return "knee"
    return "belly" if max(scene.size) > 0.3 and scene.posture in ("walk", "stand") and _two_handed(scene) else "free"


_HEIGHT_PREPS = ("front", "at", "over", "on", "against", "to", "in", "beside", "near")
_HEIGHTS: dict[str, HoldHeight] = {
    "head": "head", "face": "head", "mouth": "mouth", "chest": "chest", "belly": "belly",
    "hip": "hip", "knee": "knee", "shoulder": "head", "lap": "hip", "nape": "head", "thigh": "hip",
}  # fmt: skip


def _two_handed(scene: Scene) -> bool:
    return scene.noun.grip[0] not in ("handle",) or max(scene.size) < 1.0


def _attitude(scene: Scene) -> HeldAttitude:
    adverbs = {t.value for t in scene.reading.tokens if t.kind == "adverb"}
    if "upside_down" in adverbs:
        return "upside_down"
    if "horizontal" in adverbs:
        return "lying"
    said = [FRAMES[a.frame].attitude for a in scene.manipulations if FRAMES[a.frame].attitude != "free"]
    downward = any(t.text in ("floor", "ground") for t in scene.reading.tokens)
    if said:
        return "aimed_down" if said[-1] == "aimed_forward" and downward else said[-1]
    upright = ("cup", "bowl", "plate", "pan", "jug", "box", "bag", "plant", "umbrella", "bin", "jar",
               "bottle", "laptop", "screen", "seat", "staff")  # fmt: skip
    return "upright" if scene.noun.category in upright else "free"


def _confidence(scene: Scene) -> tuple[float, list[str]]:
    """How sure the plan is, in [0, 1], and what it is unsure of."""
    confidence, doubts = 1.0, []
    if not scene.actions:
        confidence *= 0.4
        doubts.append(f"No known action in the sentence: guessed what one does with {scene.noun.name}.")
    elif all(a.on == "other" for a in scene.actions):
        confidence *= 0.6
    if scene.reading.target is None:
        confidence *= 0.5
        doubts.append("Neither the sentence nor the object's name says what the object is.")
    elif scene.reading.from_name and scene.reading.mention is None and scene.reading.mentions:
        confidence *= 0.8
    return round(confidence, 3), doubts


def with_subject(plan: Plan, subject: Subject) -> Plan:
    """The plan for another person; what the caller knows wins over the sentence."""
    merged = Subject(
        **{
            name: getattr(subject, name) if getattr(subject, name) is not None else getattr(plan.subject, name)
            for name in ("sex", "age", "height", "weight")
        }
    )
    return replace(plan, subject=merged)


_ = (HandShape, side_of, seat_region)
