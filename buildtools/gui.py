"""`test --gui`: the built zip in a real Blender with a window, on a display that nobody sees."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from buildtools import package
from buildtools.debian import host_python, inside, make_debian
from buildtools.demo import EXAMPLE, fresh_folder
from buildtools.environments import make_ready, solver_environment
from buildtools.suite import Layer, summarise
from solver.errors import SolverError

PROMPT = "a woman sits on the chair, reading"
SCREEN = "1280x720x24"
LIMIT = 2400
"""Seconds for one run of Blender."""
START_LIMIT = 180
"""Seconds until a job is under way in a new window."""


@dataclass(frozen=True)
class Check:
    """One thing that was looked at."""

    what: str
    ok: bool
    detail: str = ""


@dataclass(frozen=True)
class Stage:
    """How programs are started, and where things lie."""

    wrap: Callable[[Sequence[str]], list[str]]
    """Words -> the command that runs them where Blender is."""
    blender: str
    work: Path
    """Folder of this run: profile, scenes, pictures."""
    sockets: Path
    """Folder where the display's socket appears."""
    display: int


def test(root: Path, blender: str | None) -> int:
    """Drive the extension through its windows and its command line; 0 only if all is well."""
    began = time.monotonic()
    solver = make_ready(solver_environment(root))
    extension = package.build(root)
    work = fresh_folder(root / "build" / "gui")
    (work / "tmp").mkdir()
    stage = own_stage(work, solver, blender) if blender else debian_stage(root, work, solver)
    checks = [*install(stage, extension, root), *windows(stage, root)]
    checks += [*killed(stage, root), *command_line(stage)]
    for check in checks:
        print(f"{'ok    ' if check.ok else 'FAILED'}  {check.what}  {check.detail}")
    print(f"Pictures of the screen: {work}")
    failed = sum(not check.ok for check in checks)
    passed, seconds = len(checks) - failed, time.monotonic() - began
    return summarise([Layer("gui", failed, seconds, passed, failed)])


def settings_for(work: Path, solver: Path, display: int) -> dict[str, str]:
    """The environment of every program: a private profile, our solver, a display."""
    return {
        "BLENDER_USER_RESOURCES": str(work / "profile"),
        "INTERACT_SOLVER_PYTHON": str(solver),
        "INTERACT_CACHE": str(work / "jobs"),
        "TMPDIR": str(work / "tmp"),
        "DISPLAY": f":{display}",
    }


def debian_stage(root: Path, work: Path, solver: Path) -> Stage:
    """Debian's Blender in its own folder; it calls this machine's solver."""
    debian = make_debian(root)
    sockets = debian.folder / "tmp" / ".X11-unix"
    display = free_display(sockets)
    python = host_python(debian, solver, work / "solver-python")
    settings = settings_for(work, python, display)
    return Stage(lambda words: inside(debian, words, settings), "blender", work, sockets, display)


def own_stage(work: Path, solver: Path, blender: str) -> Stage:
    """A Blender of the user's. Needs Xvfb, and ImageMagick's `import` for the pictures.

    Raises:
        SolverError: If one of them is missing.
    """
    program = own_blender(blender)
    sockets = Path("/", "tmp", ".X11-unix")
    display = free_display(sockets)
    settings = {**os.environ, **settings_for(work, solver, display), "LIBGL_ALWAYS_SOFTWARE": "1"}
    words = ["env", *(f"{name}={value}" for name, value in settings.items())]
    return Stage(lambda more: [*words, *more], str(program), work, sockets, display)


def own_blender(blender: str) -> Path:
    """The program of a Blender of the user's; asked before anything runs.

    Raises:
        SolverError: If it is none, or if Xvfb or ImageMagick's `import` is missing.
    """
    path = shutil.which(blender)
    if path is None:
        raise SolverError(
            f"There is no program at '{blender}'.",
            remedy="Give --blender the path of Blender's own program, or leave it out.",
        )
    for program in ("Xvfb", "import"):
        if shutil.which(program) is None:
            raise SolverError(
                f"There is no program '{program}', which --blender needs.",
                remedy="Install it (Debian: xvfb, imagemagick), or leave --blender out.",
            )
    return Path(path).resolve()


def free_display(sockets: Path) -> int:
    """A display number that no server uses."""
    return next(number for number in range(77, 177) if not (sockets / f"X{number}").exists())


def install(stage: Stage, extension: Path, root: Path) -> Iterator[Check]:
    """Install the zip as a user does, and make a scene with it."""
    copied = Path(shutil.copy2(extension, stage.work))
    words = ["--command", "extension", "install-file", "-r", "user_default", "--enable"]
    yield run(stage, "the built zip installs", [*words, str(copied)])
    script = root / "tests" / "gui" / "make_scene.py"
    made = [str(root / EXAMPLE), str(stage.work / "scene.blend"), PROMPT]
    words = ["-b", "--python-exit-code", "4", "-P", str(script), "--", *made]
    yield run(stage, "a scene with a chair is made", words)


