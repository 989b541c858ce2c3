"""Shuffling, swapping and counting of a judge's choices, by judges whose taste is known."""

import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import made_systems
import pytest
from loopback import fails, says, serving
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "benchmarks"))

import vlm_choice
from choices import QUESTIONS, Remembered, Trial, ask, best_of, duel, orders, patiently

from solver.errors import SolverError
from solver.pretrained.chooser import KEY, Answer, Chooser

NAMES = ("good", "fair", "poor")
PICTURES = {name: Image.new("L", (2, 2), 200 - 60 * k) for k, name in enumerate(NAMES)}


class Taste:
    """Likes the lightest picture; `place` likes that one, whatever it shows."""

    name = "oracle"

    def __init__(self, place: int | None = None) -> None:
        self.place, self.asked = place, 0

    def choose(self, question: str, pictures: Sequence[Image.Image]) -> Answer:
        """See `Chooser`."""
        self.asked += 1
        if self.place is not None:
            return Answer(self.place, "chosen")
        lights = [picture.convert("L").getpixel((0, 0)) for picture in pictures]
        return Answer(lights.index(max(lights)), "chosen")  # type: ignore[type-var]


def trials(judge: Chooser, jobs: int, *, pairs: bool, rounds: int = 1) -> list[Trial]:
    return [
        ask(judge, "overall", f"job-{k}", "sits", order, PICTURES)
        for k in range(jobs)
        for order in orders(NAMES, pairs, rounds, (0, f"job-{k}"))
    ]


def test_taste_is_found_wherever_it_stands() -> None:
    found = best_of(trials(Taste(), 120, pairs=False), NAMES)
    assert found["share"] == {"good": 1.0, "fair": 0.0, "poor": 0.0}
    assert found["enough_for_a_claim"] and found["answers"] == 120
    places = [found["position"][letter]["share"] for letter in "ABC"]
    assert sum(places) == pytest.approx(1, abs=1e-3) and min(places) > 0.2


def test_a_judge_with_a_favourite_place_is_told_by_it() -> None:
    some = trials(Taste(place=0), 120, pairs=False)
    found = best_of(some, NAMES)
    assert found["position"]["A"]["share"] == 1.0
    assert max(found["share"].values()) < 0.5, "shuffling spreads the bias over the systems"
    both = duel(trials(Taste(place=0), 120, pairs=True), "good", "poor")
    assert (both["wins"], both["losses"], both["decided_by_order"]) == (0, 0, 120)
    assert both["score"] == 0.5 and both["sign_test_p"] == 1.0
    assert both["position"]["A"]["ci95"][0] > 0.95


def test_a_duel_counts_choices_that_survive_the_swap() -> None:
    some = trials(Taste(), 30, pairs=True)
    assert Counter(trial.shown for trial in some)[("good", "poor")] == 30
    assert Counter(trial.shown for trial in some)[("poor", "good")] == 30
    found = duel(some, "fair", "poor")
    assert (found["pairs"], found["wins"], found["losses"]) == (30, 30, 0)
    assert found["score"] == 1.0 and not found["enough_for_a_claim"]
    assert duel(some, "fair", "good")["wins_of_decided"] == 0.0
    assert found["position"]["A"]["share"] == 0.5


def test_half_a_pair_is_no_pair() -> None:
    whole = Trial("overall", "a", ("x", "y"), "x", "chosen", "")
    lost = Trial("overall", "b", ("y", "x"), None, "refused", "no")
    found = duel([whole, lost], "x", "y")
    assert found["pairs"] == 0 and found["refused"] == 1 and found["score"] is None
    json.dumps(found, allow_nan=False)
    json.dumps(best_of([lost], ["x", "y"]), allow_nan=False)


def test_rounds_of_one_job_are_no_further_evidence() -> None:
    once = best_of(trials(Taste(), 20, pairs=False), NAMES)
    often = best_of(trials(Taste(), 20, pairs=False, rounds=6), NAMES)
    assert often["answers"] == 120 and not often["enough_for_a_claim"]
    assert once["share"] == often["share"]
    shown = [order for k in range(9) for order in orders(NAMES, False, 6, (0, str(k)))]
    assert len(set(shown)) == 6


