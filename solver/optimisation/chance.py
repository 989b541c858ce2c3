"""What random searches share."""

from collections.abc import Callable
from dataclasses import dataclass, field

import torch

from ..settings import SearchSettings


@dataclass(frozen=True)
class Chance:
    """A source of random numbers, and a way to stop a search that takes long."""

    generator: torch.Generator
    """On the CPU, whatever the device: a seed means the same everywhere."""
    tick: Callable[[], None] = lambda: None
    """Called between pieces of work of about a tenth of a second; may raise `Cancelled`."""
    knobs: SearchSettings = field(default_factory=SearchSettings)
    """How long to search."""
