"""The language-model planner: step by step, from options only, with the rules behind it."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from loopback import Behaviour, Reply, fails, says, serving
from test_language import SECRET
from test_pipeline import write_job

from solver.artefacts import Plan
from solver.bounds import what_is_sent
from solver.errors import SolverError
from solver.meanings import MEANINGS
from solver.pipeline import solve
from solver.plan import Seen, make_plan, plan_of_sentence
from solver.plan.asked import ask_plan
from solver.plan.steps import steps
from solver.pretrained.forms import Answers, Form, read
from solver.pretrained.language import KEY
from solver.wishes import PlannerChoice

SENTENCE = "eine Frau sitzt auf dem Stuhl und liest"
ANSWERS: dict[str, Any] = {
    "flag": "ok", "object": "chair", "posture": "sit", "sex": "female", "age": "adult",
    "relation": "on_top", "side": "any", "facing": "front", "scale": "carryable", "movable": "no",
    "parts": ["buttocks", "back", "left_foot", "right_foot", "left_hand", "right_hand"],
    "avoid": ["left_forearm"],
    "buttocks_on": "seat", "buttocks_role": "support", "back_on": "backrest",
    "back_role": "support", "left_foot_on": "floor", "left_foot_role": "support",
    "right_foot_on": "floor", "right_foot_role": "support", "left_hand_on": "own_thigh",
    "left_hand_role": "touch", "right_hand_on": "armrest", "right_hand_role": "grasp",
    "left_fingers": "relaxed", "right_fingers": "power", "styles": ["reading", "leaning_back"],
    "hold_height": "belly", "attitude": "upright",
    "image_prompts": ["A woman sits.", "A woman reads.", "A chair with a woman."],
    "negative_prompts": ["standing", "cropped", "two people"],
}  # fmt: skip
"""What the oracle says, by field."""


class Oracle:
    """A language whose answers are known."""

    name = "oracle"

    def __init__(self, **changed: Any) -> None:
        self.answers = {**ANSWERS, **changed}
        self.forms: list[Form] = []

    def fill(self, dialogue: Sequence[dict[str, Any]], form: Form) -> Answers:
        """Read as any model's answer is read."""
        self.forms.append(form)
        return read(form, json.dumps({f.name: self.answers[f.name] for f in form.fields}))


def oracle(request: dict[str, Any], _: dict[str, str]) -> Reply:
    """The same behind a server: it answers the fields that the last message asks for."""
    asked = re.findall(r"^- (\w+):", request["messages"][-1]["content"], flags=re.MULTILINE)
    return says(json.dumps({name: ANSWERS[name] for name in asked}))


def choice(url: str, **more: Any) -> PlannerChoice:
    return PlannerChoice("llm", url, "m", **{"timeout": 5.0, **more})


def asked_at(behave: Behaviour, sentence: str = SENTENCE, **more: Any) -> tuple[Plan, list[Any]]:
    with serving(behave) as loopback:
        plan = plan_of_sentence(sentence, "Stuhl", (0.5, 0.9, 0.5), choice(loopback.url), **more)
    return plan, loopback.requests


def test_the_answers_are_the_plan() -> None:
    plan = ask_plan(Oracle(), SENTENCE, "Stuhl")
    assert (plan.posture, plan.relation, plan.facing, plan.movable) == (
        "sit",
        "on_top",
        "front",
        False,
    )
    assert {c.part: (c.region, c.role) for c in plan.contacts} == {
        part: (ANSWERS[f"{part}_on"], ANSWERS[f"{part}_role"]) for part in ANSWERS["parts"]
    }
    assert plan.hands == {"left": "relaxed", "right": "power"}
    assert plan.styles == ("reading", "leaning_back") and plan.avoid == ("left_forearm",)
    assert plan.image_prompts == tuple(ANSWERS["image_prompts"])
    assert plan.negative_prompts == tuple(ANSWERS["negative_prompts"])
    assert (plan.subject.sex, plan.subject.age) == (0.0, 30.0)
    assert (plan.provider, plan.flag, plan.prompt) == ("llm", "ok", SENTENCE)


