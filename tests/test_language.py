"""A language model that fills forms, against a server on this machine that speaks the protocol."""

import json
import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from loopback import Behaviour, Loopback, Reply, fails, says, serving
from test_forms import FRUIT

from solver import doctor
from solver.errors import Cancelled, SolverError
from solver.pretrained.endpoint import Endpoint
from solver.pretrained.forms import Answers, Form, Unfit, schema
from solver.pretrained.language import KEY, Language, RemoteLanguage, connect

SECRET = "sk-very-secret-0123456789"


def asked(
    loopback: Loopback, model: str = "m", timeout: float = 5.0, **more: Any
) -> RemoteLanguage:
    return connect(Endpoint(loopback.url, model, timeout), **more)


def filled(behave: Behaviour, form: Form = FRUIT, **more: Any) -> tuple[Answers, Loopback]:
    with serving(behave) as loopback:
        return asked(loopback, **more).fill([], form), loopback


# What servers can do


def test_a_structured_server_gets_the_schema_and_no_stream() -> None:
    answers, loopback = filled(lambda *_: says('{"fruit": "pear"}'))
    assert answers == {"fruit": "pear"}
    (request,) = loopback.requests
    assert request["response_format"]["json_schema"]["schema"] == schema(FRUIT)
    assert request["stream"] is False and request["temperature"] == 0 and request["seed"] == 0


def test_it_is_a_language_and_its_name_has_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY, SECRET)
    language = connect(Endpoint("https://example.com/v1", "m"))
    assert isinstance(language, Language)
    assert language.name == "m at example.com" and SECRET not in repr(language)


@pytest.mark.parametrize(
    ("refused", "left"), [("json_schema", "json_object"), ("response_format", None)]
)
def test_a_plainer_server_is_asked_more_plainly_and_that_is_remembered(
    refused: str, left: str | None
) -> None:
    def behave(request: dict[str, Any], _: dict[str, str]) -> Reply:
        if refused in json.dumps(request):
            return fails(400, f"{refused} is not supported")
        return says("pear")

    with serving(behave) as loopback:
        language = asked(loopback)
        assert language.fill([], FRUIT) == {"fruit": "pear"}
        tried = len(loopback.requests)
        assert language.fill([], FRUIT) == {"fruit": "pear"}
        assert len(loopback.requests) == tried + 1, "what it takes is known by now"
    assert loopback.requests[-1].get("response_format", {}).get("type") == left
    assert loopback.requests[-1]["temperature"] == 0, "what was not the trouble is kept"


def test_temperature_and_seed_are_left_out_where_they_are_refused() -> None:
    def behave(request: dict[str, Any], _: dict[str, str]) -> Reply:
        return fails(400, "no temperature") if "temperature" in request else says("pear")

    answers, loopback = filled(behave)
    assert answers == {"fruit": "pear"}
    assert loopback.requests[-1]["response_format"]["type"] == "json_schema"


def test_an_answer_that_does_not_fit_is_asked_for_once_more() -> None:
    replies = iter([says("plum"), says("pear")])
    answers, loopback = filled(lambda *_: next(replies))
    assert answers == {"fruit": "pear"}
    said = loopback.requests[1]["messages"]
    assert said[-2] == {"role": "assistant", "content": "plum"}
    assert "not one of: apple, green_apple, pear" in said[-1]["content"]


def test_what_was_said_before_goes_along() -> None:
    dialogue = [{"role": "system", "content": "You like fruit."}]
    with serving(lambda *_: says("pear")) as loopback:
        asked(loopback).fill(dialogue, FRUIT)
    assert loopback.requests[0]["messages"][0] == dialogue[0]


# What goes wrong, each a sentence and a remedy, in time


def endless() -> Iterator[bytes]:
    """A blank now and then: a socket's own time never runs out."""
    for _ in range(200):
        yield b" "
        time.sleep(0.05)


def closes() -> Reply:
    """Gone half-way through its answer."""
    return 200, says("pear")[1][:20], {"Content-Length": "500"}  # type: ignore[return-value,index]


def late() -> Reply:
    time.sleep(1.5)
    return says("pear")


