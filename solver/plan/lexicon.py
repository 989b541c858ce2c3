"""What a noun lets expect of an object before it is measured."""

from ..artefacts import ObjectPrior
from .nouns import UNKNOWN
from .reading import read


def expected_object(prompt: str, object_name: str) -> ObjectPrior:
    """What the object's name, else the sentence, says about the object.

    Size is width, height, depth in metres, None where no noun is known. Front is one of backrest,
    headboard, screen, travel, handle, drawers, door, keys, face, none.
    """
    noun = read(prompt, object_name).target or UNKNOWN
    return ObjectPrior(noun.name, noun.size, noun.category, noun.front)
