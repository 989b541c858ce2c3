"""Two hands on one thing do not lie on one another."""

import pytest
import torch

from solver.body import load_body, shape_body
from solver.geometry.rotations import matrix_from_rotvec, rigid
from solver.optimisation.carry import HAND, hand_in_hand
from solver.optimisation.grasp import make_hand

EYE = torch.eye(4)[None]


def beside(away: float) -> torch.Tensor:
    """The object as a wrist sees it that is `away` metres off along the object's z axis."""
    return rigid(torch.eye(3)[None], torch.tensor([[0.0, 0.0, -away]]))


def test_hands_cost_by_the_square_of_how_far_they_overlap() -> None:
    for away in (0.0, 0.04, HAND, 0.2):
        cost = hand_in_hand(("left", EYE), ("left", beside(away)))
        assert float(cost) == pytest.approx((max(0.0, HAND - away) / 0.01) ** 2, abs=1e-3)


def test_every_pair_is_asked_and_the_objects_own_frame_does_not_matter() -> None:
    turn = matrix_from_rotvec(torch.tensor([[0.5, -1.0, 0.3]]))
    T_other_object = rigid(turn, torch.tensor([[0.4, 0.1, -0.2]]))
    first, second = torch.cat([EYE, beside(0.03)]), torch.cat([EYE, beside(0.05), beside(0.3)])
    cost = hand_in_hand(("left", first), ("right", second))
    moved = hand_in_hand(("left", first @ T_other_object), ("right", second @ T_other_object))
    assert cost.shape == (2, 3)
    torch.testing.assert_close(cost, moved, atol=1e-3, rtol=1e-4)


@pytest.mark.parametrize("side", ["left", "right"])
def test_two_palms_are_apart_by_what_a_rod_between_them_leaves(side: str) -> None:
    """The same palm, seen by a hand turned about its own knuckles, is where it was."""
    hand = make_hand(shape_body(load_body()), side)
    along = hand.frame[:, 0]
    turn = matrix_from_rotvec((torch.pi * along)[None])
    middle = hand.knuckles + hand.frame[:, 2] * 0.045
    flipped = rigid(turn, (middle - turn[0] @ middle)[None])
    cost = hand_in_hand((side, EYE), (side, torch.linalg.inv(flipped)))
    assert float(cost) == pytest.approx(((HAND - 0.05) / 0.01) ** 2, rel=0.25)