def test_every_choice_is_from_the_vocabulary_in_the_papers_order() -> None:
    language = Oracle()
    ask_plan(language, SENTENCE, "Stuhl")
    names = [form.name for form in language.forms]
    assert names == ["action", "position", "state", "parts", "contacts", "manner", "pictures"]
    words = {name: dict(meaning) for name, meaning in MEANINGS.items()}
    fields = {field.name: field for form in language.forms for field in form.fields}
    for name in ("posture", "relation", "side", "facing", "scale", "flag"):
        assert dict(fields[name].options or {}) == words[name]
    assert dict(fields["parts"].options or {}) == words["part"]
    assert dict(fields["buttocks_on"].options or {}) == words["region"]
    assert dict(fields["left_fingers"].options or {}) == words["hand"]
    free = {name for name, field in fields.items() if field.options is None}
    assert free == {"object", "image_prompts", "negative_prompts"}, "the rest is closed"


@pytest.mark.parametrize(
    "prompts", [["", "", ""], ["A woman sits."] * 3, ["A woman sits.", "A woman reads.", "x" * 401]]
)
def test_prompts_for_painting_differ_and_have_a_length(prompts: list[str]) -> None:
    with pytest.raises(ValueError, match="'image_prompts' is a list of 3 to 5 strings"):
        ask_plan(Oracle(image_prompts=prompts), SENTENCE, "Stuhl")


def test_what_is_taken_along_is_asked_how_it_is_held() -> None:
    held = {"relation": "holding", "movable": "yes", "right_hand_on": "handle"}
    plan = ask_plan(Oracle(**held), "she carries it", "cup")
    assert (plan.movable, plan.hold_height, plan.attitude) == (True, "belly", "upright")


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"relation": "holding"}, "'movable' is yes"),
        ({"movable": "yes"}, "'movable' is no"),
        ({"avoid": ["back"]}, "'back' cannot both touch and avoid"),
        ({"back_role": "grasp"}, "Only hands and arms can grasp, not back"),
        ({"right_hand_on": "floor"}, "floor cannot be grasped"),
        ({"parts": ["left_foot", "right_foot"]}, "Something must touch the object"),
        ({"posture": "hovers"}, "not one of: stand, sit"),
        ({"styles": []}, "list of 1 to 3"),
    ],
)
def test_what_no_body_does_is_refused_in_words_to_mend_it_by(
    changed: dict[str, Any], fault: str
) -> None:
    with pytest.raises(ValueError, match=fault):
        ask_plan(Oracle(**changed), SENTENCE, "Stuhl")


def test_steps_do_not_depend_on_what_is_asked_later() -> None:
    """Each question can be put with the earlier answers alone."""
    answers: Answers = {}
    for step in steps():
        form = step(answers)
        answers |= {field.name: ANSWERS[field.name] for field in form.fields}


# Behind a server


@pytest.mark.parametrize("plain", [False, True])
def test_structured_and_plain_servers_give_the_same_plan(plain: bool) -> None:
    def behave(request: dict[str, Any], headers: dict[str, str]) -> Reply:
        if plain and "response_format" in request:
            return fails(400, "response_format is not supported")
        return oracle(request, headers)

    plan, _ = asked_at(behave)
    assert plan == ask_plan(Oracle(), SENTENCE, "Stuhl")


