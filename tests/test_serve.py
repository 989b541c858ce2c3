"""The server is a loop: its test is a list of requests and a list of answers."""

from collections.abc import Callable
from pathlib import Path

from solver.errors import SolverError
from solver.protocol import Done, Failed, Message, Progress, Solve, Stopped
from solver.serve import Cancellations, Report, serve


def answers(
    solve: Callable[[Path, Report], None], *jobs: str, cancelled: Cancellations | None = None
) -> list[Message]:
    said: list[Message] = []
    requests = [Solve(job, f"/jobs/{job}") for job in jobs]
    serve(solve, requests, said.append, cancelled or Cancellations())
    return said


def test_each_job_ends_with_one_answer_and_growing_numbers() -> None:
    said = answers(lambda folder, report: report("Poses", 0.5), "a", "b")
    assert [type(m) for m in said] == [Progress, Progress, Done] * 2
    assert [m.seq for m in said[:3]] == [1, 2, 3]  # pyright: ignore[reportAttributeAccessIssue]
    assert [m.job_id for m in said] == ["a"] * 3 + ["b"] * 3  # pyright: ignore[reportAttributeAccessIssue]


def test_a_failure_keeps_its_remedy_and_the_next_job_runs() -> None:
    def solve(folder: Path, report: Report) -> None:
        if folder.name == "bad":
            raise SolverError("Too small.", remedy="Scale it.")

    said = answers(solve, "bad", "good")
    assert isinstance(said[1], Failed)
    assert (said[1].what, said[1].remedy, said[1].trace) == ("Too small.", "Scale it.", "")
    assert isinstance(said[-1], Done)


def test_a_bug_keeps_its_traceback_and_the_next_job_runs() -> None:
    def solve(folder: Path, report: Report) -> None:
        if folder.name == "bad":
            raise ZeroDivisionError("oops")

    said = answers(solve, "bad", "good")
    assert isinstance(said[1], Failed)
    assert "ZeroDivisionError" in said[1].trace
    assert isinstance(said[-1], Done)


def test_a_running_job_stops_at_its_next_report() -> None:
    cancelled = Cancellations()
    steps: list[int] = []

    def solve(folder: Path, report: Report) -> None:
        for step in range(10):
            steps.append(step)
            if step == 3:
                cancelled.add("a")
            report("Poses", step / 10)

    said = answers(solve, "a", cancelled=cancelled)
    assert isinstance(said[-1], Stopped)
    assert steps == [0, 1, 2, 3]


def test_a_waiting_job_that_was_cancelled_never_starts() -> None:
    cancelled = Cancellations()
    cancelled.add("b")

    def solve(folder: Path, report: Report) -> None:
        assert folder.name == "a"

    said = answers(solve, "a", "b", cancelled=cancelled)
    assert [type(m) for m in said] == [Progress, Done, Stopped]
