"""Fingers close on a cylinder whose distance is known in closed form."""

import math
from dataclasses import replace

import pytest
import torch
from jaxtyping import Float
from torch import Tensor

from solver.artefacts import Grip
from solver.body import load_body, pose_body, shape_body
from solver.body.joints import INDEX
from solver.body.poses import hand_shape
from solver.geometry.rotations import matrix_from_rotvec, rigid, transform
from solver.optimisation.grasp import close_fingers, find_grasps, make_hand
from solver.optimisation.grasp.closing import GIVE
from solver.optimisation.grasp.hand import THUMB, finger_joints
from solver.optimisation.grasp.hold import CORE, OVER, filled, flattened
from solver.optimisation.grasp.rating import on_grip, wrapped
from solver.optimisation.grasp.search import TURNS, Freedom, place_object, turned

BODY = shape_body(load_body())
HALF = 0.12


class Rod:
    """A cylinder about the y axis."""

    def __init__(self, radius: float) -> None:
        self.radius = radius

    def __call__(self, points: Float[Tensor, "*batch 3"]) -> Float[Tensor, "*batch"]:
        """Signed distance, metres."""
        across = points[..., [0, 2]].norm(dim=-1) - self.radius
        along = points[..., 1].abs() - HALF
        both = torch.stack([across, along], dim=-1)
        return both.clamp(min=0).norm(dim=-1) + both.amax(dim=-1).clamp(max=0)

    def grip(self, side: str) -> Grip:
        """All of it, for one hand."""
        up, out = torch.tensor([0.0, 1.0, 0.0]), torch.tensor([0.0, 0.0, 1.0])
        return Grip(torch.zeros(3), up, out, self.radius, 2 * HALF, f"{side}_hand")  # pyright: ignore[reportArgumentType]

    def surface(self) -> Float[Tensor, "points 3"]:
        """Points all around it."""
        angle = torch.linspace(0, 6.283, 40)[:, None].expand(40, 20)
        height = torch.linspace(-HALF, HALF, 20).expand(40, 20)
        ring = [self.radius * angle.cos(), height, self.radius * angle.sin()]
        return torch.stack(ring, dim=-1).reshape(-1, 3)


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize(
    ("radius", "shape"), [(0.012, "power"), (0.02, "power"), (0.038, "cradle")]
)
def test_a_rod_is_held_by_all_fingers_and_pierced_by_none(
    side: str, radius: float, shape: str
) -> None:
    rod, hand = Rod(radius), make_hand(BODY, side, shape)
    grasp = find_grasps(
        hand, rod, rod.surface(), rod.grip(side), Freedom(), torch.Generator().manual_seed(0)
    )[0]
    assert grasp.touching >= 4
    assert grasp.depth < 0.006


def test_fingers_stop_at_the_surface_or_at_the_end_of_their_path() -> None:
    """Whatever the object's place, no phalanx that moved ends deeper than the flesh gives."""
    rod, hand = Rod(0.02), make_hand(BODY, "left")
    unit = torch.rand(16, 5, generator=torch.Generator().manual_seed(1))
    T_wrist_object = place_object(hand, rod.grip("left"), unit, 1.0, (-0.5, 0.5))
    closed = close_fingers(hand, rod, T_wrist_object)
    moved = closed.level > 0
    depth = -closed.distance.amin(dim=-1)
    assert float(depth[moved].max()) < GIVE + 0.001


def test_with_nothing_to_hold_the_fist_closes() -> None:
    hand = make_hand(BODY, "right")
    far = rigid(torch.eye(3)[None], torch.full((1, 3), 5.0))
    closed = close_fingers(hand, Rod(0.02), far)
    assert bool((closed.level == closed.level.max()).all())
    assert not bool(closed.touches.any())


def test_the_right_hand_is_the_left_hand_in_a_mirror() -> None:
    left, right = make_hand(BODY, "left"), make_hand(BODY, "right")
    flip = torch.tensor([-1.0, 1.0, 1.0])
    torch.testing.assert_close(left.joints * flip, right.joints, atol=2e-3, rtol=0)
    torch.testing.assert_close(left.frame[:, 2] * flip, right.frame[:, 2], atol=2e-2, rtol=0)


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_round_rod_may_be_taken_from_all_around(side: str) -> None:
    """Whatever the arm can reach is among the grasps: no roll is farther than 60 degrees."""
    rod, hand = Rod(0.015), make_hand(BODY, side)
    grasps = find_grasps(
        hand,
        rod,
        rod.surface(),
        rod.grip(side),
        Freedom(sectors=6),
        torch.Generator().manual_seed(0),
    )
    palms = torch.stack([g.T_wrist_object[:3, :3].mT @ hand.frame[:, 2] for g in grasps])
    angle = torch.atan2(palms[:, 0], palms[:, 2]).rad2deg()
    asked = torch.arange(0.0, 360.0, 10.0)[:, None]
    gaps = ((asked - angle + 180) % 360 - 180).abs().amin(dim=1)
    assert float(gaps.max()) < 60


