"""Hands come to lie on tables and over edges that are known in closed form."""

from dataclasses import replace

import pytest
import torch
from jaxtyping import Float
from solid import box, item_of, target
from torch import Tensor

from solver.artefacts import Affordance, Contact, Plan
from solver.body import load_body, pose_body, shape_body
from solver.body.joints import INDEX
from solver.body.overlap import self_depth
from solver.body.parts import part_vertices
from solver.body.poses import laying_path, poses_for
from solver.geometry.mesh import vertex_normals
from solver.geometry.rotations import matrix_from_rotvec, rigid
from solver.optimisation.arms import arm_joints
from solver.optimisation.grasp.closing import close_fingers
from solver.optimisation.grasp.flat import GIVE, fingers_down, flat_hand, palm_down
from solver.optimisation.grasp.hand import FINGERS, THUMB, Hand, finger_joints
from solver.optimisation.lain import (
    PROUD,
    SINK,
    STEEP,
    Person,
    ground_of,
    lain_wrists,
    lying,
    thumbs_down,
    whole_hand,
    wrists_over,
)  # fmt: skip
from solver.optimisation.laying import BENT, BETTER, lay_hands, with_laid
from solver.optimisation.taking import Options, Taking
from solver.optimisation.variables import Start, state_of, variables_at
from solver.task import Task, resolve

BODY = shape_body(load_body())
SIDES = ("left", "right")
UP = torch.tensor([[0.0, 1.0, 0.0]])
FREE = Taking(None, ())


def table(points: Float[Tensor, "*batch 3"]) -> Float[Tensor, "*batch"]:
    """Signed distance to what is below y = 0."""
    return points[..., 1]


def on_table(hand: Hand, along: Float[Tensor, "1 3"], lower: float = 0.0) -> Tensor:
    """The wrist of a hand whose palm just touches the table, or is so much deeper."""
    rotation = palm_down(hand, along, UP)
    height = -float((hand.palm @ rotation[0].T)[:, 1].min()) - lower
    return rigid(rotation, torch.tensor([[0.0, height, 0.0]]))


def skin(hand: Hand, pose: Float[Tensor, "15 3"], wrist: Tensor) -> Float[Tensor, "5 3 points 3"]:
    """Of the fingers, where the wrist is: forward kinematics joint by joint."""
    turns, placed = matrix_from_rotvec(pose.view(5, 3, 3)), []
    for finger in range(5):
        turn, at = torch.eye(3), torch.zeros(3)
        for joint in range(3):
            at = at + turn @ hand.joints[finger, joint]
            turn = turn @ turns[finger, joint]
            placed.append(hand.skin[finger, joint] @ turn.T + at)
    points = torch.stack(placed).view(5, 3, -1, 3)
    return points @ wrist[:3, :3].T + wrist[:3, 3]


@pytest.mark.parametrize("side", SIDES)
def test_a_palm_looks_down_and_its_fingers_along(side: str) -> None:
    hand = flat_hand(BODY, side)
    normals = torch.nn.functional.normalize(
        torch.tensor([[0.2, 0.9, -0.3], [1.0, 0.1, 0.4]]), dim=1
    )
    along = torch.nn.functional.normalize(torch.linalg.cross(normals, UP.expand(2, 3)), dim=1)
    rotation = palm_down(hand, along, normals)
    torch.testing.assert_close(
        rotation @ rotation.mT, torch.eye(3).expand(2, 3, 3), atol=1e-5, rtol=0
    )
    assert bool((torch.linalg.det(rotation) > 0).all())
    torch.testing.assert_close(rotation @ hand.frame[:, 2], -normals, atol=1e-5, rtol=0)
    torch.testing.assert_close(rotation @ hand.frame[:, 0], along, atol=1e-5, rtol=0)


@pytest.mark.parametrize("side", SIDES)
def test_a_thumb_points_down_on_a_wall_by_how_far_the_hand_is_turned(side: str) -> None:
    """On a wall that looks to +Z; fingers turned inward from up, where thumbs come to be below."""
    hand, turned = flat_hand(BODY, side), torch.tensor([0.0, 10.0, 40.0, 90.0, 180.0]).deg2rad()
    inward = 1.0 if side == "left" else -1.0  # The person faces -Z.
    along = torch.stack([inward * turned.sin(), turned.cos(), torch.zeros(5)], dim=1)
    wall = torch.tensor([[0.0, 0.0, 1.0]]).expand(5, 3)
    up = UP @ palm_down(hand, along, wall)
    expected = ((turned.sin() - STEEP) / (1.0 - STEEP)).clamp(min=0.0).square()
    torch.testing.assert_close(thumbs_down(hand, up[:, 0]), expected, atol=1e-4, rtol=0)
    outward = UP @ palm_down(hand, along * torch.tensor([-1.0, 1.0, 1.0]), wall)
    assert not bool(thumbs_down(hand, outward[:, 0]).any())


