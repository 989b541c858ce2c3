"""Whether meshes are carried: boxes with known answers, and the body itself."""

from itertools import pairwise

import pytest
import torch
import trimesh
from solid import box, joined

from solver.body import load_body, shape_body
from solver.geometry.mesh import Mesh
from solver.geometry.rotations import matrix_from_rotvec, rigid, transform
from solver.geometry.surface import Surface
from solver.statics import body_support, hold_closure, hold_support
from solver.statics.support import Patches, bearing, carried, gathered, heart, on_floor


def fine_box(low: tuple[float, float, float], high: tuple[float, float, float]) -> Mesh:
    """A box whose faces are cut into many, so that its vertices feel what they touch."""
    cut = box(low, high)
    verts, faces = trimesh.remesh.subdivide(cut.verts.numpy(), cut.faces.numpy())
    for _ in range(3):
        verts, faces = trimesh.remesh.subdivide(verts, faces)
    return Mesh(torch.tensor(verts).float(), torch.tensor(faces))


def standing() -> Mesh:
    body = shape_body(load_body())
    verts = body.verts - torch.tensor([0.0, float(body.verts[:, 1].min()), 0.0])
    return Mesh(verts, body.faces)


def test_a_box_on_the_floor_is_carried_and_one_above_it_is_not() -> None:
    crate = fine_box((-0.3, 0.0, -0.3), (0.3, 0.8, 0.3))
    found = body_support(crate, floor=0.0)
    assert found.residual < 2e-3
    torch.testing.assert_close(
        found.pushes.sum(dim=0), torch.tensor([0.0, 1.0, 0.0]), atol=2e-3, rtol=0
    )
    torch.testing.assert_close(found.centre, torch.tensor([0.0, 0.4, 0.0]), atol=1e-4, rtol=0)
    assert body_support(crate, floor=-0.01).residual == pytest.approx(1.0)


def test_support_fades_as_the_floor_sinks_away() -> None:
    """Nothing jumps: in steps of a fifth of a millimetre no residual changes by much."""
    crate = fine_box((-0.03, 0.0, -0.03), (0.03, 0.08, 0.03))
    values = [body_support(crate, -0.0002 * k).residual for k in range(50)]
    assert values[0] < 2e-3 and values[-1] == pytest.approx(1.0)
    assert max(abs(b - a) for a, b in pairwise(values)) < 0.12


@pytest.mark.parametrize(
    ("beyond", "falls"), [(0.2, False), (0.27, False), (0.3325, True), (0.52, True)]
)
def test_a_box_over_the_edge_of_a_table_falls_when_its_middle_is_beyond(
    beyond: float, falls: bool
) -> None:
    table = Surface(box((-2.0, 0.0, -1.0), (0.0, 0.75, 1.0)))
    plank = fine_box((beyond - 0.6, 0.75, -0.2), (beyond, 0.8, 0.2))
    found = body_support(plank, floor=0.0, surface=table)
    assert (found.residual > 0.02) == falls
    if falls:
        arm = (beyond - 0.3 + 0.005) / found.radius  # The last vertices lie 5 mm before the edge.
        assert found.torque == pytest.approx(arm / (1 + arm**2), rel=0.05)


def test_where_the_object_stands_does_not_matter() -> None:
    seat, load = (
        box((-0.25, 0.0, -0.25), (0.25, 0.45, 0.25)),
        fine_box((-0.2, 0.45, -0.3), (0.3, 1.0, 0.2)),
    )
    here = body_support(load, 0.0, Surface(seat))
    turn = matrix_from_rotvec(torch.tensor([0.0, 0.7, 0.0]))
    T = rigid(turn, torch.tensor([4.0, 0.0, -2.0]))
    there = body_support(Mesh(transform(T, load.verts), load.faces), 0.0, Surface(seat), T)
    assert there.residual == pytest.approx(here.residual, abs=2e-3)
    double = torch.diag(torch.tensor([0.5, 0.5, 0.5, 1.0]))
    twice = Surface(Mesh(2 * seat.verts, seat.faces))
    assert body_support(load, 0.0, twice, double).residual == pytest.approx(here.residual, abs=2e-3)


def test_two_hands_hold_a_box_by_its_sides_if_there_is_friction() -> None:
    crate = Surface(box((-0.2, 1.0, -0.2), (0.2, 1.3, 0.2)))
    left = fine_box((-0.25, 1.1, -0.05), (-0.2, 1.2, 0.05))
    right = fine_box((0.2, 1.1, -0.05), (0.25, 1.2, 0.05))
    both = joined(left, right)
    assert hold_support(crate, None, both).residual < 2e-3
    assert hold_support(crate, None, both, friction=0.0).residual > 0.9
    assert hold_support(crate, None, left).residual > 0.5
    assert hold_closure(crate, heart(crate.mesh), both) < 2e-3
    assert 0.5 < hold_closure(crate, heart(crate.mesh), left) < 1.0


def test_a_box_may_also_stand_where_it_is_leaned_on() -> None:
    crate = Surface(box((-0.2, 0.0, -0.2), (0.2, 0.3, 0.2)))
    away = box((5.0, 0.0, 5.0), (5.1, 0.1, 5.1))
    assert hold_support(crate, None, away).residual == pytest.approx(1.0)
    assert hold_support(crate, None, away, floor=0.0).residual < 2e-3


def test_a_person_stands_and_falls() -> None:
    person = standing()
    assert body_support(person, 0.0).residual < 0.01
    tilt = matrix_from_rotvec(torch.tensor([0.0, 0.0, 0.6]))
    fallen = person.verts @ tilt.T
    fallen = fallen - torch.tensor([0.0, float(fallen[:, 1].min()), 0.0])
    assert body_support(Mesh(fallen, person.faces), 0.0).residual > 0.2


def test_a_person_does_not_stand_on_a_pin() -> None:
    """A square centimetre does not bear a body, though it is under the centre of mass."""
    person = standing()
    centre = heart(person)[0].float()
    pin = Patches(
        centre[None] * torch.tensor([1.0, 0.0, 1.0]), torch.eye(3)[1:2], torch.tensor([1e-4])
    )
    assert carried(person, pin, 500.0, 0.5).force > 0.9


def test_gathering_keeps_area_and_directions() -> None:
    floor = on_floor(fine_box((-1.0, 0.0, -1.0), (1.0, 1.0, 1.0)), 0.0)
    wall = Patches(floor.points, torch.eye(3)[:1].expand(len(floor.points), 3), floor.area)
    both = Patches(
        *(torch.cat([getattr(p, n) for p in (floor, wall)]) for n in ("points", "normals", "area"))
    )
    few = gathered(both, 16)
    assert len(few.area) == 16
    assert float(few.area.sum()) == pytest.approx(float(both.area.sum()), rel=1e-4)
    assert {tuple(row) for row in few.normals.tolist()} == {(0.0, 1.0, 0.0), (1.0, 0.0, 0.0)}


def test_bearing_is_whole_in_contact_and_gone_at_eight_millimetres() -> None:
    distance = torch.tensor([-0.01, 0.003, 0.0055, 0.008, 0.1])
    torch.testing.assert_close(bearing(distance), torch.tensor([1.0, 1.0, 0.5, 0.0, 0.0]))
