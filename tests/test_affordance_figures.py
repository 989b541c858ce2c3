"""Limbs of figures: where a figure that we built has its shoulders."""

import numpy as np
import pytest
from affordance_objects import box, item_of, plan

from solver.affordance import find_affordance
from solver.affordance.features import measure_shape
from solver.affordance.figure import limb, walk
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
