"""Palms on what is carried: where they lie is known in closed form."""

import math
from dataclasses import replace

import pytest
import torch
from affordance_objects import box, held, item_of, rod
from jaxtyping import Float
from test_affordance import find, middle
from torch import Tensor

from solver.artefacts import Contact
from solver.body import load_body, pose_body, shape_body
from solver.body.joints import INDEX
from solver.geometry.rotations import matrix_from_rotvec, rigid, transform, yaw_matrix
from solver.optimisation.arms import Arms
from solver.optimisation.attitudes import CROWN, LIFTED, OVERHEAD, SIP, attitude
from solver.optimisation.carry import FOREARM, forearm_in
from solver.optimisation.grasp import close_fingers, make_hand
from solver.optimisation.grasp.hand import OPEN_WRIST, at_wrist, finger_joints
from solver.optimisation.palms import (
    MIDDLE,
    PROUD,
    SWING,
    Places,
    askew,
    bearing,
    flat_places,
    hooked_places,
    laid,
    lower_edges,
)  # fmt: skip
from solver.task import Task, resolve
from solver.vocabulary import HandShape

BODY = shape_body(load_body())


def random_places(count: int) -> Places:
    generator = torch.Generator().manual_seed(3)
    spots = torch.randn(count, 3, generator=generator)
    normals = torch.nn.functional.normalize(torch.randn(count, 3, generator=generator), dim=-1)
    ahead = torch.linalg.cross(normals, torch.randn(count, 3, generator=generator))
    return Places(spots, normals, torch.nn.functional.normalize(ahead, dim=-1))


@pytest.mark.parametrize("side", ["left", "right"])
def test_the_palm_lies_on_the_spot_and_fingers_point_ahead(side: str) -> None:
    """Seen from the object: the palm's middle, its skin's normal, and the way of the fingers."""
    hand, places = make_hand(BODY, side, "bear"), random_places(20)
    gap = torch.linspace(0.0, 0.02, 20)[:, None]
    T_wrist_object = laid(hand, places, gap)
    rotation = T_wrist_object[:, :3, :3]
    torch.testing.assert_close(torch.linalg.det(rotation), torch.ones(20))
    palm = MIDDLE * hand.knuckles + hand.thickness * hand.frame[:, 2]
    seen = transform(torch.linalg.inv(T_wrist_object), palm.expand(20, 1, 3))[:, 0]
    torch.testing.assert_close(seen, places.spots + gap * places.normals, atol=1e-5, rtol=0)
    out = (rotation.mT @ hand.frame[:, 2, None])[..., 0]
    torch.testing.assert_close(out, -places.normals, atol=1e-5, rtol=0)
    fingers = (rotation.mT @ hand.frame[:, 0, None])[..., 0]
    torch.testing.assert_close(fingers, places.ahead, atol=1e-5, rtol=0)


def test_fingers_lie_along_the_surface_about_where_the_forearm_points() -> None:
    """Swung to either side of its projection; `askew` is that angle, less where it is steep."""
    item = item_of(box((0.4, 0.4, 0.4), (0, 0.2, 0)))
    rows = (("left_hand", "sides", "grasp"), ("right_hand", "sides", "grasp"))
    touch = resolve(item, held(*rows), find(item, held(*rows)), BODY).touches[0]
    forearm = torch.nn.functional.normalize(torch.tensor([-0.4, -0.5, 0.8]), dim=0)
    unit = torch.linspace(0, 1, 11)[:, None].expand(11, 3)
    places = flat_places(touch, touch.points[:1].expand(11, 3), forearm, unit)
    out = touch.normals[0]
    torch.testing.assert_close(places.normals, out.expand(11, 3), atol=1e-4, rtol=0)
    assert float((places.ahead @ out).abs().max()) < 1e-5
    steep = float((forearm - (forearm @ out) * out).norm())
    share = (2 * unit[:, 0] - 1).square()
    torch.testing.assert_close(askew(places, forearm), steep * share, atol=2e-3, rtol=0)
    assert float(askew(places, out).max()) < 1e-3, "square to the surface any way will do"


def test_a_forearm_square_to_the_surface_still_gives_a_hand() -> None:
    hand, item = make_hand(BODY, "left", "bear"), item_of(box((0.4, 0.4, 0.4), (0, 0.2, 0)))
    plan = held(("left_hand", "underside", "grasp"))
    touch = resolve(item, plan, find(item, plan), BODY).touches[0]
    up = torch.tensor([0.0, 1.0, 0.0])
    places = flat_places(touch, touch.points[:1], up, torch.full((1, 3), 0.5))
    T = laid(hand, places, torch.zeros(1, 1))
    assert bool(T.isfinite().all())
    assert float(torch.linalg.det(T[0, :3, :3])) == pytest.approx(1.0, abs=1e-4)
    assert math.isclose(float((T[0, :3, :3].T @ hand.frame[:, 2])[1]), 1.0, abs_tol=1e-3)


