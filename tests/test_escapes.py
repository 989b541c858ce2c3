"""Limbs that a plate cuts in two: one way out for all of it."""

from dataclasses import replace

import pytest
import torch
from jaxtyping import Float
from solid import box, item_of
from torch import Tensor

from solver.artefacts import Affordance, Item
from solver.body import ShapedBody, load_body, shape_body
from solver.body.joints import INDEX
from solver.geometry.grid import build_grid
from solver.optimisation.escapes import CUT, Escape, escapes_of, led_out, limbs_of, remaining
from solver.plan import make_plan
from solver.task import Task, resolve

Distances = tuple[Float[Tensor, " verts"], Float[Tensor, "verts 3"]]
THICK = 0.02


@pytest.fixture(scope="module")
def body() -> ShapedBody:
    return shape_body(load_body())


def task_with(body: ShapedBody, item: Item) -> Task:
    plan = replace(make_plan("a man stands", "plate", (1.0, 1.0, 1.0)), contacts=())
    return resolve(item, plan, Affordance(()), body)


def plate_at(body: ShapedBody, height: float, thick: float = THICK, inward: float = 0.08) -> Item:
    """A level plate through the left hand of who stands in the T-pose."""
    x, y, z = body.verts[limbs_of(body)[palm(body)]].mean(dim=0).tolist()
    low, high = (x - inward, y + height, z - 0.3), (x + 0.5, y + height + thick, z + 0.3)
    item = item_of(box(low, high), floor=float(body.verts[:, 1].min()))
    return replace(item, grid=build_grid(item.surface, item.mesh.low, item.mesh.high))


def palm(body: ShapedBody) -> int:
    """Which of the limbs the left palm is."""
    owner = body.model.weights.argmax(dim=1)
    wrist = INDEX["left_wrist"]
    return next(k for k, verts in enumerate(limbs_of(body)) if int(owner[verts[0]]) == wrist)


def distances(item: Item, local: Float[Tensor, "verts 3"]) -> Distances:
    sdf, nearest, _ = item.surface.query(local)
    towards = torch.nn.functional.normalize(local - nearest, dim=-1)
    return sdf, towards * torch.sign(sdf)[:, None]


def test_a_hand_in_a_plate_goes_out_by_the_nearer_side_all_of_it(body: ShapedBody) -> None:
    item = plate_at(body, -0.012)
    task = task_with(body, item)
    sdf, away = distances(item, body.verts)
    found = [each for each in escapes_of(task, body.verts, sdf, away) if each.way is not None]
    hand = next(each for each in found if palm(body) in each.limbs)
    ways = torch.stack([each.way for each in found if each.way is not None])
    assert float(ways[:, 1].abs().min()) > 0.99, "a level plate is left up or down"
    told, turned = led_out(task, found, body.verts, sdf, away)
    moved = body.verts.clone()
    moved[hand.verts] += float(-told[hand.verts].min()) * hand.way
    assert float(item.surface.query(moved[hand.verts])[0].min()) > -1e-3
    before = (away[hand.verts] * hand.way).sum(dim=-1)[sdf[hand.verts] < 0]
    assert float(before.min()) < -0.9 < 0.9 < float(before.max()), "the surface says both"
    deep = hand.verts[told[hand.verts] < sdf[hand.verts]]
    assert torch.equal(turned[deep], hand.way.expand(len(deep), 3))


def test_the_way_that_is_left_is_that_of_a_plate(body: ShapedBody) -> None:
    item = plate_at(body, -0.01)
    task = task_with(body, item)
    verts = body.verts[limbs_of(body)[palm(body)]]
    give = torch.full((len(verts),), 0.001)
    up = torch.tensor([0.0, 1.0, 0.0])
    left = remaining(task, verts, up, give)
    expected = (float(item.mesh.high[1]) - 0.001 - verts[:, 1]).clamp(min=0.0)
    over = (verts[:, [0, 2]] > item.mesh.low[[0, 2]] + 0.02).all(dim=-1)
    assert float((left - expected)[over].abs().max()) < 5e-4


def test_a_hand_that_only_rests_too_deep_is_left_to_the_surface(body: ShapedBody) -> None:
    lowest = float(body.verts[limbs_of(body)[palm(body)], 1].min())
    middle = float(body.verts[limbs_of(body)[palm(body)], 1].mean())
    item = plate_at(body, lowest - middle + 1.5 * CUT - THICK)
    sdf, away = distances(item, body.verts)
    assert float(sdf.min()) < -CUT
    assert escapes_of(task_with(body, item), body.verts, sdf, away) == ()


def test_a_way_is_kept_until_the_limb_is_out(body: ShapedBody) -> None:
    item = plate_at(body, -0.012)
    task = task_with(body, item)
    sdf, away = distances(item, body.verts)
    first = escapes_of(task, body.verts, sdf, away)
    other = tuple(Escape(e.limbs, e.verts, None if e.way is None else -e.way) for e in first)
    assert escapes_of(task, body.verts, sdf, away, other) == other
    assert escapes_of(task, body.verts, torch.ones_like(sdf), away, other) == ()


def test_a_hand_in_the_middle_of_a_wall_has_no_way_and_is_left_as_it_is(body: ShapedBody) -> None:
    item = plate_at(body, -0.15, 0.3, 0.35)
    task = task_with(body, item)
    sdf, away = distances(item, body.verts)
    found = escapes_of(task, body.verts, sdf, away)
    assert any(palm(body) in each.limbs for each in found)
    assert all(each.way is None for each in found)
    assert torch.equal(led_out(task, found, body.verts, sdf, away)[0], sdf)
