"""One verb of a sentence, and what it is done to."""

from dataclasses import dataclass
from typing import Literal

from .frames import BODY
from .verbs import Verb

On = Literal["target", "other", "nothing"]


@dataclass(frozen=True)
class Action:
    """One verb of the sentence."""

    verb: Verb
    frame: str
    on: On
    prep: str = ""
    """Between the verb and the target."""
    region: str = ""
    """The place on the target that it names."""
    adverbs: tuple[str, ...] = ()
    index: int = 0

    @property
    def is_body(self) -> bool:
        """Whether it says what the whole body does."""
        return self.frame in BODY