def boxed(points: Float[Tensor, "*batch 3"]) -> Float[Tensor, "*batch"]:
    """Signed distance to a box of 0.4 m that stands on y = 0."""
    beyond = (points - torch.tensor([0.0, 0.2, 0.0])).abs() - 0.2
    return beyond.clamp(min=0.0).norm(dim=-1) + beyond.amax(dim=-1).clamp(max=0.0)


UP = torch.tensor([0.0, 1.0, 0.0])
CENTRE = torch.tensor([0.0, 0.2, 0.0])


@pytest.mark.parametrize(
    ("spot", "normal"), [((0.2, 0.06, 0.02), (1, 0, 0)), ((0.15, 0.0, 0.02), (0, -1, 0))]
)
def test_a_walls_lower_edge_is_found_from_the_wall_and_from_below(
    spot: tuple[float, float, float], normal: tuple[float, float, float]
) -> None:
    edges = lower_edges(boxed, torch.tensor([spot]), torch.tensor([normal]).float(), UP, CENTRE)
    assert len(edges.spots) == 1
    wanted = torch.tensor([[0.2, 0.0, 0.02]])
    torch.testing.assert_close(edges.spots, wanted, atol=0.004, rtol=0)
    out, down = torch.tensor([[1.0, 0.0, 0.0]]), torch.tensor([[0.0, -1.0, 0.0]])
    torch.testing.assert_close(edges.normals, out, atol=0.1, rtol=0)
    torch.testing.assert_close(edges.ahead, down, atol=0.1, rtol=0)


def test_an_upper_edge_and_one_out_of_reach_carry_nothing() -> None:
    out = torch.tensor([[1.0, 0.0, 0.0]])
    for height in (0.2, 0.37):
        spot = torch.tensor([[0.2, height, 0.0]])
        assert len(lower_edges(boxed, spot, out, UP, CENTRE).spots) == 0
    spot = torch.tensor([[0.2, 0.37, 0.0]])
    turned = lower_edges(boxed, spot, out, -UP, CENTRE)
    assert float(turned.spots[0, 1]) == pytest.approx(0.4, abs=0.004), "upside down it does"


@pytest.mark.parametrize("side", ["left", "right"])
def test_fingers_of_a_palm_at_a_lower_edge_hook_under_it(side: str) -> None:
    """Knuckles about the edge, the palm on the wall; some of the fingers then bear."""
    hand = make_hand(BODY, side, "bear")
    edge = Places(
        *(torch.tensor([row]) for row in ((0.2, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, -1.0, 0.0)))
    )
    unit = torch.rand(60, 3, generator=torch.Generator().manual_seed(0))
    places = hooked_places(hand, edge, unit)
    T = laid(hand, places, torch.full((60, 1), 0.002))
    knuckles = transform(torch.linalg.inv(T), hand.knuckles.expand(60, 1, 3))[:, 0]
    past = ((knuckles - edge.spots) * places.ahead).sum(dim=-1)
    assert float(past.min()) > PROUD[0] - 0.005 and float(past.max()) < PROUD[1] + 0.005
    assert float((places.ahead @ -UP).min()) > math.cos(SWING)
    closed = close_fingers(hand, boxed, T)
    assert float(bearing(hand, closed, T, UP).max()) > 0.4
    assert int(closed.touches.any(dim=-1).sum(dim=-1).max()) >= 4


def above(points: Float[Tensor, "*batch 3"]) -> Float[Tensor, "*batch"]:
    """Signed distance to everything above y = 0."""
    return -points[..., 1]


