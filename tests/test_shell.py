"""The skin's search tree: what it says after a move, and what it may leave out."""

import pytest
import torch
from solid import chair, sitting

from solver.artefacts import Hypotheses
from solver.body import ShapedBody, load_body, pose_by_angles, shape_body
from solver.body.joints import INDEX
from solver.body.poses import library
from solver.geometry.mesh import Mesh
from solver.geometry.surface import Surface
from solver.optimisation.exact import ask, crowd_of
from solver.optimisation.folds import APART, EVERY, ask_folds, folds_cost, folds_of, rests_of
from solver.optimisation.variables import State, start_of, state_of, variables_at
from solver.task import object_in_body, resolve
from solver.task.overlap import signed_distance
from solver.task.shell import Shell, room


@pytest.fixture(scope="module")
def body() -> ShapedBody:
    return shape_body(load_body())


def around(verts: torch.Tensor, count: int, spread: float) -> torch.Tensor:
    generator = torch.Generator().manual_seed(1)
    rows = torch.randint(len(verts), (count,), generator=generator)
    return verts[rows] + spread * torch.randn(count, 3, generator=generator)


def test_a_shell_that_followed_answers_like_a_new_one(body: ShapedBody) -> None:
    pose = 0.3 * torch.randn(1, 52, 3, generator=torch.Generator().manual_seed(2))
    moved = pose_by_angles(body, pose, torch.zeros(1, 3), torch.ones(1, 3)).verts[0]
    old, new = Shell(body.verts, body.faces), Shell(moved, body.faces)
    old.follow(moved)
    points = around(moved, 2000, 0.05)
    for found, wanted in zip(old.query(points)[:2], new.query(points)[:2], strict=True):
        torch.testing.assert_close(found, wanted, atol=1e-6, rtol=0)


def goes_around(corners: torch.Tensor, points: torch.Tensor) -> torch.Tensor:
    """Solid angles of all faces (van Oosterom and Strackee 1983) over 4 pi, one by one."""
    a, b, c = (corners[None, :, k].double() - points[:, None].double() for k in range(3))
    la, lb, lc = a.norm(dim=-1), b.norm(dim=-1), c.norm(dim=-1)
    volume = (a * torch.linalg.cross(b, c)).sum(dim=-1)
    below = la * lb * lc + (a * b).sum(-1) * lc + (b * c).sum(-1) * la + (c * a).sum(-1) * lb
    return torch.atan2(volume, below).sum(dim=-1) / (2 * torch.pi)


def test_what_is_cut_open_surrounds_what_it_goes_around_more_than_half(body: ShapedBody) -> None:
    """An arm and the shoulder's opening, bent after the tree was built: against the sum itself."""
    owner = body.model.weights.argmax(dim=1)
    arm = torch.isin(owner, torch.tensor([INDEX["left_shoulder"], INDEX["left_elbow"]]))
    faces = body.faces[arm[body.faces].all(dim=1)]
    pose = torch.zeros(1, 52, 3)
    pose[0, INDEX["left_elbow"], 1] = -1.5
    moved = pose_by_angles(body, pose, torch.zeros(1, 3), torch.zeros(1, 3)).verts[0]
    shell = Shell(body.verts, faces, opened=True)
    shell.follow(moved)
    points = around(moved[faces.unique()], 600, 0.02)
    wanted = goes_around(moved[faces], points)
    clear = (wanted - 0.5).abs() > 0.05
    assert torch.equal(shell.surrounds(points)[clear], wanted[clear] > 0.5)
    assert 100 < int((wanted > 0.5).sum()) < 500
    assert float(clear.float().mean()) > 0.9


def test_room_is_never_more_than_there_is(body: ShapedBody) -> None:
    surface, points = Surface(Mesh(body.verts, body.faces)), around(body.verts, 20_000, 0.08)
    distance = surface.query(points)[0]
    least = room(lambda x: surface.query(x)[0], points, 0.004)
    assert bool((least <= distance + 1e-6).all())
    assert bool((least[distance < 0.004] == -torch.inf).all())
    assert float((least > 0.004).float().mean()) > 0.3  # It spares something.


def test_points_in_the_body_are_as_deep_as_the_winding_number_says(body: ShapedBody) -> None:
    points = around(body.verts, 5000, 0.06)
    exact = (-Surface(Mesh(body.verts, body.faces)).query(points)[0]).clamp(min=0.0)
    depth, face = object_in_body(body.verts, body.faces, points)
    assert float(((depth - exact).abs() < 1e-6).float().mean()) > 0.995  # The mouth's pocket.
    assert len(face) == len(points)