def test_the_ways_down_of_two_hands_are_mirror_images() -> None:
    mirrored = laying_path("right") * torch.tensor([1.0, -1.0, -1.0])
    torch.testing.assert_close(mirrored, laying_path("left"), atol=1e-6, rtol=0)


@pytest.mark.parametrize("side", SIDES)
def test_on_a_table_every_finger_touches_and_none_is_in_it(side: str) -> None:
    hand = flat_hand(BODY, side)
    wrist = on_table(hand, torch.tensor([[0.6, 0.0, 0.8]]), SINK)
    pose = fingers_down(hand, table, wrist)[0]
    height = skin(hand, pose, wrist[0])[..., 1]
    assert float(height.min()) >= -GIVE - 1e-6
    assert float(height.flatten(1).amin(dim=1).max()) < 0.004
    # Straight, not clawed: no joint of the four fingers is bent far.
    assert float(pose.view(5, 3, 3)[:THUMB].norm(dim=-1).max().rad2deg()) < 35


@pytest.mark.parametrize("side", SIDES)
def test_over_an_edge_fingers_bend_together(side: str) -> None:
    """The table ends under the knuckles of two fingers: theirs hang, the others lie."""
    hand = flat_hand(BODY, side)
    wrist = on_table(hand, torch.tensor([[1.0, 0.0, 0.0]]), SINK)
    middle = float((wrist[0, :3, :3] @ hand.knuckles)[2])

    def corner(points: Tensor) -> Tensor:
        """Below y = 0 and on the far side of a plane between middle and ring finger."""
        inside = torch.stack([points[..., 1], points[..., 2] - middle], dim=-1)
        return inside.clamp(min=0).norm(dim=-1) + inside.amax(dim=-1).clamp(max=0)

    pose = fingers_down(hand, corner, wrist)[0].view(5, 3, 3)
    bend = pose.norm(dim=-1).sum(dim=-1).rad2deg()
    row = [float(bend[FINGERS.index(name)]) for name in ("index", "middle", "ring", "pinky")]
    assert max(row) - min(row) > 10
    assert max(abs(a - b) for a, b in zip(row[1:], row, strict=False)) < 45
    level = close_fingers(hand, corner, torch.linalg.inv(wrist), GIVE).level[0]
    alone = hand.poses[level, torch.arange(5)[:, None], torch.arange(3)]
    assert float(alone.norm(dim=-1).sum(dim=-1).rad2deg().max()) > max(row) + 20


def tilted(part: str = "left_hand") -> tuple[Task, Start]:
    """A table top below the hand of the T-pose, which stands on it with its fingertips."""
    side = part.split("_", maxsplit=1)[0]
    wrist = BODY.joints[INDEX[f"{side}_wrist"]]
    x, y, z = wrist.tolist()
    item = item_of(box((x - 0.5, y - 0.4, z - 0.25), (x + 0.5, y - 0.055, z + 0.25)), floor=-2.0)
    contact = Contact(part, "top", "touch")  # pyright: ignore[reportArgumentType]
    plan = Plan(
        prompt="a hand on the table", object="table", posture="stand", relation="front",
        facing="object", movable=False, scale="furniture", contacts=(contact,),
    )  # fmt: skip
    on_top = (item.normals[:, 1] > 0.9) & ((item.points[:, 0] - x).abs() < 0.3)
    task = resolve(item, plan, Affordance((target(contact, on_top),)), BODY)
    pose, trans = torch.zeros(1, 52, 3), torch.zeros(1, 3)
    sign = 1.0 if side == "left" else -1.0
    pose[0, INDEX[f"{side}_wrist"], 2] = -0.35 * sign
    pose[0, INDEX[f"{side}_shoulder"], 2] = -0.05 * sign
    pose[0, INDEX[f"{side}_elbow"], 1] = -0.3 * sign
    return task, Start(pose, trans, torch.eye(4)[None], ("t",), torch.zeros(1), pose, trans)


