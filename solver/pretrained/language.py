"""A language model that answers closed questions, behind any OpenAI-compatible URL.

Structured output where the server has it, JSON mode or plain text where it has not; what comes back
is read and checked all the same, and asked for once more where it does not fit. However the server
behaves, no answer is waited for beyond the time that was set.
"""

import hashlib
import json
import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from ..bounds import host_of
from ..errors import SolverError
from .endpoint import Endpoint, client_of, key_for
from .forms import Answers, Form, Unfit, question, read, schema
from .heavy import package
from .mishaps import mishap, patience

KEY = "INTERACT_LLM_KEY"
"""The environment's variable with the key."""
_HOME_OF = {"api.openai.com": "OPENAI_API_KEY"}
"""Host -> the variable that other programs keep its key in."""
_RUNGS = ("json_schema", "json_object", "text")
"""How an answer's form is asked for, the strictest first."""
_KNOBS: dict[str, Any] = {"temperature": 0, "seed": 0}
_BEAT = 0.1
"""Seconds between two looks at whether the user wants to stop."""

Message = dict[str, Any]
Tick = Callable[[], None]

log = logging.getLogger(__name__)


@runtime_checkable
class Language(Protocol):
    """Fills forms."""

    name: str
    """Model and host, for reports."""

    def fill(self, dialogue: Sequence[Message], form: Form) -> Answers:
        """The answers to one form, each valid.

        Args:
            dialogue: What was said before, as chat messages.
            form: What is asked now.

        Raises:
            SolverError: When no valid answer comes back, in words and with a remedy.
        """
        ...


