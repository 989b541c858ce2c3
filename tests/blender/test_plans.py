"""The artist sees the plan and edits it; edits are kept when solving again; no file has a key."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import get_args

import bpy
import pytest
from helpers import generate, request_in, until
from test_panels import drawn

from blender_addon import character, operators, planner, plans, refining, results, service
from blender_addon.jobs import Job
from blender_addon.wire import bounds, errors, vocabulary

pytestmark = pytest.mark.blender
SECRET = "sk-very-secret-0123456789"


def settings() -> bpy.types.PropertyGroup:
    return bpy.context.scene.interact


def read(prompt: str = "sit with the left hand on it") -> plans.InteractPlan:
    """Press Read Sentence and wait."""
    settings().prompt = prompt
    assert bpy.ops.interact.read_sentence() == {"FINISHED"}
    return settings().plan


def solved(replace: str = "") -> tuple[Job, bpy.types.Collection]:
    """Press Generate Interaction and wait."""
    job = operators.submit(bpy.context, replace)
    service.wait(job)
    assert job.state == "ready", job.what
    return job, character.apply_job(job)


def model(**changed: object) -> SimpleNamespace:
    """Preferences in which a language model is chosen."""
    chosen = {"planner": "llm", "llm_url": "http://localhost:11434/v1", "llm_model": "m",
              "llm_key": "", "llm_timeout": 30.0, "llm_views": 2}  # fmt: skip
    return SimpleNamespace(**{**chosen, **changed})


@pytest.fixture
def preferred(monkeypatch: pytest.MonkeyPatch):
    """Sets the preferences for a test."""

    def put(**changed: object) -> None:
        monkeypatch.setattr(planner, "preferences", lambda: model(**changed))
        monkeypatch.setattr(planner, "preference", lambda name: str(changed.get(name, "")))

    return put


@pytest.mark.parametrize("name", ["posture", "relation", "side", "facing"])
def test_rows_offer_the_vocabulary_each_word_with_its_meaning(name: str) -> None:
    words = get_args(getattr(vocabulary, name.capitalize()))
    items = plans.InteractPlan.bl_rna.properties[name].enum_items
    assert tuple(item.identifier for item in items) == words
    assert all(item.description.endswith(".") for item in items)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("part", vocabulary.PARTS),
        ("region", vocabulary.REGIONS),
        ("role", get_args(vocabulary.Role)),
    ],
)
def test_contacts_offer_the_vocabulary(name: str, words: tuple[str, ...]) -> None:
    items = plans.InteractContact.bl_rna.properties[name].enum_items
    assert tuple(item.identifier for item in items) == words


def test_reading_shows_the_plan_and_poses_nobody(cube: bpy.types.Object) -> None:
    rows = read()
    assert rows.posture == "sit" and rows.relation == "front"
    assert [row.part for row in rows.contacts] == ["left_foot", "left_hand"]
    assert not results.results(bpy.context.scene)
    words = drawn()
    assert "Read by rules, a guess (40% sure)" in words
    assert "The word 'frob' is not known." in words
    assert not plans.is_edited(rows) and "Edited" not in words


def test_a_plan_without_edits_survives_the_rows_whole(cube: bpy.types.Object) -> None:
    rows = read()
    assert plans.edited_plan(rows) == json.loads(rows.source)


def test_an_edit_goes_to_the_solver_with_the_rest_of_the_plan(cube: bpy.types.Object) -> None:
    rows = read()
    rows.posture, rows.relation, rows.side = "lean", "beside", "left"
    bpy.ops.interact.add_contact()
    rows.contacts[-1].part, rows.contacts[-1].region = "right_elbow", "top"
    assert plans.is_edited(rows) and "Edited: used when solving again" in drawn()
    job, made = solved()
    sent = request_in(job)["plan"]
    assert (sent["posture"], sent["relation"], sent["side"]) == ("lean", "beside", "left")
    assert [one["part"] for one in sent["contacts"]] == ["left_foot", "left_hand", "right_elbow"]
    assert [one["weight"] for one in sent["contacts"]] == [1.5, 1.5, 1.0]
    assert sent["styles"] == ["reading"] and sent["hold_height"] == "chest", "no row shows these"
    assert made.interact_plan.posture == "lean", "the result owns the plan that it was made of"


def test_nothing_edited_means_that_the_sentence_is_read(cube: bpy.types.Object) -> None:
    read()
    job, _ = solved()
    assert request_in(job)["plan"] is None


def test_edits_of_a_result_are_kept_when_it_is_solved_again(cube: bpy.types.Object) -> None:
    settings().prompt = "sit with the left hand on it"
    _, made = solved()
    made.interact_plan.contacts[1].region = "top"
    for _ in range(2):
        job, made = solved(made.name)
        assert request_in(job)["plan"]["contacts"][1]["region"] == "top"
        assert made.interact_plan.contacts[1].region == "top"
        made.interact_plan.contacts[0].region = "seat"


def test_a_refinement_keeps_the_edited_plan_too(cube: bpy.types.Object) -> None:
    settings().prompt = "sit with the left hand on it"
    _, made = solved()
    assert request_in(refining.submit_again(bpy.context, made.name, "body"))["plan"] is None
    service.session.cancel_all()
    made.interact_plan.posture = "lean"
    job = refining.submit_again(bpy.context, made.name, "body")
    assert request_in(job)["plan"]["posture"] == "lean"


def test_another_sentence_is_read_anew_and_that_is_said(cube: bpy.types.Object) -> None:
    rows = read()
    rows.posture = "lean"
    settings().prompt = "sit with the right hand on it"
    words = drawn().replace("\n", " ")
    assert "These rows are of another sentence: it is read anew." in words
    assert "used when solving again" not in words
    job, made = solved()
    assert request_in(job)["plan"] is None
    assert any("edited rows" in warning for warning in job.warnings)
    assert [row.part for row in made.interact_plan.contacts] == ["left_foot", "right_hand"]
    assert rows.posture == "lean", "the edits are still there"


def test_edits_for_one_object_are_not_used_for_another(cube: bpy.types.Object) -> None:
    rows = read()
    rows.posture = "lean"
    bpy.ops.mesh.primitive_cube_add(size=1.0, location=(9.0, 3.0, 0.5))
    job, _ = solved()
    assert job.target != cube.name and request_in(job)["plan"] is None
    assert any("edited rows" in warning for warning in job.warnings)
    bpy.context.view_layer.objects.active = cube
    job, _ = solved()
    assert request_in(job)["plan"]["posture"] == "lean"


def test_edits_can_be_dropped_and_rows_removed(cube: bpy.types.Object) -> None:
    rows = read()
    bpy.ops.interact.remove_contact(index=0)
    assert [row.part for row in rows.contacts] == ["left_hand"]
    bpy.ops.interact.drop_edits()
    assert not plans.is_edited(rows)
    with pytest.raises(RuntimeError, match="no result 'gone'"):
        bpy.ops.interact.add_contact(result="gone")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda rows: setattr(rows.contacts[1], "part", "left_foot"), "more than one contact"),
        (lambda rows: setattr(rows, "relation", "on_top"), "nothing touches the object"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_sent(
    change, words: str, cube: bpy.types.Object, tmp_path: Path
) -> None:
    rows = read()
    change(rows)
    before = sorted(tmp_path.rglob("request.json"))
    with pytest.raises(errors.SolverError, match=words) as caught:
        operators.submit(bpy.context)
    assert caught.value.remedy and sorted(tmp_path.rglob("request.json")) == before


def test_plans_are_saved_with_the_file(cube: bpy.types.Object, tmp_path: Path) -> None:
    made = generate(cube, "sit with the left hand on it")
    made.interact_plan.posture = "lean"
    name, path = made.name, str(tmp_path / "saved.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)
    rows = bpy.data.collections[name].interact_plan
    assert rows.posture == "lean" and plans.is_edited(rows)
    assert plans.edited_plan(rows)["styles"] == ["reading"]


def test_reading_leaves_a_result_alone_that_comes_later(cube: bpy.types.Object) -> None:
    """Two jobs in the queue: a reading, then a person; each does its own."""
    settings().prompt = "sit"
    first = operators.submit(bpy.context)
    read("sit with the right hand on it")
    until(lambda: first.state == "ready")
    assert [row.part for row in settings().plan.contacts] == ["left_foot", "right_hand"]


# A language model


def test_the_model_of_the_preferences_is_asked_for(cube: bpy.types.Object, preferred) -> None:
    preferred()
    settings().prompt = "sit"
    job, made = solved()
    assert request_in(job)["planner"] == {
        "provider": "llm", "base_url": "http://localhost:11434/v1", "model": "m", "timeout": 30.0,
        "views": 2,
    }  # fmt: skip
    assert "Read by the language model" in plans.remarks(made.interact_plan, "sit")[0]


def test_the_panel_says_what_is_sent_and_where(preferred) -> None:
    assert planner.where_it_goes() == ""
    preferred()
    assert planner.where_it_goes() == f"{bounds.what_is_sent(2)} To: this machine."
    preferred(llm_url="https://api.example.com/v1", llm_views=0)
    assert planner.where_it_goes() == f"{bounds.what_is_sent(0)} To: api.example.com."
    assert planner.where_it_goes() in drawn().replace("\n", " ")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"llm_url": "https://api.example.com/v1"}, "may not go online"),
        ({"llm_model": " "}, "no URL, or no name"),
        ({"llm_url": ""}, "no URL, or no name"),
        ({"llm_url": f"http://localhost/v1?key={SECRET}"}, "perhaps a key"),
    ],
)
def test_nothing_leaves_the_machine_without_leave(
    changed: dict[str, str], words: str, cube: bpy.types.Object, preferred, tmp_path: Path
) -> None:
    assert not bpy.app.online_access
    preferred(**changed)
    settings().prompt = "sit"
    with pytest.raises(errors.SolverError, match=words):
        operators.submit(bpy.context)
    assert not list(tmp_path.rglob("request.json"))


def test_the_key_reaches_the_solver_and_no_file(
    cube: bpy.types.Object, preferred, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    preferred(llm_key=SECRET)
    told: dict[str, str] = {}
    start = service.Link
    monkeypatch.setattr(
        service, "Link",
        lambda python, parent, log, more: (told.update(more), start(python, parent, log, more))[1],
    )  # fmt: skip
    service.session.shutdown()
    settings().prompt = "sit"
    solved()
    assert told[planner.KEY_VARIABLE] == SECRET
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "saved.blend"), compress=False)
    logs = service.log_file().parent
    for file in [*tmp_path.rglob("*"), *logs.rglob("*")]:
        if file.is_file():
            assert SECRET.encode() not in file.read_bytes(), file
