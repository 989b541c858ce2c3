"""An object of another size is the object that one would have made at that size."""

import pytest
import torch
from solid import box, item_of

from solver.artefacts import Affordance, Grip, Solution
from solver.geometry.rotations import matrix_from_rotvec, rigid, transform
from solver.task.grown import at_its_size, grown_affordance, grown_item, grown_solution, scale_of

LOW, HIGH = (-0.2, 0.0, -0.1), (0.2, 0.5, 0.1)
POINTS = torch.tensor([[0.0, 0.3, 0.0], [0.5, 0.2, 0.1], [0.1, 1.4, -0.2]])


def turned(scale: float) -> Solution:
    T = rigid(matrix_from_rotvec(torch.tensor([0.2, 1.0, 0.0])), torch.tensor([1.0, 0.0, 2.0]))
    solution = Solution(torch.zeros(52, 3), torch.zeros(3), torch.zeros(10), T, "test")
    return grown_solution(solution, scale)


def test_a_grown_box_is_the_larger_box() -> None:
    item = item_of(box(LOW, HIGH), floor=-0.3)
    grown = grown_item(item, 1.5)
    large = item_of(box(*(tuple(1.5 * x for x in each) for each in (LOW, HIGH))))  # type: ignore[arg-type]
    torch.testing.assert_close(grown.surface.query(POINTS)[0], large.surface.query(POINTS)[0])
    torch.testing.assert_close(grown.grid(1.5 * POINTS), 1.5 * item.grid(POINTS))
    torch.testing.assert_close(grown.mesh.extent, large.mesh.extent)
    assert grown.floor == -0.3, "it stands on what it stood on"
    assert grown_item(large, 1.0) is large


def test_source_vertices_arrive_where_the_grown_object_is() -> None:
    item, solution = item_of(box(LOW, HIGH)), turned(1.5)
    large, _, motion = at_its_size(item, Affordance(()), solution)
    seen = transform(motion.T_world_object, large.mesh.verts)
    torch.testing.assert_close(transform(solution.T_world_object, item.mesh.verts), seen)
    assert scale_of(motion.T_world_object) == 1.0


def test_a_rigid_solution_is_left_alone() -> None:
    item, affordance, solution = item_of(box(LOW, HIGH)), Affordance(()), turned(1.0)
    assert scale_of(solution.T_world_object) == 1.0
    same = at_its_size(item, affordance, solution)
    assert same[0] is item and same[1] is affordance and same[2] is solution


def test_a_grip_grows_with_its_object() -> None:
    grip = Grip(POINTS[0], torch.eye(3)[0], torch.eye(3)[1], 0.01, 0.2, "right_hand")
    (large,) = grown_affordance(Affordance((), (grip,)), 2.0).grips
    torch.testing.assert_close(large.centre, 2 * grip.centre)
    assert (large.radius, large.length) == pytest.approx((0.02, 0.4))
    torch.testing.assert_close(large.axis, grip.axis)
