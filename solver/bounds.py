"""What a job may ask for, and how large its object may be. Blender imports this file too.

Standard library only. The add-on checks before it writes a job's folder, the solver before it
solves: a folder need not come from Blender.
"""

from ipaddress import ip_address
from typing import Literal
from urllib.parse import urlsplit

LONGEST_PROMPT = 1000
"""Characters."""
MOST_FACES = 5_000_000
MOST_SCENE_FACES = 10_000_000
"""Of all other things together, after they were cropped to what is near."""
SCENE_REACH = 3.0
"""Metres around the object within which other things are looked at."""
SMALLEST, LARGEST = 0.01, 100.0
"""Longest side of a usable object, metres."""
MOST_VARIANTS = 8

Placement = Literal["keep", "estimate"]
"""The object stays as it stands, or its unit, up axis and front are estimated (raw files)."""
Front = Literal["auto", "+x", "-x", "+y", "-y", "+z", "-z"]
"""The object's front as an axis of the source frame (Y up, as in glTF)."""
Quality = Literal["draft", "standard", "fine"]
Device = Literal["auto", "cpu", "cuda"]
Planner = Literal["rules", "llm"]
"""Who reads the sentence: rules, or a language model behind an OpenAI-compatible URL."""
MOST_VIEWS = 4
"""Pictures of the object that a language model may be shown."""
PLANNING = (1.0, 600.0)
"""Seconds that a language model may be given for one plan."""
Moving = Literal["body", "fingers"]
"""What a job that begins from a pose may change."""
Only = Literal["all", "plan"]
"""How much of a job is done: `plan` reads the sentence, and poses nobody."""
READING = "reading.json"
"""What such a job leaves in its folder: the plan."""
Configuration = Literal[
    "full",
    "no_refinement",
    "no_polish",
    "no_hands",
    "no_prior",
    "no_plan",
    "support",
    "closure",
    "steady",
    "literal",
    "paper",
]
"""Which parts of the solver work: `full`, and what an ablation compares it with."""

PEOPLE: dict[str, tuple[float, float]] = {
    "sex": (0.0, 1.0), "age": (0.0, 120.0), "height": (0.5, 2.7), "weight": (5.0, 400.0),
}  # fmt: skip
"""What people are: 0 female to 1 male, years, metres, kilograms. The body goes less far, and shows
the nearest; beyond these a number is a mistake of its unit."""


def host_of(url: str) -> str:
    """The host that a URL leads to; empty where it is none."""
    try:
        return urlsplit(url.strip()).hostname or ""
    except ValueError:
        return ""


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this machine itself."""
    return host_of(url) in ("localhost", "127.0.0.1", "::1")


def is_near(url: str) -> bool:
    """Whether a URL leads to this machine or its own network: a private address, a local name."""
    host = host_of(url)
    if is_loopback(url) or host.endswith((".local", ".lan", ".home.arpa")):
        return True
    try:
        return ip_address(host).is_private
    except ValueError:
        return bool(host) and "." not in host


def what_is_sent(views: int) -> str:
    """What a language model is told, in a sentence for the panel; `views` pictures go along."""
    pictures = {0: "", 1: ", and a picture of it"}.get(views, f", and {views} pictures of it")
    return (
        "Sent: the sentence, the object's name and size, and what its shape shows (flat places, "
        f"handles, openings){pictures}."
    )
