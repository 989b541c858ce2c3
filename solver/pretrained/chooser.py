"""Which of several pictures fits a question best: a vision model behind an OpenAI-compatible URL.

The key is read from the environment, sent to the one URL it is meant for, and written nowhere.
"""

import base64
import io
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, runtime_checkable
from urllib.parse import urlsplit

from PIL.Image import Image

from ..errors import SolverError
from .endpoint import Endpoint, client_of, key_for
from .heavy import package

KEY = "INTERACT_VLM_KEY"
"""The environment's variable with the key."""
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

Why = Literal["chosen", "refused", "unreadable", "unanswered"]
"""Refused: the model will not say. Unreadable: it said something else, twice. Unanswered: nothing
usable came back from the endpoint, and asking again later may help."""


@dataclass(frozen=True)
class Answer:
    """What came back for one question."""

    choice: int | None
    """Index of the picture; None where none was chosen."""
    why: Why
    words: str = ""
    """What the model or the endpoint said, cut off."""


@runtime_checkable
class Chooser(Protocol):
    """Picks one of several pictures."""

    name: str
    """Model and host, for the tables and the memory."""

    def choose(self, question: str, pictures: Sequence[Image]) -> Answer:
        """The picture that fits the question best, of those handed over in this order.

        Raises:
            SolverError: When no question can be asked: a wrong key, model or URL.
        """
        ...


class RemoteChooser:
    """The real one; use `connect`."""

    def __init__(self, client: Any, endpoint: Endpoint, key: str) -> None:
        self.name = f"{endpoint.model} at {urlsplit(endpoint.url).hostname}"
        self._client, self._endpoint, self._key = client, endpoint, key
        self._knobs: dict[str, Any] = {"temperature": 0, "seed": 0}

    def choose(self, question: str, pictures: Sequence[Image]) -> Answer:
        """See `Chooser`. An answer that names no letter is asked for once more."""
        letters = LETTERS[: len(pictures)]
        messages = [{"role": "user", "content": _content(question, pictures)}]
        answer = self._asked(messages, letters)
        if answer.why == "unreadable":
            repair = f"Answer with nothing but one letter: {', '.join(letters)}."
            messages += [
                {"role": "assistant", "content": answer.words or "..."},
                {"role": "user", "content": repair},
            ]
            answer = self._asked(messages, letters)
        return answer

    def _asked(self, messages: list[dict[str, Any]], letters: str) -> Answer:
        openai = package("openai")
        try:
            return read_reply(self._send(messages), letters)
        except (openai.AuthenticationError, openai.PermissionDeniedError) as error:
            raise SolverError(
                f"{self._endpoint.url} refuses the key (HTTP {error.status_code}).",
                remedy=f"Put a valid key into the environment's variable {KEY}.",
            ) from None  # The endpoint's own words may repeat the key.
        except (openai.NotFoundError, openai.BadRequestError) as error:
            raise SolverError(
                f"{self._endpoint.url} does not take the question: {self._safe(error)}",
                remedy="Check the URL (mostly it ends with /v1), and that the model "
                f"'{self._endpoint.model}' is there and reads pictures.",
            ) from None
        except (openai.OpenAIError, ValueError) as error:  # Also answers that are no JSON.
            return Answer(None, "unanswered", self._safe(error))

    def _send(self, messages: list[dict[str, Any]]) -> Any:
        """Ask with a fixed temperature and seed; without, where the model knows neither."""
        openai = package("openai")
        ask, model = self._client.chat.completions.create, self._endpoint.model
        try:
            return ask(model=model, messages=messages, **self._knobs)
        except openai.BadRequestError:
            if not self._knobs:
                raise
            reply = ask(model=model, messages=messages)
            self._knobs = {}
            return reply

    def _safe(self, error: Exception) -> str:
        """What an error says, without the key."""
        words = str(error)
        return (words.replace(self._key, "...") if self._key else words)[:200]


def connect(endpoint: Endpoint) -> RemoteChooser:
    """A vision model behind a URL.

    Raises:
        SolverError: When the extra or the key is missing, or the key would travel unencrypted.
    """
    key = key_for(endpoint, (KEY,))
    return RemoteChooser(client_of(endpoint, key), endpoint, key)


def _content(question: str, pictures: Sequence[Image]) -> list[dict[str, Any]]:
    """The question, every picture below its letter, the form of the answer."""
    letters = LETTERS[: len(pictures)]
    parts: list[dict[str, Any]] = [{"type": "text", "text": question}]
    for letter, picture in zip(letters, pictures, strict=True):
        data = base64.b64encode(png(picture)).decode()
        parts.append({"type": "text", "text": f"Picture {letter}:"})
        parts.append({"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}})
    parts.append({"type": "text", "text": f"Answer with one letter: {', '.join(letters)}."})
    return parts


def png(picture: Image) -> bytes:
    """The picture as a file's bytes."""
    file = io.BytesIO()
    picture.convert("RGB").save(file, "PNG")
    return file.getvalue()


def read_reply(reply: Any, letters: str) -> Answer:
    """What a chat completion chose.

    Raises:
        ValueError: When it is no chat completion.
    """
    first = next(iter(getattr(reply, "choices", None) or ()), None)
    message = getattr(first, "message", None)
    if message is None:
        raise ValueError(f"No chat completion came back but: {str(reply)[:150]}")
    refusal = getattr(message, "refusal", None)
    if refusal or getattr(first, "finish_reason", None) == "content_filter":
        return Answer(None, "refused", str(refusal or "filtered")[:200])
    words = str(getattr(message, "content", None) or "")
    choice = read_letter(words, letters)
    return Answer(choice, "unreadable" if choice is None else "chosen", words[-200:])


def read_letter(words: str, letters: str) -> int | None:
    """The one picture that an answer names; None where it names none, or several.

    Accepted are the letter alone or before a colon or full stop, JSON with one value that is a
    letter, and words with one letter after "answer", else after "picture". What the model thought
    aloud is left out.
    """
    said = re.sub(r"<think>.*?(</think>|$)", "", words, flags=re.DOTALL).strip()
    said = _unwrapped(re.sub(r"^```\w*|```$", "", said).strip())
    bare = said.strip(" \n.,:;!()[]*\"'").upper()
    if len(bare) == 1 and bare in letters:
        return letters.index(bare)
    if first := re.match(rf"\W*([{letters}])\W*[.:,)]", said):
        return letters.index(first[1])
    for word in ("answer|choice", "picture|option"):
        found = set(re.findall(rf"(?i:{word})(?i:\W+is)?\W+([{letters}])\b", said))
        if len(found) == 1:
            return letters.index(found.pop())
    return None


def _unwrapped(said: str) -> str:
    """The single value of a JSON object or string; anything else as it is."""
    try:
        content = json.loads(said)
    except ValueError:
        return said
    values = list(content.values()) if isinstance(content, dict) else [content]
    return str(values[0]) if len(values) == 1 else said