def test_a_thumb_that_points_backward_is_worth_less() -> None:
    rod, hand = Rod(0.015), make_hand(BODY, "right")
    scores = [
        find_grasps(
            hand, rod, rod.surface(), rod.grip("right"),
            Freedom(flips=(-1.0,), backward=worse), torch.Generator().manual_seed(0),
        )[0].score
        for worse in (0.0, 1.5)
    ]  # fmt: skip
    assert scores[0] - scores[1] == pytest.approx(1.5, abs=1e-4)


def test_same_seed_same_grasp() -> None:
    rod, hand = Rod(0.015), make_hand(BODY, "right")
    seeds = [torch.Generator().manual_seed(3) for _ in range(2)]
    near, grip = rod.surface(), rod.grip("right")
    grasps = [find_grasps(hand, rod, near, grip, Freedom(), seed)[0] for seed in seeds]
    assert torch.equal(grasps[0].T_wrist_object, grasps[1].T_wrist_object)
    assert torch.equal(grasps[0].pose, grasps[1].pose)


class Wall:
    """A thin upright plate below y = 0, seen through a grid that is coarser than it is thick."""

    step = 0.005

    def __call__(self, points: Float[Tensor, "*batch 3"]) -> Float[Tensor, "*batch"]:
        """Distance, metres: between the grid's planes it is interpolated."""
        across = points[..., 2] / self.step - 0.5
        low = across.floor()
        share = across - low
        planes = [((low + k + 0.5) * self.step).abs() - 0.001 for k in (0, 1)]
        flat = (1 - share) * planes[0] + share * planes[1]
        over = points[..., 1].clamp(min=0.0)
        return (flat.clamp(min=0.0).square() + over.square()).sqrt() + flat.clamp(max=0.0)


@pytest.mark.parametrize("side", ["left", "right"])
def test_no_bone_goes_through_a_wall_that_samples_of_skin_miss(side: str) -> None:
    """Fingers that hang over a rim close on it, from whichever side each is."""
    hand = make_hand(BODY, side, "power")
    along, out = hand.frame[:, 0], hand.frame[:, 2]
    seen = torch.stack([torch.linalg.cross(out, along), along, out], dim=-1)
    grip = hand.knuckles + 0.035 * along + 0.03 * out
    T_wrist_object = rigid(seen[None], grip[None])

    def crossed(*, thin: bool) -> int:
        """Pieces of bone that go from one side of the wall to the other below its rim."""
        closed = close_fingers(hand, Wall(), T_wrist_object, thin=thin)
        bones = closed.starts[0, ..., None, :] + hand.bones @ closed.rotations[0].mT
        local = ((bones - grip) @ seen)[:2].flatten(1, 2)  # The long fingers, over the rim.
        below, beyond = local[..., 1] < 0.0, local[..., 2] > 0
        through = (beyond[:, 1:] != beyond[:, :-1]) & below[:, 1:] & below[:, :-1]
        return int(through.sum())

    assert crossed(thin=False) > 0
    assert crossed(thin=True) == 0


@pytest.mark.parametrize("digit", [0, THUMB])
def test_a_digit_reaches_around_as_far_as_its_last_phalanx_that_touches(digit: int) -> None:
    """Joints on a circle about the grip, 40 degrees apart: phalanges' middles are in between."""
    way = -1.0 if digit == THUMB else 1.0
    angle = way * torch.arange(0.0, 121.0, 40.0).deg2rad()
    ring = 0.03 * torch.stack([angle.sin(), torch.zeros(4), -angle.cos()], dim=-1)
    lengths = (ring[1:] - ring[:-1]).expand(5, 3, 3)
    hand = replace(make_hand(BODY, "left"), frame=torch.eye(3), lengths=lengths)
    turned = matrix_from_rotvec(torch.tensor([[0.3, -0.8, 0.5]]))
    T_wrist_object = rigid(turned, torch.tensor([[0.2, 0.1, -0.3]]))
    centre, axis = torch.tensor([0.05, 0.0, -0.02]), torch.tensor([0.0, 1.0, 0.0])
    at_object = transform(torch.linalg.inv(T_wrist_object), centre[None, None])[0, 0]
    grip = replace(Rod(0.02).grip("left"), centre=at_object, axis=turned[0].mT @ axis)
    for touching in range(4):
        closed = replace(
            close_fingers(hand, Rod(0.02), T_wrist_object),
            starts=(centre + ring[:3]).expand(1, 5, 3, 3),
            rotations=torch.eye(3).expand(1, 5, 3, 3, 3),
            touches=(torch.arange(3) < touching).expand(1, 5, 3),
        )
        reached = wrapped(hand, closed, T_wrist_object, grip)[0, digit].rad2deg()
        assert float(reached) == pytest.approx([0.0, 20.0, 60.0, 100.0][touching], abs=0.01)


