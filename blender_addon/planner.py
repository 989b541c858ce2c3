"""Who reads the sentence, as the preferences say; where the words go, in words."""

import os

import bpy

from .environment import preference, preferences
from .jobs import Planner
from .wire import bounds, errors

KEY_VARIABLE = "INTERACT_LLM_KEY"
"""How the solver is told the key: never through a file."""


def chosen_planner(provider: str | None = None) -> Planner:
    """The planner of the next job.

    Args:
        provider: `rules` or `llm`; None: as the preferences say.

    Raises:
        SolverError: When a language model is chosen that is not named, or may not be asked.
    """
    chosen = preferences()
    wanted = provider or (chosen.planner if chosen else "rules")
    if wanted != "llm":
        return Planner()
    if chosen is None:
        raise errors.SolverError(
            "The language model's URL and name are in the extension's preferences.",
            remedy="Install the extension, or let the rules read.",
        )
    url, model = chosen.llm_url.strip(), chosen.llm_model.strip()
    if not url or not model:
        raise errors.SolverError(
            "The language model has no URL, or no name.",
            remedy="Fill both in in the extension's preferences, or choose the rules.",
        )
    if "@" in url or "?" in url or "#" in url:  # It would be written into every job's request.
        raise errors.SolverError(
            "The language model's URL has more in it than an address, perhaps a key.",
            remedy="Write it as https://host/v1; the key has its own field in the preferences.",
        )
    if not bounds.is_loopback(url) and not bpy.app.online_access:
        raise errors.SolverError(
            f"Blender may not go online, and {url} is not on this machine.",
            remedy="Allow Online Access in Preferences > System, or choose the rules.",
        )
    return Planner("llm", url, model, chosen.llm_timeout, chosen.llm_views)


def key() -> str:
    """The server's key; that of the preferences before that of the environment."""
    return preference("llm_key") or os.environ.get(KEY_VARIABLE, "")


def where_it_goes() -> str:
    """What a language model is told and where, in a sentence for the panel; empty for rules."""
    chosen = preferences()
    if chosen is None or chosen.planner != "llm":
        return ""
    host = bounds.host_of(chosen.llm_url)
    place = "this machine" if bounds.is_loopback(chosen.llm_url) else host or "no server yet"
    return f"{bounds.what_is_sent(chosen.llm_views)} To: {place}."
