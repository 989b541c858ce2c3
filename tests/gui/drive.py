"""Run by a windowed Blender: clicks through the extension as an artist would, and takes notes.

blender --enable-event-simulate -p 0 0 1280 720 SCENE.blend --python drive.py -- FOLDER

Writes `FOLDER/gui.json`, a list of [what, ok, detail], and pictures of the screen. A step is a
generator that yields the seconds to wait; between two steps Blender draws and works.
"""

import importlib
import json
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import bpy

sys.path.insert(0, str(Path(__file__).parent))

from edit_plan import read_and_edit

FOLDER = Path(sys.argv[sys.argv.index("--") + 1])
MODULE = "bl_ext.user_default.interact_anything"
ROW = 24
"""Pixels from one row of a panel to the next."""
GENERATE = 62
"""Pixels from the top of the sidebar to the middle of Generate Interaction."""
CANCEL = GENERATE + 18 + 14 + 4 * ROW
"""The same for Cancel of the only job: below prompt, object, its name and the job's title."""
REPLACE = 512 + 26
"""The same for the button of the newest result that makes it anew, while no job is shown."""
PATIENCE = 400
"""Seconds that a job may take here: two slow cores that also draw the window."""

Steps = Iterator[float]
notes: list[list] = []


def session():
    """The extension's session: what the panel shows, it knows."""
    return importlib.import_module(f"{MODULE}.service").session


def window() -> bpy.types.Window:
    """The only window."""
    return bpy.context.window_manager.windows[0]


def view() -> bpy.types.Area:
    """The 3D view."""
    return next(area for area in window().screen.areas if area.type == "VIEW_3D")


def sidebar() -> bpy.types.Region:
    """The sidebar of the 3D view, shown."""
    view().spaces.active.show_region_ui = True
    return next(region for region in view().regions if region.type == "UI")


def event(kind: str, value: str, x: int, y: int, **keys: bool) -> None:
    """One event of mouse or keyboard at a pixel of the window, Y up."""
    window().event_simulate(type=kind, value=value, x=x, y=y, **keys)


def click(x: int, y: int) -> Steps:
    """Move there, then press: a button must see the mouse before it takes a press."""
    event("MOUSEMOVE", "NOTHING", x, y)
    yield 0.3
    event("MOUSEMOVE", "NOTHING", x + 1, y)
    yield 0.2
    event("LEFTMOUSE", "PRESS", x, y)
    event("LEFTMOUSE", "RELEASE", x, y)
    yield 0.2


def click_sidebar(below_top: int, across: float = 0.5) -> Steps:
    """Click into the sidebar, `below_top` pixels under its upper edge."""
    region = sidebar()
    yield from click(region.x + int(region.width * across), region.y + region.height - below_top)


def key(kind: str, **keys: bool) -> Steps:
    """Press a key with the mouse over the 3D view."""
    x, y = view().x + 200, view().y + 200
    event("MOUSEMOVE", "NOTHING", x, y)
    yield 0.2
    event(kind, "PRESS", x, y, **keys)
    event(kind, "RELEASE", x, y, **keys)
    yield 1.0


def until(what: str, true: Callable[[], object], seconds: float) -> Steps:
    """Wait for something; note how long it took, and fail if it does not happen."""
    began = time.monotonic()
    while not true():
        if time.monotonic() - began > seconds:
            shoot(f"failed-{len(notes)}")
            raise AssertionError(f"{what}: not within {seconds} s; jobs: {states()}")
        yield 0.05
    note(what, True, f"{time.monotonic() - began:.1f} s")


def note(what: str, ok: object, detail: str = "") -> None:
    """Keep the outcome of one check."""
    notes.append([what, bool(ok), detail])
    (FOLDER / "gui.json").write_text(json.dumps(notes, indent=1), encoding="utf-8")


def shoot(name: str) -> None:
    """A picture of the screen; Blender's own would be black."""
    subprocess.run(["import", "-window", "root", str(FOLDER / f"{name}.png")], check=False)


def frame() -> None:
    """Look at everything in the scene; no change to the file."""
    region = next(region for region in view().regions if region.type == "WINDOW")
    with bpy.context.temp_override(window=window(), area=view(), region=region):
        bpy.ops.view3d.view_all()


def states() -> list[str]:
    """All jobs, for the notes."""
    return [f"{job.state} {job.stage} {job.fraction:.2f} {job.what}" for job in session().jobs]


def names() -> set[str]:
    """What the file holds: what undo must bring back."""
    kinds = ("objects", "meshes", "armatures", "collections", "materials")
    return {f"{kind}/{item.name}" for kind in kinds for item in getattr(bpy.data, kind)}


def objects() -> set[str]:
    """The names of the objects of the scene."""
    return {obj.name for obj in bpy.context.scene.objects}


def open_tab() -> Steps:
    """Click down the column of tabs until ours is open: Python cannot set it."""
    region = sidebar()
    yield 1.0
    for below in range(20, region.height, 25):
        if region.active_panel_category == "Interact":
            break
        yield from click(region.x + region.width - 10, region.y + region.height - below)
    note("the tab Interact opens", region.active_panel_category == "Interact")