def windows(stage: Stage, root: Path) -> Iterator[Check]:
    """The visit of `tests/gui/drive.py`, and what is left after it."""
    script = root / "tests" / "gui" / "drive.py"
    words = ["--enable-event-simulate", "-p", "0", "0", "1280", "720"]
    words += [str(stage.work / "scene.blend"), "--python", str(script), "--", str(stage.work)]
    with screen(stage):
        yield run(stage, "Blender opens its window, and leaves by itself", words)
    noted = stage.work / "gui.json"
    if noted.exists():
        yield from (Check(*row) for row in json.loads(noted.read_text(encoding="utf-8")))
    yield Check("no solver is left behind", ended(stage.work / "solver.pid"))


def killed(stage: Stage, root: Path) -> Iterator[Check]:
    """A Blender killed in the middle of a job takes its solver with it."""
    script, noted = root / "tests" / "gui" / "start_job.py", stage.work / "busy.pid"
    words = ["-p", "0", "0", "1280", "720", str(stage.work / "scene.blend")]
    words += ["--python", str(script), "--", str(stage.work)]
    print("... Blender is killed in the middle of a job", flush=True)
    with screen(stage):
        process = subprocess.Popen(
            stage.wrap([stage.blender, *words]), stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT
        )
        began = time.monotonic()
        while not noted.exists() and time.monotonic() - began < START_LIMIT:
            time.sleep(0.2)
        process.kill()
        process.wait()
    yield Check("a killed Blender leaves no solver behind", ended(noted))


def ended(noted: Path) -> bool:
    """Whether the process whose number is in the file `noted` is gone, or goes within 5 s."""
    if not noted.exists():
        return False
    left = Path("/proc", noted.read_text(encoding="utf-8").strip())
    for _ in range(50):
        if not left.exists():
            return True
        time.sleep(0.1)
    return False


def command_line(stage: Stage) -> Iterator[Check]:
    """`blender -b ... --command interact`: good jobs, failing jobs, both."""
    scene, output = stage.work / "scene.blend", stage.work / "batch.blend"
    before = scene.read_bytes()
    base = ["-b", str(scene), "--command", "interact", f"--output={output}"]
    good = ["--object=chair", f"--prompt={PROMPT}", f"--report={stage.work / 'batch.json'}"]
    yield run(stage, "--command interact does a job", [*base, *good])
    written = output.exists() and (stage.work / "batch.json").exists()
    yield Check("and writes its file and its report", written)
    made = output.read_bytes() if output.exists() else b""
    bad = ["--object=no such thing", f"--prompt={PROMPT}"]
    yield run(stage, "it fails for an object that is not there", [*base, *bad], fails="no such")
    same = output.exists() and output.read_bytes() == made
    yield Check("and leaves the file of the job before as it is", same)
    jobs = stage.work / "mixed.json"
    rows = [{"object": "chair", "prompt": PROMPT}, {"object": "chair", "prompt": ""}]
    jobs.write_text(json.dumps(rows), encoding="utf-8")
    words = [*base, f"--jobs={jobs}", "--quality=draft"]
    yield run(stage, "it fails when one of two jobs fails", words, fails="FAILED")
    yield Check("the opened file was never written", scene.read_bytes() == before)


def run(stage: Stage, what: str, words: Sequence[str], *, fails: str = "") -> Check:
    """Run Blender once; its words go to a log in the folder of this run.

    Args:
        stage: Where.
        what: What is checked.
        words: Blender's arguments.
        fails: If given, Blender has to end with a failure, and to say this on the way.
    """
    print(f"... {what}", flush=True)
    log = stage.work / f"{what[:40].strip().replace(' ', '-')}.log"
    with log.open("wb") as sink:
        try:
            done = subprocess.run(
                stage.wrap([stage.blender, *words]),
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                timeout=LIMIT,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Check(what, ok=False, detail=f"stopped after {LIMIT} s, {log.name}")
    said = log.read_text(encoding="utf-8", errors="replace")
    ok = (done.returncode != 0 and fails in said) if fails else done.returncode == 0
    return Check(what, ok, f"exit code {done.returncode}, {log.name}")


@contextmanager
def screen(stage: Stage) -> Iterator[None]:
    """A display in memory, as long as the block runs.

    Raises:
        SolverError: If it does not start.
    """
    words = ["Xvfb", f":{stage.display}", "-screen", "0", SCREEN, "+extension", "GLX"]
    log = (stage.work / "xvfb.log").open("wb")
    server = subprocess.Popen(
        stage.wrap([*words, "-nolisten", "tcp"]), stdout=log, stderr=subprocess.STDOUT
    )
    try:
        for _ in range(100):
            if (stage.sockets / f"X{stage.display}").exists():
                break
            time.sleep(0.1)
        else:
            raise SolverError("Xvfb did not start.", remedy=f"See {stage.work / 'xvfb.log'}.")
        yield
    finally:
        server.terminate()
        server.wait(timeout=10)
        log.close()
