"""Run by a windowed Blender: starts a job and says which process solves it, then only waits.

blender SCENE.blend --python start_job.py -- FOLDER
"""

import importlib
import sys
from pathlib import Path

import bpy

FOLDER = Path(sys.argv[sys.argv.index("--") + 1])


def tick() -> float:
    """Start the job once Blender draws; note the solver when it is at work."""
    session = importlib.import_module("bl_ext.user_default.interact_anything.service").session
    window = bpy.context.window_manager.windows[0]
    if not session.jobs:
        area = next(area for area in window.screen.areas if area.type == "VIEW_3D")
        region = next(region for region in area.regions if region.type == "WINDOW")
        with bpy.context.temp_override(window=window, area=area, region=region):
            bpy.ops.interact.generate("INVOKE_DEFAULT")
    elif session.jobs[-1].fraction > 0.02:
        (FOLDER / "busy.pid").write_text(str(session.pid), encoding="utf-8")
    return 0.2


bpy.app.timers.register(tick, first_interval=3.0)
