"""`--command interact`: one line per job, a report, and an exit code that can be trusted."""

import json
from pathlib import Path

import bpy
import pytest
from conftest import FAKE

from blender_addon import cli, outcomes, results
from blender_addon.jobs import Job

pytestmark = pytest.mark.blender


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "result.blend"


def run(output: Path, *arguments: str) -> int:
    return cli.main(["--output", str(output), *arguments])


def test_one_job(cube: bpy.types.Object, output: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = output.with_suffix(".json")
    code = run(output, "--object", cube.name, "--prompt", "sit", "--variants", "2", "--report",
               str(report))  # fmt: skip
    assert code == 0
    assert len([line for line in capsys.readouterr().out.splitlines() if line[:2] == "ok"]) == 1
    content = json.loads(report.read_text(encoding="utf-8"))["jobs"][0]
    assert content["ok"] and content["report"]["device"] == "cpu"
    bpy.ops.wm.open_mainfile(filepath=str(output))
    assert [name in bpy.data.objects for name in content["rigs"]] == [True, True]
    assert cube_data_name() == "Cube"


def cube_data_name() -> str:
    return bpy.data.objects["Chair.001"].data.name


def test_many_jobs_and_one_that_fails(cube: bpy.types.Object, output: Path, tmp_path: Path) -> None:
    """The good ones are saved, the bad one is named, the exit code is not 0."""
    rows = [
        {"object": cube.name, "prompt": "sit", "seed": 4},
        {"object": cube.name, "prompt": "fail"},
        {"object": "Nothing", "prompt": "sit"},
        {"object": cube.name, "prompt": "hold it", "fix_object": True},
    ]
    jobs, report = tmp_path / "jobs.json", tmp_path / "report.json"
    jobs.write_text(json.dumps(rows), encoding="utf-8")
    assert run(output, "--jobs", str(jobs), "--report", str(report)) == 1
    outcomes = json.loads(report.read_text(encoding="utf-8"))["jobs"]
    assert [one["ok"] for one in outcomes] == [True, False, False, True]
    assert outcomes[1]["remedy"] == "Ask for less."
    assert "There is no object 'Nothing'" in outcomes[2]["what"]
    assert output.exists()


def test_an_interrupt_keeps_what_is_done(
    cube: bpy.types.Object, output: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl+C in the second job: the first is saved, its row is in the report."""
    rows = [{"object": cube.name, "prompt": prompt} for prompt in ("sit", "interrupt", "sit")]
    jobs, report = tmp_path / "jobs.json", tmp_path / "report.json"
    jobs.write_text(json.dumps(rows), encoding="utf-8")
    real = cli.wait

    def interrupted(job: Job, say: cli.Progress) -> Job:
        if job.request.prompt == "interrupt":
            raise KeyboardInterrupt
        return real(job, say)

    monkeypatch.setattr(cli, "wait", interrupted)
    assert run(output, "--jobs", str(jobs), "--report", str(report)) == cli.INTERRUPTED
    assert [one["ok"] for one in json.loads(report.read_text(encoding="utf-8"))["jobs"]] == [True]
    bpy.ops.wm.open_mainfile(filepath=str(output))
    assert len(results.results(bpy.context.scene)) == 1


def test_the_picture_shows_the_parts_of_an_empty(
    cube: bpy.types.Object, output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parent = bpy.data.objects.new("Set", None)
    bpy.context.scene.collection.objects.link(parent)
    cube.parent = parent
    shown: list[str] = []
    monkeypatch.setattr(outcomes, "render_picture", lambda _, objects: shown.extend(
        one.name for one in objects
    ))  # fmt: skip
    assert run(output, "--object", "Set", "--prompt", "sit", "--picture", f"{output}.png") == 0
    assert cube.name in shown


def test_nothing_is_written_when_all_fail(cube: bpy.types.Object, output: Path) -> None:
    assert run(output, "--object", cube.name, "--prompt", "fail") == 1
    assert not output.exists()


def test_the_solver_dies(cube: bpy.types.Object, output: Path) -> None:
    assert run(output, "--object", cube.name, "--prompt", "killed") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["--object", "Chair.001"],
        ["--prompt", "sit"],
        ["--object", "Chair.001", "--prompt", "sit", "--quality", "best"],
        ["--object", "Chair.001", "--prompt", "sit", "--seed", "many"],
        ["--jobs", "/nowhere/jobs.json"],
        ["--jobs", __file__],
    ],
)
def test_wrong_arguments(cube: bpy.types.Object, output: Path, arguments: list[str]) -> None:
    assert run(output, *arguments) == 2
    assert not output.exists()


@pytest.mark.parametrize("content", ["{}", "[]", "[1]", '[{"objekt": "Chair.001"}]'])
def test_wrong_job_files(
    cube: bpy.types.Object, output: Path, tmp_path: Path, content: str
) -> None:
    jobs = tmp_path / "jobs.json"
    jobs.write_text(content, encoding="utf-8")
    assert run(output, "--jobs", str(jobs)) == 2


def test_unwritable_output(cube: bpy.types.Object, tmp_path: Path) -> None:
    """Known before the work, not after it."""
    for output in (tmp_path, tmp_path / "missing" / "x.blend", Path("/proc/x.blend")):
        assert run(output, "--object", cube.name, "--prompt", "sit") == 2
    assert not (tmp_path / "jobs").exists()


def test_another_kind_of_output(
    cube: bpy.types.Object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Blender would write a .blend under any name."""
    words = ["--object", cube.name, "--prompt", "sit"]
    assert run(tmp_path / "result.glb", *words) == 2
    assert "Name it FILE.blend." in capsys.readouterr().err
    assert not list(tmp_path.glob("*.glb"))


def test_what_and_remedy_are_two_sentences() -> None:
    assert outcomes.spoken("No file: x", "Choose one.") == "No file: x. Choose one."
    assert outcomes.spoken("It failed.", "Try again.") == "It failed. Try again."
    assert outcomes.spoken("It failed", "") == "It failed"


def test_values_reach_the_solver(cube: bpy.types.Object, output: Path) -> None:
    report = output.with_suffix(".json")
    code = run(
        output, "--object", cube.name, "--prompt", "sit", "--seed", "9", "--front", "+x",
        "--device", "cpu", "--quality", "draft", "--placement", "estimate", "--fix-object",
        "--scale", "--floor", "-0.7", "--sex", "1", "--height", "1.9", "--report", str(report),
    )  # fmt: skip
    assert code == 0
    folder = Path(json.loads(report.read_text(encoding="utf-8"))["jobs"][0]["folder"])
    asked = json.loads((folder / "request.json").read_text(encoding="utf-8"))
    assert asked["seed"] == 9
    assert asked["floor"] == -0.7
    assert (asked["front"], asked["device"], asked["quality"]) == ("+x", "cpu", "draft")
    assert (asked["placement"], asked["fix_object"]) == ("estimate", True)
    assert asked["scale"] is True
    assert (asked["subject"]["sex"], asked["subject"]["height"]) == (1.0, 1.9)


def test_a_picture_of_the_result(cube: bpy.types.Object, output: Path) -> None:
    """A PNG of the asked size, and a scene as it was before."""
    scenes, objects = len(bpy.data.scenes), len(bpy.data.objects)
    picture = output.with_suffix(".png")
    assert run(output, "--object", cube.name, "--prompt", "sit", "--picture", str(picture)) == 0
    image = bpy.data.images.load(str(picture))
    assert tuple(image.size) == (800, 800)
    assert (len(bpy.data.scenes), len(bpy.data.objects)) == (scenes, objects + 2)
    assert not bpy.data.cameras and not bpy.data.worlds


def test_the_fake_solver_is_not_the_real_one() -> None:
    """Guards this folder's other tests: they must not silently run the product's solver."""
    from blender_addon import service

    assert service.solver_parent == FAKE


def test_a_front_with_a_minus_is_no_option(output: Path) -> None:
    words = cli.joined(["--front", "-z", "--prompt", "sit", "--output", str(output)])
    assert cli.parser().parse_args(words).front == "-z"
