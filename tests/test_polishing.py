"""The last millimetres of what is shown."""

from dataclasses import replace

import pytest
import torch
from solid import box, item_of

from solver.artefacts import Affordance, Hypotheses, Item
from solver.body import ShapedBody, load_body, pose_body, shape_body
from solver.body.poses import library
from solver.errors import Cancelled
from solver.geometry.rotations import matrix_from_rotvec
from solver.optimisation.chance import Chance
from solver.optimisation.descent import Terms
from solver.optimisation.phases import Bar, Scene
from solver.optimisation.polishing import polish
from solver.optimisation.taking import Taking
from solver.optimisation.variables import Start, start_of
from solver.plan import make_plan
from solver.settings import OptimisationSettings, PolishSettings
from solver.task import resolve


@pytest.fixture(scope="module")
def body() -> ShapedBody:
    return shape_body(load_body())


def standing(body: ShapedBody, sunk: float) -> Start:
    """Somebody standing whose lowest vertex is so far, metres, below the floor."""
    pose = next(p.pose for p in library() if p.name == "stand_relaxed")[None]
    lowest = float(pose_body(body, matrix_from_rotvec(pose), torch.zeros(1, 3)).verts[..., 1].min())
    trans = torch.tensor([[0.0, -lowest - sunk, 0.0]])
    return start_of(
        Hypotheses(pose, trans, body.betas, torch.eye(4)[None], ("stand",), torch.zeros(1))
    )


def scene_of(body: ShapedBody, item: Item) -> Scene:
    plan = replace(make_plan("a man stands", "crate", (0.5, 0.5, 0.5)), contacts=(), movable=False)
    task = resolve(item, plan, Affordance(()), body)
    settings = OptimisationSettings(polish=PolishSettings(rounds=2))
    return Scene(task, Taking(None, ()), settings, Chance(torch.Generator()))


def terms_of(start: Start) -> Terms:
    names = ("penetration", "inclusion", "contact", "grasp", "own", "ground", "balance", "limits",
             "strain", "prior", "collision", "attitude", "support", "closure")  # fmt: skip
    return {name: torch.zeros(len(start.pose)) for name in names}


def far_crate() -> Item:
    return item_of(box((3.0, 0.0, 3.0), (3.5, 0.5, 3.5)))


def heights(body: ShapedBody, start: Start) -> torch.Tensor:
    return pose_body(body, matrix_from_rotvec(start.pose), start.trans).verts[..., 1]


def test_feet_in_the_floor_are_brought_out_of_it(body: ShapedBody) -> None:
    start = standing(body, 0.012)
    found, terms = polish(scene_of(body, far_crate()), start, terms_of(start), quiet())
    assert float(heights(body, found).min()) > -0.002
    assert float((found.pose - start.pose).abs().max()) < 0.15
    assert float(terms["ground"][0]) < 0.5


def test_a_crate_in_the_shins_is_left(body: ShapedBody) -> None:
    start = standing(body, 0.0)
    joints = pose_body(body, matrix_from_rotvec(start.pose), start.trans).verts[0]
    front = float(joints[joints[:, 1] < 0.3][:, 2].max())
    item = item_of(box((-0.4, 0.0, front - 0.015), (0.4, 0.3, front + 0.4)))
    scene = scene_of(body, item)
    found, _ = polish(scene, start, terms_of(start), quiet())
    after = pose_body(body, matrix_from_rotvec(found.pose), found.trans).verts[0]
    assert float(item.surface.query(joints)[0].min()) < -0.014
    assert float(item.surface.query(after)[0].min()) > -0.003


def test_who_is_in_nothing_stays_to_the_bit(body: ShapedBody) -> None:
    start = standing(body, 0.0)
    found, _ = polish(scene_of(body, far_crate()), start, terms_of(start), quiet())
    assert torch.equal(found.pose, start.pose)
    assert torch.equal(found.trans, start.trans)


@pytest.mark.slow
def test_rows_are_polished_one_by_one(body: ShapedBody) -> None:
    one, other = standing(body, 0.012), standing(body, 0.0)
    both = replace(
        one, pose=torch.cat([other.pose, one.pose]), trans=torch.cat([other.trans, one.trans]),
        T_world_object=one.T_world_object.repeat(2, 1, 1), names=("a", "b"),
        oddness=torch.zeros(2), library=one.library.repeat(2, 1, 1),
        home=torch.cat([other.home, one.home]),
    )  # fmt: skip
    scene = scene_of(body, far_crate())
    alone, _ = polish(scene, one, terms_of(one), quiet())
    found, _ = polish(scene, both, terms_of(both), quiet())
    assert torch.equal(found.pose[0], other.pose[0])
    assert torch.allclose(found.pose[1], alone.pose[0], atol=1e-5)


def test_a_polish_can_be_cancelled(body: ShapedBody) -> None:
    start = standing(body, 0.012)

    def cancel(fraction: float) -> None:
        if fraction > 0:
            raise Cancelled

    with pytest.raises(Cancelled):
        polish(scene_of(body, far_crate()), start, terms_of(start), Bar(cancel, 1000.0))


def quiet() -> Bar:
    return Bar(lambda fraction: None, 1.0)
