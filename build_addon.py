#!/usr/bin/env python3
"""Builds, shows and tests Interact Anything on a machine that has nothing but Python 3.11.

    python3 build_addon.py                 the installable extension, in dist/
    python3 build_addon.py demo            a person on the example chair: .blend, .png and .json
    python3 build_addon.py test [--gui]    the test suite; with --gui also in a real Blender window
    python3 build_addon.py wheels          the solver's wheels, for a set-up without a network

Whatever a command needs (virtual environments, packages) it sets up first. Standard library only.
"""

import argparse
import sys

WANTED = (3, 11)

SIDES = ("auto", "+x", "-x", "+y", "-y", "+z", "-z")


def _demo_options(parser):
    """The options of `demo`, as the README lists them."""
    parser.add_argument("--object", metavar="FILE", help="glb, gltf, obj, stl, ply or fbx")
    parser.add_argument("--prompt", metavar="TEXT", help="what the person does with the object")
    parser.add_argument("--output", metavar="FILE.blend", help="default: dist/demo.blend")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--variants", type=int, default=1, help="1 to 8, the best is shown")
    parser.add_argument("--quality", choices=("draft", "standard", "fine"), default="standard")
    parser.add_argument("--front", choices=SIDES, default="auto", help="the object's front (glTF)")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")


def parser():
    """The command line."""
    top = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = top.add_subparsers(dest="command")
    commands.add_parser("build", help="write the installable extension to dist/ (the default)")
    _demo_options(commands.add_parser("demo", help="put a person on an object, headless"))
    test = commands.add_parser("test", help="set up and run the test suite")
    test.add_argument("--gui", action="store_true", help="also drive a real Blender window")
    test.add_argument("--blender", metavar="PATH", help="the Blender for --gui, not Debian's 4.3")
    wheels = commands.add_parser("wheels", help="fill wheels/ for an offline set-up")
    wheels.add_argument("--platform", action="append", help="linux-x64, windows-x64, macos-arm64")
    wheels.add_argument("--python", action="append", help="3.11, 3.13, ...: Blender's own Python")
    return top


def joined(words):
    """`--front -z` as `--front=-z`: argparse takes a lone -z for an option."""
    words = list(words)
    for index in range(len(words) - 1, 0, -1):
        if words[index - 1] == "--front" and words[index] in SIDES:
            words[index - 1 : index + 1] = ["--front=" + words[index]]
    return words


def main(arguments=None):
    """Run one command and return its exit code."""
    options = parser().parse_args(joined(sys.argv[1:] if arguments is None else arguments))
    if sys.version_info[:2] != WANTED:
        print(
            "Interact Anything is built with Python {}.{}, the only one that Blender's module bpy "
            "exists for, and this is Python {}.{} ({}): install that Python and run it as "
            "python3.11 build_addon.py.".format(*WANTED, *sys.version_info[:2], sys.executable),
            file=sys.stderr,
        )
        return 2
    from buildtools.commands import run

    return run(options)


if __name__ == "__main__":
    sys.exit(main())