@pytest.mark.parametrize("side", ["left", "right"])
def test_fingers_under_a_thing_bear_it_and_fingers_at_its_side_do_not(side: str) -> None:
    hand = make_hand(BODY, side, "bear")
    spot, down = torch.tensor([[0.0, -0.003, 0.0]]), torch.tensor([[0.0, -1.0, 0.0]])
    T = laid(hand, Places(spot, down, torch.tensor([[0.0, 0.0, 1.0]])), torch.zeros(1, 1))
    closed = close_fingers(hand, above, T)
    up, ahead = torch.tensor([0.0, 1.0, 0.0]), torch.tensor([0.0, 0.0, 1.0])
    assert float(bearing(hand, closed, T, up)) > 0.6
    assert float(bearing(hand, closed, T, -up)) == -float(bearing(hand, closed, T, up))
    assert abs(float(bearing(hand, closed, T, ahead))) < 0.4
    away = rigid(T[:, :3, :3], T[:, :3, 3] + 2.0 * (T[:, :3, :3] @ up))
    assert float(bearing(hand, close_fingers(hand, above, away), away, up)) == 0.0


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_bent_wrist_leaves_the_hand_and_takes_the_forearm_off_the_surface(side: str) -> None:
    def posed(shape: HandShape) -> tuple[Tensor, Tensor]:
        pose, trans = at_wrist(BODY, side, shape)
        found = pose_body(BODY, matrix_from_rotvec(pose[None]), trans[None])
        return found.joints[0], found.rotations[0]

    (bent, turned), (straight, _) = posed("bear"), posed("power")
    wrist, elbow = (INDEX[f"{side}_{name}"] for name in ("wrist", "elbow"))
    hand = [wrist, *finger_joints(side)]
    torch.testing.assert_close(bent[hand], straight[hand], atol=1e-5, rtol=0)
    torch.testing.assert_close(turned[wrist], torch.eye(3), atol=1e-5, rtol=0)
    assert float(bent[wrist].norm()) < 1e-5
    cosine = torch.cosine_similarity(bent[elbow], straight[elbow], dim=0)
    assert float(cosine) == pytest.approx(math.cos(OPEN_WRIST), abs=1e-4)
    out = make_hand(BODY, side).frame[:, 2]
    assert float(bent[elbow] @ out) < float(straight[elbow] @ out) - 0.05


def lifted(*styles: str, height: str) -> Task:
    """A box of 0.4 m between two hands."""
    item = item_of(box((0.4, 0.4, 0.4), (0, 0.2, 0)))
    rows = (("left_hand", "sides", "grasp"), ("right_hand", "sides", "grasp"))
    plan = replace(held(*rows), styles=styles, hold_height=height, attitude="upright")  # pyright: ignore[reportArgumentType]
    return resolve(item, plan, find(item, plan), BODY)


def costs(task: Task, heights: Float[Tensor, " rows"]) -> Float[Tensor, " rows"]:
    """Of the attitude, with the box's lowest point so high."""
    rows = len(heights)
    posed = pose_body(BODY, torch.eye(3).expand(rows, 52, 3, 3), torch.zeros(rows, 3))
    T = torch.eye(4).repeat(rows, 1, 1)
    T[:, 1, 3] = heights
    return attitude(task, posed, T, free=True)


def test_what_is_lifted_from_the_floor_leaves_room_for_fingers() -> None:
    low, high = LIFTED
    heights = torch.tensor([0.0, low, 0.07, high, 0.3])
    floor, *free, far = costs(lifted("lift", height="floor"), heights).tolist()
    assert free == pytest.approx([0.0, 0.0, 0.0], abs=1e-5)
    assert floor == pytest.approx((100 * low) ** 2, rel=1e-3)
    assert far > 10.0
    assert float(costs(lifted(height="floor"), heights)[0]) == pytest.approx(0.0, abs=1e-5)


def test_hands_that_lift_take_the_lower_edge_and_so_do_hands_on_what_is_wide() -> None:
    for height, goal in (("floor", 0.05), ("belly", 0.14)):
        task = lifted("lift", height=height)
        place = middle(task.item, find(task.item, task.plan), "left_hand")
        assert place[1] == pytest.approx(goal, abs=0.03)
    wide = item_of(box((1.3, 0.7, 0.06), (0, 0.5, 0)), box((0.9, 0.02, 0.3), (0, 0.01, 0)))
    plan = held(("left_hand", "sides", "grasp"), ("right_hand", "sides", "grasp"))
    place = middle(wide, find(wide, plan), "left_hand")
    assert place[1] == pytest.approx(0.15, abs=0.02), "under the board, not under its foot"
    assert abs(float(place[0])) == pytest.approx(0.36, abs=0.04)


def test_who_drinks_tips_the_vessel_toward_the_face() -> None:
    """The cheapest turn about the person's left is the sip, whichever way the object's front is."""
    item = item_of(box((0.08, 0.1, 0.08), (0, 0.05, 0)))
    rows = (("right_hand", "sides", "grasp"), ("mouth", "rim", "touch"))
    task = resolve(item, replace(held(*rows), attitude="upright"), find(item, held(*rows)), BODY)
    angles = torch.linspace(-1.0, 1.0, 401)
    turn = matrix_from_rotvec(angles[:, None] * torch.tensor([1.0, 0.0, 0.0]))
    posed = pose_body(BODY, torch.eye(3).expand(401, 52, 3, 3), torch.zeros(401, 3))
    T = rigid(turn @ yaw_matrix(torch.tensor(0.8)), torch.tensor([0.0, 1.0, 0.0]).expand(401, 3))
    best = angles[attitude(task, posed, T, free=False).argmin()]
    assert float(best) == pytest.approx(-SIP, abs=0.01), "its upper end comes toward -Z"


