"""What can go wrong between here and a model's server, in words for people."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from ..errors import SolverError
from .endpoint import Endpoint
from .heavy import package

_WAIT = 0.5
"""Seconds before the second attempt, doubled each time, where the server says nothing."""


def patience(error: Exception, attempt: int) -> float | None:
    """Seconds to wait before it is worth trying again; None where it is not.

    Args:
        error: What came of the attempt.
        attempt: 0 for the first.
    """
    openai = package("openai")
    if isinstance(error, TimeoutError | openai.APITimeoutError):
        return None  # The time is spent.
    if isinstance(error, openai.APIConnectionError):
        return _WAIT * 2**attempt
    status = getattr(error, "status_code", None)
    if status == 429 and not _spent(error):
        asked = _retry_after(error)
        return _WAIT * 2**attempt if asked is None else asked
    if status in (408, 409, 500, 502, 503, 504):
        asked = _retry_after(error)
        return _WAIT * 2**attempt if asked is None else asked
    return None


def _retry_after(error: Exception) -> float | None:
    """Seconds that the server asks to wait."""
    headers: Mapping[str, str] = getattr(getattr(error, "response", None), "headers", {})
    try:
        return max(0.0, float(headers.get("retry-after", "")))
    except ValueError:
        return None  # Missing, or a date.


def _spent(error: Exception) -> bool:
    """Whether it is money, not time, that has run out."""
    return "insufficient_quota" in f"{getattr(error, 'code', '')} {getattr(error, 'body', '')}"


def mishap(
    error: Exception, endpoint: Endpoint, key: str, offered: Callable[[], tuple[str, ...]]
) -> SolverError:
    """The failure in a sentence, with what to do about it; never with the key.

    Args:
        error: What the client raised.
        endpoint: Where it was asked.
        key: Left out of whatever the server said.
        offered: Asks for the models that the server has.
    """
    openai, host = package("openai"), urlsplit(endpoint.url).hostname
    if isinstance(error, TimeoutError | openai.APITimeoutError):
        return SolverError(
            f"{endpoint.model} at {host} did not answer within {endpoint.timeout:g} s.",
            remedy="Give it more time, or choose a smaller model.",
        )
    if isinstance(error, openai.APIResponseValidationError | ValueError):
        return SolverError(
            f"{endpoint.url} answers with something else than a chat completion: "
            f"{_safe(error, key)}",
            remedy="Check the URL: mostly it ends with /v1, and no sign-in page stands before it.",
        )
    if isinstance(error, openai.APIConnectionError):
        return _unreached(error, endpoint)
    return _refused(error, endpoint, key, offered)


def _unreached(error: Exception, endpoint: Endpoint) -> SolverError:
    cause = type(error.__cause__).__name__
    if cause in ("RemoteProtocolError", "ReadError", "WriteError"):
        return SolverError(
            f"{endpoint.url} ended the connection half-way.",
            remedy="See whether the server still runs: its memory may be full.",
        )
    return SolverError(
        f"{endpoint.url} cannot be reached.",
        remedy="Start the server; check the URL and the network.",
    )


def _refused(
    error: Any, endpoint: Endpoint, key: str, offered: Callable[[], tuple[str, ...]]
) -> SolverError:
    """What the server's status says."""
    status, url = getattr(error, "status_code", None), endpoint.url
    if status in (401, 403):
        return SolverError(
            f"{url} refuses the key (HTTP {status}).",
            remedy="Put a valid key into the preferences, or into INTERACT_LLM_KEY.",
        )
    if status == 404:
        names = offered()
        known = f"It has: {', '.join(names)}." if names else "Check the URL: mostly it ends in /v1."
        return SolverError(f"{url} has no model '{endpoint.model}'.", remedy=known)
    if status == 429:
        spent = _spent(error)
        what = "says that the account's quota is used up" if spent else "is asked too often"
        remedy = "Look at the account's plan." if spent else "Try again later."
        return SolverError(f"{url} {what} (HTTP 429).", remedy=remedy)
    if status is not None and status >= 500:
        return SolverError(
            f"{url} has trouble of its own (HTTP {status}).",
            remedy="Look at the server's log, or try again later.",
        )
    return SolverError(
        f"{url} does not take the question: {_safe(error, key)}",
        remedy=f"Check the URL and the model '{endpoint.model}'; send no pictures to one that "
        "cannot see.",
    )


def _safe(error: Exception, key: str) -> str:
    """What an error says, cut off, without the key."""
    words = " ".join(str(error).split())
    return (words.replace(key, "...") if key else words)[:200]
