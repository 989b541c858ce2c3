"""Whole bodies on things that stay: hanging legs, hugs, shoes, floors; open sleeves."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from affordance_objects import box, item_of, plan, rod, seated

from solver.affordance import find_affordance
from solver.artefacts import Affordance, Item, Plan
from solver.body import ShapedBody, load_body, pose_body, pose_by_angles, shape_body
from solver.body.joints import INDEX
from solver.body.poses import library
from solver.geometry.grid import build_grid
from solver.geometry.rotations import matrix_from_rotvec
from solver.optimisation.folds import Folds, ask_folds, folds_cost, rests_of
from solver.optimisation.variables import State
from solver.plan import make_plan
from solver.synthesis.choice import fitting
from solver.synthesis.places import draw
from solver.synthesis.search import figures_of
from solver.task import resolve

ROWS = tuple((part, "roof", "support") for part in ("buttocks", "left_thigh", "right_thigh"))


@pytest.fixture(scope="module")
def body() -> ShapedBody:
    return shape_body(load_body())


def middle(item: Item, found: Affordance, part: str) -> np.ndarray:
    target = next(t for t in found.targets if t.contact.part == part)
    return (target.probability[:, None] * item.points).sum(dim=0).numpy()


def car() -> Item:
    """A roof 1.5 m wide and 2 m long at 1.8 m; steps of 15 cm before and behind it."""
    steps = [
        box((1.5, 1.8 - 0.15 * k, 0.3), (0, (1.8 - 0.15 * k) / 2, way * (0.85 + 0.3 * k)))
        for k in range(1, 6)
        for way in (-1, 1)
    ]
    return item_of(box((1.5, 1.8, 2.0), (0, 0.9, 0)), *steps)


def test_legs_hang_over_the_sheer_side_of_a_roof_not_over_its_windscreen() -> None:
    item = car()
    found = find_affordance(item, seated(*ROWS), 1.7)
    seat, left, right = (middle(item, found, row[0]) for row in ROWS)
    ahead = (left + right) / 2 - seat
    assert abs(ahead[0]) > 0.1
    assert abs(ahead[2]) < 0.05
    assert abs(seat[0]) > 0.35
    assert np.sign(seat[0]) == np.sign(ahead[0])


def test_with_feet_on_the_floor_one_looks_where_the_object_does() -> None:
    item = car()
    feet = (("left_foot", "floor", "support"), ("right_foot", "floor", "support"))
    found = find_affordance(item, seated(*ROWS, *feet), 1.7)
    ahead = middle(item, found, "left_thigh") + middle(item, found, "right_thigh")
    ahead = ahead / 2 - middle(item, found, "buttocks")
    assert ahead[2] > 0.1


def test_the_search_turns_people_to_where_their_thighs_belong(body: ShapedBody) -> None:
    item = car()
    what = seated(*ROWS)
    task = resolve(item, what, find_affordance(item, what, 1.7), body)
    pose = next(p.pose for p in library() if p.name == "sit_hanging_legs")
    candidates = draw(
        task, figures_of(body, ("p",), pose[None]), 20, torch.Generator().manual_seed(0)
    )
    assert float((candidates.yaw.abs() - torch.pi / 2).abs().max()) < 0.3


def hug() -> Plan:
    rows = (("chest", "front", "touch"), ("left_hand", "back", "touch"),
            ("right_hand", "back", "touch"))  # fmt: skip
    return plan(*rows)


def test_arms_go_round_a_post_and_as_far_as_they_reach_around_a_barrel() -> None:
    post, barrel = (item_of(rod(r, 2.0, (0, 1.0, 0), "y")) for r in (0.12, 0.8))
    behind = middle(post, find_affordance(post, hug(), 1.7), "left_hand")
    assert behind[2] < -0.04
    found = find_affordance(barrel, hug(), 1.7)
    chest = middle(barrel, found, "chest")
    left, right = (middle(barrel, found, f"{side}_hand") for side in ("left", "right"))
    for hand in (left, right):
        assert 0.3 < np.linalg.norm(hand - chest) < 0.85
    assert left[0] < -0.25 < 0.25 < right[0]  # Whoever looks at it has the left hand toward -X.


def test_a_chest_keeps_out_of_a_gap_that_is_too_narrow_for_it() -> None:
    posts = [rod(0.1, 2.0, (x, 1.0, 0.35), "y") for x in (-0.2, 0.2)]
    item = item_of(box((1.2, 2.0, 0.3), (0, 1.0, 0)), *posts)
    item = replace(item, grid=build_grid(item.surface, item.mesh.low, item.mesh.high))
    found = find_affordance(item, plan(("chest", "front", "touch")), 1.7)
    target = found.targets[0].probability
    gap = (item.points[:, 0].abs() < 0.1) & (item.points[:, 2] < 0.3)
    assert float(target[gap].sum()) < 0.01


def test_shoes_are_tied_with_both_hands_on_the_feet() -> None:
    shoes = make_plan("he sits on the edge of the bed tying his shoes", "bed", (1.6, 0.5, 2.0))
    hands = {c.part: c.region for c in shoes.contacts if c.part.endswith("_hand")}
    assert hands == {"left_hand": "own_foot", "right_hand": "own_foot"}


def test_on_the_floor_one_sits_with_feet_and_seat_at_one_height(body: ShapedBody) -> None:
    for name in ("sit_cross_legged", "sit_floor_typing"):
        pose = next(p.pose for p in library() if p.name == name)
        verts = pose_body(body, matrix_from_rotvec(pose[None]), torch.zeros(1, 3)).verts[0]
        owner = body.model.weights.argmax(dim=1)
        feet = torch.isin(owner, torch.tensor([INDEX["left_ankle"], INDEX["right_ankle"]]))
        hips = torch.isin(owner, torch.tensor([INDEX["left_hip"], INDEX["right_hip"], 0]))
        assert abs(float(verts[feet, 1].min() - verts[hips, 1].min())) < 0.06


def test_drawn_up_feet_may_lie_on_the_seat(body: ShapedBody) -> None:
    item = item_of(box((2.0, 0.5, 2.0), (0, 0.25, 0)))
    rows = (("buttocks", "top", "support"),)
    what = replace(seated(*rows), styles=("legs_crossed",))
    task = resolve(item, what, find_affordance(item, what, 1.7), body)
    flat = [p for p in library() if p.name in ("sit_cross_legged", "sit_upright")]
    assert {p.name for p in fitting(task, flat)} == {"sit_cross_legged", "sit_upright"}
    plain = replace(task, plan=replace(what, styles=("neutral",)))
    assert {p.name for p in fitting(plain, flat)} == {"sit_upright"}


def test_a_hand_is_not_inside_the_sleeve_that_its_forearm_comes_out_of(body: ShapedBody) -> None:
    """Whatever the elbow does, only a hand in the trunk counts: against the closed body's sign."""
    pose = torch.zeros(3, 52, 3)
    pose[1, INDEX["left_elbow"], 1] = -2.0
    pose[2, INDEX["left_elbow"]] = torch.tensor([1.0, -1.2, 0.3])
    posed = pose_body(body, matrix_from_rotvec(pose), torch.zeros(3, 3))
    state = State(pose, torch.zeros(3, 3), posed, torch.eye(4).expand(3, 4, 4), posed.verts)
    folds, _ = ask_folds(body, state, [rests_of(body, row) for row in posed.verts])
    assert float(folds.sdf.min()) > 0.0


