"""Measures of a solution on bodies and objects whose answers are known."""

import math

import pytest
import torch
from solid import box, item_of, target

from solver.artefacts import Affordance, Contact, Plan, Solution
from solver.body import ShapedBody, load_body, pose_body, shape_body
from solver.body.parts import part_vertices
from solver.evaluation import measure
from solver.evaluation.balance import hull_distance
from solver.geometry.mesh import Mesh, centre_of_mass
from solver.geometry.rotations import matrix_from_rotvec
from solver.geometry.surface import Surface
from solver.task import body_in_object, object_in_body
from solver.task.overlap import dense_points, meeting, near_body
from solver.task.shell import Shell


@pytest.fixture(scope="module")
def body() -> ShapedBody:
    return shape_body(load_body())


def standing_plan() -> Plan:
    feet = tuple(Contact(part, "floor", "support") for part in ("left_foot", "right_foot"))
    return Plan(
        prompt="standing", object="box", posture="stand", relation="none", facing="front",
        movable=False, scale="furniture", contacts=feet,
    )  # fmt: skip


def standing(body: ShapedBody, *, lift: float = 0.0, aside: float = 0.0) -> Solution:
    low = float(body.verts[:, 1].min())
    return Solution(
        pose=torch.zeros(52, 3), trans=torch.tensor([aside, lift - low, 0.0]), betas=body.betas,
        T_world_object=torch.eye(4), name="test",
    )  # fmt: skip


def test_faces_meet_a_box_where_their_own_boxes_do() -> None:
    """A slow reference: the least and the most of their corners along each axis."""
    chance = torch.Generator().manual_seed(0)
    verts = torch.rand(300, 3, generator=chance).round(decimals=1)  # Many on the box's sides.
    mesh = Mesh(verts, torch.randint(300, (2000, 3), generator=chance))
    low, high = torch.tensor([0.6, 0.5, 0.8]), torch.tensor([0.7, 0.9, 1.0])
    corners = verts[mesh.faces]
    meets = (corners.amin(dim=1) <= high) & (corners.amax(dim=1) >= low)
    assert 0.1 < float(meets.all(dim=1).float().mean()) < 0.9
    assert torch.equal(meeting(mesh, low, high), meets.all(dim=1))


def test_a_body_lowered_into_a_slab_penetrates_by_as_much(body: ShapedBody) -> None:
    slab = item_of(box((-2, -0.5, -2), (2, 0.0, 2)), floor=-0.03)
    solution = standing(body, lift=-0.02)
    numbers = measure(slab, body, standing_plan(), Affordance(()), solution)
    assert numbers["hard_penetration_mm"] == pytest.approx(20.0, abs=0.5)
    assert numbers["soft_penetration_mm"] == 0.0
    assert numbers["lowest_mm"] == pytest.approx(10.0, abs=0.1)
    assert numbers["floor_mm"] == pytest.approx(10.0, abs=0.1)
    assert numbers["overhang_mm"] == 0.0


def test_a_thin_plate_through_a_thigh_is_seen_from_the_object_only(body: ShapedBody) -> None:
    thigh = body.verts[part_vertices(body)["left_thigh"]].mean(dim=0)
    x, y, z = thigh.tolist()
    plate = box((x - 0.01, y - 2e-3, z - 0.01), (x + 0.01, y + 2e-3, z + 0.01))
    assert float(body_in_object(Surface(plate), body.verts).max()) == 0.0
    points, _ = dense_points(plate, plate.low, plate.high)
    depth, face = object_in_body(body.verts, body.faces, points)
    assert float(depth.min()) > 0.02
    assert len(face) == len(depth)


def test_the_quick_sign_agrees_with_the_winding_number(body: ShapedBody) -> None:
    """But for a few points where the skin folds, and around the eyeballs in the head."""
    generator = torch.Generator().manual_seed(0)
    points = body.verts[::2] + 0.03 * torch.randn(3445, 3, generator=generator)
    quick = Shell(body.verts, body.faces).query(points)[0]
    exact = Surface(Mesh(body.verts, body.faces)).query(points)[0]
    assert float(((quick < -1e-6) & (exact > 0)).float().mean()) < 0.002
    assert float(((quick > 0) & (exact < 0)).float().mean()) < 0.02
    same = torch.sign(quick) == torch.sign(exact)
    torch.testing.assert_close(quick[same], exact[same], atol=1e-6, rtol=0)


