"""Who the person of a sentence is."""

import re

from ..artefacts import Subject
from .words import Word

_MALE = frozenset("""
    man men gentleman guy boy father dad daddy grandfather grandpa granddad uncle brother son king
    prince waiter actor businessman policeman fireman salesman cowboy monk husband lad bloke dude
    he his him himself mr mister sir lord nephew groom postman fisherman handyman craftsman sportsman
    cameraman bull_rider hero wizard knight samurai priest pope bartender_m schoolboy
    james john robert michael william david richard joseph thomas charles daniel matthew mark paul
    steven andrew peter george kevin brian tom jack harry oliver noah liam ben sam alex_m max leo
    adam eric frank henry luke simon tim bob jim joe hans karl fritz ali omar ivan carlos juan pablo
""".split())  # fmt: skip
_FEMALE = frozenset("""
    woman women lady girl mother mum mom mommy grandmother grandma granny aunt sister daughter queen
    princess waitress actress businesswoman policewoman nurse_f wife lass she her herself hers mrs
    miss ms madam niece bride ballerina nun hostess stewardess heroine witch schoolgirl maid cowgirl
    saleswoman mary patricia jennifer linda elizabeth barbara susan jessica sarah karen lisa nancy
    betty sandra ashley emily emma olivia sophia anna maria julia laura kate alice jane lucy clara
    marie eva lena nina sofia fatima aisha mia ella grace chloe
""".split())  # fmt: skip
_AGES: dict[str, float] = {
    **dict.fromkeys(("toddler", "baby", "preschooler"), 6.0),
    **dict.fromkeys("child kid boy girl schoolboy schoolgirl pupil children kids".split(), 9.0),
    **dict.fromkeys("teenager teen adolescent youth youngster".split(), 15.0),
    **dict.fromkeys("student lad lass".split(), 20.0),
    **dict.fromkeys("grandfather grandpa granddad grandmother grandma granny".split(), 72.0),
    **dict.fromkeys("pensioner senior retiree elder".split(), 70.0),
}  # fmt: skip
_PEOPLE = frozenset("""
    person someone somebody human people adult worker employee boss customer guest passenger patient
    hiker cook chef carpenter mechanic barista bartender student musician guitarist pianist drummer
    violinist cellist dancer athlete player golfer boxer runner cyclist biker rider jockey driver
    pilot sailor surfer skater skier climber swimmer gymnast bodybuilder weightlifter yogi farmer
    gardener fisher hunter soldier officer guard firefighter doctor nurse dentist surgeon teacher
    professor scientist engineer architect programmer developer gamer hacker writer author reader
    painter artist sculptor photographer singer actor tourist traveller traveler visitor shopper
    cashier clerk secretary manager cleaner janitor plumber electrician builder blacksmith welder
    lumberjack baker butcher barber hairdresser tailor librarian lawyer judge president speaker
    conductor referee goalkeeper footballer archer warrior knight samurai ninja pirate cowboy clown
    magician superhero astronaut ghost beggar thief prisoner baby mover courier porter mailman
    couple neighbour neighbor roommate colleague friend stranger model figure character subject
    chambermaid housekeeper paramedic therapist trainer coach violin_player batter pitcher fencer
    she he it_person woodcutter drunk
""".split()) | _MALE | _FEMALE | frozenset(_AGES)  # fmt: skip


def is_person(word: str) -> bool:
    """Whether a word names a person."""
    return word in _PEOPLE


def subject_of(words: list[Word]) -> Subject:
    """Sex, age, height and weight as far as the words say."""
    sentence = " ".join(word.text for word in words)
    sex = _first(words, _MALE, _FEMALE)
    age = next((_AGES[word.text] for word in words if word.text in _AGES), None)
    number = re.search(r"(\d+) (?:year|yr)s? old|aged? (\d+)", sentence)
    if number:
        age = max(6.0, float(number.group(1) or number.group(2)))
    elif age is None or age >= 20:
        age = _described(words, age)
    height = _height(sentence)
    return Subject(sex=sex, age=age, height=height, weight=_weight(sentence))


def _first(words: list[Word], male: frozenset[str], female: frozenset[str]) -> float | None:
    for word in words:
        for text in (word.before, word.text):
            if text in male:
                return 1.0
            if text in female:
                return 0.0
    return None


def _described(words: list[Word], age: float | None) -> float | None:
    for word, follower in zip(words, words[1:], strict=False):
        if is_person(follower.text):
            if word.text in ("old", "elderly", "aged", "senior"):
                return 72.0
            if word.text in ("young",):
                return 20.0
            if word.text in ("little", "small") and follower.text in _AGES:
                return 7.0
    return age


def _height(sentence: str) -> float | None:
    metres = re.search(r"(\d) (\d\d) ?m(?:etres?|eters?)?\b", sentence)
    centimetres = re.search(r"(\d{3}) ?cm", sentence)
    if metres:
        return float(f"{metres.group(1)}.{metres.group(2)}")
    if centimetres:
        return float(centimetres.group(1)) / 100
    described = re.search(r"\b(tall|short) (\w+)", sentence)
    if described and is_person(described.group(2)):
        return 1.90 if described.group(1) == "tall" else 1.58
    return None


def _weight(sentence: str) -> float | None:
    kilograms = re.search(r"(\d{2,3}) ?(?:kg|kilos?)\b", sentence)
    if kilograms and re.search(r"\bweigh", sentence):
        return float(kilograms.group(1))
    described = re.search(r"\b(fat|obese|overweight|skinny|thin|slim)\b (\w+)", sentence)
    if described and is_person(described.group(2)):
        return 110.0 if described.group(1) in ("fat", "obese", "overweight") else 52.0
    return None
