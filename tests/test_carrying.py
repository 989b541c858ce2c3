"""Things on shoulders, in hanging hands and on ladders: where they point and where they touch."""

import math

import pytest
import torch
from affordance_objects import box, held, item_of, ladder, plan, rod
from test_affordance import find, middle

from solver.artefacts import Plan
from solver.body import load_body, pose_body, shape_body
from solver.body.joints import INDEX
from solver.body.poses import poses_for
from solver.body.skinning import forward_kinematics
from solver.geometry.rotations import matrix_from_rotvec, rigid, rotvec_from_matrix, yaw_matrix
from solver.optimisation.attitudes import AWAY, HELD_OUT, SHORT, TIPPED, attitude, held_out, poured
from solver.optimisation.carry import LAIN, _off_part
from solver.plan.rules import make_plan
from solver.synthesis.choice import hanging
from solver.task import resolve
from solver.task.aims import AIMS
from solver.vocabulary import side_of


@pytest.mark.parametrize("name", AIMS)
def test_an_aim_is_a_direction_that_turns_with_the_person(name: str) -> None:
    aim = AIMS[name]  # pyright: ignore[reportArgumentType]
    assert math.hypot(aim.up, aim.ahead, aim.left) == pytest.approx(1.0, abs=1e-3)
    turn = yaw_matrix(torch.tensor(0.7))
    ahead = torch.tensor([0.0, 0.0, 1.0])
    torch.testing.assert_close(aim.seen(turn @ ahead), turn @ aim.seen(ahead))


def test_what_pours_is_tipped_and_not_toward_the_person() -> None:
    """Nothing is paid on the whole fan from ahead to beside; upright or tipped back is paid."""
    ahead = torch.tensor([[0.0, 0.0, 1.0]])
    level = math.sqrt(1 - TIPPED**2)
    for aside in torch.linspace(-1, 1, 9) * math.acos(AWAY / level):
        up = torch.tensor([[level * torch.sin(aside), -TIPPED, level * torch.cos(aside)]])
        assert float(poured(up, ahead)) == pytest.approx(0.0, abs=1e-6)
        turn = yaw_matrix(torch.tensor(2.1))
        other = torch.tensor([[0.3, 0.4, -math.sqrt(0.75)]])
        torch.testing.assert_close(poured(other @ turn.T, ahead @ turn.T), poured(other, ahead))
        assert float(poured(up * torch.tensor([1.0, 1.0, -1.0]), ahead)) > 2.0
    assert float(poured(torch.tensor([[0.0, 1.0, 0.0]]), ahead)) > float(poured(ahead, ahead)) > 2.0


@pytest.mark.parametrize("yaw", [0.0, 2.3])
def test_what_is_shown_is_held_out(yaw: float) -> None:
    """Free from `HELD_OUT` of an arm on, a parabola before; however high, wherever one faces."""
    body = shape_body(load_body())
    length = sum(
        float((body.joints[INDEX[a]] - body.joints[INDEX[b]]).norm())
        for a, b in (("left_shoulder", "left_elbow"), ("left_elbow", "left_wrist"))
    )
    lacking = torch.tensor([-0.2, 0.0, 0.03, 0.2])
    turn = torch.eye(3).repeat(4, 52, 1, 1)
    turn[:, 0] = yaw_matrix(torch.tensor(yaw))
    posed = pose_body(body, turn, torch.zeros(4, 3))
    middle = (
        posed.joints[:, INDEX["left_shoulder"]] + posed.joints[:, INDEX["right_shoulder"]]
    ) / 2
    middle = middle + (HELD_OUT * length - lacking)[:, None] * turn[:, 0, :, 2]
    middle[:, 1] += torch.tensor([0.3, -0.4, 0.0, 0.1])
    wanted = (lacking.clamp(min=0.0) / SHORT).square()
    torch.testing.assert_close(held_out(posed, middle), wanted, atol=2e-3, rtol=1e-2)


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("seed", range(3))
def test_a_lowered_arm_hangs_however_the_trunk_is_bent(side: str, seed: int) -> None:
    quiet = next(p for p in poses_for("stand", ["neutral"], count=60) if not p.active).pose
    bent = quiet.clone()
    generator = torch.Generator().manual_seed(seed)
    trunk = [INDEX[n] for n in ("pelvis", "spine1", "spine2", "spine3")]
    bent[trunk] = 0.3 * torch.randn(4, 3, generator=generator)
    lowered = hanging(bent, quiet, side)
    both = matrix_from_rotvec(torch.stack([lowered, quiet]))
    rotations, _ = forward_kinematics(both, torch.zeros(52, 3))
    for name in ("shoulder", "elbow", "wrist"):
        across = rotations[:, INDEX[f"{side}_{name}"], 1]  # Heights of the bone's three axes.
        torch.testing.assert_close(across[0], across[1], atol=1e-4, rtol=0)


