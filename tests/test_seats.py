"""Who sits and lies: crossed and stretched legs, ridges, edges, ends of beds, steps."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from affordance_objects import box, item_of, plan, seated

from solver.affordance import find_affordance
from solver.artefacts import Affordance, Contact, Item, Plan
from solver.body import ShapedBody, load_body, pose_body, shape_body
from solver.body.joints import INDEX
from solver.body.overlap import self_depth
from solver.body.parts import part_vertices
from solver.body.poses import library
from solver.geometry.mesh import vertex_normals
from solver.geometry.rotations import matrix_from_rotvec
from solver.optimisation.folds import ask_folds, rests_of
from solver.optimisation.variables import State
from solver.plan import make_plan
from solver.task import Task, resolve
from solver.task.patches import contact_patch, own_patch
from solver.vocabulary import BodyPart

CHAIR, BENCH, BED = (0.6, 1.0, 0.6), (1.5, 0.85, 0.6), (1.6, 1.0, 2.1)


@pytest.fixture(scope="module")
def body() -> ShapedBody:
    return shape_body(load_body())


def places(prompt: str, name: str, size: tuple[float, float, float]) -> dict[str, str]:
    return {c.part: c.region for c in make_plan(prompt, name, size).contacts}


def middle(item: Item, found: Affordance, part: str) -> np.ndarray:
    target = next(t for t in found.targets if t.contact.part == part)
    return (target.probability[:, None] * item.points).sum(dim=0).numpy()


def task_of(item: Item, what: Plan, body: ShapedBody) -> Task:
    return resolve(item, what, find_affordance(item, what, 1.7), body)


def test_a_crossed_leg_lies_on_the_other_knee_not_on_the_seat() -> None:
    where = places("a man sits on the chair, legs crossed", "chair", CHAIR)
    assert where["right_calf"] == "own_knee"
    assert "right_thigh" not in where
    assert "right_foot" not in where
    assert (where["left_thigh"], where["left_foot"]) == ("seat", "floor")


def test_ankles_of_stretched_legs_cross_on_the_floor() -> None:
    what = "she sits on the chair, legs stretched out, legs crossed"
    where = places(what, "chair", CHAIR)
    assert (where["left_foot"], where["right_foot"]) == ("floor", "floor")
    assert where["right_thigh"] == "seat"


def test_a_leg_meets_the_other_legs_knee_an_arm_its_own_sides(body: ShapedBody) -> None:
    sides: dict[BodyPart, int] = {
        "left_calf": -1, "right_knee": 1, "left_hand": 1, "right_elbow": -1,
    }  # fmt: skip
    for part, side in sides.items():
        knee = body.verts[own_patch(body, "own_knee", part)]
        assert bool((knee[:, 0] * side > 0).all()), part


def test_a_head_rests_in_the_hands_that_are_named_with_its_cheeks(body: ShapedBody) -> None:
    one = make_plan("sitting in the armchair, chin on his hand", "armchair")
    two = make_plan("sitting in the armchair, his face in his hands", "armchair")
    for what, hands in ((one, ["right_hand"]), (two, ["left_hand", "right_hand"])):
        at_head = [c for c in what.contacts if c.region == "own_head"]
        assert [c.part for c in at_head] == hands
        for contact in at_head:
            onto = own_patch(body, "own_head", contact.part, what)
            cheek = part_vertices(body)[contact.part.replace("hand", "cheek")]
            assert bool(torch.isin(onto, cheek).all())


def test_stretched_legs_stand_on_their_heels(body: ShapedBody) -> None:
    item = item_of(box((0.5, 0.45, 0.45), (0, 0.225, 0)))
    what = seated(("buttocks", "seat", "support"))
    feet = tuple(Contact(part, "floor", "support") for part in ("left_foot", "right_foot"))
    what = replace(what, contacts=(*what.contacts, *feet))
    heel = set(part_vertices(body)["left_heel"].tolist())
    plain, _ = task_of(item, what, body).footings
    stretched, _ = task_of(item, replace(what, styles=("legs_stretched",)), body).footings
    assert plain.flat
    assert not stretched.flat
    assert set(stretched.verts.tolist()) <= heel


def test_who_lies_over_a_ball_stands_on_flat_soles_and_arches(body: ShapedBody) -> None:
    what = make_plan("lying with her back over the gym ball", "exercise ball", (0.65, 0.65, 0.65))
    assert "leaning_back" in what.styles
    item = item_of(box((0.6, 0.6, 0.6), (0, 0.3, 0)))
    assert all(footing.flat for footing in task_of(item, what, body).footings)


@pytest.mark.parametrize(
    ("style", "down"),
    [("on_belly", (0, 0, 1.0)), ("on_side", (1.0, 0, 0)), ("asleep", (0, 0, -1.0))],
)
def test_the_side_of_a_thigh_that_is_down_lies_on_the_bed(
    body: ShapedBody, style: str, down: tuple[float, float, float]
) -> None:
    what = plan(posture="lie", relation="on_top", facing="along", styles=(style,))
    thigh = contact_patch(body, Contact("left_thigh", "lying", "support"), what, whole=True)
    normals = vertex_normals(body.verts, body.faces)[thigh].mean(dim=0)
    assert float(normals @ torch.tensor(down)) > 0.7 * float(normals.norm())


def test_on_a_ridge_the_weight_comes_over_the_feet() -> None:
    what = make_plan("he sits on the backrest of the bench, feet on the seat", "bench", BENCH)
    where = {c.part: c.region for c in what.contacts}
    assert (where["buttocks"], where["left_foot"]) == ("backrest", "seat")
    assert (where["left_elbow"], where["right_elbow"]) == ("own_knee", "own_knee")
    assert what.styles[0] == "elbows_on_knees"


def test_legs_over_an_armrest_hang_from_the_knees() -> None:
    what = make_plan("sitting sideways in the chair with his legs over one armrest", "armchair")
    assert ("knees", "armrest") in {(c.part, c.region) for c in what.contacts}
    assert what.styles[0] == "swinging_legs"


def test_both_knees_hang_over_the_armrest_each_by_its_hollow(body: ShapedBody) -> None:
    what = replace(seated(("knees", "armrest", "support")), facing="left")
    touches = task_of(sofa(), what, body).touches
    assert [t.contact.part for t in touches] == ["left_knee", "right_knee"]
    for touch, side in zip(touches, (1, -1), strict=True):
        assert bool((body.verts[touch.whole, 0] * side > 0).all())
        assert float(body.verts[touch.whole, 2].mean()) < float(
            body.joints[INDEX[touch.contact.part], 2]
        )


def test_a_leg_that_stands_beside_a_high_seat_does_not_sit() -> None:
    size = (0.4, 0.76, 0.4)
    where = places("half sitting on the bar stool, right foot on the floor", "bar stool", size)
    assert where["right_foot"] == "floor"
    assert "right_thigh" not in where
    assert where["left_thigh"] == "seat"


def test_hands_lie_on_the_belly_where_there_is_no_room_beside_it() -> None:
    bench = places("lying on the bench on her back", "bench", BENCH)
    bed = places("lying on the bed on her back", "bed", BED)
    assert bench["left_hand"] == "own_belly"
    assert (bed["left_hand"], bed["left_forearm"], bed["left_thigh"]) == ("lying",) * 3


@pytest.mark.parametrize(("style", "left"), [("slumped", 0.08), ("perched", 0.06)])
def test_who_slumps_or_perches_sits_nearer_to_the_edge(style: str, left: float) -> None:
    """By 16 cm at most, and never nearer to the edge than what the style leaves."""
    for depth in (0.4, 0.6):
        seat = box((0.5, 0.45, depth), (0, 0.225, 0))
        item = item_of(seat, box((0.5, 0.6, 0.05), (0, 0.75, -depth / 2)))
        what = seated(("buttocks", "seat", "support"))
        straight = middle(item, find_affordance(item, what, 1.7), "buttocks")
        what = replace(what, styles=(style,))
        slid = middle(item, find_affordance(item, what, 1.7), "buttocks")
        moved = slid[2] - straight[2]
        wanted = np.clip(depth / 2 - straight[2] - left, 0.0, 0.16)
        assert 0.02 < moved < wanted + 0.03


def test_both_thighs_and_the_seat_are_on_one_tread_of_a_ladder() -> None:
    treads = [box((0.6, 0.03, 0.2), (0, 0.3 * k, -0.15 * k)) for k in range(1, 7)]
    stiles = [box((0.04, 2.0, 0.04), (0.32 * way, 1.0, -0.5)) for way in (-1, 1)]
    rows = tuple((part, "rung", "support") for part in ("buttocks", "left_thigh", "right_thigh"))
    item = item_of(*treads, *stiles)
    found = find_affordance(item, seated(*rows), 1.7)
    heights = [middle(item, found, row[0])[1] for row in rows]
    assert max(heights) - min(heights) < 0.03


def sofa() -> Item:
    """The seat at .42 m, 2 m long; its arms rise .23 m above it."""
    arms = [box((0.2, 0.65, 0.8), (way * 1.1, 0.325, 0)) for way in (-1, 1)]
    back = box((2.4, 0.85, 0.2), (0, 0.425, -0.4))
    return item_of(box((2.0, 0.42, 0.8), (0, 0.21, 0)), back, *arms)


def test_who_lies_on_the_seat_has_the_head_before_the_armrest_not_jammed_into_it() -> None:
    rows = (("left_hip", "lying", "support"), ("head", "lying", "support"))
    what = plan(*rows, posture="lie", relation="on_top", facing="along", styles=("on_side",))
    found = find_affordance(sofa(), what, 1.7)
    head, hip = middle(sofa(), found, "head"), middle(sofa(), found, "left_hip")
    assert 0.8 < head[0] < 0.93  # Half a head's length before the arm, which begins at 1.
    assert head[0] - hip[0] == pytest.approx(0.72, abs=0.08)


@pytest.mark.parametrize(("side", "end"), [("left", 1.0), ("right", -1.0)])
def test_who_lies_on_a_side_on_a_sofa_looks_away_from_its_back(side: str, end: float) -> None:
    """On the left side, looking to +Z, the head is at +X: left is where the head is."""
    rows = ((f"{side}_hip", "lying", "support"), ("head", "lying", "support"))
    what = plan(*rows, posture="lie", relation="on_top", facing="along", styles=("on_side",))
    assert middle(sofa(), find_affordance(sofa(), what, 1.7), "head")[0] * end > 0.5


def piled_bed() -> Item:
    """A mattress at .5 m; at its head two piles .25 m high that step down to .12 m; a gap."""
    piles = [
        box((0.6, height, 0.24), (0.4 * way, 0.5 + height / 2, z))
        for way in (-1, 1)
        for height, z in ((0.25, -0.88), (0.12, -0.64))
    ]
    return item_of(box((1.6, 0.5, 2.0), (0, 0.25, 0)), *piles)


def test_a_head_leans_on_the_slope_of_a_pile_of_pillows_not_in_the_gap_between_two() -> None:
    rows = (("buttocks", "lying", "support"), ("head", "pillow", "support"))
    what = plan(*rows, posture="lie", relation="on_top", facing="along")
    head = middle(piled_bed(), find_affordance(piled_bed(), what, 1.7), "head")
    assert 0.2 < abs(head[0]) < 0.6
    assert 0.58 < head[1] < 0.7
    assert -0.8 < head[2] < -0.5


def test_no_head_goes_up_a_pile_to_save_the_feet() -> None:
    """The bed is too short for somebody two metres tall: the neck stays as it is."""
    rows = (("buttocks", "lying", "support"), ("head", "pillow", "support"))
    what = plan(*rows, posture="lie", relation="on_top", facing="along")
    heads = [
        middle(piled_bed(), find_affordance(piled_bed(), what, tall), "head") for tall in (1.4, 2.0)
    ]
    assert heads[1][1] == pytest.approx(heads[0][1], abs=0.03)


def test_who_lies_face_down_lies_before_a_high_pillow() -> None:
    rows = (("belly", "lying", "support"), ("head", "pillow", "touch"))
    what = plan(*rows, posture="lie", relation="on_top", facing="along", styles=("on_belly",))
    head = middle(piled_bed(), find_affordance(piled_bed(), what, 1.7), "head")
    assert head[1] == pytest.approx(0.5, abs=0.02)
    assert -0.56 < head[2] < -0.2


def test_feet_of_bent_legs_stand_on_the_bench_not_at_its_end(body: ShapedBody) -> None:
    item = item_of(box((1.5, 0.45, 0.45), (0, 0.225, 0)))
    rows = (("buttocks", "lying", "support"), ("left_foot", "lying", "support"))
    what = plan(*rows, posture="lie", relation="on_top", facing="along", styles=("asleep",))
    found = find_affordance(item, what, 1.7)
    foot, seat = middle(item, found, "left_foot"), middle(item, found, "buttocks")
    assert 0.3 < abs(foot[0] - seat[0]) < 0.55
    touch = next(t for t in task_of(item, what, body).touches if t.contact.part == "left_foot")
    ball = set(part_vertices(body)["left_ball"].tolist())
    assert ball & set(touch.whole.tolist())


def test_folds_feel_a_thigh_in_the_other_thighs_root(body: ShapedBody) -> None:
    """The deepest vertex of either leg in the other, as the exact measure finds it."""
    pose = next(p.pose for p in library() if p.name == "lie_curled").clone()[None]
    pose[:, 1, 2] -= 0.25
    rotations = matrix_from_rotvec(pose)
    posed = pose_body(body, rotations, torch.zeros(1, 3))
    exact = self_depth(body, posed.verts[0])
    owner = body.model.weights.argmax(dim=1)
    legs = torch.isin(owner, torch.tensor([1, 2, 4, 5, 7, 8, 10, 11]))
    state = State(pose, torch.zeros(1, 3), posed, torch.eye(4)[None], posed.verts)
    folds, _ = ask_folds(body, state, [rests_of(body, posed.verts[0])])
    seen = -folds.sdf[0][torch.isin(folds.verts, legs.nonzero()[:, 0])].min()
    assert float(exact[legs].max()) > 0.01
    assert float(seen) == pytest.approx(float(exact[legs].max()), abs=0.0005)


def test_folds_feel_a_forearm_in_a_thigh(body: ShapedBody) -> None:
    """As deep as the exact measure finds the forearm's own vertices."""
    pose = next(p.pose for p in library() if p.name == "sit_elbows_on_knees").clone()[None]
    pose[:, INDEX["left_shoulder"], 0] += 0.5
    posed = pose_body(body, matrix_from_rotvec(pose), torch.zeros(1, 3))
    exact = self_depth(body, posed.verts[0])
    arm = body.model.weights.argmax(dim=1) == INDEX["left_elbow"]
    state = State(pose, torch.zeros(1, 3), posed, torch.eye(4)[None], posed.verts)
    folds, _ = ask_folds(body, state, [rests_of(body, posed.verts[0])])
    seen = -folds.sdf[0][torch.isin(folds.verts, arm.nonzero()[:, 0])].min()
    assert float(exact[arm].max()) > 0.005
    assert float(seen) == pytest.approx(float(exact[arm].max()), abs=0.0005)


def test_own_contacts_ask_a_leg_for_less_of_its_patch_than_a_hand(body: ShapedBody) -> None:
    item = item_of(box((0.5, 0.45, 0.45), (0, 0.225, 0)))
    what = seated(("buttocks", "seat", "support"))
    own = (Contact("right_calf", "own_knee", "touch"), Contact("left_hand", "own_thigh", "touch"))
    task = task_of(item, replace(what, contacts=(*what.contacts, *own)), body)
    assert [each.fraction for each in task.owns] == [0.1, 0.5]