def test_the_sign_from_the_grid_is_the_exact_one() -> None:
    item = chair()
    points = around(item.mesh.verts, 4000, 0.1)
    found = signed_distance(item.surface, item.grid, points)
    torch.testing.assert_close(found, item.surface.query(points)[0], atol=1e-6, rtol=0)


@pytest.mark.parametrize("step", [0.002, 0.02, 0.08])
def test_points_that_are_spared_would_not_have_been_found(body: ShapedBody, step: float) -> None:
    """A person falls onto a chair; who remembers finds what is found by who asks about all."""
    item = chair()
    task = resolve(item, *sitting(item), body)
    points = around(item.mesh.verts, 6000, 0.05)
    here = (torch.tensor([[0.0, 0.6, 0.0]]), body.betas, torch.eye(4)[None])
    given = Hypotheses(torch.zeros(1, 52, 3), *here, ("a",), torch.zeros(1))
    start, crowd, some = start_of(given), None, 0
    for k in range(4):
        variables = variables_at(start, fingers=True)
        with torch.no_grad():
            variables.shift[0, 1] = -step * k
            variables.joints[0, 15:19, 2] = -0.5 * step * k
        state = state_of(body, start, variables)
        anew = crowd_of(body, state, points, 1.0)
        crowd = anew if crowd is None else crowd
        found, crowd = ask(task, state, crowd, whole=False)
        wanted, _ = ask(task, state, anew, whole=False)
        torch.testing.assert_close(found.inner, wanted.inner)
        torch.testing.assert_close(found.depth, wanted.depth, atol=1e-6, rtol=0)
        torch.testing.assert_close(found.sdf, wanted.sdf, atol=1e-6, rtol=0)
        some += int((found.depth > 0).sum())
    assert some > 100


def test_a_shell_follows_what_was_moved_in_place_and_knows_what_stood_still(
    body: ShapedBody,
) -> None:
    verts, points = body.verts.clone(), around(body.verts, 400, 0.03)
    shell = Shell(verts, body.faces)
    before = shell.distance(points)
    shell.follow(verts.clone())
    assert torch.equal(shell.distance(points), before)
    verts += torch.tensor([0.02, 0.0, 0.0])
    shell.follow(verts)
    fresh = Shell(verts.clone(), body.faces).distance(points)
    assert torch.allclose(shell.distance(points), fresh, atol=1e-6)
    assert not torch.allclose(before, fresh, atol=1e-3)


def test_rests_are_left_out_only_where_the_piece_is_far(body: ShapedBody) -> None:
    """Against the tree of every rest."""
    pose = torch.zeros(1, 52, 3)
    pose[0, INDEX["left_shoulder"], 2] = -1.2
    posed = pose_by_angles(body, pose, torch.zeros(1, 3), torch.zeros(1, 3)).verts[0]
    near = [
        float(Surface(Mesh(posed, fold.faces)).nearest(posed[fold.verts[::EVERY]])[0].min()) < APART
        for fold in folds_of(body)
    ]
    kept = [rest is not None for rest in rests_of(body, posed)]
    assert all(k for k, close in zip(kept, near, strict=True) if close)
    assert any(near)
    assert not all(kept)


def test_what_is_spared_changes_no_cost(body: ShapedBody) -> None:
    """An arm that sinks into a thigh, asked with what was known before and asked anew."""
    pose = next(p.pose for p in library() if p.name == "sit_elbows_on_knees")[None]
    posed = [pose.clone() for _ in range(4)]
    for k, bend in enumerate((0.0, 0.02, 0.2, 0.5)):
        posed[k][:, INDEX["left_shoulder"], 0] += bend
    verts = [pose_by_angles(body, p, torch.zeros(1, 3), torch.zeros(1, 3)) for p in posed]
    rests, spared, costs = [rests_of(body, verts[0].verts[0])], None, []
    for p, v in zip(posed, verts, strict=True):
        now = State(p, torch.zeros(1, 3), v, torch.eye(4)[None], v.verts)
        folds, spared = ask_folds(body, now, rests, spared)
        fresh, _ = ask_folds(body, now, rests)
        costs.append((float(folds_cost(folds, now)), float(folds_cost(fresh, now))))
    assert [a for a, _ in costs] == pytest.approx([b for _, b in costs], rel=1e-5)
    assert costs[-1][0] > costs[0][0] + 0.1
