"""Which end of a tool is in front: its grip tells; and the hand that props who kneels over it."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
import trimesh
from affordance_objects import box, held, item_of, rod
from test_affordance import find
from trimesh.transformations import rotation_matrix

from solver.artefacts import Affordance, Grip, Item
from solver.body import load_body, pose_body, shape_body
from solver.body.poses import library
from solver.geometry.rotations import matrix_from_rotvec
from solver.optimisation.grasp import make_hand
from solver.optimisation.grasp.hand import finger_joints
from solver.optimisation.grasp.hold import freedoms
from solver.optimisation.grasp.search import DIMENSIONS, place_object
from solver.plan import make_plan
from solver.task import resolve
from solver.task.tools import working_direction
from solver.vocabulary import BodyPart, HeldAttitude, Posture, side_of


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


SPADE = (
    box((0.2, 0.3, 0.012), (0, 0.15, 0)),
    rod(0.016, 0.7, (0, 0.65, 0), "y"),
    rod(0.016, 0.14, (0, 1.0, 0), "x"),
)


@pytest.mark.parametrize(("attitude", "share"), [("aimed_down", 0.2), ("scooping", 0.3)])
def test_the_other_hand_of_who_digs_is_higher_on_the_shaft(
    attitude: HeldAttitude, share: float
) -> None:
    """So far from the end, in lengths of the tool; a standing shaft is reached from the side."""
    item = item_of(*SPADE)
    hands = held(("right_hand", "grip", "grasp"), ("left_hand", "handle", "grasp"))
    found = find(item, replace(hands, attitude=attitude, styles=("dig",)))
    grip = next(grip for grip in found.grips if grip.part == "left_hand")
    length = float(item.mesh.extent[1])
    assert (length - float(grip.centre[1])) / length == pytest.approx(share, abs=0.02)


@pytest.mark.parametrize("part", ["left_hand", "right_hand"])
def test_who_leans_has_the_palm_on_top_of_a_spades_crossbar(part: BodyPart) -> None:
    """So has who digs; who scoops has the fingers along the shaft, a quarter turn away."""
    item = item_of(*SPADE)
    axis, up = torch.tensor([1.0, 0.0, 0.0]), torch.tensor([0.0, 1.0, 0.0])
    grip = Grip(torch.tensor([0.0, 1.0, 0.0]), axis, up, 0.016, 0.14, part)
    hand = make_hand(shape_body(load_body()), side_of(part), "power")

    def downward(posture: Posture, attitude: HeldAttitude = "free") -> float:
        """Of the palm in the middle of what the hand may do."""
        what = replace(held(), posture=posture, attitude=attitude, styles=("dig",))
        free = freedoms(item, what, grip)[0]
        middle = torch.full((1, DIMENSIONS), 0.5)
        T = place_object(hand, grip, middle, free.flips[0], free.roll)[0]
        return float((T[:3, :3].T @ hand.frame[:, 2]) @ -up)

    assert downward("lean") > math.cos(math.radians(20))
    assert downward("stand", "aimed_down") > math.cos(math.radians(20))
    assert abs(downward("stand", "scooping")) < math.sin(math.radians(30))


@pytest.mark.parametrize(("attitude", "free"), [("upright", True), ("aimed_forward", False)])
def test_a_case_hangs_from_its_handle_and_a_tool_is_led_by_its_head(
    attitude: str, free: bool
) -> None:
    item = item_of(
        box((0.5, 0.38, 0.18), (0, 0.19, 0)),
        *[box((0.02, 0.05, 0.02), (x, 0.4, 0)) for x in (-0.07, 0.07)],
        box((0.16, 0.02, 0.025), (0, 0.43, 0)),
    )
    axis, up = torch.tensor([-1.0, 0.0, 0.0]), torch.tensor([0.0, 1.0, 0.0])
    grip = Grip(torch.tensor([0.0, 0.43, 0.0]), axis, up, 0.013, 0.06, "right_hand")
    what = replace(held(("right_hand", "handle", "grasp")), attitude=attitude)  # pyright: ignore[reportArgumentType]
    (freedom, *_) = freedoms(item, what, grip)
    assert (freedom.roll == (-math.pi, math.pi)) == free


def test_a_hand_that_props_lies_flat_as_in_the_pose_for_it() -> None:
    """Flat is as in the T-pose, where palms look down: heel, knuckles and fingers alike."""
    body = shape_body(load_body())
    what = make_plan("a woman kneels and hammers a nail into the floor", "hammer", (0.1, 0.03, 0.3))
    item = item_of(box((0.1, 0.03, 0.3), (0, 0.015, 0)))
    task = resolve(item, what, Affordance(()), body)
    hand = next(f for f in task.footings if f.name == "left_hand")
    assert hand.flat
    assert not any(f.flat for f in task.footings if f is not hand)
    for name in ("kneel_strike_braced", "kneel_drill_braced"):
        pose = next(p for p in library() if p.name == name).pose.clone()
        pose[finger_joints("left")] = 0.0
        verts = pose_body(body, matrix_from_rotvec(pose)[None], torch.zeros(1, 3)).verts[0, :, 1]
        still, lain = body.verts[hand.verts, 1], verts[hand.verts]
        risen = (lain - lain.min()) - (still - still.min())
        assert float(risen.abs().mean()) < 0.015
        assert float(lain.min() - verts.min()) < 0.03, "about as low as knees and insteps"
