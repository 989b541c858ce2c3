"""Fingers with nothing to hold, and grasps that do not compete with one another."""

from dataclasses import replace

import pytest
import torch
from test_grasp import BODY, Rod

from solver.body import pose_body
from solver.body.joints import INDEX
from solver.geometry.rotations import matrix_from_rotvec, transform
from solver.optimisation.grasp import close_fingers, find_grasps, make_hand
from solver.optimisation.grasp.closing import GIVE, _joints, _skin_in, _to_object, relaxed
from solver.optimisation.grasp.hand import BESIDE, LEVELS, THUMB, finger_joints
from solver.optimisation.grasp.rating import _object_in_hand
from solver.optimisation.grasp.search import OBLIQUE, TILT, Freedom, Grasp, _tilted, place_object
from solver.optimisation.taking import worth_mending


@pytest.mark.parametrize("held", [0, 1, 2, 3])
def test_fingers_off_the_rod_lie_beside_the_nearest_that_touches(held: int) -> None:
    """A closed form: one finger stops at 10 and holds, the others had closed to the end."""
    level, touches = torch.full((1, 5, 3), LEVELS - 1), torch.zeros(1, 5, 3, dtype=torch.bool)
    level[0, BESIDE[held]], touches[0, BESIDE[held], 1] = torch.tensor([8, 10, 12]), True
    lain = relaxed(level, touches)[0]
    others = [k for k in BESIDE if k != BESIDE[held]]
    assert lain[BESIDE[held]].tolist() == [8, 10, 12]
    assert (lain[others] == 10).all()
    assert (lain[THUMB] == (10 if held else LEVELS - 1)).all()
    assert torch.equal(relaxed(level, torch.zeros_like(touches)), level)


def test_a_relaxed_finger_is_free() -> None:
    """Of hands past the end of a rod, no digit that touched nothing is in it."""
    rod, hand = Rod(0.02), make_hand(BODY, "left")
    unit = torch.rand(32, 5, generator=torch.Generator().manual_seed(2))
    T_wrist_object = place_object(hand, rod.grip("left"), unit, 1.0, (-0.5, 0.5))
    T_wrist_object[:, :3, 3] += torch.linspace(0.06, 0.15, 32)[:, None] * T_wrist_object[:, :3, 1]
    closed = close_fingers(hand, rod, T_wrist_object)
    lain = (relaxed(closed.level, closed.touches) != closed.level).any(dim=-1)
    assert lain.any()
    verts, wrist = [], INDEX["left_wrist"]
    for pose in closed.pose:
        whole = torch.zeros(1, 52, 3)
        whole[0, finger_joints("left")] = pose
        verts.append(pose_body(BODY, matrix_from_rotvec(whole), torch.zeros(1, 3)).verts[0])
    local = transform(torch.linalg.inv(T_wrist_object), torch.stack(verts) - BODY.joints[wrist])
    owner = BODY.model.weights.argmax(dim=1)
    for k in range(5):
        mine = torch.isin(owner, torch.tensor(finger_joints("left")[3 * k : 3 * k + 3]))
        assert (rod(local[lain[:, k]][:, mine]) > -GIVE - 0.001).all()


def test_no_phalanx_that_is_in_the_object_is_spared_its_skin() -> None:
    """A slow reference: all the skin of all phalanges at every closure, of rods all about."""
    rod, hand = Rod(0.02), make_hand(BODY, "left")
    unit = torch.rand(24, 5, generator=torch.Generator().manual_seed(3))
    T_wrist_object = place_object(hand, rod.grip("left"), unit, 1.0, (-3.0, 3.0))
    starts, rotations = _joints(hand, torch.arange(LEVELS)[None, :, None, None].expand(1, -1, 5, 3))
    skin = hand.skin @ rotations.mT + starts[..., None, :]
    depth = -rod(_to_object(T_wrist_object, skin)).amin(dim=-1)
    asked = torch.arange(15).view(5, 3) % 4 > 0
    hit = _skin_in(hand, rod, T_wrist_object, (starts, rotations), asked[None, None], GIVE)
    sure = (depth - GIVE).abs() > 1e-6  # On the brink floats decide.
    assert 0.02 < float(hit.float().mean()) < 0.6
    assert torch.equal(hit[sure], ((depth > GIVE) & asked)[sure])