def test_points_near_the_body_are_kept_and_far_ones_dropped(body: ShapedBody) -> None:
    inside = body.verts[part_vertices(body)["torso"]].mean(dim=0, keepdim=True)
    far = inside + torch.tensor([[0.0, 0.0, 1.0]])
    assert near_body(torch.cat([inside, far, body.verts[:1]]), body.verts).tolist() == [0, 2]


def test_gaps_are_distances_to_object_and_region(body: ShapedBody) -> None:
    hand = body.verts[part_vertices(body)["left_grip"]]
    top = float(hand[:, 1].min()) - float(body.verts[:, 1].min()) - 0.015
    x, z = hand[:, 0].mean().item(), hand[:, 2].mean().item()
    table = item_of(box((x - 0.3, 0.2, z - 0.3), (x + 0.3, top, z + 0.3)))
    contact = Contact("left_hand", "top", "touch")
    on_top = (table.normals[:, 1] > 0.9) & ((table.points[:, 0] - x).abs() < 0.2)
    plan = standing_plan()
    numbers = measure(table, body, plan, Affordance((target(contact, on_top),)), standing(body))
    assert numbers["gap_left_hand_mm"] == pytest.approx(15.0, abs=0.2)
    assert 15.0 <= numbers["gap_left_hand>top_mm"] < 20.0
    assert numbers["gap_left_foot>floor_mm"] == pytest.approx(0.0, abs=2.0)


def test_the_centre_of_mass_of_a_shifted_cube_is_its_middle() -> None:
    middle = centre_of_mass(box((1, 2, 3), (2, 3, 4)))
    torch.testing.assert_close(middle, torch.tensor([1.5, 2.5, 3.5]))


def test_hull_distance_of_a_square() -> None:
    square = torch.tensor([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    assert hull_distance(torch.tensor([0.4, 0.9]), square) == 0.0
    assert hull_distance(torch.tensor([-0.25, 0.5]), square) == pytest.approx(0.25, abs=1e-6)
    corner = hull_distance(torch.tensor([2.0, 2.0]), square)
    assert corner == pytest.approx(math.sqrt(2), abs=1e-3)


def test_leaning_over_one_foot_is_out_of_balance(body: ShapedBody) -> None:
    plan = standing_plan()
    far = item_of(box((3, 0, 3), (4, 1, 4)))
    upright = measure(far, body, plan, Affordance(()), standing(body))
    pose = torch.zeros(52, 3)
    pose[0] = torch.tensor([0.0, 0.0, 0.5])
    low = float(
        pose_body(body, matrix_from_rotvec(pose[None]), torch.zeros(1, 3)).verts[..., 1].min()
    )
    tilted = Solution(pose, torch.tensor([0.0, -low, 0.0]), body.betas, torch.eye(4), "tilted")
    assert upright["overhang_mm"] == 0.0
    assert measure(far, body, plan, Affordance(()), tilted)["overhang_mm"] > 100.0


def test_a_rigid_motion_of_object_and_body_changes_no_penetration(body: ShapedBody) -> None:
    item = item_of(box((-0.3, 0.0, -0.3), (0.3, 0.25, 0.3)))
    first = measure(item, body, standing_plan(), Affordance(()), standing(body))
    shift = torch.tensor([0.7, 0.0, -0.4])
    T = torch.eye(4)
    T[:3, 3] = shift
    solution = standing(body)
    moved = Solution(solution.pose, solution.trans + shift, body.betas, T, "moved")
    second = measure(item, body, standing_plan(), Affordance(()), moved)
    for name in ("hard_penetration_mm", "soft_penetration_mm", "non_collision"):
        assert first[name] == pytest.approx(second[name], abs=0.3), name