def cancel_one() -> Steps:
    """Generate, see progress, cancel."""
    yield from click_sidebar(GENERATE)
    yield from until("a click starts a job", lambda: session().jobs, 5)
    yield from until("progress is shown", lambda: session().jobs[-1].fraction > 0.02, PATIENCE)
    yield 0.5
    shoot("2-progress")
    job, before = session().jobs[-1], objects()
    pid = session().pid
    yield from click_sidebar(CANCEL, 0.85)
    yield from until("Cancel ends the job", lambda: job.state == "cancelled", 2)
    yield 2.0
    note("a cancelled job leaves nothing", objects() == before, str(objects() - before))
    note("the solver survives a cancel", session().pid == pid, f"{pid} {session().pid}")
    shoot("3-cancelled")


def generate_one(title: str) -> Steps:
    """Generate and wait for the person."""
    known, before = len(session().jobs), objects()
    yield from click_sidebar(GENERATE)
    yield from until(f"{title}: a click starts a job", lambda: len(session().jobs) > known, 5)
    job = session().jobs[-1]
    yield from until(f"{title}: the job ends", lambda: job.over, PATIENCE)
    note(f"{title}: a person is in the scene", objects() - before, f"{job.state} {job.what}")
    yield 1.0


def undo_and_redo(empty: set[str], full: set[str]) -> Steps:
    """One undo takes the person away, one redo brings it back."""
    yield from key("Z", ctrl=True)
    note("one undo takes everything away", names() == empty, str(names() ^ empty))
    shoot("5-undone")
    yield from key("Z", ctrl=True, shift=True)
    note("redo brings it back", names() == full, str(names() ^ full))


def replace_one() -> Steps:
    """The button of a result puts a new one in its place; nothing else changes."""
    known, old = len(session().jobs), {rig.session_uid for rig in rigs()}
    yield from click_sidebar(REPLACE, 0.733)
    yield from until("replace: a click starts a job", lambda: len(session().jobs) > known, 5)
    job = session().jobs[-1]
    note("replace: the job knows whose place it takes", job.replace, str(job.replace))
    yield from until("replace: the job ends", lambda: job.over, PATIENCE)
    yield 1.0
    new = {rig.session_uid for rig in rigs()}
    note("replace: one person for another", len(new) == len(old) and not new & old, job.what)


def rigs() -> list[bpy.types.Object]:
    """The people of the file."""
    return [obj for obj in bpy.data.objects if obj.type == "ARMATURE"]


def queue_and_escape() -> Steps:
    """A second click waits for the first one's job; Esc cancels both."""
    known, before = len(session().jobs), objects()
    yield from click_sidebar(GENERATE)
    yield from until("queue: it solves", lambda: session().jobs[-1].fraction > 0.02, PATIENCE)
    yield from click_sidebar(GENERATE)
    yield from until("queue: a second click adds a job", lambda: len(session().jobs) > known + 1, 5)
    first, second = session().jobs[-2:]
    states = f"{first.state} {second.state}"
    note("queue: the second waits", states == "solving queued", states)
    yield 0.5
    shoot("5-queued")
    yield from key("ESC")
    ended = first.state == second.state == "cancelled"
    note("Esc cancels both", ended, f"{first.state} {second.state}")
    yield 2.0
    note("queue: nothing is left in the scene", objects() == before, str(objects() - before))


def save_and_reopen(full: set[str]) -> Steps:
    """The saved file holds the person, and no job."""
    path = str(FOLDER / "saved.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    with bpy.context.temp_override(window=window()):
        bpy.ops.wm.open_mainfile(filepath=path)
    yield 2.0
    note("the saved file holds the person", names() >= full, str(full - names()))
    note("the solver stays warm", session().warm)
    sidebar()
    shoot("6-reopened")


def survive_a_kill() -> Steps:
    """A kill -9 of the solver is a sentence, and the next click works."""
    yield from open_tab()
    known = len(session().jobs)
    yield from click_sidebar(GENERATE)
    yield from until("a job to be killed starts", lambda: len(session().jobs) > known, 5)
    job = session().jobs[-1]
    yield from until("it solves", lambda: job.state == "solving" and job.fraction > 0.02, PATIENCE)
    os.kill(session().pid, signal.SIGKILL)
    yield from until("a killed solver fails its job", lambda: job.state == "failed", 5)
    note("the failure is a sentence with a remedy", job.what and job.remedy, job.what)
    yield 0.5
    shoot("7-killed")
    event("MOUSEMOVE", "NOTHING", 40, 40)  # Blender's own report covers the button until then.
    yield 1.0
    yield from generate_one("after the kill")
    shoot("8-after-kill")


def scenario() -> Steps:
    """The whole visit."""
    yield 1.0
    yield from open_tab()
    yield 0.5
    shoot("1-panel")
    yield from cancel_one()
    yield from read_and_edit(SimpleNamespace(**globals()))
    empty = names()
    yield from generate_one("second click")
    frame()
    yield 1.0
    shoot("4-result")
    full = names()
    yield from undo_and_redo(empty, full)
    yield from replace_one()
    yield from queue_and_escape()
    full = names()
    yield from save_and_reopen(full)
    yield from survive_a_kill()
    (FOLDER / "solver.pid").write_text(str(session().pid), encoding="utf-8")


steps = scenario()


def tick() -> float | None:
    """Go on to the next wait; leave Blender at the end."""
    try:
        return next(steps)
    except StopIteration:
        note("the visit ends", True)
    except Exception:  # Whatever it was, the notes carry it to the test.
        note("the visit ends", False, traceback.format_exc())
    bpy.ops.wm.quit_blender()
    return None


bpy.app.timers.register(tick, first_interval=3.0, persistent=True)