def test_how_deep_points_lie_in_the_capsules_of_a_hand() -> None:
    """A slow reference: the way from each point to each bone, one by one, to `0.8` of the radii."""
    rod, hand = Rod(0.02), make_hand(BODY, "right")
    unit = torch.rand(4, 5, generator=torch.Generator().manual_seed(4))
    T_wrist_object = place_object(hand, rod.grip("right"), unit, 1.0, (-3.0, 3.0))
    closed = close_fingers(hand, rod, T_wrist_object)
    near = 0.08 * torch.randn(30, 3, generator=torch.Generator().manual_seed(5))
    deepest = _object_in_hand(hand, closed, T_wrist_object, near)
    for k, T in enumerate(T_wrist_object):
        bones = [(closed.starts[k, i, j], closed.rotations[k, i, j] @ hand.lengths[i, j])
                 for i in range(5) for j in range(3)]  # fmt: skip
        bones += [(rod[0], rod[1] - rod[0]) for rod in hand.rods]
        depths = [0.0]
        for point in near @ T[:3, :3].T + T[:3, 3]:
            for (a, b), radius in zip(bones, [*hand.radii.flatten(), *hand.rod_radii], strict=True):
                share = ((point - a) @ b / (b @ b)).clamp(0, 1)
                depths.append(float(0.8 * radius - (point - a - share * b).norm()))
        assert float(deepest[k]) == pytest.approx(max(depths), abs=1e-6)
    assert (deepest > 0.002).any()


def test_oblique_grasps_go_on_beside_straight_ones() -> None:
    """How far each grip's thumb end lies ahead shows in its frame; each third has its own."""
    rod, hand = Rod(0.02), make_hand(BODY, "right")
    chance = torch.Generator().manual_seed(0)
    free = Freedom(tilts=3, worse=5.0)
    found = find_grasps(hand, rod, rod.surface(), rod.grip("right"), free, chance)
    axes = torch.stack([grasp.T_wrist_object[:3, 1] for grasp in found]) @ hand.frame
    tilt = torch.atan2(axes[:, 0], axes[:, 1])
    share = (tilt - TILT[0]) / (TILT[1] - TILT[0])
    assert set((3 * share).long().clamp(0, 2).tolist()) == {0, 1, 2}
    assert axes[:, 2].abs().max() < 1e-4


def test_candidates_compete_with_those_of_their_sector() -> None:
    free = Freedom(sectors=4, tilts=3)
    roll, tilt = torch.meshgrid(torch.arange(4), torch.arange(3), indexing="ij")
    unit = torch.rand(12, 5, generator=torch.Generator().manual_seed(3))
    unit[:, 0], unit[:, 1] = (roll.flatten() + unit[:, 0]) / 4, (tilt.flatten() + unit[:, 1]) / 3
    assert free.sector(unit).tolist() == list(range(12))
    assert free.sector(torch.ones(1, 5)).tolist() == [11]


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_something_short_is_held_by_its_middle(seed: int) -> None:
    """A rod is as good to hold anywhere, but what is short has a neck or a foot at its ends."""
    rod, hand = Rod(0.03), make_hand(BODY, "left")
    short = replace(rod.grip("left"), length=0.2)
    chance = torch.Generator().manual_seed(seed)
    grasp = find_grasps(hand, rod, rod.surface(), short, Freedom(), chance)[0]
    held = transform(torch.linalg.inv(grasp.T_wrist_object), hand.knuckles[None])
    assert abs(float(held[0, 1])) < 0.02


@pytest.mark.parametrize("flip", [1.0, -1.0])
def test_a_shaft_is_tilted_in_the_hand_where_it_lies_in_it(flip: float) -> None:
    """Obliquely by the angles of the table; its point beside the knuckles stays where it is."""
    rod, hand = Rod(0.015), make_hand(BODY, "left")
    grip = rod.grip("left")
    T = place_object(hand, grip, torch.full((1, 5), 0.4), flip, (-0.5, 0.5))[0]
    seen = _tilted(hand, grip, Grasp("left", "power", torch.zeros(15, 3), T, 0.0, 0, 0.0))
    axes, at = seen[:, :3, :3] @ grip.axis, seen[:, :3, :3] @ grip.centre + seen[:, :3, 3]
    along, across = axes @ hand.frame[:, 0], axes @ hand.frame[:, 1]
    torch.testing.assert_close(
        (along / across)[1:].atan(), torch.tensor(OBLIQUE), atol=0.02, rtol=0
    )
    nearest = at[0] + ((hand.knuckles - at[0]) @ axes[0]) * axes[0]
    off = torch.linalg.cross(nearest - at, axes).norm(dim=-1)
    torch.testing.assert_close(off, torch.zeros(3), atol=1e-4, rtol=0)
    torch.testing.assert_close(seen[0], T)


@pytest.mark.parametrize(
    ("scores", "depths", "wanted"),
    [
        ([7.3, 5.4, 5.2], [6.0, 2.0, 6.0], [True, False, False]),  # Around a mug's handle.
        ([7.3, 6.4, 5.2], [6.0, 2.0, 6.0], [False, False, False]),
        ([7.3, 5.4], [6.0, 9.0], [True, True]),  # Nothing else is left.
        ([7.3, 5.4], [4.0, 9.0], [False, False]),
        ([], [], []),
    ],
)
def test_grasps_are_mended_that_hold_much_better_than_harmless_ones(
    scores: list[float], depths: list[float], wanted: list[bool]
) -> None:
    """Depths in millimetres."""
    assert worth_mending(scores, [depth / 1000 for depth in depths]) == wanted