def test_a_thigh_in_the_belly_is_seen_and_pushed_out(body: ShapedBody) -> None:
    """Bent double, legs are in the trunk; the cost falls along its own slope."""
    pose = torch.zeros(1, 52, 3)
    pose[0, [INDEX["left_hip"], INDEX["right_hip"]], 0] = -2.6
    pose[0, INDEX["spine1"], 0] = 0.5

    def cost(bend: torch.Tensor, folds: Folds | None = None) -> tuple[torch.Tensor, Folds]:
        turned = (
            pose + bend * (torch.arange(52) == INDEX["spine1"])[None, :, None] * torch.eye(3)[0]
        )
        posed = pose_by_angles(body, turned, torch.zeros(1, 3), torch.zeros(1, 3))
        state = State(turned, torch.zeros(1, 3), posed, torch.eye(4)[None], posed.verts)
        folds = folds or ask_folds(body, state, [rests_of(body, posed.verts[0].detach())])[0]
        return folds_cost(folds, state).sum(), folds

    bend = torch.zeros((), requires_grad=True)
    here, folds = cost(bend)
    assert float(folds.sdf.min()) < -0.01
    (slope,) = torch.autograd.grad(here, bend)
    step = 1e-3
    there, back = (float(cost(torch.tensor(s), folds)[0]) for s in (step, -step))
    assert float(slope) == pytest.approx((there - back) / (2 * step), rel=0.05)
    assert float(cost(torch.tensor(-0.3))[0]) < float(here.detach())


def lain_on(length: float) -> dict[str, str]:
    size = (length, 0.45, 0.5)
    contacts = make_plan("person lying asleep on the bench", "bench", size).contacts
    return {c.part: c.region for c in contacts}


