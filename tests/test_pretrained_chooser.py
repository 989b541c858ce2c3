"""A vision model behind a URL: what is sent, what is read, and how it fails."""

import base64
import io
import sys

import numpy as np
import pytest
from loopback import Behaviour, dawdles, fails, says, serving
from PIL import Image

from solver.errors import SolverError
from solver.pretrained.chooser import KEY, Chooser, Endpoint, connect, read_letter

SECRET = "sk-secret-0123456789"  # A made-up one.
PICTURES = [Image.new("RGB", (8, 6), colour) for colour in ("red", "blue", "green")]


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY, SECRET)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-another-endpoint")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")


def chosen(behave: Behaviour, **knobs: float) -> tuple:
    """The answer, and what was sent for it."""
    settings = {"timeout": 5.0, "retries": 0, **knobs}
    with serving(behave) as there:
        judge = connect(Endpoint(there.url, "eye-1", **settings))  # type: ignore[arg-type]
        return judge.choose("Which is best?", PICTURES), there


def test_question_pictures_and_key_arrive() -> None:
    answer, there = chosen(lambda asked, headers: says("B"))
    assert (answer.choice, answer.why) == (1, "chosen")
    (asked,) = there.requests
    assert asked["model"] == "eye-1" and asked["temperature"] == 0
    parts = asked["messages"][0]["content"]
    assert parts[0]["text"] == "Which is best?"
    assert [p["text"] for p in parts if p["type"] == "text"][1:4] == [
        "Picture A:", "Picture B:", "Picture C:",
    ]  # fmt: skip
    sent = [p["image_url"]["url"] for p in parts if p["type"] == "image_url"]
    for url, picture in zip(sent, PICTURES, strict=True):
        head, _, data = url.partition(",")
        assert head == "data:image/png;base64"
        same = Image.open(io.BytesIO(base64.b64decode(data)))
        assert np.array_equal(np.asarray(same), np.asarray(picture))
    assert there.headers[0]["authorization"] == f"Bearer {SECRET}"
    assert SECRET not in str(asked)


@pytest.mark.parametrize(
    ("words", "choice"),
    [
        ("C", 2), (" b.", 1), ("**B**", 1), ("(A)", 0), ('{"choice": "C"}', 2), ('"B"', 1),
        ("```json\n{\"best\": \"A\"}\n```", 0), ("<think>A or C? A!</think>C", 2),
        ("Answer: B", 1), ("The answer is C, as in picture A the man floats.", 2),
        ("Picture B", 1), ("B: the hands are closed.", 1), ("A person sits in picture C.", 2),
        ("Picture A is better than picture B.", None), ("A person on a chair", None),
        ("My answer: a person sits", None), ("D", None), ("", None), ("<think>B", None),
        ('{"a": "A", "b": "B"}', None), ("none of them", None),
    ],
)  # fmt: skip
def test_letters(words: str, choice: int | None) -> None:
    assert read_letter(words, "ABC") == choice


def test_an_unreadable_answer_is_asked_for_once_more() -> None:
    words = iter(["Both are fine.", "A"])
    answer, there = chosen(lambda asked, headers: says(next(words)))
    assert answer.choice == 0 and len(there.requests) == 2
    repeated = there.requests[1]["messages"]
    assert [m["role"] for m in repeated] == ["user", "assistant", "user"]
    assert repeated[1]["content"] == "Both are fine."
    stubborn, there = chosen(lambda asked, headers: says("Hm."))
    assert (stubborn.choice, stubborn.why, len(there.requests)) == (None, "unreadable", 2)
    silent, _ = chosen(lambda asked, headers: says(None))
    assert silent.why == "unreadable"


def test_refusals() -> None:
    answer, there = chosen(lambda asked, headers: says(None, refusal="I will not."))
    assert (answer.why, answer.words, len(there.requests)) == ("refused", "I will not.", 1)
    assert chosen(lambda a, h: says(None, finish="content_filter"))[0].why == "refused"


def test_a_wrong_key_ends_it_and_is_not_repeated() -> None:
    for status in (401, 403):
        with pytest.raises(SolverError, match=str(status)) as refused:
            chosen(lambda a, h, s=status: fails(s, f"Incorrect API key: {SECRET}"))
        told = f"{refused.value} {refused.value.remedy} {refused.value.__cause__}"
        assert SECRET not in told and KEY in told


def test_a_wrong_model_or_question_ends_it() -> None:
    with pytest.raises(SolverError, match="no such model") as refused:
        chosen(lambda a, h: fails(404, "no such model"))
    assert "eye-1" in refused.value.remedy
    with pytest.raises(SolverError, match="no pictures here"):
        chosen(lambda a, h: fails(400, "no pictures here"))


def test_temperature_and_seed_are_left_out_where_they_are_refused() -> None:
    def behave(asked: dict, headers: dict) -> tuple[int, bytes]:
        return fails(400, "temperature?") if "temperature" in asked else says("B")

    answer, there = chosen(behave)
    assert answer.choice == 1
    assert ["seed" in asked for asked in there.requests] == [True, False]


def test_a_timeout_is_an_unanswered_question() -> None:
    answer, _ = chosen(lambda a, h: dawdles(1.0), timeout=0.2)
    assert answer.why == "unanswered" and "timed out" in answer.words.lower()


def test_it_tries_again() -> None:
    replies = iter([fails(500, "busy"), fails(429, "slow down"), says("C")])
    answer, there = chosen(lambda a, h: next(replies), retries=2)
    assert answer.choice == 2 and len(there.requests) == 3


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"<html>a proxy</html>",
        b"[]",
        b"{}",
        b'{"choices": []}',
        b'{"choices": [{}]}',
        b"null",
    ],
)
def test_what_is_no_chat_completion_is_an_unanswered_question(body: bytes) -> None:
    assert chosen(lambda a, h: (200, body))[0].why == "unanswered"


def test_errors_do_not_repeat_the_key() -> None:
    answer, _ = chosen(lambda a, h: fails(500, f"upstream got {h['authorization']}"))
    assert answer.why == "unanswered" and SECRET not in answer.words


def test_nobody_there() -> None:
    with serving(lambda a, h: says("A")) as there:
        url = there.url
    answer = connect(Endpoint(url, "m", timeout=2.0, retries=0)).choose("?", PICTURES)
    assert answer.why == "unanswered"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("host/v1", "no URL"), ("ftp://host/v1", "no URL"), ("https://me:pass@host/v1", "no URL"),
        ("http://judge.example/v1", "not encrypted"),
    ],
)  # fmt: skip
def test_urls_that_are_refused(url: str, words: str) -> None:
    with pytest.raises(SolverError, match=words) as refused:
        connect(Endpoint(url, "m"))
    assert "pass@" not in str(refused.value)


def test_a_key_is_needed_but_at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY)
    with pytest.raises(SolverError, match=r"judge\.example") as refused:
        connect(Endpoint("https://judge.example/v1", "m"))
    assert KEY in refused.value.remedy
    answer, there = chosen(lambda a, h: says("A"))
    assert answer.choice == 0 and "another" not in there.headers[0]["authorization"]


def test_it_is_a_chooser_and_its_name_has_no_secret() -> None:
    judge = connect(Endpoint("https://judge.example/v1", "eye-1"))
    assert isinstance(judge, Chooser) and judge.name == "eye-1 at judge.example"


def test_without_the_extra_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openai", None)
    with pytest.raises(SolverError, match="openai") as refused:
        connect(Endpoint("http://127.0.0.1:1/v1", "m"))
    assert "interact-anything[models]" in refused.value.remedy
