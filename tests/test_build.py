"""build_addon.py: what it asks for, what it makes, and how it recovers."""

import argparse
import importlib.util
import shutil
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import trimesh

import build_addon
from buildtools import commands, demo, environments, gui, package, suite, wheels
from solver.errors import SolverError

ROOT = Path(__file__).resolve().parent.parent


def test_another_python_gets_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(build_addon, "WANTED", (3, 99))
    assert build_addon.main(["demo"]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "3.99" in said
    assert sys.executable in said


def test_build_is_the_default() -> None:
    assert build_addon.parser().parse_args([]).command is None
    words = build_addon.joined(["demo", "--front", "-z", "--seed", "7"])
    options = build_addon.parser().parse_args(words)
    assert (options.front, options.seed, options.quality) == ("-z", 7, "standard")


@pytest.mark.parametrize(
    ("name", "reason"), [("none.glb", "does not exist"), ("chair.usd", "cannot read '.usd'")]
)
def test_an_object_that_cannot_be_read_is_a_sentence(
    tmp_path: Path, name: str, reason: str
) -> None:
    (tmp_path / "chair.usd").touch()
    with pytest.raises(SolverError, match=reason):
        demo.readable(tmp_path / name)


def test_an_output_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SolverError, match="cannot be written"):
        demo.writable(tmp_path / "file" / "out.blend")
    with pytest.raises(SolverError, match=r"no \.blend"):
        demo.writable(tmp_path / "out.png")
    assert demo.writable(tmp_path / "new" / "out.blend").parent.is_dir()
    assert not list((tmp_path / "new").iterdir())


def test_the_prompt_reaches_the_command_even_if_it_begins_with_a_dash() -> None:
    options = argparse.Namespace(seed=3, variants=2, quality="draft", front="-z", device="cpu")
    words = demo.job_arguments(options, "-- sit down", Path("x.blend"), Path("own", "x.blend"))
    assert {"--prompt=-- sit down", "--front=-z", "--output=x.blend"} <= set(words)
    assert f"--picture={Path('own', 'x.png')}" in words


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--prompt", " "], "empty"),
        (["--prompt", "sit " * 1250], "4999 characters"),
        (["--variants", "0"], "variants is 0"),
        (["--variants", "9"], "variants is 9"),
        (["--seed", "-1"], "seed is -1"),
        (["--object", "examples"], "is a folder"),
    ],
)
def test_the_demo_refuses_before_it_sets_anything_up(
    words: list[str], reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "make_ready", lambda _: pytest.fail("it set something up"))
    monkeypatch.chdir(ROOT)
    output = ["--output", str(tmp_path / "out.blend")]
    with pytest.raises(SolverError, match=reason) as caught:
        demo.show(ROOT, build_addon.parser().parse_args(["demo", *output, *words]))
    assert caught.value.remedy


def test_cuda_is_refused_where_torch_has_none(tmp_path: Path) -> None:
    packages = environments.packages_of(environments.solver_environment(tmp_path))
    options = argparse.Namespace(prompt=None, variants=1, seed=0, device="cuda")
    demo.check_options(options, tmp_path)
    (packages / "torch-2.13.0+cpu.dist-info").mkdir(parents=True)
    with pytest.raises(SolverError, match="without CUDA"):
        demo.check_options(options, tmp_path)


@pytest.mark.parametrize(
    ("ok", "saved", "left"),
    [
        (True, True, ["new", "new", "new"]),
        (False, False, ["old", "old", "old"]),
        (False, True, ["new"]),
    ],
)
def test_a_failed_demo_leaves_no_mixed_result(
    ok: bool, saved: bool, left: list[str], tmp_path: Path
) -> None:
    """Scene, picture and report beside one another are always of one run."""
    output, kept = tmp_path / "out.blend", tmp_path / "own" / "out.blend"
    kept.parent.mkdir()
    for path in demo._results(output):
        path.write_text("old")
    for path in demo._results(kept)[1:]:
        path.write_text("new")
    if saved:
        output.write_text("new")
    demo.settle(output, kept, ok=ok, saved=saved)
    assert [path.read_text() for path in demo._results(output) if path.exists()] == left


def test_a_wrong_blender_is_named_before_anything_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suite, "test", lambda _: pytest.fail("the suite ran"))
    monkeypatch.setattr(gui.shutil, "which", lambda _: None)
    options = build_addon.parser().parse_args(["test", "--blender", "/nope"])
    with pytest.raises(SolverError, match="/nope") as caught:
        commands._dispatch(options)
    assert "Debian" not in caught.value.remedy


def test_locks_are_read_for_another_python() -> None:
    lock = '# c\na==1 ; python_version < "3.13"\na==2 ; python_version >= "3.13"\nb==1  # why\n'
    assert wheels.requirements(lock, "3.11") == ["a==1", "b==1"]
    assert wheels.requirements(lock, "3.13") == ["a==2", "b==1"]
    with pytest.raises(ValueError, match="python_version"):
        wheels.requirements("a==1 ; sys_platform == 'win32'", "3.11")


def test_wheels_names_the_platforms_it_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wheels, "make_ready", lambda _: Path(sys.executable))
    with pytest.raises(SolverError, match="amiga") as caught:
        wheels.fill(ROOT, ["amiga"], None)
    assert "windows-x64" in caught.value.remedy