def test_knees_are_bent_on_a_short_bench_and_heels_lie_on_a_long_one() -> None:
    short, long = lain_on(1.2), lain_on(2.2)
    assert short["left_foot"] == short["right_foot"] == long["left_foot"] == "lying"
    assert "left_calf" not in short
    assert long["left_calf"] == long["right_calf"] == "lying"


def test_spread_arms_of_one_who_lies_lie_too() -> None:
    size = (1.6, 0.5, 2.0)
    spread = make_plan("woman lying on her back on the bed, arms spread", "bed", size)
    assert {c.region for c in spread.contacts if c.part.endswith("_hand")} == {"lying"}


def test_the_head_goes_up_the_pillow_where_the_feet_would_stick_out() -> None:
    """Two beds with the same head end: nearer to the headboard on the short."""
    places = []
    for length in (2.6, 1.8):
        foot = length / 2
        pillow = box((0.6, 0.12, 0.5), (0, 0.56, -foot + 0.3))
        item = item_of(
            box((1.6, 0.5, length), (0, 0.25, 0)), box((1.6, 1.0, 0.05), (0, 0.5, -foot)), pillow
        )
        what = plan(("head", "pillow", "support"), posture="lie", relation="on_top", facing="along")
        head = middle(item, find_affordance(item, what, 1.7), "head")
        places.append(head[2] - float(item.mesh.low[2]))
    assert places[1] < places[0] - 0.03


def test_one_hand_carries_at_the_side_and_slender_things_lie_under_an_arm() -> None:
    bin_ = make_plan("person carrying the bin with one hand on the rim", "bin", (0.3, 0.4, 0.25))
    stool = make_plan("a bartender carrying a stool under one arm", "stool", (0.4, 0.75, 0.4))
    mug = make_plan("carrying a mug in the right hand", "mug", (0.1, 0.09, 0.08))
    box_ = make_plan("carrying a cardboard box", "box", (0.5, 0.4, 0.4))
    assert bin_.styles == stool.styles == ("carry_side",)
    assert (bin_.hold_height, bin_.attitude) == ("free", "upright")
    assert (stool.hold_height, stool.attitude) == ("free", "lying")
    regions = {c.part: c.region for c in stool.contacts}
    assert (regions["right_forearm"], regions["right_hip"]) == ("sides", "left_side")
    assert mug.attitude == "upright"
    assert "carry_front" in box_.styles


def test_feet_stand_on_a_lower_step_and_the_seat_is_a_step_of_the_stairs() -> None:
    contacts = make_plan("a boy sitting on the stairs", "stairs", (1.2, 1.0, 1.7)).contacts
    regions = {c.part: c.region for c in contacts}
    assert (regions["buttocks"], regions["left_foot"], regions["right_foot"]) == (
        "seat", "rung", "rung",
    )  # fmt: skip


def test_ropes_beside_the_seat_are_held_not_the_frame() -> None:
    ropes = [rod(0.012, 1.9, (x, 1.45, 0), "y") for x in (-0.24, 0.24)]
    posts = [rod(0.04, 2.4, (x, 1.2, 0), "y") for x in (-0.8, 0.8)]
    item = item_of(box((0.5, 0.03, 0.3), (0, 0.5, 0)), *ropes, *posts)
    what = seated(("buttocks", "seat", "support"), ("left_hand", "sides", "grasp"))
    hand = middle(item, find_affordance(item, what, 1.7), "left_hand")
    np.testing.assert_allclose(hand, [0.24, 0.9, 0.0], atol=0.06)


def test_with_drawn_up_legs_one_sits_in_the_middle() -> None:
    item = item_of(box((0.7, 0.08, 1.9), (0, 0.04, 0)))
    rows = tuple((part, "top", "support") for part in ("buttocks", "left_thigh", "right_thigh"))
    found = find_affordance(item, replace(seated(*rows), styles=("legs_crossed",)), 1.7)
    np.testing.assert_allclose(middle(item, found, "buttocks")[[0, 2]], [0.0, 0.0], atol=0.05)


def test_reaching_up_from_a_stool_is_not_for_the_stool() -> None:
    contacts = make_plan("standing on a stool, reaching up", "stool", (0.35, 0.45, 0.35)).contacts
    assert {c.part for c in contacts} == {"left_foot", "right_foot"}


def test_knees_are_bent_in_a_bathtub() -> None:
    contacts = make_plan("a man lying in the bathtub", "bathtub", (0.8, 0.6, 1.7)).contacts
    assert "left_foot" in {c.part for c in contacts}
    assert "left_calf" not in {c.part for c in contacts}
