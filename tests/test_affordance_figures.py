"""Places on what we built: shoulders, trunks under crowns, hollows of vessels, low boxes."""

from dataclasses import replace

import numpy as np
import pytest
import trimesh
from affordance_objects import box, item_of, plan, rod

from solver.affordance import find_affordance
from solver.affordance.features import measure_shape
from solver.affordance.figure import FINGERS, TIP_AREA, limb, walk
from solver.affordance.study import ADULT
from solver.artefacts import Item


def figure() -> Item:
    """A man of 1.70 m who faces +Z; shoulders at 1.40 m, the arms hang 0.3 m from the middle."""
    trunk, head = box((0.36, 0.6, 0.2), (0, 1.1, 0)), box((0.18, 0.3, 0.2), (0, 1.55, 0))
    legs = [box((0.14, 0.8, 0.14), (x, 0.4, 0)) for x in (-0.11, 0.11)]
    arms = [box((0.1, 0.7, 0.1), (x, 1.05, 0)) for x in (-0.33, 0.33)]
    joints = [box((0.1, 0.1, 0.1), (x, 1.35, 0)) for x in (-0.23, 0.23)]
    return item_of(trunk, head, *legs, *arms, *joints)


@pytest.mark.parametrize(("relation", "side"), [("left", 1), ("right", -1)])
def test_a_shoulder_is_above_where_the_nearer_arm_leaves_the_trunk(
    relation: str, side: int
) -> None:
    item = figure()
    what = plan(("right_hand", "shoulder", "touch"), relation=relation)
    (target,) = find_affordance(item, what, 1.7).targets
    at = (target.probability[:, None] * item.points).sum(dim=0).numpy()
    assert at[1] == pytest.approx(1.4, abs=0.01)
    assert 0.15 < side * at[0] < 0.35
    assert (item.normals[target.probability > 0][:, 1] > 0.1).all()


def test_a_limb_ends_where_the_way_leads_to_others_too() -> None:
    walked = walk(measure_shape(figure()))
    ends = walked.points[walked.ends]
    hand = int(walked.ends[np.argmin(np.linalg.norm(ends - [0.33, 0.7, 0], axis=1))])
    arm = walked.points[limb(walked, hand)]
    assert (arm[:, 0] > 0.1).all()
    beyond = (walked.points[:, 0] > 0.27) & (walked.points[:, 1] < 1.2)
    assert np.isin(np.flatnonzero(beyond), np.flatnonzero(limb(walked, hand))).all()


@pytest.mark.parametrize(("part", "side"), [("left_hand", -1), ("right_hand", 1)])
def test_a_hand_is_shaken_from_the_side_that_a_palm_comes_from(part: str, side: int) -> None:
    """Who faces the figure has the left at -X; the arms end at 0.7 m, hands are above that."""
    item = figure()
    (target,) = find_affordance(item, plan((part, "hand", "grasp")), 1.7).targets
    chosen = target.probability > 0
    assert bool((item.normals[chosen, 0] * side > -0.3).all())
    at = (target.probability[:, None] * item.points).sum(dim=0).numpy()
    length = TIP_AREA * float(item.mesh.extent.max())
    assert abs(abs(at[0]) - 0.33) < 0.06
    assert 0.7 < at[1] < 0.7 + FINGERS * length + 0.05


def test_the_front_of_a_tree_is_its_trunk_and_not_the_crown_above() -> None:
    crown = trimesh.creation.icosphere(subdivisions=3, radius=0.9)
    crown.apply_translation((0, 3.4, 0))
    item = item_of(rod(0.18, 3.0, (0, 1.5, 0), "y"), crown)
    (target,) = find_affordance(item, plan(("chest", "front", "touch")), 1.7).targets
    at = (target.probability[:, None] * item.points).sum(dim=0).numpy()
    np.testing.assert_allclose(at, [0, 1.22, 0.18], atol=0.04)


@pytest.mark.parametrize("seen", [False, True])
def test_a_crown_goes_to_the_bottom_of_a_vessel_or_between_its_deepest_walls(seen: bool) -> None:
    wall = trimesh.creation.annulus(0.11, 0.113, 0.28, sections=48)
    wall.apply_transform(trimesh.transformations.rotation_matrix(np.pi / 2, [1, 0, 0]))
    wall.apply_translation((0, 0.14, 0))
    item = item_of(wall, rod(0.11, 0.004, (0, 0.002, 0), "y"))
    if not seen:  # As the intake leaves it out: rays to few sides only come to it.
        kept = ~((item.normals[:, 1] > 0.9) & (item.points[:, 1] < 0.1))
        item = replace(item, points=item.points[kept], normals=item.normals[kept])
    worn = plan(("head", "top", "support"), relation="wearing", movable=True)
    (target,) = find_affordance(item, worn, 1.2).targets
    chosen = item.points[target.probability > 0]
    assert float(chosen[:, 1].max()) < 0.3 * 0.28
    if not seen:
        middle = (target.probability[:, None] * item.points).sum(dim=0).numpy()
        np.testing.assert_allclose(middle[[0, 2]], 0.0, atol=0.01)


@pytest.mark.parametrize("tall", [1.1, 1.7])
def test_a_low_box_is_pushed_by_a_whole_palm_below_its_upper_edge(tall: float) -> None:
    """No place is nearer to the edge than half of what is above a palm's middle."""
    item = item_of(box((0.4, 0.4, 0.4), (0, 0.2, 0)))
    found = find_affordance(item, plan(("right_hand", "front", "support")), tall)
    height = item.points[found.targets[0].probability > 0, 1]
    edge = 0.4 - 0.06 * tall / ADULT
    assert edge - 0.03 < float(height.max()) < edge + 0.01


@pytest.mark.parametrize(("width", "aside"), [(0.4, 0.0), (0.7, 0.1), (2.0, 0.19)])
def test_who_pushes_with_a_shoulder_is_before_the_middle_of_what_is_wide(
    width: float, aside: float
) -> None:
    """Where there is room for half of a person, the right shoulder is at +X of it."""
    item = item_of(box((width, 2.0, 0.05), (0, 1.0, 0)))
    (target,) = find_affordance(item, plan(("right_shoulder", "front", "support")), ADULT).targets
    at = (target.probability[:, None] * item.points).sum(dim=0)
    assert float(at[0]) == pytest.approx(aside, abs=0.03)