BROKEN: dict[str, tuple[Callable[[], Reply], str]] = {
    "timeout": (late, "did not answer within 0.6 s"),
    "dribble": (lambda: (200, endless()), "did not answer within 0.6 s"),
    "refusal": (lambda: says(None, refusal="I will not"), "refuses to answer: I will not"),
    "filter": (lambda: says("", finish="content_filter"), "refuses to answer"),
    "cut off": (lambda: says('{"fru', finish="length"), "cut off"),
    "malformed": (lambda: says('{"fruit": "plum"'), "answered twice"),
    "web page": (lambda: (200, b"<html>Sign in</html>"), "something else than a chat completion"),
    "no choices": (lambda: (200, b'{"choices": []}'), "something else than a chat completion"),
    "other JSON": (lambda: (200, b"[1]"), "something else than a chat completion"),
    "bad key": (lambda: fails(401, f"Incorrect key {SECRET}"), "refuses the key"),
    "forbidden": (lambda: fails(403, "no"), "refuses the key"),
    "no model": (lambda: fails(404, "model not found"), "has no model 'm'"),
    "busy": (lambda: (*fails(429, "slow down")[:2], {"Retry-After": "30"}), "asked too often"),
    "no money": (lambda: fails(429, "insufficient_quota"), "quota is used up"),
    "trouble": (lambda: fails(500, "oops"), "trouble of its own"),
    "question": (lambda: fails(400, f"context too long {SECRET}"), "does not take the question"),
    "half-way": (closes, "ended the connection half-way"),
}


