"""Which scorer finds which region, and what is tried when it does not exist."""

from collections.abc import Callable, Mapping

from ..artefacts import Contact
from ..vocabulary import Region
from . import figure, holding, lying, riding, seating, tops, uprights
from .study import Found, Study

Scorer = Callable[[Study, Contact], Found]

SCORERS: Mapping[Region, Scorer] = {
    "seat": seating.seat,
    "backrest": lying.backrest,
    "armrest": seating.armrest,
    "headrest": seating.headrest,
    "lying": lying.lying,
    "pillow": lying.pillow,
    "saddle": riding.saddle,
    "top": tops.top,
    "top_edge": tops.top_edge,
    "underside": tops.underside,
    "left_side": uprights.left_side,
    "right_side": uprights.right_side,
    "sides": uprights.sides,
    "front": uprights.front,
    "back": uprights.back,
    "handle": holding.handle,
    "grip": holding.handle,
    "rim": holding.rim,
    "handlebar": riding.handlebar,
    "pedal": riding.pedal,
    "rung": riding.rung,
    "rail": riding.rail,
    "footrest": riding.footrest,
    "blade": holding.blade,
    "screen": uprights.screen,
    "keys": uprights.keys,
    "hood": tops.hood,
    "roof": tops.roof,
    "neck": riding.neck,
    "flank": riding.flank,
    "hand": figure.hand,
    "shoulder": figure.shoulder,
    "anywhere": uprights.anywhere,
}
"""A new region is one function and one row."""

INSTEAD: Mapping[Region, tuple[Region, ...]] = {
    "seat": ("top", "anywhere"),
    "backrest": ("back", "anywhere"),
    "armrest": ("sides", "anywhere"),
    "headrest": ("backrest", "top_edge"),
    "lying": ("seat", "top"),
    "pillow": ("lying", "top"),
    "saddle": ("seat", "top"),
    "top_edge": ("top", "anywhere"),
    "handle": ("grip", "sides", "anywhere"),
    "grip": ("sides", "anywhere"),
    "rim": ("top_edge", "sides"),
    "handlebar": ("handle", "top_edge"),
    "pedal": ("footrest", "sides"),
    "rung": ("footrest", "top"),
    "rail": ("handle", "sides"),
    "footrest": ("seat", "anywhere"),
    "blade": ("top", "anywhere"),
    "screen": ("front", "anywhere"),
    "keys": ("top", "anywhere"),
    "hood": ("top", "front"),
    "roof": ("top", "anywhere"),
    "neck": ("sides", "anywhere"),
    "flank": ("sides", "anywhere"),
    "hand": ("sides", "anywhere"),
    "shoulder": ("top", "anywhere"),
}
"""Where else a part may go, in order."""

INSTEAD_FIXED: Mapping[Region, tuple[Region, ...]] = {
    "handle": ("front", "anywhere"),
    "grip": ("front", "anywhere"),
}
"""The same of what stays where it is: a plain cupboard is opened at its front."""
