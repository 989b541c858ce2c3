"""The closed word classes: body parts, places, prepositions, states, counts, people."""

from ..vocabulary import HandShape, Region, Style


def _words(text: str, value: str) -> dict[str, str]:
    return {word.strip(): value for word in text.split(",")}


PARTS: dict[str, str] = {
    **_words("hand, palm, fist, finger, fingertip, thumb, wrist, paw, index finger", "hand"),
    **_words("hands, palms, fists, fingers, fingertips, thumbs, wrists", "hands"),
    **_words("forearm, lower arm", "forearm"),
    **_words("forearms, lower arms", "forearms"),
    **_words("arm", "arm"), **_words("arms", "arms"), **_words("elbow", "elbow"),
    **_words("elbows", "elbows"), **_words("upper arm", "upper_arm"), "upper arms": "upper_arms",
    **_words("shoulder, armpit", "shoulder"), "shoulders": "shoulders",
    **_words("head, temple, hair, ear, ears", "head"), "neck": "nape", "nape": "nape",
    **_words("face, cheek, chin, forehead, nose, eye, eyes", "face"),
    **_words("mouth, lips, lip, teeth, tongue", "mouth"), **_words("chest, breast, torso", "chest"),
    **_words("belly, stomach, tummy, abdomen, gut", "belly"), **_words("back, spine", "back"),
    "upper back": "upper_back", "shoulder blades": "upper_back", "lower back": "lower_back",
    **_words("buttocks, butt, bottom, bum, backside, rear end, rump", "buttocks"),
    "lap": "lap", **_words("hip, waist", "hip"), "hips": "hips",
    **_words("thigh, upper leg", "thigh"), "thighs": "thighs", "leg": "leg", "legs": "legs",
    "knee": "knee", "knees": "knees", "shin": "shin", "shins": "shins", "calf": "calf",
    "calves": "calves", **_words("foot, toe, sole, heel, ankle, boot tip", "foot"),
    **_words("feet, toes, soles, heels, ankles, tiptoe, tiptoes, bare feet", "feet"),
}  # fmt: skip
"""Word -> base name; a base that ends in s (or `feet`, `calves`) means both sides."""

PAIRS: dict[str, str] = {
    "hands": "hand", "forearms": "forearm", "arms": "arm", "elbows": "elbow",
    "upper_arms": "upper_arm", "shoulders": "shoulder", "hips": "hip", "thighs": "thigh",
    "legs": "leg", "knees": "knee", "shins": "shin", "calves": "calf", "feet": "foot",
}  # fmt: skip
SIDED = frozenset(PAIRS.values())

HAND_WORDS: dict[str, HandShape] = {
    "palm": "flat", "palms": "flat", "fist": "fist", "fists": "fist", "finger": "point",
    "index finger": "point", "fingertip": "point", "fingertips": "flat", "fingers": "pinch",
}  # fmt: skip

OWN: dict[str, Region] = {
    "thigh": "own_thigh", "lap": "own_thigh", "leg": "own_thigh", "knee": "own_knee",
    "shin": "own_knee", "belly": "own_belly", "chest": "own_belly", "head": "own_head",
    "face": "own_head", "nape": "own_head", "mouth": "own_head", "hip": "own_hip",
}  # fmt: skip
"""Base name of a part -> the region of the person's own body it is."""

REGIONS: dict[str, str] = {
    **_words("seat, seat cushion, cushions, sitting surface", "seat"),
    **_words("backrest, back rest, seat back, seatback", "backrest"),
    **_words("armrest, arm rest, armrests, arm rests", "armrest"),
    **_words("headrest, head rest", "headrest"), **_words("headboard, bedhead", "backrest"),
    **_words("pillow, pillows", "pillow"), **_words("mattress, bedspread", "lying"),
    "saddle": "saddle",
    **_words("top, tabletop, table top, surface, desktop, lid, upper side, cover", "top"),
    **_words("edge, edges, corner, ledge, window sill, windowsill, sill", "top_edge"),
    **_words("underside, bottom, base, underneath, bottom edge", "underside"),
    **_words("side, sides, flanks, leg of, edges of", "sides"),
    **_words("front side, bumper, front wheel, windshield, windscreen", "front"),
    **_words("rear, rear side, tailgate, boot lid, back side, backside of", "back"),
    **_words("handle, handles, knob, doorknob, door knob, door handle, latch, lever", "handle"),
    **_words("shaft, pole of, haft, handle bar, push handle, push bar", "handle"),
    **_words("grip, grips, hilt, d handle", "grip"), **_words("rim, brim, lip", "rim"),
    **_words("handlebar, handlebars, handle bars, steering wheel, bars, reins", "handlebar"),
    **_words("pedal, pedals, stirrup, stirrups, footpegs", "pedal"),
    **_words("rung, rungs, ladder step, crossbar, foot ring, ring of", "rung"),
    **_words("rail, rails, handrail, handrails, banister, banisters, side rail", "rail"),
    **_words("footrest, foot rest, footrests, footboard, deck, dashboard", "footrest"),
    **_words("blade, shovel blade, spade blade", "blade"), **_words("screen, display", "screen"),
    **_words("keys, keyboard, keypad, button, buttons, strings, touchpad", "keys"),
    **_words("hood, bonnet, engine hood, engine", "hood"), **_words("roof, rooftop", "roof"),
    **_words("ropes, rope, chains, chain", "sides"), **_words("mane", "neck"), **_words("flank", "flank"), **_words("trunk lid", "back"),
}  # fmt: skip
"""Words for places on an object."""

