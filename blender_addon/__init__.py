"""Interact Anything: a person into contact with any object, from one sentence."""

import bpy

from . import (
    cli,
    operators,
    panels,
    planning,
    plans,
    preferences,
    properties,
    refining,
    service,
    setup_operators,
)

CLASSES = (
    *plans.CLASSES,
    properties.InteractSettings,
    *preferences.CLASSES,
    *operators.CLASSES,
    *planning.CLASSES,
    *refining.CLASSES,
    *setup_operators.CLASSES,
    *panels.CLASSES,
)
"""The only list of classes."""
COMMAND = "interact"
_commands: list[object] = []


def register() -> None:
    """Add everything to Blender."""
    for cls in CLASSES:
        bpy.utils.register_class(cls)
    properties.register()
    plans.register()
    service.register()
    preferences.refresh_state()
    _commands.append(bpy.utils.register_cli_command(COMMAND, cli.command))


def unregister() -> None:
    """The mirror image; also ends the solver and a running set-up."""
    bpy.utils.unregister_cli_command(_commands.pop())
    if (setup := setup_operators.under_way()) is not None:
        setup.cancel()
    service.unregister()
    plans.unregister()
    properties.unregister()
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