def test_a_lowered_arm_of_a_turned_person_is_the_same_arm() -> None:
    quiet = next(p for p in poses_for("stand", ["neutral"], count=60) if not p.active).pose
    turned = quiet.clone()
    root = yaw_matrix(torch.tensor(1.1)) @ matrix_from_rotvec(quiet[0])
    turned[0] = rotvec_from_matrix(root)
    lowered = hanging(turned, quiet, "left")
    torch.testing.assert_close(lowered[1:], quiet[1:], atol=1e-4, rtol=0)


def spade() -> Plan:
    return held(("right_hand", "handle", "grasp"), ("right_shoulder", "handle", "support"))


def test_a_shaft_lies_on_the_shoulder_between_the_hand_and_the_working_end() -> None:
    item = item_of(rod(0.016, 1.1, (0, 0.02, 0.3), "z"), box((0.25, 0.02, 0.3), (0, 0.02, -0.4)))
    found = find(item, spade())
    hand, shoulder = (
        float(found.grips[0].centre[2]),
        float(middle(item, found, "right_shoulder")[2]),
    )
    assert shoulder == pytest.approx(hand - 0.42, abs=0.04), "an arm's bend toward the blade"
    alone = find(item, held(("right_hand", "handle", "grasp")))
    assert hand > float(alone.grips[0].centre[2]), "held farther back than in the hand alone"


@pytest.mark.parametrize("part", ["left_shoulder", "right_shoulder"])
def test_a_box_lies_on_a_shoulder_beside_the_head(part: str) -> None:
    item = item_of(box((0.5, 0.4, 0.4), (0, 0.2, 0)))
    place = middle(item, find(item, held((part, "underside", "support"))), part)
    inward = -1.0 if side_of(part) == "left" else 1.0
    assert place[0] * inward == pytest.approx(0.25 - 0.07, abs=0.02), "the rest of it is outside"
    assert place[1] == pytest.approx(0.0, abs=1e-3) and abs(place[2]) < 0.02


def test_what_rests_on_a_shoulder_is_above_it() -> None:
    body = shape_body(load_body())
    item = item_of(rod(0.016, 1.1, (0, 0.02, 0.0), "z"))
    task = resolve(item, plan(*_rows(spade()), movable=True), find(item, spade()), body)
    touch = next(t for t in task.touches if t.contact.part == "right_shoulder")
    posed = pose_body(body, torch.eye(3).expand(1, 52, 3, 3), torch.zeros(1, 3))
    part = posed.verts[0, touch.verts].mean(dim=0)
    T = torch.eye(4).repeat(1, 3, 1, 1)
    # The region's lowest points LAIN above the patch, as deep below it, far away.
    for k, rise in enumerate((LAIN + 0.001, -LAIN, 0.6)):
        T[0, k, :3, 3] = part - touch.centre
        T[0, k, 1, 3] = part[1] + rise - touch.points[:, 1].min()
    above, below, far = _off_part(touch, posed, T)[0].tolist()
    assert above == pytest.approx(0.0, abs=0.3)
    assert below > 1.0
    assert far == 12.0, "as bad as it gets"


def _rows(of: Plan) -> list[tuple[str, str, str]]:
    return [(c.part, c.region, c.role) for c in of.contacts]


def climber(*styles: str, region: str = "rung") -> Plan:
    return plan(
        ("left_foot", "rung", "support"), ("right_foot", "rung", "support"),
        ("left_hand", region, "grasp"), ("right_hand", region, "grasp"),
        posture="climb", relation="on_top", styles=styles,
    )  # fmt: skip


def test_the_hand_across_from_the_upper_foot_is_the_upper_one() -> None:
    item = ladder()
    found = find(item, climber())
    height = {t.contact.part: middle(item, found, t.contact.part)[1] for t in found.targets}
    assert height["left_foot"] > height["right_foot"] + 0.2
    assert height["right_hand"] > height["left_hand"] + 0.2