def test_what_is_held_overhead_clears_the_hair() -> None:
    """The cheapest height of its middle is the head's joint, the hair and half the thing."""
    task = lifted(height="overhead")
    heights = torch.linspace(0.0, 1.2, 121)
    best = float(heights[costs(task, heights).argmin()]) + 0.2
    head = float(BODY.joints[INDEX["head"], 1])
    goal = min(max(CROWN + 0.2, OVERHEAD[0]), OVERHEAD[1])
    assert best - head == pytest.approx(goal, abs=0.011)


def test_hands_that_push_a_low_front_are_below_its_upper_edge_with_all_fingers() -> None:
    item = item_of(box((0.4, 0.4, 0.4), (0, 0.2, 0)))
    rows = [Contact(f"{side}_hand", "front", "support") for side in ("left", "right")]  # pyright: ignore[reportArgumentType]
    plan = replace(held(), posture="kneel", relation="front", movable=False, contacts=tuple(rows))
    place = middle(item, find(item, plan), "left_hand")
    assert place[1] == pytest.approx(0.28, abs=0.03)
    assert place[2] == pytest.approx(0.2, abs=0.01)


def test_the_second_hand_bears_a_pan_under_the_side_away_from_its_handle() -> None:
    """A handle of 18 cm has room for one hand."""
    item = item_of(rod(0.16, 0.07, (0, 0.035, 0), "y"), rod(0.013, 0.18, (0.25, 0.05, 0), "x"))
    rows = (("left_hand", "handle", "grasp"), ("right_hand", "handle", "grasp"))
    found = find(item, held(*rows))
    places = sorted((middle(item, found, f"{side}_hand") for side in ("left", "right")),
                    key=lambda place: float(place[0]))  # fmt: skip
    far, near = places
    handle = float(item.mesh.high[0]) - 0.09
    assert near[0] == pytest.approx(handle, abs=0.05)
    assert far[1] == pytest.approx(0.0, abs=0.01) and far[0] < handle - 0.3


def test_a_table_is_carried_by_its_top_which_is_then_where_a_boxs_middle_would_be() -> None:
    """Its stem is inside, and its foot too small; the hands are at the height that is asked."""
    parts = box((0.8, 0.04, 0.8), (0, 0.75, 0)), rod(0.03, 0.73, (0, 0.365, 0), "y")
    item = item_of(*parts, box((0.4, 0.02, 0.4), (0, 0.01, 0)))
    rows = (("left_hand", "sides", "grasp"), ("right_hand", "sides", "grasp"))
    plan = replace(held(*rows), hold_height="belly", attitude="upright")
    found = find(item, plan)
    place = middle(item, found, "left_hand")
    assert place[1] == pytest.approx(0.75, abs=0.02)
    assert abs(float(place[0])) == pytest.approx(0.4, abs=0.01)
    heights = torch.linspace(-1.5, 1.5, 601)
    posed = pose_body(BODY, torch.eye(3).expand(601, 52, 3, 3), torch.zeros(601, 3))
    T, best = torch.eye(4).repeat(601, 1, 1), []
    T[:, 1, 3] = heights
    for task in (resolve(item, plan, found, BODY), lifted(height="belly")):
        best.append(float(heights[attitude(task, posed, T, free=False).argmin()]))
    assert best[0] + place[1] == pytest.approx(best[1] + 0.2, abs=0.03)


def test_a_forearm_on_a_surface_is_in_it_by_its_thickness_which_falls_toward_the_wrist() -> None:
    """Where all distances are zero each point costs its squared radius, beyond 4 cm a line."""
    task = lifted(height="belly")
    elbow, wrist = torch.tensor([0.0, 0.1, -0.1]), torch.tensor([0.0, 0.3, 0.1])
    joints = torch.stack([elbow, elbow, wrist])[None, None]
    eye = torch.eye(4).expand(1, 1, 4, 4)
    arms = Arms(torch.zeros(1, 1, 3, 3), joints, eye, torch.eye(3)[None])
    radii = 100 * torch.linspace(*FOREARM, 5)
    wanted = torch.where(radii < 4, radii.square(), 8 * radii - 16).sum()
    assert float(forearm_in(task, eye[0], arms)) == pytest.approx(float(wanted), rel=1e-3)
    assert FOREARM[0] > FOREARM[1]
