"""Which command does what: the dispatch of `build_addon.py`."""

import argparse
import sys
from pathlib import Path

from buildtools import demo, gui, package, suite, wheels
from solver.errors import SolverError

ROOT = Path(__file__).resolve().parent.parent

INTERRUPTED = (
    "Interrupted. Run the same command again: it keeps what is finished, and makes what was half "
    "done again, from pip's cache where pip has a whole file."
)


def run(options: argparse.Namespace) -> int:
    """Run the command named in `options` and return the exit code of the process."""
    try:
        return _dispatch(options)
    except SolverError as error:
        print(f"{error} {error.remedy}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(INTERRUPTED, file=sys.stderr)
        return 130


def _dispatch(options: argparse.Namespace) -> int:
    """Call the function behind the command."""
    match options.command:
        case "demo":
            return demo.show(ROOT, options)
        case "test":
            if options.blender:
                gui.own_blender(options.blender)
            code = suite.test(ROOT)
            if options.gui or options.blender:
                code = gui.test(ROOT, options.blender) or code
            return code
        case "wheels":
            return wheels.fill(ROOT, options.platform, options.python)
        case _:
            print(f"Wrote {package.build(ROOT)}.")
            return 0