def test_hands_pull_from_above_on_the_way_up_and_hold_beside_the_trunk_on_the_way_down() -> None:
    item = ladder()
    up, down = (
        [middle(item, found, f"{side}_hand")[1] for side in ("left", "right")]
        for found in (find(item, climber(*s, region="rail")) for s in ((), ("climb_down",)))
    )
    assert min(up) > max(down) + 0.1
    assert up[1] > up[0] + 0.1


@pytest.mark.parametrize(
    ("prompt", "name", "attitude", "height"),
    [
        ("a worker walking with the shovel over his shoulder", "shovel", "shouldered", "free"),
        ("she carries the axe on her left shoulder", "axe", "shouldered", "free"),
        ("carrying the box on the right shoulder", "cardboard box", "upright", "free"),
        ("the hammer hanging from his left hand", "claw hammer", "hanging", "free"),
        ("kneels and hammers a nail into the floor", "claw hammer", "face_down", "knee"),
        ("swinging a hammer", "claw hammer", "aimed_up", "head"),
        ("playing the guitar", "acoustic guitar", "across", "belly"),
        ("shining a torch ahead", "torch", "aimed_forward", "hip"),
        ("drilling a hole in the ceiling", "power drill", "aimed_up", "overhead"),
    ],
)
def test_how_things_are_turned(prompt: str, name: str, attitude: str, height: str) -> None:
    made = make_plan(prompt, name)
    assert (made.attitude, made.hold_height) == (attitude, height)


def test_standing_on_a_ladder_a_hand_holds_and_the_other_one_reaches() -> None:
    made = make_plan("a man stands on the ladder and changes a light bulb", "ladder")
    hands = [c for c in made.contacts if c.part.endswith("_hand")]
    assert (made.posture, made.styles[0]) == ("climb", "reach_up")
    assert [(c.part, c.role) for c in hands] == [("left_hand", "grasp")]


def test_a_guitars_neck_points_away_from_the_hand_that_plays() -> None:
    neck, corpus = rod(0.02, 0.5, (0, 0.7, 0), "y"), box((0.36, 0.45, 0.1), (0, 0.225, 0))
    item = item_of(corpus, neck)
    plays = held(("left_hand", "neck", "grasp"), ("right_hand", "front", "grasp"))
    what = plan(*_rows(plays), movable=True, relation="holding", attitude="across")
    found = find(item, what)
    assert found.grips[0].part == "left_hand" and float(found.grips[0].centre[1]) > 0.5
    task = resolve(item, what, found, shape_body(load_body()))
    torch.testing.assert_close(task.pointer, torch.tensor([0.0, 1.0, 0.0]), atol=0.05, rtol=0)


def test_the_face_of_a_hammer_that_is_swung_points_where_one_looks() -> None:
    head, shaft = box((0.03, 0.03, 0.14), (0, 0.33, 0.02)), rod(0.014, 0.32, (0, 0.16, 0), "y")
    item, body = item_of(head, shaft), shape_body(load_body())
    rows = _rows(held(("right_hand", "handle", "grasp")))
    what = plan(*rows, movable=True, relation="holding", attitude="aimed_up", styles=("swing",))
    task = resolve(item, what, find(item, what), body)
    assert task.head is not None
    angles = torch.linspace(-3.0, 3.0, 121)
    posed = pose_body(body, torch.eye(3).expand(121, 52, 3, 3), torch.zeros(121, 3))
    T = rigid(yaw_matrix(angles), torch.tensor([0.0, 1.3, 0.0]).expand(121, 3))
    best = int(attitude(task, posed, T, free=False).argmin())
    assert float((T[best, :3, :3] @ task.head)[2]) > 0.99


def place_of(plan: Plan, part: str) -> str:
    """Where on the object the plan has that part."""
    return next((c.region for c in plan.contacts if c.part == part), "")


def test_a_bottle_in_two_hands_is_borne_by_one() -> None:
    plan = make_plan("a child carrying the bottle with both hands", "bottle", (0.1, 0.2, 0.06))
    assert {place_of(plan, f"{side}_hand") for side in ("left", "right")} == {"sides", "underside"}


def test_the_free_hand_of_who_kneels_over_a_tool_props_the_trunk() -> None:
    plan = make_plan("a woman kneels and hammers a nail into the floor", "hammer", (0.1, 0.3, 0.03))
    assert place_of(plan, "left_hand") == "floor"
    upright = make_plan("a woman kneels with a mug in her hand", "mug", (0.1, 0.1, 0.08))
    assert place_of(upright, "left_hand") != "floor"