@pytest.mark.parametrize("case", sorted(BROKEN))
def test_each_failure_is_a_sentence_with_a_remedy_and_never_the_key(
    case: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(KEY, SECRET)
    caplog.set_level(logging.DEBUG)
    behave, words = BROKEN[case]
    with serving(lambda *_: behave()) as loopback:
        language = connect(Endpoint(loopback.url, "m", 0.6 if "did not" in words else 5.0))
        with pytest.raises(SolverError, match=words) as caught:
            language.fill([], FRUIT)
    assert caught.value.remedy
    told = f"{caught.value} {caught.value.remedy} {caught.value.__cause__!r} {caplog.text}"
    assert SECRET not in told
    assert caught.value.__cause__ is None or isinstance(caught.value.__cause__, Unfit)


def test_the_models_that_there_are_are_listed() -> None:
    with serving(lambda *_: fails(404, "no such model")) as loopback:
        loopback.models = ("llama3.1", "qwen3")
        with pytest.raises(SolverError) as caught:
            asked(loopback, "lama").fill([], FRUIT)
    assert caught.value.remedy == "It has: llama3.1, qwen3."


def test_nobody_there() -> None:
    with pytest.raises(SolverError, match="cannot be reached"):
        connect(Endpoint("http://127.0.0.1:9/v1", "m", 5.0)).fill([], FRUIT)


def test_the_doctor_says_whether_the_named_model_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("INTERACT_LLM_URL", raising=False)
    assert "none named" in doctor.language_model()
    with serving(lambda *_: fails(500, "oops")) as loopback:
        monkeypatch.setenv("INTERACT_LLM_URL", loopback.url)
        monkeypatch.setenv("INTERACT_LLM_MODEL", "m")
        assert doctor.language_model() == f"m at {loopback.url}"
        monkeypatch.setenv("INTERACT_LLM_MODEL", "other")
        assert "has only m" in doctor.language_model()
    assert "does not answer" in doctor.language_model()


@pytest.mark.parametrize("header", [{"Retry-After": "0.05"}, {}])
def test_a_busy_server_is_asked_again_after_the_time_it_names(header: dict[str, str]) -> None:
    replies = iter([(*fails(429, "slow down")[:2], header), fails(503, "soon"), says("pear")])
    answers, loopback = filled(lambda *_: next(replies))
    assert answers == {"fruit": "pear"} and len(loopback.requests) == 3


def test_quota_and_keys_are_not_asked_for_twice() -> None:
    for reply in (fails(429, "insufficient_quota"), fails(401, "no")):
        with serving(lambda *_, reply=reply: reply) as loopback:
            with pytest.raises(SolverError):
                asked(loopback).fill([], FRUIT)
            assert len(loopback.requests) == 1


def test_the_user_can_stop_while_a_server_thinks() -> None:
    def stop() -> None:
        raise Cancelled

    with serving(lambda *_: late()) as loopback, pytest.raises(Cancelled):
        asked(loopback, tick=stop).fill([], FRUIT)


def test_a_model_must_be_named_and_a_key_is_needed_abroad(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (KEY, "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(SolverError, match="No model"):
        connect(Endpoint("http://localhost:1/v1", " "))
    with pytest.raises(SolverError, match=r"no key for api\.openai\.com"):
        connect(Endpoint("https://api.openai.com/v1", "m"))
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    connect(Endpoint("https://api.openai.com/v1", "m"))
    with pytest.raises(SolverError, match=r"no key for example\.com"):
        connect(Endpoint("https://example.com/v1", "m"))


@pytest.mark.parametrize(
    "url", ["http://192.168.1.20:11434/v1", "http://studio.local/v1", "http://nas:8080/v1"]
)
def test_a_server_in_ones_own_network_needs_no_key_and_gets_none_unencrypted(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(KEY, raising=False)
    connect(Endpoint(url, "m"))
    monkeypatch.setenv(KEY, SECRET)
    with pytest.raises(SolverError, match="not encrypted"):
        connect(Endpoint(url, "m"))
    with pytest.raises(SolverError, match="no key"):
        monkeypatch.delenv(KEY)
        connect(Endpoint("http://8.8.8.8/v1", "m"))


@pytest.mark.parametrize(
    "url",
    [
        "", "localhost:1/v1", "http://localhost:abc/v1", "http://localhost:99999/v1", "http://[::1",
        "http://a..b/v1", "https://exa mple.com/v1", "http://127.0.0.1\n/v1", "ftp://localhost/v1",
        f"http://me:{SECRET}@localhost/v1", f"http://localhost/v1?key={SECRET}",
        f"http://localhost/v1#{SECRET}",
    ],
)  # fmt: skip
def test_what_is_no_url_or_may_hold_a_key_is_refused_without_it(url: str) -> None:
    with pytest.raises(SolverError, match="is no URL to ask at") as caught:
        connect(Endpoint(url, "m"))
    assert SECRET not in f"{caught.value} {caught.value.remedy}"


def test_a_key_with_what_no_header_takes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for key in (f"{SECRET}…", f"{SECRET}\nX"):
        monkeypatch.setenv(KEY, key)
        with pytest.raises(SolverError, match="characters that no key has") as caught:
            connect(Endpoint("http://localhost:1/v1", "m"))
        assert SECRET not in str(caught.value)


# Memory


def test_an_answer_is_remembered_by_all_that_was_asked(tmp_path: Path) -> None:
    with serving(lambda *_: says("pear")) as loopback:
        for _ in range(2):
            assert asked(loopback, cache=tmp_path).fill([], FRUIT) == {"fruit": "pear"}
        assert len(loopback.requests) == 1
        asked(loopback, cache=tmp_path).fill([{"role": "system", "content": "x"}], FRUIT)
        asked(loopback, "other", cache=tmp_path).fill([], FRUIT)
        assert len(loopback.requests) == 3


@pytest.mark.parametrize("spoilt", ["", "{", '{"said": "plum"}', "[]"])
def test_a_spoilt_memory_is_asked_for_again(spoilt: str, tmp_path: Path) -> None:
    with serving(lambda *_: says("pear")) as loopback:
        asked(loopback, cache=tmp_path).fill([], FRUIT)
        (file,) = tmp_path.iterdir()
        file.write_text(spoilt)
        assert asked(loopback, cache=tmp_path).fill([], FRUIT) == {"fruit": "pear"}
        assert len(loopback.requests) == 2
    assert json.loads(file.read_text()) == {"said": "pear"}


def test_the_key_is_sent_in_its_header_and_written_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY, SECRET)
    with serving(lambda *_: says("pear")) as loopback:
        asked(loopback, cache=tmp_path).fill([], FRUIT)
    assert loopback.headers[0]["authorization"] == f"Bearer {SECRET}"
    assert SECRET not in json.dumps(loopback.requests)
    assert not any(SECRET in file.read_text() for file in tmp_path.iterdir())