def test_a_request_holds_only_what_the_panel_says_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence, name, size, facts, pictures, our own questions; no path, user, host or key."""
    monkeypatch.setenv(KEY, SECRET)
    seen = Seen(("a level place 0.45 m high",), (b"one picture", b"another"))
    plan, requests = asked_at(oracle, see=lambda views: seen)
    assert plan.provider == "llm"
    said = what_is_sent(2)
    assert all(word in said for word in ("sentence", "name", "size", "flat places", "2 pictures"))
    for request in requests:
        assert set(request) <= {
            "model", "messages", "response_format", "temperature", "seed", "stream",
        }  # fmt: skip
        told = request["messages"][1]["content"]
        assert [part["type"] for part in told] == ["text", "image_url", "image_url"]
        assert told[0]["text"].splitlines() == [
            f"Sentence: {SENTENCE}", "Name of the object: Stuhl",
            "Its size: 0.50 m wide, 0.90 m high, 0.50 m deep",
            "Its shape: a level place 0.45 m high",
        ]  # fmt: skip
        text = json.dumps(request)
        for secret in (SECRET, str(Path.home()), str(Path.cwd()), "127.0.0.1"):
            assert secret not in text


def test_without_pictures_none_are_sent() -> None:
    _, requests = asked_at(oracle)
    assert "image_url" not in json.dumps(requests) and "picture" not in what_is_sent(0)


def test_a_plan_that_was_asked_for_before_needs_no_server(tmp_path: Path) -> None:
    first, requests = asked_at(oracle, cache=tmp_path)
    assert len(requests) == 7
    with serving(oracle) as loopback:
        url = loopback.url
        one = plan_of_sentence("x sits", "", None, choice(url), cache=tmp_path)
        count = len(loopback.requests)
        two = plan_of_sentence("x sits", "", None, choice(url), cache=tmp_path)
        assert len(loopback.requests) == count and one == two
    assert first.posture == one.posture


@pytest.mark.parametrize(
    "behave",
    [lambda *_: fails(500, "oops"), lambda *_: says("hello"), lambda *_: (200, b"<html>")],
)
def test_where_the_model_fails_the_rules_read_and_the_plan_says_why(behave: Behaviour) -> None:
    sentence = "a woman sits on the chair"
    plan, _ = asked_at(behave, sentence)
    rules = make_plan(sentence, "Stuhl", (0.5, 0.9, 0.5))
    assert (plan.provider, plan.contacts) == ("rules", rules.contacts)
    assert "The rules read the sentence instead." in plan.warnings[0]
    assert plan.warnings[1:] == rules.warnings


def test_a_mistyped_url_is_a_failure_as_any_other() -> None:
    plan = plan_of_sentence("he sits", "chair", None, choice("http://localhost:1143x/v1"))
    assert plan.provider == "rules" and "is no URL" in plan.warnings[0]


def test_a_measurement_of_models_sees_their_failures() -> None:
    with serving(lambda *_: fails(500, "oops")) as loopback, pytest.raises(SolverError):
        plan_of_sentence("he sits", "", None, choice(loopback.url), strict=True)


def test_a_server_that_dies_between_two_questions() -> None:
    count = iter(range(100))

    def behave(request: dict[str, Any], headers: dict[str, str]) -> Reply:
        return oracle(request, headers) if next(count) < 3 else fails(503, "gone")

    plan, _ = asked_at(behave, "a man sits on the chair")
    assert plan.provider == "rules" and "trouble of its own" in plan.warnings[0]


def test_the_rules_say_too_what_a_painting_shows() -> None:
    plan = plan_of_sentence("an old man sits on the chair without touching the armrests", "")
    assert len(plan.image_prompts) >= 3 and len(set(plan.image_prompts)) == len(plan.image_prompts)
    assert all("old man" in each for each in plan.image_prompts)
    assert "person standing" in plan.negative_prompts


# In a job


@pytest.mark.slow
def test_a_job_is_planned_by_the_model_that_its_request_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY, SECRET)
    monkeypatch.setenv("INTERACT_CACHE", str(tmp_path / "cache"))
    folder = write_job(tmp_path / "job")
    with serving(oracle) as loopback:
        request = json.loads((folder / "request.json").read_text())
        request["planner"] = vars(choice(loopback.url, views=1, timeout=60.0))
        (folder / "request.json").write_text(json.dumps(request))
        solve(folder, lambda *_: None)
    report = json.loads((folder / "report.json").read_text())
    assert report["plan"]["provider"] == "llm" and report["providers"]["plan"] == "llm"
    assert report["plan"]["styles"] == ["reading", "leaning_back"]
    assert len(loopback.requests) == 7
    told = loopback.requests[0]["messages"][1]["content"]
    assert "Its shape: a level place" in told[0]["text"] and told[1]["type"] == "image_url"
    for file in [*folder.rglob("*"), *(tmp_path / "cache").rglob("*")]:
        if file.is_file():
            assert SECRET.encode() not in file.read_bytes(), file
