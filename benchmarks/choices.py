"""Questions to a judge of pictures: in what order things are shown, and what the answers amount to.

Nothing here knows a model: a judge is any `Chooser`.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import torch
from intervals import ENOUGH, bootstrap, sign_test, wilson
from PIL.Image import Image
from views import generator_of

from solver.errors import SolverError
from solver.pretrained.chooser import LETTERS, Answer, Chooser, Why, png

QUESTIONS = {
    "overall": "Each picture shows one attempt at this sentence, from several sides: '{prompt}'. "
    "In which picture does the person do what the sentence says in the most natural way?",
    "contact": "Each picture shows one attempt at this sentence, from several sides: '{prompt}'. "
    "In which picture does the person touch the thing in the most believable way: with the parts "
    "of the body and at the places that the sentence wants, without gaps, and without the one "
    "going through the other?",
}
PATIENCE = 3
"""Questions in a row without an answer before it is called off."""


@dataclass(frozen=True)
class Trial:
    """One question and what came of it."""

    kind: str
    """Of `QUESTIONS`."""
    job: str
    shown: tuple[str, ...]
    """Systems in the order of the letters."""
    chosen: str | None
    why: Why
    words: str

    @property
    def position(self) -> int | None:
        """Where the chosen one stood."""
        return None if self.chosen is None else self.shown.index(self.chosen)


class Remembered:
    """A judge that is asked every question once: answers lie in a folder under their content."""

    def __init__(self, chooser: Chooser, folder: Path) -> None:
        self.name, self._chooser, self._folder = chooser.name, chooser, folder

    def choose(self, question: str, pictures: Sequence[Image]) -> Answer:
        """See `Chooser`. What went unanswered is not remembered."""
        digest = hashlib.sha256(json.dumps([self.name, question]).encode())
        for picture in pictures:
            digest.update(hashlib.sha256(png(picture)).digest())
        path = self._folder / f"{digest.hexdigest()}.json"
        if path.exists():
            return Answer(**json.loads(path.read_text(encoding="utf-8")))
        answer = self._chooser.choose(question, pictures)
        if answer.why != "unanswered":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(asdict(answer)), encoding="utf-8")
        return answer


def shuffled(names: Sequence[str], seed: int, *words: str) -> tuple[str, ...]:
    """The names in an order that depends on seed and words alone."""
    order = torch.randperm(len(names), generator=generator_of(seed, *words))
    return tuple(names[k] for k in order.tolist())


def orders(names: Sequence[str], pairs: bool, rounds: int, key: tuple[int, str]) -> Iterator[tuple]:
    """What is shown side by side: all systems, shuffled `rounds` times; or each pair both ways."""
    seed, job = key
    if pairs:
        for pair in combinations(names, 2):
            yield pair
            yield pair[::-1]
    else:
        for number in range(rounds):
            yield shuffled(names, seed, job, str(number))


def ask(
    chooser: Chooser, kind: str, job: str, prompt: str, shown: tuple[str, ...],
    pictures: dict[str, Image],
) -> Trial:  # fmt: skip
    """One question; the letter becomes a system again."""
    question = QUESTIONS[kind].format(prompt=prompt)
    answer = chooser.choose(question, [pictures[name] for name in shown])
    chosen = None if answer.choice is None else shown[answer.choice]
    return Trial(kind, job, shown, chosen, answer.why, answer.words)


def patiently(trials: Iterator[Trial]) -> Iterator[Trial]:
    """The trials, until too many in a row went unanswered.

    Raises:
        SolverError: Then; what was answered is remembered, so that one can go on later.
    """
    silent = 0
    for trial in trials:
        yield trial
        silent = silent + 1 if trial.why == "unanswered" else 0
        if silent == PATIENCE:
            raise SolverError(
                f"{PATIENCE} questions in a row went unanswered; the last: {trial.words}",
                remedy="Start it again when the endpoint answers: it goes on where it stopped.",
            )


def best_of(trials: Sequence[Trial], names: Sequence[str]) -> dict[str, Any]:
    """How often each system was the best of all shown, and how often each place was."""
    answered = [trial for trial in trials if trial.chosen is not None]
    picks = Counter(trial.chosen for trial in answered)
    jobs = dict.fromkeys(trial.job for trial in answered)
    once = len(jobs) == len(answered)

    def interval(name: str) -> list[float]:
        if once:
            return _rounded(wilson(picks[name], len(answered)))
        groups = [[float(t.chosen == name) for t in answered if t.job == job] for job in jobs]
        return _rounded(bootstrap(groups))

    return {
        "share": {name: _share(picks[name], len(answered)) for name in names},
        "ci95": {name: interval(name) for name in names},
        **_counted(trials),
        "enough_for_a_claim": len(jobs) >= ENOUGH,
    }


def duel(trials: Sequence[Trial], first: str, second: str) -> dict[str, Any]:
    """Two systems, every job shown both ways: a win is a job that both answers give to one.

    `score` counts a job that the order decided as half a win; it has an interval over jobs.
    """
    by_job: dict[str, list[str]] = {}
    among = [trial for trial in trials if set(trial.shown) == {first, second}]
    for trial in among:
        if trial.chosen is not None:
            by_job.setdefault(trial.job, []).append(trial.chosen)
    whole = [picks for picks in by_job.values() if len(picks) == 2]
    wins = sum(picks == [first] * 2 for picks in whole)
    losses = sum(picks == [second] * 2 for picks in whole)
    scores = [[picks.count(first) / 2] for picks in whole]
    return {
        "pairs": len(whole), "wins": wins, "losses": losses,
        "decided_by_order": len(whole) - wins - losses,
        "wins_of_decided": _share(wins, wins + losses),
        "wins_ci95": _rounded(wilson(wins, wins + losses)),
        "score": _share(sum(score for (score,) in scores), len(whole)),
        "score_ci95": _rounded(bootstrap(scores)) if scores else None,
        "sign_test_p": round(sign_test(wins, losses), 4),
        **_counted(among),
        "enough_for_a_claim": len(whole) >= ENOUGH,
    }  # fmt: skip


def _counted(trials: Sequence[Trial]) -> dict[str, Any]:
    """What did not come to a choice, and whether the judge has a favourite place."""
    positions = Counter(trial.position for trial in trials if trial.position is not None)
    answered, places = positions.total(), max((len(t.shown) for t in trials), default=0)
    whys = Counter(trial.why for trial in trials)
    return {
        "answers": answered,
        **{why: whys[why] for why in ("refused", "unreadable", "unanswered")},
        "position": {
            LETTERS[k]: {
                "share": _share(positions[k], answered),
                "ci95": _rounded(wilson(positions[k], answered)),
            }
            for k in range(places)
        },
    }


def _share(part: float, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _rounded(pair: tuple[float, float]) -> list[float]:
    return [round(each, 4) for each in pair]
