"""The built zip, installed as a user installs it, in a Blender of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

INSTALL = """
import os, sys
import bpy
bpy.ops.extensions.package_install_files(
    filepath=sys.argv[1], repo="user_default", enable_on_install=True
)
module = "bl_ext.user_default.interact_anything"
assert module in bpy.context.preferences.addons, list(bpy.context.preferences.addons.keys())
assert hasattr(bpy.types, "INTERACT_OT_generate")
assert hasattr(bpy.types.Scene, "interact")
assert os.path.isfile(os.path.join(os.path.dirname(sys.modules[module].__file__), "LICENSE"))
bpy.ops.preferences.addon_disable(module=module)
assert not hasattr(bpy.types, "INTERACT_OT_generate")
assert not hasattr(bpy.types.Scene, "interact")
assert not {"torch", "warp", "scipy"} & sys.modules.keys()
print("INSTALLED")
sys.stdout.flush()
os._exit(0)  # A wheel's own exit can hang.
"""


@pytest.mark.blender
def test_the_built_zip_installs_and_leaves_nothing_when_disabled(tmp_path: Path) -> None:
    zips = sorted((ROOT / "dist").glob("interact_anything-*.zip"))
    if not zips:
        pytest.skip("needs the zip: python build_addon.py")
    done = subprocess.run(
        [sys.executable, "-c", INSTALL, str(zips[-1])],
        env={**os.environ, "BLENDER_USER_RESOURCES": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert "INSTALLED" in done.stdout, done.stdout + done.stderr