@pytest.mark.parametrize("radius", [0.012, 0.018, 0.024])
def test_fingers_and_thumb_meet_around_a_rod(radius: float) -> None:
    """They and the palm leave no way out: no gap is wider than a half turn."""
    rod, hand = Rod(radius), make_hand(BODY, "right")
    grip, near = rod.grip("right"), rod.surface()
    best = find_grasps(hand, rod, near, grip, Freedom(), torch.Generator().manual_seed(0))[0]
    closed = close_fingers(hand, rod, best.T_wrist_object[None])
    reached = wrapped(hand, closed, best.T_wrist_object[None], grip)[0]
    assert float(reached[:THUMB].min()) > math.radians(45)
    assert float(reached[:THUMB].mean() + reached[THUMB]) > math.pi


def test_a_full_vessel_leaves_its_outside_and_fills_its_inside() -> None:
    """A pipe 4 mm thick: outside distances stay, on the axis they are those to the core."""
    grip = replace(Rod(0.04).grip("left"), length=0.1)
    points = torch.tensor([[0.06, 0.0, 0.0], [0.0, 0.02, 0.045], [0.0, 0.0, 0.0], [0.0, 0.2, 0.0]])

    def pipe(points: Float[Tensor, "*batch 3"]) -> Float[Tensor, "*batch"]:
        return (points[..., [0, 2]].norm(dim=-1) - 0.038).abs() - 0.002

    there = filled(pipe, grip)(points)
    expected = torch.tensor([0.02, 0.005, -min(CORE * 0.04, 0.05 + OVER), 0.036])
    torch.testing.assert_close(there, expected)


def test_what_is_beside_the_grip_is_not_held() -> None:
    """A digit on a rod counts, one that touches a wall a hand's breadth from the rod does not."""
    rod, hand = Rod(0.015), make_hand(BODY, "right")
    grip = rod.grip("right")
    best = find_grasps(hand, rod, rod.surface(), grip, Freedom(), torch.Generator().manual_seed(0))
    T = best[0].T_wrist_object[None]
    closed = close_fingers(hand, rod, T)
    touching = replace(closed, touches=torch.ones_like(closed.touches))
    assert bool(on_grip(hand, closed, T, grip).any(dim=-1).all())
    elsewhere = replace(grip, centre=torch.tensor([0.1, 0.0, 0.0]))
    assert not bool(on_grip(hand, touching, T, elsewhere)[0, :THUMB].any())


def test_a_grasp_of_a_round_rod_turned_about_it_is_as_good() -> None:
    rod, hand = Rod(0.015), make_hand(BODY, "left")
    near, grip = rod.surface(), rod.grip("left")
    best = find_grasps(hand, rod, near, grip, Freedom(), torch.Generator().manual_seed(0))[0]
    ways = turned(hand, rod, near, grip, best)[:TURNS]  # The rest are tilted as well.
    seen = torch.stack([w.T_wrist_object[:3, :3].mT @ hand.frame[:, 2] for w in ways])
    angle = torch.atan2(seen[:, 0], seen[:, 2])
    steps = torch.remainder(angle.diff(), 2 * math.pi).rad2deg()
    steps = torch.minimum(steps, 360 - steps)
    torch.testing.assert_close(steps, torch.full_like(steps, 30.0), atol=0.01, rtol=0)
    assert {w.touching for w in ways} == {5}
    assert max(abs(w.score - best.score) for w in ways) < 0.6  # Samples of the rod differ.


@pytest.mark.parametrize("turn", [0.0, 0.7, 2.0])
def test_a_flat_bottle_is_held_with_an_edge_in_the_palm(turn: float) -> None:
    """Of an ellipse of 5 by 3 centimetres; a round one may be taken from anywhere."""
    angle = torch.linspace(0, 6.283, 60)[:, None].expand(60, 9)
    height = torch.linspace(-0.1, 0.1, 9).expand(60, 9)
    edge = torch.tensor([math.cos(turn), 0.0, math.sin(turn)])
    face = torch.tensor([-math.sin(turn), 0.0, math.cos(turn)])
    up = torch.tensor([0.0, 1.0, 0.0])
    grip = Rod(0.04).grip("left")

    def bottle(thick: float) -> Float[Tensor, "points 3"]:
        seen = torch.stack([0.05 * angle.cos(), thick * angle.sin(), height], dim=-1)
        return (seen @ torch.stack([edge, face, up])).reshape(-1, 3)

    found = flattened(bottle(0.03), grip)
    assert found is not None
    assert abs(float(found @ edge)) == pytest.approx(1.0, abs=1e-3)
    assert flattened(bottle(0.045), grip) is None


@pytest.mark.parametrize("side", ["left", "right"])
def test_fingers_of_a_power_grip_lie_side_by_side(side: str) -> None:
    """They diverge by up to 8 degrees in the T-pose, here by less than 5."""
    for closure in (0.0, 0.5):
        pose = torch.zeros(1, 52, 3)
        pose[0, finger_joints(side)] = hand_shape("power", closure, side)
        joints = pose_body(BODY, matrix_from_rotvec(pose), torch.zeros(1, 3)).joints[0]
        ways = []
        for name in ("index", "middle", "ring", "pinky"):
            first, second = (joints[INDEX[f"{side}_{name}{k}"]] for k in (1, 2))
            way = second - first
            ways.append(torch.atan2(way[2], way[:2].norm()).rad2deg())
        assert float(torch.stack(ways).diff().abs().max()) < 5.0