def share(task: Task, start: Start) -> float:
    """Of the hand, that lies."""
    (touch,) = (*task.touches, *task.owns)
    state = state_of(BODY, start, variables_at(start, fingers=True))
    ground = ground_of(task, touch, state)
    return float(lying(BODY, ground, whole_hand(task, touch), state.posed.verts))


@pytest.mark.parametrize("side", SIDES)
def test_a_hand_on_its_fingertips_is_laid_by_its_arm_alone(side: str) -> None:
    task, start = tilted(f"{side}_hand")
    done = lay_hands(task, FREE, start)
    assert share(task, done) > share(task, start) + 0.15
    moving = [*arm_joints(side), *finger_joints(side)]
    others = [j for j in range(52) if j not in moving]
    assert torch.equal(done.pose[0, others], start.pose[0, others])
    hand = task.hands[side]
    local = state_of(BODY, done, variables_at(done, fingers=True)).local[0, hand]
    assert float(task.item.surface.query(local)[0].min()) > -0.0036
    # It lies already: what a second time would move is no better.
    assert share(task, lay_hands(task, FREE, done)) >= share(task, done)


def test_hands_that_hold_and_fingertips_stay() -> None:
    task, start = tilted()
    hold = Options("left", "power", torch.eye(4)[None], torch.zeros(1, 15, 3), torch.zeros(1))
    assert torch.equal(lay_hands(task, Taking(None, (hold,)), start).pose, start.pose)
    tips = replace(task, touches=tuple(replace(t, tips=True) for t in task.touches))
    assert torch.equal(lay_hands(tips, FREE, start).pose, start.pose)


def test_a_goal_is_a_palm_that_lies() -> None:
    task, start = tilted()
    taking, there = with_laid(task, FREE, start)
    (goal,) = taking.goals
    T = torch.linalg.inv(goal.T_wrist_object)[0]
    hand = flat_hand(BODY, "left")
    top = float(task.item.mesh.verts[:, 1].max())
    palm = hand.palm @ T[:3, :3].T + T[:3, 3]
    assert float(palm[:, 1].min()) == pytest.approx(top - SINK, abs=1e-3)
    torch.testing.assert_close(T[:3, :3] @ hand.frame[:, 2], -UP[0], atol=1e-3, rtol=0)
    assert share(task, there) > share(task, start) + 0.1


def test_the_nearest_way_to_lie_comes_first() -> None:
    task, start = tilted()
    state = state_of(BODY, start, variables_at(start, fingers=True))
    hand, ground = flat_hand(BODY, "left"), ground_of(task, task.touches[0], state)
    wrists = lain_wrists(ground, hand, torch.eye(4))
    for k in (0, 20):
        again = lain_wrists(ground, hand, wrists[k])[0]
        assert float((again[:3, 3] - wrists[k, :3, 3]).norm()) < 0.08
        assert float((again[:3, :3] - wrists[k, :3, :3]).norm()) < 0.6


def test_a_hand_on_the_own_thigh_lies_on_it() -> None:
    """Seated, the hand is some centimetres over the thigh: the arm alone brings it down."""
    item = item_of(box((3.0, 0.0, 3.0), (3.1, 0.1, 3.1)))
    contact = Contact("left_hand", "own_thigh", "touch")
    plan = Plan(
        prompt="sitting", object="box", posture="sit", relation="beside", facing="object",
        movable=False, scale="furniture", contacts=(contact,),
    )  # fmt: skip
    task = resolve(item, plan, Affordance(()), BODY)
    pose, trans = poses_for("sit", ["neutral"], count=1)[0].pose[None], torch.zeros(1, 3)
    start = Start(pose, trans, torch.eye(4)[None], ("t",), torch.zeros(1), pose, trans)
    done = lay_hands(task, FREE, start)
    assert share(task, done) > share(task, start) + BETTER
    others = [j for j in range(52) if j not in [*arm_joints("left"), *finger_joints("left")]]
    assert torch.equal(done.pose[0, others], start.pose[0, others])
    verts = state_of(BODY, done, variables_at(done, fingers=True)).posed.verts[0]
    assert Person(BODY, "left", verts).depth(verts) < 0.006


