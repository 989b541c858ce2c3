"""The rules of the house, each as a test: sizes, layers, words that must not appear."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OURS = ("solver", "blender_addon", "buildtools", "benchmarks", "examples", "tests", "tools")

FILE_LINES = 300
ARTEFACT_LINES = 150
FUNCTION_LINES = 60
ARGUMENTS = 8
FILE_BYTES = 2_000_000

FORBIDDEN = {
    r"allow_pickle\s*=\s*True": "a pickle can run any code",
    r"trust_remote_code\s*=\s*True": "so can a model's repository",
    r"weights_only\s*=\s*False": "so can a checkpoint",
    r"/(?:work|home|root)/\w": "no path of one machine",
}


def python_files(*folders: str) -> Iterator[Path]:
    """Our Python files below `folders`, and build_addon.py with the last of them."""
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))
    if folders == OURS:
        yield ROOT / "build_addon.py"


def imports(path: Path) -> set[str]:
    """The top-level packages that a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module.split(".")[0])
    return found


def tracked() -> list[Path]:
    """The files that git knows; outside a checkout nothing can be said about them."""
    try:
        done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    paths = [ROOT / name for name in done.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file()]


def test_the_solver_never_sees_blender() -> None:
    for path in python_files("solver"):
        assert not imports(path) & {"bpy", "bmesh", "mathutils", "gpu", "blender_addon"}, path


def test_blender_never_sees_torch() -> None:
    heavy = {"torch", "warp", "scipy", "trimesh", "diffusers", "transformers", "jaxtyping"}
    for path in python_files("blender_addon"):
        assert not imports(path) & heavy, path


def test_what_blender_imports_of_the_solver_is_standard_library() -> None:
    code = (
        "import sys, runpy, solver.protocol, solver.errors, solver.bounds\n"
        "runpy.run_path('solver/body/joints.py')\n"
        "runpy.run_path('solver/vocabulary.py')\n"
        "assert not {'torch', 'numpy', 'warp', 'scipy'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_the_build_runs_on_a_bare_python() -> None:
    allowed = sys.stdlib_module_names | {"buildtools", "solver"}
    for path in [*python_files("buildtools"), ROOT / "build_addon.py"]:
        if path.name.startswith("inside_"):  # These run in Blender.
            continue
        assert imports(path) <= allowed, path


def test_rooms_import_only_downwards() -> None:
    """The layers and contracts in pyproject.toml, kept by import-linter."""
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command as run; run()",
    ]
    done = subprocess.run(
        [*command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_files_stay_small() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in python_files(*OURS)
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > FILE_LINES
    }
    assert not long
    nouns = (ROOT / "solver" / "artefacts.py").read_text(encoding="utf-8").splitlines()
    assert len(nouns) <= ARTEFACT_LINES


def test_functions_stay_small() -> None:
    large = []
    for path in python_files(*OURS):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            given = node.args
            arguments = len(given.posonlyargs) + len(given.args) + len(given.kwonlyargs)
            if lines > FUNCTION_LINES or arguments > ARGUMENTS:
                large.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}")
    assert not large


def test_no_file_is_large() -> None:
    assert not [path for path in tracked() if path.stat().st_size > FILE_BYTES]


def test_no_drawer_is_called_utils() -> None:
    assert not [path for path in python_files(*OURS) if path.stem in {"utils", "misc", "common"}]


def test_forbidden_words() -> None:
    found = []
    for path in python_files(*OURS):
        if path == Path(__file__):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            found += [
                f"{path.relative_to(ROOT)}:{number} ({reason}): {line.strip()}"
                for pattern, reason in FORBIDDEN.items()
                if re.search(pattern, line)
            ]
    assert not found


def swallows(node: ast.AST) -> bool:
    """Whether a piece of code lets any error pass without a word."""
    broad = {"Exception", "BaseException"}
    if isinstance(node, ast.ExceptHandler):
        named = {one.id for one in ast.walk(node.type or ast.Pass()) if isinstance(one, ast.Name)}
        silent = all(
            isinstance(one, ast.Pass | ast.Continue)
            or (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))
            for one in node.body
        )
        return silent and (node.type is None or bool(named & broad))
    if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "suppress":
        return any(isinstance(one, ast.Name) and one.id in broad for one in node.args)
    return False