class RemoteLanguage:
    """The real one; use `connect`. It is good for one plan: its time runs from the start."""

    def __init__(
        self, client: Any, endpoint: Endpoint, key: str, cache: Path | None, tick: Tick
    ) -> None:
        self.name = f"{endpoint.model} at {host_of(endpoint.url)}"
        self._client, self._endpoint, self._key = client, endpoint, key
        self._cache, self._tick = cache, tick
        self._ends = time.monotonic() + endpoint.timeout
        self._ways = [(rung, knobs) for rung in _RUNGS for knobs in (_KNOBS, {})]
        """What the server may take; the first is tried, and dropped where it is refused."""

    def fill(self, dialogue: Sequence[Message], form: Form) -> Answers:
        """See `Language`. An answer that does not fit is asked for once more."""
        messages = [*dialogue, {"role": "user", "content": question(form)}]
        kept = self._remembered(messages)
        if kept is not None:
            try:
                return read(form, kept)
            except Unfit:
                pass  # A spoilt memory; it is asked for again.
        words = self._said(messages, form)
        try:
            answers = read(form, words)
        except Unfit as fault:
            repair = f"{fault} Answer again with the whole JSON object and nothing else."
            again = [
                *messages, {"role": "assistant", "content": words or "..."},
                {"role": "user", "content": repair},
            ]  # fmt: skip
            words = self._said(again, form)
            try:
                answers = read(form, words)
            except Unfit as still:
                raise SolverError(
                    f"{self.name} answered twice with what is no valid '{form.name}': {still}"[
                        :400
                    ],
                    remedy="Choose a larger model.",
                ) from still
        self._remember(messages, words)
        return answers

    def _said(self, messages: list[Message], form: Form) -> str:
        """What the model says; asked again as often as it is worth it."""
        openai = package("openai")
        begun = time.monotonic()
        for attempt in range(self._endpoint.retries + 1):
            try:
                words = _words_of(self._asked(messages, form), self.name)
            except (openai.OpenAIError, OSError, ValueError) as error:  # OSError: a TimeoutError.
                wait = patience(error, attempt)
                last = attempt == self._endpoint.retries
                if wait is None or last or wait > self._left():
                    raise mishap(error, self._endpoint, self._key, self.models) from None
                self._sleep(wait)
            else:
                log.info("%s: %.1f s", form.name, time.monotonic() - begun)
                return words
        raise AssertionError("The last attempt returns or raises.")

    def _asked(self, messages: list[Message], form: Form) -> Any:
        """One chat completion, in the strictest way that the server takes."""
        openai = package("openai")
        while True:
            rung, knobs = self._ways[0]
            shape: dict[str, Any] = {"type": rung}
            if rung == "json_schema":
                shape["json_schema"] = {"name": form.name, "strict": True, "schema": schema(form)}
            asked = {} if rung == "text" else {"response_format": shape}
            try:
                return self._in_time(
                    lambda asked=asked, knobs=knobs: self._client.chat.completions.create(
                        model=self._endpoint.model, messages=messages, stream=False,
                        timeout=max(0.05, self._left()), **asked, **knobs,
                    )
                )  # fmt: skip
            except (openai.BadRequestError, openai.UnprocessableEntityError):
                if len(self._ways) == 1:
                    raise
                del self._ways[0]

    def _in_time(self, call: Callable[[], Any]) -> Any:
        """What a call gives, waited for no longer than the time that is left.

        A server that sends a byte now and then never lets a socket's own time run out.
        """
        outbox: queue.SimpleQueue[tuple[Any, BaseException | None]] = queue.SimpleQueue()

        def work() -> None:
            try:
                outbox.put((call(), None))
            except BaseException as error:
                outbox.put((None, error))

        threading.Thread(target=work, daemon=True, name="language").start()
        while self._left() > 0:
            self._tick()
            try:
                result, error = outbox.get(timeout=min(_BEAT, max(0.001, self._left())))
            except queue.Empty:
                continue
            if error is not None:
                raise error
            return result
        raise TimeoutError

    def _sleep(self, seconds: float) -> None:
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            self._tick()
            time.sleep(min(_BEAT, max(0.0, ends - time.monotonic())))

    def _left(self) -> float:
        return self._ends - time.monotonic()

    def models(self) -> tuple[str, ...]:
        """The models that the server says it has; empty where it does not say."""
        try:
            listed = self._in_time(
                lambda: self._client.models.list(timeout=max(0.05, self._left()))
            )
            return tuple(str(each.id) for each in listed.data)[:20]
        except (package("openai").OpenAIError, OSError, ValueError, AttributeError) as error:
            log.info("The server does not list its models: %s", type(error).__name__)
            return ()

    def _file(self, messages: list[Message]) -> Path | None:
        if self._cache is None:
            return None
        asked = json.dumps([self._endpoint.url, self._endpoint.model, messages], sort_keys=True)
        return self._cache / f"{hashlib.sha256(asked.encode()).hexdigest()}.json"

    def _remembered(self, messages: list[Message]) -> str | None:
        path = self._file(messages)
        if path is None or not path.exists():
            return None
        try:
            return str(json.loads(path.read_text(encoding="utf-8"))["said"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            log.info("A remembered answer cannot be read and is asked for again: %s", error)
            return None

    def _remember(self, messages: list[Message], words: str) -> None:
        path = self._file(messages)
        if path is None:
            return
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps({"said": words}), encoding="utf-8")
        except OSError as error:
            log.warning("The answer is not remembered: %s", error)


def connect(
    endpoint: Endpoint, cache: Path | None = None, tick: Tick = lambda: None
) -> RemoteLanguage:
    """A language model behind a URL, for one plan.

    Args:
        endpoint: Where, and how long the whole plan may take.
        cache: Folder of answers that were given before, by all that was asked; None: ask anew.
        tick: Called while waiting; may raise `Cancelled`.

    Raises:
        SolverError: When the package or the key is missing, or the key would travel unencrypted.
    """
    if not endpoint.model.strip():
        raise SolverError(
            f"No model is named for {endpoint.url}.",
            remedy="Name one that the server has, for example llama3.1 or gpt-4o-mini.",
        )
    usual = _HOME_OF.get(host_of(endpoint.url))
    key = key_for(endpoint, (KEY, usual) if usual else (KEY,))
    return RemoteLanguage(client_of(endpoint, key, retries=0), endpoint, key, cache, tick)


def _words_of(reply: Any, name: str) -> str:
    """What a chat completion says.

    Raises:
        ValueError: When it is none.
        SolverError: When the model refuses, or was cut off.
    """
    first = next(iter(getattr(reply, "choices", None) or ()), None)
    message = getattr(first, "message", None)
    if message is None:
        raise ValueError(f"no chat completion but: {str(reply)[:120]}")
    finish = getattr(first, "finish_reason", None)
    refusal = getattr(message, "refusal", None)
    if refusal or finish == "content_filter":
        raise SolverError(
            f"{name} refuses to answer: {str(refusal or 'its content filter')[:200]}",
            remedy="Say the sentence otherwise.",
        )
    if finish == "length":
        raise SolverError(
            f"{name} was cut off before its answer was complete.",
            remedy="Give the server a longer context (num_ctx, --ctx-size), or take another model.",
        )
    return str(getattr(message, "content", None) or "")