def test_an_arm_is_as_deep_in_the_person_as_the_exact_measure_says() -> None:
    """For arms swung into the trunk by degrees, against winding numbers; and beside it."""
    pose = torch.zeros(4, 52, 3)
    pose[:, INDEX["left_shoulder"], 2] = torch.tensor([-0.6, -1.2, -1.5, -1.8])
    posed = pose_body(BODY, matrix_from_rotvec(pose), torch.zeros(4, 3))
    owner = BODY.model.weights.argmax(dim=1)
    arm = torch.isin(owner, torch.tensor([*arm_joints("left"), *finger_joints("left")]))
    exact = [float((self_depth(BODY, verts) * arm).max()) for verts in posed.verts]
    quick = [Person(BODY, "left", verts).depth(verts) for verts in posed.verts]
    assert exact[0] == quick[0] == 0.0 and exact[-1] > 0.05
    assert quick == pytest.approx(exact, abs=0.002, rel=0.1)


def test_points_are_as_deep_in_the_person_as_they_were_put() -> None:
    """Under the skin of the belly by so much, before it not at all; the arm does not count."""
    verts = BODY.verts
    person = Person(BODY, "left", verts)
    belly = part_vertices(BODY)["belly"]
    skin, out = verts[belly], vertex_normals(verts, BODY.faces)[belly]
    inside, before = skin - 0.02 * out, skin + 0.02 * out
    mine = verts[[int(part_vertices(BODY)["left_hand"][0])]].expand(len(belly), 3)
    deep = person.around(torch.stack([inside, before, mine]))
    assert float(deep[0]) == pytest.approx(0.02, abs=0.003)
    assert float(deep[1]) == float(deep[2]) == 0.0


def test_a_flat_hand_wipes_a_screen_that_a_finger_taps() -> None:
    item = item_of(box((-0.5, 0.0, -0.02), (0.5, 0.6, 0.02)))
    contact = Contact("right_hand", "screen", "touch")
    plan = Plan(
        prompt="wiping", object="tv", posture="stand", relation="front", facing="object",
        movable=False, scale="furniture", contacts=(contact,), hands={"right": "flat"},
    )  # fmt: skip
    chosen = Affordance((target(contact, item.normals[:, 2] > 0.9),))
    flat = resolve(item, plan, chosen, BODY).touches[0]
    tip = resolve(item, replace(plan, hands={"right": "point"}), chosen, BODY).touches[0]
    assert tip.tips and not flat.tips
    assert set(tip.whole.tolist()) < set(flat.whole.tolist())


@pytest.mark.parametrize("side", SIDES)
def test_fingers_of_a_hand_over_an_edge_bend_down_its_far_side(side: str) -> None:
    """On a block whose far face is 6 cm ahead of the fingertips, the knuckles end up above it."""
    task, start = tilted(f"{side}_hand")
    hand, touch = flat_hand(BODY, side), task.touches[0]
    ground = ground_of(task, touch, state_of(BODY, start, variables_at(start, fingers=True)))
    low, high = task.item.mesh.verts.amin(dim=0), task.item.mesh.verts.amax(dim=0)
    ahead = torch.tensor([[0.0, 0.0, 1.0]])
    knuckles = torch.tensor([float(low[0] + high[0]) / 2, float(high[1]) + 0.02, float(high[2])])
    rotation = palm_down(hand, ahead, UP)[0]
    near = rigid(rotation, knuckles - torch.tensor([0.0, 0.0, 0.06]) - rotation @ hand.knuckles)
    wrists = wrists_over(ground, hand, near, ahead[0])
    assert len(wrists) > 0
    pointing = wrists[:, :3, :3] @ hand.frame[:, 0]
    first = wrists[:1]
    assert float(pointing[0, 2]) > 0.95
    assert float((first[0, :3, :3] @ hand.knuckles + first[0, :3, 3])[2]) == pytest.approx(
        float(high[2]) + PROUD, abs=0.012
    )
    assert float((pointing @ ahead[0]).min()) > -0.25
    pose = fingers_down(hand, ground.distance, first)
    bend = pose[0].view(5, 3, 3)[:THUMB].norm(dim=-1).sum(dim=-1)
    assert float(bend.min()) > BENT
    gap = ground.distance(skin(hand, pose[0], first[0])[:THUMB])
    assert float(gap.min()) > -0.004 and float(gap.flatten(1).amin(dim=1).max()) < 0.006