def test_an_error_is_handled_or_raised_again() -> None:
    for path in python_files(*OURS):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            assert not swallows(node), f"{path}:{getattr(node, 'lineno', 0)}"


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("try:\n    f()\nexcept Exception:\n    pass", True),
        ("try:\n    f()\nexcept:\n    ...", True),
        ("try:\n    f()\nexcept (ValueError, BaseException):\n    'why'", True),
        ("for x in y:\n    try:\n        f()\n    except Exception:\n        continue", True),
        ("with contextlib.suppress(Exception):\n    f()", True),
        ("try:\n    f()\nexcept Exception as error:\n    log(error)", False),
        ("try:\n    f()\nexcept FileNotFoundError:\n    pass", False),
        ("with suppress(OSError):\n    f()", False),
    ],
)
def test_a_swallowed_error_is_seen(code: str, wrong: bool) -> None:
    assert any(swallows(node) for node in ast.walk(ast.parse(code))) == wrong


def test_no_multiprocessing() -> None:
    """It would start Blender again instead of Python."""
    for path in python_files("solver", "blender_addon"):
        assert "multiprocessing" not in imports(path), path


def test_every_data_file_of_the_solver_is_packaged() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = project["tool"]["setuptools"]["package-data"]["solver"]
    packed = {path for pattern in patterns for path in (ROOT / "solver").glob(pattern)}
    data = {path for path in tracked() if path.is_relative_to(ROOT / "solver")}
    assert {path for path in data if path.suffix != ".py"} <= packed


def test_pickles_are_read_in_one_place_only() -> None:
    """The users' SMPL-H files are pickles: one reader, with a list of what it lets in."""
    allowed = {ROOT / "solver" / "body" / "reader.py", ROOT / "tests" / "test_body_reader.py"}
    assert {path for path in python_files(*OURS) if "pickle" in imports(path)} <= allowed


def test_the_solver_does_not_print() -> None:
    """Its stdout belongs to the protocol."""
    for path in python_files("solver"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            assert not (called and node.func.id == "print"), f"{path}:{node.lineno}"  # type: ignore[attr-defined]


def test_one_version_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    manifest = tomllib.loads(
        (ROOT / "blender_addon" / "blender_manifest.toml").read_text(encoding="utf-8")
    )
    code = (ROOT / "solver" / "__init__.py").read_text(encoding="utf-8")
    assert f'__version__ = "{project["version"]}"' in code
    assert manifest["version"] == project["version"]
    assert f"## {project['version']}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def _locked(path: Path) -> dict[str, set[str]]:
    """Package -> its lines in a lock, without environment markers."""
    found: dict[str, set[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        exact = line.split("#")[0].split(";")[0].strip()
        if exact:
            found.setdefault(_normal(exact.split("==")[0]), set()).add(exact)
    return found


def _normal(name: str) -> str:
    """A package's name as the index compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def test_locks_are_exact_and_agree() -> None:
    lock = _locked(ROOT / "requirements.lock")
    shipped = _locked(ROOT / "wheels" / "requirements.lock")
    assert lock["torch"] == {"torch==2.13.0"}
    for lines in [*lock.values(), *shipped.values()]:
        assert all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in lines), lines
    for name, lines in shipped.items():
        assert lock[name] <= lines, name


def test_every_requirement_is_locked_and_every_import_required() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = {_normal(re.split(r"[<>=!~ ]", line)[0]) for line in project["dependencies"]}
    assert needed <= _locked(ROOT / "wheels" / "requirements.lock").keys()
    packages = {"PIL": "pillow", "warp": "warp-lang"}
    optional = {
        "diffusers", "transformers", "onnxruntime", "mujoco", "ray", "smplx", "pytorch3d",
    }  # fmt: skip
    for path in python_files("solver"):
        third_party = imports(path) - sys.stdlib_module_names - {"solver"} - optional
        assert {packages.get(name, name) for name in third_party} <= needed, path
