"""What the person wears: one material per part of the body, shared by all results."""

import bpy
import numpy as np
from numpy.typing import NDArray

from .linked import is_linked

MARK = "interact_part"
PARTS: dict[str, tuple[tuple[float, float, float], float]] = {
    "Skin": ((0.62, 0.37, 0.26), 0.5),
    "Shirt": ((0.13, 0.32, 0.44), 0.85),
    "Trousers": ((0.075, 0.09, 0.145), 0.9),
    "Shoes": ((0.075, 0.075, 0.08), 0.5),
    "Hair": ((0.055, 0.03, 0.02), 0.6),
    "Grey Hair": ((0.46, 0.45, 0.43), 0.6),
}
"""Name -> linear colour and roughness, in the order of the solver's material numbers."""


def dress(mesh: bpy.types.Mesh, part_of_face: NDArray[np.integer]) -> None:
    """Give each face the material of its part; parts without a face get no slot."""
    names = list(PARTS)
    part_of_face = np.clip(part_of_face, 0, len(names) - 1)
    used, slots = np.unique(part_of_face, return_inverse=True)
    for part in used:
        mesh.materials.append(material(names[int(part)]))
    mesh.polygons.foreach_set("material_index", slots.reshape(-1).astype(np.int32))


def material(part: str) -> bpy.types.Material:
    """The file's material for that part, made at its first use and the artist's own afterwards."""
    for known in bpy.data.materials:
        if known.get(MARK) == part and not is_linked(known):
            return known
    colour, roughness = PARTS[part]
    made = bpy.data.materials.new(f"Interact {part}")
    made[MARK] = part
    made.diffuse_color = (*colour, 1.0)
    made.roughness = roughness
    if bpy.app.version < (5, 0, 0):  # From 5.0 every material has nodes.
        made.use_nodes = True
    shader = next(node for node in made.node_tree.nodes if node.type == "BSDF_PRINCIPLED")
    shader.inputs["Base Color"].default_value = (*colour, 1.0)
    shader.inputs["Roughness"].default_value = roughness
    return made