def test_questions_hold_the_sentence() -> None:
    assert all("{prompt}" in words for words in QUESTIONS.values())


def test_what_was_answered_is_remembered_by_content(tmp_path: Path) -> None:
    judge = Taste()
    memory = Remembered(judge, tmp_path)
    one, two, three = PICTURES.values()
    first = memory.choose("q", [one, two])
    assert memory.choose("q", [one.copy(), two.copy()]) == first and judge.asked == 1
    for question, pictures in (("q", [two, one]), ("p", [one, two]), ("q", [one, three])):
        memory.choose(question, pictures)
    assert judge.asked == 4
    judge.name = "another"
    Remembered(judge, tmp_path).choose("q", [one, two])
    assert judge.asked == 5

    class Silent(Taste):
        def choose(self, question: str, pictures: Sequence[Image.Image]) -> Answer:
            super().choose(question, pictures)
            return Answer(None, "unanswered", "timeout")

    silent = Silent()
    for _ in range(2):
        Remembered(silent, tmp_path / "s").choose("q", [one, two])
    assert silent.asked == 2


def test_it_is_called_off_after_three_in_a_row() -> None:
    def trial(why: str) -> Trial:
        return Trial("overall", "a", ("x", "y"), None, why, "timeout")  # type: ignore[arg-type]

    ups = [trial(why) for why in ("unanswered", "unanswered", "refused") * 3]
    assert len(list(patiently(iter(ups)))) == 9
    seen: list[Trial] = []
    with pytest.raises(SolverError, match="3 questions in a row"):
        seen.extend(patiently(trial("unanswered") for _ in range(9)))
    downs = patiently(iter([trial("refused"), *[trial("unanswered")] * 9]))
    taken = []
    with pytest.raises(SolverError):
        for each in downs:
            taken.append(each)
    assert len(taken) == 4


def systems(folder: Path) -> tuple[str, str]:
    for k in (1, 2):
        made_systems.ours(folder / "a" / f"crate-{k}", f"sentence {k}")
    made_systems.theirs(folder / "b" / "crate-1", "sentence 1", shift=0.3)
    return f"ours={folder / 'a'}", f"theirs={folder / 'b'}"


def test_the_command_from_end_to_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(KEY, "sk-made-up")
    out, given = tmp_path / "out", systems(tmp_path)
    with serving(lambda asked, headers: says("A")) as there:
        options = vlm_choice.Options(there.url, "eye", given, out, size=24, views=3)
        vlm_choice.main(options)
        assert len(there.requests) == 4, "two questions, both orders, the one job that both have"
        vlm_choice.main(options)
        assert len(there.requests) == 4, "answers are remembered"
    report = json.loads(capsys.readouterr().out.split("\n}\n")[0] + "}")
    assert report["left_out"] == ["theirs has no result for crate-2"]
    assert report["results"]["contact"]["ours : theirs"]["decided_by_order"] == 1
    assert (out / "trials.csv").read_text().count("\n") == 5
    assert Image.open(out / "pictures" / "ours" / "crate-1.png").size == (48, 48)
    for path in out.rglob("*"):
        assert path.is_dir() or b"sk-made-up" not in path.read_bytes()


def test_what_was_asked_before_a_failure_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY, "sk-made-up")
    replies = iter([says("B"), fails(401, "expired")])
    with serving(lambda asked, headers: next(replies)) as there:
        options = vlm_choice.Options(
            there.url, "eye", systems(tmp_path), tmp_path / "out", size=24, mode="best", views=1
        )
        with pytest.raises(SolverError, match="401"):
            vlm_choice.main(options)
    assert (tmp_path / "out" / "trials.csv").read_text().count("chosen") == 2
    with pytest.raises(SolverError, match="no choice"):
        vlm_choice.main(vlm_choice.Options("http://127.0.0.1/v1", "m", options.systems[:1]))
