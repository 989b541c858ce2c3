"""What comes from another file and may only be read."""

import bpy


def is_linked(block: bpy.types.ID) -> bool:
    """Whether a data-block belongs to another .blend, so that changes to it would be lost."""
    return block.library is not None
