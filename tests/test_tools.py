"""Which end of a tool is in front: its grip tells."""

import math

import numpy as np
import torch
import trimesh
from affordance_objects import box, item_of, rod
from trimesh.transformations import rotation_matrix

from solver.artefacts import Grip, Item
from solver.task.tools import working_direction


def pistol(lean: float) -> tuple[Item, Grip]:
    """A barrel along x, alike at both ends, on a grip whose foot leans back (to -x) by `lean`."""
    grip = rod(0.015, 0.12, (0, 0, 0), "y")
    grip.apply_transform(rotation_matrix(-lean, [0, 0, 1]))
    axis = np.array([math.sin(lean), math.cos(lean), 0.0])
    barrel = box((0.24, 0.05, 0.03), (0.09 * axis[0], 0.09 * axis[1], 0.0))
    item = item_of(grip, barrel, count=6000)
    low = trimesh.util.concatenate([grip, barrel]).bounds.mean(axis=0)
    low[1] = trimesh.util.concatenate([grip, barrel]).bounds[0, 1]
    centre = torch.tensor(-low, dtype=torch.float32)
    along = torch.tensor(axis, dtype=torch.float32)
    return item, Grip(centre, along, torch.tensor([0.0, 0.0, 1.0]), 0.015, 0.12, "right_hand")


def test_a_grip_slants_back_from_the_head() -> None:
    for lean in (0.35, -0.35):
        way = working_direction(*pistol(lean))
        assert way is not None
        assert float(way[0]) * math.copysign(1.0, lean) > 0.9


def test_the_way_is_the_barrels_own_however_the_grip_slants() -> None:
    for lean in (0.0, 0.2, 0.35, -0.35):
        way = working_direction(*pistol(lean))
        assert way is not None
        assert abs(float(way[1])) < math.sin(math.radians(1.5))
