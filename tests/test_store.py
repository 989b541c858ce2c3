"""A stage runs once per set of inputs, and what comes back is what was made."""

from pathlib import Path

import pytest
import torch

from solver.artefacts import Affordance, Contact, Grip, Plan, Subject, Target
from solver.errors import SolverError
from solver.store import Store, write_words

PLAN = Plan(
    prompt="a woman sits", object="chair", posture="sit", relation="on_top", facing="front",
    movable=False, scale="furniture", hands={"left": "flat"}, subject=Subject(age=30.0),
    contacts=(
        Contact("buttocks", "seat", "support"), Contact("left_hand", "armrest", "touch", 0.5),
    ),
)  # fmt: skip


def _refuse() -> Plan:
    raise AssertionError("A stage with the same inputs was run again.")


def test_the_same_key_is_not_made_again(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.once("plan", Plan, ["a", 1], lambda: PLAN)
    assert store.once("plan", Plan, ["a", 1], _refuse) == PLAN


def test_another_key_is_made_again(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.once("plan", Plan, ["a"], lambda: PLAN)
    with pytest.raises(AssertionError, match="run again"):
        store.once("plan", Plan, ["b"], _refuse)


def test_tensors_nested_in_artefacts_survive_to_the_bit(tmp_path: Path) -> None:
    target = Target(PLAN.contacts[0], torch.rand(7), 0.25)
    grip = Grip(torch.rand(3), torch.rand(3), torch.rand(3), 0.01, 0.2, "left_hand")
    made = Affordance((target, target), (grip,), ("doubtful",))
    store = Store(tmp_path)
    store.once("affordance", Affordance, 0, lambda: made)
    read = store.once("affordance", Affordance, 0, lambda: Affordance(()))
    assert read.warnings == made.warnings
    assert read.targets[1].contact == target.contact
    assert torch.equal(read.targets[1].probability, target.probability)
    assert torch.equal(read.grips[0].axis, grip.axis)


@pytest.mark.parametrize("damage", ["", "{", '{"key": "x"}'])
def test_a_damaged_artefact_is_made_again(tmp_path: Path, damage: str) -> None:
    store = Store(tmp_path)
    store.once("plan", Plan, 0, lambda: PLAN)
    (tmp_path / "plan.json").write_text(damage)
    assert store.once("plan", Plan, 0, lambda: PLAN) == PLAN


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SolverError, match="cannot be written"):
        write_words(tmp_path / "missing" / "x.json", {})


def test_a_truncated_array_file_is_made_again(tmp_path: Path) -> None:
    target = Target(PLAN.contacts[0], torch.rand(7), 0.25)
    store, made = Store(tmp_path), Affordance((target,))
    store.once("affordance", Affordance, 0, lambda: made)
    whole = (tmp_path / "affordance.npz").read_bytes()
    for size in (0, 10, len(whole) // 2):
        (tmp_path / "affordance.npz").write_bytes(whole[:size])
        again = store.once("affordance", Affordance, 0, lambda: made)
        assert torch.equal(again.targets[0].probability, target.probability)


def test_words_of_one_run_never_meet_arrays_of_another(tmp_path: Path) -> None:
    """Killed between the two writes: new arrays lie beside the old words."""
    store, old = Store(tmp_path), Affordance((Target(PLAN.contacts[0], torch.zeros(7), 0.25),))
    new = Affordance((Target(PLAN.contacts[0], torch.ones(7), 0.25),))
    store.once("affordance", Affordance, "old", lambda: old)
    words = (tmp_path / "affordance.json").read_bytes()
    store.once("affordance", Affordance, "new", lambda: new)
    (tmp_path / "affordance.json").write_bytes(words)
    read = store.once("affordance", Affordance, "old", lambda: old)
    assert float(read.targets[0].probability.sum()) == 0.0


def test_other_code_makes_it_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path)
    store.once("plan", Plan, 0, lambda: PLAN)
    monkeypatch.setattr("solver.store.code_digest", lambda: "another version")
    with pytest.raises(AssertionError, match="run again"):
        store.once("plan", Plan, 0, _refuse)
