"""Where a model is asked: an OpenAI-compatible URL, its key, the client.

The key is read from the environment, sent to the one URL it is meant for, and written nowhere.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

from ..bounds import is_loopback, is_near
from ..errors import SolverError
from .heavy import package


@dataclass(frozen=True)
class Endpoint:
    """Where to ask, and how patiently."""

    url: str
    """The base, which mostly ends with `/v1`."""
    model: str
    timeout: float = 60.0
    """Seconds: of a chooser for one answer, of a language model for a whole plan."""
    retries: int = 2


def key_for(endpoint: Endpoint, variables: Sequence[str]) -> str:
    """The key in the first of the environment's variables that has one.

    On this machine and in its own network none is needed; there only a key asks for https.

    Raises:
        SolverError: When the URL is none, the key is missing, or it would travel unencrypted.
    """
    parts, near = _parts_of(endpoint.url), is_near(endpoint.url)
    key = next(filter(None, (os.environ.get(name, "").strip() for name in variables)), "")
    if not key and not near:
        raise SolverError(
            f"There is no key for {parts.hostname}.",
            remedy=f"Put it into the environment's variable {variables[0]}.",
        )
    if not (key.isascii() and key.isprintable()):
        raise SolverError(
            "The key has characters that no key has.",
            remedy="Copy it once more, without what stands around it.",
        )
    if parts.scheme == "http" and key and not is_loopback(endpoint.url):
        raise SolverError(
            f"{endpoint.url} is not encrypted: anyone on the way could read the key.",
            remedy="Use https, or a server on this machine.",
        )
    return key


def _parts_of(url: str) -> SplitResult:
    """A URL's parts.

    Raises:
        SolverError: When it is none, or may hold a key: a URL is written into jobs and reports.
    """
    try:
        parts = urlsplit(url)
        (parts.hostname or "").encode("idna")
        whole = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # An open bracket, a port that is no number, a host with an empty label.
        parts, whole = SplitResult("", "", "", "", ""), False
    hidden = parts.username is not None or parts.query or parts.fragment
    if not whole or hidden or not url.isprintable() or " " in url:
        shown = url.partition("?")[0].partition("#")[0].rpartition("@")[2]
        raise SolverError(
            f"'{shown}' is no URL to ask at.",
            remedy="Write it as https://host/v1, with the key in the environment, not in it.",
        )
    return parts


def client_of(endpoint: Endpoint, key: str, *, retries: int | None = None) -> Any:
    """The `openai` client of an endpoint; a proxy cannot reach this machine's own server.

    Args:
        endpoint: Where to ask.
        key: As `key_for` found it.
        retries: In place of the endpoint's, for those who repeat by themselves.

    Raises:
        SolverError: When the package is missing.
    """
    openai = package("openai")
    web = openai.DefaultHttpxClient(trust_env=not is_loopback(endpoint.url))
    return openai.OpenAI(
        base_url=endpoint.url, api_key=key or "none", timeout=endpoint.timeout, http_client=web,
        max_retries=endpoint.retries if retries is None else retries,
    )  # fmt: skip
