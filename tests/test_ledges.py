"""A foot on a rim or a rod stands flat on it, whichever way the rim itself looks."""

import torch
import trimesh
from solid import item_of

from solver.artefacts import Affordance, Contact, Target
from solver.body import load_body, shape_body
from solver.body.parts import part_vertices
from solver.geometry.mesh import Mesh
from solver.geometry.rotations import yaw_matrix
from solver.optimisation.attitudes import ACROSS, _trodden
from solver.plan import make_plan
from solver.task import Touch, resolve

BODY = shape_body(load_body())


def touch_of(contact: Contact, *others: Contact) -> Touch:
    """On an upright bar of 1 m; the feet at its foot, hands at its head."""
    bar = trimesh.creation.box((0.2, 1.0, 0.02)).subdivide().subdivide().subdivide()
    verts = torch.tensor(bar.vertices, dtype=torch.float32) + torch.tensor([0.0, 0.5, 0.0])
    item = item_of(Mesh(verts, torch.tensor(bar.faces)))
    high = item.points[:, 1] > 0.8
    targets = [
        Target(each, (high if each.part.endswith("hand") else ~high).float(), 1.0)
        for each in (contact, *others)
    ]
    task = resolve(item, make_plan("standing", "bar"), Affordance(tuple(targets)), BODY)
    return next(t for t in task.touches if t.contact == contact)


def test_a_rung_bears_the_ball_of_the_foot_from_below() -> None:
    touch = touch_of(Contact("left_foot", "rung", "support"))
    torch.testing.assert_close(
        touch.normals, torch.tensor([0.0, 1.0, 0.0]).expand_as(touch.normals)
    )
    assert set(touch.verts.tolist()) <= set(part_vertices(BODY)["left_ball"].tolist())


def test_a_blade_bears_it_along_the_shaft_toward_the_hands() -> None:
    hand = Contact("right_hand", "grip", "grasp")
    touch = touch_of(Contact("right_foot", "blade", "support"), hand)
    up = torch.tensor([0.0, 1.0, 0.0]).expand_as(touch.normals)
    torch.testing.assert_close(touch.normals, up, atol=0.02, rtol=0)


def test_a_foot_that_only_touches_meets_the_surface_as_it_is() -> None:
    touch = touch_of(Contact("left_foot", "rung", "touch"))
    assert float(touch.normals[:, 1].abs().median()) < 0.1
    assert not set(touch.verts.tolist()) <= set(part_vertices(BODY)["left_ball"].tolist())


def test_the_edge_that_a_foot_treads_on_lies_across_its_way() -> None:
    """The cost is the squared sine of the yaw, in units of a sigma, whichever end leads."""
    bar = trimesh.creation.box((0.2, 1.0, 0.02)).subdivide().subdivide().subdivide()
    item = item_of(Mesh(torch.tensor(bar.vertices, dtype=torch.float32), torch.tensor(bar.faces)))
    edge = ((item.points[:, 1] - 0.3).abs() < 0.03).float()
    foot = Contact("right_foot", "blade", "support")
    found = Affordance((Target(foot, edge, 1.0),))
    task = resolve(item, make_plan("standing", "bar"), found, BODY)
    yaw = torch.tensor([0.0, 0.4, 1.2, torch.pi])
    cost = _trodden(task, yaw_matrix(yaw), torch.tensor([0.0, 0.0, 1.0]).expand(4, 3))
    torch.testing.assert_close(cost, (yaw.sin() / ACROSS).square(), atol=0.02, rtol=0.02)