@pytest.mark.parametrize("version", ["2.7", "3.10", "3", "3.11.2", "new"])
def test_wheels_refuses_a_python_that_no_blender_has(
    version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wheels, "make_ready", lambda _: pytest.fail("it set something up"))
    with pytest.raises(SolverError, match=version) as caught:
        wheels.fill(ROOT, ["linux-x64"], [version])
    assert "3.11" in caught.value.remedy


def _copy_of_the_sources(folder: Path) -> Path:
    """What staging reads, in a folder of its own."""
    for name in ("blender_addon", "solver"):
        shutil.copytree(ROOT / name, folder / name)
    (folder / "wheels").mkdir()
    shutil.copy2(ROOT / "wheels" / "requirements.lock", folder / "wheels")
    shutil.copy2(ROOT / "LICENSE", folder)
    return folder


def test_staging_puts_both_halves_into_one_folder(tmp_path: Path) -> None:
    root = _copy_of_the_sources(tmp_path)
    wheel = tmp_path / "uv-1-py3-none-any.whl"
    wheel.touch()
    folder = package.stage(root, [wheel])
    for name in ("__init__.py", "blender_manifest.toml", "LICENSE", "solver/protocol.py"):
        assert (folder / name).is_file(), name
    assert (folder / "solver" / "body" / "data" / "open_body.npz").is_file()
    assert {path.name for path in (folder / "wheels").iterdir()} == {
        "requirements.lock",
        wheel.name,
    }
    assert not list(folder.rglob("__pycache__"))
    (folder / "left_over.py").touch()
    assert not (package.stage(root) / "left_over.py").exists()


def _environment(tmp_path: Path) -> environments.Environment:
    """An environment that needs nothing from an index."""
    lock = tmp_path / "empty.lock"
    lock.touch()
    return environments.Environment(
        tmp_path / "venv", "a test", ("-r", str(lock)), (lock,), importable=ROOT
    )


def test_a_foreign_folder_is_never_touched(tmp_path: Path) -> None:
    environment = _environment(tmp_path)
    (environment.folder / "thesis").mkdir(parents=True)
    with pytest.raises(SolverError, match="was not made by this tool"):
        environments.make_ready(environment)
    assert (environment.folder / "thesis").is_dir()


@pytest.mark.slow
def test_an_interrupted_set_up_begins_anew_and_a_finished_one_is_kept(tmp_path: Path) -> None:
    environment = _environment(tmp_path)
    python = environments.make_ready(environment)
    half = environment.folder / "half"
    half.touch()
    assert environments.make_ready(environment) == python
    assert half.exists(), "a finished environment is kept"
    environment.locks[0].write_text("# changed\n", encoding="utf-8")
    environments.make_ready(environment)
    assert half.exists(), "a changed lock is installed on top"
    environments._write(environment.folder, environments.INCOMPLETE)
    environments.make_ready(environment)
    assert not half.exists(), "an interrupted one is made again"


def _examples() -> dict[str, trimesh.Trimesh]:
    """The committed example objects."""
    found = {}
    for path in sorted((ROOT / "examples").glob("*.glb")):
        scene = trimesh.load_scene(path)
        assert next(iter(scene.graph.nodes_geometry)).startswith(path.stem)
        found[path.stem] = scene.to_mesh()
    return found


def test_the_examples_are_closed_stand_on_the_floor_and_have_human_sizes() -> None:
    sizes = {"ball": (0.24, 0.24, 0.24), "chair": (0.45, 0.92, 0.53), "mug": (0.115, 0.095, 0.082)}
    examples = _examples()
    assert examples.keys() == sizes.keys()
    for name, mesh in examples.items():
        mesh.merge_vertices(merge_norm=True, merge_tex=True)
        assert mesh.is_watertight, name
        assert mesh.volume > 0, name
        assert mesh.bounds[0, 1] == pytest.approx(0.0, abs=1e-6), name
        assert np.allclose(mesh.extents, sizes[name], atol=0.01), (name, mesh.extents)


def test_the_examples_are_what_the_script_makes(tmp_path: Path) -> None:
    path = ROOT / "examples" / "make_examples.py"
    spec = importlib.util.spec_from_file_location("make_examples", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    committed = _examples()
    for name, make in (("chair", module.chair), ("mug", module.mug), ("ball", module.ball)):
        made = trimesh.load_scene(module.write(name, make(), tmp_path)).to_mesh()
        assert np.allclose(made.vertices, committed[name].vertices, atol=1e-6)


@pytest.mark.slow
def test_the_built_zip_is_an_extension() -> None:
    """`build_addon.py test` has built it before; alone, this test says how."""
    path = ROOT / "dist" / f"{package.EXTENSION}-{package.version(ROOT)}.zip"
    if not path.exists():
        pytest.skip("needs the zip: python build_addon.py")
    names = zipfile.ZipFile(path).namelist()
    assert {"blender_manifest.toml", "__init__.py", "solver/protocol.py"} <= set(names)
    assert not [name for name in names if "__pycache__" in name or name.endswith(".blend")]


@pytest.mark.parametrize("body", ["", "import pytest\n\n@pytest.mark.skip\ndef test_it(): ...\n"])
def test_a_layer_without_a_passing_test_fails(body: str, tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(body, encoding="utf-8")
    layer = suite._pytest("slow", Path(sys.executable), tmp_path, ["-p", "no:cacheprovider"])
    assert layer.code and layer.failed and not layer.passed
