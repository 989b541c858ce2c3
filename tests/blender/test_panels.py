"""Every panel draws in every state: nothing that it names is missing."""

import json
from types import SimpleNamespace
from typing import Any

import bpy
import pytest
from helpers import generate, submit

from blender_addon import panels, preferences, service
from blender_addon.jobs import State

pytestmark = pytest.mark.blender


class Layout:
    """Takes what a UILayout takes, checks names, keeps the words."""

    def __init__(self, words: list[str]) -> None:
        self.words = words

    def __getattr__(self, name: str) -> Any:
        if name in {"row", "column", "box", "split"}:
            return lambda **_: Layout(self.words)
        raise AttributeError(name)

    def __setattr__(self, name: str, value: object) -> None:
        if name != "words":
            assert name in bpy.types.UILayout.bl_rna.properties, name
        object.__setattr__(self, name, value)

    def label(self, *, text: str, icon: str = "NONE") -> None:
        """Words."""
        self._say("label", text, icon)

    def progress(self, *, factor: float, text: str) -> None:
        """A bar."""
        assert 0.0 <= factor <= 1.0
        self.words.append(text)

    def prop(self, data: Any, name: str, **options: Any) -> None:
        """An input: it must exist."""
        assert name in data.bl_rna.properties or data.path_resolve(name) is not None, name
        assert set(options) <= set(bpy.types.UILayout.bl_rna.functions["prop"].parameters.keys())

    def operator(self, name: str, *, text: str = "", icon: str = "NONE", depress: bool = False):
        """A button: its operator must be registered."""
        group, verb = name.split(".")
        assert hasattr(bpy.types, f"{group.upper()}_OT_{verb}"), name
        self._say("operator", text, icon)
        return SimpleNamespace()

    def _say(self, function: str, text: str, icon: str) -> None:
        parameters = bpy.types.UILayout.bl_rna.functions[function].parameters
        assert icon in parameters["icon"].enum_items, icon
        self.words.append(text)


def drawn() -> str:
    """All words of the tab."""
    words: list[str] = []
    for cls in panels.CLASSES:
        cls.draw(SimpleNamespace(layout=Layout(words)), bpy.context)
    return "\n".join(words)


def test_empty_file() -> None:
    assert "No object" in drawn()


def test_running_ready_failed_and_results(cube: bpy.types.Object) -> None:
    generate(cube, "sit and warn", variants=2)
    words = drawn()
    assert "Penetration\n3.5 mm" in words
    assert "The front is unsure." in words
    assert "Sit: left foot on floor" in words
    job = submit(cube, "slow")
    job.move(State.SOLVING)
    job.stage, job.fraction, job.eta = "Poses", 0.5, 4.2
    assert "Poses 50%, 4 s left" in drawn()
    job.move(State.READY)
    assert "Poses" in drawn()
    job.fail("It broke.", "Mend it.")
    assert "It broke.\nMend it." in drawn()
    service.session.jobs.clear()


def test_preferences() -> None:
    words: list[str] = []
    rna = preferences.InteractPreferences.bl_rna
    for planner in ("rules", "llm"):
        settings = SimpleNamespace(layout=Layout(words), bl_rna=rna, planner=planner)
        preferences.InteractPreferences.draw(settings, bpy.context)
    assert "solver" in words[0].lower()
    assert rna.properties["llm_key"].subtype == "PASSWORD"


def test_snapshot_of_the_panel(cube: bpy.types.Object) -> None:
    """Lengths become metres; zero means: not said; axes are the solver's."""
    from blender_addon.properties import request_of

    scene = bpy.context.scene
    scene.unit_settings.scale_length = 0.01
    settings = scene.interact
    settings.prompt, settings.height, settings.sex = "sit", 180.0, "FEMALE"
    settings.front, settings.floor = "+z", "cursor"
    scene.cursor.location.z = 50.0
    asked = request_of(scene, None)
    assert asked.subject.height == pytest.approx(1.8)
    assert (asked.subject.sex, asked.subject.age, asked.subject.weight) == (0.0, None, None)
    assert asked.floor == pytest.approx(0.5)
    assert settings.bl_rna.properties["front"].enum_items["+z"].name == "-Y"


def test_a_long_prompt_is_refused_and_never_cut(cube: bpy.types.Object) -> None:
    bpy.context.scene.interact.prompt = "sit " * 1250
    assert len(bpy.context.scene.interact.prompt) == 5000
    with pytest.raises(RuntimeError, match="characters"):
        bpy.ops.interact.generate()


def test_a_raw_file_can_be_estimated(cube: bpy.types.Object) -> None:
    """What the error about its size advises is in the panel, and the object takes the new size."""
    cube.scale = (900.0, 900.0, 900.0)
    settings = bpy.context.scene.interact
    settings.prompt = "sit"
    with pytest.raises(RuntimeError, match="choose 'Estimate'"):
        bpy.ops.interact.generate()
    settings.placement = "estimate"
    assert settings.bl_rna.properties["placement"].enum_items["estimate"].name == "Estimate"
    assert bpy.ops.interact.generate() == {"FINISHED"}
    request = service.session.jobs[-1].folder / "request.json"
    assert json.loads(request.read_text(encoding="utf-8"))["placement"] == "estimate"


def test_fronts_are_those_that_a_standing_object_can_have() -> None:
    """Up and down would be refused by the solver after the click."""
    offered = bpy.context.scene.interact.bl_rna.properties["front"].enum_items.keys()
    assert offered == ["auto", "+z", "-z", "+x", "-x"]
