"""Palms on what is carried: where they lie is known in closed form."""

import math

import pytest
import torch

from solver.body import load_body, shape_body
from solver.geometry.rotations import transform
from solver.optimisation.grasp import make_hand
from solver.optimisation.palms import MIDDLE, laid

BODY = shape_body(load_body())


@pytest.mark.parametrize("side", ["left", "right"])
def test_the_palm_lies_on_the_spot_and_fingers_point_as_the_forearm_does(side: str) -> None:
    """Seen from the object: the palm's middle, its skin's normal, and the way of the fingers."""
    hand = make_hand(BODY, side, "bear")
    generator = torch.Generator().manual_seed(3)
    spots = torch.randn(20, 3, generator=generator)
    normals = torch.nn.functional.normalize(torch.randn(20, 3, generator=generator), dim=-1)
    forearm = torch.nn.functional.normalize(torch.tensor([0.3, -0.5, 0.8]), dim=0)
    swing = torch.linspace(-1.2, 1.2, 20)[:, None]
    T_wrist_object = laid(hand, spots, normals, forearm, swing)
    rotation = T_wrist_object[:, :3, :3]
    torch.testing.assert_close(torch.linalg.det(rotation), torch.ones(20))
    palm = MIDDLE * hand.knuckles + hand.thickness * hand.frame[:, 2]
    T_object_wrist = torch.linalg.inv(T_wrist_object)
    seen = transform(T_object_wrist, palm.expand(20, 1, 3))[:, 0]
    torch.testing.assert_close(seen, spots, atol=1e-5, rtol=0)
    out = (rotation.mT @ hand.frame[:, 2, None])[..., 0]
    torch.testing.assert_close(out, -normals, atol=1e-5, rtol=0)
    fingers = (rotation.mT @ hand.frame[:, 0, None])[..., 0]
    flat = forearm - (normals @ forearm)[:, None] * normals
    cosine = (fingers * torch.nn.functional.normalize(flat, dim=-1)).sum(dim=-1)
    torch.testing.assert_close(cosine, swing[:, 0].cos(), atol=1e-3, rtol=0)


def test_a_forearm_square_to_the_surface_still_gives_a_hand() -> None:
    hand = make_hand(BODY, "left", "bear")
    up = torch.tensor([[0.0, 1.0, 0.0]])
    T = laid(hand, torch.zeros(1, 3), up, up[0], torch.zeros(1, 1))
    assert bool(T.isfinite().all())
    assert float(torch.linalg.det(T[0, :3, :3])) == pytest.approx(1.0, abs=1e-4)
    assert math.isclose(float((T[0, :3, :3].T @ hand.frame[:, 2])[1]), -1.0, abs_tol=1e-4)