PART_REGIONS: dict[str, Region] = {
    "arm": "armrest", "back": "backrest", "head": "headrest", "nape": "neck", "hand": "hand",
    "mouth": "rim", "face": "front", "chest": "front", "belly": "flank", "leg": "sides",
    "shoulder": "top", "foot": "underside", "buttocks": "underside",
}  # fmt: skip
"""Body part words that name a place when they belong to the object: the arm of a chair."""

PREPOSITIONS: dict[str, str] = {
    **_words("on, upon, onto, atop, on top of, along, across, all over, aboard", "on"),
    **_words("in, inside, into, within, inside of, through, in the middle of", "in"),
    **_words("at, by the side of", "at"), **_words("against, up against", "against"),
    **_words("under, beneath, underneath, below", "under"), **_words("over, above", "over"),
    **_words("behind, in back of, round behind", "behind"), **_words("between", "between"),
    **_words("beside, next to, alongside, near, close to, by the side, near to", "beside"),
    **_words("to the left of, left of, on the left of, on the left side of", "left"),
    **_words("to the right of, right of, on the right of, on the right side of", "right"),
    **_words("in front of, before, opposite, facing", "front"), **_words("around, round", "around"),
    **_words("from, off, out of, away from, off of", "from"), **_words("to, toward, towards", "to"),
    **_words("with, by means of", "with"), "by": "by", "of": "of", "for": "for",
    "without": "without", "like": "like",
}  # fmt: skip

STATES: dict[str, Style | str] = {
    **_words("crossed, folded over, cross legged, cross leg, crosslegged", "crossed"),
    **_words("folded", "folded"), **_words("stretched out, stretched, extended, outstretched, long, "
             "straight out, up, propped up, stretching, out, straightened", "stretched"),
    **_words("spread, apart, wide apart, open wide, wide, spread out, spread wide, astride", "spread"),
    **_words("hanging down, hanging, dangling, dangle, hang, hang down, in the air, hung, free, "
             "dangling down, off the ground, down, loose, off the floor", "hanging"),
    **_words("swinging, kicking, swing, swung", "swinging"), **_words("tucked, tucked under, tucked up, folded "
             "under, underneath oneself, bent under", "tucked"),
    **_words("straight, upright, erect, straightened up", "straight"),
    **_words("raised, lifted, overhead, up high, high", "raised"), **_words("together, closed", "together"),
    **_words("bent, flexed", "bent"), **_words("clasped, interlaced, intertwined", "clasped"),
}  # fmt: skip
"""What a limb does by itself."""

STATE_VERBS = frozenset({
    "cross", "spread", "stretch", "fold", "swing", "dangle", "hang", "tuck", "raise", "extend",
    "bend", "kick", "straighten", "lift", "stretch out", "open", "clasp",
})  # fmt: skip
PLACING_VERBS = frozenset({
    "rest", "put", "place", "lay", "prop", "press", "set", "hold", "position", "plant", "keep",
    "have", "hook", "lean", "drape", "dip", "support", "rest on", "lie", "touch", "put up",
    "grip", "grasp", "clutch", "push", "grab", "hang", "hold onto", "prop up", "wrap", "hold on",
})  # fmt: skip

ADVERBS: dict[str, str] = {
    **_words("down, downward, downwards", "down"), **_words("up, upward, upwards", "up"),
    **_words("forward, forwards, ahead", "forward"), **_words("backward, backwards, back to front, wrong way round", "reversed"),
    **_words("upright, up straight, straight, erect, properly, stiffly", "upright"),
    **_words("sideways, sidesaddle, side saddle", "sideways"),
    **_words("upside down, headlong", "upside_down"),
    **_words("cross legged, crosslegged", "cross_legged"), **_words("overhead, above head", "overhead"),
    **_words("astride", "astride"),
    **_words("barefoot, tiptoeing, on tiptoe, on tiptoes", "tiptoe"),
    **_words("away", "away"), **_words("together", "together"), **_words("underneath", "underneath"),
    **_words("face down, prone, facedown, face downward, belly down", "face_down"),
    **_words("horizontally, flat on its side, horizontal", "horizontal"),
    **_words("vertically, vertical", "vertical"), **_words("low", "low"), **_words("high, high up, up high", "high"),
}  # fmt: skip

ADJECTIVES = frozenset("""
    heavy big large huge small little old young tall short tired happy sad open closed wooden red
    blue green black white hot cold full empty new broken leather metal plastic long flat round soft
    hard bare bent warm light dark tiny giant massive steep stacked upper lower middle outer inner
    front rear main whole entire favourite favorite nice comfortable cosy cozy bored sleepy drunk
    elderly lazy relaxed angry worried nervous proud muscular strong thin fat slim pregnant blind
    lonely quiet loud fresh loaded modern antique vintage stone yellow brown grey gray pink orange
    golden silver nearest far other right hand left hand fluffy wet dry dirty clean sharp shiny
    heavy duty exhausted careful strongly steaming running moving parked standing wild brown
    very really quite gently carefully slowly quickly firmly tightly casually comfortably calmly
    lightly just almost still alone straight quietly happily while then also and or as is are so
    he she they it him me i we you us who which that something someone busily hard
    again now there here deeply softly easily hands free back side by both
""".split())  # fmt: skip
"""Words that are passed over when a phrase is read."""

COUNTS: dict[str, str] = {
    **_words("both, two, pair of, all, all four, all fours", "both"),
    **_words("one, single, a single, either, each, another", "one"), **_words("other, the other", "other"),
}  # fmt: skip

NEGATIONS = frozenset(
    {"without", "not", "no", "never", "avoiding", "avoid", "nothing", "neither"}
)

HEAVY = frozenset({"heavy", "massive", "huge", "giant", "loaded", "full", "bulky", "enormous"})
